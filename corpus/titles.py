"""Where the title of a clause ends and its text begins: 支持引进。对引进的博士… against 对引进的博士给予….

Notices seldom mark a title. What tells it from a first sentence: it names a measure and states nothing, so it
grants no sum, says neither who shall nor who may, and something comes after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.numerals import half_width
from corpus.provisions import names_a_sum

MAX_TITLE = 60
# Up to here a few words that state nothing are a title by themselves; longer ones need company.
_PLAINLY_SHORT = 20
_LONG = 40
_LONG_WITH_COMMA = 30
_MARKED = re.compile(r"【(?P<title>[^【】\n]{1,60})】")
_STOP = re.compile(r"(?P<end>[。；;])|(?P<colon>:)(?=\S)")
# Words of a sentence that grants, obliges, defines or dates.
_STATES = re.compile(
    r"给予|予以|分别|最高|不超过|不低于|不少于|应当|不得|可以|须|负责|参照|制定本|是|按照?|根据|依据|如下|下列|以下|有效期"
    r"|施行|起(?:实施|执行|生效)|的(?:[，,]|$)|[，,](?:对|由|经)|\d\s*%|\b(?:shall|may|must)\b"
)
_OPENS_SENTENCE = re.compile(
    r"(?:本(?:办法|措施|政策|意见|规定|细则|方案|条例|通知|文件|实施)|凡|符合|享受|为了|对(?!接|标|外|口|照)|同一)"
)
_OPENS_PURPOSE = re.compile(r"为[^，,]*[，,]")


@dataclass(frozen=True, slots=True)
class Title:
    """The title within ``line[start:end]``. ``plain`` when it needs no other title beside it to be one."""

    start: int
    end: int
    plain: bool


def title_in(line: str, more: bool) -> Title | None:
    """The title that a clause's first line (without its label) opens with, or None where it opens with a sentence.

    ``more`` says whether the clause goes on after this line.
    """
    marked = _MARKED.match(line.lstrip())
    lead = len(line) - len(line.lstrip())
    if marked:
        return Title(lead + marked.start("title"), lead + marked.end("title"), True)
    plain = half_width(line)
    stop = _STOP.search(plain)
    end = stop.start() if stop else len(plain.rstrip())
    words = plain[lead:end].rstrip(":").rstrip()
    end = lead + len(words)
    if not words or len(words) > MAX_TITLE or not _names(words):
        return None
    if stop and stop["end"] and not more and not plain[stop.end() :].strip():
        # 本市企业优先配租。: one sentence and nothing else is what the clause says, not how it is called.
        return None
    comma = re.search("[，,]", words)
    if not stop and comma and plain.rstrip().endswith(":"):
        return None
    if words.isascii():
        return Title(lead, end, True)
    if len(words) > (_LONG_WITH_COMMA if comma else _LONG):
        return None
    return Title(lead, end, len(words) <= _PLAINLY_SHORT and not comma)


def _names(words: str) -> bool:
    """Whether words only name a thing: no sum, nothing granted, obliged or defined."""
    return not (
        names_a_sum(words) or _STATES.search(words) or _OPENS_SENTENCE.match(words) or _OPENS_PURPOSE.match(words)
    )


def titled(lines: list[tuple[str, bool]]) -> bool:
    """Whether a document gives its clauses titles, judged by all their first lines (as ``title_in`` takes them).

    A longer first sentence (鼓励企业开展…适配和改造。) looks like a title and like a statement: it is a title
    where most clauses have one.
    """
    return 2 * sum(title_in(line, more) is not None for line, more in lines) >= len(lines)
