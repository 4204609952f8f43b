"""Attacks on answers and on questions: what must be noticed, and what must change nothing."""

from eval.attacks.alterations import (
    Alteration,
    AlterationReport,
    alterations,
    alterations_dict,
    run_alterations,
    show_alterations,
)
from eval.attacks.paraphrases import (
    GroupResult,
    ParaphraseGroup,
    load_paraphrases,
    paraphrases_dict,
    show_paraphrases,
    try_paraphrases,
)
from eval.attacks.stability import (
    Ask,
    Injection,
    Noise,
    StabilityReport,
    poisoned_sources,
    show_stability,
    stability_dict,
    try_document_injections,
    try_injections,
    try_noise,
)

__all__ = [
    "Alteration",
    "AlterationReport",
    "Ask",
    "GroupResult",
    "Injection",
    "Noise",
    "ParaphraseGroup",
    "StabilityReport",
    "alterations",
    "alterations_dict",
    "load_paraphrases",
    "paraphrases_dict",
    "poisoned_sources",
    "run_alterations",
    "show_alterations",
    "show_paraphrases",
    "show_stability",
    "stability_dict",
    "try_document_injections",
    "try_injections",
    "try_noise",
    "try_paraphrases",
]
