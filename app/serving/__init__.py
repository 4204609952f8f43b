"""What every request meets on its way to a route."""

from app.serving.stack import Capacity, add_stack

__all__ = ["Capacity", "add_stack"]
