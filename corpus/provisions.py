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
_ITEM_MARK = r"(?:\([一二三四五六七八九十]+\)|\d{1,2}[.、]|[①-⑳])"
_ITEM_HEADING = re.compile(_ITEM_MARK + r"\s*(?P<name>[^，,。；;:]{2,20})[。:]")
# 1.5倍 is no item.
ITEM_LABEL = re.compile(rf"\s*(?:(?!\d+[.、]\d){_ITEM_MARK}|\(\d{{1,3}}\))\s*")
# 下列标准发放: what stands in the list behind it is granted, whether or not its items say so.
_LIST_OF_SUMS = re.compile(r"(?:标准|资助|奖励|补助|补贴|奖补|给予|予以|发放|津贴|待遇)[^。；;]*:$")
_NO_LIST_OF_SUMS = re.compile(r"条件|材料|情形|程序|要求|对象|范围")
# Lines of a page set in columns are this long at least; a shorter one is a heading, an item or a signature.
_WRAPPED = 25
_OPENS_LINE = re.compile(
    r"\s*(?:$|[\[(【★]|第?[一二三四五六七八九十\d]{1,3}[、.条章)]|[①-⑳]|对|支持|鼓励|[\u4e00-\u9fff]{1,4}\d{0,2}[:：])"
)
_CURRENCY = {"美元": "USD", "港元": "HKD", "欧元": "EUR"}
# Bounds, longest first; up to a few words (资助金额, 金额) may stand between the bound and the figure.
_BOUND = re.compile(
    r"(?P<high>最高)?(?P<between>[^，。；、\d]{0,8}?)(?P<not>不超过?|不高于|不多于|限额为?|上限为?|封顶)?[^，。；、\d]{0,2}$"
)
_THRESHOLD_AFTER = re.compile(r"^\s*(?:[(（]含[^)）]*[)）])?\s*(?:及?以上|及?以下|以内|\(含\))")
_THRESHOLD_BEFORE = re.compile(
    r"(?:突破|达到?|(?<!不)超过?|不足|未达|不低于|不少于|满|大于|小于|高于|低于|总投资|投资额|销售额|营业收入|产值|纳税额|注册资本|实缴资本)[为在约]?(?:人民币)?$"
)
_GRANT = re.compile(r"资助|奖励|补助|补贴|奖补|配套|给予|予以|扶持|支持|贴息|发放|一次性|奖金|经费")
_SUPPORT = re.compile(
    r"支持|鼓励|予以|给予|推荐|提名|探索|引导|优先|配套|资助|奖励|补贴|推动|组织|开展|发挥|打造|可视情况|实行"
)
# Sentences that forbid, take back, define or say how it is done speak of grants without making any.
_RULES = re.compile(
    r"不得|不属于|不予(?:支持|资助|奖励|补贴|受理)|退回|退还|追回|追缴|追究|弄虚作假|骗取|挪用|所称|是指|公示|评审会|验收报告|申报(?:材料|通知|程序)"
    r"|负责[^。]{0,10}解释|同时废止|有效期(?!内)|起(?:实施|施行|执行)|以本[^，,。]{2,4}为准|不重复(?:享受|支持|奖励)"
)
# Clauses that define, oblige or say how to apply are no measure, whatever they are called.
_ORDERS = re.compile(_RULES.pattern + "|应当|必须|须(?!求)|适用(?:于|本)|制定本|参照本|下列条件|以下条件")
_ORDER_TITLE = re.compile(
    r"(?:对象|条件|范围|程序|流程|材料|申报单位|监督|附则|原则|目的|定义|职责|职能|日期|期限|依据)$|管理|[?？]|附\s*则"
)
_DISTRIBUTIVE = re.compile(r"分别(?:按|给予|予以|奖励|资助|补助|补贴|发放)?")
# 对A，以及B的，… addresses both; a 对 inside a phrase (对产业发展起支撑作用) addresses nobody.
_ADDRESSED = re.compile(
    r"(?:(?<=[，,；;。:])|^)\s*(?:对于?(?!应[^届用急])|凡)(?P<what>[^，,；;。]*(?:[，,]\s*(?:以及|及|和)[^，,；;。]*)*)[，,]"
)
# 对A给予…: who is addressed in the very words that grant.
_ADDRESSED_AT_ONCE = re.compile(
    r"(?:^|[，,；;。:])\s*对于?(?!应[^届用急])(?P<what>[^，,；;。]{2,80}?)的?"
    r"(?=(?:分别|一次性|再|另|额外|每[年个家人])*(?:给予|予以|奖励|补贴|补助|资助|发放|按))[^，,；;。]*$"
)
_PER = re.compile(
    r"(?:单个|同一|单(?P<one>[人家户台])|每[个家户年人项])(?P<per>[\u4e00-\u9fff或和、]{0,8}?)(?=最高|资助|奖励|补贴|补助|金额|给予|不超过|年度|累计|按|$)"
)
# 每人每月3000元, 每家30万元, 30元/平方米: the measure stands against the sum itself.
_PER_AT_SUM = re.compile(
    r"每(?P<unit>人次|平方米|公里|小时|[人家户台件项个餐天亩吨间床次店])(?P<time>每[年月天日])?"
    r"(?:最高|不超过|各|给予|奖励|补贴|补助|资助)*\s*$"
)
_PER_AFTER_SUM = re.compile(
    r"\s*/\s*(?P<per>(?:[人户家个件台套亩吨度月年天日次项间米]|平方米|千瓦时|公里)(?:/[人户月年天日次])*)"
)
_NO_MEASURE = re.compile(r"^(?:安排|统筹|择优|给|对|从|由|可|获).*|原则上")
# 主导国际标准制定、修订的，分别给予: who does something, without 对.
_GRANTED_SUM = re.compile(r"(?:给予|予以|奖励|补贴|补助|资助)[^，,；;。\d]{0,10}\d[\d,.\-]*\s*[万亿]?元")
_GRANTS = r"(?:给予|予以|奖励|奖补|补贴|补助|资助|发放|领取)"
_ONCE = (
    r"(?:分别|一次性|再|另|额外|增加|可|均|各|最高|按[^，,；;。]{1,40}?"
    r"|每(?:人次|平方米|公里|小时|学年|[人家户台件项个餐天月年亩吨间床次店]))*"
)
# Words that a noun for who or what gets something ends with.
_RECIPIENT_END = re.compile(
    r"(?:企业|公司|单位|机构|组织|团队|平台|项目|载体|园区|基地|中心|实验室|研究院|院所|高校|学校|协会|联盟|联合体|主体|集群|个人|人才|青年"
    r"|人员|毕业生|学生|家庭|工商户|农户|商户|门店|楼宇|产品|软件|系统|孵化器|众创空间|示范区|方|者|工人|申请人)(?:\([^()]*\))?$"
)
# A part of a sentence that opens so says what is done, when or by which rule, and no longer to whom.
_TURNS = re.compile(
    rf"\s*(?:{_ONCE}{_GRANTS}|分别|按|根据|自|从|由|每|单个|同一|政策|其中|可|最高|择优|优先|采取|采用|实行|享受|连续|鼓励|支持|推动|引导|加快|加强"
    r"|大力|积极|建立|促进|提升|为(?!主)|通过对|给|对)"
)
_PASSES = re.compile(r"\s*(?:经|在[^，,]{1,8}期间|自[^，,]{1,20}起|按|根据|连续|政策有效期)")
_VERB_INSIDE = re.compile(rf"(?<=.{{4}})的?(?:{_ONCE}(?:给予|予以)|(?:分别|一次性|按[^，,；;。]{{1,40}}?)+{_GRANTS})")
_ADDRESSED_INSIDE = re.compile("(?<![应针面相核校])对于?(?![接标外口应照比])")
_EXAMINED = ("认定", "批准", "审核", "评审", "备案", "评定", "评选")
_AT_ONCE = re.compile(rf"\s*(?P<what>[^，,；;。]{{4,}}?)的?(?={_ONCE}{_GRANTS})")
# 每年安排100万元经费支持甲: what the money is set aside for stands behind it.
_SET_ASIDE = re.compile(r"(?:安排|设立|统筹|筹集|列支)[^，,；;。]*$")
_FUND = re.compile(
    r"[^，,；;。\d]{0,10}(?:资金|经费|基金)[，,]?(?:专项|重点)?(?:支持|用于|扶持)(?P<what>[^，,；;。]{2,120})"
)
_WINNER = re.compile(
    r"[，,]\s*(?:对|给)(?:获|入选|中标|通过|当选)[^，,；;。]{0,8}(?:者|人|单位|企业|团队|项目|的)?(?=予以|给予|奖励|补助|资助)"
)
_OBJECT = re.compile(
    r"(?<!给予)(?<!予以)(?:支持|鼓励|推动|引导)(?:(?:、|和|并)(?:支持|鼓励|推动|引导))*(?P<what>[^。；]+)"
)
# 引导作用, 国家鼓励的企业, 鼓励创新的原则: nothing is supported there.
_NO_OBJECT = re.compile(
    r"(?:作用|机制|政策|范围|力度|方式|资金|一次|的|、|[，,])|[^，,。]{0,10}的(?:原则|方针|要求|作用)(?:[，,。]|$)"
)
# 单个企业每年最高: a bound and whom it is counted for are no words for what a sum is for.
_OPENING = re.compile(r"\s*(?P<what>[^，,；;。]*[^，,；;。\s的])的?(?=[，,；;。])")
_RATIO = re.compile(
    r"(?P<open>按?(?:照)?(?:[\u4e00-\u9fff]{0,10}?)的?一定比例)"
    r"|(?P<figure>(?:不超过|最高|按)?\s*\d+(?:\.\d+)?\s*[:：]\s*\d+(?:\.\d+)?(?:的?比例)?)"
    r"|(?P<percent>(?:按照?(?:不超过|不高于)?[^，,。；;按\d%]{0,30}?|(?:不超过|最高不超过|最高)?\s*(?:(?:(?!按)[\u4e00-\u9fff]){0,10}的)?)(?:\d+(?:\.\d+)?%?\s*(?:-|—|–|~|至|到)\s*)?(?P<value>\d+(?:\.\d+)?)\s*%)"
    r"|(?P<elsewhere>按(?:照)?(?:现行|现有|有关|相关)政策)"
)
_SHARE_REACHED = re.compile(
    r"(?:达到?|(?<!不)超过?|不低于|不少于|高于|低于|增长|增速|占比|比重|持股比例)[^，,。；;\d给按]{0,6}$"
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
    r"^(?:首次|新)?(?:主导或者?参与|牵头或者?参与|主导|参与|牵头|获得|获评|荣获|获|通过|入选|进入|评为|被?认定为|列入|取得|建设|设立|引进|新建|完成)+(?:的)?"
)
_LEVEL = re.compile(r"国家级?|省级?|市级|区级|[\u4e00-\u9fff]{2,3}[省市区县]")
_LEVELS = (
    r"(?:(?:国家|部|省|市|区|县)级"
    r"|(?:国家|省|市|区|县)(?![\u4e00-\u9fff]?级)(?=[、或和]|的|数字|重点|认定|评定|示范|试点))"
)
_BARE_SUM = re.compile(rf"\s*{_NUMBER}\s*(?:{_SCALES})?\s*元?\s*(?:\(含\)|（含）)?\s*(?:以上)?的?")
_ENDS_IN_SUM = re.compile(r"(?P<lead>.*?[^\d.,\s])\s*" + _BARE_SUM.pattern)
_DEGREE = re.compile("[轻中重极]度")
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
    sum gives one as well. What only defines, rules, dates or says how to apply gives none.
    """
    plain = half_width(text)
    found: list[Provision] = []
    lead_modes: tuple[str, ...] = ()
    lead: tuple[str, Span] | None = None
    item, end_before = title, 0
    in_list = False
    for start, end in _sentences(plain):
        sentence = plain[start:end]
        if "\n" in plain[end_before:start]:
            lead, item = None, title
            in_list = in_list and ITEM_LABEL.match(sentence) is not None
        end_before = end
        heading = _ITEM_HEADING.fullmatch(sentence)
        if heading and not plain.startswith("\n", end) and plain[end:].strip():
            # （一）租金补贴。对…: what the item is called is what its sums are for, no support of its own.
            item = heading["name"]
            continue
        modes = _modes(sentence)
        moneys = [m for m in _listed(sentence, _moneys(sentence)) if m.item or not _is_threshold(sentence, m, in_list)]
        before, lead = lead, None
        if _LIST_OF_SUMS.search(sentence) and not _NO_LIST_OF_SUMS.search(sentence):
            in_list = True
        if moneys:
            for group in _groups(sentence, moneys):
                found.extend(_with_amounts(text, start, end, sentence, group, item, modes or lead_modes, before))
        elif _SUPPORT.search(sentence) and not _RULES.search(sentence):
            found.append(_without_amount(text, start, end, sentence, item, modes))
            supported = _supported(sentence)
            if supported is not None:
                a, b = supported
                lead = text[start + a : start + b], Span(start + a, start + b)
            # A sentence that only says how (采用事后方式予以奖励) speaks for the sums that follow it.
            lead_modes = modes if _HOW_ONLY.search(sentence) else lead_modes
    if (
        not found
        and text.strip()
        and title
        and not (_ORDERS.search(plain.split("。")[0]) or _ORDER_TITLE.search(title))
    ):
        # 打造平台。搭建…: a measure that needs none of the usual words.
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
    bounded = re.search(r"不超|不高于|不多于|上限|限额|封顶", window)
    if high and bounded:
        return Qualifier.HIGHEST_NOT_EXCEEDING
    if bounded:
        return Qualifier.NOT_EXCEEDING
    return Qualifier.HIGHEST if high else Qualifier.EXACT


def _is_threshold(sentence: str, money: _Money, in_list: bool = False) -> bool:
    """Whether a sum is a condition (年产值1亿元以上) rather than what is granted; in a list of sums that are, it need
    not say that it is."""
    if _THRESHOLD_AFTER.match(sentence[money.end :]):
        return True
    if money.qualifier is not Qualifier.EXACT:
        return False
    segment = re.split(r"[，,。；;]", sentence[: money.start])[-1]
    if _THRESHOLD_BEFORE.search(re.sub(r"\s", "", segment)):
        return True
    tail = re.split(r"[，,。；;]", sentence[money.end :])[0]
    return not in_list and not _GRANT.search(segment) and not _GRANT.search(tail)


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
    text: str,
    start: int,
    end: int,
    sentence: str,
    group: list[_Money],
    title: str,
    modes: tuple[str, ...],
    lead: tuple[str, Span] | None,
) -> list[Provision]:
    ratio = _ratio(text, start, sentence)
    counted = [(m.start(), per) for m in _PER.finditer(sentence) if (per := _per(m["per"] or m["one"] or ""))]
    before = [per for at, per in counted if at < group[0].start]
    shared = [per for at, per in counted if not sentence.startswith("同一", at)]
    per = before[-1] if before else (shared[0] if shared else None)
    common: dict[str, object] = {
        "id": "",
        "clause_id": "",
        "span": Span(start, end),
        "text": text[start:end],
        "per": per,
        "ratio": ratio,
        "modes": modes,
    }
    if group[0].item:
        a, b = group[0].item
        what, what_span = text[start + a : start + b], Span(start + a, start + b)
    else:
        what, what_span = _set_aside(text, start, sentence, group) or _recipient(
            text, start, sentence, group[0].start, title, lead
        )
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
        # 每人每月800元、1500元: the measure is said once.
        common["per"] = _per_of_sum(sentence, money) or _per_of_sum(sentence, group[0]) or per
        made.append(Provision(what=item, what_span=item_span, amount=amount, **common))  # type: ignore[arg-type]
    return made


def _per_of_sum(sentence: str, money: _Money) -> str | None:
    """What a sum is counted for by the words right at it: 每人每月3000元, 30元/平方米."""
    after = _PER_AFTER_SUM.match(sentence, money.end)
    if after:
        return after["per"]
    before = _PER_AT_SUM.search(sentence, 0, money.start)
    return f"{before['unit']}{before['time'] or ''}" if before else None


def _set_aside(text: str, start: int, sentence: str, group: list[_Money]) -> tuple[str, Span] | None:
    """What a fund is for: 每年安排100万元经费支持甲."""
    if not _SET_ASIDE.search(sentence[: group[0].start]):
        return None
    fund = _FUND.match(sentence, group[-1].end)
    if fund is None:
        return None
    a, b = fund.span("what")
    return text[start + a : start + b], Span(start + a, start + b)


def _per(words: str) -> str | None:
    """What one sum is counted for: 企业 of 单个企业原则上, nothing of 每年安排."""
    return _NO_MEASURE.sub("", words).rstrip("的") or None


def _without_amount(text: str, start: int, end: int, sentence: str, title: str, modes: tuple[str, ...]) -> Provision:
    what, span = _recipient(text, start, sentence, len(sentence), title)
    ratio = _ratio(text, start, sentence)
    matching = bool(re.search(r"(?:给予|予以)配套", sentence))
    return Provision("", "", Span(start, end), text[start:end], what, span, None, None, ratio, modes, None, matching)


def _recipient(
    text: str, start: int, sentence: str, before: int, title: str, lead: tuple[str, Span] | None = None
) -> tuple[str, Span]:
    """What or whom a sum is for: who is named before it, else what the item of a list says before it, else what the
    sentence before it (``lead``) supports, else the clause's title, else how the sentence opens."""
    found = _named(sentence, before) or _named_in_item(sentence, before)
    if found is not None:
        a, b = found
        return text[start + a : start + b], Span(start + a, start + b)
    if lead is not None:
        return lead
    if title:
        return title, Span(start, start + before)
    opening = _OPENING.match(sentence[:before])
    a, b = opening.span("what") if opening else (0, before)
    return text[start + a : start + b], Span(start + a, start + b)


