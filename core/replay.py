"""One row through the step of a stage again, and what would be different from what is stored. Nothing is written.

In order:

1. the row is found in the stage's query by any name of the record (`core.explain`), and completed as at night;
2. the step runs where the configuration says, under the same limits, so that what failed for them fails here, too;
3. its records are compared with the stored rows of the same input, table by table: a row that only one side has, and
   fields that differ in a row that both have. A table to which rows are only ever added has no rows too many;
4. how it ended (done, skipped or failed, with the reason) is compared with the ledger. A row that fails keeps its last
   good rows, so only its end is compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from core.errors import UsageError
from core.explain import Names, find_names, find_references
from core.records import Json
from core.stage import Done, Executor, Failed, Job, Result, Skipped, Stage, Writes, find_reasons, load_row, settle
from core.store import TABLE_OF, Store, as_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row of `table`: only stored (`removed`), only given now (`added`), or `changed` in these fields."""

    table: str
    key: Json
    change: str
    fields: dict[str, tuple[Any, Any]]  # name -> (stored, given now)


def find_key(stage: Stage, work: Store, ident: str) -> str:
    """The key under which the stage knows the record: its own name, else that of a row that it is in (a story).

    Raises UsageError when there is none, or several.
    """
    if ident in find_reasons(stage, work, [ident]):
        return ident
    names = find_names(work, ident)
    keys = list(find_reasons(stage, work, names.keys)) or list(_find_owners(stage, work, names))
    if len(keys) != 1:
        hint = f"name one of {', '.join(keys)}" if keys else "`explain` lists the stages that know it"
        raise UsageError(f"{stage.name} has {len(keys) or 'no'} rows of {ident!r}", hint=hint)
    return keys[0]


def run_step(stage: Stage, work: Store, key: str, executor: Executor) -> Result:
    """What the step gives for a stored row, and what of it is kept."""
    job = Job(
        name=stage.name, step=stage.step, path=work.path, run="replay", limits=stage.limits, cpu=stage.cpu,
        alone=stage.alone,
    )  # fmt: skip
    row = load_row(stage, work, key)
    (results,) = executor(job, [[row]])
    return settle(stage, work, row, results[0])


def compare_result(stage: Stage, work: Store, key: str, result: Result) -> list[Difference]:
    """What is stored of an input against what its step gives now."""
    found = list(_compare_end(stage, work, key, result))
    if isinstance(result, Failed):
        return found
    records = result.records if isinstance(result, Done) else ()
    for writes in stage.writes:
        given = [as_row(record) for record in records if type(record) is writes.record]
        found += _compare_table(work, writes, key, given)
    return found


def show_replay(stage: Stage, work: Store, ident: str, executor: Executor, screen: Console, as_json: bool) -> int:
    """Print the differences. Returns 0 when there are none, else 1."""
    key = find_key(stage, work, ident)
    found = compare_result(stage, work, key, run_step(stage, work, key, executor))
    for one in found:
        if as_json:
            fields = {name: {"stored": old, "now": new} for name, (old, new) in one.fields.items()}
            said = {"table": one.table, "key": one.key, "change": one.change, "fields": fields}
            print(json.dumps(said, ensure_ascii=False))
            continue
        named = ", ".join(f"{name} {value}" for name, value in one.key.items())
        screen.print(f"{one.table} {one.change}: {named}", style="bold", markup=False)
        for name, (old, new) in one.fields.items():
            screen.print(*_sides(name, old, new, one.change), sep="\n", markup=False)
    if not as_json:
        count = "1 difference" if len(found) == 1 else f"{len(found) or 'no'} differences"
        screen.print(f"{stage.name} {key}: {count}", markup=False)
    return 1 if found else 0


def _find_owners(stage: Stage, work: Store, names: Names) -> dict[str, None]:
    """The inputs whose stored rows name the record."""
    found: dict[str, None] = {}
    for writes in stage.writes:
        table = TABLE_OF[writes.record]
        for column, goal in find_references(work, "main", table).items() if writes.owner else ():
            ids = names.ids[goal]
            sql = f'SELECT "{writes.owner}" AS k FROM "{table}" WHERE "{column}" IN ({", ".join("?" * len(ids))})'
            found |= dict.fromkeys(row["k"] for row in work.rows(sql, ids))
    return found


def _compare_end(stage: Stage, work: Store, key: str, result: Result) -> Iterator[Difference]:
    match result:
        case Done(note=reason):
            state = "done"
        case Skipped(reason=reason):
            state = "skipped"
        case Failed(reason=reason):
            state = "failed"
    now = {"state": state, "reason": reason}
    old = work.one('SELECT state, reason FROM outcome WHERE stage = ? AND "key" = ?', (stage.name, key))
    said = {"stage": stage.name, "key": key}
    if old is None:
        yield _difference("outcome", said, None, now)
    elif state != old["state"] or (reason != old["reason"] and not (state == "done" and reason is None)):
        yield _difference("outcome", said, old, now)  # the driver itself notes a record that another input owns


def _compare_table(work: Store, writes: Writes, key: str, given: list[Json]) -> Iterator[Difference]:
    table = TABLE_OF[writes.record]
    columns = work.key(table)
    match = " AND ".join(f'"{name}" = :{name}' for name in columns)
    stored: dict[tuple[Any, ...], Json] = {}
    if writes.owner is not None:
        rows = work.rows(f'SELECT * FROM "{table}" WHERE "{writes.owner}" = ?', (key,))
        stored = {tuple(row[name] for name in columns): row for row in rows}
    for now in given:
        place = tuple(now[name] for name in columns)
        known = work.one(f'SELECT * FROM "{table}" WHERE {match}', now)
        if known is not None and writes.owner is not None and place not in stored:
            continue  # another input owns it and keeps it
        stored.pop(place, None)
        if known != now:
            yield _difference(table, {name: now[name] for name in columns}, known, now)
    for old in stored.values():
        yield _difference(table, {name: old[name] for name in columns}, old, None)


def _difference(table: str, key: Json, old: Json | None, now: Json | None) -> Difference:
    change = "added" if old is None else "removed" if now is None else "changed"
    old, now = old or {}, now or {}
    fields = {
        name: (old.get(name), now.get(name)) for name in {**old, **now} if name not in key and
        (old.get(name) != now.get(name) or name not in old or name not in now)
    }  # fmt: skip
    return Difference(table=table, key=key, change=change, fields=fields)


def _sides(name: str, old: object, new: object, change: str) -> list[str]:
    """A field as lines of text; of long texts only the place where they part."""
    if change == "changed":
        left, right = _part(str(old), str(new))
        return [f"  {name}", f"    - {left}", f"    + {right}"]
    text = str(new if change == "added" else old)
    return [f"  {name:<15} {text[:120]}{'…' if len(text) > 120 else ''}"]


def _part(old: str, new: str) -> tuple[str, str]:
    same = next((place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    begin = max(0, same - 40)
    dots = "…" if begin else ""
    return tuple(f"{dots}{text[begin : begin + 200]}{'…' if len(text) > begin + 200 else ''}" for text in (old, new))  # type: ignore[return-value]
