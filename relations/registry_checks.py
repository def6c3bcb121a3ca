"""STAGE checks: figure -> registry_check. Claims about trials, compared with the trials that are here.

For every figure that is a claim (`registry_claims`), the query of the claim's type counts the trials that are here and
were registered by the day of the document. A claim that counts other things than its query (`Claim.unlike`) is never
compared: the verdict is `cannot tell`, with the reason and without a count. Else `judge` compares the count with the
claim. What is here is only a part of the registry: the trials that the saved searches of our sources found. So it can
show that there are as many trials as the text says, or more. It can never show that there are fewer; the verdict is
`cannot tell` then. In order:

- "at least N": consistent when N or more are found;
- "N", "about N": differs when more are found, consistent when as many are (within 2 %, for "about" within 15 %);
- "at most N": differs when more are found;
- a range: differs above its upper end, consistent within it.

A claim that a document repeats is one row: of its mildest wording ("more than 6,000" before a bare "6,000"), at the
first place of that.

The row keeps the query with its values filled in, and in `snapshot` the day of the newest trial that it could count.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

from core.config import Config
from core.records import RegistryCheck
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of
from relations.registry_claims import CLAIMS, ClaimType, FigureRow, find_claim, get_claim_type

EXACT, ABOUT = 0.02, 0.15  # shares by which a count may differ
MILDEST = ("at least", "approximate", "exact", "at most")  # of a number that a document gives several times
REGISTERED = (
    "COALESCE(json_extract(d.extra, '$.dates.registered'), json_extract(d.extra, '$.dates.posted'),"
    " json_extract(d.extra, '$.started'), d.published, '')"
)

FIGURES = """
SELECT f.*, COALESCE(d.published, substr(d.first_seen, 1, 10)) AS day
FROM figure f JOIN document d ON d.id = f.document
WHERE f.part = 'text' AND d.kind NOT IN ('paper', 'preprint', 'trial') ORDER BY f.document, f.start"""

TRIALS = """
SELECT count(*) AS trials,
       COALESCE(max(substr(COALESCE(json_extract(extra, '$.dates.updated'), first_seen), 1, 10)), '') AS newest
