"""What every API module offers (`Api`), found by the name of the module. `crawlers.lists.apis` explains each part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from core.errors import ConfigError
from crawlers.lists.model import ListResult

OVERLAP = timedelta(days=7)  # records are dated back


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One module of `crawlers.lists.apis`, with defaults for what it leaves out."""

    name: str
    base: str
    requests: Callable[..., list[str]]
    parse: Callable[..., ListResult]
    stable: Callable[[str], str]
    records: Callable[..., list[str]] | None
    named: Callable[[str], tuple[str, ...]]
    private: Mapping[str, str]
    newest_first: bool
    overlap: timedelta
    pause: float


def find_api(name: str) -> Api:
    """The interface with this name. Raises ConfigError if there is none."""
    try:
        module = import_module(f"crawlers.lists.apis.{name}")
        return Api(
            name=name, base=module.BASE, requests=module.requests, parse=module.parse, stable=module.stable,
            records=getattr(module, "records", None), named=getattr(module, "named", _none_named),
            private=getattr(module, "PRIVATE", {}), newest_first=getattr(module, "NEWEST_FIRST", False),
            overlap=getattr(module, "OVERLAP", OVERLAP), pause=getattr(module, "PAUSE", 0.0),
        )  # fmt: skip
    except (ModuleNotFoundError, AttributeError) as error:
        raise ConfigError(f"no API is called {name!r}", hint=f"write crawlers/lists/apis/{name}.py") from error


def _none_named(url: str) -> tuple[str, ...]:
    return ()
