"""From cleaned text to a policy: notice, preamble, sections, clauses, closing provisions.

The parser first finds which of the ways of numbering carries the clauses, then cuts the text at the labels.
Nothing between the first and the last character of the body belongs to no part.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from corpus.cleaner import Cleaned, clean
from corpus.departments import Directory, note_spans
from corpus.document_facts import doc_no, document_facts, issuers_of, published_on, signed_on, validity_of
from corpus.errors import NoPolicyText
from corpus.models import Clause, Contact, Policy, Provision, Section, Span
from corpus.notice import imprint_length, is_notice_title, issued_title, notice_end
from corpus.numerals import chinese_to_int, half_width
from corpus.provisions import provisions_of
from corpus.titles import MAX_TITLE, title_in, titled

PARSER_VERSION = 4

_CN = "一二三四五六七八九十百零〇"


class Style(StrEnum):
    """A way of numbering, from the outermost to the innermost."""

    CHAPTER = "chapter"
    ARTICLE = "article"
    SECTION = "section"
    BRACKET = "bracket"
    ARABIC = "arabic"


_LABELS = {
    Style.CHAPTER: re.compile(
        rf"(?P<label>第(?P<n>[{_CN}\d]+)[章节编])(?P<gap>\s*)|(?P<en>Chapter\s+(?P<en_n>[IVXLC]+|\d+)\s*[:：.]?)(?P<en_gap>\s*)"
    ),
    Style.ARTICLE: re.compile(
        rf"(?P<label>第(?P<n>[{_CN}\d]+)条)(?P<gap>\s*)|(?P<en>Article\s+(?P<en_n>\d+))(?P<en_gap>[\s.:：]*)"
    ),
    Style.SECTION: re.compile(
        rf"(?P<label>(?P<n>[{_CN}]+)\s*[、.])(?P<gap>\s*)|(?P<en>(?P<en_n>[IVX]+)\.)(?P<en_gap>\s+)"
    ),
    Style.BRACKET: re.compile(
        rf"(?P<label>\(\s*(?P<n>[{_CN}]+)\s*\))(?P<gap>\s*[、.]?\s*)|(?P<en>\((?P<en_n>[IVX]+)\))(?P<en_gap>\s*)"
    ),
    Style.ARABIC: re.compile(r"(?P<label>★?(?P<n>\d{1,3})\s*[.、])(?P<gap>\s*)(?!\d)"),
}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_TITLE_LINE = re.compile(
    r"(?:通知|措施|办法|条例|政策|规定|细则|指南|方案|意见|规划|计划|公告|通告|函|答复|Measures|Regulations?|Rules)(?:[(（][^)）]*[)）])?$"
)
_CLOSING_TITLE = re.compile(r"^附\s*则|^其他(?:事项)?$|^Supplementary")
_CLOSING_TEXT = re.compile(
    r"^本(?:若干|实施)?(?:措施|办法|政策|意见|规定|细则|方案|条例|通知|文件|规程|指南)(?:自|由|有效期|所称|与)"
)
_UNNUMBERED = re.compile(r"s\d+(?:~\d+)?")
_ANNEX_MARK = re.compile(r"^附件\d*:?")
_CONTENTS = re.compile(r"目\s*[录次]")
_ANNEX = re.compile(r"^附件\s*(?P<n>[\d一二三四五六七八九十]*)\s*[:：]?$")
# Where a document says whose it is: title, signature, notice.
HEAD_CHARS = 1500


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Label:
    style: Style
    number: int
    label: str
    line: int
    start: int
    body: int
    part: str


def parse_policy(raw: str, policy_id: str, directory: Directory) -> Policy:
    """Read a captured text. Raises NoPolicyText when nothing is left after cleaning."""
    cleaned = clean(raw)
    parser = _Parser(cleaned, policy_id, directory)
    if not parser.lines:
        raise NoPolicyText("no text found in it: a scan needs text recognition first, an empty page another capture")
    return parser.policy()


class _Parser:
    def __init__(self, cleaned: Cleaned, policy_id: str, directory: Directory) -> None:
        self.cleaned = cleaned
        self.text = cleaned.text
        self.plain = half_width(cleaned.text)
        self.id = policy_id
        self.directory = directory.for_text(cleaned.text[:HEAD_CHARS])
        self.body_end = len(self.text[: cleaned.contact[0]].rstrip()) if cleaned.contact else len(self.text.rstrip())
        self.lines = self._lines()
        self.titled = False
        self.headings: list[int] = []

    def _lines(self) -> list[_Line]:
        lines, start = [], 0
        for piece in self.text[: self.body_end].split("\n"):
            end = start + len(piece)
            if piece.strip():
                lines.append(_Line(start, end, piece))
            start = end + 1
        return lines

    def policy(self) -> Policy:
        title, title_line = self._title()
        labels = [x for x in self._labels() if x.line > title_line]
        style, section_style = self._clause_style(labels)
        clauses, sections = self._cut(labels, style, section_style, title_line)
        clauses = [self._filled(c) for c in clauses]
        head_end = next(
            (c.start for c in clauses if c.id not in (f"{self.id}#notice", f"{self.id}#preamble")), self.body_end
        )
        head = self.text[:head_end]
        foot = next((c.text for c in clauses if c.path == "imprint"), "")
        return Policy(
            id=self.id,
            title=title,
            source_text=self.text,
            doc_no=number[0] if (number := doc_no(head)) else None,
            issuers=tuple(self._issuer(n) for n in issuers_of(head, title) or issuers_of(foot, title)),
            published=published_on(head),
            issued=signed_on(head) or signed_on(foot),
            validity=validity_of(self.text[: self.body_end], published_on(head) or signed_on(head)),
            sections=tuple(sections),
            clauses=tuple(clauses),
            contact=self._contact(),
            left_out=self.cleaned.left_out,
            facts=document_facts(self.text, clauses, head, title),
        )

    def _issuer(self, name: str) -> str:
        known = self.directory.named(name)
        return known.full_name if known else name

    def _title(self) -> tuple[str, int]:
        """The policy's title and the index of its line (-1 when it has no line of its own)."""
        first = next(
            (
                i
                for i, line in enumerate(self.lines[:30])
                if len(line.text.strip()) >= 6 and _TITLE_LINE.search(line.text.strip())
            ),
            None,
        )
        for i, line in enumerate(self.lines[:30]):
            issued = issued_title(line.text)
            if issued:
                title, quoted = issued
                own = self._own_line(title, i)
                if own is not None:
                    return title, own
                return (title if quoted else line.text.strip()), i
        if first is not None:
            return self.lines[first].text.strip(), first
        return (
            self.lines[0].text.strip()[:MAX_TITLE],
            0 if len(self.lines) > 1 and not self._label_at(0, self.lines[0]) else -1,
        )

    def _own_line(self, title: str, notice: int) -> int | None:
        """The line on which measures handed out by the notice line ``notice`` are headed with their title.

        It stands after the notice with clauses below it, or, where the page's own heading is all there is, before.
        """
        wanted = _bare(title)
        same = [
            j for j, line in enumerate(self.lines) if j != notice and _ANNEX_MARK.sub("", _bare(line.text)) == wanted
        ]
        for j in reversed(same):
            if j > notice and any(self._label_at(n, line) for n, line in enumerate(self.lines[j + 1 :])):
                return j
        return next((j for j in same if j < notice), None)

    def _label_at(self, n: int, line: _Line, part: str = "") -> _Label | None:
        plain = self.plain[line.start : line.end]
        indent = len(plain) - len(plain.lstrip())
        for style, pattern in _LABELS.items():
            match = pattern.match(plain, indent)
            if not match:
                continue
            groups = match.groupdict()
            english = groups.get("en")
            number = _roman_or_int(match["en_n"]) if english else chinese_to_int(match["n"])
            if number is None or number > 999:
                continue
            label = match["en"] if english else match["label"]
            label = re.sub(r"\s", "", label) if not english else label.strip(" .:：")
            return _Label(style, number, label, n, line.start + indent, line.start + match.end(), part)
        return None

    def _labels(self) -> list[_Label]:
        found, part = [], ""
        for n, line in enumerate(self.lines):
            annex = _ANNEX.match(half_width(line.text).strip())
            if annex:
                part = f"附件{annex['n']}"
                continue
            label = self._label_at(n, line, part)
            if label:
                found.append(label)
        return _without_contents_table(found, self.lines)

    def _clause_style(self, labels: list[_Label]) -> tuple[Style | None, Style | None]:
        """Which numbering carries the clauses, and which the sections above them."""
        main = [x for x in labels if not x.part] or labels
        by_style = {s: [x for x in main if x.style is s] for s in Style}
        has = {s: len(v) for s, v in by_style.items()}
        if has[Style.ARTICLE] >= 2:
            return Style.ARTICLE, Style.CHAPTER if has[Style.CHAPTER] else (
                Style.SECTION if has[Style.SECTION] else None
            )
        above = Style.SECTION if has[Style.SECTION] else None
        if has[Style.ARABIC] >= 3 and _runs_on([x.number for x in by_style[Style.ARABIC]]):
            outer = by_style[Style.SECTION] + by_style[Style.BRACKET]
            parents = {self._parent(x, outer) for x in by_style[Style.ARABIC]}
            if len(parents) >= 2 or not (has[Style.BRACKET] or self._incidental(by_style[Style.ARABIC], outer)):
                return Style.ARABIC, above
        if has[Style.BRACKET] >= 2 and not self._incidental(by_style[Style.BRACKET], by_style[Style.SECTION]):
            return Style.BRACKET, above
        if has[Style.SECTION] >= 2:
            return Style.SECTION, Style.CHAPTER if has[Style.CHAPTER] else None
        if has[Style.ARABIC] >= 2:
            return Style.ARABIC, above
        return None, None

    def _incidental(self, inner: list[_Label], outer: list[_Label]) -> bool:
        """Whether a numbering only lists a few things inside one or two of many clauses of an outer numbering."""
        parents = {self._parent(x, outer) for x in inner}
        return len(outer) >= 3 and len(inner) <= len(outer) and 3 * len(parents) <= len(outer)

    @staticmethod
    def _parent(label: _Label, above: list[_Label]) -> int:
        return max((x.line for x in above if x.line < label.line), default=-1)

    def _cut(
        self, labels: list[_Label], style: Style | None, section_style: Style | None, title_line: int
    ) -> tuple[list[Clause], list[Section]]:
        cuts = [x for x in labels if x.style in (style, section_style)]
        clauses = self._head(cuts[0].start if cuts else self.body_end, title_line, bool(cuts))
        sections: list[Section] = []
        section: _Label | None = None
        members: list[str] = []
        # Where one number comes twice, each is told by its section: 二、（五） as well as 二、（一）.
        repeated = {
            part
            for (part, _), count in Counter((x.part, x.number) for x in cuts if x.style is style).items()
            if count > 1
        }
        self.headings = [x.start for x in labels if style is Style.ARABIC and self._only_heads(x, labels, style)]
        many_parts = len({x.part for x in cuts}) > 1
        self.titled = titled(
            [self._first_line(x.body, self._end_of(cuts, i)) for i, x in enumerate(cuts) if x.style is style]
        )

        def close(end: int) -> None:
            if section:
                label, title = self._heading(section)
                sections.append(Section(label, title, section.start, end, tuple(members)))

        imprints: list[Clause] = []
        for i, label in enumerate(cuts):
            end = self._end_of(cuts, i)
            if i + 1 == len(cuts) or cuts[i + 1].part != label.part:
                end, imprint = self._without_imprint(label, end)
                imprints += [self._imprint(*imprint, imprints)] if imprint else []
            if label.style is section_style:
                close(self._end_before(label.start))
                section, members = label, []
                following = cuts[i + 1] if i + 1 < len(cuts) else None
                if following is None or following.style is section_style:
                    clause = self._unnumbered(label, end, clauses)
                    clauses.append(clause)
                    members.append(clause.id)
                continue
            path = str(label.number)
            shown = label.label
            if label.part in repeated and section:
                path = f"{section.number}.{label.number}"
                shown = f"{self._heading(section)[0]}{label.label}"
            if many_parts and label.part:
                path, shown = f"{label.part}.{path}", f"{label.part}/{shown}"
            clause_id = _unique(f"{self.id}#{path}", clauses)
            heading = self._section_name(section)
            clauses.append(self._clause(clause_id, shown, label.number, label.start, label.body, end, heading))
            members.append(clause_id)
        close(self.body_end)
        return sorted([*self._with_closing(clauses), *imprints], key=lambda c: c.start), sections

    def _without_imprint(self, label: _Label, end: int) -> tuple[int, tuple[int, int] | None]:
        """Where the last clause of a part ends when what stands under it is cut off, and where that stands."""
        lines = [x for x in self.lines[label.line + 1 :] if x.end <= end]
        annex = next((n for n, x in enumerate(lines) if _ANNEX.match(half_width(x.text).strip())), len(lines))
        size = imprint_length([x.text for x in lines])
        if len(lines) - size > annex:  # what is attached stands below, not only its name
            lines = lines[:annex]
            size = imprint_length([x.text for x in lines])
        if not size:
            return end, None
        first, last = lines[-size], lines[-1]
        start = first.start + len(first.text) - len(first.text.lstrip())
        return self._end_before(first.start), (start, self._end_before(last.end))

    def _imprint(self, start: int, end: int, before: list[Clause]) -> Clause:
        return self._clause(_unique(f"{self.id}#imprint", before), "落款", None, start, start, end, None)

    def _only_heads(self, label: _Label, labels: list[_Label], style: Style) -> bool:
        """Whether a label between sections and clauses (（二）服务平台) is but a heading over the clause below it."""
        if label.style is not Style.BRACKET or not self._heading(label)[1]:
            return False
        return any(x.style is style and x.line == label.line + 1 for x in labels)

    def _end_of(self, cuts: list[_Label], i: int) -> int:
        end = self._end_before(cuts[i + 1].start) if i + 1 < len(cuts) else self.body_end
        heading = next((at for at in self.headings if cuts[i].start < at < end), None)
        return self._end_before(heading) if heading is not None else end

    def _end_before(self, start: int) -> int:
        end = start
        while end > 0 and self.text[end - 1].isspace():
            end -= 1
        return end

    def _section_name(self, section: _Label | None) -> str | None:
        return (
            " ".join(filter(None, self._heading(section)))
            if section and not section.label.endswith("、")
            else ("".join(self._heading(section)) if section else None)
        )

    def _heading(self, label: _Label) -> tuple[str, str]:
        line = self.lines[label.line]
        title = self.text[label.body : line.end].strip()
        return label.label, title if len(title) <= MAX_TITLE and not title.endswith("。") else ""

    def _head(self, end: int, title_line: int, numbered: bool) -> list[Clause]:
        """The notice that carries the policy and what stands before its first label."""
        lines = [x for x in self.lines if x.end <= end]
        title = lines[title_line] if 0 <= title_line < len(lines) else None
        after = title_line + 1 if title else 0
        notice = lines[: title_line if title else 0]
        if not any(issued_title(x.text) for x in notice):
            # The notice stands below its own title, or below the page's heading, which is that of the measures.
            below = notice_end([x.text for x in lines[after:]])
            own = title is not None and is_notice_title(title.text)
            if below and (numbered or (title is not None and issued_title(title.text))):
                after += below
                if all(_ANNEX_MARK.match(half_width(x.text).strip()) for x in lines[after:]):
                    after = len(lines)  # what is attached is named, and nothing of it follows
                notice = lines[:after] if own or notice else lines[title_line + 1 if title else 0 : after]
        while notice and _ANNEX.match(half_width(notice[-1].text).strip()):
            notice = notice[:-1]
        rest = lines[after:]
        contents = next((n for n, x in enumerate(rest) if _CONTENTS.fullmatch(x.text.strip())), len(rest))
        clauses: list[Clause] = []
        for part, path, label in (
            (notice, "notice", "通知"),
            (rest[:contents] if numbered else rest, *(("preamble", "前言") if numbered else ("body", "正文"))),
        ):
            if part:
                start = part[0].start + len(part[0].text) - len(part[0].text.lstrip())
                clause_id = f"{self.id}#{path}"
                clauses.append(self._clause(clause_id, label, None, start, start, self._end_before(part[-1].end), None))
        return clauses

    def _unnumbered(self, label: _Label, end: int, before: list[Clause]) -> Clause:
        number, title = self._heading(label)
        names = {c.id for c in before}
        if _CLOSING_TITLE.match(title):
            path = "closing"
        elif re.search(r"领域|范围|对象|Scope", title) and not any(c.number for c in before):
            path = "scope"
        else:
            path = f"s{label.number}"
        clause_id = f"{self.id}#{path}" if f"{self.id}#{path}" not in names else f"{self.id}#s{label.number}"
        shown = f"{number}{title}" if title else number
        line = self.lines[label.line]
        body = line.end + 1 if title and line.end < end else label.body
        made = self._clause(_unique(clause_id, before), shown, None, label.start, body, end, shown)
        return replace(made, title=title or made.title)

    def _with_closing(self, clauses: list[Clause]) -> list[Clause]:
        """Closing remarks without a label of their own (本措施自…起施行) leave the last clause."""
        if not clauses or clauses[-1].number is None:
            return clauses
        last = clauses[-1]
        lines = [x for x in self.lines if last.start < x.start and x.end <= last.end]
        at = next((x for x in lines if _CLOSING_TEXT.match(x.text.strip())), None)
        if at is None:
            return clauses
        end = self._end_before(at.start)
        kept = self._clause(last.id, last.label, last.number, last.start, last.body_span.start, end, last.section)
        closing = self._clause(f"{self.id}#closing", "附则", None, at.start, at.start, last.end, None)
        return [*clauses[:-1], kept, closing]

    def _clause(
        self, clause_id: str, label: str, number: int | None, start: int, body: int, end: int, section: str | None
    ) -> Clause:
        title_start = title_end = body
        found = title_in(*self._first_line(body, end)) if number is not None else None
        if found and (found.plain or self.titled):
            title_start, title_end = body + found.start, body + found.end
        return Clause(
            id=clause_id,
            label=label,
            number=number,
            title=self.text[title_start:title_end].strip(),
            text=self.text[start:end],
            start=start,
            end=end,
            section=section,
            title_span=Span(title_start, title_end),
            body_span=Span(body, end),
            path=clause_id.split("#", 1)[1],
        )

    def _first_line(self, body: int, end: int) -> tuple[str, bool]:
        """The first line of a clause without its label, and whether the clause goes on after it."""
        line_end = self.text.find("\n", body, end)
        line_end = end if line_end < 0 else line_end
        return self.text[body:line_end], bool(self.text[line_end:end].strip())

    def _filled(self, clause: Clause) -> Clause:
        """The clause with its departments and provisions, and its body set free of title and note."""
        start = clause.title_span.end
        while start < clause.end and self.text[start] in "。；:： \n　】":
            start += 1
        end = clause.end
        notes = note_spans(self.text[start:end])
        if notes and not self.text[start + notes[-1][1] : end].strip():
            end = start + notes[-1][0]
        if start >= end:  # a clause that is nothing but its first sentence
            start = clause.body_span.start
        body = self.text[start:end].rstrip()
        provisions: tuple[Provision, ...] = ()
        if clause.number is not None:
            provisions = provisions_of(clause.id, body, start, clause.title)
        elif clause.path == "body" or _UNNUMBERED.fullmatch(clause.path):
            # A text without clauses, or a section without any, may grant sums all the same.
            provisions = tuple(p for p in provisions_of(clause.id, body, start, clause.title) if p.amount)
        return replace(
            clause,
            title=clause.title or clause.label,
            body_span=Span(start, start + len(body)),
            departments=self.directory.responsible(clause.text, clause.start),
            provisions=provisions,
        )

    def _contact(self) -> Contact | None:
        if not self.cleaned.contact:
            return None
        start, end = self.cleaned.contact
        text = half_width(self.text[start:end])

        def after(pattern: str) -> str | None:
            match = re.search(pattern, text)
            return match.group(1).strip() if match else None

        name = after(r"(?:主办单位|主办)\s*:\s*(\S+)")
        if not name:
            return None
        phones = after(r"电话\s*:\s*([\d\s\-、,/()转]+)")
        return Contact(
            name=name,
            phone=phones,
            hours=after(r"(?:办公|服务|工作)时间\s*:\s*([^\n]+)"),
            email=after(r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)"),
            address=after(r"地址\s*:\s*(\S+)"),
            start=start,
            end=end,
        )


