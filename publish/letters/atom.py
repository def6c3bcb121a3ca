"""The Atom feed of one subscription: what its letters said, as entries. It is at a secret address of the letters desk.

It is made of the letters that are kept (`letter.content`), not of a search of the current edition. So it says exactly
what the letters say, in the same nights: one entry a story, each once, with the sentence, the reason and the filters of
the subscription; it works for stories and lists that are followed, too; and the desk need not open an edition. What is
refused or dropped comes again with a later letter, so it is left out here until then.

1. An entry of a story is known by the document that its headline is from. It says what became of it: a change that a
   later letter reported of one of its documents comes first in its text, with its day, and moves its `updated`. So does
   another text of the story.
2. Every change is an entry as well, known by its fact: readers that show only new entries see it, too.
3. A change belongs to the subscription that sent the documents it is about, or that found it.

Times are days: a letter's night. The newest letters and entries are shown (LETTERS, ENTRIES).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import urlsplit

from core import clock
from core.config import Config
from core.store import Store
from core.text import one_line
from publish.letters.bodies import environment
from publish.letters.letter import Elsewhere, Letter, Line, Update
from publish.letters.records import Subscription
from publish.letters.rendering import from_json, tidy_letter

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
LETTERS = 100
ENTRIES = 100

_LETTERS = """
SELECT l.content, n.day FROM letter l JOIN night n ON n.number = l.night
WHERE l.subscriber = ? AND l.state NOT IN ('refused', 'dropped') AND l.content <> '' ORDER BY l.number DESC LIMIT ?"""
_SENT = "SELECT document FROM delivery WHERE subscriber = ? AND subscription = ? AND fact <> 'counted'"


class LetterRow(TypedDict):
    """A letter that is kept."""

    content: str
    day: str


class SentRow(TypedDict):
    """A document that a subscription brought."""

    document: str


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry. `published` and `updated` are days."""

    ident: str
    title: str
    page: str
    published: str
    updated: str
    via: str = ""
    author: str = ""
    term: str = ""
    line: Line | None = None
    update: Update | None = None
    changes: list[tuple[Update, str]] = field(default_factory=list)  # newest first, with their days
    elsewhere: list[Elsewhere] = field(default_factory=list)
    content: str = ""


def render_feed(config: Config, letters: Store, subscription: Subscription, *, address: str) -> bytes:
    """The feed of a subscription; `address` is its own. Raises ContentError if a letter that is kept cannot be read."""
    entries = find_entries(config, letters, subscription)
    content = environment().get_template("feed_entry.html")
    for entry in entries:
        entry.content = content.render(
            line=entry.line,
            update=entry.update,
            changes=entry.changes,
            elsewhere=entry.elsewhere,
            today=entry.published,
        )
    site = one_line(config.site.name)
    began = clock.stamp(clock.parse(subscription.created))
    feed = environment().get_template("feed.xml").render(
        ident=f"{_tag(config)}subscription/{subscription.id}",
        title=f"{site}: {one_line(subscription.name or subscription.query)}",
        site=site, home=config.site.url, address=address, entries=entries,
        updated=max((f"{entry.updated}T00:00:00Z" for entry in entries), default=began),
    )  # fmt: skip
    return feed.encode()


def find_entries(config: Config, letters: Store, subscription: Subscription) -> list[Entry]:
    """What the letters said for a subscription, the latest first."""
    rows = letters.select(LetterRow, _LETTERS, (subscription.subscriber, LETTERS))
    told = [(tidy_letter(from_json(row["content"])), row["day"]) for row in reversed(rows)]
    sent = {row["document"] for row in letters.select(SentRow, _SENT, (subscription.subscriber, subscription.id))}
    tag = _tag(config)
    entries: dict[str, Entry] = {}
    for letter, day in told:
        for update in (*letter.about, *letter.changed):
            if _belongs(update, subscription, sent, letter):
                _add_change(entries, tag, update, day)
        for one in letter.elsewhere:
            if sent & {*one.documents}:
                _add_elsewhere(entries, tag, one, day)
        for part in letter.parts:
            if part.subscription == subscription.id:
                for line in (*part.before, *part.lines):
                    _add_story(entries, tag, line, day)
    newest = [*entries.values()][::-1]
    return sorted(newest, key=lambda entry: entry.updated, reverse=True)[:ENTRIES]


def _belongs(update: Update, subscription: Subscription, sent: set[str], letter: Letter) -> bool:
    about = {*update.documents, *(held.key for held in update.held)}
    names = {subscription.name or subscription.query}
    names |= {part.name for part in letter.parts if part.subscription == subscription.id}
    return bool(sent & about) or update.because in names


def _add_story(entries: dict[str, Entry], tag: str, line: Line, day: str) -> None:
    ident = f"{tag}story/{line.key or line.page}"
    first = entries[ident].published if ident in entries else day
    entries[ident] = Entry(
        ident=ident, title=line.title.text, page=line.page, published=first, updated=day, via=line.url or "",
        author=line.source, term=line.kind, line=line,
    )  # fmt: skip


def _add_change(entries: dict[str, Entry], tag: str, update: Update, day: str) -> None:
    about = {*update.documents, *(held.key for held in update.held)}
    for entry in _stories_of(entries.values(), about):
        entry.changes.insert(0, (update, day))
        entry.updated = day
    ident = f"{tag}change/{update.subject}/{update.number}"
    entries[ident] = Entry(
        ident=ident, title=update.headline, page=update.page, published=day, updated=day, via=update.url or "",
        term=update.kind, update=update,
    )  # fmt: skip


def _add_elsewhere(entries: dict[str, Entry], tag: str, one: Elsewhere, day: str) -> None:
    """To the entry of the story; one that was followed from its page has none yet."""
    found = [entry for entry in entries.values() if entry.line and entry.page == one.page]
    for entry in found:
        entry.elsewhere.append(one)
        entry.updated = day
    if not found:
        ident = f"{tag}story/{one.page}"
        known = entries.setdefault(
            ident, Entry(ident=ident, title=one.title, page=one.page, published=day, updated=day)
        )
        known.elsewhere.append(one)
        known.updated = day


def _stories_of(entries: Iterable[Entry], documents: set[str]) -> list[Entry]:
    return [entry for entry in entries if entry.line and documents & {entry.line.key, *entry.line.documents}]


def _tag(config: Config) -> str:
    return f"tag:{urlsplit(config.site.url).hostname},2026:letters/"
