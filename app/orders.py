"""What in a text gives orders to the assistant instead of asking about the policy, and the text without it.

Questions and earlier turns are read for what they ask; nothing in them is ever obeyed. An order still does harm as
text: its words would be taken for the subject. Sentences are known as orders by what they do (``[order]`` and
``[sentence]`` in ``cues.toml``), never by who sent them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from app.amounts import money_in
from corpus.terms import HAN, fold

_ROLES = (
    r"system|assistant|developer|admin(?:istrator)?|tool|instructions?|sys|override|系统(?:提示|通知|消息|指令|公告)?|"
    r"系統(?:提示|通知|消息|訊息|指令|公告)?|管理员|管理員|开发者|開發者|助手|助理"
)
# What a program writes around the words of one speaker: everything inside speaks in that role.
_BLOCKS = re.compile(
    rf"<!--.*?-->|<\s*(?P<tag>{_ROLES})(?:\s[^<>]*)?>.*?</\s*(?P=tag)\s*>"
    r"|<\|im_start\|>\s*(?:system|assistant|tool|developer)\b.*?(?:<\|im_end\|>|\n\s*\n|\Z)"
    r"|<\|(?:system|assistant|tool|developer)\|>.*?(?:</s>|<\|[a-z_]+\|>|\n|\Z)"
    r"|<<\s*sys\s*>>.*?<<\s*/\s*sys\s*>>|```\s*(?:system|instructions?)\b.*?(?:```|\Z)"
    r"|!\[[^\]\n]*\]\([^)\n]*\)?|\{\s*[\"'][^{}]*\}",
    re.IGNORECASE | re.DOTALL,
)
_TAGS = re.compile(
    r"</?\s*(?:context|document|system|assistant|user|instructions?|prompt|s|inst)\s*/?>|<\|[a-z_]+\|>|\[/?inst\]",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"^\s*(?:[#>*\-]+\s*)*(?:(?:【|\[|\*\*|<)\s*(?:{_ROLES})\s*(?:】|\]|\*\*|>)\s*[:：]?|(?:{_ROLES})\s*(?:\*\*)?\s*[:：])",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"(?<=[。！？；])(?![”」』）])|(?<=[!?;])(?=\s|$|[^\x00-\x7f])|(?<=\.)(?=\s)")
_CLAUSE_ENDS = re.compile(r"(?<=[，：:；;])|(?<=,)(?!\d)|(?<=—)|(?= (?:and|then) )", re.IGNORECASE)
_PLAIN_CLAUSE_ENDS = re.compile(r"[,:;。!?\n]|(?= (?:and|then) )")
_QUOTED = re.compile(r"“[^”]*”?|「[^」]*」?|『[^』]*』?|\"[^\"]*\"?|‘[^’]*’")
# The ? of an address asks nothing.
_URL = re.compile(r"https?://[!-~]+")
# Full-width and zero-width spaces between characters hide a word from nobody who reads.
_GAPS = re.compile(f"(?<=[{HAN}])\\s+(?=[{HAN}])")
_ANSWERING = re.compile(
    r"(?:一律|统一|全部|都|均|只能|必须|务必|直接|只|请|应)[^,。;:?]{0,6}(?:回答|答复|答覆|回复|答|输出|报)(?!者|辩|疑)"
    r"|(?<![a-z])(?:answer|reply|respond)\b(?: only)?(?= ?[:,]| with| the| rmb| \d)",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"符合条件|直接领取|(?<!是)(?:废止|作废|失效|取消)|没有限制|无需申请"
    r"|(?<![a-z])(?:repealed|eligible for everything|not specified|no conditions|unlimited)(?![a-z])",
    re.IGNORECASE,
)
# Of these kinds even a question is an order.
_FIRM = frozenset({"secret", "persona"})


@dataclass(frozen=True)
class OrderFilter:
    """Takes orders out of texts. ``orders`` and ``sentences`` are the cues, ``mandarin`` puts a folded text into the
    words they are written in."""

    orders: Mapping[str, re.Pattern[str]]
    sentences: Mapping[str, re.Pattern[str]]
    mandarin: Callable[[str], str]

    def gives_orders(self, text: str) -> bool:
        """Whether anything in a text is an order."""
        return bool(_BLOCKS.search(text)) or any(
            self._is_order(sentence, first=at == 0)
            for line in text.split("\n")
            for at, sentence in enumerate(_SENTENCE_ENDS.split(line))
        )

    def without_orders(self, text: str, answer: bool = False) -> str:
        """A text without the sentences, or the clauses of a sentence that also asks, that give orders, and without
        what they want to be taken for true. The text as it is where there are none; empty when nothing is left.

        A change of the policy that the text announces goes as well: it is a claim, and no claim is answered from.
        Beside an ask, so does what says how to answer, or what sum the policy gives; but not in an earlier ``answer``,
        which does say so.
        """
        ordered = self.gives_orders(text)
        bare = text
        if ordered:
            # A block that took the end of its line along must not join the next line to what stands before it.
            bare = _TAGS.sub(" ", _BLOCKS.sub(lambda m: "\n" if "\n" in m.group() else " ", text))
        lines = [_SENTENCE_ENDS.split(line) for line in bare.split("\n")]
        asking = [s for line in lines for s in line if self.asks(s) and not self._is_order(s, first=False)]
        # 上限是5000万元。对吗？ is one ask of two sentences.
        confirming = any(self.sentences["confirming"].search(self._plain(s)) for s in asking)
        beside = bool(asking) and not confirming and not answer
        kept = [self._kept(line, ordered, beside) for line in lines]
        if not ordered and kept == ["".join(line) for line in lines]:
            return text
        return "\n".join(line for line in kept if line.strip(" ,，:：;；。.!！")).strip()

    def _kept(self, line: list[str], ordered: bool, beside: bool) -> str:
        kept, after_order = [], False
        for at, sentence in enumerate(line):
            if self._is_order(sentence, first=at == 0):
                after_order = True
                kept.append(self._asked_beside(sentence))
            elif self.asks(sentence):
                kept.append(sentence)
            elif beside and self.handles(sentence):
                after_order = True
            elif not (after_order or self._claims(sentence, ordered, beside)):
                kept.append(sentence)
        return "".join(kept)

    def _asked_beside(self, sentence: str) -> str:
        """The clauses of a sentence with an order in it that ask, with those that lead up to them."""
        # What stands in quotation marks is dictated or named; neither it nor an address is parted.
        hidden = sentence
        for pattern in (_URL, _QUOTED):
            hidden = pattern.sub(lambda m: "\ue000" * len(m.group()), hidden)
        bounds = [0, *(m.start() for m in _CLAUSE_ENDS.finditer(hidden)), len(sentence)]
        runs: list[list[str]] = [[]]
        for start, end in pairwise(bounds):
            clause = sentence[start:end]
            if self._is_order(clause, first=start == 0) or _ANSWERING.search(self._plain(clause)):
                runs.append([])
            elif clause.strip():
                runs[-1].append(clause)
        asked = [run for run in runs if any(self.asks(clause) for clause in run)]
        clauses = (c for run in asked for c in run if self.asks(c) or not self._claims(c, ordered=True, beside=True))
        return re.sub(r"^(?:and|then)\s+", "", "".join(clauses).strip(" ,，:：;；"), flags=re.IGNORECASE)

    def _is_order(self, text: str, first: bool) -> bool:
        if first and _LABEL.match(text):
            return True
        plain = self._plain(text)
        for kind, pattern in self.orders.items():
            for match in pattern.finditer(plain):
                if kind in _FIRM or not self._asks_plain(_clause_around(plain, match.start(), match.end())):
                    return True
        return self._dictates(plain)

    def _dictates(self, plain: str) -> bool:
        """Whether an answer is given away after a word for answering: a sum or a verdict, and no ask."""
        for match in _ANSWERING.finditer(plain):
            said = plain[match.end() :]
            if (money_in(said) or _VERDICT.search(said)) and not self._asks_plain(plain[match.start() :]):
                return True
        return False

    def handles(self, text: str) -> bool:
        """Whether a sentence that asks nothing says how to answer."""
        return bool(self.sentences["handling"].search(self._plain(text)))

    def _claims(self, text: str, ordered: bool, beside: bool) -> bool:
        """Whether a statement announces a change of the policy, or names a sum that is not said to be the asker's
        own: beside an ask where it says that the policy gives it, beside an order any."""
        plain = self._plain(text)
        if self._asks_plain(plain) or self.sentences["reported"].search(plain):
            return False
        planted = ordered and money_in(plain)
        return bool(planted or (beside and self.sentences["claim"].search(plain)) or self._announces(plain))

    def _announces(self, plain: str) -> bool:
        return self.sentences["announcement"].search(plain) is not None

    def asks(self, text: str) -> bool:
        """Whether anything in a text asks."""
        return self._asks_plain(self._plain(text))

    def _asks_plain(self, plain: str) -> bool:
        unquoted = _URL.sub(" ", _QUOTED.sub(" ", plain))
        return bool(self.sentences["asking"].search(self.sentences["standing"].sub(" ", unquoted)))

    def _plain(self, text: str) -> str:
        return _GAPS.sub("", self.mandarin(fold(text).strip()))


def _clause_around(plain: str, start: int, end: int) -> str:
    """The clause of a folded text in which a stretch of it stands, with the stop after it."""
    before = max((m.end() for m in _PLAIN_CLAUSE_ENDS.finditer(plain, 0, start)), default=0)
    after = _PLAIN_CLAUSE_ENDS.search(plain, end)
    return plain[before : after.end() if after else len(plain)]
