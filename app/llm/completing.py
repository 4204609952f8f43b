"""A question that the rules can't read by itself, completed by a model from the conversation. Trusted for nothing:
the rewrite is a question again, and everything that is answered to it comes from the policy."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from app.llm.faults import ModelFault
from app.llm.model import LanguageModel
from app.llm.prompting import Prompts
from app.llm.sentences import SentenceBuffer
from app.llm.statements import ClaimReader, plain_form
from app.llm.vocabulary import Vocabulary
from app.models import Message
from corpus.departments import Directory
from corpus.stopwords import CHINESE_STOP_WORDS, ENGLISH_STOP_WORDS

log = logging.getLogger(__name__)

_MOST_QUESTIONS = 3
_MOST_CHARS = 300


class QuestionCompleter:
    """Completes questions about one policy."""

    def __init__(self, model: LanguageModel, directory: Directory, vocabulary: Vocabulary | None = None) -> None:
        self._model = model
        self._vocabulary = vocabulary or Vocabulary.load()
        self._reader = ClaimReader(directory, self._vocabulary)
        self._prompts = Prompts()

    def completed(self, question: str, history: Sequence[Message]) -> str | None:
        """The question with what the conversation adds; None where the model has nothing to add, fails, or brings in
        a sum, a label, a department, a day, a number or a subject that nobody mentioned."""
        try:
            said = self._model.complete(self._prompts.completing(question, history))
        except ModelFault as fault:
            log.warning("the language model could not complete a question: %s", fault)
            return None
        buffer = SentenceBuffer()
        asks = [*buffer.feed(said), *buffer.rest()][:_MOST_QUESTIONS]
        rewritten = " ".join(asks)
        if not rewritten or len(rewritten) > _MOST_CHARS or plain_form(rewritten) == plain_form(question).strip():
            return None
        context = "\n".join([question, *(m.content for m in history)])
        return rewritten if self.holds(rewritten, context) else None

    def holds(self, rewritten: str, context: str) -> bool:
        """Whether a rewrite has nothing that its context does not have."""
        plain, source = plain_form(rewritten), plain_form(context)
        said, known = self._reader.read(plain), self._reader.read(source)
        if {v for v, _ in said.amounts} - {v for v, _ in known.amounts}:
            return False
        if {k for k, _ in said.departments} - {k for k, _ in known.departments}:
            return False
        if said.dates - known.dates or said.labels - known.labels or said.numbers - known.numbers:
            return False
        asking = f"{source}\n{' '.join(CHINESE_STOP_WORDS)}\n{' '.join(ENGLISH_STOP_WORDS)}"
        return not self._vocabulary.strange(said.rest, asking, True)
