"""Connections that ask for nothing are closed, and there are no more of them than can be kept."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Protocol
else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as Protocol

# From the opening of a connection, or from the first byte of its next request, to the end of the headers.
HEADER_SECONDS = 15.0
_FULL = json.dumps({"error": {"type": "busy", "message": "too many connections are open; ask again in a moment"}})
FULL_ANSWER = (
    "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nretry-after: 2\r\nconnection: close\r\n"
    f"content-length: {len(_FULL)}\r\n\r\n{_FULL}"
).encode()


def patient_protocol(most: int, header_seconds: float = HEADER_SECONDS) -> type[asyncio.Protocol]:
    """uvicorn's HTTP protocol with what it lacks: an end to connections on which no request comes, whole, within
    ``header_seconds``, and to more than ``most`` connections, which are answered 429 and closed."""

    class PatientProtocol(Protocol):
        """One connection."""

        _closing: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if len(self.connections) > most:
                transport.write(FULL_ANSWER)
                transport.close()
                return
            self._start()

        def data_received(self, data: bytes) -> None:
            # Bytes that were on their way when the connection was closed.
            if self.transport.is_closing():
                return
            super().data_received(data)
            if self.cycle is None or self.cycle.response_complete:
                self._start()
            else:
                self._stop()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def _start(self) -> None:
            # Never put off by another byte.
            if self._closing is None and not self.transport.is_closing():
                self._closing = self.loop.call_later(header_seconds, self.transport.close)

        def _stop(self) -> None:
            if self._closing is not None:
                self._closing.cancel()
                self._closing = None

    return PatientProtocol