def _named(sentence: str, before: int) -> tuple[int, int] | None:
    """The nearest 对…的 before a sum, else who does what it is granted for, else what is supported."""
    head = sentence[:before]
    segment_start = max(head.rfind("；"), head.rfind(";", 0, len(head.rstrip("; ")))) + 1
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
        return _up_to_verb(head, *at_once.span("what"))
    granted = [m.end() for m in _GRANTED_SUM.finditer(head, segment_start)]
    doer = _doer(head, max([segment_start, *granted]))
    if nearest and "上述" not in nearest["what"] and not (doer and granted and granted[-1] > nearest.end()):
        a, b = nearest.span("what")
        winner = _WINNER.search(head, b)
        if winner:
            # 对…技术，可提名…奖，对获奖者予以: what is won belongs to what the sum is for.
            b = winner.start()
        else:
            cut = _up_to_verb(head, a, b)[1]
            b = cut if cut < b else _with_conditions(head, b)
        return a, b - (sentence[b - 1] == "的")
    parts = [m.end() for m in re.finditer(r"[;；]", head)]
    if parts and re.match(r"\s*单个|\s*每", head[parts[-1] :]):
        # 建设A；支持举办B；单个A或B…: the sum is for all that was listed before it.
        return head.rfind("，", 0, parts[0]) + 1, parts[-1] - 1
    supported = _supported(head)
    if doer and (supported is None or doer[0] >= supported[1]):
        return doer
    return supported or doer


