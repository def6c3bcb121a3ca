"""Decide what one person's letter says. Pure: reads no store, clock or network.

When a subscription has its turn:
1. one that never had one has it at once; so has one that no letter has set up yet;
2. a daily one in every counted night; one for changes `at once` in every run;
3. a weekly one on its weekday, and also when seven nights were counted or the day is seven days or more away from its
   last turn (in either direction). So it still comes when nights were skipped, and a clock that jumped delays nothing.

What its hits become, subscription by subscription in the order of their numbers:
1. a document counts once for a person, and a story once for a letter: under the first search that finds it;
2. a text of a story of which the person was shown another text is `elsewhere`. That alone makes no letter, except for
   somebody who follows that story; it waits for the next one;
3. every other story is new, the newest first. So many as the subscription wants are shown, the others are counted;
4. one for changes `at once` has nothing new.
There is no letter where nothing is new, nothing changed and no search is to be set up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from publish.letters.records import Night, Subscription

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A document that a subscription finds and that the person was not sent."""

    key: str
    item: int  # number of its arrival
    story: str  # key of its story; its own where it tells none
    published: str  # YYYY-MM-DD; empty if no day is known
    title: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The hits of one story."""

    story: str
    hits: tuple[Hit, ...]  # newest first

    @property
    def newest(self) -> tuple[str, int]:
        """By which stories are put in order."""
        return (self.hits[0].published, self.hits[0].item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What is new for one subscription."""

    subscription: Subscription
    shown: tuple[Found, ...]
    counted: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a letter says that is new."""

    sections: tuple[Section, ...]
    elsewhere: tuple[Found, ...]
    wakes: bool  # whether `elsewhere` makes a letter

    @property
    def empty(self) -> bool:
        """Whether there is nothing for which a letter is made."""
        return not self.wakes and not any(section.shown for section in self.sections)


def is_due(subscription: Subscription, night: Night) -> bool:
    """Whether a subscription has its turn."""
    if subscription.night is None or subscription.day is None or subscription.every == "at once":
        return True
    if subscription.night == night.number:
        return False
    if subscription.every == "daily":
        return True
    tonight = date.fromisoformat(night.day)
    nights = night.number - subscription.night
    days = abs((tonight - date.fromisoformat(subscription.day)).days)
    return nights >= DAYS or days >= DAYS or (days > 0 and subscription.weekday == tonight.weekday())


def choose(due: Sequence[Subscription], hits: Mapping[int, Sequence[Hit]], held: Collection[str], most: int) -> Choice:
    """Decide what the hits become. `hits`: by subscription; `held`: stories of which the person was shown a text.

    `most`: how many stories a subscription shows at most, whatever it wants.
    """
    taken: set[int] = set()
    home: dict[str, int] = {}  # story -> the subscription that it comes under
    stories: dict[str, list[Hit]] = {}
    elsewhere: dict[str, list[Hit]] = {}
    wakes = False
    for subscription in due:
        if subscription.every == "at once":
            continue
        for hit in sorted(hits.get(subscription.id, ()), key=_order, reverse=True):
            if hit.item in taken:
                continue
            taken.add(hit.item)
            if hit.story in held:
                elsewhere.setdefault(hit.story, []).append(hit)
                wakes = wakes or subscription.kind == "story"
            else:
                home.setdefault(hit.story, subscription.id)
                stories.setdefault(hit.story, []).append(hit)
    sections = []
    for subscription in due:
        own = [_found(story, stories[story]) for story, number in home.items() if number == subscription.id]
        own.sort(key=lambda found: (found.newest, found.story), reverse=True)
        limit = min(subscription.most, most)
        sections.append(Section(subscription=subscription, shown=(*own[:limit],), counted=(*own[limit:],)))
    others = sorted(
        (_found(story, told) for story, told in elsewhere.items()), key=lambda found: found.newest, reverse=True
    )
    return Choice(sections=tuple(sections), elsewhere=tuple(others), wakes=wakes)


def _found(story: str, hits: Sequence[Hit]) -> Found:
    return Found(story=story, hits=tuple(sorted(hits, key=_order, reverse=True)))


def _order(hit: Hit) -> tuple[str, int, str]:
    return (hit.published, hit.item, hit.key)
