"""A data folder made by commit 235f18d goes on working with the present code, and nothing is mailed twice.

`store-235f18d.tar.xz` holds the folder after one night (make_store.py says how it was made). Here it lives through
1. the upgrade: `status`, `check` and the site, on what the old code left;
2. a night with one more source, so that some documents are really new;
3. a night on which every stage does all of its rows again, as after a change of every stage's version;
4. a `rebuild` of work.db from raw.db, and a run of `digest` after it;
5. the ends of two subscriptions, by links that the old code had mailed.
The tests look at what each of these left.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from lxml import etree

from core.config import load_config, load_sources
from pipeline import STAGES
from tests.publish.rig import Relay, Sink, free_port
from tests.upgrade.make_store import FOLDER, LATE, PORT, PUT_OFF

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ARCHIVE = HERE / "store-235f18d.tar.xz"
SECOND, REDONE, REBUILT = "2026-11-21", "2026-11-22", "2026-11-23"  # days of the steps; the old night was on the 20th
REFUSED = {
    "https://news.korea-biolife.example/members/briefing-winter/"
}  # by robots.txt: the old code made no document
ATOM = "{http://www.w3.org/2005/Atom}"

Rows = list[tuple[Any, ...]]


@dataclass
class Moment:
    """The folder after one step."""

    exit_code: int
    feed: dict[str, tuple[str, str]]  # address of a document -> (id, updated) in the feed
    documents: dict[str, str]  # id -> first_seen
    contents: Rows  # what documents say
    facts: Rows  # what became known of documents, with the time at which that was
    stories: set[str]  # ids of stories of several documents
    edited: set[str]  # addresses of documents whose text has changed
    joined: set[str]  # addresses of documents whose story got another one on a later day
    ledger: set[str]  # stages that have rows in the ledger
    failing: dict[str, str]  # source -> run in which it was first seen to fail
    reports: dict[str, tuple[int, int]]  # stage -> (rows that were due, rows that failed) in the newest run
    mails: dict[str, list[EmailMessage]] = field(default_factory=dict)  # recipient -> letters of this step
    text: str = ""  # what the commands printed


@dataclass
class Upgraded:
    """The unpacked folder, and commands of the present code on it."""

    folder: Path
    config: Path
    relay: Relay = field(default_factory=Relay)

    def run(self, day: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command, at four in the morning of a day."""
        command = [sys.executable, "pipeline.py", "--config", str(self.config), *arguments]
        environment = {**os.environ, "STEMWIRE_NOW": f"{day}T04:00:00Z"}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def night(self, day: str) -> subprocess.CompletedProcess[str]:
        return self.run(day, "nightly", "--recorded", str(self.folder / "newsroom"))

    def rows(self, sql: str, database: str = "data/work.db") -> Rows:
        with closing(sqlite3.connect(f"file:{self.folder / database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    @contextmanager
    def serving(self, command: str) -> Iterator[str]:
        """`serve` or `desk` while the block runs; gives its address."""
        port = free_port()
        line = [sys.executable, "pipeline.py", "--config", str(self.config), command, "--port", str(port)]
        server = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            if not server.stdout.readline():  # it prints its address when it listens
                raise AssertionError(f"{command} did not start: {server.communicate()[1]}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.communicate()

    def look(self, *done: subprocess.CompletedProcess[str]) -> Moment:
        """What a step left; takes the letters out of the relay."""
        letters: dict[str, list[EmailMessage]] = {}
        for address, message in self.relay.accepted:
            letters.setdefault(address, []).append(message)
        self.relay.accepted.clear()
        with self.serving("serve") as site, urlopen(f"{site}/search.atom") as answer:
            moment = self.read_tables(max(process.returncode for process in done), answer.read())
        moment.mails, moment.text = letters, "\n".join(process.stdout + process.stderr for process in done)
        return moment

    def read_tables(self, exit_code: int, feed: bytes) -> Moment:
        """What work.db holds now."""
        contents = (
            "SELECT id, entry, source, kind, url, title, text, lang, published, state, hash FROM document ORDER BY id"
        )
        edited = "SELECT d.url FROM version v JOIN document d ON d.id = v.document"
        joined = (
            "SELECT d.url FROM member m JOIN document d ON d.id = m.document JOIN member n ON n.story = m.story"
            " JOIN document o ON o.id = n.document WHERE substr(o.first_seen, 1, 10) > substr(d.first_seen, 1, 10)"
        )
        failing = "SELECT source, first_seen FROM issue WHERE source IS NOT NULL AND resolved IS NULL"
        reports = "SELECT stage, seen, failed FROM report WHERE run = (SELECT max(run) FROM report)"
        return Moment(
            exit_code=exit_code,
            feed=read_feed(feed),
            documents=dict(self.rows("SELECT id, first_seen FROM document")),
            contents=self.rows(contents),
            facts=self.rows("SELECT document, kind, about, value, first_seen FROM fact ORDER BY 1, 2, 3"),
            stories={row[0] for row in self.rows("SELECT id FROM story WHERE documents > 1")},
            edited={row[0] for row in self.rows(edited)},
            joined={row[0] for row in self.rows(joined)},
            ledger={row[0] for row in self.rows("SELECT DISTINCT stage FROM outcome")},
            failing=dict(self.rows(failing)),
            reports={stage: (seen, failed) for stage, seen, failed in self.rows(reports)},
        )


@dataclass
class Life:
    """The folder and its moments, oldest first."""

    store: Upgraded
    edition: str  # name of the edition that the old code had made
    waiting: bytes  # the letter that the old code had left in the outbox
    old: Moment
    upgraded: Moment
    second: Moment
    redone: Moment
    rebuilt: Moment
    mailed: dict[str, EmailMessage]  # recipient -> letter of the old night
    sent: Rows  # (address, number of the letter, key of a document that it brought) after the second night

    def sent_by(self, address: str, number: int) -> set[str]:
        """The keys of the documents that a letter brought."""
        return {key for whom, letter, key in self.sent if (whom, letter) == (address, number)}


SENT = """
SELECT s.address, l.number, d.document FROM delivery d JOIN letter l ON l.id = d.letter
JOIN subscriber s ON s.id = d.subscriber WHERE d.fact IN ('new', 'elsewhere', 'before')"""


def read_feed(body: bytes) -> dict[str, tuple[str, str]]:
    """Address of a document -> (id, updated)."""
    found = {}
    for entry in etree.fromstring(body).iter(f"{ATOM}entry"):
        address = entry.find(f"{ATOM}link[@rel='via']").get("href")
        found[address] = (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated"))
    return found


def addresses_in(message: EmailMessage) -> set[str]:
    """Addresses of documents that a letter names, at their sources."""
    body = message.get_body(("plain",))
    assert body is not None
    return set(re.findall(r"https?://(?!127\.0\.0\.1)\S+", body.get_content()))


def keys_in(message: EmailMessage) -> tuple[set[str], set[str]]:
    """Keys of the documents that a letter leads to: of what is new, and of what was sent before."""
    body = message.get_body(("plain",))
    assert body is not None
    new, _, elsewhere = body.get_content().partition("The same story elsewhere")
    return set(re.findall(r"/d/(\w+)", new)), set(re.findall(r"/d/(\w+)", elsewhere))


def stop_link(message: EmailMessage) -> str:
    """The path of a letter's unsubscribe link."""
    found = re.fullmatch(r"<http://127\.0\.0\.1:8002(/unsubscribe/\S+)>", message["List-Unsubscribe"])
    assert found, message["List-Unsubscribe"]
    return found[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upgrade")
    with tarfile.open(ARCHIVE) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def life(unpacked: Path) -> Iterator[Life]:
    """All steps, once for all tests. Every one of them is a process of its own, as an operator runs it."""
    store = Upgraded(unpacked, unpacked / "here.toml")
    text = (unpacked / "config.toml").read_text("utf-8").replace(FOLDER, str(unpacked))
    with Sink(store.relay) as port:
        store.config.write_text(text.replace(f"port = {PORT}\n", f"port = {port}\n"), "utf-8")
        mailed = {
            message["To"]: message
            for path in (unpacked / "mail").iterdir()
            if isinstance(message := BytesParser(policy=policy.default).parsebytes(path.read_bytes()), EmailMessage)
        }
        (waiting,) = store.rows("SELECT message FROM letter WHERE state = 'pending'", "data/letters.db")
        ((exit_code,),) = store.rows("SELECT exit_code FROM run")
        old = store.read_tables(exit_code, (unpacked / "feed.atom").read_bytes())
        edition = (unpacked / "editions" / "current.db").resolve().stem
        upgraded = store.look(store.run(SECOND, "status"), store.run(SECOND, "check"))
        (unpacked / "late" / LATE).rename(unpacked / "sources" / LATE)
        second = store.look(store.night(SECOND))
        sent = store.rows(SENT, "data/letters.db")
        with closing(sqlite3.connect(unpacked / "data" / "work.db")) as ledger, ledger:
            ledger.execute("UPDATE outcome SET version = 'another'")
        redone = store.look(store.night(REDONE))
        rebuilt = store.look(store.run(REBUILT, "rebuild"), store.run(REBUILT, "digest"))
        yield Life(store, edition, waiting[0], old, upgraded, second, redone, rebuilt, mailed, sent)


def test_the_old_folder_is_what_the_tests_need(life: Life) -> None:
    assert len(life.old.documents) > 40 and life.old.facts and len(life.old.stories) > 3 and len(life.old.feed) > 20
    assert set(life.mailed) == {"news@reader.example", "papers@reader.example"}
    assert all(len(addresses_in(message)) > 3 for message in life.mailed.values())
    tables = ("mention", "label", "identity", "notice", "link", "figure", "quotation", "promise", "registry_check")
    for table in tables:
        assert life.store.rows(f"SELECT 1 FROM {table} LIMIT 1"), f"no row in {table}"


def test_the_upgraded_folder_answers_before_its_first_night(life: Life) -> None:
    assert life.upgraded.exit_code == 0, life.upgraded.text
    assert "members_wire" in life.upgraded.text  # the open issue of the old night
    assert life.upgraded.contents == life.old.contents
    assert life.upgraded.feed == life.old.feed


def test_nights_end_as_nights_of_a_new_folder_do(life: Life) -> None:
    assert (life.second.exit_code, life.redone.exit_code) == (life.old.exit_code,) * 2, life.second.text
    for moment in (life.second, life.redone):
        assert moment.failing == life.old.failing, "the source that fails is known since the old night"
        assert {stage for stage, (_, failed) in moment.reports.items() if failed} == {"collect"}, moment.text


def test_the_ledger_names_the_stages_that_there_are(life: Life) -> None:
    for moment in (life.upgraded, life.second, life.redone, life.rebuilt):
        assert moment.ledger <= set(STAGES) and len(moment.ledger) > 8


@pytest.mark.parametrize("step", ["upgraded", "second", "redone", "rebuilt"])
def test_documents_keep_their_ids_and_first_seen(life: Life, step: str) -> None:
    documents = getattr(life, step).documents
    assert life.old.documents.items() <= documents.items()
    fresh = documents.keys() - life.old.documents.keys()
    assert bool(fresh) == (step != "upgraded")
    assert all(documents[ident].startswith(SECOND) for ident in fresh - REFUSED)


@pytest.mark.parametrize("step", ["upgraded", "second", "redone"])
def test_facts_and_stories_are_not_new_again(life: Life, step: str) -> None:
    moment: Moment = getattr(life, step)
    assert set(life.old.facts) <= set(moment.facts)
    assert life.old.stories <= moment.stories


def test_only_what_is_new_is_mailed_and_only_once(life: Life) -> None:
    path = (life.store.folder / "editions" / "current.db").resolve().relative_to(life.store.folder)
    fresh = f"SELECT \"key\", url FROM document WHERE first_seen >= '{SECOND}' AND kind = 'news'"
    news = {key for key, _ in life.store.rows(fresh, str(path))}
    refused = {key for key, url in life.store.rows('SELECT "key", url FROM document', str(path)) if url in REFUSED}
    assert news, "the late source gave no news"
    assert set(life.second.mails) == {"news@reader.example", "waits@reader.example"}, "papers come once a week"
    (letter,) = life.second.mails["news@reader.example"]
    before = life.sent_by("news@reader.example", 1)
    assert life.sent_by("news@reader.example", 2) == news | refused
    assert len(before) > 3 and not before & (news | refused)
    first, elsewhere = keys_in(letter)
    assert first and first <= news | refused
    assert elsewhere <= before, "what stories are about was sent before"


def test_a_letter_that_waited_in_the_outbox_is_sent_as_it_was_written(life: Life) -> None:
    assert set(PUT_OFF) == {"waits@reader.example"}
    first, then = life.second.mails["waits@reader.example"]
    assert life.store.relay.wire.count(life.waiting) == 1
    assert first["Message-ID"] == BytesParser(policy=policy.default).parsebytes(life.waiting)["Message-ID"]
    before, after = (life.sent_by("waits@reader.example", number) for number in (1, 2))
    assert before and after and not before & after
    assert not keys_in(then)[0] & before


def test_doing_every_stage_again_mails_and_announces_nothing(life: Life) -> None:
    due = {stage: seen for stage, (seen, _) in life.redone.reports.items()}
    assert len(due) > 8 and all(due[stage] for stage in due.keys() - {"digest"}), due
    assert due["extract"] >= len(life.second.documents)
    assert life.redone.mails == {}
    assert life.redone.documents == life.second.documents
    assert life.redone.feed == life.second.feed


def test_a_rebuilt_work_db_mails_nothing_and_makes_nothing_newer_in_the_feed(life: Life) -> None:
    assert life.rebuilt.exit_code == 0, life.rebuilt.text
    assert life.rebuilt.mails == {}
    assert life.rebuilt.contents == life.redone.contents
    assert life.rebuilt.feed.keys() == life.redone.feed.keys()
    for address, (ident, updated) in life.rebuilt.feed.items():
        # earlier texts are not rebuilt, so an edited document has the time of its first text again
        assert ident == life.redone.feed[address][0] and updated <= life.redone.feed[address][1]


def test_feeds_keep_the_ids_and_times_of_what_they_held(life: Life) -> None:
    assert life.old.feed.keys() <= life.second.feed.keys()
    assert {address: life.second.feed[address][0] for address in life.old.feed} == {
        address: ident for address, (ident, _) in life.old.feed.items()
    }
    later = {address for address in life.old.feed if life.second.feed[address] != life.old.feed[address]}
    assert later <= life.second.edited | life.second.joined


def test_old_editions_are_listed_and_can_be_served_again(life: Life) -> None:
    listed = life.store.run(REBUILT, "publish", "--list")
    assert listed.returncode == 0, listed.stderr
    names = re.findall(r"stemwire-\w+", listed.stdout)
    assert len(names) > 1 and names[-1] == life.edition
    for name in (life.edition, names[0]):
        back = life.store.run(REBUILT, "publish", "--edition", name)
        assert back.returncode == 0, back.stderr
        assert (life.store.folder / "editions" / "current.db").resolve().stem == name
        checked = life.store.run(REBUILT, "check")
        assert checked.returncode == 0, checked.stderr


def test_links_in_old_letters_still_end_subscriptions(life: Life) -> None:
    addresses = "SELECT address FROM subscriber ORDER BY id"
    assert ("news@reader.example",) in life.store.rows(addresses, "data/letters.db")
    with life.store.serving("desk") as desk:
        link = desk + stop_link(life.mailed["news@reader.example"])
        with urlopen(Request(link, data=b"List-Unsubscribe=One-Click", method="POST")) as answer:
            assert answer.status == 200
    token = stop_link(life.mailed["papers@reader.example"]).rpartition("/")[2]
    ended = life.store.run(REBUILT, "unsubscribe", token)
    assert (ended.returncode, ended.stdout) == (0, "1 subscription ended\n")
    assert life.store.rows(addresses, "data/letters.db") == [("waits@reader.example",)]


def test_the_old_config_and_sources_load_unchanged(unpacked: Path) -> None:
    config = load_config(unpacked / "config.toml")
    assert (config.paths.data, config.crawl.delay) == (f"{FOLDER}/data", 0.0)
    assert config.letters.channels["mail"]["port"] == PORT
    sources, broken = load_sources(unpacked / "sources")
    assert not broken and len(sources) >= 15
    written = tomllib.loads((unpacked / "sources" / "recell_clinic.toml").read_text("utf-8"))
    (read,) = [source for source in sources if source.id == "recell_clinic"]
    assert written.items() <= read.model_dump(exclude_unset=True).items()
