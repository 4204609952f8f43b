"""Counts over time as a picture inside the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from app.records.store import DayCount
from app.ui.markup import Wording

WIDTH, HEIGHT, BASE = 720, 150, 126
MAX_DAYS = 92


def counts_svg(counts: Sequence[DayCount], since: date, until: date, wording: Wording) -> str:
    """A bar a day from ``since`` to ``until`` (at most the last ``MAX_DAYS``), the unanswered part of it apart."""
    since = max(since, until - timedelta(days=MAX_DAYS - 1))
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    by_day = {count.day: count for count in counts}
    top = max((by_day[day].asked for day in days if day in by_day), default=0)
    step = WIDTH / max(len(days), 1)
    scale = (BASE - 14) / max(top, 1)
    bars = []
    for place, day in enumerate(days):
        count = by_day.get(day)
        if count is None:
            continue
        x, width = place * step + step * 0.12, min(step * 0.76, 36)
        high, open_high = count.asked * scale, count.unanswered * scale
        title = escape(f"{day.isoformat()}: {count.asked} / {count.unanswered}")
        bars.append(
            f'<g><title>{title}</title><rect class="asked" x="{x:.1f}" y="{BASE - high:.1f}" width="{width:.1f}" '
            f'height="{high:.1f}"/><rect class="open" x="{x:.1f}" y="{BASE - open_high:.1f}" width="{width:.1f}" '
            f'height="{open_high:.1f}"/></g>'
        )
    label = wording.attributes(
        aria_label=wording.texts.each(
            "desk.chart_label",
            since=since.isoformat(),
            until=until.isoformat(),
            count=str(sum(by_day[day].asked for day in days if day in by_day)),
        )
    )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"{label}>'
        f'<line x1="0" y1="{BASE}" x2="{WIDTH}" y2="{BASE}"/>{"".join(bars)}'
        f'<text x="0" y="{HEIGHT - 6}">{since.isoformat()}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end">{until.isoformat()}</text>'
        f'<text x="0" y="10">{top}</text></svg>'
        f'<p class="legend"><i class="asked"></i>{wording.span("desk.asked")}'
        f'<i class="open"></i>{wording.span("desk.kind_unanswered")}</p>'
    )
