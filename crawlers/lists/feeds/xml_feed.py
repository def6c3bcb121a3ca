"""RSS, Atom, RDF and CDF: feedparser reads, `crawlers.lists.feeds.fields` adds what it drops.

feedparser gets repaired bytes (a string could be taken for an address or a path) in declared UTF-8. Its sanitiser and
its URL rewriting in HTML are off: the first can be circumvented, both are slow, and all HTML becomes plain text through
`crawlers.lists.feeds.html_text` anyway.
"""

from __future__ import annotations

import re
from typing import Any

import feedparser

from crawlers.lists.feeds.fields import Fields, match_fields, read_fields
from crawlers.lists.feeds.html_text import html_to_line
from crawlers.lists.feeds.model import FeedError
from crawlers.lists.feeds.raw_feed import RawEntry, RawFeed
from crawlers.lists.feeds.repair import repair_xml

_ROOT = re.compile(r"<(?:[a-z]\w*:)?(rss|feed|rdf|channel)\b", re.I)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.I)
_MEDIA = re.compile(r"<(/?)media:(group|description)\b[^<>]*?(/?)>", re.I)
_KINDS = {"rss090": "rdf", "rss10": "rdf", "cdf": "rss"}


def read_xml(text: str) -> RawFeed:
    """Raises FeedError if there is neither an entry nor the root of a feed in `text`."""
    text = drop_captions(repair_xml(text))
    body = text.encode("utf-8")
    parsed = feedparser.parse(
        body,
        # No content-location: it would be joined to every tag; links are made absolute by the caller.
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    items, feed_fields = read_fields(body)
    root = _ROOT.search(text)
    if not parsed.entries and not items and (root is None or _HTML.search(text, 0, root.start() + 1)):
        raise FeedError(f"not a feed: {_describe_body(text)} came, RSS, Atom, RDF or JSON Feed expected")
    problems = []
    if parsed.bozo:
        problems.append(f"malformed: {_reason(parsed.get('bozo_exception'))}; {len(parsed.entries)} entries were kept")
    entries = [dict(entry) for entry in parsed.entries]
    keys = [(_get_string(e.get("id")), _get_string(e.get("link")), _get_string(e.get("title"))) for e in entries]
    fields = match_fields(keys, items)
    return RawFeed(
        title=_get_string(parsed.feed.get("title")),
        kind=_get_kind(parsed.version, root[1].lower() if root else ""),
        lang=_get_string(parsed.feed.get("language")) or None,
        entries=[_read_entry(entry, own) for entry, own in zip(entries, fields, strict=True)],
        problems=problems,
        fields=feed_fields,
    )


def drop_captions(text: str) -> str:
    """Without the captions of pictures, which feedparser takes for the text of the item.

    The description inside a `media:group` stays: it is what a video feed says about the item.
    """
    kept, done, start, in_group = [], 0, -1, False
    for tag in _MEDIA.finditer(text):
        closes, name, empty = tag[1], tag[2].lower(), tag[3]
        if name == "group":
            in_group = not closes and not empty
        elif not in_group and not closes:
            start = tag.start() if start < 0 else start
        if name == "description" and start >= 0 and (closes or empty):
            kept.append(text[done:start])
            done, start = tag.end(), -1
    return "".join([*kept, text[done:]])


def _read_entry(entry: dict[str, Any], fields: Fields) -> RawEntry:
    contents = [_get_string(part.get("value")) for part in entry.get("content", []) if isinstance(part, dict)]
    links = [_get_string(entry.get("feedburner_origlink")), _get_string(entry.get("link"))]
    links += [
        _get_string(link.get("href"))
        for link in entry.get("links", [])
        if link.get("rel", "alternate") in ("alternate", "via", "related")
    ]
    people = [_get_string(person.get("name")) for person in entry.get("authors", []) if isinstance(person, dict)]
    # feedparser cuts `someone@example.org (Some One)` in the wrong place
    people = fields.get("creator") or fields.get("author") or people or [_get_string(entry.get("author"))]
    own = {key: list(values) for key, values in fields.items()}
    for key in ("dc_identifier", "prism_doi"):  # where lxml found nothing
        value = _get_string(entry.get(key))
        if value:
            own.setdefault(key.partition("_")[2], []).append(value)
    return RawEntry(
        # feedparser joins a guid to the base as if it were a link
        guid=next(iter(fields.get("guid", fields.get("id", ()))), "") or _get_string(entry.get("id")),
        links=[link for link in links if link],
        title=_get_string(entry.get("title")),
        summary=_get_string(entry.get("summary")),
        content=max(contents, key=len, default=""),
        dates=[
            _get_string(entry.get("published")),
            _get_string(entry.get("created")),
            *fields.get("publicationdate", ()),
            *fields.get("coverdate", ()),
            *fields.get("coverdisplaydate", ()),
            _get_string(entry.get("updated")),
        ],
        updated=[_get_string(entry.get("updated"))],
        authors=people,
        lang=_get_string(entry.get("language") or entry.get("dc_language"))
        or next(iter(fields.get("language", ())), None),
        categories=[_get_string(tag.get("term")) for tag in entry.get("tags", []) if isinstance(tag, dict)],
        fields=own,
    )


def _get_kind(version: str, root: str) -> str:
    if version in _KINDS:
        return _KINDS[version]
    if version.startswith(("rss", "atom")):
        return version[:4].rstrip("0123456789")
    return {"feed": "atom", "rdf": "rdf"}.get(root, "rss")


def _get_string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _reason(error: object) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]


def _describe_body(text: str) -> str:
    start = text.partition("\n")[2].lstrip()
    if not start:
        return "nothing"
    title = re.search(r"<title[^<>]*>([^<]{1,200})", text, re.I)
    if _HTML.search(start):
        return "an HTML page" + (f" ({html_to_line(title[1])[:60]!r})" if title else "")
    return f"{html_to_line(start[:400])[:60]!r}"
