"""All names of all types in one searchable form, compiled from the TSVs and kept as a pickle.

A lexicon row is `surface concept lang source licence flags`. Flags, separated by commas:
  label        the concept's own name (also shown);  silent   shown, not searched for;  alias  a looser name
  short        an abbreviation of a title;           exact    only with these very capitals (IRIS is not an iris)
  keep         taken even if it is short or on a stop list;  drop  takes the name out again (hand lists)
  default      the one meant when nothing says otherwise;    country=KR  where the concept is
  decoy        not a name: a longer text that holds a name by chance (发展中国家 is not 中国); names in it are skipped

Compiling: every surface is folded (`spelling.py`), and its variants are added unless another name owns them. Names on
the type's stop list or shorter than the type's shortest are left out. An empty concept is allowed: a thing worth naming
for which the ontology has no class.

Searching: one Aho-Corasick automaton over the first ten characters of every name finds where a name may begin. A
dictionary then says which of the known lengths really is one. (An automaton over whole names takes 220 MB and two
seconds to build, this one a tenth.) Where a name may begin and end depends on its script (`boundaries.py`). A Korean
name is known with and without each of its spaces.
"""

from __future__ import annotations

import bisect
import hashlib
import itertools
import sys
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import ConfigError
from core.records import Concept
from nlp.compiled_lexicons import load_compiled
from nlp.entities.boundaries import is_cjk, is_hangul, may_stand, may_start
from nlp.entities.spelling import fold_name, variants
from nlp.entities.typefiles import EntityType

FORMAT = 6  # of the pickle: raise it when the fields or the rules of compiling change
KEY = 10  # characters of a name that the automaton knows
COLUMNS = ["surface", "concept", "lang", "source", "licence", "flags"]
LABEL, ALIAS, SHORT, EXACT, DEFAULT, DERIVED, KEEP = 1, 2, 4, 8, 16, 32, 64
BITS = {"label": LABEL, "alias": ALIAS, "short": SHORT, "exact": EXACT, "default": DEFAULT, "keep": KEEP}
KNOWN = {*BITS, "silent", "drop", "decoy"}
MORE = 128  # the next entry belongs to the same name
NOTHING = 2**32 - 1  # concept number of a name without a class
LONGEST_DECOY = 40  # characters
DECOY = NOTHING - 1  # concept number of a text that only looks like a name
Meaning = tuple[int, int, str]  # concept number, flags, surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One meaning of a name: its type's number, its concept (None: no class), and its flags."""

    type: int
    concept: int | None  # `Vocabulary.get_concept` gives the record
    flags: int


class Texts:
    """Many short strings as one: a fraction of the memory of a list of them, and quick to unpickle."""

    __slots__ = ("_body", "_ends")

    def __init__(self, texts: Sequence[str]) -> None:
        parts = [text.encode() for text in texts]
        self._body = b"".join(parts)
        self._ends = array("I", itertools.accumulate(map(len, parts), initial=0))

    def __getitem__(self, number: int) -> str:
        return self._body[self._ends[number] : self._ends[number + 1]].decode()

    def __len__(self) -> int:
        return len(self._ends) - 1


@dataclass(slots=True, kw_only=True)
class Compiled:
    """The columns that the pickle holds."""

    format: int
    labels: list[str]
    names: dict[str, int]  # folded name -> its first entry
    entry_type: bytes
    entry_concept: array[int]
    entry_flags: bytes
    exact: dict[str, frozenset[str]]  # folded name -> the only surfaces allowed
    keys: list[str]
    lengths: list[tuple[int, ...]]  # per key, longest first
    concept_ids: Texts
    concept_names: Texts
    concept_types: bytes
    concept_countries: list[str]
    concept_origins: list[str]


