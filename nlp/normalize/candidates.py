"""What a name may mean, as plain values: the step before the choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One concept that bears the name, and how it bears it."""

    concept: str
    name: str  # the concept's own name
    origin: str  # "MONDO 2026-05-05, CC BY 4.0"
    country: str | None
    label: bool  # the name is the concept's own
    alias: bool  # the name is a looser one
    default: bool  # meant when nothing says otherwise
    own: bool  # the name is from our own list, not from the ontology or registry
    derived: bool  # a plural or another spelling of the name
