"""How the lines of a covering notice are known: 关于印发…的通知, number, addressees, 现印发给你们, signature, date.

A notice carries measures and says of them who issued them when. What stands between it and the first clause
is the preamble of the measures themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.numerals import half_width

_ISSUED = re.compile(
    r"(?:印发|发布|公布|转发|下达|征求)\s*"
    r"(?:[《〈](?P<quoted>.+?)[》〉](?:意见)?(?:的(?:通知|公告|通告))?"
    r"|(?P<bare>[^《》〈〉，,。；;]{4,80}?)的(?:通知|公告|通告)$)"
)
_NOTICE_TITLE = re.compile(r"(?:通知|公告|通告|函)$")
_DATA = re.compile(
    r"[\[【]?(?:(?:发布|发文|制定|制发|印发|公开)(?:机构|机关|单位|部门|日期|时间|方式|字号)|发表时间|成文日期|生成日期|公布日期"
    r"|实施日期|施行日期|生效日期|失效日期|废止日期|信息(?:来源|名称|提供日期|索引)|官方来源|来源|索[引取]号|统一编号|文\s*号"
    r"|主题(?:分类|词)|文件状态|时效性?|有效性|效力(?:状态|级别)|浏览(?:量|次数)|点击(?:数|量)|编辑|作者)[\]】]?\s*[::]"
)
_NUMBER = re.compile(r"[(\[]?\s*[\u4e00-\u9fff]{2,14}\s*[〔\[(]\s*\d{4}\s*[〕\])]\s*第?\s*\d+\s*号\s*[)\]]?")
_DATE = re.compile(r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")
_ADDRESSEES = re.compile(
    r"(?:各|有关|全[市区省县]|[^,。]{0,12}各)[^。]{0,200}:|[^,。:]{2,20}(?:单位|部门|机构|街道|政府|企业|公司):"
)
_ANNOUNCES_LIST = re.compile(r"如下|下列|以下|包括")
_HANDS_OUT = re.compile(r"现(?:将|予)?[^。]{0,120}(?:印发|发布|公布|下发|转发)|(?:印发|转发)给你们|现予(?:公布|发布)")
_MAX_LINE = 400
# What stands under the last clause: (此件公开发布), 公开方式：…, 抄送：…, …办公室 2024年5月6日印发.
_IMPRINT = re.compile(
    r"公开(?:方式|类别|属性|形式)\s*:.*|\(?此件[^)]*公开[^)]*\)?|(?:主动|依申请|不予)公开|(?:抄送|抄报|主送)\s*:.*"
    r"|.{0,40}\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*印发"
)
# Over the date any short line without punctuation is a signature; over a signature only the name of a body.
_SIGNED = re.compile(r"(?!\(|第|[一二三四五六七八九十]+、)[\u4e00-\u9fff()\s、]{3,40}")
_BODY = re.compile(
    r"(?!\(|第|[一二三四五六七八九十]+、)[\u4e00-\u9fff()\s、]{2,39}(?:[局委府室厅部院会处]|中\s*心|章\))"
)
_ATTACHED = re.compile(r"附件\s*\d*\s*:.*")
_ATTACHED_ITEM = re.compile(r"\d{1,2}\s*[.、][^。;]{2,60}")


def issued_title(line: str) -> tuple[str, bool] | None:
    """The title of what the line hands out (关于印发《X》的通知), and whether it stands in quotation marks."""
    match = _ISSUED.search(line.strip())
    if not match:
        return None
    return (match["quoted"] or match["bare"]).strip(), match["quoted"] is not None


def is_notice_title(line: str) -> bool:
    """Whether a title line is a notice's own rather than that of the measures it carries."""
    return bool(_NOTICE_TITLE.search(line.strip()) or _ISSUED.search(line.strip()))


def is_data_line(line: str) -> bool:
    """Whether a line only gives data of the publication (发布机构：…, 文号：…)."""
    plain = half_width(line).strip()
    return len(plain) <= _MAX_LINE and _DATA.match(plain) is not None


def is_notice_line(line: str) -> bool:
    """Whether a line can only be part of a notice or of the publication's data, never of a preamble."""
    plain = half_width(line).strip()
    if len(plain) > _MAX_LINE:
        return False
    return bool(
        _DATA.match(plain)
        or _NUMBER.fullmatch(plain)
        or _DATE.fullmatch(plain)
        or (_ADDRESSEES.fullmatch(plain) and not _ANNOUNCES_LIST.search(plain))
        or _HANDS_OUT.search(plain)
        or (_NOTICE_TITLE.search(plain) and issued_title(line))
    )


def notice_end(lines: Sequence[str]) -> int:
    """How many of the lines before the first clause belong to the notice: up to its last certain line, or 0."""
    return max((i + 1 for i, line in enumerate(lines) if is_notice_line(line)), default=0)


def imprint_length(lines: Sequence[str]) -> int:
    """How many of the last lines are no clause's: signature and date, how it is made public, who printed it when."""
    plain = [half_width(line).strip() for line in lines]
    n = 0
    while n < len(plain):
        line = plain[-1 - n]
        dated = n > 0 and re.search(r"日(?:印发)?$", plain[-n]) is not None
        signed = n > 0 and _SIGNED.fullmatch(plain[-n]) is not None
        if (
            _IMPRINT.fullmatch(line)
            or _DATE.fullmatch(line)
            or (dated and _SIGNED.fullmatch(line))
            or (signed and _BODY.fullmatch(line))
            or (n > 0 and _ATTACHED.fullmatch(line))
            or (n > 0 and _ATTACHED_ITEM.fullmatch(line) and _lists_attached(plain[: -1 - n]))
        ):
            n += 1
        else:
            break
    return n


def _lists_attached(above: Sequence[str]) -> bool:
    """Whether lines end in 附件： and items of its list, so that one more item may follow."""
    head = next((line for line in reversed(above) if not _ATTACHED_ITEM.fullmatch(line)), "")
    return _ATTACHED.fullmatch(head) is not None
