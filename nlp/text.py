"""Read one text without the database: its mentions, labels and figures, as the nightly stages would find them.

A plain text has no title. For the labels its first line is the headline if it looks like one (short, without a full
stop, more below it), because some labels judge the headline. Offsets of mentions and figures are those of the text as
given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.config import Config
from core.reading import Read
from core.records import Mention
from nlp import entities
from nlp.classify import label_text, make_label_json, make_text_page, make_unsure_json
from nlp.figures.figures import LANGUAGES, find_figures, get_institution_names, make_figure_json
from nlp.roles import end_of_headline
from nlp.roles.spots import find_spots


def load_reader(config: Config) -> Callable[..., Read]:
    """A function (doc, title, text, lang, country) -> Read. Loads the model and the lexicons once."""
    reader = entities.load(config.nlp.model_dump())

    def read(*, doc: str, title: str, text: str, lang: str | None, country: str | None = None) -> Read:
        found = reader.read(document=doc, title=title, text=text, lang=lang, country=country)
        mentions, concepts = tuple(found.mentions), tuple(found.concepts)
        page = make_text_page(
            doc=doc, title=title, text=text, lang=found.lang, mentions=mentions, concepts=concepts,
            topics=found.topics, country=country,
        )  # fmt: skip
        read_figures = found.lang is None or found.lang in LANGUAGES
        figures = find_figures(page, None, get_institution_names(concepts)) if read_figures else ()
        cut = 0 if title else end_of_headline(text)
        headed = replace(
            page, title=title or text[:cut].strip(), text=text[cut:], mentions=tuple(_below(m, cut) for m in mentions)
        )
        labels = label_text(headed)
        return Read(
            doc=doc, title=title, text=text, lang=found.lang, note=found.note, mentions=mentions, concepts=concepts,
            labels=make_label_json(labels), below_threshold=make_unsure_json(labels),
            figures=tuple(make_figure_json(figures)),
            topics=found.topics,
            sentences=tuple(spot.sentence.strip() for spot in find_spots(title, text, mentions).spots),
        )  # fmt: skip

    return read


def _below(mention: Mention, cut: int) -> Mention:
    """The mention with its part and offsets when the first `cut` characters are the title."""
    if mention.end <= cut:
        return replace(mention, part="title")
    return replace(mention, start=max(0, mention.start - cut), end=mention.end - cut)
