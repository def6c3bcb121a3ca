"""Reasons of links, in words for readers."""

from __future__ import annotations

from datetime import date

from relations.links.evidence import Named, Work

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MOST = 3


def say_evidence(work: Work, named: Named, shared: tuple[str, ...]) -> str:
    """`names *Acta Neuropathologica*, author Cho Ssang-Goo, Konkuk University; published May 27, within 30 days; …`"""
    parts = [names(named)] if names(named) else []
    if named.title:
        parts.append("quotes its title")
    if when := _when(work, named):
        parts.append(when)
    if shared:
        parts.append(f"both speak of {', '.join(shared)}")
    return "; ".join(parts)


def say_nearest(work: Work, named: Named, shared: tuple[str, ...], probability: float, rival: str | None = None) -> str:
    """Why nothing was identified, with what came nearest."""
    nearest = f"nearest is “{_short(work.title)}”"
    if rival is not None:
        return f"not identified: “{_short(work.title)}” and “{_short(rival)}” fit equally well"
    if not named.something:
        missing = "its journal, its authors and their institutions are not named"
        if named.other_journal:
            missing = f"another journal is named (*{named.other_journal}*)"
        return f"not identified: {nearest}; {missing}" + (f"; both speak of {', '.join(shared)}" if shared else "")
    return f"not identified: {nearest}; it {say_evidence(work, named, shared)}, which is not enough ({probability:.2f})"


def names(named: Named) -> str:
    """`names *Journal*, author A, Institution B`; empty for nothing."""
    said = [f"*{named.journal}*"] if named.journal else []
    people = named.authors or named.common
    if people:
        said.append(("author " if len(people) == 1 else "authors ") + ", ".join(people[:_MOST]))
    said += named.institutions[:_MOST]
    return "names " + ", ".join(said) if said else ""


def say_day(day: str) -> str:
    """`2025-05-27` as `May 27, 2025`."""
    moment = date.fromisoformat(day[:10])
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def _when(work: Work, named: Named) -> str:
    if named.days is None or work.published is None:
        return ""
    day = say_day(work.published)
    for days, within in ((7, "a week"), (30, "30 days"), (45, "45 days"), (365, "a year")):
        if abs(named.days) <= days:
            return f"published {day}, within {within}"
    return f"published {day}, {abs(named.days)} days {'before' if named.days > 0 else 'after'}"


def _short(title: str, most: int = 90) -> str:
    title = title.strip().rstrip(".")
    return title if len(title) <= most else title[: most - 1].rsplit(" ", 1)[0] + "…"
