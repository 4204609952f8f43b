"""What a notice says of itself: number, issuers, dates, validity, who interprets, what may not be combined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import MAXYEAR, date, timedelta
from itertools import pairwise

from corpus.models import Clause, Fact, Span, Validity
from corpus.numerals import chinese_to_int, half_width

_DOC_NO = re.compile(r"[\u4e00-\u9fff]{2,10}\s*[〔\[(（]\s*\d{4}\s*[〕\])）]\s*第?\s*\d+\s*号")
_NUMBER_NAMED = re.compile(r"(?:文\s*号|发文字号)\s*[:：]\s*\Z")
_DATE = re.compile(r"(?P<y>\d{4})\s*[年\-/.]\s*(?P<m>\d{1,2})\s*[月\-/.]\s*(?P<d>\d{1,2})\s*日?")
_DATE_LINE = re.compile(r"^\s*\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*$", re.MULTILINE)
_PUBLISHED = re.compile(
    r"(?:信息提供日期|发布日期|发布时间|发表时间|发文时间|公开日期|公布日期|印发日期|发文日期|生成日期)\s*[:：]?\s*"
)
_WRITTEN = re.compile(r"(?:成文日期|签发日期)\s*[:：]?\s*")
_ISSUER = re.compile(r"(?:发文|发布|制定|制发)(?:机构|机关|单位|部门)\s*[:：]\s*(?P<names>[^\s；;，,。:：]+)")
_BODY_NAME = re.compile(r"[\u4e00-\u9fff]{2,30}(?:局|委员会|委|政府|办公室|办公厅|厅|部|院|管理局|管委会|中心)")
_FROM = re.compile(r"自\s*(?P<date>\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)\s*起?\s*(?:正式)?(?:实施|施行|执行|生效)")
# 自印发之日起30日后施行 begins later; 自公布之日起5日内申报 says nothing of it.
_FROM_PUBLICATION = re.compile(
    r"自(?:发布|印发|公布|发文)之日起?\s*(?:(?P<days>\d{1,3})\s*(?:日|天)后)?\s*(?:起)?(?:正式)?"
    r"(?:实施|施行|执行|生效|试行|[，,]?有效期)"
)
_TERM = re.compile(
    r"(?:有效期|试行期|(?:实施|执行|施行|政策)期)限?(?:为|暂定|暂定为)?\s*(?P<n>\d+|[一二两三四五六七八九十]+)\s*年|试行\s*(?P<tried>\d+|[一二两三四五六七八九十]+)\s*年"
)
_DAY = r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日"
# 有效期自…至…, 自…起施行至…止
_RANGE = re.compile(
    rf"自\s*(?P<date>{_DAY})\s*起?\s*(?:正式)?(?:实施|施行|执行|生效)?\s*[，,]?\s*(?:有效期)?(?:至|到)\s*(?={_DAY})"
)
_UNTIL = re.compile(
    rf"有效期限?(?:为)?(?:至|到|截止至?|截至)\s*|(?:实施|执行|施行)(?:期限?)?(?:至|到)\s*|至\s*(?={_DAY}\s*(?:止|失效|废止))"
)
# 自2026年1月1日起执行本办法标准 is said of one part; 本办法自2025年9月1日起施行 of the whole.
_OF_ALL = re.compile(r"本[\u4e00-\u9fff]{2,10}?(?:从|自|于)?\s*$")
_ADOPTED = re.compile(
    rf"(?P<date>{_DAY})\s*(?P<names>[\u4e00-\u9fff]{{2,30}}?人民代表大会(?:常务委员会)?)第[\u4e00-\u9fff\d]{{1,6}}次会议(?:修订|修正)?(?:通过|批准)"
)
_SENTENCES = re.compile(r"[^。\n]+。?")
_NEW_SUBJECT = re.compile(r"[，,](?=(?:各|鼓励|原))")

# Kinds of statement a closing part makes, by the words such statements are always made in.
_STATEMENTS = {
    "interpreter": re.compile(r"由[^。，,；]{2,40}负责(?:具体)?解释|负责(?!任)[^。，,；]{0,12}解释|解释权归"),
    "implementation_rules": re.compile(r"实施细则|操作规程|申报指南"),
    "no_double_funding": re.compile(
        r"不(?:得|予|再)?(?:重复|同时|叠加)(?:资助|享受|奖励|支持|补贴|补助|申报|申请)"
        r"|(?:就高|从高|从优|择优)[、，]?不(?:就低|重复)|不重复(?:享受|支持|资助|奖励|补助|补贴)|按最优(?:项|惠)?(?:政策)?执行"
    ),
    "district_measures": re.compile(r"(?:各区|各县|各市)[^。]{0,40}(?:配套|补充)(?:措施|政策|支持)"),
    "effective": re.compile(
        r"自(?:[^。]{2,20}起|\s*\d{4}[^。]{2,14}日)\s*(?:正式)?(?:实施|施行|执行|生效)|有效期(?!内|满)"
    ),
    "repeals": re.compile(r"同时废止|予以废止|停止执行"),
}


def doc_no(head: str) -> tuple[str, int, int] | None:
    """The document's own number and its span: the one alone on a line or named as such, else the first."""
    found = list(_DOC_NO.finditer(head))
    own = [m for m in found if _alone(head, m.start(), m.end())]
    own = own or [m for m in found if _NUMBER_NAMED.search(head[max(0, m.start() - 20) : m.start()])]
    if not found:
        return None
    best = (own or found)[0]
    return best.group(), best.start(), best.end()


