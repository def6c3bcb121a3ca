"""Set 26, Retraction Watch: every row a notice, with nature, days and reasons; and the join by identifier.

Rows are read here by the csv module alone. `join`: for each row that has an identifier of the paper, a paper known by
that identifier, in whatever spelling (prefix, address, capitals), finds the row's notice with its nature and day.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bench.exact.recorded import Row, answer, load_body, load_truth
from core.ids import normalise
from crawlers.lists.apis import ApiError, retraction_watch

NATURES = {
    "Retraction": "retraction", "Expression of concern": "concern", "Correction": "correction",
    "Reinstatement": "reinstatement",
}  # fmt: skip
SPELLINGS = ("{}", "https://doi.org/{}", "doi: {}", "{}.", "http://dx.doi.org/{}")


def rows(folder: Path) -> Iterator[Row]:
    truth = load_truth(folder)
    for path in sorted(folder.glob("*.csv*")):
        body = load_body(path)
        index = answer(retraction_watch, body, retraction_watch.BASE)
        if isinstance(index, ApiError):
            yield "rows", truth["rows"], str(index), path.name
            continue
        held = list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))
        yield "rows", truth["rows"], len(index.entries), path.name
        yield "names", len(held), len({entry.native for entry in index.entries}), path.name
        natures = Counter(notice["nature"] for entry in index.entries for notice in entry.extra.get("notices", [])[:1])
        yield "nature", {NATURES[key]: n for key, n in truth["nature"].items()}, dict(natures), path.name
        yield (
            "original_dois",
            truth["original_dois"],
            sum(
                notice["about"].startswith("doi:")
                for entry in index.entries
                for notice in entry.extra.get("notices", [])[:1]
            ),
            path.name,
        )
        notices: dict[str, set[tuple[str, str]]] = {}
        for entry in index.entries:
            for notice in entry.extra.get("notices", []):
                notices.setdefault(notice["about"], set()).add((notice["nature"], notice["day"]))
        for number, (row, entry) in enumerate(zip(held, index.entries, strict=False)):
            where = f"{path.name} row {number + 1}"
            day, paper = _day(row["retractiondate"]), _day(row["originalpaperdate"])
            notice = entry.extra.get("notices", [{"day": None, "notice": None, "reasons": []}])[0]
            yield "day", day, notice["day"], where
            yield "paper_day", paper, entry.extra.get("dates", {}).get("paper"), where
            own = row["retractiondoi"] if row["retractiondoi"].startswith("10.") else None
            yield "notice", f"doi:{own.lower()}" if own else None, notice["notice"], where
            reasons = re.findall(r"\+([^'\"]+?)\s*['\"]", row["reason"])
            yield "reasons", [" ".join(each.split()) for each in dict.fromkeys(reasons)], notice["reasons"], where
            if not row["originalpaperdoi"].startswith("10."):
                continue
            spelt = SPELLINGS[number % len(SPELLINGS)].format(row["originalpaperdoi"].upper())
            found = notices.get(f"doi:{normalise('doi', spelt)}", set())
            yield "join", True, (NATURES[row["retractionnature"]], day) in found, f"{where} {spelt}"


def _day(raw: str) -> str:
    return datetime.strptime(raw.split()[0], "%m/%d/%Y").date().isoformat()
