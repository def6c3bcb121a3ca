"""Whether the check of a pasted text finds what the edition knows of the same document, read with its address.

    python bench/check_text.py --data DIR [--parts documents articles] [--most N] [--show] [--inputs DIR] [--json]

DIR is the data folder of a finished night (`work.db`, `editions/`) of the newsroom, or a folder that `bench/edition.py`
made of real material. Each of its documents that is no record is checked twice: as it would be pasted (title and text,
no day, no address, no links), and as a page (with its day and its links).

| measure | what is counted |
|---|---|
| `papers`, `trials` | papers and trials that the edition ties to a document, and that the check finds |
| `papers_added` | papers that the check names and the edition does not, of all that it names |
| `status` | of those found: what became of them is the same |
| `stage` | documents whose first evidence is the same |
| `warnings` | documents with a warning for which the check gives the same warnings |
| `copies` | documents that the stage `duplicates` calls copies of each other, and that the check names |
| `33: stated` | articles of set 33 that give a DOI, and of which the check names it |
| `33: added` | articles of set 33 for which the check names a paper of this edition by evidence alone |

None of the articles of set 33 is known to report on a paper of the edition, so `added` should be near nothing. `--show`
prints what differs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, Board, Measure
from core.config import load_config
from core.ids import find_ids
from pipeline import check_parts
from publish.check.looking import Parts, Place, first_look, full_look
from publish.earlier_formats import complete

Row = dict[str, Any]
DOCUMENTS = """
SELECT d.id, d.ident, d.title, d.kind FROM document d
WHERE d.kind IN ('news', 'release', 'explainer', 'clinic') ORDER BY d."key" LIMIT ?"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench; the exit code is 2 when there was nothing to check."""
    parser = argparse.ArgumentParser(description="what the check of a text finds of what the edition knows")
    parser.add_argument("--data", type=Path, required=True, help="the data folder of a finished night")
    parser.add_argument("--most", type=int, default=100_000, help="at most so many documents, always the same")
    both = ("documents", "articles")
    parser.add_argument("--parts", nargs="+", choices=both, default=both, help="what is checked (default: both)")
    parser.add_argument("--show", action="store_true", help="print what differs")
    board = Board.start("what the check of a text finds", argv, parser)
    edition = (board.options.data / "editions" / "current.db").resolve()
    checks = Checks(check_parts(load_config(ROOT / "config.toml")), Place(edition=str(edition), site="http://site"))
    work = board.options.data / "work.db"
    if "documents" in board.options.parts:
        _documents(board, checks, work if work.exists() else board.options.data / "data" / "work.db", edition)
    folder = board.find("33") if "articles" in board.options.parts else None
    if folder is not None:
        _articles(board, checks, folder)
    board.found += 1
    return board.finish()


class Checks:
    """Runs the two tasks of a check in this process."""

    def __init__(self, parts: Parts, place: Place) -> None:
        self._parts, self._place = parts, place

    def paste(self, text: str, more: Row | None = None) -> Row:
        """The check of a text; `more` is what a page would say of itself. Raises what the workers would report."""
        first = first_look(self._parts, self._place, {"body": text.encode("utf-8", "replace")})
        if first["kind"] == "list":
            return {"rests_on": [], "labels": [], "warnings": [], "others": []}
        return full_look(self._parts, self._place, {**first["given"], **(more or {})})


def _documents(board: Board, checks: Checks, work: Path, edition: Path) -> None:
    counts: Counter[str] = Counter()
    with closing(_open(edition)) as site, closing(_open(work)) as store:
        complete(site)
        pages = {
            row["id"]: row["url"] for row in site.execute("SELECT id, slug || '-' || \"key\" AS url FROM document")
        }
        for row in site.execute(DOCUMENTS, (board.options.most,)).fetchall():
            stored = store.execute("SELECT * FROM document WHERE id = ?", (row["ident"],)).fetchone()
            if stored is None or not stored["text"].strip():
                continue
            text = f"{stored['title']}\n\n{stored['text']}"
            more = {"published": stored["published"], "links": json.loads(stored["links"])}
            copies = _copies(store, site, row["ident"])
            for name, found in (("pasted", checks.paste(text)), ("page", checks.paste(text, more))):
                differ = list(_compare(name, counts, site, row, found))
                told = {one["page"].rpartition("/")[2] for one in found["others"]}
                counts[f"{name} copies"] += len(copies)
                counts[f"{name} copies good"] += sum(pages[number] in told for number in copies)
                differ += [f"copy not named: {pages[number]}" for number in copies if pages[number] not in told]
                if board.options.show:
                    for line in differ:
                        board.say(f"{name}: {row['title'][:60]}: {line}")
    for name in ("pasted", "page"):
        for what in ("papers", "trials", "status", "stage", "warnings", "copies"):
            _show(board, f"{name}: {what}", counts[f"{name} {what} good"], counts[f"{name} {what}"])
        _show(board, f"{name}: papers_added", counts[f"{name} added"], counts[f"{name} named"])


