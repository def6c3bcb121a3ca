"""What the ontologies and ROR publish, read: bytes -> terms or institutes. Pure; no network, no files.

Knows two formats:
- OBO graphs (JSON): nodes with label, synonyms, cross-references, `deprecated`; edges `is_a`; the version is the date
  in the graph's address ("…/mondo/releases/2026-06-02/mondo.json") or in its `version` property;
- the ROR dump (a zip with the records of schema 2 as JSON): names by type, countries, status, date of change; the
  version is in the file's name ("v2.1-2026-06-10-ror-data.json").

Both refuse what is not of that form: no table must be built from half a download.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.errors import StemwireError

DATE = re.compile(r"(20\d\d-\d\d-\d\d)")
SCOPES = {
    "hasExactSynonym": "EXACT",
    "hasNarrowSynonym": "NARROW",
    "hasRelatedSynonym": "RELATED",
    "hasBroadSynonym": "BROAD",
}
MOST_UNPACKED = 2_000_000_000  # bytes of a record file: a zip may not unfold without end


class VocabularyError(StemwireError):
    """A newer vocabulary could not be taken; the one at hand stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One living class of an ontology."""

    id: str  # "MONDO:0000001"
    name: str
    synonyms: tuple[tuple[str, str], ...]  # (text, scope)
    xrefs: tuple[str, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Institute:
    """One active record of ROR."""

    id: str  # "02kpeqv85"
    name: str
    labels: tuple[str, ...]
    aliases: tuple[str, ...]
    country: str
    changed: str  # day of its last change, or ""


def parse_obograph(body: bytes, prefix: str, *, where: str) -> tuple[str, list[Term]]:
    """Version (a day) and living terms whose id begins with `prefix`. Raises VocabularyError."""
    graph = _first_graph(body, where)
    version = DATE.search(json.dumps(graph.get("meta", {}))) or DATE.search(str(graph.get("id", "")))
    if version is None:
        raise VocabularyError("says no version", where=where)
    parents: defaultdict[str, list[str]] = defaultdict(list)
    for edge in graph.get("edges", ()):
        if edge.get("pred") == "is_a":
            parents[_curie(edge["sub"])].append(_curie(edge["obj"]))
    terms = []
    for node in graph["nodes"]:
        meta = node.get("meta", {})
        ident, name = _curie(node.get("id", "")), node.get("lbl")
        if not ident.startswith(prefix + ":") or not name or meta.get("deprecated"):
            continue
        synonyms = tuple((one["val"], SCOPES[one["pred"]]) for one in meta.get("synonyms", ()) if one["pred"] in SCOPES)
        xrefs = tuple(one["val"] for one in meta.get("xrefs", ()))
        own = tuple(parent for parent in parents[ident] if parent.startswith(prefix + ":"))
        terms.append(Term(id=ident, name=name, synonyms=synonyms, xrefs=xrefs, parents=own))
    return version[1], terms


def _first_graph(body: bytes, where: str) -> dict[str, Any]:
    try:
        loaded = json.loads(body)
        graph = loaded["graphs"][0]
        if not isinstance(graph["nodes"], list):
            raise TypeError("nodes")
    except (ValueError, LookupError, TypeError) as error:
        raise VocabularyError("is not an OBO graph in JSON", where=where) from error
    assert isinstance(graph, dict)
    return graph


def _curie(address: str) -> str:
    """`http://purl.obolibrary.org/obo/MONDO_0000001` -> `MONDO:0000001`."""
    return address.rsplit("/", 1)[-1].replace("_", ":", 1)


def parse_ror(body: bytes, *, where: str) -> tuple[str, list[Institute]]:
    """Version (a day) and active institutes of a dump (zip, or its JSON file). Raises VocabularyError."""
    name, records = _records(body, where)
    version = DATE.search(name) or DATE.search(where)
    if version is None:
        raise VocabularyError("says no version", where=where)
    try:
        return version[1], list(_institutes(records))
    except (LookupError, TypeError, AttributeError) as error:
        raise VocabularyError("its records are not of ROR's schema 2", where=where) from error


def _records(body: bytes, where: str) -> tuple[str, list[Any]]:
    name = where
    try:
        if body[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(body)) as box:
                held = [one for one in box.infolist() if one.filename.endswith(".json")]
                newest = max(held, key=lambda one: ("schema_v2" in one.filename, one.filename))
                if newest.file_size > MOST_UNPACKED:
                    raise VocabularyError(f"unfolds to {newest.file_size} bytes", where=where)
                name, body = newest.filename, box.read(newest)
        records = json.loads(body)
        if not isinstance(records, list):
            raise TypeError("not a list")
    except (ValueError, TypeError, zipfile.BadZipFile) as error:
        raise VocabularyError("is not a dump of ROR", where=where) from error
    return name, records


def _institutes(records: list[Any]) -> Iterator[Institute]:
    for record in records:
        if record["status"] != "active":
            continue
        shown = [one["value"] for one in record["names"] if "ror_display" in one["types"]]
        labels = tuple(one["value"] for one in record["names"] if "label" in one["types"])
        yield Institute(
            id=record["id"].rsplit("/", 1)[-1],
            name=(shown or list(labels))[0],
            labels=tuple(label for label in labels if label not in shown),
            aliases=tuple(one["value"] for one in record["names"] if "alias" in one["types"]),
            country=next((one["geonames_details"]["country_code"] for one in record["locations"]), ""),
            changed=record.get("admin", {}).get("last_modified", {}).get("date", ""),
        )
