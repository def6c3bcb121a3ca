"""Runs that are killed (SIGKILL) while they write letters and while they send them: who gets a letter twice, or never.

    ./run.sh bench letter_kills [--kills N] [--people N] [--seed N] [--json]

Each round has two nights of an invented newsroom (`invented.py`). A run is a process of its own and is killed at a
point that the seed gives: before, within or after a transaction of letters.db (half of the points), or when the relay
knows the recipient or has the text (the other half). It is started again until it ends. Then what every person
read is compared with the same nights without a kill. Printed are
* `twice`: mails that arrived twice, and stories or updates that a person read twice;
* `never_and_unlisted`: what a person did not read although it is in no letter that the outbox lists as in doubt;
* `kills`, of them `kills_writing`; `in_doubt`: letters listed as in doubt.
Exit code 1 unless the first two are 0.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.faulty_relay import Relay, listening
from bench.invented import World
from bench.letter_replay import config_of, join, make_days, make_people, publish
from bench.mails import read_mail
from bench.measure import ROOT, Board, Measure
from bench.replay_oracle import TOKEN, Person
from core.store import Store, new_run, open_store
from publish.letters.outbox import send_digests

SET = "letter_kills"
NIGHTS = 2
Read = Counter[tuple[str, str]]  # (address, what was read)


def run_once(folder: Path, port: int, point: str) -> None:
    """One run, in this process. `point`: `begin 7`, `inside 7` or `after 7`, of the transactions of letters.db."""
    step, _, number = point.partition(" ")
    if step:
        _kill_at(step, int(number))
    config = config_of(folder, port)
    with (
        open_store(config.data("work.db"), "work") as work,
        open_store(config.data("letters.db"), "letters") as letters,
    ):
        send_digests(config, work, letters, new_run(work, "digest"))


def _kill_at(step: str, number: int) -> None:
    """Let this process kill itself at a point of its transactions."""
    writing = Store.writing
    left = [number]

    def die(now: str) -> None:
        if now == step and left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def killing(store: Store) -> Iterator[None]:
        if store.path.name != "letters.db":
            with writing(store):
                yield
            return
        left[0] -= 1
        die("begin")
        with writing(store):
            yield
            die("inside")
        die("after")

    Store.writing = killing  # type: ignore[method-assign,assignment]


def play(
    seed: int, people: Sequence[Person], folder: Path, relay: Relay, chance: random.Random | None, left: int
) -> Counter[str]:
    """Two nights in which at most `left` runs are killed. Returns how many were, by `writing` and `sending`."""
    world = World(seed=seed, days=make_days(NIGHTS), a_night=12)
    kills: Counter[str] = Counter()
    with listening(relay) as port:
        config = config_of(folder, port)
        with open_store(config.data("work.db"), "work") as work:
            for night in world.nights():
                os.environ["STEMWIRE_NOW"] = f"{world.days[night]}T03:00:00Z"
                if night == 0:
                    with open_store(config.data("letters.db"), "letters") as letters:
                        for person in people:
                            join(config, letters, person)
                world.save(work, f"{world.days[night]}T02:30:00Z")
                publish(config, work, night)
                while True:
                    killed = _start(folder, port, relay, chance if kills.total() < left else None)
                    if not killed:
                        break
                    kills[killed] += 1
    return kills


def _start(folder: Path, port: int, relay: Relay, chance: random.Random | None) -> str:
    """One run in a process of its own. Returns while doing what it was killed; empty if it ended."""
    writing = chance is not None and chance.random() < 0.5
    point = f"{chance.choice(('begin', 'inside', 'after'))} {chance.randint(1, 12)}" if chance and writing else ""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", str(folder), str(port), point]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    steps = [chance.randint(1, 10) if chance and not writing else 0]

    def count(step: str) -> None:
        steps[0] -= 1
        if steps[0] == 0:
            process.send_signal(signal.SIGKILL)

    relay.at = count
    code = process.wait()
    relay.at = lambda step: None
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"a run ended with {code}")
    return ("writing" if writing else "sending") if code else ""


def read_all(relay: Relay) -> Read:
    """How often each person read each thing."""
    read: Read = Counter()
    for offer in relay.offered:
        for entry in read_mail(offer.wire).entries:
            tokens = TOKEN.findall(entry.text)
            read[offer.to, f"{'update' if entry.is_update else 'line'} {tokens[0]}"] += 1
    return read


def find_in_doubt(folder: Path) -> tuple[int, set[tuple[str, str]]]:
    """How many letters are in doubt, and (address, token) of all that they name."""
    named: set[tuple[str, str]] = set()
    with open_store(config_of(folder, 9).data("letters.db"), "letters") as letters:
        rows = letters.rows(
            "SELECT s.address, l.message FROM letter l JOIN subscriber s ON s.id = l.subscriber"
            " WHERE l.state = 'uncertain'"
        )
    for row in rows:
        named |= {(row["address"], token) for token in TOKEN.findall(read_mail(row["message"]).text)}
    return len(rows), named


def main(argv: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if argv is None else argv
    if given[:1] == ["--child"]:
        run_once(Path(given[1]), int(given[2]), given[3])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seed", type=int, default=13)
    board = Board.start("letters of runs that are killed", argv, parser)
    options = board.options
    chance = random.Random(options.seed)
    kills: Counter[str] = Counter()
    twice = never = in_doubt = 0
    seed = options.seed
    while kills.total() < options.kills:
        seed += 1
        people = make_people(random.Random(seed), options.people)
        calm, rough = Relay(chance=random.Random(1)), Relay(chance=random.Random(1))
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            play(seed, people, Path(one), calm, None, 0)
            kills += play(seed, people, Path(two), rough, chance, min(12, options.kills - kills.total()))
            doubted, named = find_in_doubt(Path(two))
        wires = Counter(offer.wire for offer in rough.offered)
        read, wanted = read_all(rough), read_all(calm)
        twice += sum(count - 1 for count in wires.values()) + sum(max(0, read[key] - wanted[key]) for key in read)
        never += sum(1 for who, what in wanted.keys() - read.keys() if (who, what.split()[1]) not in named)
        in_doubt += doubted
        print(f"{kills.total()} kills, {twice} twice, {never} never", file=sys.stderr, flush=True)
    figures = {
        "twice": twice, "never_and_unlisted": never, "kills": kills.total(), "kills_writing": kills["writing"],
        "in_doubt": in_doubt,
    }  # fmt: skip
    for name, value in figures.items():
        board.show(Measure(set=SET, measure=name, value=value, anchor=None, n=kills.total()))
    return 1 if twice or never else 0


if __name__ == "__main__":
    sys.exit(main())
