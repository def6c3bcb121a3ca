"""Set 28, MeSH headings of 555 PubMed records: read back from one of our records that has them.

The set was packed as lines of JSON. The headings are put into an efetch answer and come out of PubMed's parser;
the citation's PMID is found in its text (the packing lost line breaks: `PubMedPMID`).
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from bench.exact.recorded import FETCHED, Row, load_truth
from core.ids import find_ids
from crawlers.lists.apis import pubmed

_STEM = re.compile(r"stem cell|stromal cells|cellular reprogramming", re.I)
_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi?db=pubmed"


def rows(folder: Path) -> Iterator[Row]:
    truth = load_truth(folder)
    held = []
    for path in sorted(folder.glob("*.jsonl*")):
        body = path.read_bytes()
        text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode("utf-8")
        held += [json.loads(line) for line in text.splitlines() if line.strip()]
    yield "rows", truth["rows"], len(held), folder.name
    answer = "".join(_record(row["pmid"], row["mesh"]) for row in held)
    index = pubmed.parse(f"<PubmedArticleSet>{answer}</PubmedArticleSet>".encode(), url=_URL, fetched=FETCHED)
    top: Counter[str] = Counter()
    positive = 0
    for row, entry in zip(held, index.entries, strict=False):
        where = f"PMID {row['pmid']}"
        mesh = [(each["ui"], each["name"], each["major"]) for each in entry.extra.get("mesh", [])]
        yield "mesh", [(ui, name, major == "Y") for ui, name, major in row["mesh"]], mesh, where
        found = {hit.value for hit in find_ids(re.sub(r"PubMed\s*PMID", "PubMed PMID", row["citation"]))
                 if hit.scheme == "pmid"}  # fmt: skip
        yield "pmid", {row["pmid"]}, found, where
        stems = [name for _, name, _ in mesh if _STEM.search(name)]
        yield "stem_cell", row["stem_cell"], bool(stems), where
        positive += bool(stems)
        top.update(stems)
    yield "stem_cell_positive", truth["stem_cell_positive"], positive, folder.name
    for name, number in truth["top"]:
        yield "top", number, top[name], name


def _record(pmid: str, mesh: list[list[str]]) -> str:
    headings = "".join(
        f"<MeshHeading><DescriptorName UI={quoteattr(ui)} MajorTopicYN={quoteattr(major)}>{escape(name)}"
        "</DescriptorName></MeshHeading>"
        for ui, name, major in mesh
    )
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>x</ArticleTitle></Article>"
        f"<MeshHeadingList>{headings}</MeshHeadingList></MedlineCitation></PubmedArticle>"
    )
