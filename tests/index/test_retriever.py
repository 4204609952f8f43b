from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index_samples import CHUNKS, GLOSSARY, LetterEmbedder, clause

from corpus.terms import Tokenizer
from index import Chunk, Grain, IndexMismatch, IndexUnavailable, PolicyIndex
from index.reference_questions import REFERENCE_QUESTIONS


def clauses(index: PolicyIndex, query: str, language: str, **options: object) -> list[str]:
    return [hit.chunk.clause_id for hit in index.search(query, language, **options)]  # type: ignore[arg-type]


def test_the_right_clause_comes_first(index: PolicyIndex) -> None:
    assert clauses(index, "参与制定国家标准有多少资助？", "zh")[0] == "demo#2"
    assert clauses(index, "新材料展会", "zh")[0] == "demo#3"


def test_a_lay_word_finds_the_official_one(index: PolicyIndex) -> None:
    (best, *_) = index.search("固态电池", "zh")
    assert best.chunk.clause_id == "demo#1"
    assert best.lexical > 0


def test_traditional_characters_find_the_same(index: PolicyIndex) -> None:
    assert index.search("參與制定國家標準", "zh-Hant") == index.search("参与制定国家标准", "zh")


def test_an_english_question_gets_the_english_text_and_each_clause_once(index: PolicyIndex) -> None:
    hits = index.search("drawing up a national standard", "en")
    assert hits[0].chunk.id == "demo#2/en"
    assert len({hit.chunk.clause_id for hit in hits}) == len(hits) == 3


def test_english_finds_a_clause_that_has_no_english_text_by_the_dictionary(index: PolicyIndex) -> None:
    (best, *_) = index.search("trade shows", "en")
    assert best.chunk.id == "demo#3/zh"
    assert best.lexical > 0.5


def test_chinese_finds_a_clause_that_has_only_english_text(
    tmp_path: Path, embedder: LetterEmbedder, tokenizer: Tokenizer
) -> None:
    chunks = [*CHUNKS, clause(9, "en", "OLED panels")]
    index = PolicyIndex.open(tmp_path, chunks, embedder, tokenizer, GLOSSARY, "v1")
    hits = index.search("OLED", "zh")
    assert hits[0].chunk.id == "demo#9/en"
    # Where there is Chinese, the English gloss is no second hit.
    assert sorted(hit.chunk.id for hit in hits) == ["demo#1/zh", "demo#2/zh", "demo#3/zh", "demo#9/en"]


def test_an_index_in_one_language_is_searched_from_the_other(
    tmp_path: Path, embedder: LetterEmbedder, tokenizer: Tokenizer
) -> None:
    english = [clause(1, "en", "OLED panels"), clause(2, "en", "GB standards")]
    index = PolicyIndex.open(tmp_path, english, embedder, tokenizer, GLOSSARY, "v1")
    assert clauses(index, "OLED面板", "zh")[0] == "demo#1"


def test_provisions_are_searched_by_themselves(index: PolicyIndex) -> None:
    (hit,) = index.search("国家标准", "zh", grain=Grain.PROVISION)
    assert hit.chunk.provision_id == "demo#2.1"


def test_a_policy_is_searched_by_itself(tmp_path: Path, embedder: LetterEmbedder, tokenizer: Tokenizer) -> None:
    other = clause(7, "zh", "参与制定国家标准的，给予资助。", policy="other")
    index = PolicyIndex.open(tmp_path, [*CHUNKS, other], embedder, tokenizer, GLOSSARY, "v1")
    assert set(clauses(index, "国家标准", "zh")) == {"demo#1", "demo#2", "demo#3", "other#7"}
    assert clauses(index, "国家标准", "zh", policy_id="other") == ["other#7"]
    assert clauses(index, "standard", "en", policy_id="other") == ["other#7"]
    assert clauses(index, "国家标准", "zh", policy_id="nobody") == []


