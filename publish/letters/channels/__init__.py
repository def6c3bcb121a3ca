"""How letters travel. Each module `x.py` of this folder is the channel `x`, found by its name.

A channel has these names, and the outbox calls nothing else:

* `Settings`: a `core.config.Strict` class, the table `[letters.x]` of config.toml. Every key has a default or the table
  is required; `settings_of` reads it.
* `SUFFIX`: how the file of a letter ends in a dry run, such as `.eml`.
* `check_address(text) -> str`: the address as it is kept. Raises UsageError where it is none.
* `render(digest, *, ident, to, settings, moment) -> bytes`: the whole message. Pure: the same arguments give the same
  bytes. `ident` names the letter and is the same for every try.
* `deliver(message, settings, *, to, claim) -> Receipt`: hands over one message. It calls `claim` once, just before the
  message leaves, and sends nothing if that says no. It raises nothing for what the other side does: the `Receipt` says
  what became of the message, and the outbox decides whether and when it is tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol, cast

from core.config import Config, Strict, checked
from core.errors import ConfigError, UsageError
from publish.letters.digest import Digest

HERE = Path(__file__).parent
NAMES = ("Settings", "SUFFIX", "check_address", "render", "deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one message.

    sent         the other side took responsibility
    deferred     a definite "not now" about this recipient: nothing was taken; the outbox tries again, later each time
    refused      a definite "no" about this recipient: the third in a row pauses the subscription
    withdrawn    `claim` said no, just before the message would have left: nothing was sent
    unreachable  nobody answered, or refused us before a recipient was named: the channel waits for the next run
    uncertain    the message began to leave and no answer came: it may have been taken, and is never sent again
    """

    state: Literal["sent", "deferred", "refused", "withdrawn", "unreachable", "uncertain"]
    reply: str


class Channel(Protocol):
    """A module of this folder."""

    SUFFIX: str
    Settings: type[Strict]

    def check_address(self, text: str) -> str: ...

    def render(self, digest: Digest, *, ident: str, to: str, settings: Strict, moment: datetime) -> bytes: ...

    def deliver(self, message: bytes, settings: Strict, *, to: str, claim: Callable[[], bool]) -> Receipt: ...


def list_channels() -> tuple[str, ...]:
    """Names of all channels."""
    return tuple(sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__init__"))


@cache
def find_channel(name: str) -> Channel:
    """The channel of a name. Raises UsageError when there is none, ConfigError when its module lacks something."""
    if name not in list_channels():
        raise UsageError(f"no channel {name!r}", hint=f"known: {', '.join(list_channels())}")
    module = import_module(f"publish.letters.channels.{name}")
    for needed in NAMES:
        if not hasattr(module, needed):
            raise ConfigError(f"{needed} is missing", where=f"publish/letters/channels/{name}.py")
    return cast(Channel, module)


def settings_of(config: Config, name: str) -> Strict:
    """The table `[letters.NAME]` as the channel declares it. Raises ConfigError that names the key."""
    section = config.letters.channels.get(name, {})
    return checked(find_channel(name).Settings, section, f"config [letters.{name}]")


def check_sections(config: Config) -> None:
    """Raises ConfigError where a table `[letters.x]` has no channel or a wrong key."""
    for name in config.letters.channels:
        if name not in list_channels():
            raise ConfigError(f"letters.{name}: no such channel", hint=f"known: {', '.join(list_channels())}")
        settings_of(config, name)
