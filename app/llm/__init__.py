"""The language model that words answers: what it says is checked sentence by sentence before anyone sees it.

Imported only where a model is configured. ``LanguageModel`` speaks to the server, ``AnswerWriter`` words an answer
that is there already, and ``QuestionCompleter`` completes a question that the rules could not read.
"""

from app.llm.breaker import CircuitBreaker
from app.llm.completing import QuestionCompleter
from app.llm.faults import ModelFault
from app.llm.model import LanguageModel
from app.llm.verifying import SentenceVerifier, Verdict, Verifies
from app.llm.writing import AnswerWriter

__all__ = [
    "AnswerWriter",
    "CircuitBreaker",
    "LanguageModel",
    "ModelFault",
    "QuestionCompleter",
    "SentenceVerifier",
    "Verdict",
    "Verifies",
]
