"""LangChain's own standard suites, passed by our embeddings and our retriever."""

from __future__ import annotations

from pathlib import Path

import pytest
from index_samples import CHUNKS, GLOSSARY, LetterEmbedder
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import EmbeddingsIntegrationTests, RetrieversIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from corpus.terms import Tokenizer
from index import Grain, PolicyIndex
from index.bundled import BundledEmbedder
from index.langchain import PolicyEmbeddings, PolicyRetriever


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class TestEmbeddingsUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return PolicyEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, object]:
        return {"embedder": BundledEmbedder()}


@pytest.mark.anyio
class TestEmbeddings(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return PolicyEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, object]:
        return {"embedder": BundledEmbedder()}


@pytest.mark.anyio
class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _opened(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        self.index = PolicyIndex.open(tmp_path, CHUNKS, LetterEmbedder(), tokenizer, GLOSSARY, "v1")

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return PolicyRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, object]:
        return {"index": self.index}

    @property
    def retriever_query_example(self) -> str:
        return "参与制定国家标准有多少资助？"


def test_a_document_says_which_clause_it_is(index: PolicyIndex) -> None:
    retriever = PolicyRetriever(index=index, labels={"demo#2": "(二)"})
    (best, *_) = retriever.invoke("参与制定国家标准")
    assert best.page_content == "对主导或参与国家标准制定的单位，给予不超过50万元资助。"
    assert best.metadata["label"] == "(二)"
    assert best.metadata["clause_id"] == "demo#2"
    assert best.metadata["title"] == "检测认证标准"
    assert 0 < best.metadata["score"] <= 1


def test_the_language_is_told_from_the_question(index: PolicyIndex) -> None:
    retriever = PolicyRetriever(index=index)
    assert retriever.invoke("national standard")[0].metadata["language"] == "en"
    assert retriever.invoke("国家标准")[0].metadata["language"] == "zh"


def test_the_grain_is_chosen_once(index: PolicyIndex) -> None:
    (document,) = PolicyRetriever(index=index, grain=Grain.PROVISION).invoke("国家标准")
    assert document.metadata["provision_id"] == "demo#2.1"
