"""Cases of text -> meaning: what `pipeline.py read --json` must find in a text.

`right` of a row says which of these must hold (surfaces are compared without case, spaces and article):

- has, hasnt: pairs of type and surface that must or must not be among the mentions.
- concept: surface -> identifier. `a|b` is either, `none` also allows a mention without a concept, `!x` is anything but
  x, `ROR:*` any identifier of that registry.
- labels: name -> value, as `read` gives them; lists are compared as sets.
- figures: objects with `value` and some of unit, subject, period, modifier and the like. One figure must fit in all:
  the subject is part of the subject found, `a|b` is either, `!x` anything but x, null must be null.
- no_figures: values that no figure may have.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.case_sets import Case, CaseError, Verdict, attempt, rows_of, short
from bench.measure import ROOT

Reading = Mapping[str, Any]

_ARTICLE = re.compile(r"^(?:the|a|an) ")


def is_mine(folder: Path) -> bool:
    """Whether the folder's cases are texts with what is right of them."""
    return any("text" in row and isinstance(row.get("right"), dict) for row in rows_of(folder / "cases.jsonl"))


def read(folder: Path) -> list[Case]:
    """The cases of the folder."""
    return [Case(id=row["id"], kind=row["kind"], row=row) for row in rows_of(folder / "cases.jsonl")]


def judge(folder: Path, cases: Sequence[Case]) -> Iterator[Verdict]:
    """Read all texts at once, then judge each."""
    readings = read_texts([case.row["text"] for case in cases])
    for case, reading in zip(cases, readings, strict=True):
        yield Verdict(case=case, wrong=attempt(wrong_in, reading, case.row["right"]))


def read_texts(texts: Sequence[str], *, country: str | None = None) -> list[Reading | str]:
    """What `pipeline.py read --json` says of each text; for a text that ended the command, its last line of stderr.

    The command reads file after file, so the first one without an answer is the one that ended it. The others are
    read by another run.
    """
    readings: dict[int, Reading | str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for number, text in enumerate(texts):
            (Path(temporary) / f"{number}.txt").write_text(text + "\n", "utf-8")
        while waiting := [number for number in range(len(texts)) if number not in readings]:
            command = [sys.executable, "pipeline.py", "read", "--json", *(["--country", country] if country else [])]
            done = subprocess.run(
                [*command, *(f"{temporary}/{number}.txt" for number in waiting)], cwd=ROOT, capture_output=True,
                text=True, check=False,
            )  # fmt: skip
            found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
            readings |= {int(one["doc"]): one for one in found}
            lost = next((number for number in waiting if number not in readings), None)
            if lost is not None:
                last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
                readings[lost] = f"read ended with {done.returncode}: {last}"
    return [readings[number] for number in range(len(texts))]


def wrong_in(reading: Reading | str, right: Mapping[str, Any]) -> Iterator[str]:
    """What does not hold of a reading, a line each."""
    if isinstance(reading, str):
        raise CaseError(reading)
    for name, wanted in right.items():
        if name not in CHECKS:
            raise CaseError(f"the format has no {name!r}: one of {', '.join(CHECKS)}")
        yield from CHECKS[name](reading, wanted)


def fold(surface: str) -> str:
    """A surface as it is compared.

    >>> fold("The  University of X")
    'university of x'
    """
    return _ARTICLE.sub("", " ".join(surface.split()).lower())


def _named(reading: Reading) -> set[tuple[str, str]]:
    return {(one["type"], fold(one["surface"])) for one in reading["mentions"]}


def _has(reading: Reading, wanted: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield from (f"no {kind} {name!r}" for kind, name in wanted if (kind, fold(name)) not in _named(reading))


def _hasnt(reading: Reading, wanted: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield from (f"false {kind} {name!r}" for kind, name in wanted if (kind, fold(name)) in _named(reading))


def _concept(reading: Reading, wanted: Mapping[str, str]) -> Iterator[str]:
    for surface, meant in wanted.items():
        got = {one["concept"] for one in reading["mentions"] if fold(one["surface"]) == fold(surface)}
        if not is_meant(got, meant):
            yield f"{surface!r} is {sorted(map(str, got))}, wanted {meant}"


def is_meant(got: set[str | None], meant: str) -> bool:
    """Whether the concepts of a surface's mentions are as the case means them."""
    if meant.startswith("!"):
        return meant[1:] not in got
    if meant.endswith(":*"):
        return any(one is not None and one.startswith(meant[:-1]) for one in got)
    either = set(meant.split("|"))
    return bool(got & either) or ("none" in either and got <= {None})


def _labels(reading: Reading, wanted: Mapping[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        got = reading["labels"][name]
        if (set(got) != set(value)) if isinstance(value, list) else got != value:
            yield f"{name} is {got!r}, wanted {value!r}"


def _figures(reading: Reading, wanted: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for figure in wanted:
        if not any(all(fits(one[name], name, value) for name, value in figure.items()) for one in reading["figures"]):
            shown = [[one[name] for name in ("value", "unit", "subject", "period")] for one in reading["figures"]]
            yield f"no figure {short(figure)}; there are {short(shown)}"


def fits(got: Any, name: str, wanted: Any) -> bool:
    """Whether a field of a figure is as a case wants it."""
    if name == "value":
        return bool(got == wanted)
    if name == "subject":
        return str(wanted) in str(got)
    if wanted is None:
        return got is None
    if isinstance(wanted, str) and wanted.startswith("!"):
        return str(got) != wanted[1:]
    return str(got) in str(wanted).split("|")


def _no_figures(reading: Reading, wanted: Sequence[float]) -> Iterator[str]:
    values = {one["value"] for one in reading["figures"]}
    yield from (f"false figure {value}" for value in wanted if value in values)


CHECKS: dict[str, Callable[[Reading, Any], Iterator[str]]] = {
    "has": _has, "hasnt": _hasnt, "concept": _concept, "labels": _labels, "figures": _figures,
    "no_figures": _no_figures,
}  # fmt: skip
