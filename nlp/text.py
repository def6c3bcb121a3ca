"""One text read without the database: what it names, its labels, its figures, as the nightly stages would read it."""

from __future__ import annotations

from collections.abc import Callable

from core.config import Config
from core.reading import Read
from nlp import entities
from nlp.classify import as_labels, label_text, page_of_text
from nlp.figures import as_figures, find_figures, names_of


def load_reader(config: Config) -> Callable[..., Read]:
    """A function (doc, title, text, lang, country) -> Read. Loads the model and the lexicons once."""
    reader = entities.load(config.nlp.model_dump())

    def read(*, doc: str, title: str, text: str, lang: str | None, country: str | None = None) -> Read:
        found = reader.read(document=doc, title=title, text=text, lang=lang, country=country)
        page = page_of_text(
            doc=doc, title=title, text=text, lang=lang, mentions=tuple(found.mentions),
            concepts=tuple(found.concepts), country=country,
        )  # fmt: skip
        figures = find_figures(page, None, names_of(found.concepts))
        return Read(
            doc=doc, title=title, text=text, mentions=tuple(found.mentions), concepts=tuple(found.concepts),
            labels=as_labels(label_text(page)), figures=tuple(as_figures(figures)),
        )  # fmt: skip

    return read
