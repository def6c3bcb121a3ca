"""Shows one text and what was found in it: coloured, with a line for each mention; or as one JSON object."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from core.facets import facets
from core.records import Concept, Json, Mention, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A text with what was found in it; `labels`, `below_threshold` and `figures` are as in the JSON.

    `labels` holds what is shown, `below_threshold` the labels that are not sure enough for that.
    """

    doc: str
    title: str
    text: str
    lang: str | None
    note: str | None  # what was not read, and why
    mentions: tuple[Mention, ...]
    concepts: tuple[Concept, ...]
    labels: Json
    figures: tuple[Json, ...]
    below_threshold: Json = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    sentences: tuple[str, ...] = ()  # of each mention; empty where nobody cut the text


def show_reading(read: Read, screen: Console, as_json: bool) -> None:
    """Print a text. Offsets are characters of the title or of the text, depending on `part`."""
    doc, title, text, mentions = read.doc, read.title, read.text, read.mentions
    names = {concept.id: concept.name for concept in read.concepts}
    if as_json:
        found = [
            {
                "type": m.type, "part": m.part, "start": m.start, "end": m.end, "surface": m.surface,
                "concept": m.concept, "name": names.get(m.concept or ""), "why": m.why, "component": m.component,
                "role": m.role, "sentence": sentence if m.role else None,
            }
            for m, sentence in zip(mentions, read.sentences or [""] * len(mentions), strict=True)
        ]  # fmt: skip
        about = [{"concept": t.concept, "name": names.get(t.concept, ""), "role": t.role} for t in _rank(read.topics)]
        reading = {
            "doc": doc, "title": title, "lang": read.lang, "note": read.note, "mentions": found, "about": about,
            "labels": read.labels, "below_threshold": read.below_threshold, "figures": list(read.figures),
        }  # fmt: skip
        print(json.dumps(reading, ensure_ascii=False))
        return
    screen.rule(doc)
    for part, stored in (("title", title), ("text", text)):
        shown = Text(stored, style="bold" if part == "title" else "")
        for m in mentions:
            if m.part == part:
                shown.stylize(f"{_colour(m.type)} underline", m.start, m.end)
        if stored:
            screen.print(shown, soft_wrap=False)
            screen.print()
    if read.note:
        screen.print(Text(read.note, style="dim"), soft_wrap=True)
    counts = Counter((m.type, m.surface, m.concept, m.why, m.role) for m in mentions)
    for (kind, surface, concept, why, role), times in sorted(counts.items(), key=lambda item: (item[0][0], -item[1])):
        line = Text(f"{kind:<12} ", style=_colour(kind))
        line.append(surface, style="bold")
        line.append(f" x{times}" if times > 1 else "")
        line.append(f"  {concept} {names.get(concept, '')}" if concept else "  no concept")
        line.append(f"  {role}" if role else "", style="italic")
        line.append(f"  ({why})", style="dim")
        screen.print(line, soft_wrap=True)
    if subjects := [names.get(t.concept, t.concept) for t in _rank(read.topics)]:
        screen.print(Text(f"{'about':<24} ", style="dim").append(_words(subjects), style="default"), soft_wrap=True)
    for label, value in read.labels.items():
        if value:
            screen.print(Text(f"{label:<24} ", style="dim").append(_words(value), style="default"), soft_wrap=True)
    for label, some in read.below_threshold.items():
        words = [f"{one['value']} ({one['score']:g})" for one in some]
        screen.print(Text(f"{label:<24} ", style="dim").append(f"not sure enough: {_words(words)}"), soft_wrap=True)
    for figure in read.figures:
        high = figure.get("high")
        value = _amount(figure["value"]) + (f" to {_amount(high)}" if high is not None else "")
        parts = [value, figure["unit"], figure["subject"], figure["period"], figure["modifier"]]
        screen.print(Text("figure                   ", style="dim").append(_words(parts)), soft_wrap=True)


def _rank(topics: tuple[Topic, ...]) -> list[Topic]:
    """What a text is about, the heaviest first."""
    return sorted((topic for topic in topics if topic.about), key=lambda topic: -topic.weight)


def _colour(kind: str) -> str:
    facet = facets().find("type", kind.lower())
    return (facet and facet.colour) or "white"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def _words(value: object) -> str:
    return " · ".join(str(part) for part in value if part) if isinstance(value, list) else str(value)
