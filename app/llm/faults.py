"""What can go wrong with a model's server, in a dozen words."""

from __future__ import annotations

from collections.abc import Iterator

# A fault of ours (too many questions at once) or of one answer says nothing about the server's health.
NOT_THE_SERVERS = frozenset({"busy", "resting", "endless"})


class ModelFault(Exception):
    """The model gave no usable text.

    ``kind`` is connect, unauthorized, not_found, rate_limited, refused, server_error, timeout, cut, garbled, empty,
    endless, busy (no free slot), resting (the circuit breaker is open) or other. The message has no word of the
    question or of the answer.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind


def fault_of(error: BaseException) -> ModelFault:
    """The fault that an exception of the client libraries stands for."""
    import json

    import httpx
    import openai

    if isinstance(error, ModelFault):
        return error
    name = type(error).__name__
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return ModelFault("timeout", name)
    if isinstance(error, openai.APIConnectionError):
        # The client says the same of a server that isn't there and of one that hangs up.
        refused = any(isinstance(cause, httpx.ConnectError) for cause in _causes(error))
        return ModelFault("connect" if refused else "cut", name)
    if isinstance(error, openai.APIStatusError):
        return ModelFault(_kind_of_status(error.status_code), f"HTTP {error.status_code}")
    if isinstance(error, httpx.ConnectError):
        return ModelFault("connect", name)
    if isinstance(error, httpx.TransportError):
        return ModelFault("cut", name)
    if isinstance(error, openai.APIError):
        return ModelFault("server_error", name)
    if isinstance(error, json.JSONDecodeError | UnicodeError | openai.APIResponseValidationError | httpx.DecodingError):
        return ModelFault("garbled", name)
    return ModelFault(
        "garbled" if isinstance(error, ValueError | TypeError | AttributeError | KeyError) else "other", name
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What led to an error, nearest first."""
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _kind_of_status(status: int) -> str:
    if status in (401, 403):
        return "unauthorized"
    known = {404: "not_found", 408: "timeout", 429: "rate_limited"}
    return known.get(status) or ("server_error" if status >= 500 else "refused")
