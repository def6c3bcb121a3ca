"""Reads one document: title and text in, mentions and concepts out. Pure: the same input gives the same output.

In order:
1. title and text become one text with an empty line between, so that an abbreviation explained in one is known in the
   other, and no name spans both;
2. long runs of marks are shortened (`clean_text.py`);
3. the language is decided (`core/language.py`): what is not English is read by lexicons only (`foreign.py`);
4. the pipeline finds spans;
5. a concept is chosen for each span (`nlp/normalize`);
6. offsets are converted to those of the stored title and text;
7. each disease and institution gets its role, and each concept its place among the topics (`nlp/roles`).

Nothing past `max_chars` characters is read; `Reading.unread` says how many were left.
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
from core.language import find_language
from core.records import Concept, Mention, Topic
from core.versions import version_of
from nlp.entities.typefiles import EntityType, load_types
from nlp.roles import fingerprint_roles, read_roles

if TYPE_CHECKING:
    from spacy.language import Language

    from nlp.entities.annotations import EntitySpan
    from nlp.entities.vocabulary import Vocabulary
    from nlp.normalize.resolve import Resolver

HERE = Path(__file__).resolve().parent
LEXICONS = HERE.parent / "lexicons"
GAP = "\n\n"
ZONE = 500_000  # characters after which spaCy forgets the words it has seen: 30 MB at most
SETTINGS: dict[str, Any] = {"max_chars": 100_000, "types": (), "compiled": "", "styles": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one document names."""

    mentions: tuple[Mention, ...]
    concepts: tuple[Concept, ...]  # those that the mentions point to
    topics: tuple[Topic, ...] = ()  # which of them it is about
    unread: int = 0  # characters past `max_chars`
    lang: str | None = None  # as the text says; None: too short to tell

    @property
    def note(self) -> str | None:
        """What a person should know who wonders why so little was found."""
        from nlp.entities.foreign import is_read_in_full

        if is_read_in_full(self.lang):
            return None
        language = f"a language that the tagger does not read ({self.lang})" if self.lang else "an unknown language"
        return f"{language}: only names of the lexicons and registries"


