"""STAGE notices and links -> how works stand, and what everybody who cites them should know.

In order: the notices about a work, under whichever of its identifiers, are taken by day (one without a day counts as
the oldest). A retraction or withdrawal outweighs a concern, a concern a correction; a reinstatement takes back all but
corrections that came before it. A record that is typed "Retracted Publication" counts as retracted though no notice
is at hand, and a trial that its registry calls withdrawn as withdrawn.

Then every document that links to such a work (as its paper, its trial, its published version, or to the notice
itself) gets a fact, whether or not we hold the work. A fact keeps the time at which it was first known, until what it
says changes. Nothing is written of works that stand; what is taken back goes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from core import clock
from core.config import Config
from core.records import Fact, Json, WorkStatus
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint, headline

CODE = "2"
STATUS = {"retraction": "retracted", "withdrawal": "withdrawn", "concern": "concern", "correction": "corrected"}
WEIGHT = {"corrected": 1, "concern": 2, "withdrawn": 3, "retracted": 3}
_SAID = {
    "retracted": "was retracted", "withdrawn": "was withdrawn", "concern": "is under an expression of concern",
    "corrected": "was corrected",
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a work's notices have left it."""

    status: str
    since: str | None
    notice: str | None
    reasons: tuple[str, ...]
    url: str | None
    why: str


def stage(_config: Config) -> Stage:
    return Stage(
        name="retractions", version=CODE, gather=gather,
        step=Address(module="relations.retractions", function="build"),
        writes=(Writes(record=WorkStatus, owner="document"), Writes(record=Fact, owner="document")),
    )  # fmt: skip


def build() -> Step:
    return judge


def gather(store: Store) -> Iterator[tuple[str, str, Json]]:
    """A row for each document that is, or cites, a work that does not simply stand."""
    identity: dict[str, str] = {
        row["identifier"]: row["work"] for row in store.rows("SELECT identifier, work FROM identity")
    }
    notices: dict[str, list[Json]] = defaultdict(list)
    announced: dict[str, set[str]] = defaultdict(set)  # notice -> works that it is about
    for row in store.rows(
        "SELECT n.about, n.nature, n.day, n.notice, n.reasons, n.url, COALESCE(s.name, n.entry) AS by FROM notice n"
        " LEFT JOIN entry e ON e.id = n.entry LEFT JOIN source s ON s.id = e.source ORDER BY n.id"
    ):
        work = identity.get(row["about"], str(row["about"]))
        notices[work].append(row | {"reasons": json.loads(row["reasons"])})
        if row["notice"]:
            announced[identity.get(row["notice"], str(row["notice"]))].add(work)
    for row in store.rows(_TYPED):
        notices[str(row["id"])].append(_typed(row))
    titles = {row["id"]: row["title"] for row in store.rows("SELECT id, title FROM document")}
    about: dict[str, set[tuple[str, str]]] = defaultdict(set)  # document -> (work, relation)
    for row in store.rows("SELECT src, relation, dst FROM link WHERE dst <> ''"):
        target = identity.get(row["dst"], str(row["dst"]))
        works = announced[target] if row["relation"] == "notice" else {target}
        about[row["src"]] |= {(work, row["relation"]) for work in works if work in notices and work != row["src"]}
    known: dict[str, Json] = defaultdict(dict)  # document -> work -> what is told already
    for row in store.rows("SELECT document, about, value, day, first_seen FROM fact WHERE kind = 'status'"):
        known[row["document"]][row["about"]] = row
    now = clock.stamp()
    for document in sorted({work for work in notices if work in titles} | {one for one in about if about[one]}):
        data: Json = {
            "own": notices.get(document, []) if document in titles else [],
            "cited": [
                {"work": work, "relation": relation, "title": titles.get(work, ""), "notices": notices[work]}
                for work, relation in sorted(about[document])
            ],
        }
        state = fingerprint(json.dumps(data, ensure_ascii=False, sort_keys=True))
        yield document, state, data | {"known": known.get(document, {}), "now": now}