def _bare(text: str) -> str:
    """A title as it is compared: page headings and notices differ in the width of brackets and in spaces."""
    return re.sub(r"\s", "", half_width(text))


def _unique(clause_id: str, clauses: list[Clause]) -> str:
    taken = {c.id for c in clauses}
    if clause_id not in taken:
        return clause_id
    n = 2
    while f"{clause_id}~{n}" in taken:
        n += 1
    return f"{clause_id}~{n}"


def _roman_or_int(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    values = [_ROMAN[c] for c in text]
    return sum(v if not values[i + 1 :] or v >= values[i + 1] else -v for i, v in enumerate(values))


def _runs_on(numbers: list[int]) -> bool:
    """Whether numbers go on counting (1 2 3 4 …, gaps allowed) rather than starting anew."""
    restarts = sum(b <= a for a, b in pairwise(numbers))
    return restarts == 0


def _without_contents_table(labels: list[_Label], lines: list[_Line]) -> list[_Label]:
    """Drop the labels of a table of contents: headings that come again later with text under them."""
    at = next((i for i, line in enumerate(lines[:60]) if _CONTENTS.fullmatch(line.text.strip())), None)
    if at is None:
        return labels
    texts = [re.sub(r"\s", "", line.text) for line in lines]
    return [x for x in labels if x.line < at or texts[x.line] not in texts[x.line + 1 :]]