FROM document WHERE kind = 'trial'"""


NAMES = """
SELECT DISTINCT document, surface FROM mention WHERE part = 'text' AND type NOT IN ('PLACE', 'IDENTIFIER', 'JOURNAL')
ORDER BY document, surface"""


class NameRow(TypedDict):
    """Something that a document names."""

    document: str
    surface: str


class ConditionRow(TypedDict):
    """A condition of trials, in lower case."""

    name: str


class TrialRow(TypedDict):
    """A trial, and the fingerprint of its record."""

    id: str
    state: str


class RegistryRow(TypedDict):
    """A row of TRIALS: how many trials are here, and the day of the newest."""

    trials: int
    newest: str


class FiguresOfDocument(TypedDict):
    """What `gather` gives of a document: its figures that are claims, and what their sentences name."""

    figures: list[FigureRow]
    named: list[str]
    day: str


class AnsweredClaim(TypedDict):
    """A claim and what the registry says of it."""

    figure: FigureRow
    claim: str  # name of its type
    query: str  # with its values filled in
    found: float | None  # None when there are no trials here, or unlike things are counted
    unlike: str  # why they are unlike; empty: they are not


class CheckRow(FiguresOfDocument):
    """A row of the step, completed by `answer_claims`."""

    key: str
    claims: list[AnsweredClaim]
    trials: int
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    verdict: str  # consistent | differs | cannot tell
    why: str


def stage(_config: Config) -> Stage:
    return Stage(
        name="checks",
        version=f"{version_of('checks')}/{fingerprint(CLAIMS.read_text('utf-8'))[:12]}",
        gather=gather,
        complete=answer_claims,
        step=Address(module="relations.registry_checks", function="build_step"),
        writes=(Writes(record=RegistryCheck, owner="document"),),
    )


def gather(store: Store) -> Iterator[tuple[str, str, FiguresOfDocument]]:
    """Documents with claims, records left out. Each is due when its figures, its day or the trials here change."""
    conditions = load_conditions(store)
    trials = store.select(
        TrialRow, "SELECT id, fingerprint(hash, extra) AS state FROM document WHERE kind = 'trial' ORDER BY id"
    )
    registry = fingerprint(*(f"{row['id']} {row['state']}" for row in trials))
    claims: dict[str, list[FigureRow]] = defaultdict(list)
    for row in store.select(FigureRow, FIGURES):
        if find_claim(row, conditions) is not None:
            claims[row["document"]].append(row)
    named: dict[str, list[str]] = defaultdict(list)
    for name in store.select(NameRow, NAMES) if claims else ():
        if any(name["surface"] in figure["sentence"] for figure in claims.get(name["document"], ())):
            named[name["document"]].append(name["surface"])
    for document, figures in claims.items():
        data: FiguresOfDocument = {"figures": figures, "named": named[document], "day": figures[0]["day"]}
        yield document, fingerprint(registry, json.dumps(data, ensure_ascii=False, sort_keys=True)), data


def load_conditions(store: Store) -> frozenset[str]:
    """Conditions of the trials here, in lower case."""
    rows = store.select(
        ConditionRow,
        "SELECT DISTINCT lower(c.value) AS name FROM document d, json_each(d.extra, '$.conditions') c"
        " WHERE d.kind = 'trial'",
    )
    return frozenset(row["name"] for row in rows if len(row["name"]) > 3)


def answer_claims(store: Store, row: FiguresOfDocument) -> Mapping[str, object]:
    """Run the query of each claim of a document, once for a claim that it repeats."""
    conditions = load_conditions(store)
    (registry,) = store.select(RegistryRow, TRIALS)
    claims: dict[tuple[str, str, float, float | None], AnsweredClaim] = {}
    for figure in sorted(row["figures"], key=_order):
        claim = find_claim(figure, conditions, row["named"])
        if claim is None:
            continue
        values = dict(claim.values) | {"day": row["day"]}
        query = claim.type.query.replace(":registered", REGISTERED)
        filled = fill_in_query(query, values)
        key = (claim.type.name, filled, figure["value"], figure["high"])
        if key in claims:
            continue
        compared = registry["trials"] and not claim.unlike
        found = float(store.value(query, values)) if compared else None
        claims[key] = {
            "figure": figure, "claim": claim.type.name, "query": filled, "found": found, "unlike": claim.unlike,
        }  # fmt: skip
    return {"claims": list(claims.values()), **registry}


def _order(figure: FigureRow) -> tuple[int, int]:
    """The mildest wording first, then the first place."""
    modifier = figure["modifier"].replace("_", " ")
    return (MILDEST.index(modifier) if modifier in MILDEST else len(MILDEST), figure["start"])


def build_step() -> Step:
    return check_document


def check_document(row: CheckRow) -> Result:
    """A check for each claim of a document."""
    checks = []
    for claim in row["claims"]:
        figure, found = claim["figure"], claim["found"]
        kind = get_claim_type(claim["claim"])
        result = judge(figure, found, kind, trials=row["trials"], unlike=claim["unlike"])
        checks.append(
            RegistryCheck(
                document=row["key"], start=figure["start"], end=figure["end"], claim=claim["claim"],
                value=figure["value"], verdict=result.verdict, found=found, query=claim["query"],
                snapshot=row["newest"], why=result.why,
            )
        )  # fmt: skip
    return Done(records=tuple(checks))


def judge(figure: FigureRow, found: float | None, claim: ClaimType, *, trials: int, unlike: str = "") -> Verdict:
    """Compare a claim with the count of its query; `found` is None when none of the `trials` are here."""
    part = f"only a part of the registry is here: the {trials:,} trials that the saved searches found"
    if unlike:
        return Verdict(verdict="cannot tell", why=f"{claim.about}: not compared, because {unlike}; {part}")
    if found is None:
        return Verdict(verdict="cannot tell", why="there are no trials here")
    value = figure["value"]
    high = value if figure["high"] is None else figure["high"]
    modifier = figure["modifier"].replace("_", " ")
    here = f"{claim.about}: {found:,.0f} found here"
    slack = ABOUT if modifier == "approximate" else EXACT
    if modifier == "at least":
        if found >= value:
            return Verdict(verdict="consistent", why=f"{here}, the text says at least {value:,.0f}; {part}")
        return Verdict(verdict="cannot tell", why=f"{here}, fewer than the {value:,.0f} of the text; {part}")
    if found > high * (1 + (0 if modifier == "at most" else slack)):
        return Verdict(verdict="differs", why=f"{here}, more than the {high:,.0f} of the text; {part}")
    if modifier != "at most" and found >= value * (1 - slack):
        return Verdict(verdict="consistent", why=f"{here}, the text says {value:,.0f}; {part}")
    return Verdict(verdict="cannot tell", why=f"{here}, no more than the {high:,.0f} of the text; {part}")


def fill_in_query(query: str, values: Mapping[str, str]) -> str:
    """The query with its values written out, so that readers can run it."""
    for name, value in values.items():
        query = re.sub(rf":{name}\b", "'" + value.replace("'", "''").replace("\\", r"\\") + "'", query)
    return query
