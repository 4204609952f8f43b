"""Departments: who they are by every name people use, and who a clause makes responsible.

All names come from ``departments.toml``; this module only knows how such lists are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from corpus.entries import Entry
from corpus.errors import BadData
from corpus.models import ResponsibleDepartment, Role, Span
from corpus.numerals import half_width

DEPARTMENTS_FILE = Path(__file__).with_name("departments.toml")

_KIND = r"(?:单位|部门|主体)"
# What names of bodies end with; in a list of nothing but bodies, those that other words end with too.
_BODY_ENDS = "局|委|委员会|厅|办|办公室|部|政府|管委会|中心|部门|银行|海关"
_LISTED_BODY = rf"[\u4e00-\u9fff]{{1,24}}?(?:{_BODY_ENDS}|署|公司|集团|联合会|工商联|供销社|街道|法院|检察院)"
_NOTE = re.compile(
    rf"[(（\[［【]\s*(?:责任|牵头|主管|实施|负责|配合|承办|主办|协办){_KIND}\s*[:：]"
    r"(?P<list>(?:[^()（）\[\]［］【】]|[(（][^()（）]*[)）])*)[)）\]］】]"
    rf"|(?:^|(?<=\n))\s*(?:责任|牵头|主管|实施|负责){_KIND}\s*[:：](?P<line>[^\n]*)"
    # 甲。责任单位：市财政局。
    rf"|(?<=[。；;])[ \u3000]*(?:责任|牵头|主管|实施|负责){_KIND}\s*[:：](?P<rest>[^\n。]*)。?"
    # （市工信局牵头，市财政局配合）, （市工信局、市财政局负责）
    r"|[(（](?P<said>[^()（）\n。:：]{3,120}?(?:牵头|负责|配合|分工负责|组织实施|具体实施))[)）]"
    # 甲。（市商务局、市财政局） at the end of a paragraph, every name that of a body
    rf"|(?<=[。；;！])[ \u3000]*[(（]{_LISTED_BODY}(?:[、，,；;] ?{_LISTED_BODY})*[)）](?=[ \u3000]*(?:\n|$))"
)
_ROLE_WORD = re.compile(
    rf"(?:(?P<lead>牵头|主管|主办)|(?P<joint>配合|协办|参与|参加)|责任|实施|负责|承办){_KIND}\s*[:：]"
)
# What may stand behind a name: how the work is shared, never whose name it is.
_SHARING = re.compile(
    r"(?:按照?(?:各自)?(?:职责|职能)?分工)?(?:分别|共同)?(?:负责|牵头|配合|参与|(?:具体|组织)?实施)+$|按照?(?:各自)?(?:职责|职能)分工$"
)
_SAID_JOINT = re.compile(r"(?:配合|参与)$")
# 由市经信局会同市财政局制定: who acts, in a sentence of its own clause.
_ACTING = re.compile(
    r"由(?P<names>[^，,。；;由]{3,80}?)(?:共同|分别|联合|统一|具体|按职责分工)*"
    r"(?:负责(?!具体?解释|解释)|牵头|制定|组织|实施|审核|受理|办理|发放|落实)(?!的)"
)
_ACTING_SEPARATOR = re.compile("会同|联合|和|与|及|、")
_BODY = re.compile(rf"(?:[省市区县州]|国家|各)[\u4e00-\u9fff（）()]{{0,20}}(?:{_BODY_ENDS})")
_SEPARATOR = re.compile(r"[、，,；;\s]+")
# What a name starts with when it says itself whose body it is; only names without it can have lost a 省 or 市.
_OWN_LEVEL = re.compile(
    r"^(?:国家|中国|中央|全国|省|市|区|县|州|盟|旗|各|有关|相关|驻|中央驻)|[省市区县州盟](?:人民)?(?:政府|管委会)|管委会$"
)
_ELIDABLE = re.compile(r"^(?P<level>[省市区县州])(?=.{2,})")
_KIND_OF_BODY = re.compile(r"(?:authority|bureau|commission|department|agency|committee|office)$")
_PLACE_FIRST = re.compile(
    r"^(?!地方)[\u4e00-\u9fff]{2,3}(?:证监局|海关|税务局|银保监(?:分)?局|监管分局|专员办|金控集团)|^(?:人民银行|中国|国网|[\u4e00-\u9fff]{2,4}(?:供电局|供电公司)$)"
)
# 各县、区政府 is one name: what 各 begins goes on to the word for a body.
_UNFINISHED = re.compile(r"^各(?:相关|有关)?[县市区镇街乡旗州]$|^各(?:县|市|区)?[(（][^()（）]*[)）]?$")
# 市人社局: what people make of 市人力资源和社会保障局.
_SHORTENED = re.compile(r"(?<![省市区县])[省市区县][\u4e00-\u9fff]{2,4}?(?:局|委|办|厅)(?![\u4e00-\u9fff]?员会)")


@dataclass(frozen=True, slots=True)
class Department:
    """One department. ``aliases`` are simplified Chinese, ``aliases_en`` lower case; both without the full names.

    ``later_name`` is what a later reorganisation made of it, with its source; shown as a dated remark, never
    in place of the policy's wording.
    """

    key: str
    name: str
    full_name: str
    stem: str
    en: str
    en_short: str
    level: str
    aliases: tuple[str, ...] = ()
    aliases_en: tuple[str, ...] = ()
    later_name: str = ""
    later_source: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A department named in a text: ``text[start:end]`` of the text that was searched."""

    department: Department
    start: int
    end: int