class Vocabulary:
    """Searches a text for names, and looks up names and concepts."""

    def __init__(self, compiled: Compiled, types: Sequence[EntityType]) -> None:
        from ahocorasick_rs import AhoCorasick, Implementation

        self._is = compiled
        self._types = {one.label: one for one in types}
        self.labels = tuple(compiled.labels)
        self._automaton = AhoCorasick(compiled.keys, implementation=Implementation.ContiguousNFA, store_patterns=False)
        compiled.keys = []  # the automaton has them now

    def __len__(self) -> int:
        return len(self._is.names)

    def find_names(self, folded: str, text: str) -> Iterator[tuple[int, int, tuple[Name, ...]]]:
        """Every (start, end, meanings) of a known name, overlapping ones too. `folded` is `fold(text)`."""
        found = list(self._find(folded, text))
        decoys = [(start, end) for start, end, kept in found if kept[0].concept == DECOY]
        decoys.sort()
        spoilt = {at for start, end in decoys for at in range(start, end)}
        for start, end, kept in found:
            own = tuple(name for name in kept if name.concept != DECOY)
            if own and (spoilt.isdisjoint(range(start, end)) or _covers(start, end, decoys)):
                yield start, end, own

    def _find(self, folded: str, text: str) -> Iterator[tuple[int, int, tuple[Name, ...]]]:
        names, lengths, size = self._is.names, self._is.lengths, len(folded)
        for key, start, _ in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if not may_start(folded, start):
                continue
            for length in lengths[key]:
                end = start + length
                if end > size:
                    continue
                entry = names.get(folded[start:end])
                if entry is None:
                    continue
                if self._is.entry_concept[entry] != DECOY and not may_stand(folded, start, end):
                    continue
                allowed = self._is.exact.get(folded[start:end])
                kept = tuple(
                    name
                    for name in self._names(entry)
                    if not name.flags & EXACT or (allowed is not None and text[start:end] in allowed)
                )
                if kept:
                    yield start, end, kept

    def get_names(self, folded: str) -> tuple[Name, ...]:
        """The meanings of one folded name; empty when it is unknown."""
        entry = self._is.names.get(folded)
        return () if entry is None else tuple(name for name in self._names(entry) if name.concept != DECOY)

    def _names(self, entry: int) -> Iterator[Name]:
        more = True
        while more:
            flags = self._is.entry_flags[entry]
            number = self._is.entry_concept[entry]
            yield Name(
                type=self._is.entry_type[entry],
                concept=None if number == NOTHING else number,
                flags=flags & ~MORE,
            )
            more = bool(flags & MORE)
            entry += 1

    def concepts(self) -> Iterator[Concept]:
        """Every concept of every lexicon."""
        return map(self.get_concept, range(len(self._is.concept_ids)))

    def numbers_of(self, wanted: Collection[str] | None, *, prefix: str = "") -> dict[str, int]:
        """Concept id -> its number here, of those wanted (None: all) whose id begins with `prefix`."""
        ids = ((number, self._is.concept_ids[number]) for number in range(len(self._is.concept_ids)))
        return {one: number for number, one in ids if one.startswith(prefix) and (wanted is None or one in wanted)}

    def get_concept(self, number: int) -> Concept:
        """The record of a concept by its number in this vocabulary. Raises IndexError."""
        concept = self._is.concept_ids[number]
        label = self.labels[self._is.concept_types[number]]
        prefix, _, local = concept.partition(":")
        pattern = self._types[label].urls.get(prefix)
        return Concept(
            id=concept,
            type=label,
            name=self._is.concept_names[number],
            country=self._is.concept_countries[number] or None,
            url=pattern.format(local) if pattern else None,
            origin=self._is.concept_origins[number],
        )


def _covers(start: int, end: int, decoys: Sequence[tuple[int, int]]) -> bool:
    """True when every decoy that the name overlaps is inside the name. The name overlaps at least one."""
    first = max(0, bisect.bisect_left(decoys, (start - LONGEST_DECOY, 0)))
    for left, right in itertools.islice(decoys, first, None):
        if left >= end:
            break
        if right > start and not start <= left < right <= end:
            return False
    return True