def _alone(text: str, start: int, end: int) -> bool:
    before = text[text.rfind("\n", 0, start) + 1 : start].strip(" （(　")
    after = text[end : (text + "\n").find("\n", end)].strip(" ）)　")
    return not before and not after


def issuers_of(head: str, title: str) -> list[str]:
    """Issuing bodies: from the signature over the date, else the notice's own title, else the publication's data."""
    dates = list(_DATE_LINE.finditer(head))
    for match in dates:
        lines = head[: match.start()].rstrip().split("\n")
        names: list[str] = []
        for line in reversed(lines[-12:]):
            found = re.split(r"[\s　、]+", line.strip())
            if not all(_BODY_NAME.fullmatch(name) for name in found if name) or not line.strip():
                break
            names = [n for n in found if n] + names
        if names:
            return names
    notice = re.search(r"^(?P<names>[^\n]*?)关于(?:印发|发布|公布)", head, re.MULTILINE)
    if notice:
        named = [n for n in re.split(r"[\s　、]+", notice["names"].strip()) if _BODY_NAME.fullmatch(n)]
        if named:
            return named
    titled = re.match(r"(?P<names>[^\n关]+)关于[^\n]*(?:通知|公告|通告|函)$", title)
    if titled:
        named = [n for n in re.split(r"[\s　、]+", titled["names"].strip()) if n]
        if all(_BODY_NAME.fullmatch(n) for n in named):
            return named
    if adopted := _ADOPTED.search(head):
        return [adopted["names"]]
    issuer = _ISSUER.search(head)
    return [n for n in re.split("、", issuer["names"]) if n] if issuer else []


def _issuers_span(head: str, names: Sequence[str]) -> Span | None:
    """From the first of the issuers to the last: over the date, else in the publication's data, else in the title."""
    dated = _DATE_LINE.search(head)
    data = _ISSUER.search(head)
    starts = [
        head.rfind(names[0], 0, dated.start()) if dated else -1,
        data.start("names") if data and data["names"].startswith(names[0]) else -1,
        head.find(names[0]),
    ]
    for start in starts:
        last = head.find(names[-1], start) if start >= 0 else -1
        if last >= 0:
            return Span(start, last + len(names[-1]))
    return None


def _date_at(text: str, at: int) -> date | None:
    match = _DATE.match(text, at)
    if not match:
        return None
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None


def published_on(head: str) -> date | None:
    """The day the page says it was put up."""
    match = _PUBLISHED.search(head)
    return _date_at(head, match.end()) if match else None


def signed_on(head: str) -> date | None:
    """The day under the signature, else the one the publication's data give."""
    match = _DATE_LINE.search(head)
    if match:
        return _date_at(head, match.start() + len(match.group()) - len(match.group().lstrip()))
    if adopted := _ADOPTED.search(head):
        return _date_at(head, adopted.start("date"))
    written = _WRITTEN.search(head)
    return _date_at(head, written.end()) if written else None


def validity_of(text: str, published: date | None) -> Validity:
    """From when and until when the policy is in force, as far as its text says.

    The last day of a term of years is computed: n years from the first day, less one day; a term beyond the year
    9999 has none.
    """
    plain = half_width(text)
    span: Span | None = None
    start: date | None = None
    dated = list(_FROM.finditer(plain))
    of_all = (m for m in dated if _OF_ALL.search(plain, max(0, m.start() - 16), m.start("date")))
    match = next(of_all, dated[0] if dated else None) or _RANGE.search(plain)
    if match:
        start = _date_at(plain, match.start("date"))
        span = _sentence_around(text, match.start())
    elif found := _FROM_PUBLICATION.search(plain):
        later = timedelta(days=int(found["days"] or 0))
        start, span = published and published + later, _sentence_around(text, found.start())
    term = None
    end: date | None = None
    derived = False
    if found := _TERM.search(plain):
        term = chinese_to_int(found["n"] or found["tried"])
        span = span or _sentence_around(text, found.start())
        after = _years_later(start, term) if start and term else None
        if after:
            end, derived = after - timedelta(days=1), True
    elif found := (_UNTIL.search(plain) or _RANGE.search(plain)):
        end = _date_at(plain, found.end())
        span = span or _sentence_around(text, found.start())
    return Validity(start, end, term, derived, span)


