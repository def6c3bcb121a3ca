"""When a host may be asked again: `Retry-After`, kept across nights, and hosts that have stopped answering.

A 429 or 503 with a usable `Retry-After` (seconds or an HTTP date, clamped to one second .. one day) closes the host
until then: requests that are still due there end as `held`, tonight and in later nights until that time. A 429 without
one closes the host for the rest of this night. Three requests in a row without any answer also close it for this night;
the next night asks again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from core import clock
from crawlers.addresses import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(hours=24)
STRIKES = 3


class HostOnHold(IgnoreRequest):  # type: ignore[misc]
    """The request was not made; the text says until when or why."""


def parse_retry_after(value: str | None, now: datetime) -> datetime | None:
    """The moment that a `Retry-After` names, clamped to now + 1 s .. now + 24 h; None if it cannot be read.

    >>> parse_retry_after("120", datetime(2026, 1, 1, tzinfo=UTC)).minute, parse_retry_after("soon", None)
    (2, None)
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        wait = timedelta(seconds=min(int(text), 10**6))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        wait = moment - now
    return now + min(max(wait, SHORTEST), LONGEST)


class HostAccess:
    """Whether each host may be asked now. One per crawl."""

    def __init__(self, now: Callable[[], datetime], holds: Mapping[str, str]) -> None:
        self._now = now
        self._until = {host: clock.parse(stamp) for host, stamp in holds.items()}
        self._closed: dict[str, str] = {}
        self._strikes: dict[str, int] = {}

    def check(self, host: str) -> None:
        """Raises HostOnHold when the host must not be asked."""
        until = self._until.get(host)
        if until is not None and self._now() < until:
            raise HostOnHold(f"{host} asked not to be called before {clock.stamp(until)}")
        if host in self._closed:
            raise HostOnHold(self._closed[host])

    def hold(self, host: str, until: datetime) -> None:
        self._until[host] = max(until, self._until.get(host, until))

    def close(self, host: str, why: str) -> None:
        self._closed[host] = why

    def answered(self, host: str) -> None:
        self._strikes.pop(host, None)

    def missed(self, host: str) -> None:
        self._strikes[host] = self._strikes.get(host, 0) + 1
        if self._strikes[host] >= STRIKES:
            self.close(host, f"{host} left {STRIKES} requests in a row unanswered; not asked again tonight")


class RetryAfter:
    """Downloader middleware: reads `Retry-After` before Scrapy's retries see the answer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfter:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status not in (429, 503):
            return response
        gate, host = self.crawler.spider.hosts, origin_of(request.url)
        value = response.headers.get("Retry-After")
        now = self.crawler.spider.now()
        until = parse_retry_after(value.decode("latin-1") if value else None, now)
        if until is not None:
            gate.hold(host, until)
            request.meta["retry_after"] = clock.stamp(until)
        elif response.status == 429:
            gate.close(host, f"{host} asked for fewer requests (429); not asked again tonight")
        if until is not None or response.status == 429:
            request.meta["dont_retry"] = True
        return response
