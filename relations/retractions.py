"""STAGE retractions: notice, link -> work_status, fact. Works that were retracted or corrected, and who cites them.

The status of a work comes from its notices, whichever of its identifiers they name. In order of their days (a notice
without a day counts as the oldest):

1. a retraction or withdrawal outweighs an expression of concern, and that a correction;
2. a reinstatement takes back everything before it except corrections;
3. a record of the type "Retracted Publication" counts as a retraction even without a notice.

Only works can be retracted. A trial that was withdrawn or stopped is not one: `relations.trial_status` has it.

Every document that links to such a work (as its paper, its trial, its published version, or to the notice) gets a
fact, even when the work itself is not here. A fact keeps the time at which it was first known until its content
changes. A work without such notices gets no row, and a row whose notice was taken back goes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NotRequired, TypedDict

from core import clock
from core.config import Config
from core.records import Fact, WorkStatus
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint, headline
from core.versions import version_of
from relations.wording import describe_day, describe_identifier

STATUS = {"retraction": "retracted", "withdrawal": "withdrawn", "concern": "concern", "correction": "corrected"}
WEIGHT = {"corrected": 1, "concern": 2, "withdrawn": 3, "retracted": 3}
_SENTENCES = {
    "retracted": "was retracted", "withdrawn": "was withdrawn", "concern": "is under an expression of concern",
    "corrected": "was corrected",
}  # fmt: skip
_MOST_REASONS = 3

NOTICES = """
SELECT n.about, n.nature, n.day, n.notice, n.reasons, n.url, COALESCE(s.name, n.entry) AS by
FROM notice n LEFT JOIN entry e ON e.id = n.entry LEFT JOIN source s ON s.id = e.source ORDER BY n.id"""

TYPED = """
SELECT d.id, COALESCE(s.name, d.source) AS by, d.url FROM document d LEFT JOIN source s ON s.id = d.source
WHERE d.kind IN ('paper', 'preprint')
  AND EXISTS (SELECT 1 FROM json_each(d.extra, '$.types') t WHERE t.value LIKE 'Retracted Publication')
ORDER BY d.id"""


class NoticeRow(TypedDict):
    """A row of NOTICES."""

    about: str
    nature: str
    day: str | None
    notice: str | None
    reasons: str  # JSON array
    url: str | None
    by: str


class TypedRecord(TypedDict):
    """A row of TYPED: a record that says itself that its work was retracted."""

    id: str
    by: str
    url: str | None


class IdentityRow(TypedDict):
    """An identifier and its work."""

    identifier: str
    work: str


class TitleRow(TypedDict):
    """A document, its title, and whether it is the record of a trial."""

    id: str
    title: str
    trial: int


class LinkRow(TypedDict):
    """A link that leads to something."""

    src: str
    relation: str
    dst: str


class Notice(TypedDict):
    """What is used of a notice."""

    about: NotRequired[str]  # identifier of the work, as the notice gives it; a record that is its own notice has none
    nature: str  # a key of STATUS, or reinstatement
    day: str | None
    notice: str | None  # identifier
    reasons: list[str]
    url: str | None
    by: str  # name of the source


class KnownFact(TypedDict):
    """A fact of an earlier run."""

    document: str
    about: str
    value: str
    day: str | None
    first_seen: str


class CitedWork(TypedDict):
    """A work that a document links to."""

    work: str
    relation: str  # paper | published | notice
    title: str  # empty when the work is not here
    notices: list[Notice]


class StatusData(TypedDict):
    """What `gather` gives of a document."""

    own: list[Notice]
    cited: list[CitedWork]
    known: dict[str, KnownFact]  # by the work
    now: str


class StatusRow(StatusData):
    """A row of the step."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The status that a work's notices add up to."""

    status: str
    since: str | None
    notice: str | None
    reasons: tuple[str, ...]
    url: str | None
    why: str


@dataclass(frozen=True, slots=True)
class _Tables:
    """What is read of the tables: notices by work, the works that a notice is about, titles, works of identifiers."""

    notices: dict[str, list[Notice]]
    announced: dict[str, set[str]]
    titles: dict[str, str]
    identity: dict[str, str]


def stage(_config: Config) -> Stage:
    return Stage(
        name="retractions", version=version_of("retractions"), gather=gather,
        step=Address(module="relations.retractions", function="build_step"),
        writes=(Writes(record=WorkStatus, owner="document"), Writes(record=Fact, owner="document")),
    )  # fmt: skip


def gather(store: Store) -> Iterator[tuple[str, str, StatusData]]:
    """A row for each document that is, or cites, a work with notices."""
    tables = _read_tables(store)
    cited = _find_cited(store, tables)
    known: dict[str, dict[str, KnownFact]] = defaultdict(dict)
    facts = "SELECT document, about, value, day, first_seen FROM fact WHERE kind = 'status'"
    for row in store.select(KnownFact, facts):
        known[row["document"]][row["about"]] = row
    now = clock.stamp()
    documents = {work for work in tables.notices if work in tables.titles} | {one for one in cited if cited[one]}
    for document in sorted(documents):
        own = tables.notices.get(document, []) if document in tables.titles else []
        works: list[CitedWork] = [
            {"work": work, "relation": relation, "title": tables.titles.get(work, ""), "notices": tables.notices[work]}
            for work, relation in sorted(cited[document])
        ]
        state = fingerprint(json.dumps({"own": own, "cited": works}, ensure_ascii=False, sort_keys=True))
        yield document, state, {"own": own, "cited": works, "known": known.get(document, {}), "now": now}


