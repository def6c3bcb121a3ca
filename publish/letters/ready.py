"""Whether letters may leave, and what `doctor` says of it.

Letters do not go to real people while nobody could answer them: with a sender at a name that no mail reaches
(`@localhost`, `@….example`), or with links to a desk without https. They wait in the outbox. `[letters] local` allows
it, for a machine whose letters go nowhere else. Addresses at reserved names (RFC 2606, 6761) belong to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from core.config import Config, Secret, Strict
from core.errors import StemwireError
from core.store import open_to_read
from publish.letters.channels import list_channels, settings_of

_RESERVED = ("localhost", "local", "example", "test", "invalid", "example.com", "example.net", "example.org")


def is_reserved(host: str) -> bool:
    """Whether a name is one that nobody can have: `localhost`, `anything.example` …"""
    name = host.rstrip(".").lower()
    return not name or any(name == one or name.endswith(f".{one}") for one in _RESERVED)


def find_unsafe(config: Config, settings: Strict, address: str) -> str:
    """Why a letter must not go to this address with these settings of its channel; empty if it may."""
    host = address.rpartition("@")[2] if "@" in address else urlsplit(address).hostname or ""
    if config.letters.local or is_reserved(host):
        return ""
    return _find_fault(config, settings)


def _find_fault(config: Config, settings: Strict) -> str:
    sender = str(getattr(settings, "sender", "") or "")
    if sender and is_reserved(sender.rpartition("@")[2]):
        return f"the sender {sender} has no address that people can answer: set `sender` in config.toml"
    if not config.letters.desk.startswith("https://"):
        return f"the links of letters lead to {config.letters.desk}, which has no https: set [letters] desk"
    return ""


def check_letters(config: Config) -> Iterator[tuple[bool, str]]:
    """(good, line) of each check of letters, for `doctor`. Raises nothing."""
    path = config.data("letters.db")
    people: dict[str, list[str]] = {}
    if path.exists():
        try:
            with open_to_read(path, "letters") as letters:
                state = letters.value("PRAGMA quick_check")
                yield state == "ok", f"letters.db: {state}"
                for row in letters.rows("SELECT channel, address FROM subscriber WHERE state = 'active'"):
                    people.setdefault(row["channel"], []).append(row["address"])
        except StemwireError as error:
            yield False, str(error)
            return
        mode = path.stat().st_mode & 0o077
        yield not mode, "letters.db is readable by its owner only" if not mode else f"others can read {path}: chmod 600"
    for channel in list_channels():
        if channel in people or channel in config.letters.channels:
            yield from _check_channel(config, channel, people.get(channel, []))


def _check_channel(config: Config, channel: str, addresses: list[str]) -> Iterator[tuple[bool, str]]:
    try:
        settings = settings_of(config, channel)
        for name in type(settings).model_fields:
            value = getattr(settings, name)
            if isinstance(value, Secret):
                value.get()
    except StemwireError as error:
        yield False, f"letters by {channel}: {error}"
        return
    real = [address for address in addresses if find_unsafe(config, settings, address)]
    fault = _find_fault(config, settings) if real else ""
    yield not fault, f"letters by {channel}: " + (f"{len(real)} would wait: {fault}" if fault else "may leave")
