"""robots.txt as RFC 9309 has it, through the same guards as every other request, and kept as a visit.

In order: a readable file (2xx, or the one that we hold on a 304) is the law, at most 500 KiB of it, whatever its
encoding mark says; 4xx except 429 mean that there is none, so everything is allowed; anything else (5xx, 429, no
answer, a file that is too large, redirects without end or to an address that may not be dialled) means "not now":
nothing of that host is asked for tonight. When a host has been unreachable for a day and we still hold its last
good file, that file is the law again (RFC 9309, 2.4). The file is asked for once a night, with its validators.

Documented programming interfaces (role `api`) have terms of their own and are not crawled: no robots.txt there.
"""

from __future__ import annotations

import asyncio
import codecs
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request as ScrapyRequest
from scrapy.exceptions import IgnoreRequest

from crawlers.fetch.politeness import HostOnHold
from crawlers.fetch.settings import PRODUCT, ROBOTS_MAX
from crawlers.fetch.wanted import Wanted

if TYPE_CHECKING:
    from scrapy.http import Request

GRACE = timedelta(hours=24)


class Disallowed(IgnoreRequest):  # type: ignore[misc]
    """robots.txt does not want this request, or not now."""


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """`rules` None: everything is allowed, or, with `closed`, nothing is and the text says why."""

    rules: Any | None = None
    closed: str | None = None
    held: bool = False  # closed only because the host asked us to wait

    def check(self, url: str) -> None:
        """Raises Disallowed, or HostOnHold."""
        if self.closed is not None:
            raise (HostOnHold if self.held else Disallowed)(self.closed)
        if self.rules is not None and not self.rules.can_fetch(url, PRODUCT):
            raise Disallowed("robots.txt disallows it")


def parse_robots(body: bytes) -> RobotsRules:
    """The first 500 KiB of a robots.txt as law; byte order marks of UTF-8 and UTF-16 are obeyed."""
    body = body[:ROBOTS_MAX]
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = body.decode("utf-16", "replace")
    else:
        text = body.decode("utf-8-sig", "replace")
    return RobotsRules(rules=Protego.parse(text))


def interpret_answer(host: str, status: int | None, body: bytes | None, why: str) -> RobotsRules:
    """What an answer to the request for robots.txt means. `status` None: there was none, `why` says so.

    `body` is the file as it stands now: on a 304 that we believe, the one that we hold.
    """
    if status is not None and (200 <= status < 300 or status == 304) and body is not None:
        return parse_robots(body)
    if status is not None and 400 <= status < 500 and status != 429:
        return RobotsRules()
    return RobotsRules(closed=f"robots.txt of {host} cannot be read ({why}); nothing is asked there until it can")


def fall_back_after_a_day(law: RobotsRules, since: datetime | None, kept: bytes | None, now: datetime) -> RobotsRules:
    """A closed host that has been so for a day falls back on its last good file, if we hold one."""
    if law.closed is not None and kept is not None and since is not None and now - since >= GRACE:
        return parse_robots(kept)
    return law


class Robots:
    """Downloader middleware: one law per origin and night."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self.laws: dict[str, asyncio.Future[RobotsRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Any) -> Robots:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta["role"] in ("robots", "api"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.laws:
            self.laws[origin] = asyncio.ensure_future(self._ask(origin, request.meta["source"]))
        law = await asyncio.shield(self.laws[origin])
        law.check(request.url)

    async def _ask(self, origin: str, source: str) -> RobotsRules:
        spider = self.crawler.spider
        url = f"{origin}/robots.txt"
        request: ScrapyRequest = spider.ask(source, Wanted(url=url, role="robots"))
        request.meta["download_maxsize"] = ROBOTS_MAX
        settled = await spider.fetch_now(request)
        if settled.outcome == "held":
            return RobotsRules(closed=settled.reason, held=True)
        host = urlsplit(origin).netloc
        law = interpret_answer(host, settled.status, settled.body, settled.reason or "no answer")
        if law.closed is not None:
            since, kept = spider.history.find_robots(url)
            law = fall_back_after_a_day(law, since, kept.body if kept else None, spider.now())
        if law.rules is not None and (pause := law.rules.crawl_delay(PRODUCT)):
            spider.slow_down(host, float(pause))
        return law
