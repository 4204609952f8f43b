"""Who may ask, and how often: keys, sessions of the pages, limits, forwarded addresses."""

from app.access.rules import Access

__all__ = ["Access"]
