"""A clause in words for the telephone: a sentence to read out, a text message, and what the text leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cn2an import an2cn

from app.cues import Attribute
from app.i18n import EN, ZH, ZH_HANT, Texts
from app.language import to_traditional
from app.wording import Wording
from corpus.models import Amount, Clause, Policy, Provision, Role
from corpus.money import chinese_amount, english_figure
from corpus.numerals import int_to_chinese, yuan

SPOKEN_CHARS = {ZH: 80, ZH_HANT: 80, EN: 160}
SMS_CHARS = {ZH: 70, ZH_HANT: 70, EN: 160}
# Of a longer list as many are read out as a listener keeps.
LISTED = 3
# What callers ask for next. Told as missing where the clause does not give it.
PROCEDURE = ("deadline", "materials", "channel", "criteria", "processing_time")

_ASIDE = re.compile(r"[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]")
_MARKS = re.compile(r"[()（）\[\]【】〔〕{}《》〈〉<>]")
# Not the digits of a name (3D) or a year, which are read one by one.
_NUMBER = re.compile(r"(?<![A-Za-z\d.])(?P<figure>\d[\d,]*(?:\.\d+)?)(?P<scale>[万亿]?)(?![A-Za-z\d]|年)")
_RANGE = re.compile(r"(?<=[\d万亿元])\s*[-—~～]\s*(?=\d)")
# A、B、C等: the first speaks for the list. What holds one of these words is more than an item of it.
_LISTING = re.compile(r"(?P<first>[^，,、；;]+)(?:、[^，,、；;在为以对从]{1,16}?)+等(?!级)")
_VERB = re.compile(r"^(?:主导或者?参与|牵头或者?参与|获得|获评|荣获|获|通过|入选|评为|被?认定为|列入|取得)")
_JOINING = re.compile(r"^(?:并|以及|及|和)")
_MONEY_NOUN = re.compile(r"资助|奖励|补助|补贴|奖金|贴息|扶持")
# A comma within a figure (1,000) parts nothing.
_COMMA = r",(?!\d{3})"
_STOP = re.compile(rf"[，。；;]|{_COMMA}")
# Words of a sentence that grants or supports something.
_SUPPORT = re.compile(r"支持|鼓励|予以|给予|推荐|提名|优先|配套|资助|奖励|补贴|补助|推动|建立|打造|探索|实行|发挥")
_GENRE = re.compile(r"(?:措施|办法|规定|意见|细则|方案|条例|政策|计划|规划|指南)$")
_ENGLISH_ASIDE = re.compile(r"\s*\([^()]*\)")
# Where an English phrase may stop and still be one; not at the commas of a list.
_ENGLISH_BREAK = re.compile(
    r",? (?:such as|using|once|for which|in addition|under|subject to|carried out|developed|through|that|based on"
    r"|in fields|in line) |, (?:with|at a|on such|and on|and [a-z-]+ing|or [a-z-]+ing) |; |: "
)
_PLAIN_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})


@dataclass(frozen=True, slots=True)
class Script:
    """What to say of a clause. ``spoken`` and ``sms`` keep to their limits and end with the source; each of
    ``unsaid`` is a line about something the text does not say."""

    spoken: str
    sms: str
    unsaid: tuple[str, ...]


@dataclass(frozen=True)
class Speaker:
    """Words scripts for one policy. ``attributes`` are what is often asked for, and how a text gives it."""

    policy: Policy
    texts: Texts
    attributes: Sequence[Attribute]

    def script(
        self, clause: Clause, provisions: Sequence[Provision], language: str, quotes: Sequence[str] = ()
    ) -> Script:
        """``provisions`` are those of the clause that are meant; none: the clause as such. ``quotes`` are, for a part
        without provisions, its words nearest to what was asked, the fullest first."""
        meant = tuple(provisions) or clause.provisions
        in_words = _English(self, clause) if language == EN else _Chinese(self, clause, language)
        limit, short = SPOKEN_CHARS[language], SMS_CHARS[language]
        return Script(
            _first_that_fits((in_words.finished(s, spoken=True) for s in in_words.sentences(meant, quotes)), limit),
            _first_that_fits(
                (in_words.finished(s, spoken=False) for s in in_words.sentences(meant, quotes, sms=True)), short
            ),
            tuple(in_words.finished(line, spoken=False) for line in self._unsaid(clause, meant, language)),
        )

    def _unsaid(self, clause: Clause, meant: Sequence[Provision], language: str) -> Iterator[str]:
        def say(key: str, **values: str) -> str:
            return self.texts.text(f"spoken.{key}", language, **values)

        if meant:
            open_ratio = next((p.ratio for p in meant if p.ratio and p.ratio.is_open), None)
            if open_ratio:
                yield say("open_ratio", words=open_ratio.text)
            if not all(p.amount for p in meant):
                yield say("no_amount" if not any(p.amount for p in meant) else "not_every_amount")
            if any(p.amount and p.amount.qualifier.is_bound for p in meant):
                yield say("only_a_bound")
        if clause.number is None:
            return
        names = [
            a.name_en if language == EN else a.name_zh
            for a in self.attributes
            if a.name in PROCEDURE and not a.present.search(clause.text)
        ]
        if names:
            yield say("no_procedure", what=("; " if language == EN else "、").join(names))
        rules = self.policy.facts.get("implementation_rules")
        if rules:
            yield say("rules", words=rules.value, label=self.policy.clause(rules.clause_id).label)


class _Chinese:
    """Sentences in Chinese, the fullest first."""

    def __init__(self, speaker: Speaker, clause: Clause, language: str) -> None:
        self._policy = speaker.policy
        self._clause = clause
        self._language = language
        self._texts = speaker.texts

    def finished(self, text: str, spoken: bool) -> str:
        text = _MARKS.sub("", text) if spoken else text
        return to_traditional(text) if self._language == ZH_HANT else text

    def sentences(self, meant: Sequence[Provision], quotes: Sequence[str], sms: bool = False) -> Iterator[str]:
        """Ways to say it, each shorter than the one before or less full; the last always fits."""
        bodies: list[Iterable[str]] = []
        granted = [p for p in meant if p.amount]
        if len(granted) == 1:
            bodies.append(self._one(granted[0], sms))
        elif granted:
            bodies.append(self._several(granted, sms))
        elif meant:
            bodies.append(self._without_amount(meant, sms))
        elif quotes:
            bodies.append([_plain(quote).rstrip("。，") for quote in quotes])
        bodies.append([self._say("see_text_of", title=self._clause.title), self._say("see_text")])
        sources = self._sources(sms)
        for body in bodies:
            for words in body:
                for source in sources:
                    yield f"{words}{'。' if sms else '，'}{source}。"

    def _say(self, key: str, **values: str) -> str:
        return self._texts.text(f"spoken.{key}", self._language, **values)

    def _sources(self, sms: bool) -> list[str]:
        place = spoken_label(self._clause)
        genre = _GENRE.search(self._policy.title)
        here = self._say("source", document=f"本{genre.group() if genre else '政策'}", place=place)
        if sms and self._policy.doc_no:
            return [self._say("source", document=self._policy.doc_no, place=place), here]
        return [here]

    def _one(self, p: Provision, sms: bool) -> Iterator[str]:
        stretch = self._stretch(p, sms)
        if stretch is None:
            yield self._granted_in_full(p, sms)
            stretch = f"给予{self._amount_of(p, sms)}{self._noun(p)}"
        for what in self._whats(p):
            yield f"{what}，{stretch}"
        if self._clause.title != self._clause.label:
            yield self._say("one_of", title=_plain(self._clause.title), how=stretch)
        yield f"给予{self._amount_of(p, sms)}{self._noun(p)}"

    def _granted_in_full(self, p: Provision, sms: bool) -> str:
        share = _share(p, sms)
        return f"{_plain(p.what)}，{share}给予{self._amount_of(p, sms)}{self._noun(p)}"

    def _amount_of(self, p: Provision, sms: bool) -> str:
        assert p.amount is not None
        return chinese_amount(p.amount) if sms else spoken_amount(p.amount)

    def _stretch(self, p: Provision, sms: bool) -> str | None:
        """The source's own words around a sum (经认定后予以…, 对获奖者予以…), read out; None where they hold the
        sums of a whole list or what the sum is for."""
        assert p.amount is not None
        text = self._policy.source_text
        if sum(q.span == p.span and q.amount is not None for q in self._clause.provisions) > 1:
            return None
        start = _last_stop(text, p.span.start, p.amount.span.start)
        end = next((m.start() for m in _STOP.finditer(text, p.amount.span.end, p.span.end)), p.span.end)
        if p.ratio and p.span.start <= p.ratio.span.start < start:
            between = len(_STOP.findall(text[p.ratio.span.end : start]))
            start = _last_stop(text, p.span.start, p.ratio.span.start) if between < 2 else start
        if p.what_span.start < end and start < p.what_span.end:
            return None
        words = _plain(text[start:end])
        return words if sms else _read_out(words)

    def _several(self, granted: Sequence[Provision], sms: bool) -> Iterator[str]:
        count = str(len(granted)) if sms else int_to_chinese(len(granted))
        # A part of what the clause grants is never called the whole.
        some = "" if len(granted) == sum(p.amount is not None for p in self._clause.provisions) else "some_"
        for listed in range(min(LISTED, len(granted)), 0, -1):
            opening = self._say(f"{some}count" if listed == len(granted) else f"{some}count_first", n=count)
            for names in self._names(granted):
                # A name with a comma in it needs one behind it, and more than a comma between it and the next.
                long = any("，" in name for name in names[:listed])
                items = [
                    f"{name}{'，' if long else ''}{self._amount_of(p, sms)}"
                    for name, p in zip(names, granted[:listed], strict=False)
                ]
                yield f"{opening}{('；' if long else '，').join(items)}"
        yield self._say(f"{some}count_only", n=count)

    def _without_amount(self, meant: Sequence[Provision], sms: bool) -> Iterator[str]:
        p = meant[0]
        if not _SUPPORT.search(p.text):
            # 本办法自…起施行: no support, so none of which the sum could be missing.
            yield _plain(p.text).rstrip("。，")
            return
        if len(meant) > 1:
            yield self._say("supported_as", what=_plain(self._clause.title))
            return
        share = _share(p, sms)
        how = f"{share}给予配套" if p.matching else self._say("supported", share=share)
        for what in self._whats(p):
            yield f"{what}，{how}"
        yield self._say("one_of", title=_plain(self._clause.title), how=how)

    def _names(self, granted: Sequence[Provision]) -> Iterator[list[str]]:
        """What the sums are for: in full, without the list's shared end, without its verb."""
        wholes = [_plain(p.what) for p in granted]
        yield wholes
        yield [_abridged(name) for name in wholes]
        cores = [_plain(p.what.removesuffix(_shared_end(p, granted, self._policy))) for p in granted]
        bare = [_VERB.sub("", core) for core in cores]
        # Where all begin with the same verb it is said once.
        yield [_abridged(name) for name in (cores[0], *bare[1:])]
        yield [_abridged(name) for name in bare]

    def _whats(self, p: Provision) -> Iterator[str]:
        """What a provision is for, shorter and shorter."""
        whole = _plain(p.what)
        yield whole
        yield _abridged(whole)
        if len(self._clause.provisions) == 1:
            yield _plain(self._clause.title)
        yield from _tails(_abridged(whole))

    def _noun(self, p: Provision) -> str:
        """资助, 奖励, …: what the source calls the money."""
        assert p.amount is not None
        tail = self._policy.source_text[p.amount.span.end : p.span.end]
        found = _MONEY_NOUN.search(tail) or _MONEY_NOUN.search(p.text)
        return found.group() if found else "支持"


