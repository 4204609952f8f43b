"""Scoring without a judge: one answer against one gold item, and totals over many. All of it is pure."""

from eval.scoring.figures import Figure, figures_in
from eval.scoring.items import Counts, ItemScore, Reason, amounts_stated, occurs, score_answer
from eval.scoring.totals import Latency, Mean, PairGap, Rate, Summary, Totals, mean, pair_gap, summarise, totals, wilson

__all__ = [
    "Counts",
    "Figure",
    "ItemScore",
    "Latency",
    "Mean",
    "PairGap",
    "Rate",
    "Reason",
    "Summary",
    "Totals",
    "amounts_stated",
    "figures_in",
    "mean",
    "occurs",
    "pair_gap",
    "score_answer",
    "summarise",
    "totals",
    "wilson",
]
