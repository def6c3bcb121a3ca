"""What is read of a page, whatever its format: the content that a document is made of."""

from __future__ import annotations

from dataclasses import dataclass

from crawlers.pages.dates import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The content of a page. Paragraphs of `text` are separated by one empty line; days are YYYY-MM-DD."""

    title: str
    text: str
    authors: tuple[str, ...]
    lang: str | None
    dates: tuple[Candidate, ...]
    published: str | None
    published_from: str | None
    canonical: str
    description: str
    translated: str | None
    links: tuple[str, ...]
    identifiers: dict[str, list[str]]
