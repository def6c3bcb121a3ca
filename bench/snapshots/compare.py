"""Two snapshots, table by table and page by page, after A's names were mapped to B's.

A table is equal when both hold the same rows, each as often, in the columns that are not ignored. A page is equal
when status, type, target and body are. What only one side holds is a difference, except a view: a view under an old
name is how a renamed table goes on answering.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from bench.snapshots.renames import Renames
from bench.snapshots.store import Snapshot, Summary, row_line
from bench.snapshots.tables import Row

SHOWN = 5  # rows or lines of a difference
WIDE = 400  # characters of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One table or page of one night."""

    night: str
    what: str  # "work.entry", or "page /about"
    state: str  # equal | differs | only in A | only in B
    rows: tuple[int, int]  # in A and B
    shown: tuple[str, ...] = ()  # the first differences

    @property
    def same(self) -> bool:
        return self.state == "equal"


def compare(a: Snapshot, b: Snapshot, renames: Renames) -> Iterator[Verdict]:
    """Every table and page of every night that both or one of them hold, by night."""
    for night in sorted({*a.nights, *b.nights}):
        ours, theirs = a.nights.get(night), b.nights.get(night)
        if ours is None or theirs is None:
            yield Verdict(night=night, what="night", state=_only(ours is None), rows=(0, 0))
            continue
        yield from _compare_night(a, b, renames, night)


def _only(in_b: bool) -> str:
    return "only in B" if in_b else "only in A"


def _compare_night(a: Snapshot, b: Snapshot, renames: Renames, night: str) -> Iterator[Verdict]:
    old_names = {renames.table(name): name for name in a.nights[night]}
    theirs = b.nights[night]
    for name in sorted({*old_names, *theirs}):
        if renames.ignores("tables", name):
            continue
        old = old_names.get(name)
        if old is None or name not in theirs:
            summary = theirs[name] if old is None else a.nights[night][old]
            if not summary["view"]:
                yield Verdict(night=night, what=name, state=_only(old is None), rows=_counts(summary, old is None))
            continue
        if name == "pages":
            yield from _compare_pages(a, b, renames, night)
        else:
            yield _compare_table(a, b, renames, night, old, name)


def _counts(summary: Summary, in_b: bool) -> tuple[int, int]:
    return (0, summary["count"]) if in_b else (summary["count"], 0)


def _compare_table(a: Snapshot, b: Snapshot, renames: Renames, night: str, old: str, new: str) -> Verdict:
    rows = (a.nights[night][old]["count"], b.nights[night][new]["count"])
    ours = [_kept(renames, new, renames.row(old, row)) for row in a.rows(night, old)]
    theirs = [_kept(renames, new, row) for row in b.rows(night, new)]
    left, right = (Counter(row_line(row) for row in side) for side in (ours, theirs))
    if left == right:
        return Verdict(night=night, what=new, state="equal", rows=rows)
    shown = [f"columns that differ: {', '.join(_differing(ours, theirs)) or 'none alone, their pairing does'}"]
    for sign, counted in (("-", left - right), ("+", right - left)):
        shown += [f"{sign} {line[:WIDE]}" for line in sorted(counted.elements())[:SHOWN]]
    return Verdict(night=night, what=new, state="differs", rows=rows, shown=tuple(shown))


def _kept(renames: Renames, table: str, row: Row) -> Row:
    return {column: value for column, value in row.items() if not renames.ignores("columns", f"{table}.{column}")}


def _differing(ours: list[Row], theirs: list[Row]) -> list[str]:
    """Columns that only one side has, or whose values differ as a whole."""
    names = {*(ours[0] if ours else ()), *(theirs[0] if theirs else ())}
    return [
        name
        for name in sorted(names)
        if Counter(repr(row.get(name, ...)) for row in ours) != Counter(repr(row.get(name, ...)) for row in theirs)
    ]


def _compare_pages(a: Snapshot, b: Snapshot, renames: Renames, night: str) -> Iterator[Verdict]:
    ours = {str(row["path"]): row for row in (renames.row("pages", row) for row in a.rows(night, "pages"))}
    theirs = {str(row["path"]): row for row in b.rows(night, "pages")}
    for path in sorted({*ours, *theirs}):
        if renames.ignores("pages", path):
            continue
        what, left, right = f"page {path}", ours.get(path), theirs.get(path)
        if left is None or right is None:
            there = (int(left is not None), int(right is not None))
            yield Verdict(night=night, what=what, state=_only(left is None), rows=there)
        elif left == right:
            yield Verdict(night=night, what=what, state="equal", rows=(1, 1))
        else:
            yield Verdict(night=night, what=what, state="differs", rows=(1, 1), shown=tuple(_page_diff(left, right)))


def _page_diff(left: Row, right: Row) -> list[str]:
    shown = [
        f"{name}: {left[name]} -> {right[name]}" for name in ("status", "type", "location") if left[name] != right[name]
    ]
    lines = unified_diff(str(left["body"]).splitlines(), str(right["body"]).splitlines(), n=0, lineterm="")
    changed = [line.strip()[:WIDE] for line in lines if not line.startswith(("---", "+++", "@@"))]
    return shown + changed[: 2 * SHOWN]
