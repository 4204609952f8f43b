"""Sums of money in words: as the source bounds them, in English, in traditional Chinese, spoken."""

from __future__ import annotations

from decimal import Decimal

from corpus.models import Amount

_SYMBOL = {"CNY": "RMB", "USD": "USD", "HKD": "HKD", "EUR": "EUR"}


def english_figure(value: int, currency: str = "CNY") -> str:
    """``RMB 5 million``, ``RMB 500,000``: millions and billions only where nothing is rounded away."""
    symbol = _SYMBOL.get(currency, currency)
    for size, word in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if value >= size:
            number = Decimal(value) / size
            if number == number.quantize(Decimal("0.01")):
                return f"{symbol} {number.normalize():f} {word}"
    return f"{symbol} {value:,}"


def chinese_figure(value: int) -> str:
    """``5000万元``, ``1.5亿元``, ``37元``: the way notices write a sum of yuan."""
    for size, word in ((100_000_000, "亿元"), (10_000, "万元")):
        if value >= size:
            number = Decimal(value) / size
            if number == number.quantize(Decimal("0.0001")) and (size == 10_000 or number < 10 or value % size == 0):
                return f"{number.normalize():f}{word}"
    return f"{value}元"


def english_amount(amount: Amount) -> str:
    """The sum with its bound and the original beside it: ``up to RMB 5 million (最高500万元)``."""
    figure = english_figure(amount.value, amount.currency)
    if amount.value_min is not None:
        figure = f"{english_figure(amount.value_min, amount.currency)} to {figure}"
    bound = "up to " if amount.qualifier.is_bound else ""
    return f"{bound}{figure} ({amount.text})"


def chinese_amount(amount: Amount) -> str:
    """The sum with the bound in the words of the source: ``最高不超过1000万元``."""
    return f"{amount.qualifier.value}{amount.text}"
