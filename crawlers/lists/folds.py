"""Whether items of one poll lead to one page, so that they become one document. A person should know of it.

Items fold when their addresses are one (`crawlers.addresses.address_key`, with all that could tell them apart). One
whose title agrees with another's, or is not given, is the same story listed twice; that is reported only if a third of
the poll or more folds.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.records import Entry
from crawlers.addresses import address_key, listed_url
from crawlers.titles import titles_agree

SHARE = 3  # one part in so many of a poll
LEAST = 3  # items that fold in such a poll


def describe_folds(entries: Iterable[Entry]) -> str | None:
    """What folds in a poll, in one line; None where nothing needs a look. Records of works do not fold by addresses."""
    pages: dict[str, list[Entry]] = {}
    listed = [entry for entry in entries if entry.url and not entry.identifiers]
    for entry in listed:
        pages.setdefault(address_key(listed_url(entry.url or "") or entry.url or ""), []).append(entry)
    folded = [same for same in pages.values() if len(same) > 1]
    differ = [same for same in folded if any(_differs(same[0], other) for other in same[1:])]
    lost = sum(len(same) - 1 for same in folded)
    if not differ and (lost < LEAST or lost * SHARE < len(listed)):
        return None
    shown = max(differ or folded, key=len)
    first, second = shown[0], next((other for other in shown[1:] if _differs(shown[0], other)), shown[1])
    return (
        f"{lost} of {len(listed)} items lead to a page that another one leads to; {len(shown)} of them to {first.url}:"
        f" “{first.title[:80]}” and “{second.title[:80]}”"
    )


def _differs(one: Entry, other: Entry) -> bool:
    return bool(one.title and other.title) and not titles_agree(one.title, other.title)