class _English:
    """Sentences in English, the fullest first."""

    def __init__(self, speaker: Speaker, clause: Clause) -> None:
        self._policy = speaker.policy
        self._clause = clause
        self._texts = speaker.texts
        self._translation = speaker.policy.translations.get(clause.id)

    def finished(self, text: str, spoken: bool) -> str:
        # Curly quotes would make a text message of half the length.
        return text.translate(_PLAIN_QUOTES)

    def sentences(self, meant: Sequence[Provision], quotes: Sequence[str], sms: bool = False) -> Iterator[str]:
        """Ways to say it, each shorter than the one before or less full; the last always fits."""
        source = self._source(sms)
        granted = [p for p in meant if p.amount]
        bodies: list[Iterable[str]] = []
        if len(granted) == 1:
            bodies.append(self._one(granted[0]))
        elif granted:
            bodies.append(self._several(granted))
        elif meant:
            bodies.append(self._without_amount(meant))
        title = self._title()
        if title:
            bodies.append([self._say("see_text_of", title=title)])
        bodies.append([self._say("see_text")])
        for body in bodies:
            for words in body:
                yield f"{words[:1].upper()}{words[1:]}. {source}."

    def _say(self, key: str, **values: str) -> str:
        return self._texts.text(f"spoken.{key}", EN, **values)

    def _source(self, sms: bool) -> str:
        clause = self._clause
        if clause.number is None:
            part = Wording.title_of_part(clause)
            return f"{part[:1].upper()}{part[1:]}"
        return f"{'Article' if '条' in clause.label else 'Measure'} {clause.number}"

    def _title(self) -> str:
        return _ENGLISH_ASIDE.sub("", self._translation.title) if self._translation else ""

    def _what(self, p: Provision) -> str:
        what = self._translation.provisions.get(p.id, "") if self._translation else ""
        return _ENGLISH_ASIDE.sub("", what)

    def _one(self, p: Provision) -> Iterator[str]:
        assert p.amount is not None
        per = self._translation.details.get(p.id, {}).get("per") if self._translation else None
        amount = english_spoken_amount(p.amount) + (f" per {per}" if per else "")
        share = self._say("share_open") if p.ratio and p.ratio.is_open else ""
        for what in _english_shorter(self._what(p)):
            for end in dict.fromkeys((share, "")):
                yield f"{amount} for {what}{end}"
        yield f"{amount}{share}"

    def _several(self, granted: Sequence[Provision]) -> Iterator[str]:
        names = [self._what(p) for p in granted]
        if all(names):
            shared = _shared_words(names)
            bare = [name[shared:] for name in names]
            some = "" if len(granted) == sum(p.amount is not None for p in self._clause.provisions) else "some_"
            for listed in range(min(LISTED, len(granted)), 0, -1):
                opening = self._say(
                    f"{some}count" if listed == len(granted) else f"{some}count_first", n=str(len(granted))
                )
                for tried in (names, bare, [next(iter(_english_shorter(n)[::-1]), n) for n in bare]):
                    items = [
                        f"{name}, {english_spoken_amount(p.amount)}"
                        for name, p in zip(tried, granted[:listed], strict=False)
                        if p.amount
                    ]
                    yield f"{opening}{'; '.join(items)}"
        yield self._say("count_only", n=str(len(granted)))

    def _without_amount(self, meant: Sequence[Provision]) -> Iterator[str]:
        what = self._what(meant[0]) if len(meant) == 1 else self._title()
        for name in _english_shorter(what):
            yield self._say("supported_as", what=name)


