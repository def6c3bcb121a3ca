"""The one table of facets and types: what a search can filter by, and how it is named and shown.

A facet is declared in a data file next to the code that fills it. `load_facets` reads, in this order:

1. `core/facets.toml`: `[facet.x]` for the columns of a document (kind, country, month), `[status.x]`, `[date.x]`,
   `[scheme.x]` for identifiers (doi, pmid), `[link.x]` for the relations of links (paper, trial), and `[vocabulary.x]`
   for words that several facets share (countries);
2. `nlp/entities/x.toml`: the table `[facet]` of the entity type `x`; its registers come from `urls`;
3. `nlp/classify/x.toml`: a table `[facet.y]` for each label facet that the module `x.py` gives. (Its table `[cues]` is
   for that module.)

The files are read as data, by path: nothing of those packages is imported. An unknown key, a wrong type, a missing
title, two facets with one filter, and two declarations of one facet are errors that name the file and the key.

The keys of a facet (all but `title` may be left out):

    filter     = "cell"               # its name in a search; without one nobody can filter by it
    aliases    = ["cell_type"]        # other names of the filter
    title      = "Cell type"          # heading in the search
    plural     = "Cell types"         # heading of many; default: the title
    heading    = "Cell type"          # heading on a document's page; default: the title
    word       = "cell type"          # in a sentence of a letter; default: the title in lower case
    about      = "…"                  # one line for the data dictionary; default for a type: its `about`
    values     = { news = "News" }    # value -> words, in the order in which pages and letters list them
    plurals    = { paper = "Papers" } # value -> words for many
    flags      = { retracted = "paper retracted" }   # value -> words of its flag; default: those in `values`
    vocabulary = "country"            # a table of core/facets.toml that has the words instead
    closed     = true                 # a search for a value that `values` lacks is an error
    case       = "lower"              # how the search writes a value: lower, upper or as written (default)
    pattern    = "[A-Z]{2}"           # what a value must look like, and
    takes      = "a two-letter code"  # … the words for it in the error
    absent     = "none"               # the value that means that nothing was found
    unflagged  = ["human"]            # values that make no flag on a card
    newest     = true                 # its values are listed newest first, not commonest first
    quoted     = true                 # its sentences come first where only a few may be quoted
    warns      = true                 # its flags are warnings to a reader
    unless     = { planned = "evidence" }   # value -> facet: the value makes no flag next to a flag of that facet
    public     = false                # it stays out of the edition
    threshold  = 0.8                  # a label or link with a lower score is kept, but not shown
    thresholds = { animal = 0.9 }     # value -> its own threshold
    unsaid     = "stage not said"     # words where all that was found is below the threshold
    json       = { key = "…" }        # how `read --json` gives a label; see `JsonForm`
    registers  = { CL = "Cell Ontology" }   # prefix -> name of the register, where the prefix is not its name
    own        = "proper"             # of a type: which names without identifier are things (see `Own`)
    proper     = true                 # of a type: its things are called by names, which have a capital
    colour     = "green"              # of a type in the terminal
    examples   = ["cell:MSC"]         # for the search help
    help       = "…"                  # … and its words; `…` in backquotes is code
    shown      = { search = 70, document = 20 }   # place -> number; lower comes first (see `Place`)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from core.config import ROOT, Strict, checked, load_toml
from core.errors import ConfigError
from core.records import Json

Kind = Literal["column", "status", "date", "scheme", "link", "type", "label"]
"""What fills it: a column of document, a notice about the paper or the trial's registry, the day, an identifier,
links, mentions, labels."""

Place = Literal["search", "document", "card", "flag", "story", "trials", "about", "typed"]
"""Where a facet is shown:

search    the list of facets on the search page
document  a document's page: labels under "What it rests on", types under "What it names"
card      types that cards show and that the front page lists
flag      labels that are flags on cards, in feeds and in letters
story     labels on a story's page
trials    tables of the page of trials; their counts are made with the edition
about     the search help; facets with one number share a row
typed     facets whose values are understood where a search names them next to a topic: mice, Korea, retracted
"""

Own = Literal["proper", "known", "person"]
"""Which names of a type are things of their own, under own keys, though no register has them
(publish/edition/own_names.py):

