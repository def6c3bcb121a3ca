"""The words of a warning of a document: the same on pages and in letters."""

from __future__ import annotations

from core.facets import facets


def say_warning(kind: str, *, why: str, species: str) -> str:
    """A warning as cards show it. `species`: the animals, with `; ` between them.

    >>> say_warning("headline leaves out animals", why="", species="mouse; pig")
    'headline does not say: mice, pigs'
    """
    if kind == "headline leaves out animals":
        return f"headline does not say: {name_many(species) or 'animals'}"
    if kind == "rests on retracted work":
        return "paper withdrawn" if "withdrawn" in why and "retracted" not in why else "paper retracted"
    return kind


def name_many(species: str) -> str:
    """`mouse; pig` -> `mice, pigs`."""
    facet = facets().find("label", "species")
    plurals = facet.plurals if facet else {}
    return ", ".join(plurals.get(one, one) for one in species.split("; ") if one)
