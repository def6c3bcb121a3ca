"""Reads one document: title and text in, mentions and concepts out. Pure; the same input gives the same output.

In order: title and text become one text with an empty line between (so that an abbreviation explained in one is
known in the other, and no name spans both); runs of marks are squeezed; the pipeline finds spans; each span's
candidates are judged (`nlp/normalize`); offsets are led back to the stored title and text.

What is not read: anything past `max_chars` characters (`Reading.unread` says how many).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError
from core.facets import facets
from core.records import Concept, Mention
from core.versions import version_of
from nlp.entities.typefiles import EntityType, load_types

if TYPE_CHECKING:
    from nlp.entities.vocabulary import Vocabulary
    from nlp.normalize.resolve import Resolver

HERE = Path(__file__).resolve().parent
LEXICONS = HERE.parent / "lexicons"
GAP = "\n\n"
ZONE = 500_000  # characters after which spaCy forgets the words it has met: some 30 MB of the strangest text
SETTINGS: dict[str, Any] = {"max_chars": 100_000, "types": (), "compiled": "", "styles": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one document names."""

    mentions: tuple[Mention, ...]
    concepts: tuple[Concept, ...]  # those that the mentions point to
    unread: int = 0  # characters past the cap


class Reader:
    """The loaded pipeline of one process. Not for threads."""

    def __init__(
        self, *, vocabulary: Vocabulary, pipeline: Any, resolver: Resolver, version: str, max_chars: int
    ) -> None:
        self.version = version
        self._resolver = resolver
        self._vocabulary = vocabulary
        self._pipeline = pipeline
        self._max_chars = max_chars
        self._zone = ExitStack()  # in it spaCy knows a word again: making one costs as much as all else about it
        self._room = 0  # characters that may still be read in it

    def concepts(self) -> Iterable[Concept]:
        """Every concept of the lexicons."""
        return self._vocabulary.concepts()

    def read(
        self, *, document: str, title: str, text: str, lang: str | None = None, country: str | None = None
    ) -> Reading:
        """Mentions of one document, by part and offset. `lang` is not needed: names are known in all languages."""
        from nlp.entities.components.abbreviations import find_abbreviations
        from nlp.entities.notes import KEY, Notes, notes_of
        from nlp.entities.spelling import fold
        from nlp.entities.squeeze import squeeze

        whole = squeeze(title + GAP + text, most=self._max_chars)
        if not whole.text.strip():
            return Reading(mentions=(), concepts=(), unread=whole.unread)
        notes = Notes(text=whole.text, folded=fold(whole.text), country=country)
        if len(whole.text) > self._room:
            self._zone.close()
            self._zone.enter_context(self._pipeline.memory_zone())
            self._room = ZONE
        self._room -= len(whole.text)
        doc = self._pipeline.make_doc(whole.text)
        doc.user_data[KEY] = notes
        notes = notes_of(self._pipeline(doc))
        long_forms = {short: whole.text[start:end] for short, start, end in find_abbreviations(whole.text)}
        settled = self._resolver.settle(notes.found, whole.text, country=country, long_forms=long_forms)
        mentions: list[Mention] = []
        concepts: dict[str, Concept] = {}
        border = len(title) + len(GAP)
        for found, (choice, concept) in zip(notes.found, settled, strict=True):
            start, end = whole.span_before(found.start, found.end)
            part, shift, stored = ("title", 0, title) if start < border else ("text", border, text)
            if part == "title" and end > len(title):
                continue  # only the gap itself could reach over: no name holds an empty line
            if concept is not None:
                concepts[concept.id] = concept
            mentions.append(
                Mention(
                    document=document,
                    part=part,
                    start=start - shift,
                    end=end - shift,
                    type=found.type,
                    surface=stored[start - shift : end - shift],
                    concept=choice.concept,
                    score=round(choice.score, 3),
                    why=choice.why,
                    component=found.component,
                )
            )
        return Reading(mentions=tuple(mentions), concepts=tuple(concepts.values()), unread=whole.unread)


def load(config_section: Mapping[str, Any]) -> Reader:
    """The reader that the config asks for; spaCy is imported here. Raises ConfigError.

    Keys, all optional: `max_chars` (100000), `types` (file stems; empty: all there are), `compiled` (folder of
    the compiled lexicons; default `nlp/compiled`), `styles` (type's file stem -> dialect in which the tagger reads for
    it, instead of the one in its TOML).
    """
    settings, types = _choose(config_section)
    from nlp.entities.notes import Tools
    from nlp.entities.pipeline import build_pipeline
    from nlp.entities.vocabulary import load_vocabulary
    from nlp.normalize.resolve import Resolver

    compiled = Path(settings["compiled"]) if settings["compiled"] else HERE.parent / "compiled"
    vocabulary = load_vocabulary(types, LEXICONS, compiled)
    return Reader(
        vocabulary=vocabulary,
        pipeline=build_pipeline(Tools(types=types, vocabulary=vocabulary)),
        resolver=Resolver(types, vocabulary, LEXICONS, compiled),
        version=_version(settings, types),
        max_chars=int(settings["max_chars"]),
    )


def find_version(config_section: Mapping[str, Any]) -> str:
    """The version of the reader that `load` would give: from its files, without loading it. Raises ConfigError."""
    return _version(*_choose(config_section))


def _choose(config_section: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[EntityType, ...]]:
    """All settings, and the entity types that they ask for. Raises ConfigError."""
    settings = {**SETTINGS, **config_section}
    for key in config_section:
        if key not in SETTINGS:
            raise ConfigError(f"unknown key {key!r}", where="[entities]", hint="known: " + ", ".join(SETTINGS))
    types = load_types(HERE)
    wanted = tuple(settings["types"])
    if wanted:
        missing = sorted(set(wanted) - {one.name for one in types})
        if missing:
            raise ConfigError(f"no entity type {missing[0]!r}", where="[entities] types")
        types = tuple(one for one in types if one.name in wanted)
    types = tuple(_restyled(one, settings["styles"]) for one in types)
    strange = sorted(set(settings["styles"]) - {one.name for one in types if "tagger" in one.options})
    if strange:
        raise ConfigError(f"the tagger does not read for {strange[0]!r}", where="[entities] styles")
    return settings, types


def _version(settings: Mapping[str, Any], types: tuple[EntityType, ...]) -> str:
    from nlp.entities.components.edges import fingerprint_edges
    from nlp.entities.tagger.package import MODELS, read_fingerprint
    from nlp.entities.vocabulary import fingerprint_of
    from nlp.normalize.resolve import fingerprint_linking

    models = sorted({str(one.options["tagger"]["model"]) for one in types if "tagger" in one.options})
    parts = [fingerprint_of(types, LEXICONS), " ".join(read_fingerprint(MODELS / name) for name in models)]
    parts += [fingerprint_linking(), fingerprint_edges()]
    parts += [repr(one.registers) for one in facets().of_kind("scheme")]  # addresses of identifiers
    parts += [str(int(settings["max_chars"])), *(repr(one.options) for one in types)]
    return f"{version_of('enrich')}:{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:12]}"


def _restyled(one: EntityType, styles: Mapping[str, str]) -> EntityType:
    """The type, read by the tagger in another dialect."""
    if one.name not in styles or "tagger" not in one.options:
        return one
    tagger = {**one.options["tagger"], "style": styles[one.name]}
    return replace(one, options={**one.options, "tagger": tagger, "dialect": styles[one.name]})
