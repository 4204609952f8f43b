"""From a clause to its provisions: what is granted to whom, how much, how bounded, in which way.

Written for the language of Chinese support policies: no clause number, sum or department of any one
policy stands here. Offsets inside this module are into the clause's body; what leaves it is absolute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from corpus.departments import note_spans
from corpus.models import Amount, Provision, Qualifier, Ratio, Span
from corpus.numerals import half_width, yuan

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_CHINESE_NUMBER = r"[一二三四五六七八九十百两]+(?=[万亿千])"
_SCALES = r"十万|百万|千万|[万亿千百]"
# 100-300万元, 100万元（含）至300万元: what stands before the sign may leave scale and unit to what follows.
_UP_TO_FIGURE = (
    rf"(?:(?P<low>{_NUMBER}|{_CHINESE_NUMBER})\s*(?P<lowscale>{_SCALES})?\s*(?:元)?\s*(?:\(含\))?\s*"
    r"(?:--?|—{1,2}|–|―|−|~|〜|∼|至|到)\s*)?"
)
_MONEY = re.compile(
    _UP_TO_FIGURE
    + rf"(?:(?P<figure>{_NUMBER}|{_CHINESE_NUMBER})\s*(?P<scale>{_SCALES})?"
    + r"\s*(?P<unit>元人民币|人民币|元|美元|港元|欧元)"
    + rf"|(?P<figure2>{_NUMBER})\s*(?P<scale2>万|亿)(?=[。；;，,、）)]|$|奖励|资助|补贴|补助))"
)
# An item of a list and its sum: 其中博士5万元、硕士3万元; the sum ends the item.
_ITEM = re.compile(
    r"(?:^|[，,；;、:(]|和|及)\s*(?:其中[，,:]?)?(?P<item>[^，,；;、。:(\n]{1,40}?)(?:每[人家个项]|各|为)?\s*$"
)
_ITEM_END = re.compile(r"\s*(?:[、，,；;。)]|$|和|及|以及|的?(?:一次性)?(?:资助|奖励|补助|补贴|奖补))")
_NO_ITEM = re.compile(
    r"资助|奖励|补助|补贴|奖补|给予|予以|扶持|支持|贴息|发放|奖金|经费|投资|投入|收入|产值|承担|出资|销售|资本|采购|营收|纳税|税收|利润|费用|金额"
    r"|超过|达|不低于|不少于|满|大于|高于|低于|单价|售价|标准|累计|合计|总额|的$"
)
_LIST_LEAD = re.compile(r"(?:其中|标准(?:为)?|分别为)\s*[，,:]?\s*$")
# Lines of a page set in columns are this long at least; a shorter one is a heading, an item or a signature.
_WRAPPED = 25
_OPENS_LINE = re.compile(
    r"\s*(?:$|[\[(【★]|第?[一二三四五六七八九十\d]{1,3}[、.条章)]|[①-⑳]|对|支持|鼓励|[\u4e00-\u9fff]{1,4}\d{0,2}[:：])"
)
_CURRENCY = {"美元": "USD", "港元": "HKD", "欧元": "EUR"}
# Bounds, longest first; up to a few words (资助金额, 金额) may stand between the bound and the figure.
_BOUND = re.compile(
    r"(?P<high>最高)?(?P<between>[^，。；、\d]{0,8}?)(?P<not>不超过|不高于|不多于|限额为?|上限为?|封顶)?[^，。；、\d]{0,2}$"
)
_THRESHOLD_AFTER = re.compile(r"^\s*(?:[(（]含[^)）]*[)）])?\s*(?:及?以上|及?以下|以内|\(含\))")
_THRESHOLD_BEFORE = re.compile(
    r"(?:突破|达到?|超过|不低于|不少于|满|大于|小于|高于|低于|总投资|投资额|销售额|营业收入|产值|纳税额|注册资本|实缴资本)[为在约]?(?:人民币)?$"
)
_GRANT = re.compile(r"资助|奖励|补助|补贴|奖补|配套|给予|予以|扶持|支持|贴息|发放|一次性|奖金|经费")
_SUPPORT = re.compile(
    r"支持|鼓励|予以|给予|推荐|提名|探索|引导|优先|配套|资助|奖励|补贴|推动|组织|开展|发挥|打造|可视情况|实行"
)
_DISTRIBUTIVE = re.compile(r"分别(?:按|给予|予以|奖励|资助|补助|补贴|发放)?")
# 对A，以及B的，… addresses both; a 对 inside a phrase (对产业发展起支撑作用) addresses nobody.
_ADDRESSED = re.compile(
    r"(?:(?<=[，,；;。])|^)\s*(?:对于?(?!应[^届用急])|凡)(?P<what>[^，,；;。]*(?:[，,]\s*(?:以及|及|和)[^，,；;。]*)*)[，,]"
)
# 对A给予…: who is addressed in the very words that grant.
_ADDRESSED_AT_ONCE = re.compile(
    r"(?:^|[，,；;。])\s*对于?(?!应[^届用急])(?P<what>[^，,；;。]{2,80}?)的?"
    r"(?=(?:分别|一次性|再|另|额外|每[年个家人])*(?:给予|予以|奖励|补贴|补助|资助|发放|按))[^，,；;。]*$"
)
_PER = re.compile(
    r"(?:单个|单(?P<one>[人家户台])|每[个家户年人项])(?P<per>[\u4e00-\u9fff或和、]{0,8}?)(?=最高|资助|奖励|补贴|补助|金额|给予|不超过|年度|累计|按|$)"
)
_NO_MEASURE = re.compile(r"^(?:安排|统筹|择优|给|对|从|由|可|获).*|原则上")
# 主导国际标准制定、修订的，分别给予: who does something, without 对.
_GRANTED_SUM = re.compile(r"(?:给予|予以|奖励|补贴|补助|资助)[^，,；;。\d]{0,10}\d[\d,.\-]*\s*[万亿]?元")
_DOER = re.compile(
    r"(?:^|[，,；;。])\s*(?P<what>(?!且|并|或|该|其)[^，,；;。]{2,80})的[，,](?=[^，,；;。]{0,6}(?:给予|予以|奖励|补贴|补助|资助)[^，,；;。]*$)"
)
_WINNER = re.compile(
    r"[，,]\s*(?:对|给)(?:获|入选|中标|通过|当选)[^，,；;。]{0,8}(?:者|人|单位|企业|团队|项目|的)?(?=予以|给予|奖励|补助|资助)"
)
_OBJECT = re.compile(r"(?:重点|大力|积极|进一步)?(?:支持|鼓励|推动|引导)(?P<what>[^。；]+)")
# 单个企业每年最高: a bound and whom it is counted for are no words for what a sum is for.
_OPENING = re.compile(r"\s*(?P<what>[^，,；;。]*[^，,；;。\s的])的?(?=[，,；;。])")
_RATIO = re.compile(
    r"(?P<open>按?(?:照)?(?:[\u4e00-\u9fff]{0,10}?)的?一定比例)"
    r"|(?P<figure>(?:不超过|最高|按)?\s*\d+(?:\.\d+)?\s*[:：]\s*\d+(?:\.\d+)?(?:的?比例)?)"
    r"|(?P<percent>(?:不超过|最高不超过|最高)?\s*(?:[\u4e00-\u9fff]{0,10}的)?(?:\d+(?:\.\d+)?%?\s*(?:-|—|–|~|至|到)\s*)?(?P<value>\d+(?:\.\d+)?)\s*%)"
    r"|(?P<elsewhere>按(?:照)?(?:现行|现有|有关|相关)政策)"
)
_MODES = (
    (re.compile(r"[“\"](?P<mode>[^”\"“]{2,12}?式)资助[”\"]"), "{mode}资助"),
    (re.compile(r"事前立项[、，]?事后(?:资助|补助|奖励)"), "{0}"),
    (re.compile(r"(?<![、，])事后(?:资助|补助|奖励)"), "{0}"),
    (re.compile(r"采用事后方式予以奖励"), "事后奖励"),
    (re.compile(r"采用事后方式予以(?:资助|补助)"), "事后资助"),
    (re.compile(r"一企一策|一事一议|后补助|贷款贴息|股权投资|滚动支持|保险补偿|揭榜挂帅|里程碑|赛马"), "{0}"),
    (re.compile(r"市区联动方式"), "市区联动"),
    (re.compile(r"给予配套|予以配套"), "配套资助"),
)
_HOW_ONLY = re.compile(r"采用[^，。；]{0,12}方式")
_VERB = re.compile(
    r"^(?:首次|新)?(?:主导或者?参与|牵头或者?参与|主导|参与|牵头|获得|获评|荣获|获|通过|入选|评为|被?认定为|列入|取得|建设|设立|引进|新建|完成)+(?:的)?"
)
_LEVEL = re.compile(r"国家级?|省级?|市级|区级|[\u4e00-\u9fff]{2,3}[省市区县]")
_LEVELS = r"(?:国家|部|省|市|区|县)级"
_BARE_SUM = re.compile(rf"\s*{_NUMBER}\s*(?:{_SCALES})?\s*元?\s*(?:\(含\)|（含）)?\s*(?:以上)?的?")
_ENDS_IN_SUM = re.compile(r"(?P<lead>.*?[^\d.,\s])\s*" + _BARE_SUM.pattern)
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")


@dataclass(frozen=True, slots=True)
class _Money:
    start: int
    end: int
    value: int
    value_min: int | None
    qualifier: Qualifier
    currency: str
    # Where the words stand that the sum is set against in a list (硕士3万元), if it stands in one.
    item: tuple[int, int] | None = None


def provisions_of(clause_id: str, text: str, offset: int, title: str) -> tuple[Provision, ...]:
    """The provisions of one clause, in the order of the text.

    ``text`` is the clause's body without label, title and responsibility note, ``offset`` its place in the
    cleaned text. Every sum granted gives one provision; a sentence that supports something without naming a
    sum gives one as well. A clause is never without a provision unless its body is empty.
    """
    plain = half_width(text)
    found: list[Provision] = []
    lead_modes: tuple[str, ...] = ()
    for start, end in _sentences(plain):
        sentence = plain[start:end]
        modes = _modes(sentence)
        moneys = [m for m in _listed(sentence, _moneys(sentence)) if m.item or not _is_threshold(sentence, m)]
        if moneys:
            for group in _groups(sentence, moneys):
                found.extend(_with_amounts(text, start, end, sentence, group, title, modes or lead_modes))
        elif _SUPPORT.search(sentence):
            found.append(_without_amount(text, start, end, sentence, title, modes))
            # A sentence that only says how (采用事后方式予以奖励) speaks for the sums that follow it.
            lead_modes = modes if _HOW_ONLY.search(sentence) else lead_modes
    if not found and text.strip():
        found.append(_without_amount(text, 0, len(text.rstrip()), plain, title, ()))
    return tuple(_placed(p, clause_id, n, offset) for n, p in enumerate(found, 1))


def names_a_sum(text: str) -> bool:
    """Whether money is spoken of at all, granted or not."""
    return _MONEY.search(half_width(text)) is not None


def _placed(p: Provision, clause_id: str, n: int, offset: int) -> Provision:
    def moved(span: Span) -> Span:
        return Span(span.start + offset, span.end + offset)

    amount = p.amount and Amount(
        p.amount.value, p.amount.text, p.amount.qualifier, moved(p.amount.span), p.amount.currency, p.amount.value_min
    )
    ratio = p.ratio and Ratio(p.ratio.text, moved(p.ratio.span), p.ratio.is_open, p.ratio.percent)
    return Provision(
        f"{clause_id}.{n}",
        clause_id,
        moved(p.span),
        p.text,
        p.what.replace("\n", ""),
        moved(p.what_span),
        amount,
        p.per,
        ratio,
        p.modes,
        p.actor,
        p.matching,
    )


def _sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences; a part after ； stands alone unless it leans on what came before it."""
    whole: list[tuple[int, int]] = []
    start, depth = 0, 0
    for i, char in enumerate(text):
        if char in "“《(":
            depth += 1
        elif char in "”》)":
            depth = max(0, depth - 1)
        elif char == "\n" and _is_wrapped(text, i):
            continue
        elif char in "。!?\n" and (depth == 0 or char == "\n"):
            whole.append((start, i + 1))
            start, depth = i + 1, 0
    whole.append((start, len(text)))
    spans: list[tuple[int, int]] = []
    for begin, end in whole:
        parts: list[tuple[int, int]] = []
        at = begin
        for match in re.finditer(r"[;；]", text[begin:end]):
            parts.append((at, begin + match.end()))
            at = begin + match.end()
        parts.append((at, end))
        merged: list[tuple[int, int]] = []
        for part in parts:
            body = text[part[0] : part[1]].strip()
            if merged and (re.match(r"单个|每|其中|最高|合计|累计|同一", body) or "上述" in body):
                merged = [(merged[0][0], part[1])]
            else:
                merged.append(part)
        spans.extend(merged)
    trimmed = []
    for begin, end in spans:
        # A note of who is responsible for the sentence before it opens none.
        note = next((b for a, b in note_spans(text[begin:end]) if not text[begin : begin + a].strip()), 0)
        begin += note
        body = text[begin:end]
        left = len(body) - len(body.lstrip())
        if body.strip():
            trimmed.append((begin + left, begin + len(body.rstrip())))
    return trimmed


