"""What one letter says: plain data that every channel renders, that its own page shows, and that JSON can hold.

A letter has four blocks, in this order; an empty one is left out:
1. `about`: what changed in what the person was sent before, with the days on which it was sent;
2. `parts`: for each search that has something new, one line a story, under the search's own name;
3. `changed`: what changed in documents that a search finds but that were not sent;
4. `elsewhere`: other texts of stories that were sent before.

No text from outside is safe before `tidy` has seen it: one line, bounded, without control characters, only http(s)
addresses. The subject holds the name that the person gave a search and numbers, and no text from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from publish.letters.records import Every

UpdateKind = Literal["retraction", "concern", "correction", "number", "text", "trial", "published", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text, and what to set off in it: (start, end) in characters, in order, without overlaps."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A short statement below a headline: `phase 1`, `15 people`, `trial NCT09087765 (not yet recruiting)`."""

    text: str
    url: str | None = None
    grave: bool = False  # retracted, terminated: set off


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A story, as one line of a letter tells it."""

    title: Marked
    page: str  # its page on the site: an absolute, short address
    kind: str  # of the document whose headline it is
    source: str
    published: str | None  # YYYY-MM-DD
    url: str | None  # where that was published
    chips: tuple[Chip, ...] = ()
    cautions: tuple[str, ...] = ()  # "headline does not say: mice"
    sentence: Marked | None = None  # what holds the hit; None where the title does, or nothing may be quoted
    quoted: bool = True  # the sentence is of the text; else of a record, a registry or a notice
    why: tuple[str, ...] = ()  # "names retinal pigment epithelium (CL:0002586); you asked for retina*"
    told_by: str = ""  # "first: Hallam University; also Korea BioLife and 1 more"; empty for a single text
    old: str = ""  # "from 2024": an old document that was found today; else empty
    documents: tuple[str, ...] = ()  # keys of the documents of the story that this line stands for
    key: str = ""  # key of the document whose headline it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A document that the person was sent."""

    title: str
    page: str
    day: str  # on which the letter went, YYYY-MM-DD
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Something that changed."""

    kind: UpdateKind
    headline: str  # "Update: NCT09087765 recruiting -> terminated (retinal detachments)"
    detail: str  # a sentence more, or empty
    page: str
    url: str | None  # the notice
    held: tuple[Held, ...] = ()  # what was sent that it is about, oldest first; empty in `changed`
    because: str = ""  # in `changed`: name of the search that finds it
    subject: str = ""  # fact.subject
    number: int = 0  # fact.number
    also: tuple[tuple[str, int], ...] = ()  # subject and number of other facts that it tells, too
    documents: tuple[str, ...] = ()  # keys of the documents that it is about

    @property
    def changes(self) -> tuple[tuple[str, int], ...]:
        """Every fact that it tells: subject and number."""
        return ((self.subject, self.number), *self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one subscription has that is new."""

    subscription: int
    name: str  # the person's own name for it, or the search in words
    query: str  # the search in words; what is followed
    address: str  # its page on the site
    lines: tuple[Line, ...] = ()
    more: int = 0  # stories that are new, too, and only counted
    before: tuple[Line, ...] = ()  # first letter: the best of what was there already
    found_before: int = 0  # documents that were there already
    covers: str = ""  # "now also finds: …", when the search is read more widely than before
    first: bool = False  # this letter sets the search up; it goes out even when the search finds nothing yet
    hint: str = ""  # what to try when it finds nothing yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Other texts of a story that was sent before."""

    title: str  # as it was sent
    page: str
    day: str  # on which it was sent
    texts: tuple[str, ...]  # "Han River Health: “…”"
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The content of one letter."""

    site: str
    home: str
    day: str  # YYYY-MM-DD
    every: Every
    first: bool  # the person's first letter
    about: tuple[Update, ...] = ()
    parts: tuple[Part, ...] = ()
    changed: tuple[Update, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    nothing_on: tuple[str, ...] = ()  # names of the searches that have nothing new
    manage: str = ""  # the signed page: edit, pause, add, stop
    stop: str = ""  # ends what this letter is about; one click by POST (RFC 8058)
    page: str = ""  # the letter's own page
    replies_to: tuple[str, ...] = ()  # ids of earlier letters that held what this one tells more of, newest last

    @property
    def empty(self) -> bool:
        """Whether there is nothing to send."""
        return not (
            self.about
            or self.changed
            or self.elsewhere
            or any(p.lines or p.before or p.covers or p.first for p in self.parts)
        )
