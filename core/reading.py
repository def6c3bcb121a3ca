"""One text as it was read: coloured, with a line for each thing that it names; or one object for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from core.records import Concept, Mention

COLOURS = {
    "DISEASE": "red", "CELL_TYPE": "green", "CELL_LINE": "bright_green", "INSTITUTION": "blue", "JOURNAL": "magenta",
    "SPECIES": "yellow", "ANATOMY": "dark_orange", "PLACE": "cyan", "PERSON": "bright_magenta",
}  # fmt: skip


def show_reading(
    doc: str,
    title: str,
    text: str,
    mentions: Sequence[Mention],
    concepts: Sequence[Concept],
    screen: Console,
    as_json: bool,
) -> None:
    """Offsets are characters of the title or of the text, as `part` says."""
    names = {concept.id: concept.name for concept in concepts}
    if as_json:
        found = [
            {
                "type": m.type, "part": m.part, "start": m.start, "end": m.end, "surface": m.surface,
                "concept": m.concept, "name": names.get(m.concept or ""), "why": m.why, "component": m.component,
            }
            for m in mentions
        ]  # fmt: skip
        print(json.dumps({"doc": doc, "title": title, "mentions": found}, ensure_ascii=False))
        return
    screen.rule(doc)
    for part, stored in (("title", title), ("text", text)):
        shown = Text(stored, style="bold" if part == "title" else "")
        for m in mentions:
            if m.part == part:
                shown.stylize(f"{COLOURS.get(m.type, 'white')} underline", m.start, m.end)
        if stored:
            screen.print(shown, soft_wrap=False)
            screen.print()
    counts = Counter((m.type, m.surface, m.concept, m.why) for m in mentions)
    for (kind, surface, concept, why), times in sorted(counts.items(), key=lambda item: (item[0][0], -item[1])):
        line = Text(f"{kind:<12} ", style=COLOURS.get(kind, "white"))
        line.append(surface, style="bold")
        line.append(f" x{times}" if times > 1 else "")
        line.append(f"  {concept} {names.get(concept, '')}" if concept else "  no concept")
        line.append(f"  ({why})", style="dim")
        screen.print(line, soft_wrap=True)
