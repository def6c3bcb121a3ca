"""Who gets what in thirty nights, against an oracle that asks every search of every document.

    ./run.sh bench letter_replay [--people N] [--nights N] [--seed N] [--json]

The newsroom is invented (`invented.py`): new documents, stories over several nights, texts that move to another address
or are missing for a night, retractions, ended trials and edited numbers. Editions are built by the real publish step,
people are subscribed and letters made and sent by the product with its own search, and every mail is read as it arrived
(`mails.py`). Days step back and jump, and one comes twice. Of what is offered the relay puts off 3 %, refuses 2 % and
loses 1 % (`faulty_relay.py`).

The oracle (`replay_oracle.py`) shares no code with the product and reads neither the editions nor letters.db: it knows
the invented texts, who asked for what, and how the relay answered. Printed are, over all letters that arrived:
* `repeats`: stories or updates that their person had read before;
* `misses`: stories that were due and are not in the letter, or whose letter never came;
* `missed_updates`: the same, of updates; `extra`: what the oracle does not expect;
* `letters`: how many arrived, and `entries`: the lines, texts and updates in them.
Exit code 1 unless the first four are 0.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.faulty_relay import Relay, listening
from bench.invented import WORDS, World
from bench.measure import Board, Measure
from bench.replay_oracle import RHYTHMS, Asked, Every, Oracle, Person
from core import log
from core.config import Config, Crawl, Letters, Paths, Site
from core.store import Store, new_run, open_store
from publish.edition.editions import build_edition, switch_to
from publish.letters.outbox import send_digests
from publish.letters.subscriptions import subscribe
from publish.letters.wanted import Wanted

SET = "letter_replay"
A_NIGHT = 15
JOINING = 10  # nights in which people begin


def make_days(count: int) -> list[str]:
    """The days of the nights: the clock steps back, jumps far ahead and returns, and a day comes twice."""
    days = [f"2026-11-{number:02}" for number in range(1, 31)]
    days += [f"2026-12-{number:02}" for number in range(1, 32)]
    days[8:8] = ["2026-11-06"]
    days[15:15] = ["2027-01-20"]
    days[21:21] = [days[20]]
    return days[:count]


def make_people(chance: random.Random, count: int) -> list[Person]:
    """People, each with one to three searches that begin in the same night."""
    return [
        Person(
            address=f"p{number}@example.org",
            joins=chance.randrange(JOINING),
            asked=_make_several(chance, chance.choices((1, 2, 3), (6, 3, 1))[0]),
        )
        for number in range(count)
    ]


def _make_several(chance: random.Random, count: int) -> tuple[Asked, ...]:
    made = {asked.query: asked for asked in (_make_asked(chance) for _ in range(count))}
    return tuple(made.values())


def _make_asked(chance: random.Random) -> Asked:
    one, two = chance.sample(WORDS, 2)
    every: Every = chance.choices(RHYTHMS, (6, 3, 1))[0]
    weekday = chance.choice((None, *range(7))) if every == "weekly" else None
    form = chance.choice(("one", "both", "either", "without", "kind"))
    return Asked(
        form=form, words=(one, two), kind=chance.choice(("news", "paper", "trial")), every=every, weekday=weekday
    )


def run(people: Sequence[Person], world: World, folder: Path, relay: Relay, port: int) -> Oracle:
    """All nights. Returns the oracle with what it counted."""
    config = config_of(folder, port)
    oracle = Oracle(people)
    with ExitStack() as stack:
        work = stack.enter_context(open_store(config.data("work.db"), "work"))
        letters = stack.enter_context(open_store(config.data("letters.db"), "letters"))
        for night in world.nights():
            os.environ["STEMWIRE_NOW"] = f"{world.days[night]}T02:00:00Z"
            for person in people:
                if person.joins == night:
                    join(config, letters, person)
            oracle.join(night)
            started = new_run(work, "nightly")
            world.save(work, f"{world.days[night]}T02:45:00Z")
            publish(config, work, night)
            del relay.offered[:]
            os.environ["STEMWIRE_NOW"] = f"{world.days[night]}T03:00:00Z"
            send_digests(config, work, letters, started)
            oracle.check(world, night, relay.offered)
            print(f"night {night}: {len(relay.offered)} offered, {oracle.counts}", file=sys.stderr, flush=True)
    return oracle


def config_of(folder: Path, port: int) -> Config:
    """Of an installation in a folder, whose letters go to a port of this machine."""
    mail = {"host": "127.0.0.1", "port": port, "sender": "letters@stemwire.example"}
    return Config(
        crawl=Crawl(contact="mailto:desk@stemwire.example"),
        paths=Paths(data=str(folder / "data"), editions=str(folder / "editions")),
        site=Site(name="Stemwire", url="https://stemwire.example"),
        letters=Letters.model_validate({"desk": "https://desk.stemwire.example", "deadline": 0, "mail": mail}),
    )


def join(config: Config, letters: Store, person: Person) -> None:
    """Subscribe a person to all that they ask for."""
    for asked in person.asked:
        wanted = Wanted(kind="search", query=asked.query, every=asked.every, weekday=asked.weekday, most=40)
        subscribe(config, letters, "mail", person.address, wanted)


def publish(config: Config, work: Store, night: int) -> None:
    """Build the edition of a night and switch to it."""
    config.editions.mkdir(parents=True, exist_ok=True)
    building = config.editions / ".building"
    made = build_edition(building, work, None, force=True)
    if made is None:
        raise AssertionError("no edition was built")
    building.replace(config.editions / f"night-{night}.db")
    switch_to(config.editions, f"night-{night}")
    (config.editions / f"night-{night - 1}.db").unlink(missing_ok=True)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--seed", type=int, default=13)
    board = Board.start("letters of thirty nights against an oracle", argv, parser)
    options = board.options
    log.configure("error")
    chance = random.Random(options.seed)
    people = make_people(chance, options.people)
    world = World(seed=options.seed, days=make_days(options.nights), a_night=A_NIGHT)
    relay = Relay(chance=random.Random(options.seed), deferred=0.03, refused=0.02, lost=0.01)
    with tempfile.TemporaryDirectory() as folder, listening(relay) as port:
        oracle = run(people, world, Path(folder), relay, port)
    for name in ("repeats", "misses", "missed_updates", "extra", "letters", "entries"):
        board.show(Measure(set=SET, measure=name, value=oracle.counts[name], anchor=None, n=options.people))
    for line in oracle.faults[:20]:
        print(line, file=sys.stderr)
    wrong = sum(oracle.counts[name] for name in ("repeats", "misses", "missed_updates", "extra"))
    return 1 if wrong or not oracle.counts["entries"] else 0


if __name__ == "__main__":
    sys.exit(main())
