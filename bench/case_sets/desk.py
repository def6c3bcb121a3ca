"""Cases of search: what people type, and the stories that must come.

`queries.jsonl` has a query a line: `q`, `stories` (addresses of documents, a list a story), `best_first` (addresses),
`must` (every address that should come), `why` (the kind). They are asked of the edition of the set's own `newsroom/`.

A query is right when every one of its stories, at most ten, has a document among the first ten hits, and, where
`best_first` has 1 to 6 addresses, one of them is the first hit. With an empty `must` it is right when nothing comes in
the first group of hits. A hit that folds others counts for all of them.

`cases.jsonl` is prose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.case_sets import Case, Verdict, attempt, fingerprint, prose, rows_of
from bench.case_sets.nights import Answer, Edition, Hit, edition_of

FIRST = 10  # hits that a reader looks at
FEW = 6  # so many addresses at most make `best_first` a claim about the first hit


def is_mine(folder: Path) -> bool:
    """Whether the folder has queries."""
    return bool(rows_of(folder / "queries.jsonl"))


def read(folder: Path) -> list[Case]:
    """The queries of the folder, then its prose."""
    rows = rows_of(folder / "queries.jsonl")
    queries = [Case(id=f"q-{fingerprint(row['q'])}", kind=row["why"], row=row) for row in rows]
    return [*queries, *prose.read(folder)]


def judge(folder: Path, cases: Sequence[Case]) -> Iterator[Verdict]:
    """Build the edition, ask each query, judge its answer."""
    with edition_of(folder / "newsroom") as edition:
        for case in cases:
            yield Verdict(case=case, wrong=attempt(_check, edition, case.row))


def _check(edition: Edition, row: Mapping[str, Any]) -> Iterator[str]:
    yield from wrong_in(edition.search(row["q"]), row)


def wrong_in(answer: Answer, row: Mapping[str, Any]) -> Iterator[str]:
    """What is not as the query's row wants it."""
    if not row["must"]:
        first = answer.groups[0] if answer.groups else ()
        if first:
            yield f"{len(first)} hits, wanted none"
        return
    hits = answer.hits[:FIRST]
    missed = [story for story in row["stories"] if not any(hit & set(story) for hit in hits)]
    wanted = min(FIRST, len(row["stories"]))
    found = len(row["stories"]) - len(missed)
    if found < wanted:
        yield f"{found} of {wanted} stories among the first {FIRST} of {len(answer.hits)} hits; missed {missed[0][0]}"
    if 1 <= len(row["best_first"]) <= FEW and not (hits and hits[0] & set(row["best_first"])):
        yield f"first is {_named(hits[0]) if hits else 'nothing'}, wanted one of {', '.join(row['best_first'])}"


def _named(hit: Hit) -> str:
    return " and ".join(sorted(hit))
