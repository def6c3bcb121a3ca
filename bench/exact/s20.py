"""Set 20, PubMed XML: every field of every record; books and deletions by their number.

DOIs are compared in the project's spelling (lower case), a heading without its MeSH number has an empty one, and
"CommentIn" is no part of the truth. `stem_cell_mesh` is the truth's own flag: one of a record's headings is about stem
cells. Files are read as a folder of MEDLINE files is (`medline`) and as an answer of the interface (`pubmed`); the two
must agree on every record (`same`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.exact.recorded import FETCHED, Row, answer, load_files
from core.ids import normalise
from crawlers.lists.apis import ApiError, medline, pubmed
from crawlers.lists.model import ListEntry

BOOKS = ("Book", "Book Chapter")


def rows(folder: Path) -> Iterator[Row]:
    for item, body in load_files(folder):
        where = item["file"]
        items = list(medline.read_files((folder / where,), FETCHED))
        entries = [each for each in items if isinstance(each, ListEntry)]
        deleted = [each.pmid for each in items if isinstance(each, medline.Deleted)]
        problems = [str(each) for each in items if isinstance(each, medline.Problem)]
        index = answer(pubmed, body, "https://pubmed.example/efetch")
        yield "well_formed", item["well_formed"], not problems, f"{where} {problems}"
        books = sum(not {*BOOKS}.isdisjoint(entry.extra["types"]) for entry in entries)
        yield "citations", item["citations"], len(entries) - books, where
        yield "books", item["books"], books, where
        yield "deleted", item["deleted"], deleted, where
        if isinstance(index, ApiError):  # an answer is whole or none; of a file, what can be read is read
            yield "refused", True, bool(problems) or not entries, f"{where} {index}"
        else:
            yield "same", True, index.entries == tuple(entries), where
        held: dict[str, list[ListEntry]] = defaultdict(list)
        for entry in entries:
            held[entry.native].append(entry)
        for record in item["records"]:
            pmid = record["pmid"]
            if not held[pmid]:
                yield "pmid", pmid, None, where
                continue
            yield from _fields(record, held[pmid].pop(0), f"{where} {pmid}")


def _fields(said: dict[str, Any], entry: ListEntry, where: str) -> Iterator[Row]:
    extra, related = entry.extra, entry.extra.get("related", [])
    published = extra["dates"].get("published", {})
    got = {
        "pmid": entry.native,
        "version": extra.get("version", "1"),
        "status": extra.get("indexing"),
        "title": entry.title,
        "journal": extra.get("abbreviation"),
        "pubdate": {PARTS.get(part, part.capitalize()): text for part, text in published.items()},
        "doi": entry.identifiers.get("doi", [None])[0],
        "pmc": entry.identifiers.get("pmcid", [None])[0],
        "publication_types": extra.get("types", []),
        "n_authors": len(extra.get("people", [])),
        "n_abstract_parts": len(extra.get("abstract_parts", [])),
        "mesh": [[each["ui"], each["name"], "Y" if each["major"] else "N"] for each in extra.get("mesh", [])],
        "corrections": [[each["type"], each.get("pmid")] for each in related if each["type"] != "CommentIn"],
        "languages": extra.get("languages", []),
    }  # fmt: skip
    expected = {
        **{name: said[name] for name in got},
        "doi": normalise("doi", said["doi"] or ""),
        "mesh": [[ui or "", name, major] for ui, name, major in said["mesh"]],
    }
    for name, value in got.items():
        yield name, expected[name], value, where


PARTS = {"medlinedate": "MedlineDate"}
