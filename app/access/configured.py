"""The rules of access and the capacity that the settings ask for."""

from __future__ import annotations

from app.access.keys import parse_keys
from app.access.networks import Networks
from app.access.rules import Access
from app.access.sessions import kept_secret
from app.serving import Capacity
from app.settings import Settings, listed
from index.bundled import usable_cores

# Beyond one question for each core: while one waits for the interpreter another is with the embedder.
BESIDE_THE_CORES = 1
# With a language model a question spends its time waiting for it, and not on a core.
AT_ONCE_WITH_MODEL = 32


def access_from(settings: Settings) -> Access:
    """SecretUnavailable when the pages' secret can neither be read nor kept."""
    secret = settings.page_secret
    return Access(
        page_secret=secret.get_secret_value().encode() if secret else kept_secret(settings.data_dir),
        host=settings.host,
        keys=parse_keys(settings.api_keys.get_secret_value()) if settings.api_keys else (),
        rate_limit=settings.rate_limit,
        # Whoever sets a limit wants it to hold; the default is there against strangers.
        limit_local="rate_limit" in settings.model_fields_set,
        trusted_proxies=Networks.parse(settings.trusted_proxies),
        allowed_hosts=listed(settings.allowed_hosts),
        cors_origins=listed(settings.cors_origins),
    )


def capacity_from(settings: Settings, has_model: bool = False) -> Capacity:
    """How many questions are worked on at once, how many wait, and how long either may take. ``has_model`` is whether
    a language model words the answers."""
    by_itself = (settings.threads or usable_cores()) + BESIDE_THE_CORES
    if has_model:
        by_itself = max(by_itself, AT_ONCE_WITH_MODEL)
    return Capacity(
        at_once=settings.max_running or by_itself, waiting=settings.max_waiting, seconds=settings.request_timeout
    )
