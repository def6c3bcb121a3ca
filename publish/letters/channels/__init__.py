"""How letters are delivered. Each module `x.py` of this folder is the channel `x`, found by its name.

A channel defines these names; the outbox and the sign-up use no others:

* `Settings`: a `core.config.Strict` class, the table `[letters.x]` of config.toml. Every key has a default or the table
  is required; `settings_of` reads it. A field `local` that the table does not set has the value of `[letters] local`.
* `SUFFIX`: the suffix of a letter's file in a dry run, such as `.eml`.
* `check_address(text) -> str`: the address as it is stored. Raises UsageError if it is invalid.
* `render(letter, *, ident, to, settings, moment) -> bytes`: the whole message. Pure: the same arguments give the same
  bytes. `ident` names the letter and is the same for every try. It starts with `rendering.tidy_letter`.
* `render_confirmation(site, home, name, query, link, *, ident, to, settings, moment) -> bytes`: the message that asks
  whether letters are wanted. `link` leads to the page with the button. Whoever asked may be somebody else, so what they
  wrote (`name`, `query`) is shown only as far as `rendering.harmless` allows.
* `deliver(message, settings, *, to, secret, claim) -> Receipt`: delivers one message. It calls `claim` once, just
  before the message leaves, and sends nothing if that returns False. `secret` is the subscriber's own; a channel that
  signs uses it. It raises nothing for what the other side does: the `Receipt` states the result, and the outbox decides
  whether and when to try again.
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
from publish.letters.letter import Letter

HERE = Path(__file__).parent
NAMES = ("Settings", "SUFFIX", "check_address", "render", "render_confirmation", "deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The result of delivering one message.

    sent         the other side accepted the message
    deferred     a temporary refusal of this recipient: nothing was accepted; the outbox tries again, later each time
    refused      a permanent refusal of this recipient: the third in a row pauses the subscriber
    withdrawn    `claim` returned False just before the message would have left: nothing was sent
    unreachable  no answer, or a refusal before the recipient was named: the channel waits for the next run
    uncertain    the message began to leave and no answer came: it may have been accepted, and is never sent again

    `final`: with `refused`, the recipient wants nothing more, ever (HTTP 410): the first one pauses the subscriber.
    """

    state: Literal["sent", "deferred", "refused", "withdrawn", "unreachable", "uncertain"]
    reply: str
    final: bool = False


class Channel(Protocol):
    """A module of this folder."""

    SUFFIX: str
    Settings: type[Strict]

    def check_address(self, text: str) -> str: ...

    def render(self, letter: Letter, *, ident: str, to: str, settings: Strict, moment: datetime) -> bytes: ...

    def render_confirmation(
        self,
        site: str,
        home: str,
        name: str,
        query: str,
        link: str,
        *,
        ident: str,
        to: str,
        settings: Strict,
        moment: datetime,
    ) -> bytes: ...

    def deliver(
        self, message: bytes, settings: Strict, *, to: str, secret: str, claim: Callable[[], bool]
    ) -> Receipt: ...


def list_channels() -> tuple[str, ...]:
    """Names of all channels."""
    return tuple(sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__init__"))


@cache
def find_channel(name: str) -> Channel:
    """The channel of a name. Raises UsageError if it does not exist, ConfigError if its module is incomplete."""
    if name not in list_channels():
        raise UsageError(f"no channel {name!r}", hint=f"known: {', '.join(list_channels())}")
    module = import_module(f"publish.letters.channels.{name}")
    for needed in NAMES:
        if not hasattr(module, needed):
            raise ConfigError(f"{needed} is missing", where=f"publish/letters/channels/{name}.py")
    return cast(Channel, module)


def settings_of(config: Config, name: str) -> Strict:
    """The table `[letters.NAME]` as the channel declares it. Raises ConfigError that names the key."""
    declared = find_channel(name).Settings
    section = config.letters.channels.get(name, {})
    if "local" in declared.model_fields:
        section = {"local": config.letters.local, **section}
    return checked(declared, section, f"config [letters.{name}]")


def check_sections(config: Config) -> None:
    """Check the tables `[letters.x]`. Raises ConfigError if one has no channel or a wrong key."""
    for name in config.letters.channels:
        if name not in list_channels():
            raise ConfigError(f"letters.{name}: no such channel", hint=f"known: {', '.join(list_channels())}")
        settings_of(config, name)
