"""What a page is: an address, a template, a function that answers, links to it, and addresses to try.

A page is a module of this folder that has `PAGES`, and a template in `datasette/templates/`. Nothing else names it:

    LINKS = (Link("Countries", 260, under="Search"),)
    PAGES = (Page(route="/countries", template="countries.html", show=show, links=LINKS),)

`show` asks the edition for typed rows (`publish.pages.rows`) and returns what the template needs. It knows nothing of
HTTP: a page that is not there is the exception PageMissing, another address is a Redirect.

A page declares the forms in which it can be taken away: `formats=(JSON, CSV)`. Each has a function of its own and the
page's address with a suffix (`/series/4b.csv`); routes, links, samples, robots.txt and the page on the API are made
from this declaration.

Before an edition goes live, each page is asked for at its sample addresses (`publish.pages.serve`). A page at a fixed
address needs no samples; one that takes part of its address as a parameter must have them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from core.errors import StemwireError
from publish.pages.rows import OpenEdition

Context = Mapping[str, object]
FORMS_TRIED = 2  # addresses of a page at which each of its forms is tried before an edition goes live
FURTHEST = 100  # pages of a list; further back a search by date leads


class PageMissing(StemwireError):
    """There is nothing at this address in this edition: answered with 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for: named parts of the path, decoded, and parameters in their order.

    `site` is the address of the site, without a slash at its end; `suffix` is that of the form asked for, `.json`.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    params: Sequence[tuple[str, str]] = ()
    site: str = ""
    suffix: str = ""

    def get(self, name: str) -> str:
        """The first value of a parameter, or an empty text."""
        return next((value for given, value in self.params if given == name), "")

    @property
    def number(self) -> int:
        """The page of a list that is asked for, 1 to FURTHEST; 1 for what is no number."""
        asked = self.get("page")
        if not (asked.isascii() and asked.isdigit() and len(asked) < 6):
            return 1
        return min(max(int(asked), 1), FURTHEST)

    def skipped(self, size: int) -> int:
        """How many come before the page that is asked for, `size` to a page."""
        return (self.number - 1) * size

    @property
    def last(self) -> bool:
        """Whether no further page of a list can be asked for."""
        return self.number >= FURTHEST

    @property
    def key(self) -> str:
        """The stable end of a name: `a-title-4b0363b3cc86` -> `4b0363b3cc86`."""
        return self.parts["name"].rpartition("-")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """A context with another status, or for another template, than the page's own."""

    context: Context
    status: int = 200
    template: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    address: str
    status: int = 301


@dataclass(frozen=True, slots=True)
class Text:
    """Text without a template, plain unless it says otherwise."""

    text: str
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """An answer in pieces: each is made when the one before it has been sent. `name`: to keep it under, else shown."""

    pieces: AsyncIterator[str]
    content_type: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation; `place` sorts them. An empty address is that of the page.

    `under` is the title of the place that it is below. An entry without it is one of the places in the head of every
    page. `about` says in one sentence what is there, for lists of entries.
    """

    title: str
    place: int
    address: str = ""
    under: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """An address to try before an edition goes live, and the status that it must have."""

    address: str
    status: int = 200


Show = Callable[[OpenEdition, Request], Awaitable["Context | Answer | Redirect | Text | Stream"]]
Samples = Callable[[sqlite3.Connection], Iterable[Sample]]
Links = tuple[Link, ...] | Callable[[], Iterable[Link]]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a CSV, or a name in a JSON, and what it says."""

    name: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A form in which a page can be taken away, at the page's address with `.suffix`. `about` is for the API's page."""

    suffix: str
    title: str
    content_type: str
    show: Show
    about: str = ""
    fields: tuple[Field, ...] = ()
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One kind of page. `route` is a regular expression for the whole path; named groups are the request's parts.

    `about` says for the API's page what it is; `example` is SQL that gives one address without reading a whole table.
    `schema` is its type in the vocabulary of schema.org. `within` is the address of the entry of the navigation that it
    belongs to, for a page that has no entry of its own; names in braces are parts of its address.
    """

    route: str
    show: Show
    template: str = ""
    links: Links = ()
    samples: Samples | tuple[Sample, ...] = ()
    content_type: str = "text/html; charset=utf-8"
    formats: tuple[Format, ...] = ()
    about: str = ""
    example: str = ""
    schema: str = "WebPage"
    suffix: str = ""
    within: str = ""

    def __post_init__(self) -> None:
        if "(" in self.route and not self.samples and not self.suffix:
            raise StemwireError("a page with parameters in its address needs samples", where=self.route)
        if self.formats and not self.about:
            raise StemwireError("a page that can be taken away says for the API what it is (about)", where=self.route)
        if self.formats and "(" in self.route and not self.example:
            raise StemwireError("a page that can be taken away needs an example, as SQL", where=self.route)

    @property
    def address(self) -> str:
        """The address of a page without parameters."""
        return self.route.replace("\\", "")

    def stands_at(self, path: str, parts: Mapping[str, str]) -> str:
        """Where in the navigation a page is: at its own address, or at that of the entry that it belongs to."""
        return self.within.format_map(parts) or path

    def try_at(self, edition: sqlite3.Connection) -> Iterator[Sample]:
        """Addresses to try: the samples, and the page's own where it has no parameters."""
        samples = list(self.samples(edition) if callable(self.samples) else self.samples)
        if "(" not in self.route and self.address not in {sample.address for sample in samples} and not self.suffix:
            samples.insert(0, Sample(self.address))
        yield from samples
        good = [sample.address for sample in samples if sample.status == 200]
        for one in self.formats:
            for address in good[:FORMS_TRIED]:
                yield Sample(with_suffix(address, one.suffix))

    def forms(self) -> Iterator[Page]:
        """The page in each of its forms: pages of their own."""
        for one in self.formats:
            yield replace(
                self, route=rf"{self.route}\.{one.suffix}", show=one.show, content_type=one.content_type,
                template=one.template, links=(), samples=(), formats=(), suffix=f".{one.suffix}",
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasettePage:
    """Pages that Datasette makes itself: only their links and samples are ours."""

    links: Links
    samples: Samples

    def try_at(self, edition: sqlite3.Connection) -> Iterator[Sample]:
        """Addresses to try."""
        yield from self.samples(edition)


def to_named(address: str, slug: str, key: str, asked: str, suffix: str = "") -> Redirect | None:
    """Where a page under an older title is now; None where it was asked for by its present name."""
    return None if asked == f"{slug}-{key}" else Redirect(f"{address}/{quote(slug)}-{key}{suffix}")


def with_suffix(address: str, suffix: str) -> str:
    """`/search?q=a` -> `/search.json?q=a`."""
    path, mark, params = address.partition("?")
    return f"{path}.{suffix}{mark}{params}"
