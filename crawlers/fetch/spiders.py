"""The spider of a night: asks every source's lists, then the pages that are due.

There are four kinds of list (feed, sitemap, listing, api) and no spider by source. All sources share one crawl, so
that a host which several of them name is still asked by one at a time. The spider makes the requests and nothing else:
`AnswerRecorder` decides what an answer means, `SourceNight` what is asked next. A list that has not changed is read
again from what we hold: a better reader finds more in old bytes, and what it lists counts as seen tonight. Nothing is
written here: every request ends as a message to the parent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from core import clock
from core.config import ApiRule
from crawlers.addresses import host_of
from crawlers.fetch.answers import AnswerRecorder
from crawlers.fetch.api_requests import add_secrets
from crawlers.fetch.guards import DOWNLOAD_ERRORS
from crawlers.fetch.history import History
from crawlers.fetch.messages import Ended, Job, Message
from crawlers.fetch.outcomes import Outcome
from crawlers.fetch.politeness import HostAccess
from crawlers.fetch.recorded import Recording
from crawlers.fetch.source_night import ReadList, SourceNight
from crawlers.fetch.wanted import RequestMeta, Wanted
from crawlers.lists.apis.interface import find_api
from crawlers.lists.source_rules import get_hosts

LONGEST_PAUSE = 30.0  # seconds between two requests to a host, whatever its robots.txt asks for


class NightSpider(Spider):  # type: ignore[misc]
    """Makes the requests of all sources. `send` reports to the parent, `read` reads a list in another process."""

    name = "night"

    def __init__(
        self,
        *,
        job: Job,
        history: History,
        recording: Recording | None,
        send: Callable[[Message], None],
        read: ReadList,
    ) -> None:
        super().__init__()
        self.job, self.history, self.recording, self.send = job, history, recording, send
        crawl = job.config.crawl
        self._started = clock.seconds()
        self.hosts = HostAccess(self.now, {} if recording else history.load_retry_times(job.now))
        self.answers = AnswerRecorder(run=job.run.id, crawl=crawl, history=history, now=self.now, send=send)
        self.nights = {
            source.id: SourceNight(
                source, history=history, crawl=crawl, began=job.now, now=self.now, read=read, send=send
            )
            for source in job.sources
        }

    def now(self) -> datetime:
        """The time of the night: when it began, and how long it has taken since."""
        return self.job.now + timedelta(seconds=clock.seconds() - self._started)

    def own_hosts(self, source: str) -> frozenset[str]:
        """The hosts that a source names itself."""
        return get_hosts(self.nights[source].source)

    def slow_down(self, host: str, pause: float) -> None:
        """Leave at least `pause` seconds between two requests to a host (thirty at most)."""
        slot = self.crawler.engine.downloader.slots.get(host.partition(":")[0])
        if slot is not None and self.recording is None:
            slot.delay = max(slot.delay, min(pause, LONGEST_PAUSE))

    # requests

    async def start(self) -> AsyncIterator[Request]:
        """The first request of every list of every source."""
        for source, night in self.nights.items():
            requests = [self.ask(source, wanted, callback=self.on_list) for wanted in night.begin()]
            for request in requests:
                yield request

    def ask(
        self,
        source: str,
        wanted: Wanted,
        *,
        fresh: bool = False,
        callback: Callable[[Response], AsyncIterator[Request]] | None = None,
    ) -> Request:
        """A request that ends in `answers`. `fresh`: without validators."""
        known = None if fresh else self.history.find_visit(None if wanted.role == "robots" else source, wanted.url)
        headers = {}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.modified:
            headers["If-Modified-Since"] = known.modified
        if fresh:
            headers["Cache-Control"] = "no-cache"
        meta: RequestMeta = {
            "source": source, "role": wanted.role, "asked": wanted.url, "wanted": wanted, "known": known,
            "fresh": fresh, "began": None,
        }  # fmt: skip
        url = wanted.url
        if isinstance(wanted.rule, ApiRule):  # the address that is dialled may hold a secret; `asked` never does
            url, secret = add_secrets(url, wanted.rule)
            headers |= secret
        errback = self.on_error if callback else None
        return Request(url, callback=callback, errback=errback, headers=headers, meta=meta, dont_filter=True)

    async def fetch_now(self, request: Request) -> Outcome:
        """Through the whole chain of guards, but outside the order of the crawl: for robots.txt."""
        try:
            response = await self.crawler.engine.download_async(request)
        except DOWNLOAD_ERRORS as error:
            return self.answers.record_error(request, error)
        outcome = self.answers.record_response(response)
        if outcome is None:
            meta: RequestMeta = request.meta
            return await self.fetch_now(self.ask(meta["source"], meta["wanted"], fresh=True))
        return outcome

    # answers

    async def on_list(self, response: Response) -> AsyncIterator[Request]:
        meta: RequestMeta = response.meta
        rule = meta["wanted"].rule
        if isinstance(rule, ApiRule) and (pause := find_api(rule.api).pause):
            self.slow_down(host_of(response.url), pause)
        outcome = self.answers.record_response(response)
        if outcome is None:
            yield self.ask(meta["source"], meta["wanted"], fresh=True, callback=self.on_list)
            return
        for request in await self._end_list(meta, outcome):
            yield request

    async def on_page(self, response: Response) -> AsyncIterator[Request]:
        meta: RequestMeta = response.meta
        if self.answers.record_response(response) is None:
            yield self.ask(meta["source"], meta["wanted"], fresh=True, callback=self.on_page)
            return
        self.nights[meta["source"]].end_request()

    async def on_error(self, failure: Failure) -> AsyncIterator[Request]:
        meta: RequestMeta = failure.request.meta
        outcome = self.answers.record_error(failure.request, failure.value)
        if meta["role"] == "page":
            self.nights[meta["source"]].end_request()
            return
        for request in await self._end_list(meta, outcome):
            yield request

    async def _end_list(self, meta: RequestMeta, outcome: Outcome) -> list[Request]:
        following = await self.nights[meta["source"]].end_list(meta["wanted"], outcome)
        return [
            self.ask(meta["source"], wanted, callback=self.on_page if wanted.role == "page" else self.on_list)
            for wanted in following
        ]

    def closed(self, reason: str) -> None:
        """Scrapy calls this at the end."""
        self.send(Ended(reason=reason))
