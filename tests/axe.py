"""axe-core's verdict on a page that is open in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

# axe-core 4.14.1 (MPL-2.0), unchanged; its licences lie beside it.
SCRIPT = Path(__file__).parent / "vendor" / "axe.min.js"
GRAVE = ("serious", "critical")


def violations(page: Page, within: str | None = None) -> list[str]:
    """The serious and critical violations now on the page, one line each: the rule, what it asks for, where.

    Assert that it is ``[]``. ``within`` is a selector that limits the check to a part of the page.
    """
    if not page.evaluate("typeof window.axe === 'object'"):
        # Not a <script> element: a page whose Content-Security-Policy forbids that is checked as well.
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        """async (within) => {
            const result = await window.axe.run(within || document, { resultTypes: ["violations"] });
            return result.violations;
        }""",
        within,
    )
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {_place(node)}"
        for violation in found
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def _place(node: dict[str, Any]) -> str:
    return f"{' '.join(str(step) for step in node['target'])} {node['html'][:160]}"
