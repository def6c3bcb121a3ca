"""Set 21, PubMed's exports: a summary of citation strings, from which the identifiers are to be read.

The summary is cut at its numbers; each citation's PMID and DOI are found as in any text (`core.ids`). The truth lists
the PMIDs that a plain search found; a citation names its own PMID last (errata name others before).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from bench.exact.recorded import Row, load_files
from core.ids import find_ids, normalise

_NUMBER = re.compile(r"^\d+: ", re.M)


def rows(folder: Path) -> Iterator[Row]:
    for item, body in load_files(folder):
        where, text = item["file"], body.decode("utf-8")
        if where.endswith((".csv", ".csv.gz")):
            held = list(csv.reader(io.StringIO(text)))
            addresses = [row[-1] for row in held[1:] if row]
            known = [normalise("pmid", f"https://www.ncbi.nlm.nih.gov{path}") for path in addresses]
            yield "addresses", len(addresses), sum(pmid is not None for pmid in known), where
            continue
        pmids, dois = [], 0
        for part in _NUMBER.split(text)[1:]:
            line = re.sub(r"(?<=[/.-])\n(?=\S)", "", part)  # an identifier may be broken after one of these
            found = find_ids(" ".join(line.split()))
            own = [each.value for each in found if each.scheme == "pmid"]
            pmids += own[-1:]
            dois += any(each.scheme == "doi" for each in found)
        yield "pmids", sorted(item["pmids"]), sorted(set(pmids) & set(item["pmids"])), where
        yield "n_doi", True, dois >= item.get("n_doi", 0), f"{where} {dois} of {item.get('n_doi', 0)}"
