"""What the forms of the desk ask: the fields of something to follow, read from a request, checked, and shown again.

`Asked.read` takes whatever was sent and fails at nothing: control characters go, what is too long is cut. `Asked.check`
gives what is wanted, as it may be stored, or says what is wrong, by the field: `q` for what is followed, `every`,
`weekday`, `stage`, `most`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData, ImmutableMultiDict

from core.config import Config
from core.errors import UsageError
from core.facets import facets
from core.text import one_line
from publish.letters.desk.own_lists import read_own
from publish.letters.desk.parts import in_words
from publish.letters.records import Every, Kind
from publish.letters.wanted import EVIDENCE, MAX_NAME, MAX_OWNED, MAX_QUERY, MAX_STORIES, Wanted, check_wanted

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RHYTHMS: dict[Every, str] = {
    "daily": "every day on which there is something new",
    "weekly": "once a week",
    "at once": "only when a status changes: a retraction, a correction, a trial",
}
LONGER = 2 * MAX_QUERY  # characters of a field that are read: what is too long is said, not cut

Given = FormData | ImmutableMultiDict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields of a form as they were sent, and what is wrong with them."""

    kind: Kind = "search"
    query: str = ""
    identifiers: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # lines of a list that were not understood
    name: str = ""
    every: str = "weekly"
    weekday: str = ""
    stages: tuple[str, ...] = ()
    most: str = "40"
    address: str = ""
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Given, most: int) -> Asked:
        """The fields of a request; `most` is the limit where none was sent. What is missing has its default."""
        own = read_own("\n".join(value for value in given.getlist("own") if isinstance(value, str)))
        listed = bool(own.identifiers or own.unknown)
        story = field_of(given, "story")
        kind: Kind = "own" if listed else "story" if story else "search"
        return cls(
            kind=kind, query=story or field_of(given, "q"), identifiers=own.identifiers, unknown=own.unknown,
            name=field_of(given, "name"), every=field_of(given, "every") or ("weekly" if kind == "search" else "daily"),
            weekday=field_of(given, "weekday"),
            stages=tuple(dict.fromkeys(one_line(s) for s in given.getlist("stage") if isinstance(s, str) and s)),
            most=field_of(given, "most") or str(most), address=field_of(given, "address"),
        )  # fmt: skip

    @classmethod
    def of(cls, wanted: Wanted) -> Asked:
        """The fields of something that is followed already."""
        return cls(
            kind=wanted.kind, query=wanted.query, identifiers=wanted.identifiers, name=wanted.name, every=wanted.every,
            weekday="" if wanted.weekday is None else str(wanted.weekday), stages=wanted.stages, most=str(wanted.most),
        )  # fmt: skip

    def for_kind(self, wanted: Wanted) -> Asked:
        """The fields for what is followed already: its kind stays, and what a story or a list is."""
        same = self if wanted.kind == "search" else replace(self, query=wanted.query)
        identifiers = self.identifiers or wanted.identifiers if wanted.kind == "own" else ()
        return replace(same, kind=wanted.kind, identifiers=identifiers)

    def check(self, config: Config) -> tuple[Asked, Wanted | None]:
        """The fields with what is wrong, and what is wanted if nothing is."""
        wrong = dict(self.wrong)
        every = next((one for one in RHYTHMS if one == self.every), None)
        if every is None:
            wrong["every"] = "Please choose one of these."
        weekday = int(self.weekday) if self.weekday in tuple("0123456") else None
        if self.weekday and weekday is None:
            wrong["weekday"] = "Please choose a day of the week."
        is_number = self.most.isascii() and self.most.isdecimal() and len(self.most) < 6
        most = int(self.most) if is_number and 1 <= int(self.most) <= MAX_STORIES else None
        if most is None:
            wrong["most"] = f"Please give a number from 1 to {MAX_STORIES}."
        if len(self.name) > MAX_NAME:
            wrong["name"] = f"Please choose a name of at most {MAX_NAME} characters."
        if any(stage not in stages() for stage in self.stages):
            wrong["stage"] = "Please choose among these."
        if self.kind == "own" and len(self.identifiers) > MAX_OWNED:
            wrong["q"] = f"A list can have {MAX_OWNED:,} works and trials. This one has {len(self.identifiers):,}."
        elif self.unknown:
            wrong["q"] = f"This was not understood: {'; '.join(self.unknown[:5])}."
        wanted = Wanted(  # what is wrong elsewhere must not hide what is wrong with the search
            kind=self.kind, query=self.query, name=self.name[:MAX_NAME], every=every or "weekly", weekday=weekday,
            stages=tuple(stage for stage in self.stages if stage in stages()), most=most or 1,
            identifiers=self.identifiers,
        )  # fmt: skip
        if "q" not in wrong:
            try:
                wanted = check_wanted(config, wanted)
            except UsageError as error:
                wrong["q"] = in_words(error)
        return replace(self, wrong=wrong), None if wrong else wanted

    def with_wrong(self, name: str, text: str) -> Asked:
        """The same with one more thing that is wrong."""
        return replace(self, wrong={**self.wrong, name: text})


def field_of(given: Given, name: str) -> str:
    """The first value of a field on one line, without control characters; empty where it is missing."""
    value = given.get(name)
    return one_line(value[: 4 * LONGER])[:LONGER] if isinstance(value, str) else ""


def stages() -> dict[str, str]:
    """The kinds of evidence that one can ask for, and what they are called."""
    facet = facets().filters[EVIDENCE]
    return {value: words for value, words in facet.values.items() if value != facet.absent}
