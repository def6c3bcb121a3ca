"""Rows as JSON has them: a document as others name it, a paper or trial that is rested on, some columns of a row."""

from __future__ import annotations

from collections.abc import Iterable

from publish.pages.paper_links import PaperLink
from publish.pages.rows import DocumentLine
from publish.pages.template_filters import document_url, outside

Data = dict[str, object]


def pick(rows: Iterable[object], names: str) -> list[Data]:
    """Some attributes of each row."""
    return [{name: getattr(row, name) for name in names.split()} for row in rows]


def to_line(line: DocumentLine, site: str) -> Data:
    """A document as others name it."""
    return {
        "key": line.key, "url": f"{site}{document_url(line)}", "title": line.title, "kind": line.kind, "day": line.day,
        "source": line.source_name, "lang": line.lang,
    }  # fmt: skip


def to_link(link: PaperLink, site: str) -> Data:
    return {
        "relation": link.relation, "ident": link.ident or None, "link": outside(link.ident) or None, "why": link.why,
        "document": to_line(link.card, site) if link.card else None,
    }  # fmt: skip
