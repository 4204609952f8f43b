"""Questions to clauses: hybrid search over an index that keeps itself up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.dictionary import Dictionary
from corpus.glossary import Glossary
from corpus.terms import Tokenizer, encodable, language_of, to_simplified
from index.builder import build_index, collection_name, package_versions, reference_vectors
from index.chunks import SPLITTER_VERSION
from index.embedders import Embedder, Vectors
from index.errors import IndexMismatch, IndexUnavailable
from index.fusion import Scale, centred, merged
from index.language_side import Key, LanguageSide, ScoredSide, about
from index.models import Chunk, Grain, Hit, Score
from index.query_terms import QueryAnalyzer
from index.store import FORMAT, DamagedError, Manifest, Store, store_at
from index.tables import Table

LANGUAGES = ("zh", "en")
# Merging moves a thing by a few places, so that many more than k of each side have to be looked at.
CANDIDATES_PER_HIT = 5
MIN_CANDIDATES = 50


class PolicyIndex:
    """The library of policies, searchable. Never changes once opened; threads may share it.

    Open it with ``PolicyIndex.open``. A newer generation is seen by opening again.
    """

    def __init__(
        self,
        manifest: Manifest,
        tables: Mapping[str, Table],
        embedder: Embedder,
        tokenizer: Tokenizer,
        glossary: Glossary,
    ) -> None:
        self.manifest = manifest
        self._embedder = embedder
        self._scale = Scale(manifest.floor, manifest.ceiling)
        self._query_means = {lang: reference_vectors(tables, "query", lang).mean(axis=0) for lang in LANGUAGES}
        means = {lang: reference_vectors(tables, "passage", lang).mean(axis=0) for lang in LANGUAGES}
        self._sides = {
            (grain, language): LanguageSide(tables[collection_name(language, grain)], language, means[language])
            for grain in Grain
            for language in LANGUAGES
            if collection_name(language, grain) in tables
        }
        self._analyzer = QueryAnalyzer(tokenizer, glossary)

    @classmethod
    def open(
        cls,
        data_dir: Path,
        chunks: Sequence[Chunk] | Callable[[], Sequence[Chunk]],
        embedder: Embedder,
        tokenizer: Tokenizer,
        glossary: Glossary | None = None,
        corpus_hash: str = "",
        *,
        chroma_url: str | None = None,
        namespace: str = "policies",
        rebuild: bool = False,
        may_build: bool = True,
        progress: bool | None = None,
    ) -> PolicyIndex:
        """The current index for ``chunks``; built first when it is missing, damaged or made from something else.

        ``corpus_hash`` stands for the content of ``chunks`` (a callable is only called to build). ``rebuild``
        builds in any case, from scratch; without ``may_build`` IndexMismatch says what does not fit. Processes that
        open at once build once. IndexUnavailable when it can't be read or written, EmbedderUnavailable.
        """
        store = store_at(data_dir, chroma_url, namespace)
        found = None if rebuild else _fitting(store, embedder, corpus_hash)
        if found is None and not may_build:
            raise IndexMismatch(f"{_misfit(store, embedder, corpus_hash)}; run: policy-assistant index")
        if found is None:
            with store.building():
                # Another process may have built it while this one waited.
                found = None if rebuild else _fitting(store, embedder, corpus_hash)
                if found is None:
                    known = [] if rebuild else _reusable(store, embedder)
                    wanted = chunks() if callable(chunks) else chunks
                    build_index(wanted, store, embedder, tokenizer, corpus_hash, known, progress)
                    # Read back rather than kept: the process that builds answers exactly as those that come after.
                    found = _fitting(store, embedder, corpus_hash)
        if found is None:
            raise IndexUnavailable("the index was written and can't be read back; check the disk, or the Chroma server")
        return cls(*found, embedder, tokenizer, glossary or Glossary())

    @property
    def dictionary(self) -> Dictionary:
        """The general dictionary that questions in the other language are looked up in."""
        return self._analyzer.dictionary

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, to be shared by several searches."""
        vector: NDArray[np.float32] = self.embed_queries([text])[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As ``embed_query``, for many: float32, ``(len(texts), dimension)``."""
        return np.asarray(self._embedder.encode_queries([to_simplified(encodable(t)) for t in texts]), dtype=np.float32)

    def embed_meaning(self, text: str) -> NDArray[np.float32]:
        """As ``embed_query``, less what all questions in the text's language share: for comparing questions."""
        return centred(self.embed_query(text), self._query_means[language_of(text)])

    def search(
        self,
        query: str,
        language: str,
        k: int = 10,
        grain: Grain = Grain.CLAUSE,
        policy_id: str | None = None,
        vector: NDArray[np.float32] | None = None,
    ) -> list[Hit]:
        """The ``k`` best clauses or provisions, best first, each once.

        ``language`` is that of the query (``zh``, ``zh-Hant`` or ``en``). A clause may be found by its Chinese and
        by its English text; the hit holds the one in the query's language where there is one. Empty for a blank
        query. ``vector`` is ``embed_query(query)`` when it is already known.
        """
        if not query.strip() or k <= 0:
            return []
        language = "en" if language.startswith("en") else "zh"
        searched = self._searched(query, language, grain, policy_id, vector)
        candidates = {key for scored in searched for key in scored.best(max(MIN_CANDIDATES, CANDIDATES_PER_HIT * k))}
        ranked = [self._merged(key, searched, language) for key in candidates]
        ranked.sort(key=lambda entry: (-entry[1].score, entry[0]))
        return [hit for _, hit in ranked[:k]]

    def scores(
        self,
        query: str,
        language: str,
        grain: Grain = Grain.CLAUSE,
        policy_id: str | None = None,
        vector: NDArray[np.float32] | None = None,
    ) -> list[Score]:
        """The figures of every hit of ``search``, in no order; a fraction of its time where all are wanted."""
        if not query.strip():
            return []
        language = "en" if language.startswith("en") else "zh"
        searched = self._searched(query, language, grain, policy_id, vector)
        # The side whose figures a hit shows comes first.
        searched.sort(key=lambda scored: scored.side.language != language)
        found: dict[Key, Score] = {}
        for scored in searched:
            own = scored.side.language == language
            scores, cosines, shares = scored.scores.tolist(), scored.cosines.tolist(), scored.shares.tolist()
            for key, row in scored.best_rows().items():
                there = found.get(key)
                if there is None:
                    score = merged(scores[row], None) if own else merged(None, scores[row])
                    found[key] = Score(*key, score, cosines[row], shares[row])
                else:
                    found[key] = there._replace(score=merged(there.score, scores[row]))
        return list(found.values())

    def _searched(
        self, query: str, language: str, grain: Grain, policy_id: str | None, vector: Vectors | None
    ) -> list[ScoredSide]:
        """The sides that may answer, scored. Chinese is the source wherever there are both, so a Chinese question
        needs the English only of what has no Chinese; an English question asks all."""
        if vector is None:
            vector = self.embed_query(query)
        searched = []
        own = self._sides.get((grain, language))
        for side in (self._sides[grain, lang] for lang in LANGUAGES if (grain, lang) in self._sides):
            terms = self._analyzer.terms(query, language, side.language)
            if side is own:
                scored = side.score(vector, terms, self._scale)
            elif own is None or language == "en":
                scored = side.score_across(vector, self._query_means[language], terms)
            elif side.rows.keys() <= own.rows.keys():
                continue
            else:
                alone = np.array([about(chunk) not in own.rows for chunk in side.chunks], dtype=bool)
                scored = side.score_across(vector, self._query_means[language], terms).only(alone)
            searched.append(scored if policy_id is None else scored.only(side.policies == policy_id))
        return searched

    @staticmethod
    def _merged(key: Key, searched: list[ScoredSide], language: str) -> tuple[int, Hit]:
        """The hit for one thing found, with its place in the document: its text in the question's language where
        there is one."""
        rows = [(scored, row) for scored in searched if (row := scored.best_row(key)) is not None]
        own = next(((scored, row) for scored, row in rows if scored.side.language == language), None)
        other = next(((scored, row) for scored, row in rows if scored.side.language != language), None)
        shown, row = own or other or rows[0]
        score = merged(*(float(found[0].scores[found[1]]) if found else None for found in (own, other)))
        return shown.side.positions[row], shown.hit(row, score)


def _fitting(store: Store, embedder: Embedder, corpus_hash: str) -> tuple[Manifest, dict[str, Table]] | None:
    """The current generation if it can be used as it is."""
    try:
        manifest = store.read_manifest()
        if manifest is None or _differences(manifest, embedder, corpus_hash):
            return None
        return store.read()
    except DamagedError:
        return None


def _misfit(store: Store, embedder: Embedder, corpus_hash: str) -> str:
    """Why the current generation can't be used."""
    try:
        manifest = store.read_manifest()
    except DamagedError as damage:
        return f"the index is damaged ({damage})"
    if manifest is None:
        return "there is no index yet"
    return "; ".join(_differences(manifest, embedder, corpus_hash)) or "the index is damaged"


def _differences(manifest: Manifest, embedder: Embedder, corpus_hash: str) -> list[str]:
    asked = {
        "format": (manifest.format, FORMAT),
        "embedder": (manifest.embedder, str(embedder.identity)),
        "corpus": (manifest.corpus, corpus_hash),
        "splitter": (manifest.splitter, SPLITTER_VERSION),
        "packages": (manifest.versions, package_versions()),
    }
    return [
        f"index built with {what} {had}, asked with {wants}" for what, (had, wants) in asked.items() if had != wants
    ]


def _reusable(store: Store, embedder: Embedder) -> list[Table]:
    """Tables of a stale generation whose vectors are still good."""
    try:
        manifest = store.read_manifest()
        if manifest is None or manifest.embedder != str(embedder.identity) or manifest.format != FORMAT:
            return []
        found = store.read()
    except DamagedError:
        return []
    return list(found[1].values()) if found else []