def build_step() -> Step:
    return judge_document


def judge_document(row: StatusRow) -> Result:
    """The status of one document, and a fact for it and for each work with a status that it cites."""
    records: list[WorkStatus | Fact] = []
    own = find_state(row["own"])
    if own is not None:
        records.append(
            WorkStatus(
                document=row["key"], status=own.status, since=own.since, notice=own.notice, reasons=own.reasons,
                url=own.url, why=own.why,
            )
        )  # fmt: skip
        records.append(_make_fact(row, row["key"], own, own.why))
    done: set[str] = set()
    for cited in row["cited"]:
        state = find_state(cited["notices"])
        if state is None or cited["work"] in done:
            continue
        done.add(cited["work"])
        title = cited["title"].rstrip(".")
        name = f"“{headline(title, 100)}”" if cited["title"] else describe_identifier(cited["work"])
        what = "The paper that it became" if cited["relation"] == "published" else "A paper that it cites"
        records.append(_make_fact(row, cited["work"], state, f"{what}, {name}, {_describe_state(state)}"))
    return Done(records=tuple(records))


def find_state(notices: Sequence[Notice]) -> State | None:
    """What a work's notices add up to; None when nothing is left of them. Raises KeyError for an unknown nature."""
    order = sorted(notices, key=lambda one: (one["day"] or "", one["nature"] == "reinstatement", one["nature"]))
    holding: list[Notice] = []
    for notice in order:
        if notice["nature"] == "reinstatement":
            holding = [one for one in holding if one["nature"] == "correction"]
        else:
            holding.append(notice)
    if not holding:
        return None
    heaviest = max(WEIGHT[STATUS[one["nature"]]] for one in holding)
    same = [one for one in holding if WEIGHT[STATUS[one["nature"]]] == heaviest]
    first = min(same, key=lambda one: (one["day"] or "9999", one["notice"] is None))
    state = State(
        status=STATUS[first["nature"]],
        since=first["day"],
        notice=first["notice"] or next((one["notice"] for one in same if one["notice"]), None),
        reasons=tuple(dict.fromkeys(reason for one in same for reason in one["reasons"])),
        url=first["url"] or next((one["url"] for one in same if one["url"]), None),
        why="",
    )
    sources = ", ".join(dict.fromkeys(one["by"] for one in same))
    taken_back = any(one["nature"] == "reinstatement" for one in notices)
    end = "; an earlier notice was taken back" if taken_back else ""
    return replace(state, why=f"This work {_describe_state(state)}; source: {sources}{end}")


def _read_tables(store: Store) -> _Tables:
    identities = store.select(IdentityRow, "SELECT identifier, work FROM identity")
    identity = {row["identifier"]: row["work"] for row in identities}
    notices: dict[str, list[Notice]] = defaultdict(list)
    announced: dict[str, set[str]] = defaultdict(set)
    for row in store.select(NoticeRow, NOTICES):
        work = identity.get(row["about"], row["about"])
        notices[work].append(
            {
                "about": row["about"], "nature": row["nature"], "day": row["day"], "notice": row["notice"],
                "reasons": json.loads(row["reasons"]), "url": row["url"], "by": row["by"],
            }
        )  # fmt: skip
        if row["notice"]:
            announced[identity.get(row["notice"], row["notice"])].add(work)
    for record in store.select(TypedRecord, TYPED):
        notices[record["id"]].append(_make_notice(record))
    held = store.select(TitleRow, "SELECT id, title, kind = 'trial' AS trial FROM document")
    titles = {row["id"]: row["title"] for row in held}
    for trial in (row["id"] for row in held if row["trial"]):
        notices.pop(trial, None)
    return _Tables(notices, announced, titles, identity)


def _find_cited(store: Store, tables: _Tables) -> dict[str, set[tuple[str, str]]]:
    """Document -> (work with notices, relation) for each of its links."""
    cited: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in store.select(LinkRow, "SELECT src, relation, dst FROM link WHERE dst <> '' AND relation <> 'trial'"):
        src, relation = row["src"], row["relation"]
        target = tables.identity.get(row["dst"], row["dst"])
        works = tables.announced[target] if relation == "notice" else {target}
        cited[src] |= {(work, relation) for work in works if work in tables.notices and work != src}
    return cited


def _make_notice(record: TypedRecord) -> Notice:
    return {
        "nature": "retraction", "day": None, "notice": None, "reasons": [], "url": record["url"], "by": record["by"],
    }  # fmt: skip


def _make_fact(row: StatusRow, about: str, state: State, text: str) -> Fact:
    before = row["known"].get(about)
    same = before is not None and (before["value"], before["day"]) == (state.status, state.since)
    return Fact(
        document=row["key"], kind="status", about=about, value=state.status, day=state.since, text=text,
        first_seen=before["first_seen"] if before is not None and same else row["now"],
    )  # fmt: skip


def _describe_state(state: State) -> str:
    """`was retracted on November 9, 2026: image duplication; notice doi:10.5555/x`"""
    text = _SENTENCES[state.status]
    if state.since:
        text += f" {'since' if state.status == 'concern' else 'on'} {describe_day(state.since)}"
    if state.reasons:
        more = len(state.reasons) - _MOST_REASONS
        text += ": " + ", ".join(state.reasons[:_MOST_REASONS]) + (f" and {more} more" if more > 0 else "")
    return f"{text}; notice {describe_identifier(state.notice)}" if state.notice else text
