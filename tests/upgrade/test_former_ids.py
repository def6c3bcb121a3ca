"""A folder of commit 235f18d in which a document has an id that the present code does not give: it moves, silently.

The old code could have named the document by an address that rested on one claim. Extract gives it its right id when
all rows are done again. Its old address on the site leads on, feeds keep the id they know it by, no letter names it.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.request import urlopen

import pytest

from publish.edition.build import key_of
from tests.publish.rig import free_port
from tests.upgrade.make_store import FOLDER
from tests.upgrade.test_upgrade import ARCHIVE, ROOT, SECOND, addresses_in, read_feed

FORMER = "https://once.example/section/"


@dataclass
class Moved:
    """The folder after the change; `ident` is the right id, `address` that of the document at its source."""

    folder: Path
    ident: str
    address: str
    letters: set[str]  # addresses that they name

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "data" / "work.db")) as work:
            return work.execute(sql).fetchall()

    @contextmanager
    def serving(self) -> Iterator[str]:
        port = free_port()
        line = [sys.executable, "pipeline.py", "--config", str(self.folder / "here.toml"), "serve", "--port", str(port)]
        server = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None and server.stdout.readline(), server.communicate()[1]
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.communicate()


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Moved:
    folder = tmp_path_factory.mktemp("former")
    with tarfile.open(ARCHIVE) as tar:
        tar.extractall(folder, filter="data")
    config = folder / "here.toml"
    config.write_text((folder / "config.toml").read_text("utf-8").replace(FOLDER, str(folder)), "utf-8")

    mailed = addresses_of(folder / "mail")

    def run(*arguments: str) -> str:
        line = [sys.executable, "pipeline.py", "--config", str(config), *arguments]
        environment = {**os.environ, "STEMWIRE_NOW": f"{SECOND}T04:00:00Z"}
        done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    with closing(sqlite3.connect(folder / "data" / "work.db")) as work, work:
        found = work.execute("SELECT id, url FROM document WHERE kind = 'news' AND id LIKE 'http%' ORDER BY id")
        ident, address = next((ident, url) for ident, url in found.fetchall() if url in mailed)
        work.execute("UPDATE document SET id = ? WHERE id = ?", (FORMER, ident))
        work.execute("UPDATE appearance SET document = ? WHERE document = ?", (FORMER, ident))
        work.execute("UPDATE outcome SET version = 'another' WHERE stage = 'extract'")
    with closing(sqlite3.connect(folder / "data" / "letters.db")) as letters, letters:
        changed = letters.execute(
            "UPDATE arrival SET document = ?, likeness = NULL WHERE document = ?", (key_of(FORMER), key_of(ident))
        )
        assert changed.rowcount == 1, "the old night did not number the document"
    for stage in ("extract", "enrich", "classify", "publish"):
        run(stage)
    run("digest", "--write", str(folder / "letters"))
    return Moved(folder, ident, address, addresses_of(folder / "letters"))


def addresses_of(letters: Path) -> set[str]:
    """Addresses of documents that the letters in a folder name."""
    messages = [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in letters.iterdir()]
    return {address for one in messages if isinstance(one, EmailMessage) for address in addresses_in(one)}


def test_the_document_has_its_right_id_and_the_old_one_leads_to_it(moved: Moved) -> None:
    assert moved.rows("SELECT id, document, first FROM former_id") == [(FORMER, moved.ident, 1)]
    assert moved.rows(f"SELECT count(*) FROM document WHERE id = '{FORMER}'") == [(0,)]
    assert moved.rows(f"SELECT count(*) FROM document WHERE id = '{moved.ident}'") == [(1,)]


def test_no_letter_names_it_again(moved: Moved) -> None:
    assert moved.address not in moved.letters


def test_its_old_address_leads_on_and_feeds_keep_its_id(moved: Moved) -> None:
    with moved.serving() as site:
        with urlopen(f"{site}/document/an-older-title-{key_of(FORMER)}") as answer:
            assert answer.status == 200 and answer.url.endswith(key_of(moved.ident))
        with urlopen(f"{site}/search.atom") as answer:
            feed = read_feed(answer.read())
    assert feed[moved.address][0].endswith(f"document/{key_of(FORMER)}")