proper    names in capitals: institutions, journals
known     names that our lexicons hold without an identifier: diseases, cell types
person    full names of people
"""

Words = Annotated[tuple[str, ...], Field(strict=False)]
Share = Annotated[float, Field(strict=False, ge=0, le=1)]


class JsonForm(Strict):
    """A label facet in `read --json`, under `key`: its values, the surest first, or another `form`."""

    key: str
    form: Literal["values", "first", "any", "has"] = "values"
    """values: the list; first: the surest or null; any: whether there is one; has: whether `value` is there."""
    value: str | None = None


class Register(Strict):
    """A register of identifiers: its name, and the address of a concept (`{}` is what follows the colon)."""

    name: str
    url: str | None = None

    def address(self, local: str) -> str:
        """The address of one identifier, or nothing."""
        return self.url.format(local) if self.url else ""


class Declaration(Strict):
    """The keys that a file may hold for one facet."""

    title: str = Field(min_length=1)
    filter: str | None = Field(default=None, pattern=r"^[a-z_]+$")
    aliases: Words = ()
    plural: str = ""
    heading: str = ""
    word: str = ""
    about: str = ""
    values: dict[str, str] = {}
    plurals: dict[str, str] = {}
    flags: dict[str, str] = {}
    vocabulary: str | None = None
    closed: bool = False
    case: Literal["lower", "upper", "as written"] = "as written"
    pattern: str | None = None
    takes: str = ""
    absent: str | None = None
    unflagged: Words = ()
    newest: bool = False
    quoted: bool = False
    warns: bool = False
    unless: dict[str, str] = {}
    public: bool = True
    threshold: Share = 0.0
    thresholds: dict[str, Share] = {}
    unsaid: str = "not said for certain"
    json_form: JsonForm | None = Field(default=None, alias="json")
    registers: dict[str, Register] = {}
    own: Own | None = None
    proper: bool = False
    colour: str | None = None
    examples: Words = ()
    help: str = ""
    shown: dict[Place, int] = {}


class Facet(Declaration):
    """One facet or entity type. `name` is what rows call it, `kind` which rows, `file` where it is declared."""

    name: str
    kind: Kind
    file: str

    def words(self, value: str) -> str:
        """A value as readers see it."""
        return self.values.get(value, value)

    def flag(self, value: str) -> str:
        """The words of a value's flag."""
        return self.flags.get(value, self.words(value))

    def shows(self, value: str, score: float) -> bool:
        """Whether a label or link with this score is sure enough to be shown. Every reader of work.db asks this."""
        return score >= self.thresholds.get(value, self.threshold)

    def is_flag(self, value: str, flagged: Collection[str]) -> bool:
        """Whether a value makes a flag, where the facets `flagged` make some already."""
        return value not in (self.absent, *self.unflagged) and self.unless.get(value) not in flagged

    @property
    def as_json(self) -> JsonForm:
        """How `read --json` gives it: by default a list under its name."""
        return self.json_form or JsonForm(key=self.name)


