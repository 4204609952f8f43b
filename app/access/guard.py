"""The guard before every route: host names, keys, sessions of the pages, limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.forwarded import Client, client_of
from app.access.keys import Keys, keys_given
from app.access.limiter import RateLimiter
from app.access.networks import is_loopback, subscriber
from app.access.origin import host_name, is_from_elsewhere, is_same_site
from app.access.rules import TYPED, Access, Kind, kind_of
from app.access.sessions import LIFE_SECONDS, PageSession, PageSessions
from app.refusals import refuse, shown

# Where the guard leaves in a request's state who asks: "key:1a2b3c4d", "page", "local" or "nobody".
CALLER = "policy_caller"
HEALTH = ("/healthz", "/readyz")
NEEDS_KEY = "this address needs a key: send Authorization: Bearer KEY, or X-API-Key: KEY"
WRONG_KEY = "the key is none of this server's"
NO_KEYS_YET = "the API needs a key, and this server has none: start it with POLICY_API_KEYS=KEY, then send that key"
PROXIED = (
    "a proxy stands before this server, so the API needs a key: set POLICY_API_KEYS, and POLICY_TRUSTED_PROXIES to "
    "the proxy's address"
)
OTHER_SITE = "a page of another site may not ask here; set POLICY_CORS_ORIGINS to allow one"


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who may pass: ``name`` for the log, ``counted`` for the limit (None: not limited)."""

    name: str
    counted: str | None
    session: PageSession | None = None


class Guard:
    """ASGI middleware. Expects paths that begin with ``root_path``; ``refused`` is told in one word why a request
    was turned away."""

    def __init__(self, app: ASGIApp, access: Access, root_path: str, refused: Callable[[str], None]) -> None:
        self._app = app
        self._access = access
        self._root_path = root_path
        self._refused = refused
        self._keys = Keys(access.keys)
        self._sessions = PageSessions(access.page_secret)
        self._limiter = RateLimiter(access.rate_limit)
        self._hosts = frozenset(name.lower() for name in (*access.allowed_hosts, access.host))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(self._root_path)
        if path in HEALTH:
            await self._app(scope, receive, send)
            return
        client = client_of(scope, self._access.trusted_proxies)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        kind = kind_of(scope["method"], path)
        passed = await self._passed(scope, path, kind, client, headers)
        if isinstance(passed, JSONResponse):
            await passed(scope, receive, send)
            return
        scope.setdefault("state", {})[CALLER] = passed.name
        cookie = await self._new_cookie(kind, passed, client)
        await self._app(scope, receive, self._with_cookie(cookie, scope, send) if cookie else send)

    async def _passed(
        self, scope: Scope, path: str, kind: Kind, client: Client, headers: dict[str, str]
    ) -> _Caller | JSONResponse:
        if not self._is_our_name(headers.get("host", ""), client):
            self._refused("host")
            return refuse(
                421,
                "misdirected",
                f"this server does not answer as {shown(host_name(headers['host']))}; name it in POLICY_ALLOWED_HOSTS",
            )
        if kind is Kind.OPEN:
            return _Caller("nobody", None)
        caller = self._caller(scope, kind, client, headers)
        if isinstance(caller, JSONResponse) and caller.status_code != 401:
            return caller
        # Whoever has no key is counted too, or keys could be tried without end.
        counted = f"address:{subscriber(client.address)}" if isinstance(caller, JSONResponse) else caller.counted
        if counted is not None:
            # The look of a page and what is asked at every key weigh less than a question.
            light = kind is Kind.PAGE or (path.rstrip("/") in TYPED and counted.startswith("page:"))
            seconds = await self._limiter.wait(counted, typing=light)
            if seconds:
                self._refused("rate")
                many = f"too many requests: {self._limiter.a_minute} a minute are allowed; wait {seconds} s"
                response = refuse(429, "rate_limited", many)
                response.headers["Retry-After"] = str(seconds)
                return response
        if isinstance(caller, JSONResponse):
            self._refused("key")
        return caller

    def _caller(self, scope: Scope, kind: Kind, client: Client, headers: dict[str, str]) -> _Caller | JSONResponse:
        given = keys_given(scope["headers"])
        key = self._keys.match(given)
        if key is not None:
            return _Caller(f"key:{key}", f"key:{key}")
        session = self._session(headers) if kind in (Kind.PAGE, Kind.CALL) else None
        if kind is Kind.PAGE:
            counted = f"page:{session.id}" if session else f"address:{subscriber(client.address)}"
            return _Caller("page", counted, session)
        if session is not None:
            if not is_same_site(headers, scope["method"]):
                return self._other_site()
            return _Caller("page", f"page:{session.id}", session)
        is_local = self._access.is_local_only and client.direct and is_loopback(client.address)
        if is_local and (kind is Kind.METRICS or not self._keys):
            if is_from_elsewhere(headers, self._access.cors_origins):
                return self._other_site()
            return _Caller("local", f"address:{client.address}" if self._access.limit_local else None)
        return self._without_key(bool(given), client)

    def _session(self, headers: dict[str, str]) -> PageSession | None:
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except CookieError:
            return None
        found = cookies.get(self._sessions.cookie_name)
        return self._sessions.read(found.value if found else None)

    def _is_our_name(self, host: str, client: Client) -> bool:
        """Whether to answer under this name. On loopback the name has to be the machine's own, or a page of another
        site, whose name is made to lead here, could read what this server says."""
        name = host_name(host)
        if not name or is_loopback(name) or name.endswith(".localhost") or name in self._hosts:
            return True
        if self._access.allowed_hosts:
            return False
        return client.trusted or not self._access.is_local_only

    def _other_site(self) -> JSONResponse:
        self._refused("origin")
        return refuse(403, "forbidden", OTHER_SITE)

    def _without_key(self, gave_one: bool, client: Client) -> JSONResponse:
        if self._keys:
            said = WRONG_KEY if gave_one else NEEDS_KEY
        else:
            said = PROXIED if self._access.is_local_only and not client.direct else NO_KEYS_YET
        response = refuse(401, "unauthorized", said)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    async def _new_cookie(self, kind: Kind, caller: _Caller, client: Client) -> str | None:
        session = caller.session
        if session is not None:
            return self._sessions.cookie(session.id) if session.is_old else None
        if kind is not Kind.PAGE:
            return None
        address = subscriber(client.address)
        if await self._limiter.may_start_session(address):
            return self._sessions.cookie(self._sessions.new_id())
        return self._sessions.cookie(self._sessions.shared_id(address))

    def _with_cookie(self, value: str, scope: Scope, send: Send) -> Send:
        secure = "; Secure" if scope["scheme"] == "https" else ""
        cookie = (
            f"{self._sessions.cookie_name}={value}; Path={self._root_path or '/'}; Max-Age={LIFE_SECONDS}; "
            f"HttpOnly; SameSite=Strict{secure}"
        )

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                headers = [*message["headers"], (b"set-cookie", cookie.encode())]
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    # Kept by a shared cache, one reader's session would become everybody's.
                    headers.append((b"cache-control", b"private, no-cache"))
                message = {**message, "headers": headers}
            await send(message)

        return sending
