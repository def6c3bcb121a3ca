"""What each mention of a document means: the lexicon's meanings first, then the linkers, with the reason in words.

In order:
1. an identifier is its own concept;
2. a name with exact meanings in the lexicons: one is chosen (`disambiguate.py`). Where it is no concept's own name and
   annotators of corpora agree on what they mean by it, that is taken;
3. a disease or cell type found by the tagger, whose span is not a name of the lexicons: looked up by its words and the
   abbreviations that the document explains (`terms.py`). Where that finds nothing, a cell type keeps the meaning of the
   known name at its end; a disease does not: "optic neuropathy" is not a peripheral neuropathy;
4. an institution without a meaning: looked up like an affiliation line (`affiliation_linker.py`). How likely it must be
   depends on whether its country is the page's or one that the text names;
5. otherwise none, with the reason, which says so where an institution has a generic name;
6. an institution that was found by a generic name ("the Heart Institute") keeps its identifier only where its town,
   its country or what it is part of is next to it (`generic.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.records import Concept
from nlp.entities.annotations import EntitySpan
from nlp.entities.spelling import fold_name
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import ALIAS, DEFAULT, DERIVED, EXACT, KEEP, LABEL, Name, Vocabulary
from nlp.normalize.affiliation_linker import TREES, AffiliationLinker, load_trees
from nlp.normalize.affiliations import WEIGHTS_FILE
from nlp.normalize.candidates import Candidate
from nlp.normalize.disambiguate import Choice, choose
from nlp.normalize.generic import Generic, find_near, is_beside, load_generic
from nlp.normalize.name_keys import EQUIVALENTS
from nlp.normalize.sites import REGISTRY, load_sites
from nlp.normalize.term_linkers import load_linkers

TAIL = "its last words are"  # how the tagger says that only the end of its span is a known name
SHORT = "abbreviation of '"
PART = "a part of "
# how likely an institution must be: its country is the page's, no country is known, or it is another
LIKELY, WITHOUT_PLACE, FAR_AWAY = 0.6, 0.8, 0.9
Resolved = tuple[Choice, Concept | None]


class Resolver:
    """The linkers of one process."""

    def __init__(self, types: Sequence[EntityType], vocabulary: Vocabulary, lexicons: Path, compiled: Path) -> None:
        self._types = {one.label: one for one in types}
        self._vocabulary = vocabulary
        self._terms = load_linkers(types, lexicons, compiled)
        self._numbers = vocabulary.numbers_of({one for linker in self._terms.values() for one in linker.concepts})
        self._place = (lexicons, compiled)
        self._lines: AffiliationLinker | None = None
        self._generic: Generic | None = None
        self._institutions: dict[str, int] = {}
        self._seen: dict[str, list[tuple[str, float]]] = {}

    def resolve(
        self, found: Sequence[EntitySpan], text: str, *, country: str | None, long_forms: Mapping[str, str]
    ) -> list[Resolved]:
        """The choice and its concept for each mention, in order."""
        named = self.countries(found)
        resolved = [self._resolve_span(one, text, country=country, named=named, long_forms=long_forms) for one in found]
        return self._without_generic(found, resolved, text, named | ({country} if country else set()))

    def _without_generic(
        self, found: Sequence[EntitySpan], resolved: list[Resolved], text: str, countries: frozenset[str]
    ) -> list[Resolved]:
        """Institutions of a generic name stay tied where something next to one of them says that they are meant."""
        doubtful: dict[tuple[str, str], list[int]] = {}
        for at, (one, (choice, concept)) in enumerate(zip(found, resolved, strict=True)):
            name = self._generic_name(one, text[one.start : one.end], concept)
            if name is not None and choice.concept is not None:
                doubtful.setdefault((name, choice.concept), []).append(at)
        if not doubtful:
            return resolved
        unsure = {at for places in doubtful.values() for at in places}
        facts = {at: self._facts(one, resolved[at][1]) for at, one in enumerate(found)}
        countries |= {
            c.country for at, (_, c) in enumerate(resolved) if at not in unsure and c is not None and c.country
        }
        for (name, ident), places in doubtful.items():
            home = self._load_generic().home(ident)
            if home is None or any(
                is_beside(home, name, find_near(text, found[at], found, facts), countries) for at in places
            ):
                continue
            concept = resolved[places[0]][1]
            why = "a name of common words: nothing near it says which"
            if concept is not None:
                why += f"; {concept.name} ({concept.country or '?'}, {concept.id}) has it"
            for at in places:
                resolved[at] = (Choice(concept=None, score=0.0, why=why), None)
        return resolved

    def _generic_name(self, one: EntitySpan, surface: str, concept: Concept | None) -> str | None:
        """The generic name by which an institution of the registry was found; None where it is not so."""
        if concept is None or one.concept is not None or not concept.id.startswith("ROR:"):
            return None
        candidates = (made for name in one.names if (made := self._candidate(name)) is not None)
        if any(candidate.default for candidate in candidates if candidate.concept == concept.id):
            return None
        said = one.why or ""
        if said.startswith(SHORT):
            surface = said[len(SHORT) :].partition("' in this document")[0]
        elif said.startswith(PART):
            surface = said[len(PART) :]
        return surface if self._load_generic().is_generic(surface) else None

    def _facts(self, one: EntitySpan, concept: Concept | None) -> tuple[frozenset[str], frozenset[str]]:
        """Countries and concepts of what a place or institution may be."""
        if one.type not in ("PLACE", "INSTITUTION"):
            return frozenset(), frozenset()
        named = [concept] if concept else [made for name in one.names if (made := self._concept(name)) is not None]
        return frozenset(made.country for made in named if made.country), frozenset(made.id for made in named)

    def _load_generic(self) -> Generic:
        if self._generic is None:
            self._generic = load_generic(*self._place)
        return self._generic

    def countries(self, found: Iterable[EntitySpan]) -> frozenset[str]:
        """Countries that the text names: the codes of its places."""
        codes: set[str | None] = set()
        for one in found:
            if one.type == "PLACE":
                meant = {concept.country for name in one.names if (concept := self._concept(name))}
                if len(meant) == 1:
                    codes |= meant
        return frozenset(code for code in codes if code)

    def _resolve_span(
        self, one: EntitySpan, text: str, *, country: str | None, named: frozenset[str], long_forms: Mapping[str, str]
    ) -> Resolved:
        if one.concept is not None:
            return Choice(concept=one.concept.id, score=1.0, why=one.why or "names itself"), one.concept
        surface = text[one.start : one.end]
        tail = one.why is not None and TAIL in one.why
        if one.type in self._terms and (tail or not one.names):
            resolved = self._term(one, surface, long_forms)
            if resolved is not None:
                return resolved
            if tail and one.type == "DISEASE":
                return Choice(concept=None, score=0.0, why=f"{one.why}; too little to tell what it is"), None
        placed = bool(self._types[one.type].options.get("country_decides", False))
        names = one.names
        if placed and not names:  # a shape may be a name that the lexicon's search left out
            number = self._vocabulary.labels.index(one.type)
            names = tuple(n for n in self._vocabulary.get_names(fold_name(surface)) if n.type == number)
        candidates = [made for name in names if (made := self._candidate(name)) is not None]
        if not candidates:
            resolved = self._institution(one, surface, country=country, named=named) if placed else None
            why = one.why or "known by name; no ontology or registry of ours has it"
            if placed and not names and self._load_generic().is_generic(surface):
                why = f"a name of common words; {why}"
            return resolved or (Choice(concept=None, score=0.0, why=why), None)
        if one.type in self._terms and not any(made.label or made.own for made in candidates):
            resolved = self._taught(one, surface)
            if resolved is not None:
                return resolved
        choice = choose(candidates, country=country, named=named, placed=placed)
        if one.why is not None and names is one.names:
            choice = Choice(concept=choice.concept, score=choice.score * 0.95, why=f"{one.why}; {choice.why}")
        return choice, self._of(choice, names)

    def _taught(self, one: EntitySpan, surface: str) -> Resolved | None:
        """The concept that annotators of corpora mean by this name, if they agree."""
        taught = self._terms[one.type].taught(surface)
        number = self._numbers.get(taught.concept) if taught else None
        if taught is None or number is None:
            return None
        concept = self._vocabulary.get_concept(number)
        return Choice(concept=concept.id, score=taught.score, why=f"{taught.why}, {concept.name}"), concept

    def _of(self, choice: Choice, names: Iterable[Name]) -> Concept | None:
        return next((c for name in names if (c := self._concept(name)) and c.id == choice.concept), None)

    def _term(self, one: EntitySpan, surface: str, long_forms: Mapping[str, str]) -> Resolved | None:
        if not surface.isascii() and not any(char.isascii() and char.isalpha() for char in surface):
            return None
        said = one.why or ""
        if said.startswith(SHORT):  # an abbreviation of a name that the tagger found
            surface, said = said[len(SHORT) :].partition("' in this document")[0], said
        found = self._terms[one.type].find(surface, long_forms=long_forms)
        number = self._numbers.get(found.concept) if found else None
        if found is None or number is None:
            return None
        concept = self._vocabulary.get_concept(number)
        why = f"{said.partition(';')[0] or 'found'}; {found.why}, {concept.name}"
        return Choice(concept=concept.id, score=found.score * 0.95, why=why), concept

    def _institution(
        self, one: EntitySpan, surface: str, *, country: str | None, named: frozenset[str]
    ) -> Resolved | None:
        if len(surface) > 160 or " " not in surface:
            return None
        lines = self._load_lines()
        if surface not in self._seen:
            if len(self._seen) > 5000:
                self._seen.clear()
            self._seen[surface] = lines.find(surface, implied=False)
        near = {*named, country} - {None}
        for ror, score in self._seen[surface]:
            number = self._institutions.get(f"ROR:{ror}")
            if number is None:
                continue
            concept = self._vocabulary.get_concept(number)
            agrees = concept.country in near
            away = bool(near) and bool(concept.country) and not agrees
            if score >= (LIKELY if agrees else FAR_AWAY if away else WITHOUT_PLACE):
                why = f"{one.why or 'found'}; most like {concept.name} of ROR"
                return Choice(concept=concept.id, score=round(score * 0.9, 3), why=why), concept
        return None

    def _load_lines(self) -> AffiliationLinker:
        """Loaded when the first institution needs it: 60 MB that many nights do not need."""
        if self._lines is None:
            self._lines = AffiliationLinker(load_sites(*self._place), load_trees())
            self._institutions = self._vocabulary.numbers_of(None, prefix="ROR:")
        return self._lines

    def _candidate(self, name: Name) -> Candidate | None:
        concept = self._concept(name)
        if concept is None:
            return None
        return Candidate(
            concept=concept.id,
            name=concept.name,
            origin=concept.origin,
            country=concept.country,
            label=bool(name.flags & LABEL),
            alias=bool(name.flags & ALIAS),
            default=bool(name.flags & DEFAULT) or name.flags & (EXACT | KEEP) == EXACT | KEEP,  # NIH, CNRS
            own=bool(name.flags & KEEP),
            derived=bool(name.flags & DERIVED),
        )

    def _concept(self, name: Name) -> Concept | None:
        return None if name.concept is None else self._vocabulary.get_concept(name.concept)


def fingerprint_linking() -> str:
    """sha256 of the data that linking uses besides the lexicons. A new registry makes a new version of the stage."""
    total = hashlib.sha256()
    for path in (REGISTRY, EQUIVALENTS, WEIGHTS_FILE, TREES):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
