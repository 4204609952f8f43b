"""gradio, told to stay on this machine: no telemetry, no version check, no web fonts, none of its own tools."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio
    from fastapi import FastAPI

# Fonts that come with the reader's system, Chinese ones first: nothing is downloaded.
SYSTEM_FONTS = (
    "system-ui", "-apple-system", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei",
    "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "sans-serif",
)  # fmt: skip


def keep_gradio_quiet() -> None:
    """Switch off the telemetry of gradio and of what it imports. To be called before gradio is imported, which
    is when it reads these switches."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def mount(app: FastAPI, page: gradio.Blocks, css: str, icon: str, root_path: str) -> None:
    """Serve ``page`` at ``/`` of ``app``, with ``css`` and ``icon``, an SVG, behind a gate that lets through only
    what the page needs."""
    keep_gradio_quiet()
    import gradio as gr
    from gradio.themes import Base
    from gradio.themes.utils.fonts import Font
    from starlette.routing import Mount

    from app.ui.gate import PageGate

    fonts = [Font(name) for name in SYSTEM_FONTS]
    theme = Base(font=fonts, font_mono=[Font("ui-monospace"), Font("monospace")])
    # The page's own ground (page.css), so that nothing flashes while gradio starts.
    theme.set(body_background_fill="#f3f5f8", body_background_fill_dark="#11161d")
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=theme,
        root_path=root_path or None,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=0,
    )
    component = next(id for id, block in page.blocks.items() if block.elem_id == "policy-page")
    mounted = app.router.routes[-1]
    if not isinstance(mounted, Mount):
        raise TypeError(f"gradio's application is expected to be the last route, and that is {mounted!r}")
    mounted.app = PageGate(
        mounted.app,
        title=str(page.title),
        css=css,
        icon=icon,
        component_id=component,
        calls=("home", "ask", "document"),
    )
