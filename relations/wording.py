"""Days and identifiers in words, for the reasons that readers see."""

from __future__ import annotations

from datetime import date

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_IDENTIFIERS = {
    "doi": "doi:{}", "pmid": "PubMed {}", "pmcid": "{}", "nct": "{}", "isrctn": "{}", "eudract": "EudraCT {}",
    "ctis": "CTIS {}",
}  # fmt: skip


def describe_day(day: str) -> str:
    """`2026-11-09` as `November 9, 2026`; anything but a whole day stays as it is."""
    try:
        moment = date.fromisoformat(day[:10])
    except ValueError:
        return day
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def describe_identifier(identifier: str) -> str:
    """`pmid:123` as readers know it: `PubMed 123`."""
    scheme, _, value = identifier.partition(":")
    return _IDENTIFIERS[scheme].format(value) if scheme in _IDENTIFIERS else identifier
