"""Every name that the lexicons have for a concept, how it is a name, and how many concepts go by it.

A search takes more names than the reader of texts: a name that is only shown (`silent`) is good to type. In order:

1. the rows of each type are read; as for texts, a later lexicon corrects an earlier one, and what a type never reads
   (`stop`: disease, cell, head) is no name. `more_names.tsv` adds short forms that no lexicon has;
2. spans that annotators of four corpora marked (CORPORA) are left out: "a falling platelet count", "cancer-prone" are
   words of a text about a thing, not its name. So is a single letter;
3. a name is a `label` (the concept's own), a `short` form (EV, iPSC) or another `name`;
4. its senses are counted over all types, by a key without case, plural and spelling (`key_of`). A name of a journal is
   taken from what the journal is about (Stroke, Diabetes), so journals do not make it ambiguous. It counts one for the
   sense that is meant when nothing says otherwise: the lexicon's `default`; or the one that is wider than all others,
   since a search for it finds these too; or the only one by which texts are read; or the only concept with it as its
   label. All others count them all;
5. a short form of one or two letters that texts are not read by counts another sense: each has dozens that no
   lexicon here knows.
"""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.compiled_lexicons import load_compiled
from nlp.entities.boundaries import is_cjk
from nlp.entities.spelling import fold_name
from nlp.entities.typefiles import EntityType, load_types
from nlp.entities.vocabulary import Row, fingerprint_of, parse_lexicon
from nlp.names.hierarchy import Hierarchy, load_hierarchy
from nlp.normalize.name_keys import tokens

FORMAT = 1  # of the pickle
HERE = Path(__file__).resolve().parent
TYPES = HERE.parent / "entities"
LEXICONS = HERE.parent / "lexicons"
COMPILED = HERE.parent / "compiled"
MORE = HERE / "more_names.tsv"
CORPORA = frozenset({"CRAFT", "BioRED", "NCBI Disease corpus", "BioCreative V CDR corpus"})
LAST = "JOURNAL"  # named after what it writes about
LONGEST_SHORT = 8  # signs of a short form
RANKS = ("label", "name", "short")  # of the same name: the first is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of a concept."""

    name: str
    lang: str
    how: str  # label | name | short
    senses: int
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A row of a lexicon that is a name. A concept that is empty is a thing without an identifier."""

    type: str
    concept: str
    name: str
    lang: str
    how: str
    default: bool
    silent: bool
    alone: bool  # texts are read by it without any word next to it
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What is kept as a pickle: the type of each concept, and its names as plain tuples."""

    format: int
    types: Mapping[str, str]
    names: Mapping[str, tuple[tuple[str, str, str, int, str], ...]]

    def of(self, concept: str) -> tuple[Name, ...]:
        """The names of a concept; none if no lexicon has it."""
        rows = self.names.get(concept, ())
        return tuple(Name(name=n, lang=lang, how=how, senses=k, origin=o) for n, lang, how, k, o in rows)


def load_names() -> Names:
    """The names of all concepts of all lexicons. Raises ConfigError."""
    types = load_types(TYPES)
    return load_compiled(COMPILED, "names", fingerprint_names(), Names, lambda: find_names(types, load_hierarchy()))


def fingerprint_names() -> str:
    """Of the lexicons and of the files of this package. Raises ConfigError."""
    total = hashlib.sha256(f"format {FORMAT} {fingerprint_of(load_types(TYPES), LEXICONS)}".encode())
    for path in sorted((*HERE.glob("*.tsv"), HERE.parent / "roles" / "wider.tsv", *HERE.glob("*.py"))):
        total.update(path.read_bytes())
    return total.hexdigest()


def find_names(types: Sequence[EntityType], hierarchy: Hierarchy) -> Names:
    """Reads every lexicon. Raises ConfigError naming file and line."""
    meanings = [meaning for one in types for meaning in read_type(one)] + list(read_more())
    by_key: defaultdict[str, list[Meaning]] = defaultdict(list)
    for meaning in meanings:
        by_key[key_of(meaning.name)].append(meaning)
    found: defaultdict[str, dict[str, tuple[str, str, str, int, str]]] = defaultdict(dict)
    type_of: dict[str, str] = {}
    for group in by_key.values():
        for meaning in group:
            if not meaning.concept:
                continue
            type_of.setdefault(meaning.concept, meaning.type)
            senses = count_senses(meaning, group, hierarchy)
            row = (meaning.name, meaning.lang, meaning.how, senses, meaning.origin)
            held = found[meaning.concept].get(meaning.name)
            if held is None or RANKS.index(meaning.how) < RANKS.index(held[2]):
                found[meaning.concept][meaning.name] = row
    return Names(format=FORMAT, types=type_of, names={key: tuple(rows.values()) for key, rows in found.items()})


