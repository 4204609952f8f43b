"""The whole way of a question: read, find, decide, compose, check."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.checks import AnswerChecker
from app.conversation import Focus, focus_of
from app.cues import load_cues
from app.document import DocumentComposer
from app.draft import Draft
from app.evidence import Candidate, EvidenceFinder
from app.inquiry import Inquiry
from app.intents import IntentModel, load_exemplars
from app.items import ItemPicker
from app.levels import Levels
from app.library import library_of
from app.models import Answer, Checks, ContactShown, Message, Note, SeeAlso, Status
from app.question import Question, QuestionReader
from app.responder import Responder
from app.routing import Router
from app.rungs import Rungs
from app.scope_model import ScopeModel
from app.settings import Settings
from app.spelling import SpellingCorrector
from app.wording import Wording, keep, load_phrases
from corpus import Library
from corpus.departments import Directory
from corpus.glossary import Glossary, load_glossary
from corpus.library import GLOSSARY_FILE
from corpus.models import Clause, Policy, Provision
from corpus.parser import HEAD_CHARS
from corpus.terms import Tokenizer
from index import PolicyIndex, chunks_of, embedder_from_spec

if TYPE_CHECKING:
    from app.llm import LanguageModel, Verifies

log = logging.getLogger(__name__)
_NO_CITATIONS = (Status.OUT_OF_SCOPE, Status.SMALLTALK, Status.ERROR)


@dataclass
class _Watch:
    """Milliseconds of each stage."""

    started: float = field(default_factory=time.perf_counter)
    last: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + (now - self.last) * 1000
        self.last = now

    def result(self) -> dict[str, float]:
        total = (time.perf_counter() - self.started) * 1000
        stages = {name: round(self.stages.get(name, 0.0), 3) for name in ("understand", "retrieve", "compose")}
        return {"total": round(total, 3), **stages}


class Assistant:
    """Answers questions about a library of policies. Keeps no state between questions; threads may share it.

    ``model`` words answers that are there already, and completes questions that the rules could not read; without one
    answers are extractive.
    """

    def __init__(
        self,
        library: Library,
        index: PolicyIndex,
        glossary: Glossary,
        tokenizer: Tokenizer,
        intents: IntentModel,
        max_question_chars: int = 2000,
        today: date | None = None,
        model: LanguageModel | None = None,
    ) -> None:
        self.library = library
        self.model = model
        self.index = index
        self._glossary = glossary
        self._tokenizer = tokenizer
        self._intents = intents
        self._limit = max_question_chars
        self._today = today
        self._cues = load_cues()
        self._phrases = load_phrases()
        self._scope_model = ScopeModel.load()
        self._picker = ItemPicker(
            tokenizer, glossary, self._cues, Levels.of(self._cues), Rungs(self._cues), index.dictionary
        )
        self._directories = {p.id: _directory_of(p, library.directory) for p in library.policies}
        self._finders = {
            p.id: EvidenceFinder(p, index, glossary, tokenizer, self._cues.generic) for p in library.policies
        }
        self._readers = {
            p.id: QuestionReader(
                self._cues, self._directories[p.id], tokenizer, p.jurisdiction, self._finders[p.id].says
            )
            for p in library.policies
        }
        self._correctors: dict[str, SpellingCorrector] = {}
        self._router = Router(library.policies)

    @classmethod
    def open(cls, settings: Settings, progress: bool | None = None, rebuild: bool = False) -> Assistant:
        """Open the library and its index, which is brought up to date first.

        Raises CorpusError or PolicyIndexError, each with one line that says what to do.
        """
        if progress is None:
            # A bar drawn into a pipe or a log is only noise.
            progress = None if sys.stderr.isatty() else False
        library = library_of(settings)
        glossary = load_glossary(GLOSSARY_FILE)
        tokenizer = Tokenizer(glossary.chinese_words())
        index = PolicyIndex.open(
            settings.data_dir,
            lambda: [chunk for policy in library.policies for chunk in chunks_of(policy)],
            embedder_from_spec(settings.embedder, threads=settings.threads or None),
            tokenizer,
            glossary,
            library.digest,
            chroma_url=settings.chroma_url,
            rebuild=rebuild,
            progress=progress,
        )
        intents = IntentModel.load(
            index.embed_queries, index.manifest.embedder, settings.data_dir / "exemplars", progress
        )
        today = date.fromisoformat(settings.today) if settings.today else None
        model = _language_model(settings)
        return cls(library, index, glossary, tokenizer, intents, settings.max_question_chars, today, model)

    @property
    def policies(self) -> tuple[Policy, ...]:
        return self.library.policies

    def policy(self, policy_id: str | None = None) -> Policy:
        """The policy with this id, or the first. Raises UnknownPolicy."""
        return self.library.policy(policy_id)

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        policy: str | None = None,
        language: str = "auto",
        explain: bool = False,
    ) -> Answer:
        """Answer one question. Any text will do; UnknownPolicy when ``policy`` is none that is there.

        Without ``policy`` the question, or else the conversation, tells which is meant, and the first is where neither
        does. ``history`` are the earlier turns, oldest first. ``language`` is ``auto`` (that of the question), ``zh``,
        ``zh-Hant`` or ``en``. With ``explain`` the answer carries a trace.
        """
        if self.model is None:
            return self._extractive(question, history, self._meant(question, history, policy), language, explain)
        *_, answer = self.stream(question, history, policy, language, explain)
        assert isinstance(answer, Answer)
        return answer

    def _extractive(
        self, question: str, history: Sequence[Message], meant: Sequence[Policy], language: str, explain: bool
    ) -> Answer:
        """The answer in the policy's words: what is true, whoever words it. Of several policies the asker has to name
        one first."""
        watch = _Watch()
        chosen = meant[0]
        text = _printable(question)
        reader = self._readers[chosen.id]
        if len(text) > self._limit:
            read = reader.read(text[: self._limit], language)
            return self._refused(read, question[:200], "too_long", watch, n=len(text), limit=self._limit)
        # Orders go before anything is read: their words would be taken for the subject, for slips, for the language.
        read = reader.read(reader.without_orders(text) or text, language)
        if not text.strip():
            return self._refused(read, question, "empty", watch, Status.CLARIFY)
        if len(meant) > 1:
            titles = _titles(meant, read.language)
            return self._refused(read, text, "which_policy", watch, Status.CLARIFY, titles=keep(titles))
        read = self._spelled(read, chosen, reader)
        watch.lap("understand")
        turns = [Message(m.role, _printable(m.content)) for m in history]
        focus = focus_of(turns, read, reader, chosen) if turns else None
        answer = self._respond(read, focus, chosen, reader, watch, explain)
        return replace(answer, question=text)

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        policy: str | None = None,
        language: str = "auto",
        explain: bool = False,
    ) -> Iterator[str | Answer]:
        """As ``ask``, in pieces: every piece of text is checked before it is given, the pieces joined are the
        answer's text, and the Answer itself comes last. UnknownPolicy before the first piece."""
        meant = self._meant(question, history, policy)
        answer = self._extractive(question, history, meant, language, explain)
        if self.model is None:
            yield from answer.answer.splitlines(keepends=True)
            yield answer
        else:
            if answer.status is Status.CLARIFY and len(meant) == 1:
                answer = self._completed(answer, history, meant[0], explain, self.model)
            yield from self.worded(answer, self.model, meant[0].id)

    def _meant(self, question: str, history: Sequence[Message], policy: str | None) -> tuple[Policy, ...]:
        """The policy with this id, which UnknownPolicy is raised for, else what the question means."""
        return self._router.meant(question, history) if policy is None else (self.library.policy(policy),)

    def worded(
        self, answer: Answer, model: LanguageModel, policy_id: str | None = None, verifier: Verifies | None = None
    ) -> Iterator[str | Answer]:
        """An extractive answer in a model's words, as far as they hold: pieces as ``stream`` gives them, the Answer
        last. A ``verifier`` takes the place of all checks, which is for showing what they are for and nothing else."""
        from app.llm import AnswerWriter

        started, first = time.perf_counter(), None
        policy = self.library.policy(policy_id)
        writer = AnswerWriter(
            model, policy, self._directories[policy.id], Wording(self._phrases, answer.language), verifier
        )
        checker = self._checker_of(policy)

        def check(text: str) -> Checks:
            return checker.check(text, answer, policy) if verifier is None else Checks(passed=True)

        for piece in writer.write(answer, check):
            spent = round((time.perf_counter() - started) * 1000, 3)
            first = spent if first is None else first
            if isinstance(piece, Answer) and piece.timings_ms:
                total = round(piece.timings_ms["total"] + spent, 3)
                piece = replace(piece, timings_ms={**piece.timings_ms, "total": total, "word": spent, "first": first})
            yield piece

    def _completed(
        self, answer: Answer, history: Sequence[Message], policy: Policy, explain: bool, model: LanguageModel
    ) -> Answer:
        """The answer to the question as a model completes it, where the rules would ask back and that helps."""
        from app.llm import QuestionCompleter

        reader = self._readers[policy.id]
        said = reader.without_orders(answer.question)
        if not history and len([p for p in self._cues.boundaries.ask.split(said) if p.strip()]) < 2:
            return answer  # There is nothing to complete it from.
        turns = [
            Message(m.role, reader.without_orders(_printable(m.content), answer=m.role == "assistant")) for m in history
        ]
        completer = QuestionCompleter(model, self._directories[policy.id])
        rewritten = completer.completed(said, turns)
        if rewritten is None:
            return answer
        better = self._extractive(rewritten, (), (policy,), answer.language, explain)
        if better.status not in (Status.ANSWERED, Status.PARTIAL, Status.NOT_SPECIFIED):
            return answer
        trace = {**better.trace, "completed": rewritten} if better.trace is not None else None
        return replace(better, question=answer.question, standalone_question=rewritten, trace=trace)

    def _spelled(self, read: Question, policy: Policy, reader: QuestionReader) -> Question:
        """The question with slips put right; only looked for where a word is not known."""
        finder = self._finders[policy.id]
        if not finder.coverage(read.topic)[1]:
            return read
        if policy.id not in self._correctors:
            chinese, english = finder.words()
            ordinary = {w for e in load_exemplars() for w in re.findall(r"[a-z]+", e.text.lower())}
            # The policy's own place is no slip for another one (Hunan, Henan).
            names = set(re.findall(r"[a-z]+", " ".join(policy.jurisdiction).lower()))
            self._correctors[policy.id] = SpellingCorrector(
                [*sorted(self._cues.generic), *sorted(chinese)],
                english | ordinary | self._cues.generic | names,
                self._tokenizer,
                self._cues.generic,
            )
        corrected = self._correctors[policy.id].correct(read.plain)
        return reader.read(read.text, read.language, corrected) if corrected != read.plain else read

    def _respond(
        self, read: Question, focus: Focus | None, policy: Policy, reader: QuestionReader, watch: _Watch, explain: bool
    ) -> Answer:
        wording = Wording(self._phrases, read.language)
        draft = Draft(policy, wording)
        responder = Responder.of(
            policy,
            reader,
            self._finders[policy.id],
            self._intents,
            self._picker,
            self._directories[policy.id],
            wording,
            self._now(),
            self._scope_model,
        )
        inquiry = responder.respond(read, focus, draft, watch.lap)
        answer = self._assembled(read, responder.document, inquiry, draft, explain)
        watch.lap("compose")
        return replace(answer, timings_ms=watch.result())

    def _assembled(
        self, read: Question, document: DocumentComposer, inquiry: Inquiry, draft: Draft, explain: bool
    ) -> Answer:
        policy, status = draft.policy, draft.status()
        citations = () if status in _NO_CITATIONS else draft.citations()
        notes: tuple[Note, ...] = ()
        if citations and (draft.about_money or any(c.number is not None for c in citations)):
            notes = document.notes([(c.start, c.end, c.label) for c in citations])
        elif citations and read.language == "en":
            notes = document.notes([(c.start, c.end, c.label) for c in citations])[-1:]
        answer = Answer(
            question=read.text,
            standalone_question=inquiry.standalone or read.text,
            language=read.language,
            status=status,
            answer=draft.text(),
            citations=citations,
            facts=() if status in _NO_CITATIONS else draft.facts(),
            notes=notes,
            contact=_contact(policy) if draft.contact else None,
            see_also=tuple(_see_also(policy, c) for c in inquiry.near if c.id not in {x.id for x in citations}),
        )
        checks = self._checker_of(policy).check(answer.answer, answer, policy)
        if not checks.passed:
            # Without the question, which is in the records: a log is kept and read elsewhere.
            log.error("an answer did not pass its checks: %s", checks.failed)
            answer = self._verbatim(answer, policy, draft.wording)
            checks = self._checker_of(policy).check(answer.answer, answer, policy)
        trace = {**inquiry.trace(read), "status": status.value, "checks": list(checks.checked)} if explain else None
        return replace(answer, checks=checks, trace=trace)

    def _verbatim(self, answer: Answer, policy: Policy, wording: Wording) -> Answer:
        """The clauses' own words in place of sentences that could not be verified; a question back where no clause
        is cited, since an answer is never empty."""
        if not answer.citations:
            return replace(answer, status=Status.CLARIFY, answer=wording.finish(wording.say("clarify")), facts=())
        lines = [
            wording.say("fallback", ref=wording.ref(policy.clause(c.id)), quote=keep(c.quote)) for c in answer.citations
        ]
        return replace(answer, answer=wording.finish("\n".join(lines)), facts=())

    def _refused(
        self, read: Question, question: str, key: str, watch: _Watch, status: Status = Status.ERROR, **values: Any
    ) -> Answer:
        wording = Wording(self._phrases, read.language)
        text = wording.finish(wording.say(key, **values))
        return Answer(
            question=question,
            standalone_question=question,
            language=read.language,
            status=status,
            answer=text,
            error=text if status is Status.ERROR else None,
            timings_ms=watch.result(),
        )

    def search(self, query: str, language: str, policy_id: str | None = None) -> tuple[Candidate, ...]:
        """All clauses of a policy, best first; empty for a blank query."""
        policy = self.library.policy(policy_id)
        query = _printable(query)[: self._limit]
        if not query:
            return ()
        return self._finders[policy.id].find(self._readers[policy.id].read(query, language)).candidates

    def meant(
        self, query: str, language: str, candidates: Sequence[Candidate], policy_id: str | None = None
    ) -> dict[str, tuple[Provision, ...]]:
        """Which provisions of each clause found the query's words mean, by clause id; all of them where the words
        tell nothing apart."""
        policy = self.library.policy(policy_id)
        plain = self._readers[policy.id].read(_printable(query)[: self._limit], language).plain
        return {
            # No scores: near ones would leave out some items of a list for no reason that a reader could see.
            c.clause.id: tuple(self._picker.pick(policy, c.clause, plain, c.clause.provisions, {}))
            for c in candidates
        }

    def _now(self) -> date:
        return self._today or datetime.now(ZoneInfo("Asia/Shanghai")).date()

    def check(self, text: str, answer: Answer, policy_id: str | None = None) -> Checks:
        """Check another wording of an answer against what the answer cites."""
        policy = self.library.policy(policy_id)
        return self._checker_of(policy).check(text, answer, policy)

    def _checker_of(self, policy: Policy) -> AnswerChecker:
        return AnswerChecker(self._directories[policy.id], self._picker)