@dataclass(frozen=True)
class Directory:
    """All departments that are known, looked up by any of their names.

    ``usual_stems`` are names that bodies of any place go by, whether or not they are departments of this directory.
    """

    departments: tuple[Department, ...]
    usual_stems: frozenset[str] = frozenset()
    by_key: dict[str, Department] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key.update({d.key: d for d in self.departments})

    @classmethod
    def load(cls, path: Path = DEPARTMENTS_FILE) -> Directory:
        """Read ``departments.toml``. Raises BadData when an entry is incomplete or a name stands for two."""
        data = Entry.read(path)
        departments = [_department(entry) for entry in data.tables("department")]
        owners: dict[str, Department] = {}
        for d in departments:
            for name in (
                d.key,
                d.name,
                d.full_name,
                d.stem,
                d.en.lower(),
                d.en_short.lower(),
                *d.aliases,
                *d.aliases_en,
            ):
                if name and owners.setdefault(half_width(name), d) is not d:
                    raise BadData(
                        f"{data.place}: {name!r} names both {owners[half_width(name)].key} and {d.key}; "
                        "leave it to one of them"
                    )
        return cls(tuple(departments))

    @cached_property
    def _names(self) -> dict[str, Department]:
        names: dict[str, Department] = {}
        for d in self.departments:
            for name in (d.name, d.full_name, d.stem, *d.aliases):
                if name:
                    names.setdefault(half_width(name), d)
        return names

    @cached_property
    def _stems(self) -> frozenset[str]:
        """Names to which a level is put before them: 市场监管局, of which there is 市市场监管局."""
        return self.usual_stems | {
            name[1:] for name, d in self._names.items() if _ELIDABLE.match(name) and self._names.get(name[1:]) is d
        }

    @cached_property
    def _chinese(self) -> re.Pattern[str]:
        ordered = sorted(self._names, key=len, reverse=True)
        # 国家发改委, 省国资委, 南山区工信局 are other bodies that end in a name of ours.
        return re.compile(
            r"(?<![省区县])(?<!国家)(?<!国务院)(?:" + ("|".join(map(re.escape, ordered)) or r"(?!)") + ")"
        )

    @cached_property
    def _english_names(self) -> dict[str, Department]:
        names: dict[str, Department] = {}
        for d in self.departments:
            for name in (d.en, d.en_short, *d.aliases_en):
                if name:
                    names.setdefault(name.lower(), d)
        # People who know what a body does seldom know whether it is a bureau or a commission.
        for name, d in list(names.items()):
            kind = _KIND_OF_BODY.search(name)
            if kind and " " in name[: kind.start()].strip():
                for other in ("authority", "bureau", "commission", "department", "agency", "committee", "office"):
                    names.setdefault(name[: kind.start()] + other, d)
        return names

    @cached_property
    def _english(self) -> re.Pattern[str]:
        ordered = sorted(self._english_names, key=len, reverse=True)
        return re.compile(r"(?<![a-z])(?:" + ("|".join(map(re.escape, ordered)) or r"(?!)") + r")(?![a-z])")

    def for_text(self, head: str) -> Directory:
        """This directory where a document's head names one of its places, else one without departments: the
        市工业和信息化局 of another city is another body, though it is named in the same way."""
        places = {d.full_name[: -len(d.name)] for d in self.departments if d.full_name.endswith(d.name)} - {""}
        return self if any(place in head for place in places) else Directory((), self._stems)

    def for_policy(self, head: str, names: Iterable[str]) -> Directory:
        """The directory for one policy: this one where its head names one of our places, else one of the names
        that its own responsibility notes give."""
        if self.for_text(head) is self:
            return self
        return Directory(
            tuple(
                Department(
                    key=n, name=n, full_name=n, stem=n[1:] if n[:1] in "省市区县" else "", en=n, en_short=n, level=""
                )
                for n in dict.fromkeys(names)
            )
        )

    def named(self, name: str) -> Department | None:
        """The department of exactly this name or alias (Chinese or English), or None."""
        name = half_width(name).strip()
        return self._names.get(name) or self._english_names.get(name.lower())

    def mentions(self, text: str) -> list[Mention]:
        """Departments named in a text of the user (simplified), longest names first, without overlaps."""
        text = half_width(text)
        found = [Mention(self._names[m.group()], *m.span()) for m in self._chinese.finditer(text)]
        found += [Mention(self._english_names[m.group()], *m.span()) for m in self._english.finditer(text.lower())]
        for m in _SHORTENED.finditer(text):
            named = [d for d in self.departments if _shortens(m.group(), d.name)]
            if len(named) == 1 and not any(f.start < m.end() and m.start() < f.end for f in found):
                found.append(Mention(named[0], *m.span()))
        return sorted(found, key=lambda m: m.start)

    def responsible(self, text: str, offset: int) -> tuple[ResponsibleDepartment, ...]:
        """The units that the responsibility notes of a clause name, in order, the first one leading.

        ``offset`` is where ``text`` starts in the cleaned text; spans are absolute. A 市 or 省 that the list
        elides after its first name is restored in ``name``.
        """
        found: list[ResponsibleDepartment] = []
        for start, end in note_spans(text):
            found.extend(self._listed(text, start, end, offset))
        if not found:
            found = self._acting(text, offset)
        seen: dict[str, ResponsibleDepartment] = {}
        for department in found:
            known = seen.get(department.key)
            if known is None or (known.role is Role.JOINT and department.role is Role.LEAD):
                seen[department.key] = department
        return tuple(seen.values())

    def _listed(self, text: str, start: int, end: int, offset: int) -> list[ResponsibleDepartment]:
        note = text[start:end]
        words = list(_ROLE_WORD.finditer(note))
        heads = [(w.start(), w.end(), w["lead"] is not None, w["joint"] is not None) for w in words]
        # （市工信局牵头，市财政局配合）: the roles stand behind the names.
        said = not heads
        heads = heads or [(0, note.find(note.strip()[0]) + 1, False, False)]
        found: list[ResponsibleDepartment] = []
        for i, (_, at, leading, joining) in enumerate(heads):
            stop = heads[i + 1][0] if i + 1 < len(heads) else len(note)
            level = ""
            first = not found
            for piece in _split(note, at, stop):
                part_start, part_end, separator = piece
                if "，" in separator or "," in separator or "；" in separator:
                    level = ""
                name = note[part_start:part_end]
                # The 市 of 市场监管局 is no level but part of the word 市场.
                is_stem = half_width(name) in self._stems
                elidable = None if is_stem else _ELIDABLE.match(name)
                if elidable:
                    level = elidable["level"]
                has_own = not is_stem and (_OWN_LEVEL.search(name) or _PLACE_FIRST.match(name))
                restored = level + name if level and not has_own else name
                known = self.named(restored) or self.named(name)
                leads = (first and not joining) or leading
                if said and _SAID_JOINT.search(re.split("[，,；;]", note[part_start:])[0].rstrip("）) ")):
                    leads = False
                found.append(
                    ResponsibleDepartment(
                        key=known.key if known else restored,
                        name=restored,
                        role=Role.LEAD if leads else Role.JOINT,
                        span=Span(offset + start + part_start, offset + start + part_end),
                    )
                )
                first = False
        return found

    def _acting(self, text: str, offset: int) -> list[ResponsibleDepartment]:
        """Who acts in running text (由市经信局会同市财政局制定), where no note says who is responsible."""
        found: list[ResponsibleDepartment] = []
        for match in _ACTING.finditer(text):
            at, pieces = match.start("names"), []
            for word in [*_ACTING_SEPARATOR.finditer(text, *match.span("names")), None]:
                stop = word.start() if word else match.end("names")
                pieces.append((at, stop))
                at = word.end() if word else stop
            if not all(_BODY.fullmatch(text[a:b]) for a, b in pieces):
                continue
            for a, b in pieces:
                known = self.named(text[a:b])
                role = Role.JOINT if found else Role.LEAD
                key = known.key if known else text[a:b]
                found.append(ResponsibleDepartment(key, text[a:b], role, Span(offset + a, offset + b)))
        return found


