from __future__ import annotations

from pathlib import Path

import pytest
from index_samples import CHUNKS, GLOSSARY, LetterEmbedder

from corpus.terms import Tokenizer
from index import PolicyIndex


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def tokenizer(cache_dir: Path) -> Tokenizer:
    return Tokenizer(GLOSSARY.chinese_words(), cache_dir)


@pytest.fixture
def embedder() -> LetterEmbedder:
    return LetterEmbedder()


@pytest.fixture
def index(tmp_path: Path, embedder: LetterEmbedder, tokenizer: Tokenizer) -> PolicyIndex:
    return PolicyIndex.open(tmp_path, CHUNKS, embedder, tokenizer, GLOSSARY, "v1")
