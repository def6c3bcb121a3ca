"""STAGE document -> mentions with their roles, the concepts they point to, and what the document is about.

The pipeline is assembled once per process (`nlp.entities`). The country of a document's source helps to choose among
institutions of the same name. Text beyond `nlp.max_chars` is not read, and of a language that the tagger does not read
only names of lexicons and registries are taken. The outcome says so.
"""

from __future__ import annotations

from functools import partial
from typing import TypedDict

from core.config import Config
from core.records import Concept, Mention, Topic
from core.stage import Address, Done, Result, Stage, Step, Writes
from nlp import entities

WORK = """
SELECT d.id AS "key", fingerprint(d.hash, d.lang, s.country) AS input, d.id, d.title, d.text, d.lang, s.country,
       d.source
FROM document d JOIN source s ON s.id = d.source"""


class DocumentRow(TypedDict):
    """What the step reads of a row of WORK."""

    id: str
    title: str
    text: str
    lang: str | None
    country: str | None  # of the source


def stage(config: Config) -> Stage:
    settings = config.nlp.model_dump()
    return Stage(
        name="enrich",
        version=entities.find_version(settings),
        work=WORK,
        step=Address(module="nlp.enrich", function="build_step", settings=settings),
        writes=(
            Writes(record=Mention, owner="document"),
            Writes(record=Topic, owner="document"),
            Writes(record=Concept, owner=None),
        ),
    )


def build_step(**settings: object) -> Step:
    """The step with its models and lexicons. Raises ConfigError."""
    return partial(read_document, reader=entities.load(settings))


def read_document(row: DocumentRow, *, reader: entities.Reader) -> Result:
    """Mentions, topics and concepts of one document."""
    reading = reader.read(
        document=row["id"], title=row["title"], text=row["text"], lang=row["lang"], country=row["country"]
    )
    notes = [f"the last {reading.unread} characters were not read"] if reading.unread else []
    notes += [reading.note] if reading.note else []
    return Done(records=(*reading.mentions, *reading.topics, *reading.concepts), note="; ".join(notes) or None)