def _is_wrapped(text: str, at: int) -> bool:
    """Whether a line feed only breaks a long line of running text, as the text of a PDF file does."""
    line = text[text.rfind("\n", 0, at) + 1 : at].rstrip()
    return len(line) >= _WRAPPED and line[-1] not in "。；;：:!?！？”》" and not _OPENS_LINE.match(text, at + 1)


def _moneys(sentence: str) -> list[_Money]:
    found: list[_Money] = []
    for m in _MONEY.finditer(sentence):
        figure, scale = (m["figure"], m["scale"]) if m["figure"] else (m["figure2"], m["scale2"])
        value = yuan(figure, scale or "")
        if value is None:
            continue
        low = yuan(m["low"], m["lowscale"] or scale or "") if m["low"] else None
        start = m.start()
        if m["low"] and (low is None or low >= value):
            # 2021-50万元 is a number before a sum, no range.
            low, start = None, m.start("figure") if m["figure"] else m.start("figure2")
        unit = m["unit"] or "元"
        found.append(_Money(start, m.end(), value, low, _qualifier(sentence, start), _CURRENCY.get(unit, "CNY")))
    # 不超过100万元、50万元、30万元: the bound stands once and governs the list.
    carried: list[_Money] = []
    for money in found:
        before = carried[-1] if carried else None
        if (
            before
            and money.qualifier is Qualifier.EXACT
            and re.fullmatch(r"\s*(?:、|和|及|以及|与|,|，|或)\s*", sentence[before.end : money.start])
        ):
            money = replace(money, qualifier=before.qualifier)
        carried.append(money)
    return carried