def test_blank_queries_and_no_hits_wanted_find_nothing(index: PolicyIndex) -> None:
    assert index.search("", "zh") == index.search(" \n", "en") == index.search("国家标准", "zh", k=0) == []


def test_k_cuts_the_list_and_nothing_else(index: PolicyIndex) -> None:
    assert index.search("资助", "zh", k=2) == index.search("资助", "zh", k=10)[:2]


def test_equal_scores_keep_document_order(tmp_path: Path, embedder: LetterEmbedder, tokenizer: Tokenizer) -> None:
    same = [clause(number, "zh", "给予资助") for number in (5, 3, 8)]
    index = PolicyIndex.open(tmp_path, same, embedder, tokenizer, corpus_hash="v1")
    assert clauses(index, "资助", "zh") == ["demo#5", "demo#3", "demo#8"]


def test_several_texts_of_one_clause_are_one_hit_the_best(
    tmp_path: Path, embedder: LetterEmbedder, tokenizer: Tokenizer
) -> None:
    chunks = [
        clause(1, "zh", "给予资助"),
        replace(clause(1, "zh", "办展览有钱吗"), id="demo#1/zh/lay"),
        clause(2, "zh", "国家标准"),
    ]
    index = PolicyIndex.open(tmp_path, chunks, embedder, tokenizer, corpus_hash="v1")
    hits = index.search("办展览", "zh")
    assert [hit.chunk.id for hit in hits] == ["demo#1/zh/lay", "demo#2/zh"]


def test_a_shared_vector_gives_the_same_hits(index: PolicyIndex) -> None:
    vector = index.embed_query("国家标准")
    assert vector.dtype == np.float32
    assert index.search("国家标准", "zh", vector=vector) == index.search("国家标准", "zh")


def test_scores_are_the_figures_of_all_hits(tmp_path: Path, embedder: LetterEmbedder, tokenizer: Tokenizer) -> None:
    chunks = [
        *CHUNKS,
        replace(clause(1, "zh", "办展览有钱吗"), id="demo#1/zh/lay"),
        clause(7, "zh", "参与制定国家标准的，给予资助。", policy="other"),
        clause(9, "en", "OLED panels"),
    ]
    index = PolicyIndex.open(tmp_path, chunks, embedder, tokenizer, GLOSSARY, "v1")
    queries = ["参与制定国家标准", "固态电池", "national standard", "trade shows", "", "?"]
    asked = product(queries, ["zh", "zh-Hant", "en"], Grain, [None, "demo", "other", "nobody"])
    for query, language, grain, policy in asked:
        hits = index.search(query, language, 1000, grain, policy)
        expected = {(h.chunk.clause_id, h.chunk.provision_id, h.score, h.cosine, h.lexical) for h in hits}
        scores = index.scores(query, language, grain, policy)
        assert {tuple(score) for score in scores} == expected
        assert len(scores) == len(hits)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=40), language=st.sampled_from(["zh", "zh-Hant", "en"]))
def test_any_query_has_scores_in_range_in_falling_order(index: PolicyIndex, query: str, language: str) -> None:
    hits = index.search(query, language)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 + 1e-6 for score in scores)
    assert all(0 <= hit.lexical <= 1 for hit in hits)
    assert hits == index.search(query, language)


# --- opening ------------------------------------------------------------------------------------------------


def reopened(folder: Path, tokenizer: Tokenizer, **changes: object) -> tuple[PolicyIndex, LetterEmbedder]:
    embedder = LetterEmbedder()
    asked: dict[str, object] = {"chunks": CHUNKS, "embedder": embedder, "corpus_hash": "v1"} | changes
    index = PolicyIndex.open(folder, tokenizer=tokenizer, glossary=GLOSSARY, **asked)  # type: ignore[arg-type]
    return index, embedder


