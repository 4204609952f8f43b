"""The founding policy as chunks, and the questions its clauses have to be found by."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.glossary import load_glossary
from corpus.library import Library
from corpus.terms import Tokenizer
from index import Chunk, Grain, PolicyIndex, chunks_of
from index.bundled import BundledEmbedder

GLOSSARY = Path(__file__).parents[2] / "corpus" / "glossary.tsv"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load()


@pytest.fixture(scope="module")
def chunks(library: Library) -> list[Chunk]:
    return [chunk for policy in library.policies for chunk in chunks_of(policy)]


def test_every_clause_is_a_chunk_in_both_languages(library: Library, chunks: list[Chunk]) -> None:
    for policy in library.policies:
        for language in ("zh", "en"):
            found = [c.clause_id for c in chunks if c.grain is Grain.CLAUSE and c.language == language]
            assert found == [clause.id for clause in policy.clauses]


def test_every_provision_is_a_chunk(library: Library, chunks: list[Chunk]) -> None:
    provisions = {p.id for policy in library.policies for clause in policy.clauses for p in clause.provisions}
    assert {c.provision_id for c in chunks if c.grain is Grain.PROVISION and c.language == "zh"} >= provisions


def test_a_chunk_is_found_by_its_title_and_says_it_once(library: Library, chunks: list[Chunk]) -> None:
    titles = {clause.id: clause.title for policy in library.policies for clause in policy.clauses}
    for chunk in chunks:
        if chunk.grain is Grain.CLAUSE and chunk.language == "zh":
            assert titles[chunk.clause_id] in chunk.heading
            assert not chunk.text.startswith(titles[chunk.clause_id])


def test_ids_are_unique(chunks: list[Chunk]) -> None:
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, library: Library, chunks: list[Chunk]) -> PolicyIndex:
    glossary = load_glossary(GLOSSARY)
    folder = tmp_path_factory.mktemp("founding")
    tokenizer = Tokenizer(glossary.chinese_words(), folder / "cache")
    return PolicyIndex.open(folder, chunks, BundledEmbedder(), tokenizer, glossary, library.digest, progress=False)


@pytest.mark.parametrize(
    ("question", "language", "number"),
    [
        ("固态电池的研发有没有补贴", "zh", 1),
        ("石墨烯的概念验证中心认定后给多少", "zh", 7),
        ("工业软件开发能申请什么支持", "zh", 8),
        ("保险补偿怎么申报", "zh", 15),
        ("评上小巨人奖励多少", "zh", 16),
        ("辦展會有資助嗎", "zh-Hant", 18),
        ("參與制定國標可以攞幾多錢", "zh-Hant", 19),
        ("银行贷款和基金方面有什么支持", "zh", 20),
        ("Who pays for a trade show?", "en", 18),
        ("We helped draft a national standard. What do we get?", "en", 19),
        ("Is there support for perovskite solar materials?", "en", 1),
        ("award for a Little Giant company", "en", 16),
    ],
)
def test_the_clause_that_answers_comes_first(index: PolicyIndex, question: str, language: str, number: int) -> None:
    (best, *_) = index.search(question, language)
    assert best.chunk.clause_id == f"sz-new-materials-2023#{number}"
