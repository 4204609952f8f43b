"""A server that embeds the question and does nothing else: what any answer to it costs at least.

``python -m eval.bench.embed_only PORT``; written as one would write it first, on the same framework and server.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from index.bundled import BundledEmbedder


class Asked(BaseModel):
    """A question."""

    question: str


def embedding_app() -> FastAPI:
    """``POST /embed`` takes ``{"question"}`` and gives the length of its vector."""
    embedder = BundledEmbedder()
    app = FastAPI()

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        embedder.encode_queries(["ready"])
        return {"status": "ready"}

    @app.post("/embed")
    def embed(asked: Asked) -> dict[str, int]:
        return {"dimension": int(embedder.encode_queries([asked.question]).shape[1])}

    return app


if __name__ == "__main__":
    uvicorn.run(embedding_app(), port=int(sys.argv[1]), log_level="warning", access_log=False)
