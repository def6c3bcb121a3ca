"""Cases with their right answers: how many are right, by kind and in all.

    ./run.sh bench cases FOLDER [--kind K …] [--json] [--verbose]

FOLDER is a set of cases. What it holds says which format it has (`bench/case_sets/`, a module a format): calls and
nights (`crawl`), texts (`reading`), questions of the field (`field`), searches (`desk`), or prose. `--kind` takes a
kind or an id, or the beginning of ids (`night-`), and can be repeated.

With `--json` a line is {"set", "measure": "right", "kind", "right", "of", "value", "anchor", "n"}: one a kind, one a
group (`bench/case_sets/groups.toml`: kinds and ids that belong together, with what was right before as the anchor),
then "all". A case whose code crashes is wrong. `--verbose` prints what is wrong with each. Prose is not counted: a
person has to carry it out, and the list names the test that covers it (`bench/case_sets/covered.tsv`). With `--json`
everything but figures goes to stderr. Exit code 2 if there is no such set or kind.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.case_sets import Case, CaseError, Verdict, crawl, desk, field, prose, reading

GROUPS = Path(__file__).parent / "case_sets" / "groups.toml"
FORMATS: tuple[ModuleType, ...] = (crawl, desk, field, reading, prose)  # the first that knows the folder reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cases that are counted together, and how many of them were right before."""

    name: str
    was: int
    cases: tuple[str, ...]  # kinds or ids


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a set of cases")
    parser.add_argument("--kind", action="append", default=[], help="only this kind, id or beginning of ids")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--verbose", action="store_true", help="say of each case what came and what was wanted")
    options = parser.parse_args(argv)
    folder: Path = options.folder.resolve()
    notes = sys.stderr if options.json else sys.stdout
    try:
        form = format_of(folder)
        cases = pick(form.read(folder), options.kind)
        verdicts: list[Verdict] = []
        for verdict in form.judge(folder, [case for case in cases if not case.prose]):
            verdicts.append(verdict)
            if options.verbose:
                print(*describe(verdict), sep="\n", file=notes, flush=True)
    except CaseError as error:
        print(f"cases: {error}", file=sys.stderr)
        return 2
    for kind, right, of, was in totals(verdicts, load_groups(folder.name)):
        row = {"set": folder.name, "measure": "right", "kind": kind, "right": right, "of": of}
        row |= {"value": right / of if of else None, "anchor": was / of if was is not None else None, "n": of}
        line = f"{kind:<60} {right:>4} of {of:>4}" + ("" if was is None else f", before {was}")
        print(json.dumps(row, ensure_ascii=False) if options.json else line, flush=True)
    for case, line in covered(cases, prose.load_covered()):
        print(line, file=notes)
        if options.verbose:
            print(f"      {prose.wording(case.row)}", file=notes)
    return 0


def format_of(folder: Path) -> ModuleType:
    """The module that reads the folder's format. Raises CaseError where none does."""
    if not folder.is_dir():
        raise CaseError("there is no such folder", where=str(folder))
    for form in FORMATS:
        if form.is_mine(folder):
            return form
    raise CaseError("no cases: cases.jsonl or queries.jsonl is expected", where=str(folder))


def pick(cases: Sequence[Case], wanted: Sequence[str]) -> list[Case]:
    """The cases of these kinds or ids; all of them where nothing is wanted. Raises CaseError for an unknown one.

    A kind or id that fits exactly comes before ids that begin so.
    """
    if not wanted:
        return list(cases)
    chosen: set[str] = set()
    for name in wanted:
        found = {case.id for case in cases if name in (case.kind, case.id)}
        found = found or {case.id for case in cases if case.id.startswith(name)}
        if not found:
            kinds = ", ".join(sorted({case.kind for case in cases}))
            raise CaseError(f"no kind or id is {name!r}; the kinds are: {kinds}")
        chosen |= found
    return [case for case in cases if case.id in chosen]


def load_groups(name: str, path: Path = GROUPS) -> list[Group]:
    """The groups of a set."""
    rows = tomllib.loads(path.read_text("utf-8"))["group"]
    return [Group(name=row["name"], was=row["was"], cases=tuple(row["cases"])) for row in rows if row["set"] == name]


def totals(verdicts: Sequence[Verdict], groups: Sequence[Group] = ()) -> list[tuple[str, int, int, int | None]]:
    """(kind, right, of, right before) for each kind in the order of the file, for each group, then for all.

    A group is left out where one of its kinds or ids was not run.
    """
    rows: list[tuple[str, list[Verdict], int | None]] = []
    for kind in dict.fromkeys(verdict.case.kind for verdict in verdicts):
        rows.append((kind, [one for one in verdicts if one.case.kind == kind], None))
    known = {name for verdict in verdicts for name in (verdict.case.kind, verdict.case.id)}
    for group in groups:
        if known.issuperset(group.cases):
            wanted = set(group.cases)
            rows.append((group.name, [one for one in verdicts if {one.case.kind, one.case.id} & wanted], group.was))
    rows.append(("all", list(verdicts), None))
    return [(name, sum(not one.wrong for one in some), len(some), was) for name, some, was in rows]


def describe(verdict: Verdict) -> list[str]:
    """A verdict for people: one line, and one more for each thing that is wrong."""
    return [f"{'WRONG' if verdict.wrong else 'right'} {verdict.case.id}", *(f"      {line}" for line in verdict.wrong)]


def covered(cases: Sequence[Case], tests: Mapping[tuple[str, str], Sequence[str]]) -> list[tuple[Case, str]]:
    """Each prose case with its line: its id, the fingerprint of what it asks, and the tests that cover it."""
    lines = []
    for case in cases:
        if case.prose:
            key = case.id, prose.asks(case.row)
            lines.append((case, f"{case.id:<32} {key[1]}  {', '.join(tests.get(key, [prose.NONE_YET]))}"))
    return lines


if __name__ == "__main__":
    sys.exit(main())
