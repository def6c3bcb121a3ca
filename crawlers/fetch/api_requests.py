"""How the APIs of `crawlers.lists.apis` are asked: their secrets, and which named records are due.

Decisions only. A secret is added to a request at the last moment (`add_secrets`) and removed from whatever comes back
(`conceal_secrets`), so that no stored address, header or reason contains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote, quote_plus

from core.config import ApiRule, Crawl
from core.errors import ConfigError
from core.records import Entry
from crawlers.fetch.page_plan import is_due_again
from crawlers.lists.apis import with_parameters, without_parameters
from crawlers.lists.apis.interface import find_api
from crawlers.lists.model import Rule

HIDDEN = "[secret]"


def add_secrets(url: str, rule: ApiRule) -> tuple[str, dict[str, str]]:
    """(the address to dial, headers to send). Raises ConfigError for a secret that is not set or has no place."""
    headers: dict[str, str] = {}
    for setting, place, value in _find_secrets(rule):
        if not place:
            raise ConfigError(f"the API {rule.api} takes no {setting}", hint="leave it out of [[api]]")
        if place.endswith(":"):
            headers[place.removesuffix(":")] = value
        else:
            url = with_parameters(url, **{place: value})
    return url, headers


def conceal_secrets(text: str, rule: Rule | None) -> str:
    """`text` (an address, a header, a reason) without the secrets of this rule. Only interfaces have any."""
    if not isinstance(rule, ApiRule):
        return text
    for _, place, value in _find_secrets(rule):
        if place and not place.endswith(":") and "://" in text and f"{place}=" in text and " " not in text:
            text = without_parameters(text, frozenset({place}))
        for spelling in dict.fromkeys((value, quote(value, safe=""), quote_plus(value), quote(value))):
            text = text.replace(spelling, HIDDEN)
    return text


def _find_secrets(rule: ApiRule) -> list[tuple[str, str, str]]:
    """(setting, where the interface expects it, value) of those that the TOML gives."""
    if rule.key is None and rule.mailto is None:
        return []
    private = find_api(rule.api).private
    given = (("key", rule.key), ("mailto", rule.mailto))
    return [(setting, private.get(setting, ""), secret.get()) for setting, secret in given if secret is not None]


def has_news(entries: Iterable[Entry], known: Mapping[str, Entry]) -> bool:
    """Whether one of these is new or changed. Where the newest come first, later pages then have nothing new."""
    return any(entry.id not in known or known[entry.id].hash != entry.hash for entry in entries)


def due_names(
    names: Iterable[str], *, held: Iterable[str], listed: Iterable[str],
    visits: Mapping[str, tuple[datetime, datetime]], crawl: Crawl, now: datetime,
) -> list[str]:  # fmt: skip
    """Which of the records that a search names are asked for now, in their order.

    Those that we do not hold, those that the night before did not list (they have changed since), and those that are
    due again: `visits` gives when each was asked for first and last.
    """
    held, listed = frozenset(held), frozenset(listed)

    def is_due(name: str) -> bool:
        if name not in held or name not in listed or name not in visits:
            return True
        return is_due_again(*visits[name], crawl, now)

    return [name for name in names if is_due(name)]
