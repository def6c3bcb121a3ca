"""Fills the table `milestone` of an edition: the life of a paper or preprint, each step with its day and its record.

It runs after `statements.py`. In order:
1. a preprint came out, a paper was published: on the day of its own record;
2. the other version, where a link says that a preprint became a paper, or where the paper's record names its preprint.
   Without a record here it has a number and no day;
3. notices: retracted, withdrawn, put in doubt, corrected, reinstated. Several records of one notice are one step: the
   same notice, or the same sort of notice where a record gives no number. A person may say that a work has no such
   status (`corrected.py`): then its notices are left out, but for corrections and reinstatements;
4. the steps are put in order of their days. One without a day comes last.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.store import Store
from publish.edition.rights import http

KINDS = {
    "retraction": "retracted", "withdrawal": "withdrawn", "concern": "concern", "correction": "corrected",
    "reinstatement": "reinstated",
}  # fmt: skip
ANNULLED = ("retracted", "withdrawn", "concern")  # what a person may say a work is not
MOST = 20  # steps of one paper
WORKS = "SELECT id, kind, published, ident, url FROM document WHERE kind IN ('paper', 'preprint')"
VERSIONS = """
SELECT document, other, ident FROM link WHERE relation = 'published' AND ident <> '' ORDER BY 1, place"""
NAMED = """
SELECT id, json_extract(extra, '$.preprint_of') FROM document
WHERE kind = 'paper' AND json_extract(extra, '$.preprint_of') IS NOT NULL ORDER BY id"""
PUBLISHED = "SELECT id, published, url, ident FROM document WHERE kind IN ('paper', 'preprint')"
STANDING = "SELECT document, status, day, url FROM banner WHERE own = 1"
NOTICES = "SELECT about, nature, day, notice, url FROM notice ORDER BY day IS NULL, day, url IS NULL, id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A step in the life of a paper. `other`: the number of the record that says so, if it is here."""

    kind: str
    day: str | None
    ident: str
    other: int | None = None
    url: str | None = None


def fill_paper_lives(edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int]) -> None:
    """The steps of every paper and preprint of the edition. `numbers` of the documents by id."""
    works: dict[str, str] = dict(work.connection.execute("SELECT identifier, work FROM identity").fetchall())
    own = {int(row[0]): row[1:] for row in edition.execute(WORKS)}
    lives: dict[int, list[Milestone]] = defaultdict(list)
    for number, (kind, published, ident, url) in own.items():
        step = "published" if kind == "paper" else "preprint"
        lives[number].append(Milestone(kind=step, day=published, ident=ident, other=number, url=url))
    for number, one in _find_versions(edition, work, numbers, works):
        held = {(step.kind, step.other or step.ident) for step in lives[number]}
        if number in own and (one.kind, one.other or one.ident) not in held:
            lives[number].append(one)
    notices: dict[int, list[Milestone]] = defaultdict(list)
    for number, one in _find_notices(work, numbers, works):
        notices[number].append(one)
    standing = {
        int(row[0]): Milestone(kind=row[1], day=row[2], ident="", url=row[3]) for row in edition.execute(STANDING)
    }
    for number in own:
        lives[number] += _settle(notices[number], standing.get(number))
    for number, steps in sorted(lives.items()):
        steps.sort(key=lambda step: (step.day is None, step.day or ""))
        edition.executemany(
            "INSERT INTO milestone VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(number, at, step.kind, step.day, step.other, step.ident, http(step.url))
             for at, step in enumerate(steps[:MOST])],
        )  # fmt: skip


def _find_versions(
    edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int], works: Mapping[str, str]
) -> Iterator[tuple[int, Milestone]]:
    """The paper that a preprint became, and the preprint of a paper."""
    days = {int(row[0]): (row[1], row[2], row[3]) for row in edition.execute(PUBLISHED)}
    for preprint, other, ident in edition.execute(VERSIONS).fetchall():
        day, url, _ = days.get(other, (None, None, ""))
        yield preprint, Milestone(kind="published", day=day, ident=ident, other=other, url=url)
        if other is not None:
            day, url, own = days.get(preprint, (None, None, ""))
            yield other, Milestone(kind="preprint", day=day, ident=own, other=preprint, url=url)
    for ident, named in work.connection.execute(NAMED):
        if ident in numbers:
            name = named if ":" in named.partition("/")[0] else f"doi:{named}"
            other = numbers.get(works.get(name, name))
            day, url, own = days.get(other or 0, (None, None, name))
            yield numbers[ident], Milestone(kind="preprint", day=day, ident=own, other=other, url=url)


def _find_notices(work: Store, numbers: Mapping[str, int], works: Mapping[str, str]) -> Iterator[tuple[int, Milestone]]:
    """The notices about each work, those with a day first."""
    for about, nature, day, notice, url in work.connection.execute(NOTICES):
        number = numbers.get(works.get(about, about))
        if number is not None and nature in KINDS:
            ident = works.get(notice, notice) if notice else ""
            yield number, Milestone(kind=KINDS[nature], day=day, ident=ident, other=numbers.get(ident), url=url)


def _settle(notices: list[Milestone], standing: Milestone | None) -> list[Milestone]:
    """Each notice once; without those that a person took back, and with a status of which there is no notice."""
    found: list[Milestone] = []
    for one in notices:
        same = [at for at, held in enumerate(found)
                if held.kind == one.kind and (not one.ident or not held.ident or held.ident == one.ident)]  # fmt: skip
        if same:
            held = found[same[0]]
            found[same[0]] = replace(
                held, ident=held.ident or one.ident, other=held.other or one.other, url=held.url or one.url
            )
        else:
            found.append(one)
    if standing is None and not any(one.kind == "reinstated" for one in found):
        found = [one for one in found if one.kind not in ANNULLED]
    if standing is not None and not any(one.kind == standing.kind for one in found):
        found.append(standing)
    return found
