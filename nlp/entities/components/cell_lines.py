"""Cell lines: names of the lexicon, what the tagger finds, and names that registries make by a rule.

1. A name of the lexicon as it is written there ("KOLF2.1J", "HEK293T"). A name marked as an alias means other things
   too ("H9", "BJ"). It is taken only with a cue: "line" before it, "cells", "hESCs" and the like after it, or a row
   with a line that is certain ("H1 and WA09").
2. Names by the rule of hPSCreg ("KSCBi005-A"), HipSci ("HPSI0114i-kolf_2") and the Allen collection ("AICS-0054"). Each
   is its own identifier.
3. Where the tagger found the same, its span stays and takes the meaning. Where it found nothing, ours is added, only in
   the dialects of `added_in`: a corpus read in its own dialect decides itself what a line is.
4. A line followed by "cells" is not a cell type ("HeLa cells"), unless cell types are read in a corpus' own dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.records import Concept
from nlp.entities.annotations import Annotations, EntitySpan, keep_longest
from nlp.entities.component import Component, Tools
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import ALIAS

STEP, ALWAYS = 45, False
VERSION = "lines/1"
GENERIC = re.compile(r"(?:[ -]cells?|[ -](?:cell )?lines?|세포|細胞|细胞)?")
WINDOW = 40  # characters of context that a cue may take
ROW = re.compile(r"(?:, ?|,? and |,? or | ?/ ?| & )")
ROW_BEFORE = 6  # characters before a name that the joint of a row may take
SHAPES = {
    "hpscreg": re.compile(r"(?<![\w-])[A-Z][A-Za-z]{1,9}[ei]\d{3}-[A-Z](?:-\d{1,3})?(?![\w-])"),
    "hipsci": re.compile(r"(?<![\w-])HPSI\d{4}p?f?i-[a-z]{4}_\d{1,2}(?![\w-])"),
    "allen": re.compile(r"(?<![\w-])AICS-\d{4}(?:-\d{3})?(?![\w-])"),
}


def make(tools: Tools) -> Component:
    (line,) = tools.of_component("cell_lines")
    cell_types = [one.label for one in tools.types if one.label == "CELL_TYPE" and not reads_alone(one.options)]
    return CellLines(line, cell_types)


class CellLines(Component):
    """Adds cell lines, and drops the cell types that they cover. `cell_types` are the labels that may be dropped."""

    def __init__(self, line: EntityType, cell_types: Iterable[str]) -> None:
        options = line.options
        self._line = line
        self._cell_types = frozenset(cell_types)
        self._cue_before = re.compile("(?:" + "|".join(options["cues_before"]) + r")[\s(\"“,:]*$")
        self._cue_after = re.compile("(?:" + "|".join(options["cues_after"]) + ")")
        self._adds = options.get("tagger", {}).get("style", "") in options["added_in"]

    def annotate(self, annotations: Annotations) -> None:
        text, label = annotations.text, self._line.label
        names = keep_longest(annotations.candidates.get(label, []))
        certain = self.take_certain(text, names)
        certain += find_in_rows(text, names, certain)
        found = keep_longest(
            [replace(one, component=VERSION) for one in certain] + find_shapes(text, label, self._line.urls)
        )
        tagged = [one for one in annotations.found if one.type == label]
        kept = drop_covered(annotations.found, found, self._cell_types, text)
        annotations.found = [add_meaning(one, found) if one.type == label else one for one in kept]
        if self._adds:
            annotations.found += [one for one in found if not any(one.overlaps(other) for other in tagged)]

    def take_certain(self, text: str, names: Sequence[EntitySpan]) -> list[EntitySpan]:
        """Names that mean nothing else, then those that a cue shows to be cell lines."""
        certain = [one for one in names if any(not name.flags & ALIAS for name in one.names)]
        for one in names:
            if one in certain:
                continue
            before = text[max(0, one.start - WINDOW) : one.start]
            if self._cue_before.search(before) or self._cue_after.match(text, one.end):
                certain.append(replace(one, why="a cue says that it is a cell line"))
        return certain


def find_in_rows(text: str, names: Sequence[EntitySpan], certain: Iterable[EntitySpan]) -> list[EntitySpan]:
    """Names in a row with a certain cell line. A row is read from its end: "H1, H7 and H9 hESCs"."""
    starts, ends = {one.start for one in certain}, {one.end for one in certain}
    added: list[EntitySpan] = []
    for one in reversed(names):
        if one.start in starts:
            continue
        near = max(0, one.start - ROW_BEFORE)
        right = ROW.match(text, one.end)
        left = ROW.search(text[near : one.start])
        if (right and right.end() in starts) or (left and near + left.start() in ends):
            added.append(replace(one, why="stands in a row with a cell line"))
            starts.add(one.start)
            ends.add(one.end)
    return added


def drop_covered(
    found: Iterable[EntitySpan], lines: Iterable[EntitySpan], cell_types: frozenset[str], text: str
) -> list[EntitySpan]:
    """Without the cell types that are only a line and a generic word ("HeLa cells")."""
    ends = {one.start: one.end for one in lines}
    return [
        one
        for one in found
        if one.type not in cell_types
        or one.start not in ends
        or not GENERIC.fullmatch(text, ends[one.start], max(ends[one.start], one.end))
    ]


def add_meaning(tagged: EntitySpan, found: Sequence[EntitySpan]) -> EntitySpan:
    """The tagger's span with the meaning of the last name in it ("H9 hESC-derived HEK293T": HEK293T)."""
    inside = [one for one in found if tagged.start <= one.start < one.end <= tagged.end]
    if tagged.names or tagged.concept or not inside:
        return tagged
    return replace(tagged, names=inside[-1].names, concept=inside[-1].concept, why=inside[-1].why)


def reads_alone(options: Mapping[str, Any]) -> bool:
    """True when the tagger reads the type as a corpus would, without our rules."""
    tagger = options.get("tagger", {})
    return tagger.get("style") in tagger.get("alone", ())


def find_shapes(text: str, label: str, urls: Mapping[str, str]) -> list[EntitySpan]:
    """Names that registries make by a rule, each with a concept of its own."""
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
                EntitySpan(
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