@dataclass(frozen=True)
class Facets:
    """Every facet, in the order of their files. Cached properties are the views that others read."""

    all: tuple[Facet, ...]
    vocabularies: Mapping[str, Mapping[str, str]]

    @cached_property
    def filters(self) -> Mapping[str, Facet]:
        """filter -> facet."""
        return {facet.filter: facet for facet in self.all if facet.filter}

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """other name -> filter."""
        return {alias: facet.filter for facet in self.all if facet.filter for alias in facet.aliases}

    def find_filter(self, name: str) -> Facet | None:
        """The facet of a filter or of one of its aliases."""
        return self.filters.get(self.aliases.get(name, name))

    def of_kind(self, *kinds: Kind) -> tuple[Facet, ...]:
        return tuple(facet for facet in self.all if facet.kind in kinds)

    def find(self, kind: Kind, name: str) -> Facet | None:
        """A facet by what rows call it."""
        return self.by_name.get((kind, name))

    @cached_property
    def by_name(self) -> Mapping[tuple[Kind, str], Facet]:
        """(kind, what rows call it) -> facet."""
        return {(facet.kind, facet.name): facet for facet in self.all}

    def shown_in(self, place: Place, *kinds: Kind) -> tuple[Facet, ...]:
        """Facets (of some kinds) that a place shows, in its order."""
        found = [facet for facet in self.all if place in facet.shown and (not kinds or facet.kind in kinds)]
        return tuple(sorted(found, key=lambda facet: (facet.shown[place], facet.name)))

    @cached_property
    def registers(self) -> Mapping[str, Register]:
        """prefix of a concept -> register."""
        return {prefix: register for facet in self.all for prefix, register in facet.registers.items()}

    def help_rows(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """The search help: (examples, words), a row for each number of the place `about`."""
        rows: dict[int, list[Facet]] = defaultdict(list)
        for facet in self.shown_in("about"):
            rows[facet.shown["about"]].append(facet)
        for some in rows.values():
            examples = tuple(example for facet in some for example in facet.examples)
            yield examples, "; ".join(facet.help for facet in some if facet.help)


@cache
def facets() -> Facets:
    """The table of this checkout. Raises ConfigError."""
    return load_facets(ROOT)


def load_facets(root: Path) -> Facets:
    """The table of the checkout in `root`. Raises ConfigError naming the file and the key."""
    own = load_toml(root / "core" / "facets.toml")
    vocabularies: Mapping[str, Mapping[str, str]] = own.pop("vocabulary", {})
    found = [facet for facet in _declared(root, own) if _fits(facet)]
    _refuse_twins(found)
    return Facets(all=tuple(_with_words(facet, vocabularies) for facet in found), vocabularies=vocabularies)


def _declared(root: Path, own: Json) -> Iterator[Facet]:
    sections: dict[str, Kind] = {
        "facet": "column", "status": "status", "date": "date", "scheme": "scheme", "link": "link",
    }  # fmt: skip
    place = "core/facets.toml"
    for section, tables in own.items():
        if section not in sections:
            raise ConfigError(f"{section}: unknown key", where=place, hint=f"known: {', '.join(sections)}, vocabulary")
        for name, table in tables.items():
            yield _facet(sections[section], name, table, place, f"{section}.{name}")
    for path in sorted((root / "nlp" / "entities").glob("*.toml")):
        raw, place = load_toml(path), path.relative_to(root).as_posix()
        if "facet" not in raw:
            raise ConfigError("facet: missing", where=place, hint="docs/how-to/add-an-entity.md shows the table")
        name = str(raw.get("label", path.stem)).lower()
        table = {"about": raw.get("about", ""), **raw["facet"], "registers": _registers(raw, place)}
        yield _facet("type", name, table, place, "facet")
    for path in sorted((root / "nlp" / "classify").glob("*.toml")):
        raw, place = load_toml(path), path.relative_to(root).as_posix()
        if not raw.get("facet"):
            raise ConfigError("facet: missing", where=place, hint="docs/how-to/add-a-label.md shows the table")
        for key in raw.keys() - {"facet", "cues"}:
            raise ConfigError(f"{key}: unknown key", where=place, hint="known: facet, cues")
        for name, table in raw["facet"].items():
            yield _facet("label", name, table, place, f"facet.{name}")


def _facet(kind: Kind, name: str, table: Json, place: str, key: str) -> Facet:
    declared = checked(Declaration, table, f"{place} [{key}]")
    plain = {
        "plural": declared.plural or declared.title,
        "heading": declared.heading or declared.title,
        "word": declared.word or declared.title.lower(),
    }
    return Facet(name=name, kind=kind, file=place, **(declared.model_dump(by_alias=True) | plain))


def _registers(raw: Json, place: str) -> Json:
    """prefix -> register: addresses from the type's `urls`, names from `registers`."""
    names, urls = raw["facet"].get("registers", {}), raw.get("urls", {})
    for prefix in names:
        if prefix not in urls:
            raise ConfigError(f"facet.registers.{prefix}: no such prefix in urls", where=place)
    return {prefix: {"name": names.get(prefix, prefix), "url": url} for prefix, url in urls.items()}


def _fits(facet: Facet) -> bool:
    """True. Raises ConfigError where two keys contradict each other."""
    place = f"{facet.file} ({facet.name})"
    if facet.filter is None and (facet.aliases or "search" in facet.shown or "flag" in facet.shown):
        raise ConfigError("filter: missing, though aliases or shown need it", where=place)
    if (facet.threshold or facet.thresholds) and facet.kind not in ("label", "link"):
        raise ConfigError(f"threshold: a {facet.kind} has no score", where=place)
    if facet.closed and not facet.values:
        raise ConfigError("closed: there are no values", where=place)
    if facet.pattern and not facet.takes:
        raise ConfigError("takes: missing; it says what the pattern wants", where=place)
    return True


def _refuse_twins(found: Iterable[Facet]) -> None:
    seen: dict[tuple[str, str], Facet] = {}
    for facet in found:
        names = [("filter", name) for name in (facet.filter, *facet.aliases) if name]
        for key in [*names, (f"{facet.kind} facet", facet.name)]:
            if key in seen:
                raise ConfigError(
                    f"{key[0]} {key[1]!r} is declared twice", where=facet.file, hint=f"also in {seen[key].file}"
                )
            seen[key] = facet


def _with_words(facet: Facet, vocabularies: Mapping[str, Mapping[str, str]]) -> Facet:
    if facet.vocabulary is None:
        return facet
    if facet.vocabulary not in vocabularies:
        known = ", ".join(sorted(vocabularies))
        raise ConfigError(f"vocabulary: no {facet.vocabulary!r}", where=facet.file, hint=f"known: {known}")
    return facet.model_copy(update={"values": dict(vocabularies[facet.vocabulary])})
