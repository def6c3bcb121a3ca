"""A feed's bytes as entries: RSS 0.9x/1.0/2.0, Atom, RDF with PRISM and Dublin Core, JSON Feed 1.0/1.1.

`parse_feed` is pure and can run in another process. It knows the contents of feeds and the ways in which they are
broken; it knows nothing about downloads, earlier polls or sources. In order:

1. Decode (`crawlers.encoding`); a body of more than 8 MiB is refused.
2. Read: JSON if it begins like JSON, else XML through feedparser and lxml. Broken XML gives what could be read and a
   problem; a body that is not a feed (a login page, nothing) is a FeedError.
3. Clean each entry: plain texts, absolute http(s) links or none, plausible dates or None, identifiers from every field
   that names the item. At most 2000 entries of a feed (the longest real one we know has 730) and 256 000 characters of
   a field are read; more is a problem.
4. Name each entry: guid, else DOI, else link, else a fingerprint of its contents. Entries with the same name and
   contents are one; entries that share a guid but not a link are named by their links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from core.text import fingerprint, headline, tidy
from crawlers.encoding import decode
from crawlers.lists.feeds.author_names import parse_authors
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.feeds.fields import find_extra, find_identifiers
from crawlers.lists.feeds.html_text import html_to_line, html_to_text
from crawlers.lists.feeds.json_feed import read_json
from crawlers.lists.feeds.model import Feed, FeedError
from crawlers.lists.feeds.raw_feed import RawEntry, RawFeed
from crawlers.lists.feeds.xml_feed import read_xml
from crawlers.lists.model import ListEntry

__all__ = ["MAX_ENTRIES", "MAX_FEED", "MAX_FIELD", "Feed", "FeedError", "parse_feed"]

MAX_FEED = 8 * 1024 * 1024  # bytes
MAX_ENTRIES = 2000
MAX_FIELD = 256_000  # characters
_SUMMARY_OF_CONTENT = 1000  # characters
_URL = re.compile(r"https?://[\w.:-]+(?:/(?:[\w./?&=+,;:@!*()$'~#-]|%[0-9A-Fa-f]{2})*)?", re.ASCII)


def parse_feed(body: bytes, *, url: str, content_type: str | None, fetched: str) -> Feed:
    """The feed in `body`, which came from `url` with the header `content_type` at `fetched` (ISO 8601).

    Raises FeedError if it is not a feed, DecodeError if its encoding cannot be found.
    """
    if len(body) > MAX_FEED:
        raise FeedError(f"a body of {len(body)} bytes came, at most {MAX_FEED} are read as a feed")
    decoded = decode(body, content_type)
    text = decoded.text.lstrip("\ufeff\x00 \t\r\n")
    if not text:
        raise FeedError("not a feed: an empty body came, RSS, Atom, RDF or JSON Feed expected")
    raw = read_json(text) if text[0] in "{[" else read_xml(text)
    problems = Problems(list(raw.problems))
    if decoded.replaced:
        problems.lines.append(f"{decoded.replaced} characters could not be decoded as {decoded.encoding}")
    if len(raw.entries) > MAX_ENTRIES:
        problems.lines.append(f"{len(raw.entries)} entries came, {MAX_ENTRIES} were read")
    entries = [_clean_entry(entry, raw, url, fetched, problems) for entry in raw.entries[:MAX_ENTRIES]]
    telling = [entry for entry in entries if _has_content(entry)]
    if len(telling) < len(entries):
        problems.lines.append(f"{len(entries) - len(telling)} items say nothing (no id, link, title or text)")
    return Feed(
        title=html_to_line(raw.title),
        kind=raw.kind,
        encoding=decoded.encoding,
        entries=_name_entries(telling),
        seen=len(raw.entries),
        problems=tuple(problems.all()),
    )


class Problems:
    """One line per kind of problem, with its count and first example: a feed with 200 bad dates gives one line."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self._counted: dict[str, tuple[int, str]] = {}

    def count(self, kind: str, example: str) -> None:
        number, first = self._counted.get(kind, (0, headline(example, 60)))
        self._counted[kind] = (number + 1, first)

    def all(self) -> list[str]:
        return self.lines + [f"{kind}: {n}, such as {example!r}" for kind, (n, example) in self._counted.items()]


