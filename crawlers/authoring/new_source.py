"""A source file out of an address: where the site lists its pages is found by asking, and one page is read.

Each question is a night of one source in stores of its own (`crawlers.authoring.trial_night`). In order:

1. the address itself; robots.txt comes along. An address that answers with a feed or a sitemap is that;
2. the feeds that its head names, else those at the usual places; the one with the most entries is taken;
3. else the sitemaps of robots.txt, or the one at the usual place; the addresses that belong to articles are guessed;
4. else the rows of the page that look like a list;
5. the source as its file will declare it: its entries, and its newest page through the stage extract.

What nothing says is guessed, and marked `check` in the file: kind, country, the sentence on what it is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import zstandard

from core import clock
from core.config import FeedRule, ListingRule, SitemapRule, SourceFile, checked
from core.errors import UsageError
from core.executors import open_executor
from core.records import Json
from core.stage import run_stage
from core.text import one_line
from crawlers.addresses import is_askable
from crawlers.authoring.discover import (
    Site,
    find_country,
    find_sitemaps,
    guess_feeds,
    guess_include,
    make_ident,
    read_site,
)
from crawlers.authoring.trial_night import TrialNight
from crawlers.documents import extract
from crawlers.pages import PageError

MAX_BODY = 16 * 2**20  # bytes
SHOWN = 5  # entries
RESEARCH = (".edu", ".ac.", "univ", "institute")  # in an address: more likely a press office than a newspaper

ANSWER = """
SELECT v.url, v.status, v.reason, c.final_url, c.headers, c.body
FROM visit v LEFT JOIN capture c ON c.id = v.capture WHERE v.source = ? AND v.role = ? ORDER BY v.rowid DESC LIMIT 1"""
LISTED = """
SELECT c.url AS list, e.url, e.title, e.published FROM entry e JOIN raw.capture c ON c.id = e.capture
WHERE e.source = ? ORDER BY e.published IS NULL, e.published DESC, e.id"""
PAGE = "SELECT title, published, published_from, lang, text, url FROM document WHERE source = ?"
MISSED = "SELECT reason FROM visit WHERE role = 'page' AND reason IS NOT NULL ORDER BY rowid DESC LIMIT 1"
OUTCOME = "SELECT state, reason FROM outcome WHERE stage = 'extract' ORDER BY state = 'done' DESC LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A source as it was found. `page` is a document's row, or None with `reason`; `failed` why its lists failed."""

    source: SourceFile
    text: str
    entries: Sequence[Json]
    page: Json | None
    reason: str | None
    failed: str | None


def draft_source(night: TrialNight, url: str, *, name: str = "", allow_private: bool = False) -> Draft:
    """Find out how a site can be read. `allow_private` opens its host, for tests. Raises UsageError when it cannot."""
    if not is_askable(url):
        raise UsageError(f"{url!r} is no address that can be asked", hint="it begins with http:// or https://")
    trial = _Trial(night, {"allow_private": allow_private, "home": _origin(url)})
    site, given = trial.look(url)
    rule = given or trial.find_feed(site.feeds, url) or trial.find_sitemap(url) or trial.find_listing(url, site)
    if rule is None:
        raise UsageError(
            f"no feed, sitemap or list was found at {url}", hint="docs/how-to/add-a-source.md: [[listing]]"
        )
    ident = name or make_ident(url)
    said = {
        "name": site.name, "kind": "press_release" if any(part in url for part in RESEARCH) else "news",
        "about": f"News of {site.name}: say here in one sentence what it is.", "licence": "headline-and-link",
        "country": site.country, "lang": site.lang,
    }  # fmt: skip
    source = trial.make(ident, rule, **said)
    failed = night.collect(source, pages=1)
    entries = night.work.rows(LISTED, (ident,))
    with open_executor(night.config) as executor:
        run_stage(extract.stage(night.config), night.work, night.run, executor)
    page, outcome, missed = night.work.one(PAGE, (ident,)), night.work.one(OUTCOME), night.raw.one(MISSED)
    more = {"lang": source.lang or (page["lang"] if page else None), "expect": _expect(entries, page)}
    source = checked(SourceFile, {**source.model_dump(), **more}, ident)
    return Draft(
        source=source, text="\n".join(_lines(source, url)) + "\n", entries=entries, page=page,
        reason=next((row["reason"] for row in (missed, outcome) if row and row["reason"]), "no page was requested"),
        failed=failed,
    )  # fmt: skip


def show_draft(draft: Draft) -> Iterator[str]:
    """The first entries and the page, as the night would store them."""
    yield f"{len(draft.entries)} entries" + (f"; {draft.failed}" if draft.failed else "")
    for row in draft.entries[:SHOWN]:
        yield f"  {row['published'] or 'no date':<20} {one_line(row['title'])[:80] or 'no title'}  {row['url']}"
    if draft.page is None:
        yield f"no page was read: {draft.reason}"
        return
    page = draft.page
    yield f"page      {page['url']}"
    yield f"  title   {page['title']}"
    yield f"  date    {page['published'] or 'none'} ({page['published_from'] or 'nothing gives one'})"
    yield f"  text    {one_line(page['text'])[:300]} … ({len(page['text'].split())} words)"


