"""Alembic's scripts. They ship with the package and are applied when the records are opened."""
