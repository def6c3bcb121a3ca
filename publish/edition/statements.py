"""Fills the tables of an edition about documents: labels, links, banners, trials, stories, figures, checks.

It runs after the documents (`build.py`), whose numbers it gets. Rows about documents that are not in the edition are
left out. Labels and links below the threshold of their facet go into `unsure`, which no list, count or search reads.

A sentence of a text that may not be shown is a quotation: at most QUOTE characters, and at most QUOTES different
quotations of one document in the whole edition. The first is the quotation that lists show. Then come, in this order,
the sentences of the labels whose facet is declared `quoted` (evidence, species, marketing cues), what edits changed,
what a copy adds and leaves out, changed numbers, figures, promises, other labels, warnings, and how a text tells its
source (`tellings.py`). If two overlap, one is used for both. Further sentences are left empty, further quotations are
removed.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TypedDict, TypeVar

from core.facets import facets
from core.records import (
    Fact,
    Figure,
    Label,
    Link,
    Member,
    Promise,
    Quotation,
    RegistryCheck,
    Story,
    TrialStatus,
    WorkStatus,
)
from core.store import TABLE_OF, Store, as_record
from core.text import fingerprint, headline, one_line, slug
from publish.edition.figure_choices import fill_choices
from publish.edition.nights import Nights
from publish.edition.rights import QUOTE, QUOTES
from publish.edition.series import fill_series
from publish.edition.tellings import fill_changed_numbers, fill_edits, fill_tellings
from publish.edition.warnings import fill_warnings
from publish.search.own_key import own_key

SHORT = 40  # characters: a shorter quotation does not replace a sentence that contains it


R = TypeVar("R")


class TrialRow(TypedDict):
    """A trial and its status in the registry."""

    id: str
    status: str | None


def fill_statements(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], nights: Nights) -> None:
    """Fill all tables of this module. `numbers` of the documents by id. Inside the transaction of `fill`."""
    quoting = Quoting(edition)
    leading = {facet.name for facet in facets().of_kind("label") if facet.quoted}
    for number, label in _load_labels(work, numbers):
        if label.facet in leading:
            quoting.cut(number, label.sentence)
    fill_edits(edition, work, numbers, quoting, nights)
    _fill_stories(edition, work, numbers, quoting)
    fill_changed_numbers(edition, work, numbers, quoting)
    _fill_figures(edition, work, numbers, quoting)
    fill_series(edition)
    fill_choices(edition)
    _fill_speakers(edition, work, numbers)
    _fill_promises(edition, work, numbers, quoting)
    _fill_labels(edition, work, numbers, quoting)
    _fill_unsure(edition, work, numbers, quoting)
    _fill_links(edition, work, numbers)
    _fill_banners(edition, work, numbers, nights)
    fill_warnings(edition, work, numbers, nights, quoting.cut)
    fill_tellings(edition, work, numbers, quoting)
    quoting.remove_rest()
    _fill_trial_statuses(edition, work, numbers, nights)
    _fill_checks(edition, work, numbers)
    _fill_trials(edition, work, numbers)


class Quoting:
    """Cuts sentences to what the edition may show, and counts the quotations of each document."""

    def __init__(self, edition: sqlite3.Connection) -> None:
        self.edition = edition
        self.free = {row[0] for row in edition.execute("SELECT id FROM document WHERE licence = 'full'")}
        self.last: tuple[int, str, str] = (0, "", "")
        self.used: dict[int, list[str]] = defaultdict(list)
        self.waiting: list[tuple[int, int, str]] = []
        for document, place, text in edition.execute("SELECT document, place, text FROM quote ORDER BY 1, 2"):
            if self.used[document]:
                self.waiting.append((document, place, text))
            else:
                self.used[document].append(one_line(text))

    def cut(self, document: int, sentence: str) -> str:
        """The sentence, a part of it, or an empty text."""
        sentence = one_line(sentence)
        if not sentence or document in self.free:
            return sentence
        title, shown = self._load_shown(document)
        if sentence == title or sentence in shown:
            return sentence
        short = headline(sentence, QUOTE)
        for used in self.used[document]:
            if short.strip("…") in used:
                return short
            if len(used) > SHORT and used.strip("…") in sentence:
                return used
        if len(self.used[document]) >= QUOTES:
            return ""
        self.used[document].append(short)
        return short

    def _load_shown(self, document: int) -> tuple[str, str]:
        """Title and shown text. Rows come by document, so only the last one is cached."""
        if self.last[0] != document:
            title, text = self.edition.execute(
                "SELECT d.title, coalesce(t.text, '') FROM document d LEFT JOIN document_text t ON t.document = d.id"
                " WHERE d.id = ?",
                (document,),
            ).fetchone()
            self.last = (document, one_line(title), one_line(text))
        return self.last[1:]

    def remove_rest(self) -> None:
        """Remove the quotations beyond the limit."""
        for document, place, text in self.waiting:
            if not self.cut(document, text):
                self.edition.execute("DELETE FROM quote WHERE document = ? AND place = ?", (document, place))


def _load(
    work: Store, record: type[R], numbers: dict[str, int], order: str, key: str = "document"
) -> Iterator[tuple[int, R]]:
    """The records of a type about documents of the edition, each with the number of its document."""
    for row in work.rows(f"SELECT * FROM {TABLE_OF[record]} ORDER BY {order}"):
        if row[key] in numbers:
            yield numbers[row[key]], as_record(record, row)


def _load_labels(work: Store, numbers: dict[str, int], *, shown: bool = True) -> Iterator[tuple[int, Label]]:
    """The labels of public facets that are sure enough to be shown, or those that are not."""
    public = {facet.name: facet for facet in facets().of_kind("label") if facet.public}
    for number, label in _load(work, Label, numbers, "document, score DESC, facet, value"):
        facet = public.get(label.facet)
        if facet and facet.shows(label.value, label.score) == shown:
            yield number, label


def _load_links(work: Store, numbers: dict[str, int], *, shown: bool = True) -> Iterator[tuple[int, Link]]:
    """The links that are sure enough to be shown, or those that are not. `not identified` is always shown."""
    for number, link in _load(work, Link, numbers, "src, relation, score DESC, dst", "src"):
        facet = facets().find("link", link.relation)
        if (facet is None or not link.dst or facet.shows(link.dst, link.score)) == shown:
            yield number, link


def _fill_labels(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    for number, label in _load_labels(work, numbers):
        edition.execute(
            "INSERT INTO label VALUES (?, ?, ?, ?, ?, ?)",
            (number, label.facet, label.value, label.score, quoting.cut(number, label.sentence), label.component),
        )


def _fill_unsure(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    """What is below the threshold of its facet."""
    for number, label in _load_labels(work, numbers, shown=False):
        edition.execute(
            "INSERT INTO unsure VALUES (?, ?, ?, ?, ?, ?)",
            (number, label.facet, label.value, label.score, quoting.cut(number, label.sentence), label.component),
        )
    for number, link in _load_links(work, numbers, shown=False):
        edition.execute(
            "INSERT INTO unsure VALUES (?, ?, ?, ?, ?, ?)",
            (number, link.relation, link.dst, link.score, one_line(link.why), link.how),
        )


def _fill_links(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    places: Counter[tuple[int, str]] = Counter()
    for number, link in _load_links(work, numbers):
        place = places[number, link.relation]
        places[number, link.relation] += 1
        edition.execute(
            "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, link.relation, place, numbers.get(link.dst), link.dst, link.score, link.how, one_line(link.why)),
        )


def _find_arrivals(edition: sqlite3.Connection) -> dict[int, str]:
    """When each document came in."""
    return dict(edition.execute("SELECT id, first_seen FROM document"))


def _fill_banners(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], nights: Nights) -> None:
    arrived = _find_arrivals(edition)
    notices = {status.document: status.url for status in work.load(WorkStatus)}
    for number, fact in _load(work, Fact, numbers, "document, about"):
        if fact.kind == "status":
            noticed = nights.known_from(fact.first_seen, arrived[number])
            edition.execute(
                "INSERT INTO banner VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, fact.about, fact.value, int(fact.about == fact.document), fact.day, one_line(fact.text),
                 notices.get(fact.about), noticed, nights.find(noticed)),
            )  # fmt: skip


def _fill_trial_statuses(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], nights: Nights) -> None:
    arrived = _find_arrivals(edition)
    trials = Counter(number for number, link in _load(work, Link, numbers, "src", "src") if link.relation == "trial")
    for number, known in _load(work, TrialStatus, numbers, "document, trial"):
        own = known.trial == known.document
        noticed = nights.known_from(known.first_seen, arrived[number])
        edition.execute(
            "INSERT INTO trial_status VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, known.trial, numbers.get(known.trial), known.status, int(own), int(own or trials[number] == 1),
             known.day, one_line(known.reason), one_line(known.text), noticed,
             nights.find(noticed)),
        )  # fmt: skip


def _fill_stories(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    """Stories with an origin in the edition; the one with the newest document has the highest number.

    A teaser leaves nothing out: the rest of its text is not here.
    """
    teasers = {
        row[0] for row in edition.execute("SELECT id FROM document WHERE basis = 'feed'")
    }  # the rest is not here
    members: dict[str, list[tuple[int, Member]]] = defaultdict(list)
    for number, member in _load(work, Member, numbers, "story, document"):
        members[member.story].append((number, member))
    for number, (origin, story) in enumerate(_load(work, Story, numbers, "last, id", "origin"), 1):
        own = members[story.id]
        copies = sum(member.role == "copy" for _, member in own)
        edition.execute(
            "INSERT INTO story VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
            (number, fingerprint(story.id)[1:13], slug(story.title, 60), one_line(story.title), story.first,
             story.last, origin, len(own), story.outlets, copies, story.why),
        )  # fmt: skip
        for document, member in own:
            left_out = "" if document in teasers else member.dropped
            dropped = quoting.cut(_find_original(work, own, left_out, origin), left_out)
            edition.execute(
                "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (number, document, member.role, member.score, member.kept, quoting.cut(document, member.added),
                 dropped, one_line(member.why)),
            )  # fmt: skip


def _find_original(work: Store, members: list[tuple[int, Member]], sentence: str, origin: int) -> int:
    """Number of the origin or release that contains a sentence which a copy leaves out."""
    for number, member in members if sentence else ():
        if member.role in ("origin", "release"):
            text = work.value("SELECT text FROM document WHERE id = ?", (member.document,))
            if one_line(sentence) in one_line(str(text)):
                return number
    return origin


def _fill_figures(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    places: Counter[int] = Counter()
    for number, figure in _load(work, Figure, numbers, "document, part DESC, start"):
        edition.execute(
            "INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, places[number], figure.value, figure.high, figure.unit, one_line(figure.subject), figure.period,
             figure.place, figure.modifier, figure.series, quoting.cut(number, figure.sentence)),
        )  # fmt: skip
        places[number] += 1


def _fill_speakers(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    entities = dict(edition.execute("SELECT concept, id FROM entity"))
    quoted: dict[tuple[int, str], list[Quotation]] = defaultdict(list)
    for number, quotation in _load(work, Quotation, numbers, "document, start"):
        quoted[number, one_line(quotation.speaker)].append(quotation)
    for (number, name), found in quoted.items():
        best = next((quotation for quotation in found if quotation.affiliation), found[0])
        edition.execute(
            "INSERT INTO speaker VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, name, best.affiliation,
             entities.get(best.concept or own_key("institution", best.affiliation or "")), best.independent, len(found),
             one_line(best.why)),
        )  # fmt: skip


def _fill_promises(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    """Promises. An open one whose date is before the newest document is due."""
    places: Counter[int] = Counter()
    newest = edition.execute("SELECT coalesce(max(day), '') FROM document").fetchone()[0]
    for number, promise in _load(work, Promise, numbers, "document, start"):
        due, sentence = promise.due, quoting.cut(number, promise.sentence)
        state = "due" if promise.state == "open" and due and due < newest[: len(due)] else promise.state
        edition.execute(
            "INSERT INTO promise VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, places[number], promise.who, headline(quoting.cut(number, promise.what), QUOTE), due, state,
             sentence, one_line(promise.why)),
        )  # fmt: skip
        places[number] += 1


def _fill_checks(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    places: Counter[int] = Counter()
    for number, check in _load(work, RegistryCheck, numbers, "document, start, claim"):
        edition.execute(
            "INSERT INTO registry_check VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, places[number], check.claim, check.value, check.verdict, check.found, check.query,
             check.snapshot, one_line(check.why)),
        )  # fmt: skip
        places[number] += 1


def _fill_trials(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """Count trials by the values of their labels, in all and by the status in the registry."""
    trials = work.select(
        TrialRow, "SELECT id, json_extract(extra, '$.status') AS status FROM document WHERE kind = 'trial'"
    )
    statuses = {numbers[row["id"]]: row["status"] or "" for row in trials if row["id"] in numbers}
    counts: Counter[tuple[str, str, str]] = Counter()
    counted = json.dumps([facet.name for facet in facets().shown_in("trials")])
    for number, facet, value in edition.execute(
        "SELECT document, facet, value FROM label WHERE facet IN (SELECT value FROM json_each(?))", (counted,)
    ):
        if number in statuses:
            for status in {"", statuses[number]}:
                counts[facet, value, status] += 1
    edition.executemany(
        "INSERT INTO trial_count VALUES (?, ?, ?, ?)", [(*key, trials) for key, trials in sorted(counts.items())]
    )
