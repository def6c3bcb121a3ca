"""What is to be asked for (`Wanted`), and what a request carries with it (`RequestMeta`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from core.records import Page, Visit
from crawlers.lists.model import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An address to ask for: a list (`rule`, `step`), the page of an entry (`entry`, `page`), or a robots.txt.

    `role` is feed, sitemap, listing, api, page or robots. `step` counts the answers of a list, from 1.
    """

    url: str
    role: str
    rule: Rule | None = None
    step: int = 1
    entry: str | None = None
    page: Page | None = None


class _Meta(TypedDict):
    source: str
    role: str
    asked: str  # the address without secrets, before redirects
    wanted: Wanted
    known: Visit | None  # the last visit that gave us a body, whose validators are sent
    fresh: bool  # asked without validators
    began: float | None  # seconds, set by the download handler


class RequestMeta(_Meta, total=False):
    """What a request carries in `request.meta`."""

    retry_after: str
    download_maxsize: int
