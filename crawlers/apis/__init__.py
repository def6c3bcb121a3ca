"""Programming interfaces of the literature and the registries: addresses to ask, and bytes to entries. No I/O here.

Each module has three functions:

- `requests(query, since, most)`: the addresses to begin with; `since` is a day, `most` the number of records wanted;
- `parse(body, *, url, fetched)`: an `Index` of entries, with the further addresses that an answer leads to. A
  malformed answer raises ApiError: it is never an empty result;
- `stable(url)`: the address without what differs from night to night (the window of days, a page token), by which a
  capture is named: the same bytes are kept once.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from core.errors import StemwireError


class ApiError(StemwireError):
    """The answer is not what this interface gives; the message says what came."""


def without(url: str, names: frozenset[str]) -> str:
    """An address without these parameters."""
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in names]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def opening(body: bytes) -> str:
    """How an unexpected answer begins, for the message."""
    return " ".join(body[:120].decode("utf-8", "replace").split()) or "nothing"
