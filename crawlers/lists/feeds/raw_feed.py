"""What a reader (XML or JSON) returns: strings as the feed holds them, before any cleaning."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    guid: str = ""
    links: list[str] = field(default_factory=list)  # best first
    title: str = ""
    summary: str = ""
    content: str = ""
    dates: list[str] = field(default_factory=list)  # of publication, best first; empty strings are skipped
    updated: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    lang: str | None = None
    categories: list[str] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    title: str
    kind: str
    lang: str | None
    entries: list[RawEntry]
    problems: list[str]
    fields: dict[str, list[str]] = field(default_factory=dict)  # fields of the feed itself