def spoken_amount(amount: Amount) -> str:
    """A sum with the source's own bound, as it is read out: ``最高五千万元``."""
    return amount.qualifier.value + spoken_figures(amount.text)


def spoken_figures(text: str) -> str:
    """A text with its numbers in Chinese numerals: ``1.5亿元`` is ``一亿五千万元``."""
    text = _RANGE.sub("至", text)
    return _NUMBER.sub(_numeral, text)


def english_spoken_amount(amount: Amount) -> str:
    """``up to RMB 5 million``: without the original, which nobody on the line can see."""
    figure = english_figure(amount.value, amount.currency)
    if amount.value_min is not None:
        figure = f"{english_figure(amount.value_min, amount.currency)} to {figure}"
    return f"up to {figure}" if amount.qualifier.is_bound else figure


def spoken_label(clause: Clause) -> str:
    """How a clause is called on the telephone: ``第十五条``, ``附则``."""
    whole, _, last = clause.label.rpartition("/")
    if clause.number is not None:
        return f"{_MARKS.sub('', whole)}第{int_to_chinese(clause.number)}条"
    return _MARKS.sub("", last.split("、", 1)[-1])


def short_name(provision: Provision, clause: Clause, policy: Policy) -> str:
    """What a sum is for in a few words beside its siblings: ``国家标准`` of the sums of one list."""
    granted = [p for p in clause.provisions if p.amount]
    core = _plain(provision.what.removesuffix(_shared_end(provision, granted, policy)))
    siblings = sum(p.span == provision.span for p in granted)
    return _abridged(_VERB.sub("", core) if siblings > 1 else core)


