"""Words that a spreadsheet opens as words: for every file of ours that one may open."""

from __future__ import annotations

# What a spreadsheet takes for a formula; the full-width signs where the system's language is Chinese.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def safe_cell(value: str) -> str:
    """``value`` as a text that no spreadsheet computes."""
    return f"'{value}" if value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA) else value