def test_an_index_that_fits_is_used_as_it_is(tmp_path: Path, index: PolicyIndex, tokenizer: Tokenizer) -> None:
    def unwanted() -> list[Chunk]:
        raise AssertionError("chunks are only asked for to build")

    again, embedder = reopened(tmp_path, tokenizer, chunks=unwanted)
    assert embedder.embedded == []
    assert again.manifest == index.manifest
    for query, language in (("国家标准", "zh"), ("standard", "en")):
        assert again.search(query, language) == index.search(query, language)


def test_a_changed_corpus_is_indexed_anew_and_only_new_text_embedded(
    tmp_path: Path, index: PolicyIndex, tokenizer: Tokenizer
) -> None:
    added = clause(4, "zh", "支持中试基地。")
    again, embedder = reopened(tmp_path, tokenizer, chunks=[*CHUNKS, added], corpus_hash="v2")
    assert added.text in embedder.embedded
    assert not any(CHUNKS[0].text in text for text in embedder.embedded)
    assert not {text for pair in REFERENCE_QUESTIONS for text in pair} & set(embedder.embedded)
    assert clauses(again, "中试基地", "zh")[0] == "demo#4"
    assert clauses(index, "中试基地", "zh")[0] != "demo#4"


def test_rebuilding_embeds_everything(tmp_path: Path, index: PolicyIndex, tokenizer: Tokenizer) -> None:
    _, embedder = reopened(tmp_path, tokenizer, rebuild=True)
    assert any(CHUNKS[0].text in text for text in embedder.embedded)


def test_another_embedder_means_another_index(tmp_path: Path, index: PolicyIndex, tokenizer: Tokenizer) -> None:
    other = LetterEmbedder("other letters", dimension=32)
    again, _ = reopened(tmp_path, tokenizer, embedder=other)
    assert again.manifest.embedder == "other letters 1 (32 dimensions)"
    assert clauses(again, "国家标准", "zh")[0] == "demo#2"


def test_what_does_not_fit_is_told_when_it_may_not_be_rebuilt(
    tmp_path: Path, index: PolicyIndex, tokenizer: Tokenizer
) -> None:
    with pytest.raises(IndexMismatch, match="index built with corpus v1, asked with v2; run: policy-assistant index"):
        reopened(tmp_path, tokenizer, corpus_hash="v2", may_build=False)
    with pytest.raises(IndexMismatch, match="no index yet"):
        reopened(tmp_path / "elsewhere", tokenizer, may_build=False)
    with pytest.raises(IndexMismatch, match="built with embedder letters 1"):
        reopened(tmp_path, tokenizer, embedder=LetterEmbedder("other"), may_build=False)


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnavailable, match=r"can't be written.*set POLICY_DATA_DIR"):
        reopened(tmp_path / "file", tokenizer)


def test_two_chunks_with_one_id_are_refused(tmp_path: Path, tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="two chunks have the id 'demo#1/zh'"):
        reopened(tmp_path, tokenizer, chunks=[CHUNKS[0], CHUNKS[0]])


def test_an_empty_library_can_be_opened_and_finds_nothing(tmp_path: Path, tokenizer: Tokenizer) -> None:
    for _ in range(2):
        empty, _ = reopened(tmp_path, tokenizer, chunks=[])
        assert empty.search("国家标准", "zh") == []


def test_processes_that_open_at_once_build_once(tmp_path: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from index_samples import CHUNKS, GLOSSARY, LetterEmbedder
from corpus.terms import Tokenizer
from index import PolicyIndex
embedder = LetterEmbedder()
index = PolicyIndex.open(Path({str(tmp_path)!r}), CHUNKS, embedder, Tokenizer(), GLOSSARY, "v1")
print(bool(embedder.embedded), index.search("国家标准", "zh")[0].chunk.clause_id)
"""
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = sorted(process.communicate() for process in running)
    assert answers == [("False demo#2\n", ""), ("False demo#2\n", ""), ("True demo#2\n", "")]
