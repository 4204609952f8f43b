"""The wording of an answer by a model, released sentence by sentence, each of them verified.

Every line of the extractive answer comes out once and in its order: in the model's words where these pass, else as it
is. So nothing is lost, and whatever the model says, the answer states what the extractive one states.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.llm.faults import ModelFault
from app.llm.model import LanguageModel
from app.llm.prompting import Prompts
from app.llm.sentences import SentenceBuffer
from app.llm.statements import ClaimReader, Statement, statements_of
from app.llm.verifying import SentenceVerifier, Verdict, Verifies
from app.llm.vocabulary import Vocabulary
from app.models import Answer, Checks, Status
from app.wording import Wording
from corpus.departments import Directory
from corpus.models import Policy

log = logging.getLogger(__name__)

_WORDED = (Status.ANSWERED, Status.PARTIAL, Status.NOT_SPECIFIED)
# Each rewording is one more call; a model that needs more of them words nothing well.
_MOST_REWORDINGS = 3

Check = Callable[[str], Checks]


@dataclass
class _Page:
    """The answer as far as it is written. ``lines`` are out, and ``next`` is the first statement that is not. After
    ``until``, by the monotonic clock, the model is asked no more."""

    statements: Sequence[Statement]
    mark: str
    until: float
    lines: list[str] = field(default_factory=list)
    next: int = 0
    worded: bool = False
    rewordings: int = 0

    def seconds_left(self) -> float:
        return self.until - time.monotonic()

    @property
    def left(self) -> list[int]:
        """The statements that may still be worded."""
        return [i for i in range(self.next, len(self.statements)) if not self.statements[i].fixed]

    def lines_with(self, text: str, says: Sequence[int]) -> list[str]:
        """The lines that a wording of some statements adds: those before it that are not out yet come first."""
        before = [self.statements[i].text for i in range(self.next, max(says) + 1) if i not in says]
        return [*before, text]

    def whole_with(self, lines: Sequence[str], after: int) -> str:
        """The whole answer if nothing but ``lines`` were worded from here on."""
        rest = [s.text for s in self.statements[after:]]
        return "\n".join([*self.lines, *lines, *rest, self.mark])

    def write(self, lines: Sequence[str], after: int) -> Iterator[str]:
        """Put lines out; ``after`` is the first statement that is not out then."""
        for line in lines:
            yield line if not self.lines else f"\n{line}"
            self.lines.append(line)
        self.next = after


class AnswerWriter:
    """Words answers about one policy. ``verifier`` takes the place of the verification, where an attack is to show what
    that is for."""

    def __init__(
        self,
        model: LanguageModel,
        policy: Policy,
        directory: Directory,
        wording: Wording,
        verifier: Verifies | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self._model = model
        self._policy = policy
        self._wording = wording
        self._vocabulary = vocabulary or Vocabulary.load()
        self._reader = ClaimReader(directory, self._vocabulary)
        self._verifier = verifier
        self._prompts = Prompts()

    def write(self, answer: Answer, check: Check) -> Iterator[str | Answer]:
        """The answer in verified pieces, itself at the end. ``check`` judges a whole text by what is cited.

        Any trouble with the model only leaves more of the extractive words. Never raises.
        """
        statements = statements_of(answer, self._reader) if answer.status in _WORDED else []
        if all(s.fixed for s in statements):
            yield from answer.answer.splitlines(keepends=True)
            yield answer
            return
        mark = self._wording.finish(self._wording.say("ai_generated"))
        page = _Page(statements, mark, time.monotonic() + self._model.total_seconds)
        trace: dict[str, Any] = {"model": self._model.name, "sentences": []}
        # What stands before the first statement that a model may word is out at once.
        first = page.left[0]
        yield from page.write([s.text for s in statements[:first]], first)
        verify = self._verifier or self._verifier_of(answer)
        try:
            yield from self._worded(answer, page, verify, check, trace["sentences"])
        except ModelFault as fault:
            trace["fault"] = str(fault)
            log.warning("the language model failed, the answer goes on in the policy's words: %s", fault)
        yield from page.write([s.text for s in statements[page.next :]], len(statements))
        if page.worded:
            yield from page.write([page.mark], page.next)
        self._count(trace)
        yield self._finished(answer, page, check, trace)

    def _worded(
        self, answer: Answer, page: _Page, verify: Verifies, check: Check, trace: list[dict[str, Any]]
    ) -> Iterator[str]:
        buffer = SentenceBuffer()
        messages = self._prompts.wording(answer, [page.statements[i] for i in page.left])
        pieces = self._model.stream(messages)
        try:
            for sentence in _sentences(pieces, buffer):
                if not page.left:
                    # All is said: what a model still goes on about is nothing.
                    trace.append({"outcome": "withheld", "reasons": ["subject: nothing that is left to say"]})
                    return
                verdict = self._judged(sentence, page, verify, check)
                entry: dict[str, Any] = {"statements": list(verdict.says), "outcome": "released"}
                trace.append(entry)
                if not verdict.passed:
                    entry["reasons"] = list(verdict.failed)
                    if not verdict.says:
                        entry["outcome"] = "withheld"
                        continue
                    if page.rewordings < _MOST_REWORDINGS and page.seconds_left() > 0:
                        page.rewordings += 1
                        verdict = self._again(answer, page, verify, check, verdict, entry)
                if verdict.passed:
                    if verdict.copied:
                        entry["outcome"] = "copied"
                    page.worded = page.worded or not verdict.copied
                    yield from page.write(page.lines_with(verdict.text, verdict.says), max(verdict.says) + 1)
                else:
                    entry["outcome"] = "replaced"
                    after = verdict.says[0] + 1
                    yield from page.write([s.text for s in page.statements[page.next : after]], after)
        finally:
            pieces.close()  # type: ignore[attr-defined]

    def _again(
        self, answer: Answer, page: _Page, verify: Verifies, check: Check, failed: Verdict, entry: dict[str, Any]
    ) -> Verdict:
        """One more attempt at a sentence that failed; the verdict on it, or the first one where it fails too."""
        statement = page.statements[failed.says[0]]
        try:
            said = self._model.complete(self._prompts.again(answer, statement, failed.failed), page.seconds_left())
        except ModelFault as fault:
            # A server in trouble is not asked again for the sake of one sentence.
            page.rewordings = _MOST_REWORDINGS
            entry["reasons"].append(f"fault: {fault.kind}")
            return failed
        buffer = SentenceBuffer()
        sentences = [*buffer.feed(said), *buffer.rest()]
        if not sentences:
            return failed
        verdict = self._judged(sentences[0], page, verify, check)
        if verdict.passed:
            entry["outcome"] = "reworded"
            entry["statements"] = list(verdict.says)
            return verdict
        entry["reasons"] += [f"again {reason}" for reason in verdict.failed]
        return failed

    @staticmethod
    def _judged(sentence: str, page: _Page, verify: Verifies, check: Check) -> Verdict:
        """The verdict on a sentence by itself and, where it passes, in the answer that it would make."""
        verdict = verify.verify(sentence, page.statements, page.left)
        if not verdict.passed or verdict.copied:
            return verdict
        whole = page.whole_with(page.lines_with(verdict.text, verdict.says), max(verdict.says) + 1)
        checks = check(whole)
        return verdict if checks.passed else Verdict("", verdict.says, checks.failed)

    def _verifier_of(self, answer: Answer) -> SentenceVerifier:
        clauses = {c.label: self._policy.clause(c.id) for c in answer.citations}
        refs = {label: self._wording.finish(self._wording.ref(clause)) for label, clause in clauses.items()}
        titles = [clause.title for clause in clauses.values()]
        titles += [self._wording.title(self._policy, clause) for clause in clauses.values()]
        return SentenceVerifier(self._reader, self._vocabulary, answer.language, refs, titles)

    def _count(self, trace: dict[str, Any]) -> None:
        for entry in trace["sentences"]:
            self._model.on_sentence(entry["outcome"])
        withheld = sum(entry["outcome"] in ("withheld", "replaced") for entry in trace["sentences"])
        if withheld:
            self._model.on_withheld(withheld)

    def _finished(self, answer: Answer, page: _Page, check: Check, trace: dict[str, Any]) -> Answer:
        explained = {**answer.trace, "llm": trace} if answer.trace is not None else None
        if not page.worded:
            return replace(answer, trace=explained)
        text = "\n".join(page.lines)
        return replace(answer, answer=text, checks=check(text), mode="llm", model=self._model.name, trace=explained)


def _sentences(pieces: Iterator[str], buffer: SentenceBuffer) -> Iterator[str]:
    for piece in pieces:
        yield from buffer.feed(piece)
    yield from buffer.rest()
