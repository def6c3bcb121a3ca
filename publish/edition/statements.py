"""What is known of documents, from work.db to the tables of an edition: labels, links, banners, stories, figures.

It comes after the documents (`build.py`), whose numbers it is given; rows about documents that are not in the edition
stay out.

A sentence of a text that may not be shown is a quotation: at most QUOTE characters of it, and of one document at most
QUOTES different ones, wherever in the edition they are. One is the quotation that lists show; then come, in this
order, what the facets that are declared `quoted` rest on (evidence, species, marketing cues), what a copy adds and
leaves out, figures, promises, and other labels. Where two overlap, one serves for both. Further sentences are left
empty, further quotations are taken out.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import mean

from core.facets import facets
from core.records import Json
from core.store import Store
from core.text import fingerprint, headline, one_line, slug
from publish.edition.rights import QUOTE, QUOTES

SHORT = 40  # characters: what is shorter does not stand for a sentence that holds it
JUMP = 1.5  # times the mean of the periods before


def fill_meaning(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """All tables of this module; `numbers` are those of the documents, by id. Inside the transaction of `fill`."""
    quoting = Quoting(edition)
    leading = {facet.name for facet in facets().of_kind("label") if facet.quoted}
    for row in _labels_of(work, numbers):
        if row["facet"] in leading:
            quoting.cut(row["number"], row["sentence"])
    _stories(edition, work, numbers, quoting)
    _figures(edition, work, numbers, quoting)
    _series(edition)
    _people(edition, work, numbers, quoting)
    _labels(edition, work, numbers, quoting)
    quoting.fill()
    _links(edition, work, numbers)
    _banners(edition, work, numbers)
    _checks(edition, work, numbers)
    _trials(edition, work, numbers)


class Quoting:
    """How much of a sentence may stand in the edition."""

    def __init__(self, edition: sqlite3.Connection) -> None:
        self.edition = edition
        self.free = {row[0] for row in edition.execute("SELECT id FROM document WHERE licence = 'full'")}
        self.last: tuple[int, str, str] = (0, "", "")
        self.given: dict[int, list[str]] = defaultdict(list)
        self.waiting: list[tuple[int, int, str]] = []
        for document, place, text in edition.execute("SELECT document, place, text FROM quote ORDER BY 1, 2"):
            if self.given[document]:
                self.waiting.append((document, place, text))
            else:
                self.given[document].append(one_line(text))

    def cut(self, document: int, sentence: str) -> str:
        """The sentence, what is left of it, or nothing."""
        sentence = one_line(sentence)
        if not sentence or document in self.free:
            return sentence
        title, shown = self._open(document)
        if sentence == title or sentence in shown:
            return sentence
        short = headline(sentence, QUOTE)
        for given in self.given[document]:
            if short.strip("…") in given:
                return short
            if len(given) > SHORT and given.strip("…") in sentence:
                return given
        if len(self.given[document]) >= QUOTES:
            return ""
        self.given[document].append(short)
        return short

    def _open(self, document: int) -> tuple[str, str]:
        """Title and shown text. Rows come by document: the last one is kept, for all of them there is no room."""
        if self.last[0] != document:
            title, text = self.edition.execute(
                "SELECT d.title, coalesce(t.text, '') FROM document d LEFT JOIN document_text t ON t.document = d.id"
                " WHERE d.id = ?",
                (document,),
            ).fetchone()
            self.last = (document, one_line(title), one_line(text))
        return self.last[1:]

    def fill(self) -> None:
        """Take out the quotations for which no room is left."""
        for document, place, text in self.waiting:
            if not self.cut(document, text):
                self.edition.execute("DELETE FROM quote WHERE document = ? AND place = ?", (document, place))


def _ours(work: Store, table: str, numbers: dict[str, int], order: str, column: str = "document") -> Iterator[Json]:
    """Rows about documents of the edition, with `number`."""
    for row in work.rows(f"SELECT * FROM {table} ORDER BY {order}"):
        if row[column] in numbers:
            yield row | {"number": numbers[row[column]]}


def _labels_of(work: Store, numbers: dict[str, int]) -> Iterator[Json]:
    public = {facet.name for facet in facets().of_kind("label") if facet.public}
    for row in _ours(work, "label", numbers, "document, score DESC, facet, value"):
        if row["facet"] in public:
            yield row


def _labels(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    for row in _labels_of(work, numbers):
        edition.execute(
            "INSERT INTO label VALUES (?, ?, ?, ?, ?, ?)",
            (row["number"], row["facet"], row["value"], row["score"], quoting.cut(row["number"], row["sentence"]),
             row["component"]),
        )  # fmt: skip


def _links(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    places: Counter[tuple[int, str]] = Counter()
    for row in _ours(work, "link", numbers, "src, relation, score DESC, dst", "src"):
        place = places[row["number"], row["relation"]]
        places[row["number"], row["relation"]] += 1
        edition.execute(
            "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (row["number"], row["relation"], place, numbers.get(row["dst"]), row["dst"], row["score"], row["how"],
             one_line(row["why"])),
        )  # fmt: skip


def _banners(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    notices = {row["document"]: row["url"] for row in work.rows("SELECT document, url FROM work_status")}
    for row in _ours(work, "fact", numbers, "document, about"):
        if row["kind"] == "status":
            edition.execute(
                "INSERT INTO banner VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row["number"], row["about"], row["value"], int(row["about"] == row["document"]), row["day"],
                 one_line(row["text"]), notices.get(row["about"])),
            )  # fmt: skip


def _stories(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    """Stories whose origin is in the edition, numbered so that the one with the newest document has the highest."""
    members: dict[str, list[Json]] = defaultdict(list)
    for row in _ours(work, "member", numbers, "story, document"):
        members[row["story"]].append(row)
    stories = [row for row in work.rows("SELECT * FROM story ORDER BY last, id") if row["origin"] in numbers]
    for number, row in enumerate(stories, 1):
        told = members[row["id"]]
        copies = sum(member["role"] == "copy" for member in told)
        edition.execute(
            "INSERT INTO story VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, fingerprint(row["id"])[1:13], slug(row["title"], 60), one_line(row["title"]), row["first"],
             row["last"], numbers[row["origin"]], len(told), row["outlets"], copies, row["why"]),
        )  # fmt: skip
        for member in told:
            dropped = quoting.cut(_whose(work, told, member["dropped"], numbers[row["origin"]]), member["dropped"])
            edition.execute(
                "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (number, member["number"], member["role"], member["score"], member["kept"],
                 quoting.cut(member["number"], member["added"]), dropped, one_line(member["why"])),
            )  # fmt: skip


def _whose(work: Store, told: list[Json], sentence: str, origin: int) -> int:
    """Number of the origin or release whose sentence a copy leaves out."""
    for member in told if sentence else ():
        if member["role"] in ("origin", "release"):
            text = work.value("SELECT text FROM document WHERE id = ?", (member["document"],))
            if one_line(sentence) in one_line(str(text)):
                return int(member["number"])
    return origin


def _figures(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    places: Counter[int] = Counter()
    for row in _ours(work, "figure", numbers, "document, part DESC, start"):
        number = row["number"]
        edition.execute(
            "INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, places[number], row["value"], row["high"], row["unit"], one_line(row["subject"]), row["period"],
             row["place"], row["modifier"], row["series"], quoting.cut(number, row["sentence"])),
        )  # fmt: skip
        places[number] += 1


def _series(edition: sqlite3.Connection) -> None:
    """One value for each period of a series: the one that most documents give, then the one that the first gave."""
    given: dict[str, dict[str, list[tuple[float, int]]]] = defaultdict(lambda: defaultdict(list))
    units: dict[str, str] = {}
    for series, period, value, unit, document in edition.execute(
        "SELECT series, period, value, unit, document FROM figure"
        " WHERE series IS NOT NULL AND period IS NOT NULL AND modifier = 'exact' ORDER BY document, number"
    ):
        given[series][period].append((value, document))
        units.setdefault(series, unit)
    for series, periods in sorted(given.items()):
        if len(periods) < 2:
            continue
        before: list[float] = []
        for period, found in sorted(periods.items()):
            counts = Counter(value for value, _ in found)
            value = max(counts, key=lambda one: counts[one])
            usual = mean(before) if len(before) >= 2 else 0.0
            jump = round(value / usual, 2) if usual and value >= JUMP * usual else None
            others = sorted(other for other in counts if other != value)
            edition.execute(
                "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (fingerprint(series)[1:13], series, units[series], period, value, json.dumps(others),
                 len({document for _, document in found}), jump),
            )  # fmt: skip
            before.append(value)


def _people(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Quoting) -> None:
    entities = dict(edition.execute("SELECT concept, id FROM entity"))
    told: dict[tuple[int, str], list[Json]] = defaultdict(list)
    for row in _ours(work, "quotation", numbers, "document, start"):
        told[row["number"], one_line(row["speaker"])].append(row)
    for (number, name), found in told.items():
        best = next((row for row in found if row["affiliation"]), found[0])
        edition.execute(
            "INSERT INTO speaker VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, name, best["affiliation"], entities.get(best["concept"]), best["independent"], len(found),
             one_line(best["why"])),
        )  # fmt: skip
    places: Counter[int] = Counter()
    newest = edition.execute("SELECT coalesce(max(day), '') FROM document").fetchone()[0]
    for row in _ours(work, "promise", numbers, "document, start"):
        number, due, sentence = row["number"], row["due"], quoting.cut(row["number"], row["sentence"])
        state = "due" if row["state"] == "open" and due and due < newest[: len(due)] else row["state"]
        edition.execute(
            "INSERT INTO promise VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, places[number], row["who"], headline(quoting.cut(number, row["what"]), QUOTE), due, state,
             sentence, one_line(row["why"])),
        )  # fmt: skip
        places[number] += 1


def _checks(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    places: Counter[int] = Counter()
    for row in _ours(work, "registry_check", numbers, "document, start, claim"):
        number = row["number"]
        edition.execute(
            "INSERT INTO registry_check VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, places[number], row["claim"], row["value"], row["verdict"], row["found"], row["query"],
             row["snapshot"], one_line(row["why"])),
        )  # fmt: skip
        places[number] += 1


def _trials(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """Trials by what they are labelled with, in all and by the status that the registry gives."""
    statuses = {
        numbers[row["id"]]: str(row["status"] or "")
        for row in work.rows("SELECT id, json_extract(extra, '$.status') AS status FROM document WHERE kind = 'trial'")
        if row["id"] in numbers
    }
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
