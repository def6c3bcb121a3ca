"""How often news finds its paper, compared with TF-IDF alone in the same run; and how many retractions find theirs.

    python bench/links.py [--inputs DIR] [--json] [--fit FILE]

| set | measure | what is counted |
|---|---|---|
| 32 | `top1` | news excerpts (each once) whose first paper is one that the set pairs them with |
| 32 | `recall_at_p95` | the largest share of them accepted and right under one threshold at precision 0.95 |
| 32 | `top1_by_pair` | rows whose first paper is their own (an excerpt of two papers has one at best) |
| 33 | `precision`, `recall` | articles that name a journal, an author or an institution (`articles.py`) |
| 33 | `papers_per_second` | articles asked a second, times the papers that each is held against |
| 26 | `join` | rows with an identifier whose notice meets the work, with its nature and day |

Candidates are the titles and abstracts of sets 20, 21 (titles alone), 32 and 34 under `--inputs`, as many as are
there. The anchor of set 32 is scikit-learn's TF-IDF over the same texts: sublinear, English stop words, cosine; its
own threshold is the cosine. When the weights that ship were fitted on the very set under `--inputs`, every excerpt is
ranked by weights fitted without it (eight folds, no paper in two), so that the figures are held out. `--fit` fits
them anew.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.articles import load_frames, load_works, make_articles
from bench.measure import Board, Measure, find_set
from core.ids import normalise
from crawlers.lists.apis import retraction_watch
from crawlers.lists.apis.medline import read_files
from crawlers.lists.model import ListEntry
from relations.links.journal_names import Journals
from relations.links.literature import Literature, Paper, load_weights
from relations.links.paper_finder import PaperFinder
from relations.works import Claim, find_works
from training.papers import Pair, fit, held_out, recall_at

_FETCHED = "2026-11-22T00:00:00Z"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench; the exit code is 2 when no set was there."""
    parser = argparse.ArgumentParser(description="how often news finds its paper")
    parser.add_argument("--fit", type=Path, metavar="FILE", help="fit the weights anew and write them here")
    board = Board.start("how often news finds its paper", argv, parser)
    folder = board.find("32")
    if folder is not None:
        _excerpts(board, folder)
    releases, records = board.find("33"), find_set(board.inputs, "20")
    if releases is not None and records is not None:
        _articles(board, releases, records)
    retractions = board.find("26")
    if retractions is not None:
        _join(board, retractions)
    return board.finish()


def _articles(board: Board, releases: Path, records: Path) -> None:
    """Half of the made articles (the other half set the weights), each with its paper and without it."""
    journals = Journals()
    works, papers = load_works(load_records(records), journals)
    articles = [one for one in make_articles(works, papers, load_frames(releases), journals) if one.odd]
    finder = PaperFinder(works, papers, journals)
    linked = right = asked = 0
    start = time.process_time()
    for article in articles:
        found = finder.find(article.news).work
        asked += 1
        linked += found is not None
        right += found is not None and found == article.paper
        if article.paper is not None:
            linked += finder.find(article.news, without=frozenset({article.paper})).work is not None
            asked += 1
    speed = asked * len(works) / (time.process_time() - start)
    about = sum(article.paper is not None for article in articles)
    name = releases.name
    board.show(Measure(set=name, measure="precision", value=right / linked if linked else None, anchor=None, n=linked))
    board.show(Measure(set=name, measure="recall", value=right / about if about else None, anchor=None, n=about))
    board.show(Measure(set=name, measure="papers_per_second", value=round(speed), anchor=None, n=asked))


def _join(board: Board, folder: Path) -> None:
    """Each row's DOI, read here by itself, against the notices that the parser gives, through `find_works`."""
    met = total = 0
    for path in sorted([*folder.glob("*.csv.gz"), *folder.glob("*.csv")]):
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        index = retraction_watch.parse(data, url=path.name, fetched=_FETCHED)
        said = {
            (notice["about"], notice["nature"], notice["day"])
            for entry in index.entries for notice in entry.extra.get("notices") or ()
        }  # fmt: skip
        about = sorted({one[0] for one in said})
        works = find_works([Claim(entry=name, title="", identifiers=(name,)) for name in about])
        for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"))):
            plain = {re.sub(r"\W", "", key).lower(): value or "" for key, value in row.items() if key}
            doi = normalise("doi", plain.get("originalpaperdoi", ""))
            if doi is None:
                continue
            total += 1
            nature = retraction_watch.NATURES.get(plain.get("retractionnature", "").strip().lower())
            day = retraction_watch.find_day(plain.get("retractiondate", ""))
            met += works.work.get(f"doi:{doi}") == f"doi:{doi}" and (f"doi:{doi}", nature, day) in said
    board.show(Measure(set=folder.name, measure="join", value=met / total if total else None, anchor=None, n=total))


def _excerpts(board: Board, folder: Path) -> None:
    pairs, rows = load_pairs(folder)
    literature = load_candidates(board.inputs, folder)
    board.say(f"{folder.name}: {len(pairs)} excerpts, {len(literature.papers)} candidates")
    corpus = hashlib.sha256((folder / "ground-truth.json").read_bytes()).hexdigest()
    if board.options.fit:
        said = fit(pairs, literature, board.options.fit, corpus)
        board.say(", ".join(f"{name} {value:.3f}" for name, value in said.items()) + " (held out)")
        load_weights.cache_clear()
    if corpus == load_weights().corpus:
        board.say(f"{folder.name}: the weights were fitted on this set; ranked by folds without each excerpt")
        ranked = held_out(pairs, literature)
    else:
        ranked = [literature.rank(pair.text) for pair in pairs]
    first = {
        pair.text: literature.papers[found[0].at].id if found else "" for pair, found in zip(pairs, ranked, strict=True)
    }
    sure = [found[0].sure if found else 0.0 for found in ranked]
    anchor, cosines = _tfidf(pairs, literature)
    _show(board, folder.name, pairs, first, sure, anchor, cosines)
    own = float(np.mean([first[text] == paper for text, paper in rows]))
    theirs = float(np.mean([anchor[text] == paper for text, paper in rows]))
    board.show(Measure(set=folder.name, measure="top1_by_pair", value=own, anchor=theirs, n=len(rows)))


