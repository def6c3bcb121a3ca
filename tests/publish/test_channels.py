"""Several channels: each is found by its file, has its own settings, and fails alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.made_letters import SAMPLE
from core.config import Config
from core.errors import ConfigError, UsageError
from core.store import open_store
from publish.letters import channels
from publish.letters.channels import find_channel, list_channels, page, settings_of
from publish.letters.dry_run import run_dry, save_dry
from publish.letters.letter_page import show
from publish.letters.rendering import from_json
from publish.letters.subscriptions import subscribe
from publish.letters.wanted import Wanted
from tests.publish.rig import Doc, Relay, Sink, letters_of, make_config, make_edition, rows, send

ORGANOIDS = Wanted(kind="search", query="organoid", every="daily")
PIGEON = '''
"""A channel for tests: letters are files in a loft; a loft that is not there cannot be reached."""

from pathlib import Path

from core.config import Strict
from core.errors import UsageError
from publish.letters.channels import Receipt
from publish.letters.rendering import subject_of

SUFFIX = ".note"


class Settings(Strict):
    loft: str
    local: bool = False


def check_address(text):
    if not text.isalpha():
        raise UsageError(f"{text!r} is no pigeon")
    return text.lower()


def render(letter, *, ident, to, settings, moment):
    return f"{to}: {subject_of(letter)}".encode()


def render_confirmation(site, home, name, query, link, *, ident, to, settings, moment):
    return link.encode()


def deliver(message, settings, *, to, secret, claim):
    loft = Path(settings.loft)
    if not loft.is_dir():
        return Receipt(state="unreachable", reply=f"no loft for {to}")
    if not claim():
        return Receipt(state="withdrawn", reply="")
    (loft / to).write_bytes(message)
    return Receipt(state="sent", reply="taken")
'''


@pytest.fixture
def pigeons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of channels that holds those of the product, and `pigeon`."""
    folder = tmp_path / "channels"
    folder.mkdir()
    for name in list_channels():
        (folder / f"{name}.py").symlink_to(channels.HERE / f"{name}.py")
    (folder / "pigeon.py").write_text(PIGEON, "utf-8")
    monkeypatch.setattr(channels, "HERE", folder)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(folder)])
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T03:00:00Z")
    find_channel.cache_clear()
    yield folder
    find_channel.cache_clear()
    sys.modules.pop("publish.letters.channels.pigeon", None)


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def config(tmp_path: Path, pigeons: Path, relay: Relay) -> Iterator[Config]:
    with Sink(relay) as port:
        made = make_config(tmp_path, port, local=True, pigeon={"loft": str(tmp_path / "loft")})
        make_edition(made, [Doc(key="old", published="2026-11-01")])
        with letters_of(made) as letters:
            for channel, address in (("pigeon", "Greta"), ("mail", "ann@example.org"), ("pigeon", "Hans")):
                subscribe(made, letters, channel, address, ORGANOIDS)
        yield made


def states(config: Config) -> list[tuple[object, object]]:
    sql = "SELECT s.address, l.state FROM letter l JOIN subscriber s ON s.id = l.subscriber ORDER BY s.id"
    return [(row["address"], row["state"]) for row in rows(config, sql)]


