"""Several channels: each is found by its file, has its own settings, and fails alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config
from core.errors import ConfigError, UsageError
from publish.letters import channels
from publish.letters.channels import find_channel, list_channels, settings_of
from publish.letters.subscriptions import subscribe, unsubscribe
from tests.publish.rig import Doc, Relay, Sink, letters_of, make_config, make_edition, rows, send

PIGEON = '''
"""A channel for tests: letters are files in a loft; a loft that is not there cannot be reached."""

from pathlib import Path

from core.config import Strict
from core.errors import UsageError
from publish.letters.channels import Receipt

SUFFIX = ".note"


class Settings(Strict):
    loft: str


def check_address(text):
    if not text.isalpha():
        raise UsageError(f"{text!r} is no pigeon")
    return text.lower()


def render(digest, *, ident, to, settings, moment):
    return f"{to}: {digest.new} new of {digest.query}".encode()


def deliver(message, settings, *, to, claim):
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
    """A folder of channels that holds `mail` and `pigeon`."""
    folder = tmp_path / "channels"
    folder.mkdir()
    (folder / "mail.py").symlink_to(channels.HERE / "mail.py")
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
        made = make_config(tmp_path, port, pigeon={"loft": str(tmp_path / "loft")})
        make_edition(made, [Doc(key="old", published="2026-11-01")])
        with letters_of(made) as letters:
            subscribe(made, letters, "Greta", "organoid", "daily", "pigeon")
            subscribe(made, letters, "ann@example.org", "organoid", "daily")
            subscribe(made, letters, "Hans", "organoid", "daily", "pigeon")
        yield made


def states(config: Config) -> list[tuple[object, object]]:
    sql = "SELECT s.address, l.state FROM letter l JOIN subscription s ON s.id = l.subscription ORDER BY s.id"
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
        "greta": "greta: 0 new of organoid", "hans": "hans: 0 new of organoid",
    }  # fmt: skip
    assert {state for _, state in states(config)} == {"sent"}


def test_a_channel_that_is_gone_does_not_stop_the_others(config: Config, relay: Relay, pigeons: Path) -> None:
    (pigeons / "pigeon.py").unlink()
    find_channel.cache_clear()
    report = send(config)
    assert relay.recipients == ["ann@example.org"] and report.failed == 2


def test_a_dry_run_writes_files_as_each_channel_names_them(config: Config, tmp_path: Path) -> None:
    send(config, tmp_path / "dry")
    assert sorted(path.name for path in (tmp_path / "dry").iterdir()) == [
        "subscription-1-letter-1.note", "subscription-2-letter-1.eml", "subscription-3-letter-1.note",
    ]  # fmt: skip


def test_each_channel_says_what_an_address_is(config: Config) -> None:
    with letters_of(config) as letters:
        with pytest.raises(UsageError, match="is no pigeon"):
            subscribe(config, letters, "ann@example.org", "mice", "daily", "pigeon")
        with pytest.raises(UsageError, match="already gets"):
            subscribe(config, letters, "GRETA", "organoid", "daily", "pigeon")
        assert unsubscribe(config, letters, "Greta") == 1


def test_settings_are_those_that_the_channel_declares(config: Config, pigeons: Path) -> None:
    assert list_channels() == ("mail", "pigeon")
    assert settings_of(config, "pigeon").model_dump() == {"loft": config.letters.channels["pigeon"]["loft"]}
    wrong = make_config(pigeons.parent, pigeon={"lotf": "x"})
    with pytest.raises(ConfigError, match=r"config \[letters.pigeon\]: loft: missing; lotf: unknown key"):
        settings_of(wrong, "pigeon")


def test_a_module_that_lacks_something_is_named(pigeons: Path) -> None:
    (pigeons / "pigeon.py").write_text(PIGEON.replace("def deliver", "def send"), "utf-8")
    with pytest.raises(ConfigError, match=r"channels/pigeon\.py: deliver is missing"):
        find_channel("pigeon")
