"""What people corrected: a file of one JSON object a line, next to the data, only ever appended to.

A correction says what a field of a document is. It names the document by its id, so it outlives work.db, and it wins
over rules and models, because the edition is built as if they had said it (`publish/edition/corrected.py`).

    {"at": "2026-11-30T09:12:00Z", "record": "doi:10.5555/x", "title": "…", "field": "evidence", "action": "is",
     "values": ["animal"], "before": ["clinical trial"], "why": "…", "by": ""}

A field is the name of a facet of labels (evidence, country), of a type of names (disease), of a relation of links
(paper, trial), `status` (of the work), or a column of the document (kind, lang, published). The actions, in the order
of the file:

    is         the field has these values and no others (no value: nothing)
    add        these, too
    remove     not these; what rules and models say otherwise stays
    withdraw   what people said of the field so far no longer counts

A line that cannot be read is an error, not a gap: to publish without it would bring the wrong value back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from core.errors import ConfigError, UsageError
from core.explain import find_names
from core.facets import Facet, Kind, facets
from core.records import Json
from core.store import Store

Action = Literal["is", "add", "remove", "withdraw"]
State = Literal["in force", "replaced", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One line of the file. `before` is what was shown when it was written; `by` is not published."""

    at: str
    record: str
    title: str
    field: str
    action: Action
    values: tuple[str, ...]
    before: tuple[str, ...]
    why: str
    by: str = ""

    @property
    def day(self) -> str:
        return self.at[:10]


@dataclass(slots=True, kw_only=True)
class Ruling:
    """What people say of one field of a document. `exact`: these values and no others, with the line that said so."""

    exact: Correction | None = None
    added: dict[str, Correction] = field(default_factory=dict)
    removed: dict[str, Correction] = field(default_factory=dict)

    @property
    def said(self) -> Mapping[str, Correction]:
        """The values that the field has because a person said so."""
        exact = dict.fromkeys(self.exact.values, self.exact) if self.exact else {}
        return {value: by for value, by in (exact | self.added).items() if value not in self.removed}

    def apply(self, found: Iterable[str]) -> list[str]:
        """The values of the field where rules and models found these."""
        kept = [] if self.exact else [value for value in found if value not in self.removed]
        return list(dict.fromkeys([*kept, *self.said]))


PERSON = "person"  # what labels and links that a person gave rest on in an edition: `person:2026-11-30`
Key = tuple[str, str]  # record, field
KINDS: tuple[Kind, ...] = (
    "label",
    "type",
    "link",
    "status",
    "column",
)  # species is a label and a type: the label is meant


def find_facet(field: str) -> Facet | None:
    """The facet that a field is, in the order of `KINDS`; None for `published`."""
    return next((facet for kind in KINDS if (facet := facets().find(kind, field))), None)


def day_checked(rule: str) -> str:
    """The day on which a person checked what rests on this rule, or nothing."""
    who, _, day = rule.partition(":")
    return day if who == PERSON else ""


def load_corrections(path: Path) -> tuple[Correction, ...]:
    """All lines of the file, in their order; none where there is no file. Raises ConfigError."""
    if not path.exists():
        return ()
    lines = path.read_text("utf-8").splitlines()
    return tuple(_parse(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip())


def save_correction(path: Path, correction: Correction) -> None:
    """Append a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(correction), ensure_ascii=False)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def rule(corrections: Sequence[Correction]) -> dict[Key, Ruling]:
    """What holds of each field, by the corrections in their order."""
    rulings: dict[Key, Ruling] = {}
    for one in corrections:
        key = (one.record, one.field)
        if one.action == "withdraw":
            rulings.pop(key, None)
            continue
        ruling = rulings.setdefault(key, Ruling())
        if one.action == "is":
            rulings[key] = Ruling(exact=one)
            continue
        gets, loses = (ruling.added, ruling.removed) if one.action == "add" else (ruling.removed, ruling.added)
        for value in one.values:
            loses.pop(value, None)
            gets[value] = one
    return rulings


def find_states(corrections: Sequence[Correction]) -> list[State]:
    """Of each correction whether it still holds."""
    states: list[State] = []
    for place, one in enumerate(corrections):
        later = [other for other in corrections[place + 1 :] if (other.record, other.field) == (one.record, one.field)]
        if any(other.action == "withdraw" for other in later):
            states.append("withdrawn")
        elif any(other.action == "is" or set(one.values) <= set(other.values) for other in later):
            states.append("replaced")
        else:
            states.append("in force")
    return states


def follow_records(work: Store, corrections: Sequence[Correction]) -> list[Correction]:
    """The corrections under today's ids of their documents; a document that is not in work.db keeps its id."""
    today = {record: find_document(work, record) for record in dict.fromkeys(one.record for one in corrections)}
    return [replace(one, record=today[one.record] or one.record) for one in corrections]


def find_document(work: Store, ident: str) -> str | None:
    """The id of the document that has this name: an id (of now or of before), an address, an identifier."""
    try:
        names = find_names(work, ident)
    except UsageError:
        return None
    return next(iter(names.ids["document"]), None)


def describe_lost(work: Store, corrections: Sequence[Correction]) -> list[str]:
    """A line for each correction in force whose document is not here: it waits, and changes nothing."""
    return [
        f"{one.record}: {one.field} ({one.title}): no such document; the correction waits"
        for one, state in zip(corrections, find_states(corrections), strict=True)
        if state == "in force" and find_document(work, one.record) is None
    ]


def _parse(line: str, place: str) -> Correction:
    try:
        told: Json = json.loads(line)
        one = Correction(**{**told, "values": tuple(told["values"]), "before": tuple(told["before"])})
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError("this is no correction", where=place, hint="core/corrections.py shows one") from error
    if one.action not in get_args(Action) or not all(isinstance(value, str) for value in (one.at, one.record)):
        raise ConfigError(f"no action {one.action!r}", where=place, hint=f"known: {', '.join(get_args(Action))}")
    return one
