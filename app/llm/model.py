"""One OpenAI-compatible server, through LangChain: text in pieces, with limits on everything it may take."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, Queue
from threading import BoundedSemaphore, Event, Thread
from typing import Any
from urllib.parse import urlsplit

from app.llm.breaker import CircuitBreaker
from app.llm.faults import NOT_THE_SERVERS, ModelFault, fault_of

# No answer is longer; a token is hardly ever more characters than this.
_CHARS_A_TOKEN = 8
# Who we are is nobody's business: what the client library would tell of this machine and of another account.
_UNSAID = ("openai-organization", "openai-project")


class LanguageModel:
    """A chat model at ``base_url``. Threads may share it.

    ``first_word_seconds`` bounds the wait for the first piece of a reply and for each next one, ``total_seconds`` the
    whole of it. Whoever counts may set ``on_fault``, called with each fault's kind, ``on_withheld``, with the number of
    an answer's sentences that did not pass, and ``on_sentence``, with what became of each: released, copied, reworded,
    replaced or withheld. They must not raise.
    """

    def __init__(
        self,
        base_url: str,
        name: str,
        api_key: str | None = None,
        *,
        connect_seconds: float = 3.0,
        first_word_seconds: float = 20.0,
        total_seconds: float = 45.0,
        max_tokens: int = 1024,
        concurrency: int = 4,
        temperature: float = 0.0,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self.name = name
        self.on_fault: Callable[[str], None] = lambda kind: None
        self.on_withheld: Callable[[int], None] = lambda count: None
        self.on_sentence: Callable[[str], None] = lambda outcome: None
        self._patience = first_word_seconds
        self._total = total_seconds
        self._most_chars = max_tokens * _CHARS_A_TOKEN
        self._slots = BoundedSemaphore(concurrency)
        self._breaker = breaker or CircuitBreaker()
        self._chat = _chat_model(
            base_url, name, api_key, connect_seconds, first_word_seconds, max_tokens, concurrency, temperature
        )

    @property
    def total_seconds(self) -> float:
        """The longest time that an answer may wait for the model."""
        return self._total

    def stream(self, messages: Sequence[tuple[str, str]], seconds: float | None = None) -> Iterator[str]:
        """The reply to ``messages`` (role, text) in pieces, within ``seconds`` where less than the total is left.
        Raises ModelFault, after some pieces too."""
        try:
            yield from self._streamed(messages, min(self._total, seconds or self._total))
        except ModelFault as fault:
            if fault.kind not in NOT_THE_SERVERS:
                self._breaker.failed()
            self.on_fault(fault.kind)
            raise

    def complete(self, messages: Sequence[tuple[str, str]], seconds: float | None = None) -> str:
        """The whole reply. Raises ModelFault."""
        return "".join(self.stream(messages, seconds))

    def _streamed(self, messages: Sequence[tuple[str, str]], seconds: float) -> Iterator[str]:
        if not self._breaker.allows():
            raise ModelFault("resting")
        started = time.monotonic()
        if not self._slots.acquire(timeout=self._patience):
            raise ModelFault("busy")
        pieces: Queue[str | ModelFault | None] = Queue()
        stop = Event()
        # The client blocks while a server is silent, whatever it is sent to keep the connection; a thread does not
        # keep us from giving up on it.
        Thread(target=self._read, args=(messages, pieces, stop), name="language model", daemon=True).start()
        length = 0
        try:
            while True:
                left = started + seconds - time.monotonic()
                try:
                    # What has come already is taken however late it is asked for.
                    piece = pieces.get(timeout=max(min(self._patience, left), 0.001))
                except Empty:
                    late = "the whole reply" if left < self._patience else "stalled" if length else "no first word"
                    raise ModelFault("timeout", late) from None
                if isinstance(piece, ModelFault):
                    raise piece
                if piece is None:
                    break
                length += len(piece)
                if piece:
                    yield piece
        finally:
            stop.set()
        if not length:
            raise ModelFault("empty")
        self._breaker.succeeded()

    def _read(self, messages: Sequence[tuple[str, str]], pieces: Queue[str | ModelFault | None], stop: Event) -> None:
        from langsmith.run_helpers import tracing_context

        finished, chars, chunks_read = False, 0, 0
        try:
            # Whatever the environment says, nothing of a question is sent to a tracing service.
            with tracing_context(enabled=False), contextlib.closing(self._chat.stream(list(messages))) as chunks:
                for chunk in chunks:
                    if stop.is_set():
                        return
                    text = chunk.content if isinstance(chunk.content, str) else ""
                    chars, chunks_read = chars + len(text), chunks_read + 1
                    if max(chars, chunks_read) > self._most_chars:
                        raise ModelFault("endless")
                    pieces.put(text)
                    finished = finished or bool(chunk.response_metadata.get("finish_reason"))
            pieces.put(None if finished else ModelFault("cut", "no end of the reply"))
        except Exception as error:
            pieces.put(fault_of(error))
        finally:
            self._slots.release()


def _chat_model(
    base_url: str,
    name: str,
    api_key: str | None,
    connect_seconds: float,
    read_seconds: float,
    max_tokens: int,
    concurrency: int,
    temperature: float,
) -> Any:
    import httpx
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    def unsaid(request: httpx.Request) -> None:
        for header in [h for h in request.headers if h in _UNSAID or h.startswith("x-stainless")]:
            del request.headers[header]

    # A proxy of the environment stands between us and the world, not between us and this machine.
    local = urlsplit(base_url).hostname in ("localhost", "127.0.0.1", "::1")
    timeout = httpx.Timeout(read_seconds, connect=connect_seconds)
    client = httpx.Client(
        timeout=timeout,
        trust_env=not local,
        event_hooks={"request": [unsaid]},
        limits=httpx.Limits(max_connections=2 * concurrency + 4),
    )
    return ChatOpenAI(
        model=name,
        base_url=base_url,
        api_key=SecretStr(api_key or "none"),
        http_client=client,
        timeout=timeout,
        max_retries=0,
        temperature=temperature,
        stream_usage=False,
        use_responses_api=False,
        # Not max_tokens: LangChain sends that under a newer name, which most compatible servers pass over.
        extra_body={"max_tokens": max_tokens},
        cache=False,
        callbacks=[],
    )