def _years_later(day: date, years: int) -> date | None:
    """The same day ``years`` on; None after the year 9999, of which calendars know nothing."""
    if day.year + years > MAXYEAR:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _sentence_around(text: str, at: int) -> Span:
    start = max(text.rfind("。", 0, at), text.rfind("\n", 0, at)) + 1
    ends = [i for i in (text.find("。", at), text.find("\n", at)) if i >= 0]
    end = min(ends, default=len(text) - 1)
    return Span(start, end + 1 if end < len(text) and text[end] == "。" else end)


def document_facts(text: str, clauses: Sequence[Clause], head: str, title: str) -> dict[str, Fact]:
    """Facts about the document as a whole, each with the words it was read from.

    Keys: ``title``, ``doc_no``, ``published``, ``issued``, ``issuers``, ``approval``, ``basis``, ``purpose``,
    ``fields``, ``support_areas``, and the closing statements (``interpreter``, ``implementation_rules``,
    ``no_double_funding``, ``district_measures``, ``effective``, ``repeals``); those the text lacks are absent.
    """
    facts: dict[str, Fact] = {}

    def put(key: str, value: str, start: int, end: int) -> None:
        owner = next((c.id for c in clauses if c.start <= start < end <= c.end), None)
        if owner and key not in facts:
            facts[key] = Fact(value, Span(start, end), owner)

    for mention in re.finditer(re.escape(title), head):
        put("title", title, *mention.span())
    if number := doc_no(head):
        put("doc_no", number[0], number[1], number[2])
    for key, pattern in (("published", _PUBLISHED), ("issued", _WRITTEN)):
        if key == "issued" and _DATE_LINE.search(head):
            continue
        if match := pattern.search(head):
            found = _DATE.match(head, match.end())
            if found:
                stop = found.end() - (len(found.group()) - len(found.group().rstrip()))
                put(key, head[found.start() : stop], match.start(), stop)
    if match := _DATE_LINE.search(head):
        stripped = match.group().strip()
        start = match.start() + match.group().index(stripped)
        put("issued", stripped, start, start + len(stripped))
    signed = next((c for c in clauses if c.path == "imprint"), None)
    if signed and (match := _DATE_LINE.search(text, signed.start, signed.end)):
        stripped = match.group().strip()
        start = match.start() + match.group().index(stripped)
        put("issued", stripped, start, start + len(stripped))
    if (names := issuers_of(head, title)) and (span := _issuers_span(head, names)):
        put("issuers", "、".join(names), span.start, span.end)
    if signed and (names := issuers_of(signed.text, title)) and (span := _issuers_span(signed.text, names)):
        put("issuers", "、".join(names), signed.start + span.start, signed.start + span.end)
    if adopted := _ADOPTED.search(head):
        put("approval", adopted.group(), *adopted.span())
    for match in re.finditer(r"经(?!济|营|费|验)[^，。》\n]{2,30}(?:同意|审议通过|批准)", head):
        put("approval", match.group(), *match.span())
    for match in re.finditer(
        r"(?:根据|依据|按照)(?P<what>[^。\n]*?《[^。\n]*?)(?:精神|，(?:特)?制定|,|，结合|的?(?:规定|要求))", head
    ):
        put("basis", match["what"], *match.span())
    for match in re.finditer(r"(?:重点)?(?:聚焦|支持|面向)(?P<what>[^。，\n]*?)等?(?:重点)?领域，", text):
        owner = next((c for c in clauses if c.start <= match.start() < c.end), None)
        if owner is not None and owner.path == "scope":
            put("fields", match["what"], *match.span())
    closing = [c for c in clauses if c.number is None and c.path not in ("notice", "scope", "imprint")] or list(
        clauses[-3:]
    )
    for key, pattern in _STATEMENTS.items():
        for clause in [*reversed(closing), *reversed(clauses[-6:])]:
            for start, end in _statements(text, clause.start, clause.end):
                if pattern.search(text[start:end]):
                    put(key, text[start:end], start, end)
                    break
    return facts


def _statements(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of what is stated: sentences, cut again where a comma brings a new subject (，各责任单位应当…)."""
    spans = []
    for sentence in _SENTENCES.finditer(text, start, end):
        cuts = [sentence.start(), *(m.end() for m in _NEW_SUBJECT.finditer(text, *sentence.span())), sentence.end()]
        for a, b in pairwise(cuts):
            body = text[a:b]
            a += len(body) - len(body.lstrip())
            b = a + len(text[a:b].rstrip("，, \n"))
            if a < b:
                spans.append((a, b))
    return spans
