"""One source during one night: which lists to ask for, where their answers lead, and which pages to ask for then.

Decisions only; the spider makes the requests. `ApiPaging` follows the answers of interfaces. `SourceNight` counts
what is still open: when the last list of the source has ended, what all of them say is compared with what we hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from core.config import ApiRule, Crawl, ListingRule, SourceFile
from core.errors import ConfigError, StemwireError
from core.records import Entry
from crawlers.addresses import is_askable
from crawlers.fetch.api_requests import add_secrets, conceal_secrets, due_names, has_news
from crawlers.fetch.history import History, Window
from crawlers.fetch.messages import Due, Finished, Found, Message, SourceProblem
from crawlers.fetch.outcomes import Outcome
from crawlers.fetch.page_plan import plan_pages
from crawlers.fetch.wanted import Wanted
from crawlers.lists.apis.interface import find_api
from crawlers.lists.entries import find_changes, make_entry
from crawlers.lists.folds import describe_folds
from crawlers.lists.model import ListResult, ListTask, Rule
from crawlers.lists.source_rules import ROLES, get_rules

FIRST_WINDOW = timedelta(days=90)  # how far back an API is asked on the first night
RECORD_VISITS = timedelta(days=60)  # how far back visits of single records are read
STEPS = 60  # answers of one list that are followed; of an interface, as many as its `max` allows

ReadList = Callable[[ListTask], Awaitable[ListResult]]


class Report(Protocol):
    """Tells the parent that a person should look at the source."""

    def __call__(self, kind: str, text: str, *, fatal: bool = True) -> None: ...


class ApiPaging:
    """Where the interfaces of a source are asked first, and where their answers lead."""

    def __init__(
        self, source: str, known: Mapping[str, Entry], *, history: History, crawl: Crawl, began: datetime,
        now: Callable[[], datetime], report: Report,
    ) -> None:  # fmt: skip
        self.source, self.known, self.history, self.crawl = source, known, history, crawl
        self.began, self.now, self.report = began, now, report
        self.names: dict[str, None] = {}  # native names that were listed without their records
        self.asked: set[str] = set()
        self._window: Window | None = None

    def find_first(self, rule: ApiRule) -> list[str]:
        """The first addresses: what is new since the last complete night.

        Raises ConfigError for a secret that is not set, so that only this source fails.
        """
        add_secrets("", rule)
        api, window = find_api(rule.api), self.history.find_window(self.source)
        self._window = window
        since = window.since - api.overlap if window.since else self.began - FIRST_WINDOW
        return api.requests(rule.query, since.date(), rule.max)

    def find_next(self, rule: ApiRule, result: ListResult, entries: list[Entry], taken: int) -> list[str]:
        """Where an answer leads, as far as we go. `taken`: how many entries came by this rule tonight."""
        api = find_api(rule.api)
        for problem in result.problems:
            self.report("list_partial", problem, fatal=False)
        follow = list(result.follow)
        if again := [url for url in follow if url in self.asked]:
            self.report("feed_broken", f"an answer leads back to {again[0]}")
            return []
        if follow and taken >= rule.max:
            self.report("list_partial", f"{taken} records are taken, and there are more (raise max)", fatal=False)
            return []
        whole = self._window is not None and self._window.whole
        if api.newest_first and whole and entries and not has_news(entries, self.known):
            follow = []
        if result.names and api.records is not None:
            self.names |= dict.fromkeys(result.names)
            listed = (ident.removeprefix(f"{self.source}:") for ident in self.history.load_listed(self.source))
            visits = self.history.load_record_visits(self.source, api.named, self.began - RECORD_VISITS)
            held = (entry.native for entry in self.known.values())
            due = due_names(result.names, held=held, listed=listed, visits=visits, crawl=self.crawl, now=self.now())
            follow += api.records(due)
        return follow


class SourceNight:
    """The night of one source. Requests go out as `Wanted`, reports to the parent through `send`."""

    def __init__(
        self, source: SourceFile, *, history: History, crawl: Crawl, began: datetime, now: Callable[[], datetime],
        read: ReadList, send: Callable[[Message], None],
    ) -> None:  # fmt: skip
        self.source, self.history, self.crawl, self.now = source, history, crawl, now
        self.read, self.send = read, send
        self.known = history.load_entries(source.id)
        self.paging = ApiPaging(
            source.id, self.known, history=history, crawl=crawl, began=began, now=now, report=self.report
        )
        self._rules = list(get_rules(source))
        self._listed: dict[tuple[int, int, str], list[Entry]] = {}  # by rule, step and address
        self._taken: Counter[int] = Counter()  # entries, by rule
        self._lists_ended: Counter[str] = Counter()  # by outcome
        self._open_lists = 0
        self._open_requests = 0
        self._has_problems = False

    def report(self, kind: str, text: str, *, fatal: bool = True) -> None:
        """Tell the parent what is wrong. `fatal`: the source failed tonight because of it."""
        self._has_problems = True
        self.send(SourceProblem(source=self.source.id, kind=kind, text=text, fatal=fatal))

    def begin(self) -> list[Wanted]:
        """The first request of every list. A list that cannot be asked for is reported."""
        wanted: list[Wanted] = []
        for rule in self._rules:
            try:
                wanted += self._want(rule, self._find_first(rule))
            except StemwireError as error:
                self.report("list_failed", str(error))
        self._open_lists = self._open_requests = len(wanted)
        self.send(Due(source=self.source.id, requests=len(wanted)))
        if not wanted:
            self.send(Finished(source=self.source.id, lists={}))
        return wanted

    async def end_list(self, wanted: Wanted, outcome: Outcome) -> list[Wanted]:
        """A request for a list has ended: what is asked for next."""
        self._lists_ended[outcome.outcome] += 1
        following: list[Wanted] = []
        if outcome.body is not None and wanted.rule is not None:
            following = await self._read_list(wanted, wanted.rule, outcome)
        elif outcome.outcome != "held":
            kind = "robots_refused" if outcome.outcome == "refused" else "list_failed"
            self.report(kind, f"{wanted.url}: {outcome.reason}")
        self._open_lists += len(following) - 1
        if self._open_lists == 0:
            following += self._end_lists()
        self._open_requests += len(following)
        if following:
            self.send(Due(source=self.source.id, requests=len(following)))
        self.end_request()
        return following

    def end_request(self) -> None:
        """A request has ended, and what follows from it is counted."""
        self._open_requests -= 1
        if self._open_requests == 0:
            self.send(Finished(source=self.source.id, lists=dict(self._lists_ended)))

    def _find_first(self, rule: Rule) -> list[str]:
        if isinstance(rule, ApiRule):
            return self.paging.find_first(rule)
        if not is_askable(rule.url):
            raise ConfigError("not an address that can be asked for", where=rule.url)
        return [rule.url]

    def _want(self, rule: Rule, urls: list[str], step: int = 1) -> list[Wanted]:
        if isinstance(rule, ApiRule):
            self.paging.asked.update(urls)
        return [Wanted(url=url, role=ROLES[type(rule)], rule=rule, step=step) for url in urls]

    async def _read_list(self, wanted: Wanted, rule: Rule, outcome: Outcome) -> list[Wanted]:
        task = ListTask(
            rule=rule, body=outcome.body or b"", url=outcome.final_url, content_type=outcome.content_type,
            fetched=outcome.at,
        )  # fmt: skip
        try:
            result = await self.read(task)
        except StemwireError as error:
            self.report("feed_broken", conceal_secrets(f"{wanted.url}: {error.what}", rule))
            return []
        entries = [
            make_entry(item, self.source, capture=outcome.capture or "", at=outcome.at) for item in result.entries
        ]
        number = self._rules.index(rule)
        self._taken[number] += len(entries)
        self._listed[(number, wanted.step, wanted.url)] = entries
        if isinstance(rule, ApiRule):
            follow = self.paging.find_next(rule, result, entries, self._taken[number])
        else:
            most = rule.pages if isinstance(rule, ListingRule) else STEPS
            follow = [url for url in result.follow if wanted.step < most]
        return self._want(rule, [url for url in follow if is_askable(url)], wanted.step + 1)

    def _report_folds(self) -> None:
        """Items of one list that are one page. Two lists may well name the same pages."""
        for number, rule in enumerate(self._rules):
            if isinstance(rule, ApiRule):
                continue
            batches = [batch for (place, _, _), batch in sorted(self._listed.items()) if place == number]
            if folds := describe_folds({entry.id: entry for batch in batches for entry in batch}.values()):
                self.report("folded", folds, fatal=False)

    def _end_lists(self) -> list[Wanted]:
        """All lists of the source have ended: report what they say, and want the pages that are due."""
        seen: dict[str, Entry] = {}
        for _, batch in sorted(self._listed.items()):  # in the order of the source's file, not of the answers
            for entry in batch:
                seen.setdefault(entry.id, entry)
        changes = find_changes(self.known, self.history.load_listed(self.source.id), seen)
        all_came = self._lists_ended.keys() <= {"fetched", "unchanged"}
        if changes.suspicious and all_came and not self._has_problems and not self.source.api:
            self.report("feed_broken", f"{changes.suspicious}; no entry is treated as gone", fatal=False)
        self._report_folds()
        named = (f"{self.source.id}:{name}" for name in self.paging.names)  # listed, and held as they are
        listed = dict.fromkeys((*changes.seen, *(ident for ident in named if ident in self.known)))
        self.send(Found(source=self.source.id, entries=changes.entries, seen=tuple(listed)))
        if not self.source.page.fetch:
            return []
        entries = self.known | {entry.id: entry for entry in changes.entries}
        pages = self.history.load_pages(self.source.id)
        plan = plan_pages(entries.values(), changes.changed, pages, self.crawl, self.now())
        if plan.waiting:
            self.send(Due(source=self.source.id, requests=0, waiting=plan.waiting))
        return [Wanted(url=entry.url, role="page", entry=entry.id, page=page) for entry, page in plan.due if entry.url]