class Reader:
    """The loaded pipeline of one process. Not for threads."""

    def __init__(
        self, *, vocabulary: Vocabulary, pipeline: Language, resolver: Resolver, version: str, max_chars: int
    ) -> None:
        self.version = version
        self._resolver = resolver
        self._vocabulary = vocabulary
        self._pipeline = pipeline
        self._max_chars = max_chars
        self._zone = ExitStack()  # spaCy's memory zone: inside it, spaCy reuses the words that it has seen
        self._zone_left = 0  # characters that may still be read in it

    def concepts(self) -> Iterable[Concept]:
        """Every concept of the lexicons."""
        return self._vocabulary.concepts()

    def read(
        self, *, document: str, title: str, text: str, lang: str | None = None, country: str | None = None
    ) -> Reading:
        """Mentions of one document, by part and offset. `lang` is what is known of its language; the text decides."""
        from nlp.entities.clean_text import clean_text
        from nlp.entities.components.abbreviations import find_abbreviations

        whole = clean_text(title + GAP + text, most=self._max_chars)
        if not whole.text.strip():
            return Reading(mentions=(), concepts=(), unread=whole.unread)
        lang = find_language(whole.text, lang)
        found = self._find_spans(whole.text, country, lang)
        long_forms = {short: whole.text[start:end] for short, start, end in find_abbreviations(whole.text)}
        resolved = self._resolver.resolve(found, whole.text, country=country, long_forms=long_forms)
        mentions: list[Mention] = []
        concepts: dict[str, Concept] = {}
        for span, (choice, concept) in zip(found, resolved, strict=True):
            place = find_place(whole.stored_span(span.start, span.end), title, text)
            if place is None:
                continue
            if concept is not None:
                concepts[concept.id] = concept
            mentions.append(
                Mention(
                    document=document,
                    part=place.part,
                    start=place.start,
                    end=place.end,
                    type=span.type,
                    surface=place.surface,
                    concept=choice.concept,
                    score=round(choice.score, 3),
                    why=choice.why,
                    component=span.component,
                )
            )
        roles = read_roles(title, text, tuple(mentions))
        return Reading(
            mentions=roles.mentions, concepts=tuple(concepts.values()), topics=roles.topics, unread=whole.unread,
            lang=lang,
        )  # fmt: skip

    def _find_spans(self, text: str, country: str | None, lang: str | None) -> list[EntitySpan]:
        """What the pipeline finds in a clean text."""
        from nlp.entities.annotations import KEY, Annotations, get_annotations
        from nlp.entities.foreign import find_foreign
        from nlp.entities.spelling import fold

        if len(text) > self._zone_left:
            self._zone.close()
            self._zone.enter_context(self._pipeline.memory_zone())
            self._zone_left = ZONE
        self._zone_left -= len(text)
        doc = self._pipeline.make_doc(text)
        doc.user_data[KEY] = Annotations(
            text=text, folded=fold(text), country=country, lang=lang, foreign=find_foreign(text, lang)
        )
        return get_annotations(self._pipeline(doc)).found


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a mention is: "title" or "text", and its offsets there."""

    part: str
    start: int
    end: int
    surface: str


def find_place(span: tuple[int, int], title: str, text: str) -> Place | None:
    """The place of a span of title, gap and text together; None for one that reaches from the title into the gap."""
    start, end = span
    border = len(title) + len(GAP)
    if start >= border:
        start, end = start - border, end - border
        return Place(part="text", start=start, end=end, surface=text[start:end])
    return Place(part="title", start=start, end=end, surface=title[start:end]) if end <= len(title) else None


def load(config_section: Mapping[str, Any]) -> Reader:
    """The reader for this section of the config. Imports spaCy. Raises ConfigError.

    Keys, all optional: `max_chars` (100000), `types` (file stems; empty: all), `compiled` (folder of the compiled
    lexicons; default `nlp/compiled`), `styles` (type's file stem -> dialect in which the tagger reads for it, in
    place of the one in its TOML).
    """
    settings, types = _choose(config_section)
    from nlp.entities.component import Tools
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
    """The version of the reader that `load` would give. Reads files, loads no model. Raises ConfigError."""
    return _version(*_choose(config_section))


def _choose(config_section: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[EntityType, ...]]:
    """All settings, and the entity types that they name. Raises ConfigError."""
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
    unread = sorted(set(settings["styles"]) - {one.name for one in types if "tagger" in one.options})
    if unread:
        raise ConfigError(f"the tagger does not read for {unread[0]!r}", where="[entities] styles")
    return settings, types


def _version(settings: Mapping[str, Any], types: tuple[EntityType, ...]) -> str:
    from nlp.entities.components.short_diseases import fingerprint_short_diseases
    from nlp.entities.components.trimming import fingerprint_trim_rules
    from nlp.entities.tagger.package import MODELS, read_fingerprint
    from nlp.entities.vocabulary import fingerprint_of
    from nlp.normalize.resolve import fingerprint_linking

    models = sorted({str(one.options["tagger"]["model"]) for one in types if "tagger" in one.options})
    parts = [fingerprint_of(types, LEXICONS), " ".join(read_fingerprint(MODELS / name) for name in models)]
    parts += [fingerprint_linking(), fingerprint_trim_rules(), fingerprint_short_diseases(), fingerprint_roles()]
    parts += [repr(one.registers) for one in facets().of_kind("scheme")]  # addresses of identifiers
    parts += [str(int(settings["max_chars"])), *(repr(one.options) for one in types)]
    return f"{version_of('enrich')}:{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:12]}"


def _restyled(one: EntityType, styles: Mapping[str, str]) -> EntityType:
    """The type, with the dialect of `styles` in which the tagger reads for it."""
    if one.name not in styles or "tagger" not in one.options:
        return one
    tagger = {**one.options["tagger"], "style": styles[one.name]}
    return replace(one, options={**one.options, "tagger": tagger, "dialect": styles[one.name]})
