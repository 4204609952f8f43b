"""The pages of the desk as HTML. Every word from outside is escaped here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import escape
from urllib.parse import urlencode

from app.desk.chart import counts_svg
from app.desk.queue import KINDS, LEFT_UNANSWERED, OFTEN, Entry
from app.i18n import LANGUAGES, Texts
from app.models import Status
from app.records.models import ApprovedAnswer, QuestionAsked, ReviewDecision
from app.records.store import SHENZHEN, DayCount, LogFilter, TopQuestion
from app.ui.home import LANGUAGE_BUTTONS
from app.ui.markup import Wording
from app.ui.shell import page_html
from corpus.models import Clause, Policy

SURFACES = ("chat", "hotline", "api", "openai", "mcp")
MAX_QUESTION_CHARS, MAX_ANSWER_CHARS, MAX_NAME_CHARS, MAX_COMMENT_CHARS = 2000, 5000, 60, 1000
_SECTIONS = (("queue", "/admin"), ("approved", "/admin/approved"), ("log", "/admin/log"), ("history", "/admin/history"))


@dataclass(frozen=True, slots=True)
class Draft:
    """An approved answer as it stands in its form. ``source`` are the hidden fields that say where it came from,
    ``seen`` is the revision of what is edited."""

    question: str = ""
    answer: str = ""
    language: str = "zh"
    clauses: tuple[str, ...] = ()
    reviewer: str = ""
    answer_id: int | None = None
    source: tuple[tuple[str, str], ...] = ()
    seen: str | None = None


class Views:
    """Makes the pages for one server, which a proxy may serve under ``root_path``."""

    def __init__(self, texts: Texts, root_path: str) -> None:
        self._texts = texts
        self._root = root_path
        self._wording = Wording(texts)

    # ---- before the login ----

    def closed(self) -> str:
        """Why there is no desk, and how to open it."""
        return self._page(
            f'<div class="desk narrow"><h1>{self._say("closed")}</h1><p>{self._say("closed_how")}</p>'
            "<pre><code>POLICY_ADMIN_PASSWORD=… make serve</code></pre></div>"
        )

    def without_records(self) -> str:
        """That nothing can be shown, for there are no records."""
        return self._page(f'<div class="desk narrow"><h1>{self._say("no_records")}</h1></div>')

    def login(self, token: str, back: str, trouble: str = "", seconds: int = 0) -> str:
        """The form to log in. ``trouble`` is a text key."""
        said = self._trouble(trouble, seconds=str(seconds)) if trouble else ""
        return self._page(
            f'<div class="desk narrow"><h1>{self._say("login")}</h1>{said}'
            f'<form method="post" action="{self._to("/admin/login")}">{_hidden("token", token)}{_hidden("next", back)}'
            f'<label for="name">{self._say("name")}</label>'
            f'<input id="name" name="name" required maxlength="{MAX_NAME_CHARS}" autocomplete="name">'
            f'<p class="hint">{self._say("name_hint")}</p>'
            f'<label for="password">{self._say("password")}</label>'
            '<input id="password" name="password" type="password" required autocomplete="current-password">'
            f'<button class="main">{self._say("enter")}</button></form></div>'
        )

    # ---- the queue ----

    def queue(
        self,
        kind: str,
        entries: Sequence[Entry],
        counts: Mapping[str, int],
        clauses: Mapping[str, Clause],
        token: str,
        often: int,
        page: int,
        pages: int,
        done: str = "",
        trouble: str = "",
    ) -> str:
        """What waits for a decision."""
        tabs = "".join(
            f'<a href="{self._to("/admin", kind=name)}"{_current(name == kind)}>{self._say(f"kind_{name}")}'
            f' <b class="count">{counts[name]}</b></a>'
            for name in KINDS
        )
        note = ""
        if kind == LEFT_UNANSWERED:
            other = 1 if often > 1 else OFTEN
            key = "also_once" if often > 1 else "only_often"
            note = (
                f'<p class="hint">{self._say("often_hint" if often > 1 else "once_hint")} '
                f'<a href="{self._to("/admin", kind=kind, often=str(other))}">{self._say(key)}</a></p>'
            )
        cards = "".join(self._entry(entry, clauses, token) for entry in entries)
        cards = cards or f'<p class="empty">{self._say("queue_empty")}</p>'
        query = {"kind": kind} | ({} if often == OFTEN else {"often": str(often)})
        return self._inside(
            "queue",
            token,
            f'<h1>{self._say("queue")}</h1><nav class="tabs"{self._wording.attributes(aria_label="desk.queue")}>{tabs}'
            f"</nav>{note}{cards}{self._pager('/admin', query, page, pages)}",
            done,
            trouble,
        )

    def _entry(self, entry: Entry, clauses: Mapping[str, Clause], token: str) -> str:
        source = {"kind": entry.kind}
        if entry.question_id is not None:
            source["q"] = str(entry.question_id)
        if entry.feedback_id is not None:
            source["f"] = str(entry.feedback_id)
        hidden = _hidden("token", token) + "".join(_hidden(name, value) for name, value in source.items())
        facts = [self._say("times", count=str(entry.count)), _moment(entry.last)]
        status = f'<span class="badge">{self._say(f"status_{entry.status}")}</span>' if entry.status else ""
        said = "".join(
            [
                *(f'<span class="badge bad">{self._say(f"reason_{reason}")}</span>' for reason in entry.reasons),
                *(f'<span class="badge bad">{escape(check)}</span>' for check in entry.checks_failed),
                *(f"<blockquote>{_lines(comment)}</blockquote>" for comment in entry.comments),
            ]
        )
        cited = "".join(self._clause(clauses[clause]) for clause in entry.clauses if clause in clauses)
        field = f"comment-{entry.kind}-{entry.digest[:12]}"
        decide = self._to("/admin/decide")
        return (
            f'<article class="entry"><h2>{_lines(entry.question)}</h2>'
            f'<p class="facts">{status}{" · ".join(facts)}</p>{said}<div class="answer">{_lines(entry.answer)}</div>'
            + (f'<div class="cited"><h3>{self._say("clauses")}</h3>{cited}</div>' if cited else "")
            + f'<div class="actions"><form method="post" action="{decide}">{hidden}'
            f'<button name="decision" value="approve"{self._wording.attributes(title="desk.approve_hint")}>'
            f"{self._say('approve')}</button></form>"
            f'<a class="button main" href="{self._to("/admin/approved/new", **source)}">{self._say("edit_save")}</a>'
            f'<form method="post" action="{decide}" class="reject">{hidden}'
            f'<label class="visually-hidden" for="{field}">{self._say("comment")}</label>'
            f'<input id="{field}" name="comment" required maxlength="{MAX_COMMENT_CHARS}"'
            f"{self._wording.attributes(placeholder='desk.reject_why')}>"
            f'<button class="bad" name="decision" value="reject">{self._say("reject")}</button></form></div></article>'
        )

    def _clause(self, clause: Clause) -> str:
        return (
            f'<details lang="zh-Hans"><summary>{_named(clause.label, clause.title)}</summary>'
            f"<p>{_lines(clause.text)}</p></details>"
        )

    # ---- approved answers ----

    def approved(
        self, rows: Sequence[ApprovedAnswer], stale: Collection[int], token: str, done: str = "", trouble: str = ""
    ) -> str:
        """All approved answers, those withdrawn at the end."""
        cards = "".join(self._approved(row, row.id in stale, token) for row in rows)
        return self._inside(
            "approved",
            token,
            f'<div class="head"><h1>{self._say("approved")}</h1>'
            f'<a class="button main" href="{self._to("/admin/approved/new")}">{self._say("new")}</a></div>'
            + (cards or f'<p class="empty">{self._say("approved_empty")}</p>'),
            done,
            trouble,
        )

    def _approved(self, row: ApprovedAnswer, stale: bool, token: str) -> str:
        withdrawn = row.withdrawn_at is not None
        marks = f'<span class="badge">{self._say("withdrawn")}</span>' if withdrawn else ""
        if stale:
            marks += f'<span class="badge bad">{self._say("stale")}</span>'
        cited = "；".join(_named(clause["label"], clause["title"]) for clause in row.clauses)
        act, key = ("restore", "restore") if withdrawn else ("withdraw", "withdraw")
        return (
            f'<article class="entry{" off" if withdrawn else ""}" data-approved="{row.id}"><h2>{_lines(row.question)}'
            f'</h2><p class="facts">{marks}{escape(row.reviewer)} · {row.reviewed_on.isoformat()} · '
            f"{escape(LANGUAGE_BUTTONS.get(row.language, row.language))}</p>"
            f'<div class="answer">{_lines(row.answer)}</div><p class="facts" lang="zh-Hans">{cited}</p>'
            f'<div class="actions"><a class="button" href="{self._to(f"/admin/approved/{row.id}")}">'
            f'{self._say("edit")}</a><form method="post" action="{self._to(f"/admin/approved/{row.id}/{act}")}">'
            f"{_hidden('token', token)}<button>{self._say(key)}</button></form></div></article>"
        )

    def form(
        self,
        draft: Draft,
        policies: Sequence[Policy],
        token: str,
        trouble: str = "",
        stale: bool = False,
        present: ApprovedAnswer | None = None,
    ) -> str:
        """The form of an approved answer, new or there already. ``present`` is what stands there by now, where that
        isn't what was edited."""
        languages = "".join(
            f'<option value="{code}"{" selected" if code == draft.language else ""}>{escape(name)}</option>'
            for code, name in LANGUAGE_BUTTONS.items()
        )
        groups = "".join(self._choices(policy, draft.clauses) for policy in policies)
        action = "/admin/approved" if draft.answer_id is None else f"/admin/approved/{draft.answer_id}"
        own = (*draft.source, ("seen", draft.seen)) if draft.seen else draft.source
        hidden = _hidden("token", token) + "".join(_hidden(name, value) for name, value in own)
        title = self._say("new" if draft.answer_id is None else "edit")
        warning = f'<p class="trouble">{self._say("stale_hint")}</p>' if stale else ""
        typed = " data-typed" if trouble or present is not None else ""
        if present is not None:
            warning += (
                f'<div class="trouble" role="alert"><p>{self._say("trouble_changed")}</p>'
                f'<p class="facts">{escape(present.reviewer)} · {present.reviewed_on.isoformat()}</p>'
                f"<blockquote>{_lines(present.question)}</blockquote><blockquote>{_lines(present.answer)}</blockquote>"
                "</div>"
            )
        return self._inside(
            "approved",
            token,
            f'<h1>{title}</h1>{warning}<form method="post" class="wide" action="{self._to(action)}"{typed}>{hidden}'
            f'<label for="question">{self._say("question")}</label><textarea id="question" name="question" rows="2" '
            f'required maxlength="{MAX_QUESTION_CHARS}">\n{escape(draft.question)}</textarea>'
            f'<label for="answer">{self._say("answer")}</label><textarea id="answer" name="answer" rows="8" '
            f'required maxlength="{MAX_ANSWER_CHARS}">\n{escape(draft.answer)}</textarea>'
            f'<div class="row"><div><label for="language">{self._say("language")}</label>'
            f'<select id="language" name="language">{languages}</select></div>'
            f'<div><label for="reviewer">{self._say("reviewer")}</label><input id="reviewer" name="reviewer" required '
            f'maxlength="{MAX_NAME_CHARS}" value="{escape(draft.reviewer)}"></div></div>'
            f'<fieldset class="choices"><legend>{self._say("clauses")}</legend>{groups}</fieldset>'
            f'<div class="actions"><button class="main">{self._say("save")}</button>'
            f'<a class="button" href="{self._to("/admin/approved")}">{self._say("cancel")}</a></div></form>',
            trouble=trouble,
        )

    def _choices(self, policy: Policy, chosen: Collection[str]) -> str:
        boxes = "".join(
            f'<label><input type="checkbox" name="clause" value="{escape(clause.id)}"'
            f"{' checked' if clause.id in chosen else ''}> {_named(clause.label, clause.title)}</label>"
            # Those chosen come first: the list is long, and they are what is to be checked.
            for clause in sorted(policy.clauses, key=lambda one: one.id not in chosen)
        )
        title = f'<p class="policy" lang="zh-Hans">{escape(policy.title)}</p>'
        return f'{title}<div class="boxes" lang="zh-Hans">{boxes}</div>'

    # ---- the log ----

    def log(
        self,
        wanted: LogFilter,
        rows: Sequence[QuestionAsked],
        total: int,
        counts: Sequence[DayCount],
        top: Sequence[TopQuestion],
        today: date,
        token: str,
        page: int,
        pages: int,
    ) -> str:
        """The questions that were asked."""
        query = query_of(wanted)
        since, until = wanted.since or (counts[0].day if counts else today), wanted.until or today
        chart = counts_svg(counts, min(since, until), until, self._wording)
        ranking = "".join(
            f'<li><b class="count">{one.count}</b> {escape(one.question)} '
            f'<span class="badge">{self._say(f"status_{one.status}")}</span></li>'
            for one in top
        )
        body = "".join(
            f"<tr><td>{_moment(row.asked_at)}</td><td>{_lines(row.question)}</td>"
            f'<td>{self._say(f"status_{row.status}")}</td><td lang="zh-Hans">{escape(" ".join(row.labels))}</td>'
            f"<td>{self._say('passed' if row.checks_passed else 'failed')}</td>"
            f"<td>{escape(LANGUAGE_BUTTONS.get(row.language, row.language))}</td>"
            f'<td>{self._say(f"surface_{row.surface}")}</td><td class="number">{row.latency_ms:.0f}</td></tr>'
            for row in rows
        )
        heads = ("time", "question", "status", "labels", "checks", "language", "surface", "latency")
        table = (
            f'<div class="scroll" tabindex="0" role="region"{self._wording.attributes(aria_label="desk.log")}><table>'
            f"<thead><tr>{''.join(f'<th scope=col>{self._say(head)}</th>' for head in heads)}</tr></thead>"
            f"<tbody>{body}</tbody></table></div>"
        )
        export = self._to("/admin/export.csv", **query)
        return self._inside(
            "log",
            token,
            f'<div class="head"><h1>{self._say("log")}</h1><a class="button" href="{export}">{self._say("export")}</a>'
            f'</div>{self._filters(wanted)}<div class="figures"><section><h2>{self._say("over_time")}</h2>{chart}'
            f'</section><section><h2>{self._say("top")}</h2><ol class="top">{ranking}</ol></section></div>'
            f"<h2>{self._say('found', count=str(total))}</h2>"
            + (table if rows else f'<p class="empty">{self._say("log_empty")}</p>')
            + self._pager("/admin/log", query, page, pages),
        )

    def _filters(self, wanted: LogFilter) -> str:
        def choice(name: str, value: str, options: Sequence[tuple[str, str]]) -> str:
            every = f'<option value=""{self._wording.attributes(label="desk.all")}></option>'
            rest = "".join(
                f'<option value="{escape(code)}"{" selected" if code == value else ""}{label}></option>'
                for code, label in options
            )
            return (
                f'<div><label for="{name}">{self._say(name)}</label><select id="{name}" name="{name}">{every}{rest}'
                "</select></div>"
            )

        def said(prefix: str, codes: Sequence[str]) -> list[tuple[str, str]]:
            return [(code, self._wording.attributes(label=f"desk.{prefix}_{code}")) for code in codes]

        def day(name: str, value: date | None) -> str:
            return (
                f'<div><label for="{name}">{self._say(name)}</label><input id="{name}" name="{name}" type="date" '
                f'value="{value.isoformat() if value else ""}"></div>'
            )

        languages = [(code, f' label="{escape(LANGUAGE_BUTTONS[code])}"') for code in LANGUAGES]
        return (
            f'<form class="filters" method="get" action="{self._to("/admin/log")}">{day("since", wanted.since)}'
            f"{day('until', wanted.until)}{choice('status', wanted.status, said('status', [str(s) for s in Status]))}"
            f"{choice('language', wanted.language, languages)}"
            f"{choice('surface', wanted.surface, said('surface', SURFACES))}"
            f'<div class="grow"><label for="text">{self._say("text")}</label><input id="text" name="text" '
            f'type="search" maxlength="200" value="{escape(wanted.text)}"></div>'
            f'<button class="main">{self._say("filter")}</button></form>'
        )

    # ---- the history ----

    def history(self, rows: Sequence[ReviewDecision], token: str) -> str:
        """What was decided lately."""
        cards = "".join(
            f'<li><span class="badge{" bad" if row.decision == "reject" else ""}">'
            f"{self._say(f'decided_{row.decision}')}</span> {escape(row.question)}"
            f'<p class="facts">{_moment(row.decided_at)} · {escape(row.reviewer)}</p>'
            + (f"<blockquote>{_lines(row.comment)}</blockquote>" if row.comment else "")
            + "</li>"
            for row in rows
        )
        return self._inside(
            "history",
            token,
            f"<h1>{self._say('history')}</h1>"
            + (f'<ul class="history">{cards}</ul>' if cards else f'<p class="empty">{self._say("history_empty")}</p>'),
        )

    def missing(self, token: str) -> str:
        """That there is no such page."""
        return self._inside("", token, f"<h1>{self._say('missing')}</h1>")

    # ---- the frame ----

    def _inside(self, current: str, token: str, body: str, done: str = "", trouble: str = "") -> str:
        links = "".join(
            f'<a href="{self._to(path)}"{_current(name == current)}>{self._say(name)}</a>' for name, path in _SECTIONS
        )
        said = f'<p class="done" role="status">{self._say(f"done_{done}")}</p>' if done else ""
        said += self._trouble(trouble) if trouble else ""
        return self._page(
            f'<div class="desk"><nav class="sections"{self._wording.attributes(aria_label="nav.desk")}>{links}'
            f'<form method="post" action="{self._to("/admin/logout")}">{_hidden("token", token)}'
            f"<button>{self._say('leave')}</button></form></nav>{said}{body}</div>"
        )

    def _page(self, body: str) -> str:
        return page_html(
            self._texts, name="desk", body=body, scripts=("desk.js",), styles=("desk.css",), root_path=self._root
        )

    def _trouble(self, key: str, **values: str) -> str:
        return f'<p class="trouble" role="alert">{self._say(f"trouble_{key}", **values)}</p>'

    def _pager(self, path: str, query: Mapping[str, str], page: int, pages: int) -> str:
        if pages <= 1:
            return ""
        links = []
        for key, to, there in (("newer", page - 1, page > 1), ("older", page + 1, page < pages)):
            if there:
                links.append(f'<a class="button" href="{self._to(path, **query, page=str(to))}">{self._say(key)}</a>')
        return f'<p class="pager">{" ".join(links)} <span class="facts">{page} / {pages}</span></p>'

    def _say(self, key: str, **values: str) -> str:
        return self._wording.span(f"desk.{key}", **values)

    def _to(self, path: str, **query: str) -> str:
        return escape(f"{self._root}{path}" + (f"?{urlencode(query)}" if query else ""))


def query_of(wanted: LogFilter) -> dict[str, str]:
    """The filter as the query of an address."""
    found = {
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
        "status": wanted.status,
        "language": wanted.language,
        "surface": wanted.surface,
        "text": wanted.text,
    }
    return {name: value for name, value in found.items() if value}


def redrawn(draft: Draft, fields: Mapping[str, str], clauses: Sequence[str]) -> Draft:
    """The draft with what a reviewer has typed."""
    return replace(
        draft,
        question=fields.get("question", "").strip(),
        answer=fields.get("answer", "").strip().replace("\r\n", "\n"),
        language=fields.get("language", "zh"),
        reviewer=fields.get("reviewer", "").strip(),
        clauses=tuple(clauses),
        seen=fields.get("seen"),
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _current(shown: bool) -> str:
    return ' aria-current="page"' if shown else ""


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _named(label: str, title: str) -> str:
    # 六、附则 is label and title in one.
    return escape(label if label.endswith(title) else f"{label} {title}")


def _moment(at: datetime) -> str:
    local = at.astimezone(SHENZHEN)
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{local.strftime("%Y-%m-%d %H:%M")}</time>'
