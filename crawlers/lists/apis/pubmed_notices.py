"""Notices in the relations of a PubMed record: that something was retracted, corrected or put in doubt.

A notice about this record has the record in `about`; if this record is itself the notice, it is in `notice`. A record
that is retracted by its type alone gives a notice without a name. An update of or in a preprint gives `preprint_of` (on
the published paper's record: the DOI of its preprint) or `published_as` (on the preprint's record).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.ids import find_ids

ADDRESS = "https://pubmed.ncbi.nlm.nih.gov/{}/"
# what the record says of itself ("…In": the notice is elsewhere) and of another ("…Of", "…For": it is the notice)
ABOUT_THIS = {
    "RetractionIn": "retraction", "PartialRetractionIn": "retraction", "RetractedandRepublishedIn": "retraction",
    "ErratumIn": "correction", "CorrectedandRepublishedIn": "correction", "ExpressionOfConcernIn": "concern",
}  # fmt: skip
ABOUT_OTHER = {
    "RetractionOf": "retraction", "PartialRetractionOf": "retraction", "RetractedandRepublishedFrom": "retraction",
    "ErratumFor": "correction", "CorrectedandRepublishedFrom": "correction", "ExpressionOfConcernFor": "concern",
}  # fmt: skip


def find_notices(
    this: str, related: Sequence[dict[str, Any]], types: Sequence[str], published: str | None, retracted: str | None
) -> list[dict[str, Any]]:
    """`this` is the record's own name (`pmid:…`), `related` its relations ({"type", "pmid", "source"})."""
    notices = []
    for said in related:
        kind, other = said["type"], said.get("pmid")
        if kind in ABOUT_THIS:
            day = retracted if ABOUT_THIS[kind] == "retraction" else None
            notices.append(make_notice(ABOUT_THIS[kind], about=this, notice=other and f"pmid:{other}", day=day))
        elif kind in ABOUT_OTHER and other:
            notices.append(make_notice(ABOUT_OTHER[kind], about=f"pmid:{other}", notice=this, day=published))
    if "Retracted Publication" in types and not any(
        notice["about"] == this and notice["nature"] == "retraction" for notice in notices
    ):
        notices.append(make_notice("retraction", about=this, notice=None, day=retracted))
    return notices


def find_preprint(related: Sequence[dict[str, Any]], types: Sequence[str]) -> dict[str, str]:
    """`Update` is used for new versions of anything; it counts where one of the two is a preprint."""
    for said in related:
        if said["type"] not in ("UpdateIn", "UpdateOf"):
            continue
        doi = next((found.value for found in find_ids(said.get("source", "")) if found.scheme == "doi"), None)
        if doi and (said["type"] == "UpdateIn") == ("Preprint" in types):
            return {"published_as" if said["type"] == "UpdateIn" else "preprint_of": doi}
    return {}


def make_notice(nature: str, *, about: str, notice: str | None, day: str | None) -> dict[str, Any]:
    url = ADDRESS.format(notice.removeprefix("pmid:")) if notice and notice.startswith("pmid:") else None
    return {"nature": nature, "about": about, "notice": notice, "day": day, "reasons": [], "url": url}
