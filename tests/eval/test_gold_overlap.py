"""No question that answers are scored by stands among what they are made from: exemplars, glossary, lay wordings."""

from __future__ import annotations

from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from app.intents import load_exemplars
from corpus import Library
from corpus.glossary import load_glossary
from corpus.library import GLOSSARY_FILE
from corpus.terms import fold
from eval.gold import load_gold

# Above this share of common characters in order two questions are the same or as good as the same.
NEAR = 88
# Shorter ones (多少钱?) are common property.
LONG_ENOUGH = 8


def bare(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum() or c == " ").strip()


@pytest.mark.parametrize("name", ["dev.jsonl", "test.jsonl"])
def test_no_gold_question_is_an_exemplar_or_nearly_one(name: str) -> None:
    exemplars = [bare(e.text) for e in load_exemplars()]
    # Only ids are told: a held-out question is not shown by the test that guards it.
    near = []
    for item in load_gold(Path("eval/gold") / name):
        question = bare(item.question)
        if item.history or len(question) < LONG_ENOUGH:
            continue
        found = process.extractOne(question, exemplars, scorer=fuzz.ratio, score_cutoff=NEAR)
        if found:
            near.append(f"{item.id}: {found[1]:.0f}")
    assert near == []


@pytest.mark.parametrize("name", ["dev.jsonl", "test.jsonl"])
def test_no_gold_question_is_a_name_in_the_glossary_or_a_lay_wording(name: str) -> None:
    glossary = load_glossary(GLOSSARY_FILE)
    names = {bare(n) for t in glossary.terms for n in (t.zh, *t.also_zh, *t.en, *t.also_en)}
    names |= {bare(w.text) for policy in Library.load().policies for w in policy.wordings}
    assert [item.id for item in load_gold(Path("eval/gold") / name) if bare(item.question) in names] == []
