"""A small edition, a config in a temporary folder and a mail relay on loopback, for the tests of letters.

The edition is made from the real schema and indexed the way the site's is, so that the real search answers.
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import TypedDict

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.config import Config, Crawl, Letters, Paths, Site
from core.records import Json, Report
from core.store import Store, new_run, open_store
from publish.letters.current_edition import CurrentEdition
from publish.search.fold import fold_words
from publish.search.fts import tag_of
from publish.search.reading import where_of

SCHEMA = Path(__file__).resolve().parents[2] / "publish" / "edition" / "edition.sql"


@dataclass(frozen=True, kw_only=True)
class Doc:
    key: str
    title: str = "Organoids grow blood vessels"
    text: str = "A laboratory grew organoids with vessels of their own."
    kind: str = "news"
    source: str = "daily"
    url: str | None = None
    published: str | None = "2026-11-20"
    country: str | None = "KR"
    named: tuple[tuple[str, str, str], ...] = ()  # (filter, concept, name)
    labelled: tuple[tuple[str, str, str], ...] = ()  # (filter, facet, value); the status of a work has the facet status
    quote: str | None = None
    shown: bool = True


@dataclass
class Relay:
    """What a relay does, in order of the letters offered to it: `plan` gives an answer for each, then it accepts."""

    plan: list[str] = field(default_factory=list)
    accepted: list[tuple[str, EmailMessage]] = field(default_factory=list)
    wire: list[bytes] = field(default_factory=list)
    at: dict[str, Callable[[], None]] = field(default_factory=dict)  # called at a step: EHLO, RCPT, DATA
    by_recipient: dict[str, str] = field(default_factory=dict)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.at.get("EHLO", lambda: None)()
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.at.get("RCPT", lambda: None)()
        answer = self.by_recipient.get(address) or (self.plan.pop(0) if self.plan else "250 OK")
        if answer.startswith(("4", "5")):
            return answer
        envelope.rcpt_tos.append(address)
        session.fate = answer
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fate = str(session.fate)
        if fate.startswith("data "):
            return fate.removeprefix("data ")
        if fate == "slow":
            await asyncio.sleep(3)
        raw = envelope.original_content
        self.wire.append(raw)
        for address in envelope.rcpt_tos:
            self.accepted.append((address, BytesParser(policy=policy.default).parsebytes(raw)))
        self.at.get("DATA", lambda: None)()
        if fate == "drop":
            server.transport.abort()
        return "250 taken"

    @property
    def recipients(self) -> list[str]:
        return [address for address, _ in self.accepted]


class Sink:
    """A relay that listens while the block runs."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._controller = Controller(relay, hostname="127.0.0.1", port=free_port())

    def __enter__(self) -> int:
        self._controller.start()
        return int(self._controller.port)

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_config(folder: Path, port: int = 9, timeout: float = 5.0, **letters: object) -> Config:
    mail = {"host": "127.0.0.1", "port": port, "sender": "letters@stemwire.example", "timeout": timeout}
    return Config(
        crawl=Crawl(contact="mailto:desk@stemwire.example"),
        paths=Paths(data=str(folder / "data"), editions=str(folder / "editions")),
        site=Site(name="Stemwire", url="https://stemwire.example"),
        letters=Letters.model_validate(
            {"desk": "https://letters.stemwire.example", "deadline": 0, "mail": mail, **letters}
        ),
    )