def save_draft(draft: Draft, folder: Path) -> Path:
    """Write the file of a source. Raises UsageError where there is one of that name, or no folder."""
    path = folder / f"{draft.source.id}.toml"
    if not folder.is_dir():
        raise UsageError(f"no folder of sources {folder}", hint="see [paths] sources in config.toml")
    if path.exists():
        raise UsageError(f"there is a file {path}", hint="--name gives another id")
    path.write_text(draft.text, "utf-8")
    return path


class _Trial:
    """Sources that exist for one question each."""

    def __init__(self, night: TrialNight, common: Json) -> None:
        self.night, self.common, self.number = night, common, 0

    def make(self, ident: str, rule: FeedRule | SitemapRule | ListingRule, **said: object) -> SourceFile:
        """A source with one list."""
        kind = {FeedRule: "feed", SitemapRule: "sitemap", ListingRule: "listing"}[type(rule)]
        return checked(SourceFile, {"id": ident, **self.common, **said, kind: [rule]}, ident)

    def ask(self, **lists: object) -> str:
        """Ask lists, without pages. Returns the id of the source that asked."""
        self.number += 1
        said = {"name": "Trial", "kind": "news", "about": "A question to a site.", "licence": "headline-and-link"}
        data = {"id": f"trial_{self.number}", **self.common, **said, **lists, "page": {"fetch": False}}
        source = checked(SourceFile, data, "trial")
        self.night.collect(source, pages=0)
        return source.id

    def look(self, url: str) -> tuple[Site, FeedRule | SitemapRule | None]:
        """What the page says of the site, and the list that it is, if it is one. Raises UsageError for no answer."""
        asked = self.ask(listing=[ListingRule(url=url, item="a")])
        answer = self.night.raw.one(ANSWER, (asked, "listing"))
        if answer is None or (answer["status"] is None and self.night.recorded is None):
            raise UsageError(f"{url} does not answer: {answer['reason'] if answer else 'nothing was asked'}")
        nothing = Site(name=make_ident(url), lang=None, country=find_country(url), feeds=(), item=None)
        if answer["body"] is None:
            return nothing, None
        body, headers = _unpack(answer["body"]), json.loads(answer["headers"])
        start = body[:2000].lstrip().lower()
        if b"<urlset" in start or b"<sitemapindex" in start:
            return nothing, self._taken_sitemap([url], url)
        if b"<rss" in start or b"<feed" in start or b"<rdf:rdf" in start or start[:1] == b"{":
            return nothing, self.find_feed([url], url)
        try:
            return read_site(body, url=answer["final_url"], content_type=headers.get("content-type")), None
        except PageError as error:
            raise UsageError(f"{url} cannot be read: {error.what}") from error

    def find_feed(self, named: Sequence[str], url: str) -> FeedRule | None:
        """Of the feeds that a page names, or of those at the usual places, the one with the most entries."""
        asked = self.ask(feed=[FeedRule(url=address) for address in named or guess_feeds(url)])
        counts = Counter(row["list"] for row in self.night.work.rows(LISTED, (asked,)))
        best = max(named or guess_feeds(url), key=lambda address: counts[address])
        return FeedRule(url=best) if counts[best] else None

    def find_sitemap(self, url: str) -> SitemapRule | None:
        """Of robots.txt, else at the usual place."""
        robots = self.night.raw.one(ANSWER, ("trial_1", "robots"))
        named = find_sitemaps(_unpack(robots["body"])) if robots and robots["body"] else []
        return self._taken_sitemap(named or [urljoin(url, "/sitemap.xml")], url)

    def find_listing(self, url: str, site: Site) -> ListingRule | None:
        return ListingRule(url=url, item=site.item) if site.item else None

    def _taken_sitemap(self, named: Sequence[str], url: str) -> SitemapRule | None:
        for address in named:
            asked = self.ask(sitemap=[SitemapRule(url=address)])
            if rows := self.night.work.rows(LISTED, (asked,)):
                return SitemapRule(url=address, include=guess_include([row["url"] for row in rows], url))
        return None


def _expect(entries: Sequence[Json], page: Json | None) -> Json:
    dated = all(row["published"] for row in entries) or bool(page and page["published"])
    filled = {"title": 1.0, "published": 0.9 if dated else 0.0, "text": 0.8 if page else 0.0}
    return {"entries": {"min": 1, "max": max(10, 2 * len(entries))}, "filled": filled}


def _lines(source: SourceFile, url: str) -> Iterator[str]:
    """The source as TOML; what nobody said is marked."""
    yield f"# Drafted by `pipeline.py new-source {url}` on {clock.stamp()[:10]}. Lines marked `check` are guesses."
    for name, check in (("name", ""), ("kind", "check"), ("country", "check"), ("lang", ""), ("about", "check"),
                        ("licence", ""), ("home", "")):  # fmt: skip
        value = getattr(source, name)
        yield f"{name:<7} = {_quote(value)}{'  # check' if check else ''}" if value else f'# {name} = ""  # check'
    if source.allow_private:
        yield "allow_private = true"
    for kind in ("feed", "sitemap", "listing"):
        for rule in getattr(source, kind):
            yield f"\n[[{kind}]]"
            yield from (f"{name} = {_quote(value)}" for name, value in rule.model_dump(exclude_defaults=True).items())
    expect = source.expect
    yield "\n[expect]"
    yield f"entries = {{ min = {expect.entries.min}, max = {expect.entries.max} }}  # check"
    values = ", ".join(f"{name} = {value}" for name, value in expect.filled.model_dump().items())
    yield f"filled  = {{ {values} }}"


def _quote(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _unpack(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=MAX_BODY)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