def _named_in_item(sentence: str, before: int) -> tuple[int, int] | None:
    """What an item of a list says before the part with its sum: （一）年满80周岁的，每人每月100元."""
    label = ITEM_LABEL.match(sentence)
    if label is None:
        return None
    end = max(sentence.rfind(mark, label.end(), before) for mark in "，,:")
    # （一）甲家庭，按费用的80%补贴，每户不超过4500元: how it is worked out is not whose it is.
    while (comma := max(sentence.rfind(mark, label.end(), end) for mark in "，,")) > 0:
        if not _TURNS.match(sentence, comma + 1):
            break
        end = comma
    if end - label.end() < 2 or _GRANTED_SUM.search(sentence, label.end(), end) or _TURNS.match(sentence, label.end()):
        return None
    return label.end(), end - (sentence[end - 1] == "的")


def _supported(head: str) -> tuple[int, int] | None:
    """What a sentence supports, encourages or promotes."""
    unquoted = _QUOTED.sub(lambda m: "□" * len(m.group()), head)
    if "上述" in head:
        unquoted = unquoted[: head.index("上述")]
    for match in _OBJECT.finditer(unquoted):
        a, b = match.span("what")
        if _NO_OBJECT.match(head, a):
            inner = _OBJECT.search(unquoted, a)
            if inner is None or _NO_OBJECT.match(head, inner.start("what")):
                continue
            a, b = inner.span("what")
        b = _object_end(head, a, b)
        # 建立…长效支持机制: three characters are the rest of a word, not what is supported.
        if b - a > 3:
            return a, b
    return None