def read_type(one: EntityType) -> Iterator[Meaning]:
    """The names of a type, as its lexicons correct one another."""
    stop = {fold_name(word) for word in one.stop}
    read: dict[str, list[Row]] = {}  # folded name -> rows by which texts are read
    shown: list[Row] = []
    for file in one.lexicons:
        fresh: defaultdict[str, list[Row]] = defaultdict(list)
        for row in parse_lexicon((LEXICONS / file).read_bytes(), where=file):
            if "drop" in row.flags:
                read.pop(fold_name(row.surface), None)
            elif "silent" in row.flags:
                shown.append(row)
            elif "decoy" not in row.flags:
                fresh[fold_name(row.surface)].append(row)
        for folded, rows in fresh.items():
            concepts = {row.concept for row in rows}
            added = any("default" in row.flags for row in rows)
            before = read.get(folded, [])
            read[folded] = [row for row in before if added or row.concept in concepts] + rows
            shown += [
                replace(row, flags=row.flags | {"silent"})
                for row in before
                if not added and row.concept not in concepts and "label" in row.flags
            ]
    for row in shown:
        owners = {owner.concept for owner in read.get(fold_name(row.surface), ())}
        if not owners or row.concept in owners or "label" in row.flags or "short" in row.flags:
            read.setdefault(fold_name(row.surface), []).append(row)
    for folded, rows in read.items():
        yield from (
            _as_meaning(one, row) for row in rows if is_name(row) and (folded not in stop or "keep" in row.flags)
        )


def read_more() -> Iterator[Meaning]:
    """Short forms that no lexicon has: the rows of `more_names.tsv`, each with the reason."""
    with MORE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Meaning(
                type=row["type"], concept=row["concept"], name=row["name"], lang="en", how="short",
                default=row["flags"] == "default", silent=True, alone=False, origin="Stemwire, CC0 1.0",
            )  # fmt: skip


def is_name(row: Row) -> bool:
    """Whether people would type it as a name."""
    signs = [sign for sign in row.surface[:9] if sign.isalnum()]
    return row.source not in CORPORA and (len(signs) > 1 or is_eastern(row.surface))


def is_eastern(name: str) -> bool:
    """Whether it has Chinese, Japanese or Korean signs."""
    return not name.isascii() and any(map(is_cjk, name))


def _as_meaning(one: EntityType, row: Row) -> Meaning:
    silent = "silent" in row.flags
    return Meaning(
        type=one.label, concept=row.concept, name=row.surface, lang=row.lang, how=find_how(row.surface, row.flags),
        default="default" in row.flags, silent=silent, alone=not silent and one.component == "lexicon",
        origin=f"{row.source}, {row.licence}",
    )  # fmt: skip


def find_how(surface: str, flags: Collection[str]) -> str:
    """`label`, `short` or `name`.

    >>> find_how("iPSC", ()), find_how("Nat Med", {"short"}), find_how("Parkinson disease", {"label"})
    ('short', 'name', 'label')
    """
    if "label" in flags:
        return "label"
    if len(surface) > LONGEST_SHORT or " " in surface or not surface.isascii():
        return "name"
    capitals = sum(sign.isupper() or sign.isdigit() for sign in surface)
    return "short" if capitals > 1 or "short" in flags else "name"


def key_of(name: str) -> str:
    """A name without case, accents, plural and spelling; of Chinese, Japanese and Korean without its spaces.

    >>> key_of("Tumours"), key_of("ESCs"), key_of("ESCS"), key_of("줄기 세포")
    ('tumor', 'esc', 'escs', '줄기세포')
    """
    folded = unicodedata.normalize("NFKC", name)
    if is_eastern(folded):
        return "".join(folded.casefold().split())
    if folded.endswith("S") and " " not in folded:
        return folded.casefold()  # no plural
    return " ".join(tokens(folded)) or folded.casefold()


def count_senses(meaning: Meaning, group: Sequence[Meaning], hierarchy: Hierarchy) -> int:
    """How many concepts go by the name of a meaning; 1 for the one that is meant. `group`: all with its key."""
    number = 1
    if len(group) > 1:
        rivals = [one for one in group if meaning.type == LAST or one.type != LAST]
        number = len({one.concept or f"{one.type} without identifier" for one in rivals})
        if number > 1 and find_default(rivals, hierarchy) == meaning.concept:
            number = 1
    vague = meaning.how == "short" and not meaning.default and not meaning.alone
    return max(number, 2) if vague and sum(map(str.isalnum, meaning.name)) < 3 else number


def find_default(rivals: Sequence[Meaning], hierarchy: Hierarchy) -> str | None:
    """The concept that is meant by a name of several when nothing says otherwise, or None."""
    things = [one for one in rivals if one.type != LAST]
    for chosen in (
        {one.concept for one in things if one.default and one.concept},
        _find_widest({one.concept for one in things}, hierarchy),
        {one.concept for one in things if not one.silent},
        {one.concept for one in things if one.how == "label" and not one.silent and one.concept},
        set() if things else {one.concept for one in rivals if one.default},
    ):
        if len(chosen) == 1:
            return next(iter(chosen))
    return None


def _find_widest(concepts: set[str], hierarchy: Hierarchy) -> set[str]:
    above = [hierarchy.find_wider(concept).keys() | {concept} for concept in concepts]
    return concepts.intersection(*above) if above else set()
