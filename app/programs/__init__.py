"""The doors for other programs: OpenAI's chat completions, MCP, and the description of the HTTP API."""

from app.programs.doors import add_programs

__all__ = ["add_programs"]
