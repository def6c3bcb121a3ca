"""STAGE version, document -> edit: what each edit of a page changed, and of what kind each change is.

Every earlier text of a document is compared with the one that replaced it (`text_changes.py`), and each change gets a
kind (`edit_kinds.py`). In order:

1. Records (papers, preprints, trials) are left out: their changes are no edits of an outlet. So is a tombstone.
2. Two texts out of one capture differ because we read it anew. They are no edit.
3. A text that came in place of a part of it (a teaser, then the page), or the other way round, is no edit: at least
   `WHOLE` of the words of the shorter one are in the longer one, which has `TIMES` as many.
4. Cosmetic changes are one row an edit, the first of them. Of the others, at most `MOST` are rows.
5. An edit is silent if it is not cosmetic and the new text holds no note of a correction.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypedDict

from core.config import Config
from core.records import Edit
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.text import fingerprint, headline
from core.versions import version_of
from relations.edit_kinds import CUES, Kind, Texts, classify, is_note
from relations.sentences import split_sentences
from relations.text_changes import Change, find_changes

WHOLE, TIMES = 0.8, 1.8
MOST = 20  # changes of an edit
LONGEST = 300  # characters of the words before and after

WORK = """
SELECT e.id AS "key", fingerprint(e.hash, e.lang, e.versions, e.names) AS input,
       e.title, e.text, e.capture, e.lang, e.versions, e.names
FROM (SELECT d.id, d.hash, d.title, d.text, d.capture, d.lang, v.versions,
        (SELECT nullif(json_group_array(surface), '[]')
         FROM (SELECT DISTINCT surface FROM mention m
               WHERE m.document = d.id
                 AND type IN ('PERSON', 'INSTITUTION', 'PLACE', 'JOURNAL', 'CELL_LINE', 'IDENTIFIER')
               ORDER BY surface)) AS names
      FROM document d
      JOIN (SELECT document, json_group_array(json_array(title, text, capture, replaced)) AS versions
            FROM (SELECT * FROM version ORDER BY document, replaced, hash) GROUP BY document) v ON v.document = d.id
      WHERE d.state = 'current' AND d.kind NOT IN ('paper', 'preprint', 'trial')) e"""


class Row(TypedDict):
    """A row of WORK."""

    key: str
    title: str
    text: str
    capture: str
    lang: str | None
    versions: str  # JSON array of [title, text, capture, replaced], the oldest first
    names: str | None  # JSON array of names in the text now


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of a document; `replaced`: when the next one came, empty for the present one."""

    title: str
    text: str
    capture: str
    replaced: str


def stage(_config: Config) -> Stage:
    return Stage(
        name="edits",
        version=f"{version_of('edits')}/{fingerprint(CUES.read_text('utf-8'))[:12]}",
        work=WORK,
        step=Address(module="relations.edits", function="build_step"),
        writes=(Writes(record=Edit, owner="document"),),
    )


def build_step() -> Step:
    return find_edits_of_document


def find_edits_of_document(row: Row) -> Result:
    """The changes between all texts of a document."""
    names = frozenset(name for name in json.loads(row["names"] or "[]") if len(name) > 1)
    texts = [
        Text(title=title, text=text, capture=capture, replaced=replaced)
        for title, text, capture, replaced in json.loads(row["versions"])
    ]
    texts.append(Text(title=row["title"], text=row["text"], capture=row["capture"], replaced=""))
    records: list[Edit] = []
    for before, after in pairwise(texts):
        if before.capture != after.capture and not is_part(before.text, after.text):
            records += make_edits(row["key"], before, after, names, row["lang"])
    return Done(records=tuple(records))


def is_part(one: str, other: str) -> bool:
    """Whether one of two texts is only a part of the other: a teaser and the page."""
    small, large = sorted((Counter(one.casefold().split()), Counter(other.casefold().split())), key=Counter.total)
    if not small or large.total() < TIMES * small.total():
        return False
    return (small & large).total() >= WHOLE * small.total()


def make_edits(
    document: str, before: Text, after: Text, names: frozenset[str] = frozenset(), lang: str | None = None
) -> Iterator[Edit]:
    """The rows of one edit."""
    changes = find_changes(before.title, before.text, after.title, after.text)
    texts = Texts(before=f"{before.title}\n{before.text}", after=f"{after.title}\n{after.text}", names=names, lang=lang)
    noted = any(is_note(sentence) for sentence in split_sentences(after.text))
    kinds = list(join_notes([(change, kind) for change in changes for kind in classify(change, texts)], after.text))
    cosmetic = [pair for pair in kinds if pair[1].kind == "cosmetic"]
    shown = [pair for pair in kinds if pair[1].kind != "cosmetic"][:MOST] + cosmetic[:1]
    for place, (change, kind) in enumerate(shown):
        was, now = show_words(change)
        more = f", and {len(cosmetic) - 1} more" if kind.kind == "cosmetic" and len(cosmetic) > 1 else ""
        yield Edit(
            document=document, replaced=before.replaced, place=place, part=change.part, kind=kind.kind,
            before=was, after=now, silent=int(kind.kind not in ("cosmetic", "correction note") and not noted),
            why=kind.why + more,
        )  # fmt: skip


def join_notes(kinds: Sequence[tuple[Change, Kind]], text: str) -> Iterator[tuple[Change, Kind]]:
    """The changes; sentences that were put in behind a note, in its paragraph, are one change with it."""
    note: Change | None = None
    held: Kind | None = None
    for change, kind in kinds:
        if note and held and not change.before and f"{note.after} {change.after}" in " ".join(text.split()):
            note = replace(note, after=f"{note.after} {change.after}")
            continue
        if note and held:
            yield note, held
        note, held = (change, kind) if kind.kind == "correction note" and not change.before else (None, None)
        if note is None:
            yield change, kind
    if note and held:
        yield note, held


def show_words(change: Change) -> tuple[str, str]:
    """The sentence before and after; of long ones the part around the first word that differs."""
    return _cut(change.before, change.hunks[0].before if change.hunks else ""), _cut(
        change.after, change.hunks[0].after if change.hunks else ""
    )


def _cut(sentence: str, words: str) -> str:
    if len(sentence) <= LONGEST:
        return sentence
    at = sentence.find(words) if words else 0
    start = max(0, at - LONGEST // 3)
    start = sentence.rfind(" ", 0, start) + 1 if start else 0
    return ("…" if start else "") + headline(sentence[start:], LONGEST - 1)
