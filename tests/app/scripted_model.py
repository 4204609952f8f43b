"""A model's server that behaves as it is told: behaviours for the server that the attacks use too. Real sockets."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

from eval.attacks.chat_server import Behaviour, ChatHandler, ChatServer, saying

__all__ = ["Behaviour", "ChatServer", "draft_in", "saying"]


def draft_in(message: str) -> list[str]:
    """The lines that a prompt asks to be worded."""
    found = re.search(r"<draft>\n(.*?)\n</draft>", message, re.DOTALL)
    return found.group(1).split("\n") if found else []


def echoing(handler: ChatHandler, request: dict[str, Any]) -> None:
    """Says the draft as it is."""
    saying(lambda message: "\n".join(draft_in(message)))(handler, request)


def refusing(status: int) -> Behaviour:
    """Answers with an HTTP error."""
    return lambda handler, request: handler.refuse(status)


def never_answering(until: threading.Event) -> Behaviour:
    """Takes the question and says nothing."""
    return lambda handler, request: void(until.wait(30))


def keeping_alive(until: threading.Event) -> Behaviour:
    """Sends comments and no words."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.begin()
        while not until.wait(0.05):
            handler.wfile.write(b": keep-alive\n\n")
            handler.wfile.flush()

    return behave


def stalling_after(text: str, until: threading.Event) -> Behaviour:
    """Says something and then nothing any more."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(text)
        until.wait(30)

    return behave


def cut_after(text: str) -> Behaviour:
    """Says something and closes the connection, as if that were all."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(text)

    return behave


def reset_after(text: str) -> Behaviour:
    """Says something and resets the connection."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(text)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    return behave


def without_end(text: str) -> Behaviour:
    """Says the same over and over."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.begin()
        while True:
            handler.piece(text)

    return behave


def raw_events(*events: bytes) -> Behaviour:
    """Sends these as the data of events, whatever they are."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.begin()
        for event in events:
            handler.event(event)

    return behave


def raw_body(body: bytes, content_type: str = "text/html") -> Behaviour:
    """Answers 200 with something else than a stream."""

    def behave(handler: ChatHandler, request: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("content-type", content_type)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def prompting_itself(handler: ChatHandler, request: dict[str, Any]) -> None:
    """Repeats the prompt."""
    saying(lambda message: str(request["messages"][0]["content"]) + "\n" + message)(handler, request)


def saying_of_each(of: Callable[[str], str]) -> Behaviour:
    """Says what a function makes of each line of the draft."""
    return saying(lambda message: "\n".join(of(line) for line in draft_in(message)))


def void(_: object) -> None:
    """Nothing, of anything."""


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