def _shortens(short: str, name: str) -> bool:
    """Whether a short name keeps some characters of a name, in its order: level and kind of body among them."""
    body = name.removesuffix("员会")
    if len(short) >= len(body) or short[0] != body[0] or short[-1] != body[-1] or short[1] != body[1]:
        return False
    left = iter(body)
    return all(char in left for char in short)


def note_spans(text: str) -> list[tuple[int, int]]:
    """Where the responsibility notes of a clause stand, brackets included."""
    return [m.span() for m in _NOTE.finditer(text)]


def _split(note: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Names between separators: (start, end, the separator before it). A closing bracket is no name."""
    pieces: list[tuple[int, int, str]] = []
    at, before = start, ""
    for match in [*_SEPARATOR.finditer(note, start, end), None]:
        stop = match.start() if match else end
        name = note[at:stop].rstrip(")）。 ]］】") if not _UNFINISHED.match(note[at:stop]) else note[at:stop]
        if match and _UNFINISHED.match(name):
            continue
        name = _SHARING.sub("", name)
        if name.strip():
            pieces.append((at, at + len(name), before))
        if match:
            at, before = match.end(), match.group() if name.strip() else before + match.group()
    return pieces


def _department(entry: Entry) -> Department:
    name, en = entry.text("name"), entry.text("en")
    return Department(
        key=entry.text("key"),
        name=name,
        full_name=entry.optional_text("full_name") or name,
        stem=entry.optional_text("stem") or "",
        en=en,
        en_short=entry.optional_text("en_short") or en,
        level=entry.optional_text("level") or "",
        aliases=entry.texts("aliases"),
        aliases_en=tuple(alias.lower() for alias in entry.texts("aliases_en")),
        later_name=entry.optional_text("later_name") or "",
        later_source=entry.optional_text("later_source") or "",
    )
