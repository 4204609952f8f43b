"""Personal data in free text, replaced before the text is stored.

Only what identifies a person by its form is found: numbers and addresses, no names. Numbers that the policies
themselves publish are no one's secret and stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

from corpus.terms import encodable

EMAIL, ID_CARD, BANK_CARD, MOBILE, LANDLINE = "[邮箱]", "[身份证号]", "[银行卡号]", "[手机号]", "[电话]"

# One character to one, so that a place in the plain text is the same place in the original.
_PLAIN = {
    ord(full): ord(half)
    for full, half in zip("０１２３４５６７８９－＋＠．（）　ｘＸ", "0123456789-+@.() xX", strict=True)
}
_PLAIN |= {ord(dash): ord("-") for dash in "‐‑‒–—−－"} | {0xA0: ord(" ")}
_SPOKEN = {ord(han): ord(digit) for han, digit in zip("零〇○一幺二两三四五六七八九", "00011223456789", strict=True)}
# Digits in Chinese as they are read out: long runs only, for 一二三 may be anything.
_SPOKEN_RUN = re.compile("[零〇○一幺二两三四五六七八九]{11,}")

_GAP = r"[ \-]?"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (EMAIL, re.compile(r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}")),
    (ID_CARD, re.compile(rf"(?<![0-9A-Za-z])\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[0-9Xx](?![0-9A-Za-z])")),
    (ID_CARD, re.compile(rf"(?<![0-9A-Za-z])\d{{6}}{_GAP}\d{{6}}{_GAP}\d{{3}}(?![0-9A-Za-z])")),
    (BANK_CARD, re.compile(r"(?<!\d)(?<!\d[ \-])[3-69](?:[ \-]?\d){14,18}(?![ \-]?\d)")),
    (MOBILE, re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")),
    (
        LANDLINE,
        re.compile(
            rf"(?<!\d)(?:(?:\+|00)86{_GAP})?(?:\(0?\d{{2,3}}\)|0\d{{2,3}}){_GAP}[1-9]\d{{2,3}}{_GAP}\d{{4}}"
            r"(?:(?:-|转| 转)\d{1,5})?(?!\d)"
        ),
    ),
    # Without an area code eight digits are a sum as well; what stands before them says that they are a number to call.
    (
        LANDLINE,
        re.compile(
            r"(?:(?<=电话)|(?<=電話)|(?<=座机)|(?<=座機)|(?<=致电)|(?<=号码)|(?<=號碼)|(?<=[Tt]el)|(?<=phone))"
            r"(?:[是为為:：. ]{1,3})?(?P<number>[2-9]\d{2,3}[ \-]?\d{4})(?!\d)"
        ),
    ),
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83, 91)
)


class Masker:
    """Masks texts. ``public`` are numbers and addresses that may stay, in any spelling; without ``landlines`` no
    landline is masked, for what an office writes names other offices."""

    def __init__(self, public: Collection[str] = (), landlines: bool = True) -> None:
        self._public = frozenset(_bare(number) for number in public)
        self._forms = tuple(form for form in _FORMS if landlines or form[0] != LANDLINE)

    def __call__(self, text: str) -> str:
        """``text`` with every piece of personal data replaced by what it was, and made storable: without NUL and
        lone surrogates. Masking a masked text changes nothing."""
        text = encodable(text)
        pieces = []
        position = 0
        for start, end, name in self._found(text):
            pieces += [text[position:start], name]
            position = end
        return "".join(pieces) + text[position:]

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The places to mask, in order, none overlapping another."""
        plain = _SPOKEN_RUN.sub(lambda run: run.group().translate(_SPOKEN), text.translate(_PLAIN))
        taken: list[tuple[int, int, str]] = []
        for name, form in self._forms:
            for match in form.finditer(plain):
                start, end = match.span("number" if "number" in form.groupindex else 0)
                if any(start < other_end and other_start < end for other_start, other_end, _ in taken):
                    continue
                found = plain[start:end]
                if _VALID.get(name, _always)(found) and not self._is_public(found):
                    taken.append((start, end, name))
        return iter(sorted(taken))

    def _is_public(self, found: str) -> bool:
        bare = _bare(found)
        # A published number is the same number with its country code, and without its area code.
        return any(
            bare in (number, f"86{number.lstrip('0')}") or (len(bare) >= 7 and number.endswith(bare))
            for number in self._public
        )


def public_numbers(texts: Iterable[str]) -> frozenset[str]:
    """The telephone numbers and mail addresses that stand in published texts."""
    return frozenset(
        match.group("number") if "number" in form.groupindex else match.group()
        for text in texts
        for name, form in _FORMS
        if name in (EMAIL, MOBILE, LANDLINE)
        for match in form.finditer(text.translate(_PLAIN))
    )


def is_id_card(number: str) -> bool:
    """Whether this is a resident identity card number: place, day of birth and, of the 18 characters, the check
    digit. The old form has 15 digits and none."""
    bare = _bare(number).upper()
    if not re.fullmatch(r"\d{17}[\dX]|\d{15}", bare) or int(bare[:2]) not in _PROVINCES:
        return False
    born = bare[6:14] if len(bare) == 18 else f"19{bare[6:12]}"
    if not _is_day(born):
        return False
    return len(bare) == 15 or bare[17] == check_digit(bare[:17])


def check_digit(first: str) -> str:
    """The last character of an identity card number that begins with these 17 digits (GB 11643)."""
    return _CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def is_bank_card(number: str) -> bool:
    """Whether the digits satisfy the check of card numbers (Luhn)."""
    bare = _bare(number)
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(bare)))
    return bare.isdecimal() and 15 <= len(bare) <= 19 and len(set(bare)) > 1 and total % 10 == 0


def _is_day(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False


def _bare(number: str) -> str:
    if "@" in number:
        return number.lower()
    return re.sub(r"[^0-9Xx]", "", number.translate(_PLAIN))


def _always(_: str) -> bool:
    return True


_VALID: dict[str, Callable[[str], bool]] = {ID_CARD: is_id_card, BANK_CARD: is_bank_card}
