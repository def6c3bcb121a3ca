"""About the site: method, how often labels are right, limits, disputes, privacy, searching, rights, editions."""

from __future__ import annotations

from dataclasses import dataclass

from core.facets import facets
from publish.pages.page import Context, Link, Page, Request
from publish.pages.precision import FEW, load_precision
from publish.pages.rows import OpenEdition
from publish.search.fts import RANKED
from publish.search.relax import ENOUGH

LICENCES = "SELECT value AS licence, n FROM counted WHERE what = 'licence' ORDER BY n DESC"
ORIGINS = "SELECT value AS origin FROM counted WHERE what = 'origin' ORDER BY n DESC, value LIMIT 20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """How many documents are shown under a licence."""

    licence: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """An ontology or registry that identifiers come from."""

    origin: str


async def show(edition: OpenEdition, request: Request) -> Context:
    return {
        "help": list(facets().help_rows()),
        "meta": await edition.meta(),
        "licences": await edition.rows(Licence, LICENCES),
        "origins": await edition.rows(Origin, ORIGINS),
        "queries": await edition.ready_queries(),
        "ranked": RANKED,
        "enough": ENOUGH,
        "precision": load_precision(),
        "few": FEW,
    }


PAGES = (
    Page(
        route="/about",
        template="about.html",
        show=show,
        links=(Link("About", 495, under="Data", about="How this is made: method, limits, and how to search."),),
    ),
)