def test_a_channel_that_cannot_be_reached_does_not_stop_the_others(
    config: Config, relay: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(config)
    assert relay.recipients == ["ann@example.org"]
    assert states(config) == [("greta", "pending"), ("ann@example.org", "sent"), ("hans", "pending")]
    found = rows(config, "SELECT subject, text FROM issue WHERE resolved IS NULL AND kind = 'letters_relay'", "work")
    assert found == [{"subject": "pigeon relay", "text": "no loft for the subscriber"}]
    (tmp_path / "loft").mkdir()
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-23T03:00:00Z")
    send(config)
    assert {path.name: path.read_text() for path in (tmp_path / "loft").iterdir()} == {
        "greta": "greta: organoid: set up", "hans": "hans: organoid: set up",
    }  # fmt: skip
    assert {state for _, state in states(config)} == {"sent"}


def test_a_channel_that_is_gone_does_not_stop_the_others(config: Config, relay: Relay, pigeons: Path) -> None:
    (pigeons / "pigeon.py").unlink()
    find_channel.cache_clear()
    report = send(config)
    assert relay.recipients == ["ann@example.org"] and report.failed == 2


def test_a_letter_of_a_page_is_kept_and_sent_to_nobody(config: Config, relay: Relay) -> None:
    with letters_of(config) as letters:
        subscribe(config, letters, "page", "organoids", ORGANOIDS)
    send(config)
    assert relay.recipients == ["ann@example.org"]
    assert states(config)[-1] == ("organoids", "sent")
    sql = "SELECT content FROM letter l JOIN subscriber s ON s.id = l.subscriber WHERE channel = 'page'"
    assert "<h1>organoid: set up</h1>" in show(from_json(str(rows(config, sql)[0]["content"])))


def test_a_page_is_written_and_nothing_leaves() -> None:
    message = page.render(
        SAMPLE, ident="1", to="retina", settings=page.Settings(), moment=datetime(2026, 11, 22, tzinfo=UTC)
    )
    assert b"<h1" in message and b"pigment-cell" in message
    taken = page.deliver(message, page.Settings(), to="retina", secret="", claim=lambda: True)
    stopped = page.deliver(message, page.Settings(), to="retina", secret="", claim=lambda: False)
    assert (taken.state, stopped.state) == ("sent", "withdrawn")


@pytest.mark.parametrize("name", ["", "Retina", "retina cells", "../x", "-x", "x" * 81])
def test_a_page_has_a_plain_name(name: str) -> None:
    with pytest.raises(UsageError):
        page.check_address(name)


def test_what_has_no_address_that_manages_it_shows_none() -> None:
    public = show(replace(SAMPLE, manage="", stop="", page=""))
    assert "Change, add" not in public and "No more of" not in public


def test_a_dry_run_writes_files_as_each_channel_names_them(config: Config, tmp_path: Path) -> None:
    with open_store(config.data("work.db"), "work"):
        save_dry(run_dry(config), tmp_path / "dry")
    assert sorted(path.name for path in (tmp_path / "dry").iterdir()) == [
        "subscriber-1-letter-1.note", "subscriber-2-letter-1.eml", "subscriber-3-letter-1.note",
    ]  # fmt: skip


def test_each_channel_says_what_an_address_is(config: Config) -> None:
    with letters_of(config) as letters:
        with pytest.raises(UsageError, match="is no pigeon"):
            subscribe(config, letters, "pigeon", "ann@example.org", ORGANOIDS)
        with pytest.raises(UsageError, match="already"):
            subscribe(config, letters, "pigeon", "GRETA", ORGANOIDS)


def test_settings_are_those_that_the_channel_declares(config: Config, pigeons: Path) -> None:
    assert list_channels() == ("mail", "page", "pigeon", "webhook")
    loft = config.letters.channels["pigeon"]["loft"]
    assert settings_of(config, "pigeon").model_dump() == {"loft": loft, "local": True}
    wrong = make_config(pigeons.parent, pigeon={"lotf": "x"})
    with pytest.raises(ConfigError, match=r"config \[letters.pigeon\]: loft: missing; lotf: unknown key"):
        settings_of(wrong, "pigeon")


@pytest.mark.parametrize("needed", ["deliver", "render_confirmation"])
def test_a_module_that_lacks_something_is_named(pigeons: Path, needed: str) -> None:
    (pigeons / "pigeon.py").write_text(PIGEON.replace(f"def {needed}(", "def other("), "utf-8")
    with pytest.raises(ConfigError, match=rf"channels/pigeon\.py: {needed} is missing"):
        find_channel("pigeon")