def _language_model(settings: Settings) -> LanguageModel | None:
    """The model that the settings name; None where they name none."""
    if not settings.llm_base_url or not settings.llm_model:
        return None
    from app.llm import LanguageModel

    return LanguageModel(
        settings.llm_base_url,
        settings.llm_model,
        settings.llm_api_key.get_secret_value() if settings.llm_api_key else None,
        connect_seconds=settings.llm_connect_seconds,
        first_word_seconds=settings.llm_first_word_seconds,
        total_seconds=settings.llm_total_seconds,
        max_tokens=settings.llm_max_tokens,
        concurrency=settings.llm_concurrency,
        temperature=settings.llm_temperature,
    )


def _directory_of(policy: Policy, directory: Directory) -> Directory:
    """The departments as this policy means them: 市科技局 of another city is not ours."""
    names = [d.name for c in policy.clauses for d in c.departments]
    return directory.for_policy(policy.source_text[:HEAD_CHARS], names)


def _printable(text: str) -> str:
    """The text without NUL and other control characters, lone surrogates replaced."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(c if c in "\n\t" or c.isprintable() or c == "\u3000" else " " for c in text).strip()


def _titles(policies: Sequence[Policy], language: str) -> str:
    if language == "en":
        return "; ".join(p.english_title or f"《{p.title}》" for p in policies)
    return "、".join(f"《{p.title}》" for p in policies)


def _contact(policy: Policy) -> ContactShown | None:
    c = policy.contact
    return ContactShown(c.name, c.phone, c.hours, c.start, c.end) if c else None


def _see_also(policy: Policy, clause: Clause) -> SeeAlso:
    return SeeAlso(policy.id, clause.id, clause.label, clause.title)
