"""Cases with their right answers: how many are right, by kind and in all.

    ./run.sh bench cases FOLDER [--kind K …] [--json] [--verbose]

FOLDER is a set of cases. What it holds says which format it has (`bench/case_sets/`, a module a format): calls and
nights (`crawl`), texts (`reading`), questions of the field (`field`), searches (`desk`), or prose. `--kind` takes a
kind or an id, or the beginning of ids (`night-`), and can be repeated.

With `--json` a line is {"set", "measure": "right", "kind", "right", "of"}: one a kind, then "all". A case whose code
crashes is wrong. `--verbose` prints what is wrong with each. Prose is not counted: a person has to carry it out, and
the list names the test that covers it (`bench/case_sets/covered.tsv`). With `--json` everything but figures goes to
stderr. Exit code 2 if there is no such set or kind.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.case_sets import Case, CaseError, Verdict, crawl, desk, field, prose, reading

FORMATS: tuple[ModuleType, ...] = (crawl, desk, field, reading, prose)  # the first that knows the folder reads it


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
    for kind, right, of in totals(verdicts):
        row = {"set": folder.name, "measure": "right", "kind": kind, "right": right, "of": of}
        print(json.dumps(row, ensure_ascii=False) if options.json else f"{kind:<60} {right:>4} of {of:>4}", flush=True)
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


def totals(verdicts: Sequence[Verdict]) -> list[tuple[str, int, int]]:
    """(kind, right, of) for each kind in the order of the file, then for all."""
    kinds = dict.fromkeys(verdict.case.kind for verdict in verdicts)
    rows = [(kind, [not one.wrong for one in verdicts if one.case.kind == kind]) for kind in kinds]
    rows.append(("all", [not one.wrong for one in verdicts]))
    return [(kind, sum(right), len(right)) for kind, right in rows]


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
