"""From a file to its raw text, before any cleaning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.errors import UnreadableFile

_MAX_BYTES = 50 * 1024 * 1024
_BINARY = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "Office or ZIP",
    b"\xd0\xcf\x11\xe0": "old Office",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
}


# Beginnings by which a file is known, whatever its name says.
_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
# Producers may write something before a PDF's header; readers look this far for it.
_PDF_HEADER_WITHIN = 1024
# Word wraps a file that has a password into the container of its old format.
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_text(path: Path) -> str:
    """The text of a text file, decoded, line endings untouched.

    UTF-8 (with or without a byte order mark), UTF-16 with one, else GB 18030, in which older Chinese pages
    come. Raises UnreadableFile.
    """
    return decode(_read(path), str(path))


def read_source(path: Path) -> str:
    """The text of a policy's file: plain text as ``read_text`` gives it, an HTML page, a Word file (.docx) or a PDF.

    What a file is shows in its content, not in its name. Raises UnreadableFile.
    """
    data = _read(path)
    if _PDF in data[:_PDF_HEADER_WITHIN]:
        from corpus.pdf_text import pdf_text

        return _converted(pdf_text, data, path)
    if data.startswith(_ZIP):
        from corpus.docx_text import docx_text

        return _converted(docx_text, data, path)
    if data.startswith(_OLD_OFFICE):
        if _ENCRYPTED in data:
            raise UnreadableFile(f"{path} is encrypted: save it without a password")
        raise UnreadableFile(f"{path} is an old Office file: open it and save it as .docx")
    from corpus.html_text import html_text, is_html

    text = decode(data, str(path))
    return _converted(html_text, text, path) if is_html(text) else text


def _converted(read: Callable[[Any], str], raw: bytes | str, path: Path) -> str:
    try:
        return read(raw)
    except ValueError as error:
        raise UnreadableFile(f"{path} {error}") from error
    except RecursionError as error:
        raise UnreadableFile(f"{path} is nested too deeply: save its text as .txt") from error


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder: name a file in it")
        with path.open("rb") as file:
            # Not the size that the file system tells: a pipe or a device has none.
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise UnreadableFile(f"{path} has more than {_MAX_BYTES:,} bytes: split it or export its text")
        return data
    except FileNotFoundError as error:
        raise UnreadableFile(f"there is no file {path}: check the name") from error
    except PermissionError as error:
        raise UnreadableFile(f"{path} may not be read: give this user permission to read it") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read ({error.strerror or error})") from error
    except ValueError as error:  # NUL in the name
        raise UnreadableFile(f"{path!s:.80} is no name of a file: check it") from error


def decode(data: bytes, name: str) -> str:
    """Bytes to text as ``read_text`` does. ``name`` is for the message of UnreadableFile."""
    for magic, kind in _BINARY.items():
        if data.startswith(magic):
            raise UnreadableFile(f"{name} is a {kind} file, not text: export it as a text file first")
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\x00") > len(text) // 100:
            break
        return text
    raise UnreadableFile(f"{name} is not text in UTF-8, UTF-16 or GB 18030: save it as UTF-8")
