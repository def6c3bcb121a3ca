"""One edition of real documents about stem cells, to search in and to look at.

    ./run.sh bench edition --out DIR [--documents N] [--inputs DIR] [--json]

Takes what the sets hold (`edition_sets.py`), writes sources and recorded answers into DIR (lists, pages, feeds and
answers of interfaces in the shapes that our readers read), and carries out a night on them with the real stages. DIR
is kept: `pipeline.py --config DIR/config.toml serve` shows it, and `make_edition` is for other benches. `--documents N`
takes N of the items, the same ones each time. A second night on DIR changes nothing.

Printed are items by set, seconds by stage, peak memory, documents of the edition by kind and source, and what failed.
Exit code 1 when a stage failed or the edition is empty.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.edition_sets import Item, read_items
from bench.measure import Board, Measure
from bench.night import run_night
from bench.recording import Publisher, write_recording
from crawlers.lists.apis import clinicaltrials, pubmed

SET = "edition"
XML = {"content-type": "text/xml; charset=UTF-8"}
JSON = {"content-type": "application/json"}
EUTILS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi"
TRIALS = "clinicaltrials"
KNOWN = "stem cells[MeSH Terms]"  # the search of the source, by which its answer is found again
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one address answers; `prefix`: the address is only the beginning of it."""

    url: str
    name: str
    headers: dict[str, str]
    body: str
    prefix: bool = False
    query: str = ""  # the search that it answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source file with the answers that belong to it."""

    id: str
    toml: str
    answers: tuple[Answer, ...]


def choose(items: Sequence[Item], most: int | None) -> list[Item]:
    """`most` of them, spread over all sets by a hash of their names; all, where no number is given."""
    if most is None or most >= len(items):
        return list(items)
    kept = set(sorted(range(len(items)), key=lambda at: _hash(items[at]))[:most])
    return [item for at, item in enumerate(items) if at in kept]


def _hash(item: Item) -> str:
    return hashlib.sha256(f"{item.form} {item.key}".encode()).hexdigest()


def write_newsroom(items: Sequence[Item], folder: Path) -> None:
    """Write sources, answers and config for a night over these items into `folder`."""
    write_recording(list(_publishers(items)), folder)
    newsroom = folder / "newsroom"
    with (newsroom / "index.jsonl").open("a", encoding="utf-8") as index:
        for source in (_pubmed(items), *_trials(items), _journal(items)):
            if source is None:
                continue
            (folder / "sources" / f"{source.id}.toml").write_text(source.toml, "utf-8")
            for answer in source.answers:
                (newsroom / "made" / answer.name).write_text(answer.body, "utf-8")
                row = {"url": answer.url, "status": 200, "headers": answer.headers, "file": f"made/{answer.name}"}
                index.write(json.dumps(row | ({"match": "prefix"} if answer.prefix else {})) + "\n")


def _publishers(items: Iterable[Item]) -> Iterator[Publisher]:
    """Pages and feeds by their host."""
    found: dict[str, Publisher] = {}
    for item in items:
        if item.form not in ("page", "feed"):
            continue
        made = Publisher(host=item.host, kind=item.kind)
        publisher = found.setdefault(made.id, made)
        if item.form == "feed":
            publisher.feeds.append((item.url, item.body, item.shape))
        else:
            publisher.pages.append((item.url, item.body))
    yield from found.values()


def _pubmed(items: Iterable[Item]) -> Source | None:
    """A search that names the records, and the records in hundreds, as they are asked for."""
    records = {item.key: item.body for item in items if item.form == "citation"}
    if not records:
        return None
    named = "".join(f"<Id>{number}</Id>" for number in records)
    found = (
        f"<eSearchResult><Count>{len(records)}</Count><RetMax>{len(records)}</RetMax>"
        f"<RetStart>0</RetStart><IdList>{named}</IdList></eSearchResult>"
    )
    answers = [Answer(url=EUTILS, name="pubmed.search.xml", headers=XML, body=found, prefix=True)]
    for number, url in enumerate(pubmed.records(list(records))):
        asked = "\n".join(records[name] for name in pubmed.named(url))
        body = f'<?xml version="1.0" ?>\n<PubmedArticleSet>\n{asked}\n</PubmedArticleSet>'
        answers.append(Answer(url=url, name=f"pubmed.{number}.xml", headers=XML, body=body))
    toml = _toml(
        "PubMed: stem cells", "journal", ["pubmed", KNOWN], scope="mixed", home="https://pubmed.ncbi.nlm.nih.gov"
    )
    return Source(id="pubmed_stem_cells", toml=toml, answers=tuple(answers))


def _trials(items: Iterable[Item]) -> Iterator[Source]:
    """Two sources: a search for stem cells, in which everything is in scope, and whatever else names them."""
    by_shape: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        if item.form == "study":
            by_shape[item.shape].append(item.body)
    searched, others = by_shape.pop("fields", []), []
    if full := by_shape.get("full"):
        others.append(_trial("full", {"FullStudiesResponse": {"NStudiesReturned": len(full), "FullStudies": full}}))
    if studies := by_shape.get("v2"):
        others.append(_trial("v2", {"studies": studies}))
    others += [_trial(f"xml {number}", body) for number, body in enumerate(by_shape.get("xml", ()))]
    home = "https://clinicaltrials.gov"
    if searched:
        said = {"StudyFieldsResponse": {"NStudiesReturned": len(searched), "StudyFields": searched}}
        toml = _toml("ClinicalTrials.gov: stem cells", "registry", [TRIALS, "fields"], scope="all", home=home)
        yield Source(id="clinicaltrials_stem_cells", toml=toml, answers=(_trial("fields", said),))
    if others:
        named = [TRIALS, *(answer.query for answer in others)]
        toml = _toml("ClinicalTrials.gov: others", "registry", named, scope="mixed", home=home)
        yield Source(id="clinicaltrials_others", toml=toml, answers=tuple(others))


