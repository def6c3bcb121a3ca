"""Compare two polls of the same source: what is new, what changed, what is gone. A decision, and nothing else.

`known` is what we hold of a source, `polled` what it says now, both reduced to `Item`s. The decision, in order:

1. An item is known if its native name is, or else if its DOI or its link (compared by `key`, so that https or www. make
   no difference) belongs to a known item that is not in this poll under its own name: a feed that changes all guids
   must not announce everything again. Where half of a poll or more seems new and as many items went, guids and links
   have changed together: then an item is known by its title and day, if no other has both.
2. A known item is changed if its hash (of what the source says) differs; otherwise it is the same.
3. Everything else in the poll is new.
4. Known items that the last good poll listed and this one does not are gone, which means: no longer listed. Feeds show
   a window, so this says nothing about the page.
5. A poll that is empty, or that lists less than a quarter of what the last good one did while almost everything in it
   is old (the feed broke off), is suspicious: it makes nothing gone, and later polls are not compared with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHRUNK_TO = 0.25  # of the last good poll
SHRUNK_FROM = 8  # with fewer items, any change is normal
MOVED_FROM = 2  # items of a poll that seem new


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry, reduced to what the comparison needs. `listed`: the last good poll had it.

    `key` is of its address, see `crawlers.addresses.address_key`; `day` is YYYY-MM-DD.
    """

    native: str
    hash: str
    doi: str | None = None
    key: str | None = None
    title: str = ""
    day: str | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """The result of a comparison; every field but the last holds native names.

    `changed` and `same` hold the names under which the items are *known*; `renamed` maps those with a new name in the
    feed. `suspicious` says why the poll is not believed, or is None for a good one.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    gone: tuple[str, ...]
    renamed: dict[str, str]
    suspicious: str | None


def compare(known: Iterable[Item], polled: Sequence[Item]) -> Poll:
    """Compare `polled` with `known`. Names in `polled` are expected to be unique."""
    held = {item.native: item for item in known}
    present = {item.native for item in polled}
    by_doi = {item.doi: item for item in held.values() if item.doi and item.native not in present}
    by_key = {item.key: item for item in held.values() if item.key and item.native not in present}
    twins = {
        item.native: old
        for item in polled
        if item.native not in held and (old := by_doi.get(item.doi or "") or by_key.get(item.key or ""))
    }
    twins |= _find_moved(held, polled, twins)
    new: list[str] = []
    changed: list[str] = []
    same: list[str] = []
    renamed: dict[str, str] = {}
    met: set[str] = set()
    for item in polled:
        old = held.get(item.native)
        if old is None:
            old = twins.get(item.native)
            if old is not None and old.native in met and _name_title(old.title) != _name_title(item.title):
                old = None  # two stories with one link
            if old is None:
                new.append(item.native)
                continue
            renamed.setdefault(old.native, item.native)
        if old.native in met:
            continue  # the same item under two names in this poll
        met.add(old.native)
        (same if old.hash == item.hash else changed).append(old.native)
    listed = [item.native for item in held.values() if item.listed]
    missing = [native for native in listed if native not in met]
    suspicious = _find_suspicion(len(listed), len(polled), len(new))
    return Poll(
        new=tuple(new),
        changed=tuple(changed),
        same=tuple(same),
        gone=() if suspicious else tuple(missing),
        renamed=renamed,
        suspicious=suspicious,
    )


def _find_moved(held: Mapping[str, Item], polled: Sequence[Item], twins: Mapping[str, Item]) -> dict[str, Item]:
    """Items that are known by title and day, where half of the poll has other names and other links than before."""
    present = {item.native for item in polled} | {old.native for old in twins.values()}
    new = [item for item in polled if item.native not in held and item.native not in twins]
    went = [item for item in held.values() if item.listed and item.native not in present]
    if len(new) < max(MOVED_FROM, len(polled) / 2) or len(went) < len(new) / 2:
        return {}
    titled = Counter(_name_title(item.title) for item in new)
    old_of: dict[str, list[Item]] = {}
    for item in went:
        old_of.setdefault(_name_title(item.title), []).append(item)
    found: dict[str, Item] = {}
    for item in new:
        title = _name_title(item.title)
        candidates = old_of.get(title, [])
        if title and titled[title] == len(candidates) == 1 and _is_same_day(item.day, candidates[0].day):
            found[item.native] = candidates[0]
    return found


def _name_title(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))


def _is_same_day(one: str | None, other: str | None) -> bool:
    """Days that are not known do not speak against it."""
    return one is None or other is None or one == other


def _find_suspicion(before: int, now: int, new: int) -> str | None:
    if before and not now:
        return f"empty, where {before} were listed before"
    if before >= SHRUNK_FROM and now < SHRUNK_TO * before and new <= now // 2:
        return f"shrank from {before} to {now}"
    return None
