"""The index for LangChain: its retriever and its embeddings. Imported only where LangChain is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from corpus.terms import language_of
from index.embedders import Embedder
from index.models import Grain, Hit
from index.retriever import PolicyIndex


class PolicyRetriever(BaseRetriever):
    """Clauses as LangChain documents, best first.

    ``page_content`` is the text that was found, in the language of the question where there is one. Metadata:
    ``policy_id``, ``clause_id``, ``provision_id``, ``label``, ``title``, ``language``, ``score``, ``cosine``,
    ``lexical``. ``k`` may also be given with each call.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: PolicyIndex
    k: int = Field(default=10, ge=1)
    grain: Grain = Grain.CLAUSE
    policy_id: str | None = None
    language: str = "auto"
    """Of the questions: ``zh``, ``en``, or ``auto``: told from each question's script."""
    labels: Mapping[str, str] = Field(default_factory=dict)
    """Clause id to the label to cite it by; a clause that is not in it has its id as label."""

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **options: Any
    ) -> list[Document]:
        language = language_of(query) if self.language == "auto" else self.language
        hits = self.index.search(query, language, options.get("k", self.k), self.grain, self.policy_id)
        return [self._document(hit) for hit in hits]

    def _document(self, hit: Hit) -> Document:
        chunk = hit.chunk
        metadata = {
            "policy_id": chunk.policy_id,
            "clause_id": chunk.clause_id,
            "provision_id": chunk.provision_id,
            "label": self.labels.get(chunk.clause_id, chunk.clause_id),
            "title": chunk.heading,
            "language": chunk.language,
            "score": hit.score,
            "cosine": hit.cosine,
            "lexical": hit.lexical,
        }
        return Document(page_content=chunk.text, metadata=metadata, id=chunk.id)


class PolicyEmbeddings(Embeddings):
    """Any of our embedders, for whatever takes LangChain embeddings."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of passages, in order."""
        rows: list[list[float]] = self._embedder.encode_passages(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        row: list[float] = self._embedder.encode_queries([text])[0].tolist()
        return row
