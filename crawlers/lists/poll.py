"""Compare two polls of the same source: what is new, what changed, what is gone. A decision, and nothing else.

`known` is what we hold of a source, `polled` what it says now, both reduced to `Item`s. The decision, in order:

1. An item is known if its native name is, or else if its DOI or its link belongs to a known item that is not in this
   poll under its own name: a feed that changes all guids must not announce everything again.
2. A known item is changed if its hash (of what the source says) differs; otherwise it is the same.
3. Everything else in the poll is new.
4. Known items that the last good poll listed and this one does not are gone, which means: no longer listed. Feeds show
   a window, so this says nothing about the page.
5. A poll that is empty, or that lists less than a quarter of what the last good one did while almost everything in it
   is old (the feed broke off), is suspicious: it makes nothing gone, and later polls are not compared with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHRUNK_TO = 0.25  # of the last good poll
SHRUNK_FROM = 8  # with fewer items, any change is normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry, reduced to what the comparison needs. `listed`: the last good poll had it."""

    native: str
    hash: str
    doi: str | None = None
    url: str | None = None
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
    by_url = {item.url: item for item in held.values() if item.url and item.native not in present}
    new: list[str] = []
    changed: list[str] = []
    same: list[str] = []
    renamed: dict[str, str] = {}
    met: set[str] = set()
    for item in polled:
        old = held.get(item.native)
        if old is None:
            old = by_doi.get(item.doi or "") or by_url.get(item.url or "")
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


def _find_suspicion(before: int, now: int, new: int) -> str | None:
    if before and not now:
        return f"empty, where {before} were listed before"
    if before >= SHRUNK_FROM and now < SHRUNK_TO * before and new <= now // 2:
        return f"shrank from {before} to {now}"
    return None
