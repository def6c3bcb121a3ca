"""The spider of a night: asks every source's lists, reads them, then asks for the pages that are due.

There are four kinds of list (feed, sitemap, listing, api) and no spider by source. All sources share one crawl,
so that a host which several of them name is still asked by one at a time. A list that has not changed is read
again from what we hold: a better reader finds more in old bytes, and what it lists counts as seen tonight.
Nothing is written here: every request ends as a message to the parent.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import zstandard
from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from core import clock
from core.config import ApiRule, ListingRule, SourceFile
from core.errors import ConfigError, StemwireError
from core.records import Capture, Entry, Json, Visit
from core.text import fingerprint
from crawlers.addresses import host_of, is_askable
from crawlers.fetch.api_requests import add_secrets, conceal, due_names, has_news
from crawlers.fetch.guards import DOWNLOAD_ERRORS
from crawlers.fetch.messages import Answer, Due, Ended, Finished, Found, Job, Message, Trouble
from crawlers.fetch.outcomes import Settled, next_page, outcome_of, outcome_of_error, reason_of, reason_of_error
from crawlers.fetch.politeness import Gate
from crawlers.fetch.recorded import Recording
from crawlers.fetch.state import State, Window, plan_pages
from crawlers.lists.apis import opening
from crawlers.lists.apis.interface import find_api
from crawlers.lists.entries import find_changes, make_entry
from crawlers.lists.model import ListResult, ListTask, Rule
from crawlers.lists.source_rules import ROLES, get_hosts, get_rules

FIRST_WINDOW = timedelta(days=90)  # how far back an API is asked on the first night
LOOKS = timedelta(days=60)  # how far back it is remembered when a record was asked for by its name
STEPS = 60  # answers of one list that are followed; of an interface, as many as its `max` allows


@dataclass(slots=True)
class Course:
    """A source on its way through the night."""

    source: SourceFile
    known: dict[str, Entry]
    open: int = 0  # requests for lists that have not ended
    left: int = 0  # requests of any kind that have not ended
    batches: dict[tuple[int, int, str], list[Entry]] = field(default_factory=dict)  # by rule, step and address
    seen: dict[str, Entry] = field(default_factory=dict)
    troubled: bool = False
    lists: Counter[str] = field(default_factory=Counter)
    per_rule: Counter[Rule] = field(default_factory=Counter)  # entries
    names: dict[str, None] = field(default_factory=dict)  # native names that interfaces listed
    asked: set[str] = field(default_factory=set)  # addresses of interfaces
    window: Window | None = None  # of an interface


class NightSpider(Spider):  # type: ignore[misc]
    name = "night"

    def __init__(
        self,
        *,
        job: Job,
        state: State,
        recording: Recording | None,
        send: Callable[[Message], None],
        read: Callable[[ListTask], Awaitable[ListResult]],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.job, self.state, self.recording, self.send, self.read = job, state, recording, send, read
        self.crawl = job.config.crawl
        self._started = clock.seconds()
        self.courses = {source.id: Course(source, state.load_entries(source.id)) for source in job.sources}
        self.gate = Gate(self.now, {} if recording else state.load_holds(job.now))

    def now(self) -> datetime:
        return self.job.now + timedelta(seconds=clock.seconds() - self._started)

    def own_hosts(self, source: str) -> frozenset[str]:
        return get_hosts(self.courses[source].source)

    def slow_down(self, host: str, pause: float) -> None:
        """A `Crawl-delay` of a robots.txt, within reason."""
        slot = self.crawler.engine.downloader.slots.get(host.partition(":")[0])
        if slot is not None and self.recording is None:
            slot.delay = max(slot.delay, min(pause, 30.0))

    # what is asked

    async def start(self) -> AsyncIterator[Any]:
        for course in self.courses.values():
            requests = []
            for rule in get_rules(course.source):
                try:
                    urls = self._first(course.source, rule)
                except StemwireError as error:
                    self._trouble(course, "list_failed", str(error))
                    continue
                role = ROLES[type(rule)]
                requests += [self.ask(course.source.id, url, role, rule=rule, callback=self.on_list) for url in urls]
            course.open = course.left = len(requests)
            self.send(Due(source=course.source.id, requests=len(requests)))
            if not requests:
                self.send(Finished(source=course.source.id, lists={}))
            for request in requests:
                yield request

    def _first(self, source: SourceFile, rule: Rule) -> list[str]:
        if not isinstance(rule, ApiRule):
            if not is_askable(rule.url):
                raise ConfigError("not an address that can be asked for", where=rule.url)
            return [rule.url]
        api, window = find_api(rule.api), self.state.find_window(source.id)
        self.courses[source.id].window = window
        since = window.since - api.overlap if window.since else self.job.now - FIRST_WINDOW
        return api.requests(rule.query, since.date(), rule.max)

    def ask(
        self,
        source: str,
        url: str,
        role: str,
        *,
        fresh: bool = False,
        callback: Callable[..., Any] | None = None,
        **more: Any,
    ) -> Request:
        """A request that ends in `settle`. `fresh`: without validators."""
        known = None if fresh else self.state.find_visit(None if role == "robots" else source, url)
        headers = {}
        if known and known["etag"]:
            headers["If-None-Match"] = known["etag"]
        if known and known["modified"]:
            headers["If-Modified-Since"] = known["modified"]
        if fresh:
            headers["Cache-Control"] = "no-cache"
        meta = {"source": source, "role": role, "asked": url, "known": known, "fresh": fresh, "began": None, **more}
        errback = self.on_error if callback else None
        if role == "api":  # what is dialled may hold a secret; everything else goes by `asked`
            self.courses[source].asked.add(url)
            url, secret = add_secrets(url, more["rule"])
            headers |= secret
        return Request(url, callback=callback, errback=errback, headers=headers, meta=meta, dont_filter=True)

    async def fetch_now(self, request: Request) -> Settled:
        """Through the whole chain of guards, outside of the order of the crawl: for robots.txt."""
        try:
            response = await self.crawler.engine.download_async(request)
        except DOWNLOAD_ERRORS as error:
            return self.settle_error(request, error)
        settled = self.settle(response)
        if settled is None:
            meta = request.meta
            return await self.fetch_now(self.ask(meta["source"], meta["asked"], meta["role"], fresh=True))
        return settled

    # what comes back

    async def on_list(self, response: Response) -> AsyncIterator[Request]:
        settled, meta = self.settle(response), response.meta
        if settled is None:
            yield self._again(meta, self.on_list)
            return
        for request in await self._after_list(meta, settled):
            yield request

    async def on_page(self, response: Response) -> AsyncIterator[Request]:
        if self.settle(response) is None:
            yield self._again(response.meta, self.on_page)
            return
        self._one_less(self.courses[response.meta["source"]])

    async def on_error(self, failure: Failure) -> AsyncIterator[Request]:
        request: Request = failure.request
        settled = self.settle_error(request, failure.value)
        if request.meta["role"] == "page":
            self._one_less(self.courses[request.meta["source"]])
            return
        for more in await self._after_list(request.meta, settled):
            yield more

    def _again(self, meta: Json, callback: Callable[..., Any]) -> Request:
        more = {key: meta[key] for key in ("rule", "step", "entry", "page") if key in meta}
        return self.ask(meta["source"], meta["asked"], meta["role"], fresh=True, callback=callback, **more)

    async def _after_list(self, meta: Json, settled: Settled) -> list[Request]:
        course = self.courses[meta["source"]]
        course.lists[settled.outcome] += 1
        requests: list[Request] = []
        if settled.body is not None:
            requests = await self._read_list(course, meta, settled)
        elif settled.outcome != "held":
            kind = "robots_refused" if settled.outcome == "refused" else "list_failed"
            self._trouble(course, kind, f"{meta['asked']}: {settled.reason}")
        course.open += len(requests) - 1
        if course.open == 0:
            requests += self._plan(course)
        course.left += len(requests)
        if requests:
            self.send(Due(source=course.source.id, requests=len(requests)))
        self._one_less(course)
        return requests

    async def _read_list(self, course: Course, meta: Json, settled: Settled) -> list[Request]:
        rule: Rule = meta["rule"]
        task = ListTask(
            rule=rule, body=settled.body or b"", url=settled.final_url, content_type=settled.content_type,
            fetched=settled.at,
        )  # fmt: skip
        try:
            index = await self.read(task)
        except StemwireError as error:
            self._trouble(course, "feed_broken", _hidden(meta, f"{meta['asked']}: {error.what}"))
            return []
        entries = self._listed(course, meta, settled, index)
        step = meta.get("step", 1)
        if isinstance(rule, ApiRule):
            follow = self._follow(course, rule, index, entries)
        else:
            most = rule.pages if isinstance(rule, ListingRule) else STEPS
            follow = [url for url in index.follow if step < most]
        return [
            self.ask(course.source.id, url, meta["role"], rule=rule, step=step + 1, callback=self.on_list)
            for url in follow
            if is_askable(url)
        ]

    def _follow(self, course: Course, rule: ApiRule, index: ListResult, entries: list[Entry]) -> list[str]:
        """Where an interface's answer leads, as far as we go."""
        source, api = course.source.id, find_api(rule.api)
        for problem in index.problems:
            self._trouble(course, "list_partial", problem, fatal=False)
        follow = list(index.follow)
        if again := [url for url in follow if url in course.asked]:
            self._trouble(course, "feed_broken", f"an answer leads back to {again[0]}")
            return []
        if follow and course.per_rule[rule] >= rule.max:
            said = f"{course.per_rule[rule]} records are taken, and there are more (raise max)"
            self._trouble(course, "list_partial", said, fatal=False)
            return []
        whole = course.window is not None and course.window.whole
        if api.newest_first and whole and entries and not has_news(entries, course.known):
            follow = []
        if index.names and api.records is not None:
            course.names |= dict.fromkeys(index.names)
            listed = (ident.removeprefix(f"{source}:") for ident in self.state.load_listed(source))
            looks = self.state.load_looks(source, api.named, self.job.now - LOOKS)
            held = (entry.native for entry in course.known.values())
            due = due_names(index.names, held=held, listed=listed, looks=looks, crawl=self.crawl, now=self.now())
            follow += api.records(due)
        return follow

    def _listed(self, course: Course, meta: Json, settled: Settled, index: ListResult) -> list[Entry]:
        """One list has been read; what it means is said when all of the source have."""
        entries = [
            make_entry(item, course.source, capture=settled.capture or "", at=settled.at) for item in index.entries
        ]
        rule = meta["rule"]
        course.per_rule[rule] += len(entries)
        rules: list[Rule] = [*course.source.feed, *course.source.sitemap, *course.source.listing, *course.source.api]
        course.batches[(rules.index(rule), meta.get("step", 1), meta["asked"])] = entries
        return entries

    def _plan(self, course: Course) -> list[Request]:
        """All lists of a source have ended: what they mean, and which pages are asked for now."""
        for _, batch in sorted(course.batches.items()):  # in the order of the source's file, not of the answers
            for entry in batch:
                course.seen.setdefault(entry.id, entry)
        weighed = find_changes(course.known, self.state.load_listed(course.source.id), course.seen)
        whole = course.lists.keys() <= {"fetched", "unchanged"} and not course.troubled and not course.source.api
        if weighed.suspicious and whole:
            self._trouble(course, "feed_broken", f"{weighed.suspicious}; nothing is taken for gone", fatal=False)
        named = (f"{course.source.id}:{name}" for name in course.names)  # listed, and held as they are
        seen = dict.fromkeys((*weighed.seen, *(ident for ident in named if ident in course.known)))
        self.send(Found(source=course.source.id, entries=weighed.entries, seen=tuple(seen)))
        if not course.source.page.fetch:
            return []
        entries = course.known | {entry.id: entry for entry in weighed.entries}
        pages = self.state.load_pages(course.source.id)
        plan = plan_pages(entries.values(), weighed.changed, pages, self.crawl, self.now())
        if plan.waiting:
            self.send(Due(source=course.source.id, requests=0, waiting=plan.waiting))
        return [
            self.ask(course.source.id, entry.url, "page", entry=entry.id, page=page, callback=self.on_page)
            for entry, page in plan.due
            if entry.url
        ]

    def _one_less(self, course: Course) -> None:
        course.left -= 1
        if course.left == 0:
            self.send(Finished(source=course.source.id, lists=dict(course.lists)))

    def _trouble(self, course: Course, kind: str, text: str, *, fatal: bool = True) -> None:
        course.troubled = True
        self.send(Trouble(source=course.source.id, kind=kind, text=text, fatal=fatal))

    # how it ended

    def settle(self, response: Response) -> Settled | None:
        """Tell the parent how a request ended. None: a 304 that nobody asked for; ask again, fresh."""
        meta = response.meta
        known, outcome, status = meta["known"], outcome_of(response.status), response.status
        headers = {name.decode("latin-1").lower(): _hidden(meta, b", ".join(values).decode("latin-1"))
                   for name, values in response.headers.items()}  # fmt: skip
        etag, modified = headers.get("etag"), headers.get("last-modified")
        at, body, capture, reason = clock.stamp(self.now()), None, None, None
        content_type, final_url, new = headers.get("content-type"), _hidden(meta, response.url), None
        if meta["role"] == "api" and (pause := find_api(meta["rule"].api).pause):
            self.slow_down(host_of(response.url), pause)
        if outcome == "unchanged":
            asked_for = known is not None and (known["etag"] or known["modified"])
            kept = self.state.find_kept(known["capture"]) if known and asked_for else None
            if kept is None:
                if not meta["fresh"]:
                    return None
                outcome, reason = "failed", "304 although we had not said what we hold"
            else:
                capture, body = kept.capture, kept.body
                content_type, final_url = kept.content_type, kept.final_url
                etag, modified = etag or known["etag"], modified or known["modified"]
        elif outcome == "fetched":
            body = response.body
            new = self._capture(meta, response, headers, at)
            capture = new.id
            if known and known["capture"] == new.id:
                outcome = "unchanged"
            if self.state.has_capture(new.id):
                new = None
        elif meta["role"] == "robots" and 400 <= status < 500 and status != 429:
            outcome, reason = "fetched", f"{reason_of(status)}: no rules"
        else:
            reason = reason_of(status, headers.get("location"))
            if meta["role"] == "api" and response.body:  # what an interface says of an error is worth hearing
                reason = _hidden(meta, f"{reason}: {opening(response.body)}")
        settled = Settled(
            outcome=outcome, status=status, reason=reason, capture=capture, body=body,
            content_type=content_type, final_url=final_url, at=at,
        )  # fmt: skip
        self._tell(meta, settled, new, etag=etag if capture else None, modified=modified if capture else None)
        return settled

    def settle_error(self, request: Request, error: BaseException) -> Settled:
        """Tell the parent that a request got no answer, and why."""
        settled = Settled(
            outcome=outcome_of_error(error),
            status=None,
            reason=_hidden(request.meta, reason_of_error(
                error, timeout=self.crawl.timeout, max_size=request.meta.get("download_maxsize", self.crawl.max_size)
            )),
            at=clock.stamp(self.now()),
        )  # fmt: skip
        self._tell(request.meta, settled, None, etag=None, modified=None)
        return settled

    def _tell(
        self, meta: Json, settled: Settled, new: Capture | None, *, etag: str | None, modified: str | None
    ) -> None:
        began = meta.get("began")
        visit = Visit(
            run=self.job.run.id, source=meta["source"], url=meta["asked"], role=meta["role"], at=settled.at,
            outcome=settled.outcome, status=settled.status, capture=settled.capture, entry=meta.get("entry"),
            etag=etag, modified=modified, retry_after=meta.get("retry_after"), reason=settled.reason,
            seconds=round(clock.seconds() - began, 3) if began else 0.0,
        )  # fmt: skip
        page = None
        if meta["role"] == "page" and settled.outcome != "held":
            page = next_page(
                meta["page"], entry=meta["entry"], url=meta["asked"], outcome=settled.outcome, status=settled.status,
                capture=settled.capture, at=settled.at, gone_nights=self.crawl.gone_nights,
            )  # fmt: skip
        self.send(Answer(visit=visit, capture=new, page=page))

    def _capture(self, meta: Json, response: Response, headers: dict[str, str], at: str) -> Capture:
        body, asked, role = response.body, meta["asked"], meta["role"]
        sha256 = hashlib.sha256(body).hexdigest()
        stable = find_api(meta["rule"].api).stable(asked) if role == "api" else asked
        return Capture(
            id=fingerprint("" if role == "robots" else meta["source"], stable, sha256), source=meta["source"],
            url=asked, final_url=_hidden(meta, response.url), role=role, status=response.status, headers=headers,
            body=zstandard.ZstdCompressor(level=9).compress(body), sha256=sha256, size=len(body), fetched=at,
        )  # fmt: skip

    def closed(self, reason: str) -> None:
        self.send(Ended(reason=reason))


def _hidden(meta: Json, text: str) -> str:
    """What comes back of a request, without the secrets that went with it."""
    return conceal(text, meta["rule"]) if meta["role"] == "api" else text
