"""The desk at ``/admin``: where people review what the assistant answered."""

from app.desk.routes import add_desk

__all__ = ["add_desk"]