def _trial(query: str, body: Row | str) -> Answer:
    """The answer to a search in the registry of trials."""
    xml = isinstance(body, str)
    return Answer(
        url=f"{clinicaltrials.BASE}?{urlencode({'query.term': query})}&", name=f"trials.{query.replace(' ', '.')}",
        headers=XML if xml else JSON, body=str(body) if xml else json.dumps(body), prefix=True, query=query,
    )  # fmt: skip


def _journal(items: Iterable[Item]) -> Source | None:
    """A feed with title, authors and abstract of each; the days are not known."""
    entries = [item for item in items if item.form == "entry"]
    if not entries:
        return None
    url = "https://papers.example/feed.xml"
    listed = "".join(
        f"<item><title>{escape(item.body['title'])}</title><link>{item.url}</link><guid>{item.url}</guid>"
        + "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in item.body["authors"])
        + f"<description>{escape(item.body['abstract'])}</description></item>"
        for item in entries
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel><title>Stem cells for spinal cord injury</title><link>https://papers.example/</link>"
        f"<description>Papers</description>{listed}</channel></rss>"
    )
    toml = (
        'name = "Papers on spinal cord injury"\nkind = "journal"\nlang = "en"\nlicence = "abstract"\nscope = "all"\n'
        'about = "A list of papers on stem cells for spinal cord injury."\nallow_private = true\n'
        f"[[feed]]\nurl = {json.dumps(url)}\n[page]\nfetch = false\n"
    )
    answer = Answer(url=url, name="papers.xml", headers={"content-type": "application/rss+xml"}, body=body)
    return Source(id="papers_spinal_cord", toml=toml, answers=(answer,))


def _toml(name: str, kind: str, asked: Sequence[str], *, scope: str, home: str) -> str:
    """A source file that asks an interface (the first of `asked`) for each of the others."""
    api, *queries = asked
    rules = "".join(f"[[api]]\napi = {json.dumps(api)}\nquery = {json.dumps(query)}\nmax = 5000\n" for query in queries)
    return (
        f'name = {json.dumps(name)}\nkind = "{kind}"\nlang = "en"\nlicence = "full"\nscope = "{scope}"\n'
        f'about = "Records that were kept of this service."\nhome = "{home}"\nallow_private = true\n'
        f"{rules}[page]\nfetch = false\n"
    )


def make_edition(inputs: Path, folder: Path, most: int | None = None) -> tuple[list[Item], list[Row]]:
    """Choose, write and run the night in `folder`: the items, and what each stage reports."""
    items = choose(read_items(inputs), most)
    if not items:
        return [], []
    write_newsroom(items, folder)
    return items, run_night(folder)


def count_documents(folder: Path) -> dict[str, Counter[str]]:
    """Documents of the edition by kind, by source and by language; entries that made none, by stage and reason."""
    found: dict[str, Counter[str]] = {}
    with closing(sqlite3.connect(f"file:{(folder / 'editions' / 'current.db').resolve()}?mode=ro", uri=True)) as db:
        for column in ("kind", "source", "lang"):
            rows = db.execute(f"SELECT coalesce({column}, '?'), count(*) FROM document GROUP BY 1")
            found[column] = Counter(dict(rows.fetchall()))
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'work.db'}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT stage || '_' || state, count(*) FROM outcome WHERE state <> 'done' GROUP BY 1")
        found["outcome"] = Counter(dict(rows.fetchall()))
        rows = db.execute("SELECT value, count(*) FROM label WHERE facet = 'scope' GROUP BY 1")
        found["scope"] = Counter(dict(rows.fetchall()))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="make it here and keep it (default: a temporary folder)")
    parser.add_argument("--documents", type=int, help="how many items at most (default: all)")
    board = Board.start("an edition of real documents", argv, parser)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (board.options.out or Path(temporary)).resolve()
        items, reports = make_edition(board.inputs, folder, board.options.documents)
        if not items:
            board.say(f"no sets in {board.inputs}")
            return 2
        board.found = 1
        _show(board, SET, "items", Counter(item.set for item in items))
        for report in reports:
            board.show(
                Measure(
                    set=SET,
                    measure=f"{report['stage']}_seconds",
                    value=round(report["seconds"], 1),
                    anchor=None,
                    n=report["seen"],
                )
            )
        counted = count_documents(folder)
    for name, counts in counted.items():
        _show(board, f"{SET}.{name}", name, counts)
    total = counted["kind"].total()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    for measure, value in (("documents", total), ("seconds", time.monotonic() - begun), ("peak_memory_mb", memory)):
        board.show(Measure(set=SET, measure=measure, value=round(value, 1), anchor=None, n=len(items)))
    return 0 if total and not any(report.get("failed") for report in reports) else 1


def _show(board: Board, name: str, what: str, counts: Counter[str]) -> None:
    for value, number in sorted(counts.items()):
        board.show(Measure(set=name, measure=f"{what}_{value}", value=number, anchor=None, n=counts.total()))


if __name__ == "__main__":
    sys.exit(main())
