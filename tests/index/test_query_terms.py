from __future__ import annotations

import pytest
from index_samples import GLOSSARY

from corpus.glossary import Glossary
from corpus.terms import Tokenizer
from index.query_terms import QueryAnalyzer


@pytest.fixture
def analyzer(tokenizer: Tokenizer) -> QueryAnalyzer:
    return QueryAnalyzer(tokenizer, GLOSSARY)


def alternatives(
    analyzer: QueryAnalyzer, query: str, language: str, documents: str
) -> list[tuple[tuple[str, ...], ...]]:
    return [term.alternatives for term in analyzer.terms(query, language, documents)]


def test_official_words_stand_for_themselves(analyzer: QueryAnalyzer) -> None:
    assert (("展会",),) in alternatives(analyzer, "展会有多少钱", "zh", "zh")


def test_a_lay_word_also_asks_for_the_official_one(analyzer: QueryAnalyzer) -> None:
    found = alternatives(analyzer, "办展览会有补贴吗", "zh", "zh")
    (expanded,) = [term for term in found if len(term) == 2]
    assert "展览会" in expanded[0]
    assert expanded[1] == ("展会",)
    # The lay word's own pieces are in its alternative, not beside it, where they would count twice.
    assert not any("展览会" in alternative for term in found if term != expanded for alternative in term)


def test_an_english_phrase_asks_for_its_translations(analyzer: QueryAnalyzer) -> None:
    found = alternatives(analyzer, "national standards in 5G", "en", "zh")
    assert (("5g",),) in found
    assert any("国家标准" in term[0] and ("国标",) in term for term in found)


def test_an_english_lay_phrase_asks_for_the_official_phrase(analyzer: QueryAnalyzer) -> None:
    (term,) = alternatives(analyzer, "trade shows", "en", "en")
    assert term[1] == ("exhibition",)


def test_names_and_figures_are_the_same_in_both_languages(analyzer: QueryAnalyzer) -> None:
    assert (("oled",),) in alternatives(analyzer, "OLED面板", "zh", "en")


def test_where_the_glossary_is_silent_the_general_dictionary_speaks(analyzer: QueryAnalyzer) -> None:
    (english,) = alternatives(analyzer, "warehouse", "en", "zh")
    assert "仓库" in {words[0] for words in english}
    (chinese,) = alternatives(analyzer, "仓库", "zh", "en")
    assert ("warehous",) in chinese


def test_the_glossary_goes_before_the_general_dictionary(analyzer: QueryAnalyzer) -> None:
    terms = alternatives(analyzer, "national standards", "en", "zh")
    assert len(terms) == 1
    (chinese,) = alternatives(analyzer, "国家标准", "zh", "en")
    assert chinese == (("national", "standard"),)


def test_a_compound_that_no_dictionary_has_is_translated_by_its_parts(analyzer: QueryAnalyzer) -> None:
    found = alternatives(analyzer, "渔船码头改造", "zh", "en")
    assert any(("fish", "boat") in term for term in found)
    assert any(("wharf",) in term or ("dock",) in term for term in found)


def test_a_word_in_no_dictionary_stands_for_itself(tokenizer: Tokenizer) -> None:
    analyzer = QueryAnalyzer(tokenizer, Glossary())
    assert alternatives(analyzer, "frobnicated", "en", "zh") == [(("frobnicat",),)]