def _up_to_verb(head: str, start: int, end: int) -> tuple[int, int]:
    """The words without what is done to whom they name: 使用服务的企业按服务费的3%给予补贴."""
    found = _VERB_INSIDE.search(head[start:end])
    return (start, start + found.start()) if found else (start, end)


def _with_conditions(head: str, end: int) -> int:
    """Where words for whom something is granted end with the conditions behind the comma at ``end``.

    对甲企业，收入超过1亿元的，给予; 对甲，乙单位给予.
    """
    whole = at = end
    while at < len(head) and head[at] in "，,":
        stop = next((m.start() for m in re.finditer("[，,；;。:]", head[at + 1 :])), len(head) - at - 1) + at + 1
        part = head[at + 1 : stop]
        if stop == len(head):
            once = _AT_ONCE.match(part)
            if once and not _TURNS.match(part) and _RECIPIENT_END.search(once["what"]):
                whole = at + 1 + once.end("what")
            break
        if not (_PASSES.match(part) and part.endswith(_EXAMINED)):
            if _TURNS.match(part) or re.search(_GRANTS, part):
                break
            if re.match(r"\s*(?:且|并|或|以及|及|和|同时)", part) or part.endswith("的") or _is_recipient(part):
                whole = stop
        at = stop
    return whole