def _qualifier(sentence: str, at: int) -> Qualifier:
    window = re.sub(r"\s", "", re.split(r"[，,。；;、]|\d", sentence[max(0, at - 20) : at])[-1])
    high = "最高" in window
    bounded = re.search(r"不超过|不高于|不多于|上限|限额|封顶", window)
    if high and bounded:
        return Qualifier.HIGHEST_NOT_EXCEEDING
    if bounded:
        return Qualifier.NOT_EXCEEDING
    return Qualifier.HIGHEST if high else Qualifier.EXACT


def _is_threshold(sentence: str, money: _Money) -> bool:
    """Whether a sum is a condition (年产值1亿元以上) rather than what is granted."""
    if _THRESHOLD_AFTER.match(sentence[money.end :]):
        return True
    if money.qualifier is not Qualifier.EXACT:
        return False
    segment = re.split(r"[，,。；;]", sentence[: money.start])[-1]
    if _THRESHOLD_BEFORE.search(re.sub(r"\s", "", segment)):
        return True
    tail = re.split(r"[，,。；;]", sentence[money.end :])[0]
    return not _GRANT.search(segment) and not _GRANT.search(tail)


def _listed(sentence: str, moneys: list[_Money]) -> list[_Money]:
    """The sums, those of a list of items and sums (其中博士5万元、硕士3万元) with the place of their item's words.

    Such a list hands out what the words before it grant; without them (总投资500万元、设备300万元) it is none.
    """
    items = [_item_before(sentence, m, moneys[n - 1] if n else None) for n, m in enumerate(moneys)]
    granted = _GRANT.search(sentence)
    made: list[_Money] = []
    for n, (money, item) in enumerate(zip(moneys, items, strict=True)):
        before = moneys[n - 1] if n else None
        # 给予一等奖8万元、二等奖5万元的奖励: the first item stands in the granting words, the others behind it.
        leads = item is not None and _LIST_LEAD.search(sentence[: item[0]]) is not None
        follows = item is not None and before is not None and _joins(sentence, before, item)
        followed = (
            n + 1 < len(moneys) and (next_item := items[n + 1]) is not None and _joins(sentence, money, next_item)
        )
        if item and granted and granted.start() < item[0] and (leads or follows or followed):
            money = replace(money, item=item)
        made.append(money)
    return made


