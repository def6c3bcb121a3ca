"""Cell lines: names of the lexicon beside what the tagger finds, and the names that registries give by a rule.

1. A name of the lexicon as it is written there ("KOLF2.1J", "HEK293T"). One that is marked as looser means other
   things too ("H9", "BJ") and is taken only with a cue: "line" before it, "cells", "hESCs" and their like behind it,
   or a row with a line that is sure ("H1 and WA09").
2. Names by the rule of hPSCreg ("KSCBi005-A"), HipSci ("HPSI0114i-kolf_2") and the Allen collection ("AICS-0054"):
   each is its own identifier.
3. Where the tagger found the same, its span stays and takes the meaning; where it found nothing, ours is added
   (in the dialects of `added_in`: a corpus read in its own says itself what a line is).
4. A line with "cells" behind it is no cell type ("HeLa cells"), unless cell types are read in a corpus' own dialect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.records import Concept
from nlp.entities.notes import Component, Found, Tools, keep_longest, notes_of
from nlp.entities.vocabulary import ALIAS

STEP, ALWAYS = 45, False
VERSION = "lines/1"
GENERIC = re.compile(r"(?:[ -]cells?|[ -](?:cell )?lines?|세포|細胞|细胞)?")
WINDOW = 40  # characters of context that a cue may take
SHAPES = {
    "hpscreg": re.compile(r"(?<![\w-])[A-Z][A-Za-z]{1,9}[ei]\d{3}-[A-Z](?:-\d{1,3})?(?![\w-])"),
    "hipsci": re.compile(r"(?<![\w-])HPSI\d{4}p?f?i-[a-z]{4}_\d{1,2}(?![\w-])"),
    "allen": re.compile(r"(?<![\w-])AICS-\d{4}(?:-\d{3})?(?![\w-])"),
}


def make(tools: Tools) -> Component:
    (line,) = tools.of_component("cell_lines")
    before = re.compile("(?:" + "|".join(line.options["cues_before"]) + r")[\s(\"“,:]*$")
    after = re.compile("(?:" + "|".join(line.options["cues_after"]) + ")")
    types = frozenset(one.label for one in tools.types if one.label == "CELL_TYPE" and not reads_alone(one.options))
    added = line.options.get("tagger", {}).get("style", "") in line.options["added_in"]
    row = re.compile(r"(?:, ?|,? and |,? or | ?/ ?| & )")

    def cell_lines(doc: Any) -> Any:
        notes = notes_of(doc)
        text = notes.text
        names = keep_longest(notes.candidates.get(line.label, []))
        sure = [one for one in names if any(not name.flags & ALIAS for name in one.names)]
        for one in names:
            if one in sure:
                continue
            if before.search(text[max(0, one.start - WINDOW) : one.start]) or after.match(text, one.end):
                sure.append(replace(one, why="a cue says that it is a cell line"))
        starts, ends = {one.start for one in sure}, {one.end for one in sure}
        for one in reversed(names):  # a row reads to its end: "H1, H7 and H9 hESCs"
            if one.start in starts:
                continue
            joint = row.match(text, one.end)
            left = row.search(text[max(0, one.start - 6) : one.start])
            if (joint and joint.end() in starts) or (left and max(0, one.start - 6) + left.start() in ends):
                sure.append(replace(one, why="stands in a row with a cell line"))
                starts.add(one.start)
                ends.add(one.end)
        found = [replace(one, component=VERSION) for one in sure] + find_shapes(text, line.label, dict(line.urls))
        tagged = [one for one in notes.found if one.type == line.label]
        found = keep_longest(found)
        begins = {one.start: one.end for one in found}
        notes.found = [
            one
            for one in notes.found
            if one.type not in types
            or one.start not in begins
            or not GENERIC.fullmatch(text, begins[one.start], max(begins[one.start], one.end))
        ]
        notes.found = [with_meaning(other, found) if other.type == line.label else other for other in notes.found]
        if added:
            notes.found += [one for one in found if not any(meets(one, other) for other in tagged)]
        return doc

    return cell_lines


def meets(one: Found, other: Found) -> bool:
    return other.start < one.end and one.start < other.end


def with_meaning(tagged: Found, found: Sequence[Found]) -> Found:
    """The tagger's span with what the last name in it means ("H9 hESC-derived HEK293T": the latter)."""
    inside = [one for one in found if tagged.start <= one.start < one.end <= tagged.end]
    if tagged.names or tagged.concept or not inside:
        return tagged
    return replace(tagged, names=inside[-1].names, concept=inside[-1].concept, why=inside[-1].why)


def reads_alone(options: Mapping[str, Any]) -> bool:
    """True when the tagger reads the type as a corpus would, without our rules."""
    tagger = options.get("tagger", {})
    return tagger.get("style") in tagger.get("alone", ())


def find_shapes(text: str, label: str, urls: dict[str, str]) -> list[Found]:
    """Names that registries give by a rule; each names itself."""
    found = []
    for scheme, shape in SHAPES.items():
        for match in shape.finditer(text):
            pattern = urls.get(scheme)
            concept = Concept(
                id=f"{scheme}:{match.group()}",
                type=label,
                name=match.group(),
                country=None,
                url=pattern.format(match.group()) if pattern else None,
                origin="the document",
            )
            found.append(
                Found(
                    start=match.start(),
                    end=match.end(),
                    type=label,
                    names=(),
                    component=VERSION,
                    concept=concept,
                    why=f"named by the rule of {scheme}",
                )
            )
    return found
