"""What an edition of real records is made of: items of the sets, each in the shape that one of our readers reads.

An item is a page, a feed, a PubMed record, a study of a registry or an entry of a journal's feed. Which ones are taken,
in order: pages and feeds of the recorded night (`recording.py`; sets 00, 11, 12, 01-04, 06 and 33) with a word of the
field in the bytes; PubMed records of set 20 with one in title, abstract or headings; the studies of set 27 (chosen
fields of version 1, which lie there fifteen to a file, are joined by number; full studies, version 2, classic XML);
titles of sets 21 and 28 and abstracts of set 34, put back into the form of PubMed's records by their real numbers;
titles of set 41 with their abstracts (`pair`) as entries of a feed, because they have no number; the blog of set 42 as
pages of a clinic.

The words are the strong and exact terms of `nlp/classify/scope.tsv`. They only choose: whether a document is in scope
is decided by the stage that labels it, except where a set is a search for stem cells itself (41, and the fields of 27).
What a set does not say (days of sets 34 and 41, addresses of 41 and 42) is not invented; addresses end in .example.
"""

from __future__ import annotations

import csv
import gzip
import html
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from bench import recording
from bench.measure import ROOT, find_set

Row = dict[str, Any]
FORMS = ("page", "feed", "citation", "study", "entry")
PAIR_SHARE = 0.6  # of the weight of a title's words that must be in its abstract
PAIR_WEIGHT = 8.0  # at least so much of it: words that all abstracts have say nothing
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing of a set. `body`: markup of a page, bytes of a feed, XML of a record, JSON of a study, an entry."""

    set: str  # 20, 27 …
    key: str  # what it is called in its set; unlike in any other item
    form: str  # one of FORMS
    body: Any
    host: str = ""  # of pages and feeds
    kind: str = "news"  # of the source
    url: str = ""
    shape: str = ""  # of a study: fields, full, v2 or xml


def read_items(inputs: Path) -> list[Item]:
    """Everything that is chosen, in a fixed order; an item that two sets hold once, from the first."""
    found: dict[tuple[str, str], Item] = {}
    readers = (_night, _citations, _studies, _made_citations, _abstracts, _clinic)
    for reader in readers:
        for item in reader(inputs):
            found.setdefault((item.form, item.key), item)
    return list(found.values())


@cache
def _words() -> tuple[tuple[str, ...], re.Pattern[str]]:
    with (ROOT / "nlp" / "classify" / "scope.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    exact = "|".join(re.escape(row["term"]) for row in rows if row["weight"] == "exact")
    strong = tuple(row["term"].lower() for row in rows if row["weight"] == "strong")
    return strong, re.compile(rf"(?<![\w-])(?:{exact})(?![\w-])")


def is_of_the_field(text: str) -> bool:
    """Whether a word of the field is in it."""
    strong, exact = _words()
    lower = text.lower()
    return any(word in lower for word in strong) or bool(exact.search(text))


def read_text(path: Path) -> str:
    data = path.read_bytes()
    return str(gzip.decompress(data) if path.suffix == ".gz" else data, "utf-8", "replace")


def _night(inputs: Path) -> Iterator[Item]:
    """Pages and feeds of the recorded night, and the older snapshots of its feeds; 33 has texts, which are pages."""
    for publisher in (*recording.find_publishers(inputs), *recording.find_snapshots(inputs)):
        for url, path, content_type in publisher.feeds:
            if is_of_the_field(read_text(path)):
                yield Item(
                    set="night", key=url, form="feed", body=path, host=publisher.host, kind=publisher.kind, url=url,
                    shape=content_type,
                )  # fmt: skip
        for url, body in publisher.pages:
            if is_of_the_field(read_text(body) if isinstance(body, Path) else body):
                group = "night" if isinstance(body, Path) else "33"
                yield Item(
                    set=group, key=url, form="page", body=body, host=publisher.host, kind=publisher.kind, url=url
                )


def _citations(inputs: Path) -> Iterator[Item]:
    """PubMed records as they are. A file that is not well-formed is read as far as it goes."""
    folder = find_set(inputs, "20")
    for path in sorted(folder.glob("*/*.xml*")) if folder else ():
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        root = etree.fromstring(data, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
        for node in () if root is None else root.iter("PubmedArticle"):
            said = " ".join(
                "".join(part.itertext()) for part in node.iter("ArticleTitle", "AbstractText", "DescriptorName")
            )
            number = node.findtext("MedlineCitation/PMID")
            if number and is_of_the_field(said):
                yield Item(set="20", key=number, form="citation", body=etree.tostring(node, encoding="unicode").strip())


def _studies(inputs: Path) -> Iterator[Item]:
    """Studies of a registry, in the four shapes that it gave them."""
    folder = find_set(inputs, "27")
    if folder is None:
        return
    for search in sorted((folder / "jesnyder__mapClinical").glob("*")):
        joined: dict[str, Row] = {}
        for path in sorted(search.glob("*.json*")):
            for study in json.loads(read_text(path))["StudyFieldsResponse"]["StudyFields"]:
                joined.setdefault(study["NCTId"][0], {}).update(study)
        for number, study in joined.items():
            yield Item(set="27", key=number, form="study", body=study, shape="fields")
    for path in sorted(folder.glob("*/*.json*")):
        text = read_text(path)
        if not text.lstrip().startswith(("{", "[")):
            continue
        said = json.loads(text)
        if isinstance(said, dict) and "FullStudiesResponse" in said:
            for full in said["FullStudiesResponse"]["FullStudies"]:
                yield from _study("full", full, full["Study"]["ProtocolSection"]["IdentificationModule"].get("NCTId"))
        for study in said if isinstance(said, list) else [said]:
            who = study.get("protocolSection", {}).get("identificationModule", {})
            if who.get("briefTitle"):
                yield from _study("v2", study, who.get("nctId"))
    for path in sorted(folder.glob("*/*.xml*")):
        text = read_text(path)
        stated = re.search(r"<nct_id>(NCT\d{8})</nct_id>", text)
        if stated and "<clinical_study" in text and "_mod" not in path.name and "mismatch" not in path.name:
            yield from _study("xml", text, stated[1])


def _study(shape: str, body: Any, number: str | None) -> Iterator[Item]:
    """The study, if a word of the field is in it."""
    if number and is_of_the_field(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)):
        yield Item(set="27", key=number, form="study", body=body, shape=shape)


def _made_citations(inputs: Path) -> Iterator[Item]:
    """Records of PubMed out of what other sets keep of them."""
    for name, reader in (("34", _read_study_types), ("21", _read_summaries), ("28", _read_headings)):
        folder = find_set(inputs, name)
        for row in reader(folder) if folder else ():
            if not is_of_the_field(f"{row['title']} {row.get('abstract', '')} {' '.join(row.get('mesh', ()))}"):
                continue
            if row["pmid"].isdigit():
                yield Item(set=name, key=row["pmid"], form="citation", body=write_citation(row))
            else:  # found in another library than PubMed
                url = f"https://set{name}.example/papers/{row['pmid']}"
                body = {"title": row["title"], "abstract": row["abstract"], "authors": []}
                yield Item(set=name, key=url, form="entry", body=body, host=f"set{name}.example", url=url)


def _read_study_types(folder: Path) -> Iterator[Row]:
    for row in csv.DictReader(read_text(folder / "study_type.csv.gz").splitlines(keepends=True)):
        yield {
            "pmid": row["pmid"], "title": row["title"], "abstract": row["abstract"], "journal": row["journal_name"]
        }  # fmt: skip


_CITED = re.compile(
    r"^(?:\d+: )?(?P<authors>.*?)\. ?(?P<title>.+?[.?!]) (?P<journal>[A-Z][^.]*?)\. "
    r"(?P<year>\d{4})(?: (?P<month>[A-Z][a-z]{2}))?(?: (?P<day>\d{1,2}))?[;.]"
)


def read_cited(text: str) -> Row | None:
    """A citation in a line, as PubMed's summaries write it. None where it has another form."""
    line = " ".join(text.split())
    found, number = _CITED.match(line), re.search(r"PMID: (\d+)", line)
    if found is None or number is None:
        return None
    doi = re.search(r"doi: (10\.\S+?)\.?(?:PubMed)?(?: |$)", line)  # set 28 has no blank after the DOI
    return {
        **found.groupdict(), "authors": found["authors"].split(", "), "pmid": number[1], "doi": doi[1] if doi else None
    }  # fmt: skip