def _item_before(sentence: str, money: _Money, before: _Money | None) -> tuple[int, int] | None:
    """The words between the last separator and a sum that only stands against them."""
    if money.qualifier is not Qualifier.EXACT or not _ITEM_END.match(sentence, money.end):
        return None
    start = before.end if before else 0
    match = _ITEM.search(sentence[start : money.start])
    if not match or _NO_ITEM.search(match["item"]):
        return None
    return start + match.start("item"), start + match.end("item")


def _joins(sentence: str, money: _Money, item: tuple[int, int]) -> bool:
    """Whether only a separator stands between a sum and the item of the next."""
    return re.fullmatch(r"\s*(?:[、，,；;]|和|及|以及)\s*", sentence[money.end : item[0]]) is not None


def _groups(sentence: str, moneys: list[_Money]) -> list[list[_Money]]:
    """Sums that one 分别 distributes stand together; all others stand alone."""
    groups: list[list[_Money]] = []
    for money in moneys:
        if groups:
            between = sentence[groups[-1][-1].end : money.start]
            if re.fullmatch(r"\s*(?:、|和|及|以及|与|,|，)\s*", between):
                groups[-1].append(money)
                continue
        groups.append([money])
    return groups


def _with_amounts(
    text: str, start: int, end: int, sentence: str, group: list[_Money], title: str, modes: tuple[str, ...]
) -> list[Provision]:
    ratio = _ratio(text, start, sentence)
    counted = [(m.start(), per) for m in _PER.finditer(sentence) if (per := _per(m["per"] or m["one"] or ""))]
    before = [per for at, per in counted if at < group[0].start]
    common = {
        "id": "",
        "clause_id": "",
        "span": Span(start, end),
        "text": text[start:end],
        "per": before[-1] if before else (counted[0][1] if counted else None),
        "ratio": ratio,
        "modes": modes,
    }
    if group[0].item:
        a, b = group[0].item
        what, what_span = text[start + a : start + b], Span(start + a, start + b)
    else:
        what, what_span = _recipient(text, start, sentence, group[0].start, title)
    items: list[tuple[str, Span]] | None = None
    if len(group) > 1:
        items = _items(text, what_span, len(group))
    made: list[Provision] = []
    for i, money in enumerate(group):
        amount = Amount(
            money.value,
            text[start + money.start : start + money.end],
            money.qualifier,
            Span(start + money.start, start + money.end),
            money.currency,
            money.value_min,
        )
        item, item_span = items[i] if items else (what, what_span)
        made.append(Provision(what=item, what_span=item_span, amount=amount, **common))  # type: ignore[arg-type]
    return made


