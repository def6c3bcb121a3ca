"""A PDF that is the page: its text, as a `PageText`.

Ministries, regulators and companies publish notices as PDF, and their lists lead straight to the file. In order: pypdf
reads the text of the first pages; lines that are on half of the pages or more (heads, feet) are dropped; lines
become paragraphs at empty lines, at bullets, and after a sentence that ends in a short line; words that were cut at a
line's end are joined. The title is the list's, else the file's own, else its first line. Its day is the list's: that
of the file says when it was saved. A scan gives an empty text. Raises NotAPage where the file cannot be read.
"""

from __future__ import annotations

import logging
import re
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import DeprecationError, PyPdfError

from core.language import find_language
from core.text import one_line, tidy
from crawlers.addresses import clean_url
from crawlers.pages.dates import Candidate
from crawlers.pages.page_text import PageText
from crawlers.pages.parsed_page import NotAPage

MOST_PAGES = 30
MOST_STREAM = 2 * 2**20  # bytes of a page's drawing: more is a map or a plan, and takes minutes
SHORT_LINE = 0.8  # of the usual width: a sentence that ends there ends its paragraph
REPEATED = 3  # pages from which on a line that is on half of them is a head or a foot

_ENDS = re.compile(r"[.!?:。！？…][\"'”’)\]]*$")
_BULLET = re.compile(r"(?:[•‣▪◦·●○■□※–-]|\(?\d{1,2}[.)]|[가-하]\.)\s")
_CUT = re.compile(r"[a-zà-ÿ]-$")
_UNREADABLE = (  # what pypdf was seen to raise, or can, from damaged files; what else comes fails the row by name
    PyPdfError, DeprecationError, ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError,
    NotImplementedError, RecursionError, OSError, AssertionError, EOFError, zlib.error, struct.error,
)  # fmt: skip

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read_pdf(body: bytes, *, url: str, hint_title: str | None = None, hint_date: str | None = None) -> PageText:
    """The text of a PDF from `url`; the hints come from the list."""
    try:
        reader = PdfReader(BytesIO(body), strict=False)
        if reader.is_encrypted:
            reader.decrypt("")
        pages = [_read_lines(reader, number) for number in range(min(len(reader.pages), MOST_PAGES))]
        own = one_line(str(reader.metadata.get("/Title") or "")) if reader.metadata else ""
    except _UNREADABLE as error:
        raise NotAPage("the PDF cannot be read", where=url) from error
    text = "\n\n".join(make_paragraphs(drop_repeated(pages)))
    title = one_line(hint_title or "") or own or one_line(text.partition("\n")[0])[:200]
    return PageText(
        title=title, text=text, authors=(), lang=find_language(text),
        dates=(Candidate(date=hint_date, where="hint", raw=hint_date),) if hint_date else (),
        published=hint_date, published_from="hint" if hint_date else None, canonical=clean_url(url) or url,
        description="", translated=None, links=(), identifiers={},
    )  # fmt: skip


def drop_repeated(pages: Sequence[Sequence[str]]) -> list[str]:
    """All lines in order, without heads and feet; numbers in a line do not count."""
    seen = Counter(key for page in pages for key in {_key(line) for line in page})
    limit = len(pages) / 2 if len(pages) >= REPEATED else len(pages) + 1
    return [line for page in pages for line in page if not line or seen[_key(line)] < max(limit, 2)]


def make_paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines as they are on a page to paragraphs."""
    widths = sorted(len(line) for line in lines if line)
    usual = widths[int(0.8 * len(widths))] if widths else 0
    found: list[str] = []
    ended = True
    for line in lines:
        if not line:
            ended = True
            continue
        if ended or _BULLET.match(line):
            found.append(line)
        elif _CUT.search(found[-1]) and line[0].islower():
            found[-1] = found[-1][:-1] + line
        else:
            found[-1] = f"{found[-1]} {line}"
        ended = _ENDS.search(line) is not None and len(line) < SHORT_LINE * usual
    return found


def _read_lines(reader: PdfReader, number: int) -> list[str]:
    page = reader.pages[number]
    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) > MOST_STREAM:
        return []
    text = tidy(page.extract_text() or "")
    return [" ".join(line.split()) for line in text.split("\n")]


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", line.casefold())