def load_vocabulary(types: Sequence[EntityType], lexicons: Path, cache: Path) -> Vocabulary:
    """Compile (or take the pickle of the same fingerprint) and make searchable. Raises ConfigError on a broken row."""
    compiled = load_compiled(
        cache, "vocabulary", fingerprint_of(types, lexicons), Compiled, lambda: compile_names(types, lexicons)
    )
    return Vocabulary(compiled, types)


def fingerprint_of(types: Sequence[EntityType], lexicons: Path) -> str:
    """sha256 over what the types declare and the bytes of their lexicons."""
    total = hashlib.sha256(f"format {FORMAT}".encode())
    for one in types:
        total.update(
            repr(replace(one, options={})).encode()
        )  # components read the options; names do not depend on them
        for name in one.lexicons:
            total.update(name.encode() + b"\0" + hashlib.sha256(_read(lexicons / name)).digest())
    return total.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("a lexicon cannot be read", where=str(path.name)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a lexicon."""

    surface: str
    concept: str
    lang: str
    source: str
    licence: str
    flags: frozenset[str]
    country: str


def parse_lexicon(body: bytes, *, where: str) -> Iterator[Row]:
    """Bytes of a TSV -> rows. Raises ConfigError naming file and line."""
    try:
        lines = body.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8", where=where) from error
    if lines[0].split("\t") != COLUMNS:
        raise ConfigError("the first line must be: " + " ".join(COLUMNS), where=where)
    for number, line in enumerate(lines[1:], start=2):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS) or not cells[0].strip():
            raise ConfigError(f"{len(cells)} cells, not {len(COLUMNS)}", where=f"{where} line {number}")
        flags = frozenset(filter(None, cells[5].split(",")))
        country = next((flag[8:] for flag in flags if flag.startswith("country=")), "")
        unknown = [f for f in flags if f not in KNOWN and not f.startswith("country=")]
        if unknown:
            raise ConfigError(f"unknown flag {unknown[0]!r}", where=f"{where} line {number}")
        if "decoy" in flags and len(cells[0]) > LONGEST_DECOY:
            raise ConfigError(f"a decoy has at most {LONGEST_DECOY} characters", where=f"{where} line {number}")
        if cells[1] and ":" not in cells[1]:
            raise ConfigError(f"concept {cells[1]!r} has no prefix", where=f"{where} line {number}")
        yield Row(**dict(zip(COLUMNS[:-1], cells, strict=False)), flags=flags, country=country)


@dataclass(slots=True, kw_only=True)
class _Concepts:
    """The concepts of all lexicons, numbered in the order in which they come."""

    numbers: dict[str, int] = field(default_factory=dict)
    types: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)

    def number_of(self, kind: int, row: Row) -> int:
        """The number of a row's concept; takes its name, country and origin from the row."""
        if not row.concept:
            return NOTHING
        fresh = row.concept not in self.numbers
        number = self.numbers.setdefault(row.concept, len(self.numbers))
        if fresh:
            self.types.append(kind)
            self.names.append(row.surface)
            self.countries.append(row.country)
            self.origins.append(sys.intern(f"{row.source}, {row.licence}"))
        elif "label" in row.flags:
            self.names[number] = row.surface
            self.origins[number] = sys.intern(f"{row.source}, {row.licence}")
        if row.country:
            self.countries[number] = row.country
        return number


def compile_names(types: Sequence[EntityType], lexicons: Path) -> Compiled:
    """TSVs -> columns. A later lexicon of a type corrects an earlier one: its meaning of a name replaces theirs."""
    entries: list[tuple[int, int, int]] = []
    names: defaultdict[str, list[int]] = defaultdict(list)
    exact: defaultdict[str, set[str]] = defaultdict(set)
    concepts = _Concepts()
    decoys: dict[str, None] = {}
    for kind, one in enumerate(types):
        meant: dict[str, list[Meaning]] = {}
        for file in one.lexicons:
            rows = parse_lexicon(_read(lexicons / file), where=file)
            for folded, meanings in _read_meanings(kind, rows, meant, decoys, concepts).items():
                default = any(bits & DEFAULT for _, bits, _ in meanings)
                meant[folded] = meant.get(folded, []) + meanings if default else meanings
        _enter(kind, one, meant, entries, names, exact)
    for decoy in decoys:  # before the meanings that the same text may have as a name
        names[decoy].insert(0, len(entries))
        entries.append((0, DECOY, 0))
    return _lay_out([one.label for one in types], entries, names, exact, concepts)


def _read_meanings(
    kind: int, rows: Iterable[Row], meant: dict[str, list[Meaning]], decoys: dict[str, None], concepts: _Concepts
) -> dict[str, list[Meaning]]:
    """Folded name -> its meanings in one lexicon. Takes dropped names out of `meant`, adds to `decoys`."""
    fresh: defaultdict[str, list[Meaning]] = defaultdict(list)
    for row in rows:
        folded = fold_name(row.surface)
        if "drop" in row.flags:
            meant.pop(folded, None)
        elif "decoy" in row.flags:
            decoys[folded] = None
        else:
            number = concepts.number_of(kind, row)
            if folded and "silent" not in row.flags:
                bits = sum(bit for flag, bit in BITS.items() if flag in row.flags)
                fresh[folded].append((number, bits, row.surface))
    return fresh


def _lay_out(
    labels: list[str],
    entries: Sequence[tuple[int, int, int]],
    names: Mapping[str, list[int]],
    exact: Mapping[str, set[str]],
    concepts: _Concepts,
) -> Compiled:
    """Columns, with the entries of one name one after another."""
    keyed: defaultdict[str, set[int]] = defaultdict(set)
    for name in names:
        keyed[name[:KEY]].add(len(name))
    order = [number for held in names.values() for number in held]
    first = list(itertools.accumulate(map(len, names.values()), initial=0))
    flags = bytearray(entries[number][2] for number in order)
    for start, held in zip(first, names.values(), strict=False):
        for at in range(start, start + len(held) - 1):
            flags[at] |= MORE
    spans: dict[tuple[int, ...], tuple[int, ...]] = {}  # one tuple for all keys of the same lengths
    lengths = [tuple(sorted(found, reverse=True)) for found in keyed.values()]
    return Compiled(
        format=FORMAT,
        labels=labels,
        names=dict(zip(names, first, strict=False)),
        entry_type=bytes(entries[number][0] for number in order),
        entry_concept=array("I", (entries[number][1] for number in order)),
        entry_flags=bytes(flags),
        exact={name: frozenset(surfaces) for name, surfaces in exact.items()},
        keys=list(keyed),
        lengths=[spans.setdefault(found, found) for found in lengths],
        concept_ids=Texts(list(concepts.numbers)),
        concept_names=Texts(concepts.names),
        concept_types=bytes(concepts.types),
        concept_countries=concepts.countries,
        concept_origins=concepts.origins,
    )


def _enter(
    kind: int,
    one: EntityType,
    meant: Mapping[str, list[Meaning]],
    entries: list[tuple[int, int, int]],
    names: defaultdict[str, list[int]],
    exact: defaultdict[str, set[str]],
) -> None:
    stop = {fold_name(word) for word in one.stop}
    for folded, meanings in meant.items():
        for concept, bits, surface in dict.fromkeys(meanings):
            letters = sum(char.isalpha() for char in folded)
            short = letters < one.shortest and not any(map(is_cjk, folded))
            if not bits & KEEP and (folded in stop or short):
                continue
            if bits & EXACT:
                exact[folded].add(surface)
            names[folded].append(len(entries))
            entries.append((kind, concept, bits))
            if bits & EXACT and "plural" in one.variants:
                exact[folded + "s"].add(surface + "s")
            kinds = [name for name in one.variants if name == "plural" or not bits & EXACT]
            if " " in folded and any(map(is_hangul, folded)):
                kinds = ["spacing"]
            for variant in variants(folded, kinds):
                if variant not in meant and (variant not in stop or bits & KEEP):
                    names[variant].append(len(entries))
                    entries.append((kind, concept, (bits | DERIVED) & ~LABEL))
