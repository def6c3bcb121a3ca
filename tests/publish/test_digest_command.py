"""`digest`, `outbox` and `doctor` as an operator calls them: what they print, write and return."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import pipeline
from core.config import Config, load_config
from core.night import night_of
from publish.letters.ready import check_letters
from publish.letters.subscriptions import subscribe
from publish.letters.wanted import Wanted
from tests.publish.rig import Doc, Relay, Sink, free_port, letters_of, make_edition, rows

Ask = Callable[..., Result]
MAIL = 'sender = "letters@stemwire.example"'


@pytest.fixture(autouse=True)
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T03:00:00Z")


def installed(folder: Path, port: int, mail: str = MAIL) -> tuple[Config, Ask]:
    """An installation with one edition and one subscriber, and its command line."""
    path = folder / "config.toml"
    path.write_text(
        f'[crawl]\ncontact = "mailto:desk@stemwire.example"\n[paths]\ndata = "{folder}/data"\n'
        f'editions = "{folder}/editions"\n[letters]\ndesk = "https://letters.stemwire.example"\ndeadline = 0\n'
        f'[letters.mail]\nhost = "127.0.0.1"\nport = {port}\n{mail}\n',
        "utf-8",
    )
    config = load_config(path)
    make_edition(config, [Doc(key="old")])
    with letters_of(config) as letters:
        wanted = Wanted(kind="search", query="organoid", name="Tiny organs", every="daily")
        subscribe(config, letters, "mail", "ann@example.org", wanted)

    def ask(*arguments: str) -> Result:
        return CliRunner().invoke(pipeline.main, ["--config", str(path), *arguments])

    return config, ask


def everything(folder: Path) -> dict[str, bytes]:
    """All files but those that SQLite keeps while a database is open."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_letters_that_cannot_leave_end_digest_and_the_night_with_1(tmp_path: Path) -> None:
    config, ask = installed(tmp_path, free_port())
    assert ask("digest").exit_code == 1
    with night_of(config, "nightly") as whole:
        pipeline.digest(whole)
    assert whole.exit_code == 1
    assert "`./run.sh outbox`" in whole.notes[0]
    assert [row["exit_code"] for row in rows(config, "SELECT exit_code FROM run ORDER BY id", "work")] == [1, 1]


def test_letters_that_leave_end_with_0(tmp_path: Path) -> None:
    with Sink(Relay()) as port:
        config, ask = installed(tmp_path, port)
        done = ask("digest")
    assert (done.exit_code, done.stdout) == (0, "1 sent, 0 with nothing new, 0 failed\n")
    assert [row["exit_code"] for row in rows(config, "SELECT exit_code FROM run", "work")] == [0]


def test_a_password_that_is_not_set_is_found_before_the_night_and_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOPE", raising=False)
    config, ask = installed(tmp_path, free_port(), f'{MAIL}\nuser = "us"\npassword = {{ env = "NOPE" }}')
    assert any(not good and "NOPE" in line for good, line in check_letters(config))
    assert ask("digest").exit_code == 1
    assert [row["exit_code"] for row in rows(config, "SELECT exit_code FROM run", "work")] == [1]
    [issue] = rows(config, "SELECT kind, text FROM issue", "work")
    assert issue["kind"] == "letters_relay"
    assert "NOPE" in issue["text"]


def test_doctor_says_whose_letters_would_wait(tmp_path: Path) -> None:
    config, _ = installed(tmp_path, free_port())
    assert all(good for good, _ in check_letters(config))
    with letters_of(config) as letters:
        subscribe(config, letters, "mail", "ben@uni-hallam.org", Wanted(kind="search", query="liver", every="daily"))
    [bad] = [line for good, line in check_letters(config) if not good]
    assert "1 would wait" in bad
    assert "stemwire.example" in bad


def test_a_dry_run_prints_and_writes_nothing(tmp_path: Path) -> None:
    relay = Relay()
    with Sink(relay) as port:
        config, ask = installed(tmp_path, port)
        rows(config, "SELECT 1", "work")  # there is a work.db
        before = everything(tmp_path)
        done = ask("digest", "--dry-run")
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines() == [
            "subscriber 1, daily, letter 1: Tiny organs: set up",
            "1 would be sent, 0 with nothing new",
        ]
        said = [json.loads(line) for line in ask("digest", "--dry-run", "--json").stdout.splitlines()]
        assert [one["subject"] for one in said] == ["Tiny organs: set up"]
        assert said[0]["letter"]["parts"][0]["first"] is True
        assert everything(tmp_path) == before
        assert relay.accepted == []
        assert ask("digest").exit_code == 0
        assert len(relay.accepted) == 1


def test_letters_are_saved_as_files(tmp_path: Path) -> None:
    config, ask = installed(tmp_path, free_port())
    rows(config, "SELECT 1", "work")
    done = ask("digest", "--write", str(tmp_path / "out" / "here"))
    assert done.exit_code == 0, done.output
    [file] = (tmp_path / "out" / "here").iterdir()
    assert file.name == "subscriber-1-letter-1.eml"
    assert b"Subject: Tiny organs" in file.read_bytes()
    assert ask("digest", "--write", str(tmp_path / "out" / "here")).exit_code == 2  # not empty
    assert rows(config, "SELECT * FROM letter") == []


def test_the_old_way_to_save_them_leads_to_the_new_one(tmp_path: Path) -> None:
    _, ask = installed(tmp_path, free_port())
    done = ask("digest", "--dry-run", "letters")
    assert done.exit_code == 2
    assert "digest --write letters" in done.output


def test_the_outbox_is_listed_by_number_and_mended(tmp_path: Path) -> None:
    _, ask = installed(tmp_path, free_port())
    assert ask("outbox").stdout == "nothing waits, and nothing is in doubt\n"
    ask("digest")
    assert ask("outbox").stdout.startswith("letter 1.1, daily, of 2026-11-22: pending: ")
    assert [row["letter"] for row in json.loads(ask("outbox", "--json").stdout)] == ["1.1"]
    assert "ann@" not in ask("outbox").stdout
    assert ask("outbox", "drop", "1.1").exit_code == 0
    assert ask("outbox").stdout == "nothing waits, and nothing is in doubt\n"
    for wrong in (("drop", "1.1"), ("retry", "7.1"), ("resume", "1"), ("arrived", "x"), ("retry",)):
        assert ask("outbox", *wrong).exit_code == 2