def _clean_entry(raw: RawEntry, feed: RawFeed, url: str, fetched: str, problems: Problems) -> ListEntry:
    def cut(text: str, what: str) -> str:
        if len(text) > MAX_FIELD:
            problems.count(f"{what} cut to {MAX_FIELD} characters", raw.title or raw.guid)
        return text[:MAX_FIELD]

    content = html_to_text(cut(raw.content, "content"))
    # feedparser repeats the content as the summary where there is none
    summary = "" if raw.summary == raw.content else html_to_text(cut(raw.summary, "summary"))
    dated = [text for text in raw.dates if text]
    published = next((day for text in dated if (day := parse_date(text, fetched))), None)
    if dated and published is None:
        problems.count("dates not read or not believable", dated[0])
    return ListEntry(
        native="",
        guid=tidy(raw.guid)[:500],
        url=_choose_link(raw, url, problems),
        title=html_to_line(cut(raw.title, "title")),
        summary=summary or headline(content, _SUMMARY_OF_CONTENT),
        content=content,
        published=published,
        published_raw=tidy(dated[0])[:200] if dated else None,
        updated=next((day for text in raw.updated if (day := parse_date(text, fetched))), None),
        authors=parse_authors(raw.authors),
        identifiers=find_identifiers(raw.fields, [raw.guid, *raw.links]),
        lang=_clean_language(raw.lang or feed.lang),
        categories=tuple(dict.fromkeys(term for tag in raw.categories if (term := html_to_line(tag)))),
        extra={key: html_to_line(value) for key, value in find_extra(raw.fields, feed.fields).items()},
    )


def _has_content(entry: ListEntry) -> bool:
    return bool(entry.guid or entry.url or entry.title or entry.summary or entry.identifiers)


def _choose_link(raw: RawEntry, url: str, problems: Problems) -> str | None:
    for href in raw.links:
        link = absolute_link(href, url)
        if link is not None:
            return link
    dropped = [href for href in raw.links if href != raw.guid]  # feedparser takes any guid for a link
    if dropped:
        problems.count("links that are not http(s) dropped", dropped[0])
    return None


def absolute_link(href: str, base: str) -> str | None:
    """`href` as an absolute http(s) address with only the characters of one, or None."""
    try:
        link = urljoin(base, "".join(href.splitlines()).strip())
        if link == base and href.strip() != base:  # `//` and `https://` say nothing
            return None
        if not _URL.fullmatch(link):
            link = safe_url_string(link)
        parts = urlsplit(link)
        host = parts.hostname
        _ = parts.port
    except (ValueError, UnicodeError):
        return None
    return link if parts.scheme in ("http", "https") and host and len(link) <= 2000 else None


def _clean_language(raw: str | None) -> str | None:
    """`EN_us ` as `en-us`; None if it is not a language tag."""
    tag = (raw or "").strip().replace("_", "-").lower()
    return tag if 2 <= len(tag) <= 35 and tag.replace("-", "").isalnum() and tag.isascii() else None


def _name_entries(entries: Sequence[ListEntry]) -> tuple[ListEntry, ...]:
    links: dict[str, set[str | None]] = {}
    for entry in entries:
        links.setdefault(entry.guid, set()).add(entry.url)
    kept: dict[str, ListEntry] = {}
    for entry in entries:
        name = _choose_name(entry, shared=len(links[entry.guid]) > 1)
        same = kept.get(name)
        if same is not None and (same.title, same.url, same.guid) == (entry.title, entry.url, entry.guid):
            continue
        if same is not None:
            name = f"{name}#{fingerprint(entry.guid, entry.url, entry.title, entry.summary)}"
        kept.setdefault(name, replace(entry, native=name))
    return tuple(kept.values())


def _choose_name(entry: ListEntry, *, shared: bool) -> str:
    """The name of an entry in its source; `shared`: other links have the same guid."""
    if entry.guid and not shared:
        return entry.guid
    dois = entry.identifiers.get("doi", [])
    if len(dois) == 1 and not entry.guid:
        return f"doi:{dois[0]}"
    if entry.url:
        return entry.url
    return f"hash:{fingerprint(entry.guid, entry.title, entry.published_raw, entry.summary)}"
