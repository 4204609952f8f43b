"""Who may ask: keys, sessions of the pages, other sites, proxies, limits."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from app.access import Access
from app.access.keys import Keys, fingerprint, parse_keys
from app.access.limiter import SESSIONS_AN_HOUR, TYPING_FACTOR
from app.access.networks import Networks, is_loopback, plain_address, subscriber
from app.access.sessions import LIFE_SECONDS, PageSessions, SecretUnavailable, kept_secret
from app.records import Records, database_url
from app.server import create_app
from tests.app.conftest import TODAY, WrittenAnswers, running
from tests.browser import visit, watched

STANDARD = "参与制定国家标准能拿多少钱？"
KEY, OTHER_KEY = "first-key-of-the-tests", "second-key-of-the-tests"
SECRET = b"a secret that is long enough for the tests"
ASK = {"question": STANDARD}


def app_with(answers: WrittenAnswers, records: Records | None = None, **rules: Any) -> Any:
    return create_app(answers, today=lambda: TODAY, records=records, access=Access(page_secret=SECRET, **rules))


def client_of(site: str) -> httpx.Client:
    return httpx.Client(base_url=site, trust_env=False, timeout=30)


@pytest.fixture(scope="module")
def local(written_answers: WrittenAnswers) -> Iterator[httpx.Client]:
    """On loopback, without keys."""
    with running(app_with(written_answers)) as site, client_of(site) as client:
        yield client


@pytest.fixture(scope="module")
def keyed(written_answers: WrittenAnswers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """On every address of the machine, with two keys."""
    records = Records.open(database_url(tmp_path_factory.mktemp("keyed"), None))
    app = app_with(written_answers, records, host="0.0.0.0", keys=(KEY, OTHER_KEY))
    with running(app, "0.0.0.0") as site, client_of(site) as client:
        yield client
    records.close()


@pytest.fixture(scope="module")
def keyless(written_answers: WrittenAnswers) -> Iterator[httpx.Client]:
    """On every address of the machine, without keys."""
    with running(app_with(written_answers, host="0.0.0.0"), "0.0.0.0") as site, client_of(site) as client:
        yield client


@pytest.fixture(scope="module")
def proxied(written_answers: WrittenAnswers) -> Iterator[httpx.Client]:
    """On loopback behind proxies that are believed."""
    app = app_with(written_answers, trusted_proxies=Networks.parse("127.0.0.1, 10.1.0.0/16"), rate_limit=4)
    with running(app) as site, client_of(site) as client:
        yield client


def refusal(reply: httpx.Response, status: int, kind: str) -> str:
    assert reply.status_code == status, reply.text
    assert set(reply.json()) == {"error"}
    error = reply.json()["error"]
    # Under /v1 the types are those of OpenAI's clients.
    assert error.get("code", error["type"]) == kind
    message = str(reply.json()["error"]["message"])
    assert message
    assert "\n" not in message
    return message


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


# ---- keys ----


def test_on_loopback_the_api_is_open_without_a_key(local: httpx.Client) -> None:
    assert local.post("/api/ask", json=ASK).status_code == 200
    assert local.get("/metrics").status_code == 200
    # Clients of chat APIs always send some key.
    assert local.post("/api/ask", json=ASK, headers=bearer("whatever")).status_code == 200


def test_on_other_addresses_the_api_asks_for_a_key_and_says_that_there_is_none(keyless: httpx.Client) -> None:
    reply = keyless.post("/api/ask", json=ASK)
    assert "POLICY_API_KEYS" in refusal(reply, 401, "unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"
    assert keyless.get("/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/ask"),
        ("POST", "/api/ask/"),
        ("GET", "/api/clauses"),
        ("GET", "/api/search"),
        ("GET", "/api/nothing"),
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/models"),
        ("POST", "/mcp"),
        ("POST", "/mcp/"),
        ("GET", "/metrics"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/transcript/md"),
    ],
)
def test_with_keys_nothing_of_the_api_is_open_without_one(keyed: httpx.Client, method: str, path: str) -> None:
    keyed.cookies.clear()
    reply = keyed.request(method, path)
    assert "key" in refusal(reply, 401, "unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"
    for wrong in (bearer("wrong"), bearer(KEY[:-1]), {"X-API-Key": ""}, {"X-API-Key": "wrong"}, {"Authorization": KEY}):
        refusal(keyed.request(method, path, headers=wrong), 401, "unauthorized")


@pytest.mark.parametrize(
    "headers", [bearer(KEY), bearer(OTHER_KEY), {"X-API-Key": KEY}, {"Authorization": f"bearer {KEY}"}]
)
def test_a_key_opens_the_api(keyed: httpx.Client, headers: dict[str, str]) -> None:
    assert keyed.post("/api/ask", json=ASK, headers=headers).json()["status"] == "answered"
    assert keyed.get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/", "/hotline", "/measures", "/config"])
def test_health_descriptions_and_pages_are_open_to_all(keyed: httpx.Client, keyless: httpx.Client, path: str) -> None:
    for client in (keyed, keyless):
        assert client.get(path).status_code == 200


def test_keys_are_read_from_a_list_and_none_is_ever_named() -> None:
    assert parse_keys(f" {KEY} ,, {OTHER_KEY},{KEY}") == (KEY, OTHER_KEY)
    for bad in (" , ", f"{KEY} x,{OTHER_KEY}", "k\x07ey"):
        with pytest.raises(ValueError, match="key") as caught:
            parse_keys(bad)
        assert KEY not in str(caught.value)
    keys = Keys((KEY,))
    assert keys.match([b"wrong", KEY.encode()]) == fingerprint(KEY)
    assert keys.match([b"wrong"]) is keys.match([]) is None
    assert KEY not in fingerprint(KEY)
    assert KEY not in repr(Access(page_secret=SECRET, keys=(KEY,)))


# ---- sessions of the pages ----


def session_of(client: httpx.Client, path: str = "/hotline") -> dict[str, str]:
    """The cookie header of a browser that has loaded a page."""
    client.cookies.clear()
    reply = client.get(path)
    given = reply.headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=Strict" in given
    assert "private" in reply.headers["cache-control"]
    client.cookies.clear()
    return {"Cookie": given.partition(";")[0]}


def test_a_page_session_is_good_for_what_pages_ask_and_for_nothing_else(keyed: httpx.Client) -> None:
    session = session_of(keyed)
    ours = {**session, "Sec-Fetch-Site": "same-origin"}
    for path in ("/api/policies", "/api/search", "/api/approved", "/api/measures", "/api/measures/fit"):
        assert keyed.get(path, headers=ours).status_code in (200, 503), path
    call = {"outcome": "answered", "questions": [], "clauses": []}
    assert keyed.post("/api/calls", json=call, headers=ours).status_code == 201
    for method, path in (
        ("POST", "/api/ask"),
        ("GET", "/api/clauses"),
        ("POST", "/v1/chat/completions"),
        ("GET", "/metrics"),
    ):
        refusal(keyed.request(method, path, headers=ours), 401, "unauthorized")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Referer": "https://elsewhere.example/page"},
        {},
    ],
)
def test_a_stolen_cookie_is_worth_nothing_to_another_site(keyed: httpx.Client, headers: dict[str, str]) -> None:
    session = session_of(keyed)
    call = {"outcome": "answered", "questions": [], "clauses": []}
    refusal(keyed.post("/api/calls", json=call, headers={**session, **headers}), 403, "forbidden")
    if headers and headers != {"Sec-Fetch-Site": "none"}:
        refusal(keyed.get("/api/policies", headers={**session, **headers}), 403, "forbidden")


def test_on_plain_http_browsers_name_only_their_origin(keyed: httpx.Client) -> None:
    own = {**session_of(keyed), "Origin": str(keyed.base_url).rstrip("/")}
    call = {"outcome": "answered", "questions": [], "clauses": []}
    assert keyed.post("/api/calls", json=call, headers=own).status_code == 201


def test_a_cookie_that_is_not_ours_is_none(keyed: httpx.Client) -> None:
    name, _, value = session_of(keyed)["Cookie"].partition("=")
    forged = PageSessions(b"another secret, as long as the other").cookie("somebody-else")
    for bad in (forged, value[:-1], value.replace(".", ".9", 1), "", "é", "a.b.c"):
        headers = [(b"cookie", f"{name}={bad}".encode()), (b"sec-fetch-site", b"same-origin")]
        refusal(keyed.get("/api/policies", headers=headers), 401, "unauthorized")


def test_a_session_ends_and_is_renewed_before_that() -> None:
    now = [1_000_000.0]
    sessions = PageSessions(SECRET, lambda: now[0])
    cookie = sessions.cookie(sessions.new_id())
    fresh = sessions.read(cookie)
    assert fresh is not None
    assert not fresh.is_old
    now[0] += LIFE_SECONDS * 0.6
    old = sessions.read(cookie)
    assert old is not None
    assert old.is_old
    assert old.id == fresh.id
    now[0] += LIFE_SECONDS * 0.5
    assert sessions.read(cookie) is None


def test_the_secret_is_kept_and_nobody_else_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    secret = kept_secret(folder)
    assert kept_secret(folder) == secret
    assert stat.S_IMODE((folder / "page-secret").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["page-secret"]
    (folder / "page-secret").write_text("short")
    with pytest.raises(SecretUnavailable, match="delete it"):
        kept_secret(folder)


def test_whoever_takes_many_sessions_gets_one_for_all(written_answers: WrittenAnswers) -> None:
    app = app_with(written_answers, host="0.0.0.0", keys=(KEY,), rate_limit=1000)
    with running(app, "0.0.0.0") as site, client_of(site) as client:
        names = [session_of(client)["Cookie"].partition("=")[2].partition(".")[0] for _ in range(SESSIONS_AN_HOUR + 2)]
    assert len(set(names[:SESSIONS_AN_HOUR])) == SESSIONS_AN_HOUR
    assert len(set(names[SESSIONS_AN_HOUR:])) == 1
    assert names[-1].startswith("shared-")


@pytest.mark.parametrize("path", ["/", "/hotline", "/measures"])
def test_pages_work_with_keys_set_on_every_address(keyed: httpx.Client, browser: Browser, path: str) -> None:
    site = str(keyed.base_url).rstrip("/")
    if path == "/":
        with visit(browser, site) as opened:
            opened.page.get_by_role("button", name=STANDARD).click()
            expect(opened.page.locator(".answer")).to_contain_text("不超过50万元")
            assert opened.complaints == []
        return
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        opened = watched(page, site)
        with page.expect_response(lambda reply: "/api/" in reply.url) as first:
            page.goto(site + path)
        assert first.value.ok
        if path == "/measures":
            expect(page.locator("table.measures tbody tr").first).to_be_visible()
        assert [text for text in opened.complaints if "401" in text or "403" in text] == []


# ---- other sites, other names ----


def test_a_page_of_another_site_may_not_use_what_is_open_to_this_machine(local: httpx.Client) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        refusal(local.post("/api/ask", json=ASK, headers=headers), 403, "forbidden")
    assert local.get("/api/policies", headers={"Sec-Fetch-Site": "none"}).status_code == 200


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "elsewhere.example:7860", "localhost.elsewhere.example", "10.0.0.5"]
)
def test_on_loopback_a_name_made_to_lead_here_is_not_answered(local: httpx.Client, host: str) -> None:
    for path in ("/", "/api/policies", "/openapi.json"):
        assert "POLICY_ALLOWED_HOSTS" in refusal(local.get(path, headers={"Host": host}), 421, "misdirected")
    assert local.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "policy.localhost", "127.0.0.1:1", "[::1]:7860"])
def test_the_machines_own_names_are_answered(local: httpx.Client, host: str) -> None:
    assert local.get("/api/policies", headers={"Host": host}).status_code == 200


def test_named_hosts_are_answered_and_others_are_not(written_answers: WrittenAnswers) -> None:
    app = app_with(written_answers, host="0.0.0.0", keys=(KEY,), allowed_hosts=("policy.example",))
    with running(app, "0.0.0.0") as site, client_of(site) as client:
        named = {**bearer(KEY), "Host": "Policy.example:8443"}
        assert client.get("/api/policies", headers=named).status_code == 200
        refusal(client.get("/api/policies", headers={**named, "Host": "elsewhere.example"}), 421, "misdirected")


def test_other_origins_are_answered_only_where_they_are_named(
    written_answers: WrittenAnswers, keyed: httpx.Client
) -> None:
    origin = {"Origin": "https://intranet.example"}
    preflight = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert "access-control-allow-origin" not in keyed.options("/api/ask", headers=preflight).headers
    app = app_with(written_answers, host="0.0.0.0", keys=(KEY,), cors_origins=("https://intranet.example",))
    with running(app, "0.0.0.0") as site, client_of(site) as client:
        allowed = client.options("/api/ask", headers=preflight)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == "https://intranet.example"
        answered = client.post("/api/ask", json=ASK, headers={**origin, **bearer(KEY)})
        assert answered.headers["access-control-allow-origin"] == "https://intranet.example"
        # A refusal can be read there as well, but nothing is open that is not to others.
        refused = client.post("/api/ask", json=ASK, headers=origin)
        refusal(refused, 401, "unauthorized")
        assert refused.headers["access-control-allow-origin"] == "https://intranet.example"
        other = client.options("/api/ask", headers={**preflight, "Origin": "https://elsewhere.example"})
        assert "access-control-allow-origin" not in other.headers
        assert "access-control-allow-origin" not in client.get("/hotline", headers=origin).headers


# ---- proxies ----


def test_addresses_are_read_in_every_form() -> None:
    assert plain_address("::ffff:127.0.0.1") == "127.0.0.1"
    assert plain_address("[2001:db8::1]:443") == "2001:db8::1"
    assert plain_address("192.0.2.7:50000") == "192.0.2.7"
    assert is_loopback("::ffff:127.3.0.1")
    assert is_loopback("localhost")
    assert not is_loopback("unknown")
    assert subscriber("2001:db8:1:2:3::4") == subscriber("2001:db8:1:2:ffff::")
    assert subscriber("192.0.2.7") != subscriber("192.0.2.8")
    networks = Networks.parse("10.1.0.0/16, ::1")
    assert "10.1.2.3" in networks
    assert "::ffff:10.1.2.3" in networks
    assert "10.2.0.1" not in networks
    assert "anybody" not in networks
    for bad in ("10.1.0.1/16", "*", "proxy.example"):
        with pytest.raises(ValueError, match="no address and no network"):
            Networks.parse(f"::1,{bad}")


def test_a_proxy_that_nobody_named_makes_no_request_local(local: httpx.Client) -> None:
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        reply = local.post("/api/ask", json=ASK, headers={header: "127.0.0.1"})
        assert "POLICY_TRUSTED_PROXIES" in refusal(reply, 401, "unauthorized")


def test_through_a_named_proxy_nobody_is_local(proxied: httpx.Client) -> None:
    for chain in ("127.0.0.1", "198.51.100.1", "unknown", "127.0.0.1, 10.1.0.9"):
        refusal(proxied.post("/api/ask", json=ASK, headers={"X-Forwarded-For": chain}), 401, "unauthorized")


def test_the_right_most_address_that_is_no_proxy_is_the_client(proxied: httpx.Client) -> None:
    # Four wrong tries, each with another invented address at the left, are of one client; a fifth has to wait.
    replies = [
        proxied.get("/api/clauses", headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.77, 10.1.0.9"}).status_code
        for n in range(5)
    ]
    assert replies == [401, 401, 401, 401, 429]
    other = proxied.get("/api/clauses", headers={"X-Forwarded-For": "198.51.100.77, 198.51.100.78"})
    assert other.status_code == 401


def test_an_invented_chain_without_a_named_proxy_is_not_believed(written_answers: WrittenAnswers) -> None:
    with running(app_with(written_answers, host="0.0.0.0", rate_limit=2), "0.0.0.0") as site, client_of(site) as client:
        codes = [
            client.get("/api/clauses", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(3)
        ]
    assert codes == [401, 401, 429]


def test_scheme_and_name_of_a_named_proxy_are_believed(proxied: httpx.Client, local: httpx.Client) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "policy.example"}
    reply = proxied.get("/hotline", headers=forwarded)
    assert "; Secure" in reply.headers["set-cookie"]
    cookie = {"Cookie": reply.headers["set-cookie"].partition(";")[0]}
    own = {**forwarded, **cookie, "Origin": "https://policy.example"}
    table = proxied.get("/api/measures?format=csv&lang=en", headers=own)
    assert "https://policy.example/?clause=" in table.text
    assert "; Secure" not in local.get("/hotline", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"]


# ---- how often ----


def test_beyond_the_limit_a_key_has_to_wait_and_another_does_not(written_answers: WrittenAnswers) -> None:
    app = app_with(written_answers, host="0.0.0.0", keys=(KEY, OTHER_KEY), rate_limit=3)
    with running(app, "0.0.0.0") as site, client_of(site) as client:
        replies = [client.post("/api/ask", json=ASK, headers=bearer(KEY)) for _ in range(4)]
        assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
        assert "3 a minute" in refusal(replies[-1], 429, "rate_limited")
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 60
        assert client.post("/api/ask", json=ASK, headers=bearer(OTHER_KEY)).status_code == 200
        # What costs nothing is not counted.
        assert client.get("/healthz").status_code == client.get("/static-pages/base.css").status_code == 200


def test_seats_behind_one_address_are_counted_each_by_itself(written_answers: WrittenAnswers) -> None:
    app = app_with(written_answers, host="0.0.0.0", keys=(KEY,), rate_limit=2)
    with running(app, "0.0.0.0") as site, client_of(site) as client:
        seats = [{**session_of(client), "Sec-Fetch-Site": "same-origin"} for _ in range(2)]
        for seat in seats:
            assert [client.get("/api/policies", headers=seat).status_code for _ in range(3)] == [200, 200, 429]


def test_typing_has_a_count_of_its_own(written_answers: WrittenAnswers) -> None:
    app = app_with(written_answers, host="0.0.0.0", keys=(KEY,), rate_limit=1)
    with running(app, "0.0.0.0") as site, client_of(site) as client:
        seat = {**session_of(client), "Sec-Fetch-Site": "same-origin"}
        typed = [client.get("/api/approved", headers=seat).status_code for _ in range(TYPING_FACTOR + 1)]
        assert 429 not in typed[:-1]
        assert typed[-1] == 429
        assert client.get("/api/policies", headers=seat).status_code == 200


@pytest.mark.parametrize(("limit_local", "last"), [(True, 429), (False, 200)])
def test_this_machines_programs_are_limited_when_a_limit_was_set(
    written_answers: WrittenAnswers, limit_local: bool, last: int
) -> None:
    with running(app_with(written_answers, rate_limit=2, limit_local=limit_local)) as site, client_of(site) as client:
        codes = [client.post("/api/ask", json=ASK).status_code for _ in range(3)]
    assert codes == [200, 200, last]
