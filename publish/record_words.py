"""What a record says outside of its text, as words for the index.

A registry names the sponsor of a trial, its officials, countries, conditions and phases in fields of their own, and
PubMed keeps affiliations, keywords and headings so. None of them is in the text that is shown, and a search for a
sponsor or a country should find the trial. What is taken, in order of `FIELDS`: a text, a list of texts, or a list of
objects, of which the name and the affiliations count. Codes (`EARLY_PHASE1`) are words with blanks. The status of a
trial counts only where it is one word (`WITHDRAWN`), or `recruiting` would find those that are not yet recruiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FIELDS = (
    "official_title", "vernacular_title", "acronym", "sponsor", "collaborators", "people", "affiliations", "countries",
    "conditions", "interventions", "keywords", "mesh", "phase", "why_stopped",
)  # fmt: skip
STATUS = frozenset({"RECRUITING", "COMPLETED", "TERMINATED", "WITHDRAWN", "SUSPENDED"})


def find_record_words(extra: Mapping[str, Any]) -> list[str]:
    """The words of a record's fields, each once.

    >>> find_record_words({"sponsor": "Hallam", "people": [{"name": "B Seo", "affiliations": ["Hanbit"]}], "x": "y"})
    ['Hallam', 'B Seo', 'Hanbit']
    >>> find_record_words({"phase": ["EARLY_PHASE1", "NA"], "status": "NOT_YET_RECRUITING"})
    ['EARLY PHASE1']
    """
    found = dict.fromkeys(text for field in FIELDS for text in _find_texts(extra.get(field)))
    if extra.get("status") in STATUS:
        found[str(extra["status"])] = None
    return [text for text in found if text and text != "NA"]


def _find_texts(value: object) -> Iterator[str]:
    """The texts in a value of a record."""
    if isinstance(value, str):
        yield value.replace("_", " ") if value.isupper() else value
    elif isinstance(value, list):
        for one in value:
            yield from _find_texts(one)
    elif isinstance(value, dict):
        yield from _find_texts(value.get("name"))
        yield from _find_texts(value.get("affiliations"))
