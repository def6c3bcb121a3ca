"""robots.txt as in RFC 9309, fetched through the same guards as every other request and stored as a visit.

In order: the rules of a readable file (2xx, or the one that we hold on a 304) apply, at most 500 KiB of it, whatever
its byte order mark says. 4xx except 429 mean that there is no file, so everything is allowed. Anything else (5xx, 429,
no answer, a file that is too large, endless redirects or one to a refused address) means "not now": nothing is
requested from that host tonight. When a host has been unreachable for a day and we still hold its last good file, the
rules of that file apply again (RFC 9309, 2.4). The file is asked for once a night, with its validators.

Documented programming interfaces (role `api`) have their own terms and are not crawled: no robots.txt there.
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
    from scrapy.crawler import Crawler
    from scrapy.http import Request

GRACE = timedelta(hours=24)


class Disallowed(IgnoreRequest):  # type: ignore[misc]
    """robots.txt does not allow this request, or cannot be read now."""


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """`rules` None: everything is allowed; with `closed`, nothing is, for the reason in `closed`."""

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
    """The rules in the first 500 KiB of a robots.txt; byte order marks of UTF-8 and UTF-16 are obeyed."""
    body = body[:ROBOTS_MAX]
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = body.decode("utf-16", "replace")
    else:
        text = body.decode("utf-8-sig", "replace")
    return RobotsRules(rules=Protego.parse(text))


def interpret_answer(host: str, status: int | None, body: bytes | None, why: str) -> RobotsRules:
    """The rules that follow from an answer to the request for robots.txt. `status` None: no answer, because of `why`.

    `body` is the file as it is now: on a 304 that we believe, the one that we hold.
    """
    if status is not None and (200 <= status < 300 or status == 304) and body is not None:
        return parse_robots(body)
    if status is not None and 400 <= status < 500 and status != 429:
        return RobotsRules()
    return RobotsRules(closed=f"robots.txt of {host} cannot be read ({why}); nothing is requested there until it can")


def fall_back_after_a_day(law: RobotsRules, since: datetime | None, kept: bytes | None, now: datetime) -> RobotsRules:
    """The rules of the last good file, if the host has been unreachable for a day and we hold one."""
    if law.closed is not None and kept is not None and since is not None and now - since >= GRACE:
        return parse_robots(kept)
    return law


class Robots:
    """Downloader middleware: the rules of each origin, read once a night."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.laws: dict[str, asyncio.Future[RobotsRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Robots:
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
