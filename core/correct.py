"""A person's correction from the command line: the record, the field and the value are checked, then it is written.

In order: the document that ID names; the field (a facet of labels, a type of names, a relation of links, `status`, or a
column); each value, in the one spelling that rows use:

* of a facet that declares its values (or a vocabulary), one of them; of another facet, a value that some document has
  (`new` accepts a first one);
* of a type, a concept of work.db, by its identifier or its name;
* of a link, a DOI, PubMed or registry number, of a work here or elsewhere;
* of `status`, only what can be taken away: a notice is what retracts a work;
* of a column, what its facet takes; a day for `published`.

Everything else is a UsageError that says what is valid.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.console import Console

from core import clock
from core.corrections import (
    Action,
    Correction,
    Ruling,
    find_document,
    find_facet,
    find_states,
    follow_records,
    load_corrections,
    rule,
    save_correction,
)  # fmt: skip
from core.errors import UsageError
from core.facets import Facet, facets
from core.ids import SCHEMES, normalise
from core.store import Store

LINKS = ("paper", "trial")
COLUMNS = ("kind", "lang")
PUBLISHED = "published"
NOTHING = "none"
SHOWN = 12  # values that a hint lists

MACHINES = {  # kind of field -> what rules and models found
    "label": "SELECT value, score FROM label WHERE document = :id AND facet = :field ORDER BY score DESC, value",
    "link": "SELECT dst AS value, score FROM link WHERE src = :id AND relation = :field AND dst <> ''"
    " ORDER BY score DESC, dst",
    "type": "SELECT m.concept AS value, 1 AS score FROM mention m"
    " LEFT JOIN topic t ON t.document = m.document AND t.concept = m.concept"
    " WHERE m.document = :id AND lower(m.type) = :field AND m.concept IS NOT NULL AND coalesce(t.about, 1)"
    " GROUP BY m.concept ORDER BY count(*) DESC, m.concept",
    "status": "SELECT value, 1 AS score FROM fact WHERE document = :id AND kind = 'status' GROUP BY value ORDER BY 1",
}
BESIDE = """
SELECT facet, value FROM label WHERE document = :id AND facet <> :field AND sentence <> '' AND sentence IN
    (SELECT sentence FROM label WHERE document = :id AND facet = :field) ORDER BY facet, value"""


def find_field(name: str) -> tuple[str, Facet | None]:
    """(name of the field in the file, its facet). Raises UsageError."""
    for facet in _fields():
        if name.lower() in (facet.name, facet.filter, *facet.aliases, *(_json_key(facet))):
            return facet.name, facet
    if name.lower() == PUBLISHED:
        return PUBLISHED, None
    raise UsageError(f"no field {name!r}", hint=f"valid: {', '.join([*(f.name for f in _fields()), PUBLISHED])}")


def _fields() -> list[Facet]:
    """The facets that can be corrected."""
    table = facets()
    links = [facet for facet in table.of_kind("link") if facet.name in LINKS]
    columns = [facet for facet in table.of_kind("column") if facet.name in COLUMNS]
    found = [*table.of_kind("label"), *table.of_kind("type"), *links, *table.of_kind("status"), *columns]
    return [facet for facet in found if find_facet(facet.name) == facet]


def _json_key(facet: Facet) -> tuple[str, ...]:
    return (facet.as_json.key,) if facet.kind == "label" else ()


def correct(
    work: Store,
    path: Path,
    ident: str,
    name: str,
    values: Sequence[str],
    *,
    action: Action,
    why: str,
    by: str,
    new: bool,
) -> list[str]:
    """Check and save a correction. Returns lines for the person who wrote it. Raises UsageError."""
    known = follow_records(work, load_corrections(path))
    one = make_correction(work, known, ident, name, values, action=action, why=why, by=by, new=new)
    save_correction(path, one)
    says = {"is": "is", "add": "is also", "remove": "is not", "withdraw": "is what rules and models say"}[action]
    told = "; ".join(one.values) or ("" if action == "withdraw" else NOTHING)
    lines = [f"{one.title}: {one.field} {says} {told}".rstrip(), f"before: {'; '.join(one.before) or NOTHING}"]
    if others := find_others(work, one):
        lines.append(f"on the same sentence rest: {', '.join(others)}")
    return [*lines, f"written to {path}; the next `publish` shows it"]


def show_corrections(work: Store, path: Path, screen: Console, as_json: bool) -> None:
    """Print every correction, and whether it holds and finds its document."""
    corrections = follow_records(work, load_corrections(path))
    for one, state in zip(corrections, find_states(corrections), strict=True):
        here = find_document(work, one.record) is not None
        if as_json:
            print(json.dumps({**asdict(one), "state": state, "found": here}, ensure_ascii=False))
            continue
        told = f"{one.day}  {one.record}  {one.field} {one.action} {'; '.join(one.values) or NOTHING}"
        screen.print(f"{told}  ({state}{'' if here else '; no such document'})  {one.why}", markup=False)


def make_correction(
    work: Store, known: Sequence[Correction], ident: str, name: str, values: Sequence[str], *,
    action: Action, why: str, by: str = "", new: bool = False,
) -> Correction:  # fmt: skip
    """A checked correction. Raises UsageError for an unknown ID, FIELD or VALUE, or for one without a reason."""
    record = find_document(work, ident)
    if record is None:
        raise UsageError(f"no document {ident!r}", hint="an id, an address, a DOI; `explain ID` shows what is here")
    key, facet = find_field(name)
    if not why.strip():
        raise UsageError("a correction needs a reason", hint='--why "…"; it is published')
    told = [] if [value.lower() for value in values] == [NOTHING] else list(values)
    if action == "withdraw":
        told = []
    elif not values or (not told and action != "is"):
        raise UsageError("which value?", hint=f"VALUE, or `{NOTHING}` where the text says nothing")
    title = work.value("SELECT title FROM document WHERE id = ?", (record,))
    before = find_values(work, known, record, key, facet)
    checked = tuple(dict.fromkeys(_check(work, key, facet, value, action, new) for value in told))
    if not told and action == "is" and (facet is None or facet.kind == "column"):
        raise UsageError(f"{key}: a document has one", hint="say which")
    if len(checked) > 1 and (facet is None or facet.kind == "column"):
        raise UsageError(f"{key}: a document has only one", hint="say which")
    return Correction(
        at=clock.stamp(), record=record, title=title, field=key, action=action, values=checked, before=tuple(before),
        why=" ".join(why.split()), by=by.strip(),
    )  # fmt: skip


def find_values(work: Store, known: Sequence[Correction], record: str, key: str, facet: Facet | None) -> list[str]:
    """What the field has now, by rules, models and people."""
    if facet is None or facet.kind == "column":
        found = [str(work.value(f"SELECT coalesce(\"{key}\", '') FROM document WHERE id = ?", (record,)))]
    else:
        rows = work.rows(MACHINES[facet.kind], {"id": record, "field": key})
        shown = (row["value"] for row in rows if facet.shows(row["value"], row["score"]) or facet.kind == "type")
        found = [value for value in shown if value != facet.absent]
    return rule(known).get((record, key), Ruling()).apply([value for value in found if value])


def find_others(work: Store, correction: Correction) -> list[str]:
    """Labels of other facets that rest on the same sentence: they may be wrong, too."""
    rows = work.rows(BESIDE, {"id": correction.record, "field": correction.field})
    return [f"{row['facet']} {row['value']}" for row in rows]


def _check(work: Store, key: str, facet: Facet | None, value: str, action: Action, new: bool) -> str:
    """The value as rows write it."""
    value = " ".join(value.split())
    if facet is None:
        return _check_day(value)
    match facet.kind:
        case "label" | "column":
            return _check_label(work, facet, value, new)
        case "type":
            return _check_concept(work, facet, value)
        case "link":
            return _check_link(work, facet, value)
        case _:
            if action != "remove":
                raise UsageError(f"{key}: only a notice can say {value!r}", hint=f"--remove, or `{NOTHING}`")
            return _choose(facet.name, value, facet.values)


def _check_day(value: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError as error:
            raise UsageError(f"published: there is no day {value}") from error
    raise UsageError(f"published: {value!r} is no day", hint="YYYY-MM-DD")


def _check_label(work: Store, facet: Facet, value: str, new: bool) -> str:
    if facet.name == "scope":
        return _choose("scope", value, ("in", "out"))
    known = list(facet.values)
    if not known and facet.kind == "label":
        rows = work.rows("SELECT DISTINCT value FROM label WHERE facet = ? ORDER BY value", (facet.name,))
        known = [row["value"] for row in rows]
        if new:
            return value
    words = {facet.words(one).casefold(): one for one in known}
    return words.get(value.casefold()) or _choose(
        facet.name, value, known, more="" if facet.values else "; --new accepts another"
    )


def _check_concept(work: Store, facet: Facet, value: str) -> str:
    named = "SELECT id, name FROM concept WHERE lower(type) = :type AND (id = :value OR lower(name) = lower(:value))"
    rows = work.rows(f"{named} ORDER BY id", {"type": facet.name, "value": value})
    if len(rows) > 1:
        several = ", ".join(f"{row['id']} ({row['name']})" for row in rows[:SHOWN])
        raise UsageError(f"{facet.name}: {value!r} is the name of several", hint=several)
    if rows:
        return str(rows[0]["id"])
    known = work.rows("SELECT name FROM concept WHERE lower(type) = ? ORDER BY name", (facet.name,))
    return _choose(facet.name, value, [row["name"] for row in known])


def _check_link(work: Store, facet: Facet, value: str) -> str:
    """The id of the work that a number or address names; the number itself where its work is not here."""
    schemes = ("doi", "pmid", "pmcid") if facet.name == "paper" else tuple(s for s in SCHEMES if s not in _LITERATURE)
    numbers = [f"{scheme}:{found}" for scheme in schemes if (found := normalise(scheme, _bare(value, scheme)))]
    if not numbers:
        kinds = "a DOI, PubMed or PMC number" if facet.name == "paper" else "a registry number, such as NCT01234567"
        raise UsageError(f"{facet.name}: {value!r} is none", hint=f"valid: {kinds}, or `{NOTHING}`")
    return find_document(work, numbers[0]) or numbers[0]


_LITERATURE = ("doi", "pmid", "pmcid", "geo", "rrid", "ror", "orcid")


def _bare(value: str, scheme: str) -> str:
    return value.removeprefix(f"{scheme}:")


def _choose(name: str, value: str, known: Iterable[str], more: str = "") -> str:
    """The value, where it is known. Raises UsageError with what is valid."""
    valid = {one.casefold(): one for one in known}
    if found := valid.get(value.casefold()):
        return found
    near = difflib.get_close_matches(value.casefold(), valid, n=SHOWN) if len(valid) > SHOWN * 2 else list(valid)
    several = ", ".join(valid[one] for one in near) or "nothing like it is here"
    raise UsageError(f"{name}: no value {value!r}", hint=f"valid: {several}{more}")
