from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.stemming import stem
from corpus.terms import Tokenizer, english_stems, fold, language_of, to_simplified


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def tokenizer(cache_dir: Path) -> Tokenizer:
    return Tokenizer(("揭榜挂帅式资助",), cache_dir)


def test_fold_makes_width_case_and_script_alike() -> None:
    assert fold("ＯＬＥＤ（１）國家標準") == "oled(1)国家标准"


def test_fold_keeps_what_follows_a_nul_and_survives_lone_surrogates() -> None:
    assert fold("國\0標\ud800") == "国 标\ufffd"


def test_text_without_traditional_characters_is_unchanged() -> None:
    assert to_simplified("支持3D打印 OLED") == "支持3D打印 OLED"


def test_chinese_terms_are_search_words_and_character_bigrams(tokenizer: Tokenizer) -> None:
    assert tokenizer.terms("国家标准", "zh") == ["国家", "标准", "国家标准", "国家", "家标", "标准"]


def test_traditional_and_simplified_text_have_the_same_terms(tokenizer: Tokenizer) -> None:
    assert tokenizer.terms("參與制定國家標準", "zh") == tokenizer.terms("参与制定国家标准", "zh")


def test_policy_terms_stay_whole_and_are_still_found_by_their_parts(tokenizer: Tokenizer) -> None:
    assert "揭榜挂帅式资助" in tokenizer.words("采用揭榜挂帅式资助方式")
    assert "挂帅" in tokenizer.terms("采用揭榜挂帅式资助方式", "zh")
    assert "揭榜挂帅式资助" not in Tokenizer().words("采用揭榜挂帅式资助方式")


def test_policy_terms_of_one_tokenizer_are_unknown_to_another_and_to_jieba(tokenizer: Tokenizer) -> None:
    tokenizer.words("加载")
    assert "揭榜挂帅式资助" not in jieba.Tokenizer().lcut("揭榜挂帅式资助")


def test_latin_words_in_chinese_text_are_terms(tokenizer: Tokenizer) -> None:
    terms = tokenizer.terms("OLED面板和3D打印，“20+8”", "zh")
    assert {"oled", "3d", "20+8", "面板", "打印"} <= set(terms)


def test_question_words_are_no_terms(tokenizer: Tokenizer) -> None:
    assert tokenizer.terms("多少？", "zh") == []
    assert tokenizer.terms("How much is it?", "en") == []


def test_words_do_not_overlap_and_leave_punctuation_out(tokenizer: Tokenizer) -> None:
    assert "".join(tokenizer.words("国家标准（GB），50万元。")) == "国家标准gb50万元"


def test_splitting_agrees_with_jieba_itself(tokenizer: Tokenizer) -> None:
    text = "推动新材料产业集群高质量发展建立可上可下滚动支持的长效支持机制按周期对市级创新载体进行考核"
    assert Tokenizer((), tokenizer._cache_dir).words(text) == jieba.Tokenizer().lcut(text)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    tokenizer = _shared()
    for language in ("zh", "en"):
        assert all(term and term == term.strip() for term in tokenizer.terms(text, language))


@given(st.text(alphabet="政策新材料資助國標 OLED3+8（）\0\ud800", max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


_SHARED: list[Tokenizer] = []


def _shared() -> Tokenizer:
    if not _SHARED:
        _SHARED.append(Tokenizer())
    return _SHARED[0]


def test_a_tenth_of_the_letters_makes_a_text_chinese() -> None:
    assert language_of("OLED面板") == "zh"
    assert language_of("What is 国标?") == "zh"
    assert language_of("The programme that is called 专 has a long English description of itself") == "en"
    assert language_of("12345", otherwise="zh") == "zh"


# --- the dictionary's file ----------------------------------------------------------------------------------


def test_the_prepared_dictionary_is_read_back(tmp_path: Path) -> None:
    first = Tokenizer((), tmp_path).words("高通量计算")
    (prepared,) = tmp_path.iterdir()
    before = prepared.stat().st_mtime_ns
    assert Tokenizer((), tmp_path).words("高通量计算") == first
    assert prepared.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"not a dictionary"])
def test_a_damaged_dictionary_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    expected = Tokenizer((), tmp_path).words("高通量计算")
    (prepared,) = tmp_path.iterdir()
    whole = prepared.read_bytes()
    prepared.write_bytes(damage or whole[: len(whole) // 2])
    assert Tokenizer((), tmp_path).words("高通量计算") == expected
    assert prepared.read_bytes() == whole


def test_a_folder_that_cannot_be_had_costs_time_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Tokenizer((), tmp_path / "file" / "cache").words("国家标准") == ["国家标准"]


def test_loading_writes_nothing_to_the_terminal(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from corpus.terms import Tokenizer;"
        f"Tokenizer((), Path({str(tmp_path)!r})).words('国标')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_processes_that_prepare_at_once_agree(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from corpus.terms import Tokenizer;"
        f"print(Tokenizer((), Path({str(tmp_path)!r})).words('高通量计算'))"
    )
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) for _ in range(3)
    ]
    answers = {process.communicate()[0] for process in running}
    assert len(answers) == 1
    assert all(process.returncode == 0 for process in running)
    assert len(list(tmp_path.iterdir())) == 1


def test_jieba_keeps_its_silence_for_others_too(tokenizer: Tokenizer) -> None:
    tokenizer.words("加载")
    assert logging.getLogger("jieba").level == logging.CRITICAL


# --- stems --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("subsidy", "subsidies"),
        ("grant", "granted"),
        ("apply", "applied"),
        ("apply", "applying"),
        ("plan", "planning"),
        ("city", "cities"),
        ("make", "making"),
        ("process", "processes"),
        ("batch", "batches"),
        ("specialised", "specialized"),
        ("centre", "centers"),
        ("programme", "programs"),
        ("give", "given"),
        ("develop", "development"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"), [("university", "universe"), ("bus", "bust"), ("new", "news"), ("bond", "band")]
)
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize("word", ["3d", "20", "gb", "café"])
def test_names_and_figures_are_their_own_stem(word: str) -> None:
    assert stem(word) == word


def test_a_phrase_keeps_its_order_and_loses_its_stop_words() -> None:
    assert english_stems("Proof of Concept centres") == ["proof", "concept", "center"]


def test_hyphens_join_nothing_in_a_phrase() -> None:
    assert english_stems("solid-state battery") == english_stems("solid state batteries")