def _read_summaries(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("summary*.txt.gz")):
        for text in re.split(r"\n\n(?=\d+: )", read_text(path)):
            if row := read_cited(text):
                yield row
    for path in sorted(folder.glob("*.csv.gz")):
        for row in csv.DictReader(read_text(path).splitlines(keepends=True)):
            if number := re.search(r"/pubmed/(\d+)", row["URL"] or ""):
                # the export was wrapped at a width, in the middle of words too: a line end stands for nothing
                yield {"pmid": number[1], "title": re.sub(r"[\r\n]+", "", row["Title"]).strip()}


def _read_headings(folder: Path) -> Iterator[Row]:
    for line in read_text(folder / "mesh_labels.jsonl.gz").splitlines():
        said = json.loads(line)
        if row := read_cited(said["citation"]):
            yield {**row, "mesh": [name for _, name, _ in said["mesh"]], "headings": said["mesh"]}


def write_citation(row: Row) -> str:
    """A record in PubMed's XML with what is known of it."""
    date = f"<Year>{row['year']}</Year>" if row.get("year") else ""
    if date and row.get("month") in _MONTHS:
        date += f"<Month>{row['month']}</Month>" + (f"<Day>{row['day']}</Day>" if row.get("day") else "")
    authors = "".join(_author(name) for name in row.get("authors", ()) if name.strip())
    headings = "".join(
        f'<MeshHeading><DescriptorName UI="{ident}" MajorTopicYN="{major}">{escape(name)}'
        "</DescriptorName></MeshHeading>"
        for ident, name, major in row.get("headings", ())
    )
    doi = f'<ArticleId IdType="doi">{escape(row["doi"])}</ArticleId>' if row.get("doi") else ""
    abstract = row.get("abstract") or ""
    return (
        '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">'
        f'<PMID Version="1">{row["pmid"]}</PMID><Article PubModel="Print"><Journal>'
        '<JournalIssue CitedMedium="Internet">'
        f"<PubDate>{date}</PubDate></JournalIssue><Title>{escape(row.get('journal') or '')}</Title></Journal>"
        f"<ArticleTitle>{escape(row['title'])}</ArticleTitle>"
        + (f"<Abstract><AbstractText>{escape(abstract)}</AbstractText></Abstract>" if abstract else "")
        + (f'<AuthorList CompleteYN="Y">{authors}</AuthorList>' if authors else "")
        + "</Article>"
        + (f"<MeshHeadingList>{headings}</MeshHeadingList>" if headings else "")
        + "</MedlineCitation><PubmedData><ArticleIdList>"
        f'<ArticleId IdType="pubmed">{row["pmid"]}</ArticleId>{doi}</ArticleIdList></PubmedData></PubmedArticle>'
    )


