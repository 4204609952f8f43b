"""What is kept of the use of the product: questions, feedback, calls, reviewed answers. No personal data."""

from app.records.approved import ApprovedAnswers, Meaning
from app.records.database import RecordsUnavailable, database_url
from app.records.masking import Masker, public_numbers
from app.records.store import Records

__all__ = [
    "ApprovedAnswers",
    "Masker",
    "Meaning",
    "Records",
    "RecordsUnavailable",
    "database_url",
    "public_numbers",
]