def _doer(head: str, start: int) -> tuple[int, int] | None:
    """Who something is granted to for what they do or are, without 对: 主导标准制定的，给予; 新认定的中心给予."""
    base = max(start, *(head.rfind(mark, 0, len(head.rstrip("；;。 "))) + 1 for mark in "；;。:"))
    parts = [(base + m.start(), base + m.end()) for m in re.finditer(r"[^，,]+", head[base:].rstrip("；;。 "))]
    if not parts:
        return None
    a, b = parts.pop()
    last = re.sub(r"^\s*在[^，,]{1,8}期间", "", head[a:b])
    if not _TURNS.match(last):
        once = _AT_ONCE.match(last)
        if not once or a + len(last) != b or not _RECIPIENT_END.search(once["what"]):
            return None
        addressed = _ADDRESSED_INSIDE.search(once["what"])
        if addressed:
            # 统筹资金对甲项目给予: whom the words address is who gets something.
            return a + addressed.end(), a + once.end("what")
        first = a + once.start("what")
        while parts and _RECIPIENT_END.search(head[slice(*parts[-1])]) and not _TURNS.match(head, *parts[-1]):
            first = parts.pop()[0]
        first += len(head[first:b]) - len(head[first:b].lstrip())
        return (first, a + once.end("what")) if _is_recipient(head[first : a + once.end("what")]) else None
    if not re.match(rf"\s*{_ONCE}{_GRANTS}|\s*(?:分别|各)?按", last):
        return None
    while parts and _PASSES.match(head, *parts[-1]):
        b = parts.pop()[0]
    if not parts:
        return None
    a, b = parts.pop()
    if not _is_recipient(re.sub(r"^\s*(?:且|并|或)[该其]?", "", head[a:b])):
        return None
    while parts and not _TURNS.match(head, *parts[-1]) and not re.search(_GRANTS, head[slice(*parts[-1])]):
        a = parts.pop()[0]
    a += len(head[a:b]) - len(head[a:b].lstrip())
    return a, b - (head[b - 1] == "的")


