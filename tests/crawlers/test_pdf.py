"""PDFs that are the page: text in paragraphs, and every damage named."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

import pytest

from crawlers.pages import NotAPage, read_pdf
from crawlers.pages.pdf import drop_repeated, make_paragraphs

HEAD = "Ministry of Tissue - notice 12"
TEXT = (
    "Every bank of cell lines must name the donors' consent",
    "for each line that it keeps, and say since when it is",
    "kept, before the end of March.",
    "Banks that were founded after the first of July have an-",
    "other year. Those that give lines to clinics abroad ask",
    "for leave first.",
)


def make_pdf(*pages: Sequence[str], title: str = "", packed: bool = False) -> bytes:
    """A PDF of lines, one page each, in a font that every reader knows."""
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, lines in enumerate(pages):
        shown = "".join(
            f"1 0 0 1 50 {780 - 14 * place} Tm ({_escape(line)}) Tj " for place, line in enumerate(lines) if line
        )
        stream = f"BT /F1 11 Tf {shown}ET".encode("cp1252")
        kind = b""
        if packed:
            stream, kind = zlib.compress(stream), b" /Filter /FlateDecode"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (5 + 2 * number)
        )
        objects.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(stream), kind, stream))
    objects.append(f"<< /Title ({_escape(title)}) >>".encode("cp1252"))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    ends = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + ends % (len(objects) + 1, len(objects), start)


def _escape(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def test_lines_become_paragraphs_and_words_are_whole() -> None:
    page = read_pdf(make_pdf(TEXT, packed=True), url="https://a.example/n.pdf?utm_source=x", hint_title="A notice",
                    hint_date="2026-11-17")  # fmt: skip
    assert (page.title, page.published, page.published_from) == ("A notice", "2026-11-17", "hint")
    first, second = page.text.split("\n\n")
    assert first.endswith("it is kept, before the end of March.")
    assert second == (
        "Banks that were founded after the first of July have another year. Those that give lines to clinics abroad"
        " ask for leave first."
    )
    assert (page.lang, page.canonical) == ("en", "https://a.example/n.pdf")


def test_the_title_is_the_lists_then_the_files_then_the_first_line() -> None:
    assert read_pdf(make_pdf(TEXT, title="Of banks"), url="https://a.example/n.pdf").title == "Of banks"
    assert read_pdf(make_pdf(["One line"]), url="https://a.example/n.pdf").title == "One line"


def test_heads_and_feet_are_dropped() -> None:
    pages = [[HEAD, *TEXT[:3], f"{number} of 4"] for number in range(1, 5)]
    text = read_pdf(make_pdf(*pages), url="https://a.example/n.pdf").text
    assert "Ministry" not in text and "of 4" not in text
    assert drop_repeated([["a", "same"], ["b", "same"]]) == ["a", "same", "b", "same"], "two pages show no head"


def test_bullets_begin_paragraphs() -> None:
    assert make_paragraphs(["Asked for are", "• a name and", "a day", "• a place"]) == [
        "Asked for are", "• a name and a day", "• a place"
    ]  # fmt: skip


def test_a_scan_has_no_text_and_damage_is_named() -> None:
    assert read_pdf(make_pdf([]), url="https://a.example/n.pdf").text == ""
    with pytest.raises(NotAPage, match="the PDF cannot be read"):
        read_pdf(b"%PDF-1.4\n" + b"\x00" * 400, url="https://a.example/n.pdf")


def test_no_damage_ends_in_another_error() -> None:
    whole, chance = make_pdf(TEXT, TEXT, title="T", packed=True), random.Random(4)
    ended = {"read": 0, "named": 0}
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        end = chance.randint(50, len(body)) if chance.random() < 0.3 else len(body)
        try:
            read_pdf(bytes(body[:end]), url="https://a.example/n.pdf")
            ended["read"] += 1
        except NotAPage:
            ended["named"] += 1
    assert min(ended.values()) > 10
