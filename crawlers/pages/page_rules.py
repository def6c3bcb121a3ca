"""What a source's TOML may say about its pages: selectors that are used before the general extractor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """CSS selectors; each optional. What `drop` matches is removed before anything else reads the page.

    A selector that matches nothing leaves its field to the general extractor. An invalid selector raises
    `crawlers.pages.PageError` when the page is read.
    """

    title: str | None = None
    body: str | None = None
    date: str | None = None
    author: str | None = None
    drop: tuple[str, ...] = ()