def _per(words: str) -> str | None:
    """What one sum is counted for: 企业 of 单个企业原则上, nothing of 每年安排."""
    return _NO_MEASURE.sub("", words) or None


def _without_amount(text: str, start: int, end: int, sentence: str, title: str, modes: tuple[str, ...]) -> Provision:
    what, span = _recipient(text, start, sentence, len(sentence), title)
    ratio = _ratio(text, start, sentence)
    matching = bool(re.search(r"(?:给予|予以)配套", sentence))
    return Provision("", "", Span(start, end), text[start:end], what, span, None, None, ratio, modes, None, matching)


def _recipient(text: str, start: int, sentence: str, before: int, title: str) -> tuple[str, Span]:
    """What or whom a sum is for: the nearest 对…的 before it, else what is supported, else the clause's title."""
    head = sentence[:before]
    segment_start = max(head.rfind("；"), head.rfind(";")) + 1
    nearest = None
    for match in _ADDRESSED.finditer(head, segment_start):
        # 对甲给予5万元，乙的，给予6万元: whom another sum is granted to is not whom this one is.
        if not _GRANTED_SUM.search(match["what"]):
            nearest = match
    at_once = _ADDRESSED_AT_ONCE.search(head)
    # 对相关项目给予: what was spoken of before says what they are.
    if (
        at_once
        and not re.match("相关|有关|此类|该|上述", at_once["what"])
        and not _WINNER.search(head, max(at_once.start(), segment_start))
    ):
        a, b = at_once.span("what")
        return text[start + a : start + b], Span(start + a, start + b)
    if nearest and "上述" not in nearest["what"]:
        a, b = nearest.span("what")
        winner = _WINNER.search(head, b)
        if winner:
            # 对…技术，可提名…奖，对获奖者予以: what is won belongs to what the sum is for.
            b = winner.start()
        if sentence[b - 1] == "的":
            b -= 1
        return text[start + a : start + b], Span(start + a, start + b)
    parts = [m.end() for m in re.finditer(r"[;；]", head)]
    if parts and re.match(r"\s*单个|\s*每", head[parts[-1] :]):
        # 建设A；支持举办B；单个A或B…: the sum is for all that was listed before it.
        a = head.rfind("，", 0, parts[0]) + 1
        return text[start + a : start + parts[-1] - 1], Span(start + a, start + parts[-1] - 1)
    unquoted = _QUOTED.sub(lambda m: "□" * len(m.group()), head)
    supported = _OBJECT.search(unquoted if "上述" not in head else unquoted[: head.index("上述")])
    if supported:
        a, b = supported.span("what")
        b = _object_end(head, a, b)
        # 建立…长效支持机制: three characters are the rest of a word, not what is supported.
        if b - a > 3:
            return text[start + a : start + b], Span(start + a, start + b)
    doer = _DOER.search(head)
    if doer:
        a, b = doer.span("what")
        return text[start + a : start + b], Span(start + a, start + b)
    if title:
        return title, Span(start, start + before)
    # A clause without a title: what the sentence opens with says what it is about.
    opening = _OPENING.match(head)
    a, b = opening.span("what") if opening else (0, before)
    return text[start + a : start + b], Span(start + a, start + b)


