"""Small PDF and Word files, made from lines of text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

# (text, points from the left edge, points from the lower edge, size of the letters in points)
Printed = tuple[str, float, float, float]


def pdf(pages: Sequence[Sequence[Printed]], encrypt: str = "") -> bytes:
    """A PDF of these pages, its Chinese font not embedded, as in old documents."""
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        "/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    for number, page in enumerate(pages):
        shown = " ".join(
            f"/F1 {size} Tf 1 0 0 1 {x} {y} Tm <{text.encode('utf-16-be').hex()}> Tj" for text, x, y, size in page
        )
        content = f"BT {shown} ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {7 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {encrypt}>>\nstartxref\n{start}\n%%EOF\n".encode()


def locked_pdf() -> bytes:
    """A PDF that wants a password."""
    secret = "00" * 32
    return pdf(
        [[("第一条", 90, 700, 15)]],
        f"/ID [<{secret}> <{secret}>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{secret}> /U <{secret}> >> ",
    )


def printed(paragraphs: Sequence[str], width: int = 28, size: float = 15, top: float = 700) -> list[Printed]:
    """Paragraphs as a typesetter breaks them: the first line of each indented by two characters."""
    lines: list[Printed] = []
    for paragraph in paragraphs:
        first, rest = paragraph[: width - 2], paragraph[width - 2 :]
        broken = [first, *(rest[i : i + width] for i in range(0, len(rest), width))]
        for number, text in enumerate(broken):
            lines.append((text, 90 + (2 * size if number == 0 else 0), top - 25 * len(lines), size))
    return lines


def docx(paragraphs: Sequence[str] = (), rows: Sequence[Sequence[str]] = (), numbered: Sequence[str] = ()) -> bytes:
    """A Word file: paragraphs, then a table, then a list that Word numbers itself."""
    import docx as word

    document = word.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                table.cell(i, j).text = text
    for text in numbered:
        document.add_paragraph(text, style="List Number")
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def with_part(archive: bytes, name: str, content: bytes) -> bytes:
    """A ZIP archive with one part in place of that of its name, or more than it had."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part.filename))
        new.writestr(name, content)
    return written.getvalue()
