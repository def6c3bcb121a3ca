"""Addresses of the form to follow something by mail, which the letters desk serves.

The site takes nothing from readers, so each is a plain link with what is followed in its address:
1. a search or a thing: `?q=` with the search as text;
2. a story: `?story=` with its key;
3. works and trials: `?own=` for each of their numbers, as `scheme:value`.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from publish.search.clauses import Filter


def make_follow_address(desk: str, *, q: str = "", story: str = "", own: Sequence[str] = ()) -> str:
    """The address of the form, filled in; empty where the site offers none (`desk` is empty)."""
    if not desk:
        return ""
    asked = [("q", q)] * bool(q) + [("story", story)] * bool(story) + [("own", one) for one in own]
    return f"{desk}/follow?{urlencode(asked)}" if asked else f"{desk}/follow"


def filter_text(name: str, value: str) -> str:
    """A filter as one writes it in a search.

    >>> filter_text("disease", "Parkinson disease")
    'disease:"Parkinson disease"'
    """
    return str(Filter(name=name, value=value))
