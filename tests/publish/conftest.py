"""A work.db filled from newsroom.toml, a config that publishes into a temporary folder, and editions made of them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.config import Config, Crawl, Paths, Publish, Site
from core.records import TABLES, Appearance, Concept, Document, Json, Label, Mention, Source, Version
from core.store import Store, open_store
from core.text import fingerprint
from publish.stage import publish
from tests.present import present
from tests.publish.loopback import Loopback, serve_on_loopback
from tests.publish.reader import Newsroom, Reader

HERE = Path(__file__).parent
NIGHT = "2026-11-22T04:51:00Z"
# what the crawlers' side of a source holds, and publishing does not read
BESIDE = {name: value for name, value in {"rules": "{}", "scope": "mixed"}.items() if name in Source.__slots__}
Span = tuple[int, int, str, str, str | None]  # start, end, type, surface, concept
MARK = re.compile(r"\[\[(.+?)\|(\w+)\|(.*?)\]\]")


def unmark(text: str) -> tuple[str, list[Span]]:
    """Plain text, and the marked spans in it."""
    plain, at = "", 0
    spans: list[Span] = []
    for match in MARK.finditer(text):
        plain += text[at : match.start()]
        spans.append((len(plain), len(plain) + len(match[1]), match[2], match[1], match[3] or None))
        plain, at = plain + match[1], match.end()
    return plain + text[at:], spans


def records() -> Iterator[object]:
    """Every record of the newsroom."""
    told = tomllib.loads((HERE / "newsroom.toml").read_text("utf-8"))
    sources = {s["id"]: Source(**BESIDE, **s) for s in told["source"]}
    yield from sources.values()
    for ident, (type_, name, country, url, origin) in told["concept"].items():
        yield Concept(
            id=ident, type=type_.upper(), name=name, country=country or None, url=url or None, origin=origin
        )  # fmt: skip
    short = [
        {"id": f"https://{source}.example/{ago}", "source": source, "kind": kind, "ago": ago, "title": title,
         "text": text, "authors": [], "identifiers": {}, "summary": "same"}
        for source, kind, ago, title, text in told["short"]["rows"]
    ]  # fmt: skip
    for row in [*told["document"], *short]:
        yield from document(row, sources[row["source"]])


def document(row: Json, source: Source) -> Iterator[object]:
    title, in_title = unmark(row["title"])
    text, in_text = unmark(row["text"].strip())
    day = (clock.parse(NIGHT) - timedelta(days=row["ago"])).strftime("%Y-%m-%d")
    seen = NIGHT if row["ago"] < 2 else f"{day}T05:10:00Z"
    doc = Document(
        id=row["id"], entry=f"{source.id}:{row['id']}", source=source.id, kind=row["kind"],
        url=str(row.get("url", row["id"])), title=title, text=text,
        summary=text if row.get("summary") == "same" else row.get("summary", ""),
        authors=tuple(row["authors"]), lang=row.get("lang", source.lang),
        published=day if row.get("dated", True) else None, published_from=row.get("published_from"),
        dates=tuple({"date": d, "where": w, "raw": d} for d, w in row.get("dates", [])),
        identifiers=row["identifiers"], links=(), extra={"journal": row["journal"]} if "journal" in row else {},
        licence=source.licence, translated=row.get("translated"), state=row.get("state", "current"), capture="c",
        first_seen=seen, hash=fingerprint(title, text),
    )  # fmt: skip
    yield doc
    for part, spans in (("title", in_title), ("text", in_text)):
        for start, end, type_, surface, concept in spans:
            yield Mention(
                document=doc.id, part=part, start=start, end=end, type=type_.upper(), surface=surface, concept=concept,
                score=1.0 if concept else 0.4,
                why="the only thing of that name" if concept else "no entry in the lexicon", component="lexicon/1",
            )  # fmt: skip
    yield Label(
        document=doc.id, facet="scope", value=row.get("scope", "in"), score=1.0, sentence="", start=None, end=None,
        component="scope/1",
    )  # fmt: skip
    yield Appearance(entry=doc.entry, document=doc.id, source=source.id, url=doc.url)


def meaning() -> Iterator[object]:
    """What meaning.toml says of the documents; columns that it leaves out are empty."""
    for table, rows in tomllib.loads((HERE / "meaning.toml").read_text("utf-8")).items():
        record = TABLES[table]
        for row in rows:
            empty = {
                name: "test/1" if name == "component" else None
                for name in (field.name for field in dataclass_fields(record))
            }
            yield record(**empty | {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()})


def fill(work: Store) -> None:
    with work.writing():
        work.save(*records(), *meaning())
        work.save(
            Appearance(entry="rheinblick:ev", document="https://hanbit.example/2026/ev-nerve", source="rheinblick",
                       url="https://rheinblick.example/wissen/nerven"),
            Version(document="https://hanbit.example/2026/ev-nerve", hash="old", title="Vesicles help nerves",
                    text="The poppy sentence of an earlier text.", published="2026-11-21", capture="c",
                    replaced="2026-11-22T04:40:00Z"),
        )  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return make_config(tmp_path)


def make_config(folder: Path) -> Config:
    return Config(
        crawl=Crawl(contact="mailto:desk@stemwire.example"), publish=Publish(keep=3),
        paths=Paths(data=str(folder / "data"), editions=str(folder / "editions")),
        site=Site(url="https://desk.example", about="Stem-cell news, papers and trials, collected every night."),
    )  # fmt: skip


@pytest.fixture
def work(config: Config) -> Iterator[Store]:
    with open_store(config.data("work.db"), "work") as store:
        fill(store)
        yield store


@pytest.fixture
def at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMWIRE_NOW", NIGHT)


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """(config, path of a published edition) for tests that only read."""
    folder = tmp_path_factory.mktemp("newsroom")
    before = os.environ.get("STEMWIRE_NOW")
    os.environ["STEMWIRE_NOW"] = NIGHT
    try:
        made = make_config(folder)
        with open_store(made.data("work.db"), "work") as store:
            fill(store)
            edition = present(publish(made, store).edition)
    finally:
        os.environ.pop("STEMWIRE_NOW")
        if before is not None:
            os.environ["STEMWIRE_NOW"] = before
    return made, made.editions / f"{edition.name}.db"


@pytest.fixture(scope="module")
def reader(newsroom: Newsroom) -> Iterator[Reader]:
    """A site over that edition."""
    made = Reader(newsroom[0])
    yield made
    made.close()


@pytest.fixture(scope="module")
def place(newsroom: Newsroom) -> Iterator[Loopback]:
    """A site over that edition, on loopback."""
    yield from serve_on_loopback(newsroom[0])


@pytest.fixture(scope="module")
def browser(place: Loopback) -> Iterator[Any]:
    """One Chromium for the tests of a module; they are skipped, with the reason, where there is none.

    It comes after the site, because its driver has an event loop, in which no other can be started.
    """
    from bench.browsing import chromium, why_not

    if reason := why_not():
        pytest.skip(f"no browser: {reason}")
    with chromium() as browser:
        yield browser