def _show(
    board: Board, name: str, pairs: Sequence[Pair], ours: dict[str, str], sure: Sequence[float],
    theirs: dict[str, str], cosines: Sequence[float],
) -> None:  # fmt: skip
    hits = [ours[pair.text] in pair.papers for pair in pairs]
    anchor = [theirs[pair.text] in pair.papers for pair in pairs]
    board.show(
        Measure(set=name, measure="top1", value=float(np.mean(hits)), anchor=float(np.mean(anchor)), n=len(hits))
    )
    board.show(
        Measure(
            set=name,
            measure="recall_at_p95",
            value=recall_at(sure, hits),
            anchor=recall_at(cosines, anchor),
            n=len(hits),
        )
    )


def _tfidf(pairs: Sequence[Pair], literature: Literature) -> tuple[dict[str, str], list[float]]:
    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    papers = vectors.fit_transform(f"{paper.title}. {paper.text}" for paper in literature.papers)
    cosines = (vectors.transform(pair.text for pair in pairs) @ papers.T).toarray()
    best = cosines.argmax(axis=1)
    return {pair.text: literature.papers[at].id for pair, at in zip(pairs, best, strict=True)}, list(
        cosines.max(axis=1)
    )


def load_pairs(folder: Path) -> tuple[list[Pair], list[tuple[str, str]]]:
    """Set 32: each excerpt once with all papers that it is paired with, and the rows unchanged."""
    rows = [(row["news_text"], paper_id(row)) for row in json.loads((folder / "ground-truth.json").read_text("utf-8"))]
    papers: dict[str, set[str]] = {}
    for text, paper in rows:
        papers.setdefault(text, set()).add(paper)
    return [Pair(text, frozenset(ids)) for text, ids in papers.items()], rows


def paper_id(row: dict[str, str]) -> str:
    """A paper of set 32 is known by its abstract: its DOI is written in several ways, and twice wrongly."""
    return "32:" + hashlib.sha256(row["abstract"].encode()).hexdigest()[:16]


def load_candidates(inputs: Path, folder: Path) -> Literature:
    """Every title and abstract at hand, each record once."""
    journals = Journals()
    papers: dict[str, Paper] = {}
    for row in json.loads((folder / "ground-truth.json").read_text("utf-8")):
        name = paper_id(row)
        if name not in papers:
            doi = normalise("doi", row["doi"].removeprefix("doi:")) or ""
            papers[name] = Paper(id=name, title="", text=row["abstract"], journal=journals.learn(doi=doi))
    for number, load in (("34", _study_types), ("20", _records), ("21", _titles)):
        other = find_set(inputs, number)
        for paper in load(other, journals) if other else ():
            papers.setdefault(paper.id, paper)
    return Literature(list(papers.values()), journals)


def _study_types(folder: Path, journals: Journals) -> Iterator[Paper]:
    for path in sorted(folder.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield Paper(
                    id=f"pmid:{row['pmid']}", title=row["title"], text=row["abstract"],
                    journal=journals.learn(name=row["journal_name"]),
                )  # fmt: skip


def _records(folder: Path, journals: Journals) -> Iterator[Paper]:
    for entry in load_records(folder):
        said = entry.extra
        doi, pmid = (entry.identifiers.get(scheme, ()) for scheme in ("doi", "pmid"))
        if not pmid:
            continue
        yield Paper(
            id=f"pmid:{pmid[0]}", title=entry.title, text=entry.summary,
            journal=journals.learn(
                name=said.get("journal") or "", abbreviation=said.get("abbreviation") or "",
                issn=said.get("issn") or (), doi=doi[0] if doi else "",
            ),
        )  # fmt: skip


def load_records(folder: Path) -> Iterator[ListEntry]:
    """Every record of set 20 as our own reader reads it, each PubMed number once; what it cannot read gives none."""
    paths = [path for path in sorted(folder.rglob("*")) if path.name.endswith((".xml", ".xml.gz"))]
    seen: set[str] = set()
    for item in read_files(paths, _FETCHED):
        if isinstance(item, ListEntry) and item.native not in seen:
            seen.add(item.native)
            yield item


def _titles(folder: Path, journals: Journals) -> Iterator[Paper]:
    """Set 21: citations of a text export, of which the title is used."""
    for path in sorted(folder.glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            text = lines.read()
        for block in re.split(r"\n\s*\n(?=\d+: )", text):
            line = " ".join(block.split())
            said = re.match(r"\d+: (?:.*?\. )?(.+?[.?!]) ([A-Z][\w .()&:/-]+?)\. \d{4}\b", line)
            pmid = re.search(r"\bPMID: (\d+)", line)
            if said and pmid:
                yield Paper(id=f"pmid:{pmid[1]}", title=said[1], text="", journal=journals.learn(abbreviation=said[2]))


if __name__ == "__main__":
    sys.exit(main())