def _compare(name: str, counts: Counter[str], site: sqlite3.Connection, row: sqlite3.Row, found: Row) -> Iterator[str]:
    """Count what is the same of one document, and say what is not."""
    here = {one.get("ident") or one["identifier"]: one for one in found["rests_on"]}
    known: dict[str, set[str]] = {"paper": set(), "trial": set()}
    for link in site.execute("SELECT relation, ident FROM link WHERE document = ? AND how <> 'none'", (row["id"],)):
        known.setdefault(link["relation"], set()).add(link["ident"])
    for relation, what in (("paper", "papers"), ("trial", "trials")):
        for ident in known[relation]:
            counts[f"{name} {what}"] += 1
            counts[f"{name} {what} good"] += ident in here
            if ident not in here:
                yield f"{relation} not found: {ident}"
            else:
                status = _status(site, ident)
                counts[f"{name} status"] += 1
                counts[f"{name} status good"] += status == _status_found(here[ident])
    named = [ident for ident, one in here.items() if one["relation"] in ("paper", "preprint")]
    counts[f"{name} named"] += len(named)
    added = [ident for ident in named if ident not in known["paper"]]
    counts[f"{name} added"] += len(added)
    yield from (f"paper added: {ident} ({here[ident]['why'][:100]})" for ident in added)
    stages = [one[0] for one in site.execute(
        "SELECT value FROM label WHERE document = ? AND facet = 'evidence' ORDER BY score DESC, value", (row["id"],)
    )]  # fmt: skip
    ours = {one["value"] for one in found["labels"] if one["facet"] == "evidence" and one["sure"]}
    counts[f"{name} stage"] += 1
    good = (set(stages) - {"none"}) == (ours - {"none"})
    counts[f"{name} stage good"] += good
    if not good:
        yield f"stage: {stages}, here {sorted(ours)}"
    warnings = {one[0] for one in site.execute("SELECT kind FROM warning WHERE document = ?", (row["id"],))}
    told = {one["kind"] for one in found["warnings"]} if row["kind"] != "clinic" else set()
    if warnings or told:
        counts[f"{name} warnings"] += 1
        counts[f"{name} warnings good"] += warnings == told
        if warnings != told:
            yield f"warnings: {sorted(warnings)}, here {sorted(told)}"


def _status(site: sqlite3.Connection, ident: str) -> tuple[str, ...]:
    sql = """SELECT status FROM banner b JOIN document d ON d.id = b.document WHERE d.ident = :ident AND b.own = 1
        UNION SELECT status FROM trial_status t JOIN document d ON d.id = t.document
        WHERE d.ident = :ident AND t.own = 1"""
    return tuple(sorted(row[0] for row in site.execute(sql, {"ident": ident})))


def _status_found(record: Row) -> tuple[str, ...]:
    return tuple(sorted(one["status"] for one in (record.get("status"), record.get("trial")) if one))


def _copies(store: sqlite3.Connection, site: sqlite3.Connection, ident: str) -> list[int]:
    """Numbers of the documents that are copies of one, either way round."""
    sql = """SELECT other AS id FROM near_duplicate WHERE document = :id AND relation = 'copy'
        UNION SELECT document FROM near_duplicate WHERE other = :id AND relation = 'copy'"""
    others = json.dumps([row["id"] for row in store.execute(sql, {"id": ident})])
    return [row[0] for row in site.execute(
        "SELECT id FROM document WHERE kind NOT IN ('paper', 'preprint', 'trial')"
        " AND ident IN (SELECT value FROM json_each(?))", (others,)
    )]  # fmt: skip


def _articles(board: Board, checks: Checks, folder: Path) -> None:
    stated = good = added = asked = 0
    for path in sorted(folder.glob("*/*.json.gz"))[: board.options.most]:
        article = json.loads(gzip.decompress(path.read_bytes()))
        text = f"{article.get('title', '')}\n\n{article.get('text', '')}"
        if len(text.split()) < 50:
            continue
        asked += 1
        found = checks.paste(text)
        named = {one["identifier"] for one in found["rests_on"]}
        dois = {f"doi:{hit.value}" for hit in find_ids(text) if hit.scheme == "doi"}
        stated += len(dois)
        good += len(dois & named)
        guessed = [one for one in found["rests_on"] if one["how"] == "evidence"]
        added += bool(guessed)
        for one in guessed if board.options.show else ():
            board.say(f"33: {path.stem[:22]}: names {one['identifier']}: {re.sub('[*]', '', one['why'])[:120]}")
    _show(board, "33: stated", good, stated)
    _show(board, "33: added", added, asked)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _show(board: Board, measure: str, good: int, total: int) -> None:
    value = round(good / total, 3) if total else None
    board.show(Measure(set="check_text", measure=measure, value=value, anchor=None, n=total))


if __name__ == "__main__":
    sys.exit(main())