def without_hotline(phone: str | None) -> str | None:
    """A bureau's own numbers: 12345 is who is asking. None when nothing else is left."""
    if not phone:
        return None
    own = [n for n in re.split(r"[\s、，,；;/]+", phone) if n and not re.search(r"(?<!\d)12345(?!\d)", n)]
    return " ".join(own) or None


def lead_and_joint(clause: Clause) -> tuple[list[str], list[str]]:
    """The names of the leading departments and of those that join them, in the order of the text."""
    lead = [d.name for d in clause.departments if d.role is Role.LEAD]
    return lead, [d.name for d in clause.departments if d.role is not Role.LEAD]


def _numeral(match: re.Match[str]) -> str:
    try:
        figure, scale = match["figure"], match["scale"]
        # 1.5亿 is read 一亿五千万.
        value = yuan(figure, scale) if scale else None
        read = str(an2cn(figure.replace(",", ""), "low")) + scale if value is None else str(an2cn(value, "low"))
        return read[1:] if read.startswith("一十") else read
    except ValueError:
        # Longer than the library reads, such as a telephone number.
        return match.group()


def _first_that_fits(texts: Iterable[str], limit: int) -> str:
    last = ""
    for text in texts:
        last = text
        if len(text) <= limit:
            return text
    # Only a source with a name of its own longer than a whole message comes here.
    return last[:limit]


