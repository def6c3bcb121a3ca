"""Real pages and the verdict on them: how many good pages are judged to be something else.

Sets 01, 02 and 03 are real pages of articles, each with its address and mostly its title. Every page is inspected and
judged as in a night, a host as a source, with three things that a list may give: the title, no title (a sitemap), and
the words of the address as a poor title. `good_pages_judged_worse` counts verdicts that are not "page": wanted is 0.
`revisit_judged_worse` is the same for a second visit that gives the same page. `one_page_for_all_found` goes the other
way: each host with three pages and more answers with its first page for all of them; counted is the share of the others
that are not believed. With `--verbose`, each false verdict is named on stderr.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import Board, Measure
from crawlers.addresses import host_of
from crawlers.documents.judge_page import AnswerRow, Others, make_evidence
from crawlers.documents.verdict import PAGE, Verdict, judge, load_signs
from crawlers.pages.facts import find_facts

SETS = ("01", "02", "03")
WORDS = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A page of a set."""

    file: Path
    url: str
    title: str


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbose", action="store_true", help="tell each false verdict")
    board = Board.start("verdicts on real pages", argv, parser)
    for number in SETS:
        folder = board.find(number)
        if folder is None:
            continue
        items = list(read_items(folder))
        for kind in ("title", "none", "address"):
            rows = [make_row(item, asked_of(item, kind), item) for item in items]
            count(board, folder.name, f"good_pages_judged_worse.{kind}", items, rows)
            if kind == "title":
                count(board, folder.name, "revisit_judged_worse", items, rows, again=True)
        one_page_for_all(board, folder.name, items)
    return board.finish()


def read_items(folder: Path) -> Iterator[Item]:
    """The pages of a set that have an address."""
    for row in json.loads((folder / "ground-truth.json").read_text("utf-8")):
        url = (row.get("url") or "").strip()
        title = row.get("title") or (row.get("expected") or {}).get("title") or ""
        if host_of(url):
            yield Item(file=folder / row["file"], url=url, title=title)


def asked_of(item: Item, kind: str) -> str:
    """What a list gives as the title."""
    if kind == "none":
        return ""
    last = unquote(urlsplit(item.url).path).rstrip("/").rpartition("/")[2]
    slug = " ".join(WORDS.findall(last.rpartition(".")[0] or last))
    return slug if kind == "address" else item.title


def make_row(item: Item, asked: str, page: Item) -> AnswerRow:
    """The answer of an item, as the stage reads it; `page` is what comes."""
    body = gzip.decompress(page.file.read_bytes())
    known = load_signs()
    facts = find_facts(
        body, url=item.url, content_type="text/html", asked=asked, marks=known["challenge"]["marks"],
        phrases=known["phrases"],
    )  # fmt: skip
    return AnswerRow(
        source=host_of(item.url), entry=item.url, capture=item.url, first="1", last="1", asked_title=asked,
        url=item.url, final_url=item.url, status=200, form=facts.form, title=facts.title, words=facts.words,
        lines=json.dumps(facts.lines), asked_in_title=facts.asked_in_title, asked_in_text=facts.asked_in_text,
        signs=json.dumps(facts.signs),
    )  # fmt: skip


def judge_rows(rows: Sequence[AnswerRow], *, again: bool = False) -> list[Verdict]:
    """One verdict a row, next to the others of its host. `again`: on a second visit that gives the same."""
    hosts: dict[str, list[AnswerRow]] = defaultdict(list)
    for row in rows:
        hosts[row["source"]].append(row)
    others = {host: Others(own) for host, own in hosts.items()}
    answers = [others[row["source"]].compare(row) for row in rows]
    return [judge(make_evidence(answer, answer if again else None)) for answer in answers]


def count(
    board: Board, name: str, measure: str, items: Sequence[Item], rows: Sequence[AnswerRow], *, again: bool = False
) -> None:  # fmt: skip
    """Show how many of the pages are not judged to be pages."""
    verdicts = judge_rows(rows, again=again)
    wrong = [(item, verdict) for item, verdict in zip(items, verdicts, strict=True) if verdict.kind != PAGE]
    if board.options.verbose:
        for item, verdict in wrong:
            board.say(f"{measure}: {verdict.kind} ({verdict.why}): {item.url} {item.title!r}")
    board.show(Measure(set=name, measure=measure, value=len(wrong), anchor=None, n=len(rows)))


def one_page_for_all(board: Board, name: str, items: Sequence[Item]) -> None:
    """Show how many items are not believed when their host answers with one page for all of them."""
    hosts: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.title:
            hosts[host_of(item.url)].append(item)
    rows = [make_row(item, item.title, own[0]) for own in hosts.values() if len(own) > 2 for item in own]
    others = [verdict for row, verdict in zip(rows, judge_rows(rows), strict=True) if (row["asked_in_title"] or 0) < 1]
    found = sum(verdict.kind != PAGE for verdict in others)
    share = found / len(others) if others else None
    board.show(Measure(set=name, measure="one_page_for_all_found", value=share, anchor=None, n=len(others)))


if __name__ == "__main__":
    sys.exit(main())