def _object_end(head: str, start: int, end: int) -> int:
    """Where the words for what is supported stop: before the way, the share or the sum is spoken of."""
    stop = re.compile(
        r"[，,；;](?=(?:按|(?:灵活)?采用(?=“[^”]*资助|事[前后])|给予|予以|经认定|单个|对相关|对上述|最高|并在|并优先|加速|加快|促进|实现|提升))"
    )
    found = stop.search(head, start, end)
    if found:
        return found.start()
    return start + len(head[start:end].rstrip("，,；; 。"))


def _items(text: str, span: Span, n: int) -> list[tuple[str, Span]] | None:
    """Split ``A、B和C`` into the n items that n sums are distributed over, each made whole again.

    The first item carries the verb and the last what follows the list (``主导或参与国际标准、…和团体标准制定
    或者修订单位``); both belong to every item. None when the words do not fall into n items.
    """
    phrase = text[span.start : span.end]
    if levels := _by_level(phrase, n):
        return [(whole, Span(span.start + a, span.start + b)) for whole, a, b in levels]
    for pattern in (r"、|和|及(?!其)|以及|与|或者?", r"、|和|以及|与", r"、|和", r"、"):
        cuts = _cuts(phrase, pattern)
        if len(cuts) == n:
            break
    else:
        return None
    parts = [phrase[a:b] for a, b in cuts]
    figured = _ENDS_IN_SUM.fullmatch(parts[0])
    if figured and all(_BARE_SUM.fullmatch(part) for part in parts[1:]):
        # 收入首次达到1000万元、1亿元: what is reached is said once.
        return [
            ((figured["lead"] if i else "") + part, Span(span.start + a, span.start + b))
            for i, (part, (a, b)) in enumerate(zip(parts, cuts, strict=True))
        ]
    verb = _VERB.match(parts[0])
    prefix = verb.group() if verb else ""
    core_first = parts[0][len(prefix) :]
    suffix_at = _shared_end(parts[-1], [core_first, *parts[1:-1]])
    suffix = parts[-1][suffix_at:]
    modifier = ""
    quote = _QUOTED.search(core_first)
    if quote and quote.start() > 0:
        modifier = core_first[: quote.start()]
    # 首次应用的整机和核心部件: what stands before 的 is said of all.
    shared = re.match(r"[^“”\"]+的(?=[^的]{2,}$)", core_first)
    if shared and not any("的" in part for part in parts[1:]):
        prefix, core_first = prefix + shared.group(), core_first[shared.end() :]
    items: list[tuple[str, Span]] = []
    for i, (a, b) in enumerate(cuts):
        core = core_first if i == 0 else parts[i]
        if i == n - 1:
            core = core[: len(core) - len(suffix)] if suffix else core
        if i and modifier and _QUOTED.match(core):
            core = modifier + core
        own_verb = _VERB.match(core) if i else None
        whole = ("" if own_verb else prefix) + core + suffix
        items.append((whole, Span(span.start + a, span.start + b)))
    return items


