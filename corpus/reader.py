"""From a file to its raw text, before any cleaning."""

from __future__ import annotations

from pathlib import Path

from corpus.errors import UnreadableFile

_MAX_BYTES = 50 * 1024 * 1024
_BINARY = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "Office or ZIP",
    b"\xd0\xcf\x11\xe0": "old Office",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
}


def read_text(path: Path) -> str:
    """The text of a file, decoded, line endings untouched.

    UTF-8 (with or without a byte order mark), UTF-16 with one, else GB 18030, in which older Chinese pages
    come. Raises UnreadableFile.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder: name a text file in it")
        if size > _MAX_BYTES:
            raise UnreadableFile(f"{path} has {size:,} bytes, more than {_MAX_BYTES:,}: split it or export its text")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFile(f"there is no file {path}: check the name") from error
    except PermissionError as error:
        raise UnreadableFile(f"{path} may not be read: give this user permission to read it") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read ({error.strerror or error})") from error
    return decode(data, str(path))


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