def _plain(text: str) -> str:
    """In one piece: without asides in brackets and breaks."""
    return re.sub(rf"[；;]|{_COMMA}", "，", _ASIDE.sub("", text).strip())


def _read_out(text: str) -> str:
    """Figures and shares of running text in Chinese numerals."""
    text = re.sub(r"(\d+(?:\.\d+)?)\s*%", lambda m: f"百分之{m[1]}", text)
    return spoken_figures(re.sub(r"(?<=\d)\s*[:：]\s*(?=\d)", "比", text))


def _last_stop(text: str, start: int, end: int) -> int:
    stops = [m.end() for m in _STOP.finditer(text, start, end)]
    return stops[-1] if stops else start


def _abridged(text: str) -> str:
    return _LISTING.sub(r"\g<first>等", text)


def _tails(text: str) -> Iterator[str]:
    """The text without its first part, its first two, and so on: what is supported stands last."""
    parts = text.split("，")
    for at in range(1, len(parts)):
        yield _JOINING.sub("", "，".join(parts[at:]))


def _share(p: Provision, sms: bool) -> str:
    """按一定比例, with figures read out; empty where the text gives none."""
    if p.ratio is None:
        return ""
    words = p.ratio.text if p.ratio.text.startswith("按") else f"按{p.ratio.text}"
    return words if sms else _read_out(words)


def _shared_end(p: Provision, granted: Sequence[Provision], policy: Policy) -> str:
    """What follows a list and belongs to each of its items (制定或者修订单位), where ``p`` is an item of one."""
    items = [q for q in granted if q.span == p.span]
    if len(items) < 2:
        return ""
    first = policy.source_text[items[0].what_span.start : items[0].what_span.end]
    end = items[0].what[len(first) :] if items[0].what.startswith(first) else ""
    return end if all(q.what.endswith(end) for q in items) else ""


def _english_shorter(what: str) -> list[str]:
    """A phrase, and cuts of it where it may stop, longest first."""
    if not what:
        return []
    ends = [m.start() for m in _ENGLISH_BREAK.finditer(what)]
    return [what, *(what[:end] for end in reversed(ends) if end > 12)]


def _shared_words(names: Sequence[str]) -> int:
    """How many characters of whole words all names begin with."""
    shared = 0
    for words in zip(*(re.findall(r"\S+\s*", name) for name in names), strict=False):
        if len(set(words)) > 1:
            break
        shared += len(words[0])
    return shared
