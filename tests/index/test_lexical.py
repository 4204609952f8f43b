from __future__ import annotations

import math

import bm25s
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import LexicalIndex, QueryTerm, plain

DOCUMENTS = [["国家", "标准", "资助"], ["展会", "资助", "资助", "论坛"], ["标准"]]
TERM = st.sampled_from(["a", "b", "c", "d", "e", "f"])
CORPUS = st.lists(st.lists(TERM, max_size=8), min_size=1, max_size=8)


def test_share_is_worked_out_by_hand() -> None:
    # Three documents of 3, 4 and 1 terms: mean 8/3. 国家 is in one of them, 标准 in two.
    idf_one, idf_two = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    norm = 1.5 * (0.25 + 0.75 * 3 / (8 / 3))
    expected = (idf_one + idf_two) * (1 / (1 + norm)) / (idf_one + idf_two)
    shares = LexicalIndex(DOCUMENTS).share(plain(["国家", "标准"]))
    assert shares[0] == np.float64(expected)
    assert shares[1] == 0


@given(CORPUS.filter(any), st.lists(TERM, min_size=1, max_size=5, unique=True))
def test_scores_are_those_of_bm25s(documents: list[list[str]], query: list[str]) -> None:
    oracle = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    oracle.index(documents, show_progress=False)
    known = [term for term in query if term in oracle.vocab_dict]
    expected = oracle.get_scores(known) if known else np.zeros(len(documents))
    index = LexicalIndex(documents)
    weight = sum(index.idf(term) for term in query)
    np.testing.assert_allclose(index.share(plain(query)) * weight, expected, atol=1e-5)


@given(CORPUS, st.lists(st.lists(st.lists(TERM, max_size=3).map(tuple), max_size=3).map(tuple), max_size=5))
def test_shares_lie_between_nothing_and_all(
    documents: list[list[str]], query: list[tuple[tuple[str, ...], ...]]
) -> None:
    shares = LexicalIndex(documents).share([QueryTerm(alternatives) for alternatives in query])
    assert shares.shape == (len(documents),)
    assert ((shares >= 0) & (shares <= 1)).all()


def test_a_term_counts_as_the_best_of_its_alternatives_in_each_document() -> None:
    index = LexicalIndex([["固态", "电池"], ["锂", "电池"], ["展会"]])
    either = index.share([QueryTerm((("固态",), ("锂",)))])
    np.testing.assert_allclose(either[:2], [index.share(plain(["固态"]))[0], index.share(plain(["锂"]))[1]])
    assert either[2] == 0


def test_an_alternative_that_no_document_has_takes_nothing_away() -> None:
    index = LexicalIndex(DOCUMENTS)
    alone, with_unknown = index.share(plain(["展会"])), index.share([QueryTerm((("展会",), ("博览会",)))])
    np.testing.assert_array_equal(alone, with_unknown)


def test_a_term_that_no_document_has_lowers_every_share() -> None:
    index = LexicalIndex(DOCUMENTS)
    assert 0 < index.share(plain(["展会", "天气"]))[1] < index.share(plain(["展会"]))[1]


def test_repeating_a_query_term_changes_nothing() -> None:
    index = LexicalIndex(DOCUMENTS)
    np.testing.assert_array_equal(index.share(plain(["标准"])), index.share(plain(["标准", "标准"])))


def test_no_query_and_no_documents_are_fine() -> None:
    assert LexicalIndex(DOCUMENTS).share([]).tolist() == [0, 0, 0]
    assert LexicalIndex([]).share(plain(["标准"])).tolist() == []
    assert LexicalIndex([[], []]).share(plain(["标准"])).tolist() == [0, 0]