def _is_recipient(words: str) -> bool:
    """Whether words name someone by what they do or are: 主导标准制定的, 新认定的企业."""
    words = words.strip()
    if (
        len(words) < 4
        or _TURNS.match(words)
        or re.match("且|并|或|该|其|相关|有关|上述|此类", words)
        or re.search(_GRANTS, words)
    ):
        return False
    return words.endswith("的") or (
        re.search("的|新|首次|获|被", words) is not None and _RECIPIENT_END.search(words) is not None
    )


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
    at = max(phrase.rfind("，"), phrase.rfind(",")) + 1
    # 对甲企业，首次达到1亿元、5亿元的，分别给予: the tiers stand right before the sums, and all of them are of 甲企业.
    items = (_split_items(phrase[at:], n, tiers=True) if at else None) or None
    if items is None:
        at, items = 0, _split_items(phrase, n)
    if items is None:
        return None
    return [(phrase[:at] + whole, Span(span.start + at + a, span.start + at + b)) for whole, a, b in items]


def _split_items(phrase: str, n: int, tiers: bool = False) -> list[tuple[str, int, int]] | None:
    """The n items of a phrase with the place of each in it, or None.

    ``tiers`` asks for lists of figures, grades and quoted names only.
    """
    if levels := _by_level(phrase, n) or _quoted_run(phrase, n):
        return levels
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
            ((figured["lead"] if i else "") + part, a, b)
            for i, (part, (a, b)) in enumerate(zip(parts, cuts, strict=True))
        ]
    if tiers and not all(
        re.search(r"[\dA-Z%％]|[一二三四五六七八九十甲乙丙特]等|级|[轻中重]度", part) for part in parts
    ):
        return None
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
    if shared and any("的" in part for part in parts[1:]):
        shared = None
    if shared:
        prefix, core_first = prefix + shared.group(), core_first[shared.end() :]
    last = parts[-1][:suffix_at]
    counted = re.search(r"(?<=.)(?:两|[二三四五六七八九])个(?=.)", last)
    if counted:
        # A、B两个等级: what the items are called stands behind their number.
        suffix, last = parts[-1][counted.end() :], last[: counted.start()]
    tails = [*parts[1:-1], last]
    if not shared and _short_tails(core_first, tails):
        # 中国专利金奖、银奖, 国际标准制定、修订: the first item carries what all are of.
        cut = len(core_first) - len(tails[0])
        prefix, core_first = prefix + core_first[:cut], core_first[cut:]
    items: list[tuple[str, int, int]] = []
    for i, (a, b) in enumerate(cuts):
        core = core_first if i == 0 else parts[i]
        if i == n - 1:
            core = last
        if i and modifier and _QUOTED.match(core):
            core = modifier + core
        own_verb = _VERB.match(core) if i else None
        whole = ("" if own_verb else prefix) + core + suffix
        items.append((whole, a, b))
    return items