def judge(row: Json) -> Result:
    """`row` is what `gather` gave, with the document as "key"."""
    records: list[WorkStatus | Fact] = []
    own = find_state(row["own"])
    if own is not None:
        records.append(
            WorkStatus(
                document=row["key"], status=own.status, since=own.since, notice=own.notice, reasons=own.reasons,
                url=own.url, why=own.why,
            )
        )  # fmt: skip
        records.append(_fact(row, row["key"], own, own.why))
    told: set[str] = set()
    for cited in row["cited"]:
        state = find_state(cited["notices"])
        if state is None or cited["work"] in told:
            continue
        told.add(cited["work"])
        name = f"“{headline(cited['title'].rstrip('.'), 100)}”" if cited["title"] else _shown(cited["work"])
        what = {"trial": "A trial", "published": "The paper that it became"}.get(cited["relation"], "A paper")
        which = "" if cited["relation"] == "published" else " that it cites"
        records.append(_fact(row, cited["work"], state, f"{what}{which}, {name}, {_said(state)}"))
    return Done(records=tuple(records))


def find_state(notices: Sequence[Json]) -> State | None:
    """What a work's notices leave of it; None when it stands.

    A notice is {"nature", "day", "notice", "reasons", "url", "by"}; unknown natures are skipped by the writer of
    notices.
    """
    order = sorted(notices, key=lambda one: (one["day"] or "", one["nature"] == "reinstatement", one["nature"]))
    holding: list[Json] = []
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
    reasons = tuple(dict.fromkeys(reason for one in same for reason in one["reasons"]))
    status = STATUS[first["nature"]]
    state = State(
        status=status,
        since=first["day"],
        notice=first["notice"] or next((one["notice"] for one in same if one["notice"]), None),
        reasons=reasons,
        url=first["url"] or next((one["url"] for one in same if one["url"]), None),
        why="",
    )
    sources = ", ".join(dict.fromkeys(one["by"] for one in same))
    text = _said(state)
    taken_back = any(one["nature"] == "reinstatement" for one in notices)
    why = f"This work {text}; so says {sources}" + ("; an earlier notice was taken back" if taken_back else "")
    return State(status=state.status, since=state.since, notice=state.notice, reasons=reasons, url=state.url, why=why)


_TYPED = """
SELECT d.id, COALESCE(s.name, d.source) AS by, d.kind, json_extract(d.extra, '$.dates.updated') AS updated,
       json_extract(d.extra, '$.why_stopped') AS reason, d.url
FROM document d LEFT JOIN source s ON s.id = d.source
WHERE (d.kind IN ('paper', 'preprint')
       AND EXISTS (SELECT 1 FROM json_each(d.extra, '$.types') t WHERE t.value LIKE 'Retracted Publication'))
   OR (d.kind = 'trial' AND (json_extract(d.extra, '$.status') LIKE 'withdrawn'
                             OR json_extract(d.extra, '$.withdrawn') = 1))
ORDER BY d.id"""


def _typed(row: Json) -> Json:
    trial = row["kind"] == "trial"
    return {
        "nature": "withdrawal" if trial else "retraction", "day": row["updated"] if trial else None, "notice": None,
        "reasons": [row["reason"]] if row["reason"] else [], "url": row["url"], "by": row["by"],
    }  # fmt: skip


def _fact(row: Json, about: str, state: State, text: str) -> Fact:
    before = row["known"].get(about)
    same = before is not None and (before["value"], before["day"]) == (state.status, state.since)
    return Fact(
        document=row["key"], kind="status", about=about, value=state.status, day=state.since, text=text,
        first_seen=before["first_seen"] if same else row["now"],
    )  # fmt: skip


def _said(state: State) -> str:
    """`was retracted on November 9, 2026: image duplication; notice doi:10.5555/x`"""
    parts = [_SAID[state.status]]
    if state.since:
        parts[0] += f" {'since' if state.status == 'concern' else 'on'} {say_day(state.since)}"
    if state.reasons:
        more = len(state.reasons) - _MOST_REASONS
        parts[0] += ": " + ", ".join(state.reasons[:_MOST_REASONS]) + (f" and {more} more" if more > 0 else "")
    if state.notice:
        parts.append(f"notice {_shown(state.notice)}")
    return "; ".join(parts)


def say_day(day: str) -> str:
    """`2026-11-09` as `November 9, 2026`; what is no whole day as it is."""
    try:
        moment = date.fromisoformat(day[:10])
    except ValueError:
        return day
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def _shown(identifier: str) -> str:
    scheme, _, value = identifier.partition(":")
    return {"pmid": f"PubMed {value}", "nct": value, "pmcid": value}.get(scheme, identifier)
