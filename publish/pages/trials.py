"""Trials: how many there are by body system, indication, cell product and country; those that were stopped, with
the day and the reason; what is said of trials and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.facets import Facet, facets
from publish.pages.formats import query_of
from publish.pages.page import Context, Field, Link, Page, Request
from publish.pages.rows import DocumentLine, OpenEdition

COUNTED = "SELECT * FROM trial_count WHERE status = '' ORDER BY trials DESC, value"
TABLE = "SELECT * FROM trial_count ORDER BY facet, value, status LIMIT :most OFFSET :skip"
FIELDS = (
    Field("facet", "system, indication, cell_product or country"),
    Field("value", "value of the facet"),
    Field("status", "as the registry words it; empty for all"),
    Field("trials", "how many trials have it"),
)
BY_STATUS = """
SELECT facet, value, status, trials FROM trial_count WHERE facet = 'system' AND status <> '' ORDER BY trials DESC"""
HELD = "SELECT count(*) AS n, max(day) AS newest FROM document WHERE kind = 'trial'"
STANDING = "SELECT value AS status, n AS trials FROM counted WHERE what = 'trial_status' ORDER BY 2 DESC, 1"
STOPPED = """
SELECT s.status, s.day AS said, s.reason, d.* FROM trial_status s JOIN card d ON d.id = s.document
WHERE s.own = 1 AND s.status IN ('withdrawn', 'terminated', 'suspended') ORDER BY s.day DESC, d.id DESC LIMIT 60"""
CHECKS = """
SELECT c.*, d.* FROM registry_check c JOIN card d ON d.id = c.document ORDER BY d.id DESC, c.number LIMIT 20"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCount:
    """Trials with one value of a facet; `status` is empty for all of them."""

    facet: str
    value: str
    status: str
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How many trials the edition holds."""

    n: int
    newest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """How many trials have a status in their registry."""

    status: str
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(DocumentLine):
    """A trial that was withdrawn before enrolment, terminated or suspended; `said`: day of the registry's record."""

    status: str
    said: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(DocumentLine):
    """A statement about trials in a document, compared with the registry."""

    verdict: str
    why: str


async def show(edition: OpenEdition, request: Request) -> Context:
    [held] = await edition.rows(Held, HELD)
    return {
        "tables": by_facet(await edition.rows(TrialCount, COUNTED)),
        "statuses": await edition.rows(TrialCount, BY_STATUS),
        "held": held,
        "standing": await edition.rows(StatusCount, STANDING),
        "stopped": await edition.rows(Stopped, STOPPED),
        "facet": facets().filters["trial_status"],
        "checks": await edition.rows(Check, CHECKS),
    }


def by_facet(counts: Sequence[TrialCount]) -> list[tuple[Facet, list[TrialCount]]]:
    """The counts of each table: values that the facet lists in its order, others as they come, the commonest first."""
    tables = []
    for facet in facets().shown_in("trials", "label"):
        some = [count for count in counts if count.facet == facet.name]
        if facet.vocabulary is None and facet.values:
            order = {value: place for place, value in enumerate(facet.values)}
            some.sort(key=lambda count: order.get(count.value, len(order)))
        tables.append((facet, some))
    return tables


PAGES = (
    Page(
        route="/trials",
        template="trials.html",
        show=show,
        links=(
            Link("Trials", 270, under="Search", about="Trials of the registries by what they treat, and by status."),
        ),
        formats=query_of("trials", TABLE, FIELDS),
        about="How many trials there are by body system, indication, cell product and country, and by status.",
        schema="CollectionPage",
    ),
)