def _short_tails(first: str, tails: list[str]) -> bool:
    """Whether the later items of a list are only the last syllables of what the first says in full."""
    size = len(tails[0])
    if not all(tails) or size > 4 or len(first) < size + 2 or any(len(t) > 4 for t in tails):
        return False
    own = first[-size:]
    return all(t[-1] == own[-1] for t in tails) or all(
        re.fullmatch("[A-Z]|制定|修订|制修订|研制", t) for t in [own, *tails]
    )


def _quoted_run(phrase: str, n: int) -> list[tuple[str, int, int]] | None:
    """The items of ``“甲”“乙”企业``: n quoted names without a separator, and what they are names of."""
    found = list(_QUOTED.finditer(phrase))
    runs: list[list[re.Match[str]]] = []
    for match in found:
        if runs and runs[-1][-1].end() == match.start():
            runs[-1].append(match)
        else:
            runs.append([match])
    run = next((r for r in runs if len(r) == n), None)
    if run is None:
        return None
    before, after = phrase[: run[0].start()], re.sub(r"^[一二两三四五六七八九十\d]+个|^等", "", phrase[run[-1].end() :])
    return [(before + m.group() + after, m.start(), m.end()) for m in run]


def _by_level(phrase: str, n: int) -> list[tuple[str, int, int]] | None:
    """The items of ``对国家级、省级甲和乙``: n levels and what they are levels of, with the place of each level."""
    run = re.search(
        rf"{_LEVELS}(?:\s*(?:、|和|或|及|以及|与)\s*{_LEVELS}){{{n - 1}}}(?!\s*(?:、|和|或|及|以及|与)\s*{_LEVELS})",
        phrase,
    )
    if not run or re.search(_LEVELS + "$", phrase[: run.start()].rstrip("、")) or run.end() == len(phrase):
        return None
    found = [m for m in re.finditer(_LEVELS, phrase) if m.end() <= run.end()][-n:]
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
    if (degree := _DEGREE.match(last)) and all(_DEGREE.fullmatch(other) for other in others):
        # 轻度、中度、重度失能: what they are degrees of is said once.
        return degree.end()
    if ending and (own := re.match(rf"[^的]{{0,5}}{re.escape(ending[-1])}(?=的|认证|认定|称号|企业)", last)):
        return own.end()
    tail = re.search(r"(?:认定|称号|资质|证书|奖项?|荣誉)(?:的)?$", last)
    return tail.start() if tail else len(last)


def _is_condition(sentence: str, ratio: re.Match[str]) -> bool:
    """Whether a share is what someone must reach (增速达10%以上) rather than what is paid."""
    if not ratio["value"] or re.match(r"\s*按", ratio.group()):
        return False
    if _THRESHOLD_AFTER.match(sentence[ratio.end() :]) and "不超" not in ratio.group():
        return True
    return _SHARE_REACHED.search(sentence[: ratio.start("value")]) is not None


def _ratio(text: str, start: int, sentence: str) -> Ratio | None:
    match = next((m for m in _RATIO.finditer(sentence) if not _is_condition(sentence, m)), None)
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