def _author(name: str) -> str:
    last, _, initials = name.strip().rpartition(" ")
    return (
        f'<Author ValidYN="Y"><LastName>{escape(last or initials)}</LastName>'
        f"<Initials>{escape(initials if last else '')}</Initials></Author>"
    )


def _abstracts(inputs: Path) -> Iterator[Item]:
    folder = find_set(inputs, "41")
    for path in sorted(folder.glob("*.csv.gz")) if folder else ():
        csv.field_size_limit(10_000_000)
        rows = [row for row in csv.DictReader(read_text(path).splitlines(keepends=True)) if row["Title"]]
        abstracts = [re.sub(r"^AB\s+- ", "", row["Abstract"] or "") for row in rows]
        paired = pair([row["Title"] for row in rows], abstracts)
        for number, row in enumerate(rows):
            authors = [name for name in re.split(r", |\.$", row["Authors"] or "") if name]
            body = {"title": html.unescape(row["Title"]), "abstract": paired.get(number, ""), "authors": authors}
            url = f"https://set41.example/papers/{number}"
            yield Item(set="41", key=url, form="entry", body=body, host="set41.example", kind="journal", url=url)


def pair(titles: Sequence[str], abstracts: Sequence[str]) -> dict[int, str]:
    """The abstract of each title, best pair first, where rare words of the title say so; the rest has none.

    The columns of set 41 are not in the same order: next to a title is the abstract of another paper.
    """
    heads, texts = [_stems(one) for one in titles], [_stems(one) for one in abstracts]
    many = len(heads) + len(texts)
    seen = Counter(word for words in (*heads, *texts) for word in words)
    weight = {word: math.log(many / (1 + number)) for word, number in seen.items()}
    scores = []
    for at, head in enumerate(heads):
        whole = sum(weight[word] for word in head)
        for other, text in enumerate(texts):
            common = sum(weight[word] for word in head & text)
            if common >= PAIR_WEIGHT and common >= PAIR_SHARE * whole:
                scores.append((common * common / whole, at, other))
    found: dict[int, str] = {}
    taken: set[int] = set()
    for _, at, other in sorted(scores, reverse=True):
        if at not in found and other not in taken:
            found[at] = abstracts[other]
            taken.add(other)
    return found


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in re.findall(r"[a-z0-9]{4,}", text.lower()))


def _clinic(inputs: Path) -> Iterator[Item]:
    folder = find_set(inputs, "42")
    for path in sorted(folder.glob("*.md")) if folder else ():
        head, _, text = path.read_text("utf-8").removeprefix("---\n").partition("\n---\n")
        said = dict(re.findall(r'^(title|pubDate): "?(.*?)"?$', head, re.M))
        url = f"https://set42.example/blog/{path.stem}"
        plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"[*#>]+ ?", "", text))
        page = recording.plain_page(said.get("title", path.stem), said.get("pubDate"), plain)
        yield Item(set="42", key=url, form="page", body=page, host="set42.example", kind="clinic", url=url)