def _by_level(phrase: str, n: int) -> list[tuple[str, int, int]] | None:
    """The items of ``对国家级、省级甲和乙``: n levels and what they are levels of, with the place of each level."""
    run = re.search(
        rf"{_LEVELS}(?:\s*(?:、|和|或|及|以及|与)\s*{_LEVELS}){{{n - 1}}}(?!\s*(?:、|和|或|及|以及|与)\s*{_LEVELS})",
        phrase,
    )
    if not run or re.search(_LEVELS + "$", phrase[: run.start()].rstrip("、")) or run.end() == len(phrase):
        return None
    found = list(re.finditer(_LEVELS, phrase[: run.end()]))[-n:]
    rest = re.split("[，,；;。]", phrase[run.end() :])[0]
    return [(phrase[: run.start()] + m.group() + rest, m.start(), m.end()) for m in found]


def _cuts(phrase: str, separators: str) -> list[tuple[int, int]]:
    """Spans between separators outside quotation marks."""
    hidden = _QUOTED.sub(lambda m: "□" * len(m.group()), phrase)
    cuts, at = [], 0
    for match in re.finditer(separators, hidden):
        # 主导或参与, 制定或者修订: a verb's own 或 is no list.
        if match.group().startswith("或") and (
            hidden[max(0, match.start() - 2) : match.start()] in ("主导", "牵头", "制定", "修订", "新设")
        ):
            continue
        cuts.append((at, match.start()))
        at = match.end()
    cuts.append((at, len(phrase)))
    return [c for c in cuts if phrase[c[0] : c[1]].strip()]


def _shared_end(last: str, others: list[str]) -> int:
    """Where in the last item the tail begins that the whole list shares.

    The items' common ending (标准) or a closing quotation mark shows where the item itself stops.
    """
    quoted = list(_QUOTED.finditer(last))
    if quoted and all("”" in o or '"' in o for o in others):
        return quoted[-1].end()
    ending = others[0]
    for other in others[1:]:
        while ending and not other.endswith(ending):
            ending = ending[1:]
    ending = ending.strip('”“"')
    for size in range(min(len(ending), 6), 1, -1):
        at = last.rfind(ending[-size:])
        if at >= 0:
            return at + size
    tail = re.search(r"(?:认定|称号|资质|证书|奖项?|荣誉)(?:的)?$", last)
    return tail.start() if tail else len(last)


def _ratio(text: str, start: int, sentence: str) -> Ratio | None:
    match = _RATIO.search(sentence)
    if not match:
        return None
    percent = float(match["value"]) if match["value"] else None
    is_open = bool(match["open"] or match["elsewhere"])
    words = match.group()
    a = start + match.start() + len(words) - len(words.lstrip())
    b = a + len(words.strip())
    return Ratio(text[a:b], Span(a, b), is_open, percent)


def _modes(sentence: str) -> tuple[str, ...]:
    found: list[tuple[int, str]] = []
    taken: list[tuple[int, int]] = []
    for pattern, shape in _MODES:
        for match in pattern.finditer(sentence):
            if any(s < match.end() and match.start() < e for s, e in taken):
                continue
            taken.append(match.span())
            found.append((match.start(), shape.format(match.group(), **match.groupdict())))
    return tuple(dict.fromkeys(mode for _, mode in sorted(found)))
