"""Names that begin as a reader types: under the search field, as JSON, and above the hits of a search.

A name is looked up in the order of the table `alias`, from its beginning, among at most LOOKED of them; each thing is
listed once, the name that is typed in full first, then what most documents name. `datasette/scripts/find.js` shows
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from publish.pages.page import Page, Request, Sample, Text
from publish.pages.rows import OpenEdition
from publish.pages.template_filters import entity_type, entity_url, plural
from publish.search.fold import name_key

SHOWN = 8
LEAST, MOST = 2, 80  # letters that are looked up
LOOKED = 1_000
BEGIN = f"""
SELECT a.name, a.shown, e.type, e.concept, e.name AS label, e.named AS documents
FROM alias a JOIN entity e ON e.id = a.entity
WHERE a.name >= :first AND a.name < :after LIMIT {LOOKED}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing by one of its names: `name` is folded, `shown` as it is written, `label` the preferred one."""

    name: str
    shown: str
    type: str
    concept: str
    label: str
    documents: int

    @property
    def title(self) -> str:
        """`extracellular vesicle (EV)`, where the preferred name does not begin as the one that was found."""
        return self.label if name_key(self.label).startswith(self.name) else f"{self.label} ({self.shown})"


async def find_names(edition: OpenEdition, typed: str, most: int = SHOWN) -> list[Named]:
    """Things of which a name begins as it is typed."""
    key = name_key(typed)
    if not LEAST <= len(key) <= MOST:
        return []
    found = await edition.rows(Named, BEGIN, {"first": key, "after": f"{key}\U0010ffff"})
    return choose(found, key)[:most]


def choose(found: Iterable[Named], key: str) -> list[Named]:
    """Each thing once, the name that is typed in full first, then what most documents name."""
    best: dict[str, Named] = {}
    for one in sorted(found, key=lambda one: (one.name != key, one.label != one.shown, len(one.name), one.name)):
        best.setdefault(one.concept, one)
    return sorted(best.values(), key=lambda one: (one.name != key, -one.documents, one.label))


async def show(edition: OpenEdition, request: Request) -> Text:
    names = [
        {
            "name": one.title,
            "what": f"{entity_type(one.type)}, {plural(one.documents, 'document')}",
            "type": one.type,
            "documents": one.documents,
            "address": entity_url(one),
        }
        for one in await find_names(edition, request.get("q"))
    ]
    return Text(json.dumps({"names": names}, ensure_ascii=False), content_type="application/json; charset=utf-8")


PAGES = (Page(route=r"/names\.json", show=show, samples=(Sample("/names.json"), Sample("/names.json?q=st"))),)