def make_edition(config: Config, docs: Iterable[Doc], name: str = "site-1") -> Path:
    """Build an edition of these documents and make it the current one."""
    config.editions.mkdir(parents=True, exist_ok=True)
    path = config.editions / f"{name}.db"
    db = sqlite3.connect(path)
    db.executescript(SCHEMA.read_text("utf-8"))
    ordered = sorted(docs, key=lambda doc: (doc.published or "2026-11-20", doc.key))
    entities: dict[str, int] = {}
    for source in sorted({doc.source for doc in ordered}):
        db.execute(
            "INSERT INTO source VALUES (?, ?, 'news', 'KR', 'en', 'A daily paper', 'full', NULL, 0, NULL)",
            (source, f"The {source.capitalize()}"),
        )
    for number, doc in enumerate(ordered, 1):
        day = doc.published or "2026-11-20"
        db.execute(
            'INSERT INTO document (id, "key", slug, ident, kind, source, country, lang, title, url, authors, day,'
            " month, published, dates, first_seen, night, arrived, changed, moved, licence, tonight, words, terms,"
            " basis) VALUES (?, ?, 'a-title', ?, ?, ?, ?, 'en', ?, ?, '[]', ?, ?, ?, '[]', '2026-11-20T00:00:00Z',"
            " '2026-11-20', ?1, '2026-11-20T00:00:00Z', '2026-11-20', 'full', 0, 9, 0, 'page')",
            (
                number, doc.key, doc.key, doc.kind, doc.source, doc.country, doc.title,
                doc.url or f"https://{doc.source}.example/{doc.key}", day, day[:7], doc.published,
            ),
        )  # fmt: skip
        if doc.shown:
            db.execute("INSERT INTO document_text VALUES (?, ?, 'text', 0)", (number, doc.text))
        if doc.quote:
            db.execute("INSERT INTO quote VALUES (?, 1, ?, 0, 1)", (number, doc.quote))
        tags = ["all_", tag_of("kind", doc.kind), tag_of("source", doc.source), tag_of("month", day[:7])]
        if doc.country:
            tags.append(tag_of("country", doc.country))
        for kind, facet, value in doc.labelled:
            tags.append(tag_of(kind, value))
            if facet == "status":
                db.execute(
                    "INSERT INTO banner VALUES (?, 'doi:10.5555/x', ?, 0, NULL, 'A notice.', NULL,"
                    " '2026-11-20T00:00:00Z', '2026-11-20')",
                    (number, value),
                )
            else:
                db.execute("INSERT INTO label VALUES (?, ?, ?, 1.0, '', 'test/1')", (number, facet, value))
        for kind, concept, label in doc.named:
            tags.append(tag_of(kind, concept))
            if concept not in entities:
                entities[concept] = len(entities) + 1
                db.execute(
                    "INSERT INTO entity VALUES (?, ?, ?, ?, NULL, NULL, 'test', 1, 1, ?, ?)",
                    (entities[concept], concept, kind, label, day, day),
                )
                db.execute(
                    "INSERT INTO alias VALUES (?, ?, ?, ?, ?, 'label', 1)",
                    (kind, label.casefold(), concept, entities[concept], label),
                )
            db.execute(
                "INSERT INTO entity_document VALUES (?, ?, ?, 1, 1, 1.0, NULL, NULL)", (entities[concept], day, number)
            )
        db.execute(
            "INSERT INTO search (rowid, title, body, tags) VALUES (?, ?, ?, ?)",
            (number, fold_words(doc.title), fold_words(doc.text), " ".join(tags)),
        )
    db.commit()
    db.close()
    current = config.editions / "current.db"
    current.unlink(missing_ok=True)
    current.symlink_to(path.name)
    return path


def send(config: Config) -> Report:
    """One run of the stage, as the night does it."""
    from publish.letters.outbox import send_digests

    with (
        open_store(config.data("work.db"), "work") as work,
        open_store(config.data("letters.db"), "letters") as letters,
    ):
        return send_digests(config, work, letters, new_run(work, "digest"))


def letters_of(config: Config) -> Store:
    return open_store(config.data("letters.db"), "letters")


def add_row(letters: Store, table: str, **values: object) -> None:
    """A row with these values; other columns that must not be empty are 0 or "". Inside `writing()`."""
    plain = {"INTEGER": 0, "TEXT": "", "BLOB": b""}
    columns = letters.rows(f"PRAGMA table_info({table})")
    filled = {row["name"]: plain[row["type"]] for row in columns if row["notnull"]} | values
    marks = ", ".join("?" * len(filled))
    letters.execute(f"INSERT INTO {table} ({', '.join(filled)}) VALUES ({marks})", list(filled.values()))


def rows(config: Config, sql: str, name: str = "letters") -> list[Json]:
    with open_store(config.data(f"{name}.db"), name) as store:
        return store.rows(sql)


class UrlRow(TypedDict):
    """Where a document was published."""

    url: str


def find_urls(edition: CurrentEdition, query: str) -> list[str]:
    """Where the documents were published that letters find by a search, newest first."""
    where, params = where_of(edition.read(query))
    found = f"SELECT rowid FROM search WHERE {' AND '.join(where)}"
    sql = f"SELECT url FROM document WHERE id IN ({found}) ORDER BY id DESC"
    return [row["url"] for row in edition.select(UrlRow, sql, params)]
