"""English words cut to a stem, so that ``subsidies`` meets ``subsidy``: the inflections, and little else."""

from __future__ import annotations

from functools import lru_cache

# Forms that no rule reaches.
_IRREGULAR = {
    "paid": "pay", "gave": "give", "given": "give", "got": "get", "built": "build", "bought": "buy",
    "held": "hold", "led": "lead", "made": "make", "met": "meet", "sent": "send", "sold": "sell",
    "spent": "spend", "won": "win", "took": "take", "taken": "take", "went": "go", "gone": "go",
    "wrote": "write", "written": "write", "began": "begin", "begun": "begin", "became": "become",
    "chose": "choose", "chosen": "choose", "found": "find", "grew": "grow", "grown": "grow",
    "knew": "know", "known": "know", "left": "leave", "lost": "lose", "ran": "run", "said": "say",
    "saw": "see", "seen": "see", "taught": "teach", "thought": "think", "wore": "wear", "worn": "wear",
    "men": "man", "women": "woman", "children": "child", "people": "person", "criteria": "criterion",
    "analyses": "analysis", "centre": "center", "metre": "meter", "fibre": "fiber", "theatre": "theater",
    "programme": "program", "licence": "license", "cheque": "check",
}  # fmt: skip
# They look like plurals.
_SINGULAR = frozenset({"news", "series", "species", "lens", "always", "perhaps", "besides", "whereas", "thus"})
_DOUBLED = frozenset("bdfgmnprt")
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a lower-case word; words with figures or non-ASCII letters stay as they are."""
    if (len(word) < 4 and word not in _IRREGULAR) or not word.isascii() or not word.isalpha():
        return word
    word = _IRREGULAR.get(word, word)
    word = _singular(word)
    word = _IRREGULAR.get(word, word)
    word = _without_tense(word)
    word = _spelled_alike(word)
    for suffix, replacement in (("ly", ""), ("ment", ""), ("ness", "")):
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            word = word[: -len(suffix)] + replacement
            break
    # The last rule makes make/making and city/cities meet whatever was cut above.
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if word.endswith("y") and len(word) > 3 and word[-2] not in _VOWELS:
        word = word[:-1] + "i"
    return word


def _singular(word: str) -> str:
    if word in _SINGULAR:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_tense(word: str) -> str:
    for suffix in ("ing", "ed"):
        base = word[: -len(suffix)]
        if not word.endswith(suffix) or len(base) < 3 or not _VOWELS & set(base):
            continue
        if suffix == "ed" and base.endswith("i"):
            return base[:-1] + "y"
        if base[-1] == base[-2] and base[-1] in _DOUBLED:
            return base[:-1]
        return base
    return word


def _spelled_alike(word: str) -> str:
    """British and American spellings made one."""
    for british, american in (("isation", "ization"), ("ise", "ize"), ("is", "iz"), ("yse", "yze"), ("our", "or")):
        if word.endswith(british) and len(word) - len(british) >= 4:
            return word[: -len(british)] + american
    return word
