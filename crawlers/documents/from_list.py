"""What a list gave of an item, as the text of a document, for where its page cannot be had.

A page may be refused (403, robots.txt), broken (500), a file that nothing reads, or hold no text (scripts only, a
wall). The document is then made of the headline, the link, the day and the text of the list, and says so (`basis =
"feed"`). In order: an entry without a headline makes none; the list's full text comes before its summary; the id is
that of the document that the entry made before, else the entry's own address in its one spelling, so that a page which
can be read later changes the text and never the id.
"""

from __future__ import annotations

from core.text import one_line, paragraphs
from crawlers.addresses import clean_url
from crawlers.documents.entry_row import EntryRow

BASIS = "feed"


def find_text(row: EntryRow) -> str:
    """The longest text that the list gave; empty where it gave none."""
    return "\n\n".join(paragraphs(row["content"] or row["summary"]))


def find_summary(row: EntryRow) -> str:
    """The summary, where it is not the text already."""
    return one_line(row["summary"]) if row["content"] else ""


def has_headline(row: EntryRow) -> bool:
    """Whether the list gave enough for a document."""
    return bool(one_line(row["title"]))


def find_id(row: EntryRow) -> str:
    """The id of a document that no page names. `row` has an address."""
    url = row["url"] or ""
    return row["old_id"] or clean_url(url) or url
