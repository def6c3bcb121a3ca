"""Why a document was linked to a paper, or to none, in words for readers."""

from __future__ import annotations

from relations.links.scoring import Named, Work
from relations.wording import describe_day

_MOST = 3  # authors and institutions that are named
_LONGEST = 90  # characters of a title


def describe_link(work: Work, named: Named, shared: tuple[str, ...]) -> str:
    """`names *Acta Neuropathologica*, author Cho Ssang-Goo, Konkuk University; published May 27, within 30 days; …`"""
    parts = [describe_names(named)] if describe_names(named) else []
    if named.title:
        parts.append("quotes its title")
    if when := _describe_when(work, named):
        parts.append(when)
    if shared:
        parts.append(f"both mention {', '.join(shared)}")
    return "; ".join(parts)


def describe_nearest(
    work: Work, named: Named, shared: tuple[str, ...], probability: float, rival: str | None = None
) -> str:
    """Why no paper was identified, with the one that came nearest. `rival` is the title of one that fits as well."""
    nearest = f"nearest is “{_shorten(work.title)}”"
    if rival is not None:
        return f"not identified: “{_shorten(work.title)}” and “{_shorten(rival)}” fit equally well"
    if not named.anything:
        missing = "its journal, its authors and their institutions are not named"
        if named.other_journal:
            missing = f"another journal is named (*{named.other_journal}*)"
        return f"not identified: {nearest}; {missing}" + (f"; both mention {', '.join(shared)}" if shared else "")
    return (
        f"not identified: {nearest}; it {describe_link(work, named, shared)}, which is not enough ({probability:.2f})"
    )


def describe_names(named: Named) -> str:
    """`names *Journal*, author A, Institution B`; empty when nothing is named."""
    parts = [f"*{named.journal}*"] if named.journal else []
    people = named.authors or named.common
    if people:
        parts.append(("author " if len(people) == 1 else "authors ") + ", ".join(people[:_MOST]))
    parts += named.institutions[:_MOST]
    return "names " + ", ".join(parts) if parts else ""


def _describe_when(work: Work, named: Named) -> str:
    if named.days is None or work.published is None:
        return ""
    day = describe_day(work.published)
    for days, within in ((7, "a week"), (30, "30 days"), (45, "45 days"), (365, "a year")):
        if abs(named.days) <= days:
            return f"published {day}, within {within}"
    return f"published {day}, {abs(named.days)} days {'before' if named.days > 0 else 'after'}"


def _shorten(title: str) -> str:
    title = title.strip().rstrip(".")
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
