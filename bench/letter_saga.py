"""Who hears of what became of a story over several nights: every mail is read as a mail.

    ./run.sh bench letter_saga [--recorded DIR] [--keep DIR] [--json]

Nights are run by `pipeline.py nightly --recorded`, each in a process of its own and as of its day, and letters go to a
mail server on loopback. Without `--recorded`, the recording is the frozen newsroom that lies next to the project, cut
into four nights (`saga.py`), with an article that gets a new title in the last night; `letter_saga.json` says who
subscribed to what, and who was to hear of which fact in which night. `docs/how-to/measure-letters.md` has the layout.

Printed are
* `facts_reached`: of the facts (n), those that all who were to hear of them read as an update in the night in question;
* `facts_misdirected`: updates that came to another person, in another night, or more than once;
* `updates_unexplained`: updates that tell none of the facts;
* `lines_per_story`: the most entries that a letter has for a story; `letters_per_person`: the most mails of a night;
* `misses`: documents that were new and that a search finds, of whose story its person read nothing.

Exit code 1 when a fact is missing, misdirected or a story has two lines, 2 when there is no recording.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mails import Entry, Mail, read_mails
from bench.measure import INPUTS, ROOT, Board, Measure
from publish.letters.mail_sink import receiving
from publish.search.asking import ask_now
from publish.search.query import parse_query
from publish.search.reading import read, where_of

SHARED = ROOT.parent / "shared" / "cases"
FACTS = Path(__file__).with_suffix(".json")
FEED = "https://news.korea-biolife.example/feed/"
PAGE = "https://news.korea-biolife.example/2026/11/19/islet-cells-twelve-people/"
TITLE = "Lab-grown islet cells let nine of twelve people with type 1 diabetes cut their insulin"
RETITLED = "UPDATE: islet cell trial halted after two deaths"
DOMAIN = "reader.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact, the words by which an update that tells it is known, and who is to read it in which night."""

    name: str
    says: tuple[str, ...]
    to: Mapping[int, frozenset[str]]

    def is_in(self, entry: Entry) -> bool:
        return entry.is_update and all(words in entry.text for words in self.says)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A recording, and what should come of it."""

    recording: Path
    sources: Path
    nights: tuple[str, ...]  # the moments in which the nights begin, UTC
    people: Mapping[str, tuple[tuple[str, ...], ...]]  # person -> the arguments of each subscription
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The mails of each night by person, and the edition that they were made from."""

    mails: tuple[Mapping[str, tuple[Mail, ...]], ...]
    editions: tuple[Path, ...]


def load_plan(folder: Path, facts: Path | None = None) -> Plan:
    """The plan of a recording: `facts.json` in its folder, or another file."""
    said: dict[str, Any] = json.loads((facts or folder / "facts.json").read_text("utf-8"))
    own = folder / str(said.get("sources", "sources"))
    newsroom = SHARED / "desk" / "newsroom" / "sources"
    return Plan(
        recording=folder,
        sources=own if own.is_dir() else newsroom if newsroom.is_dir() else ROOT / "demo" / "sources",
        nights=tuple(said["nights"]),
        people={who: tuple(tuple(one) for one in some) for who, some in said["people"].items()},
        facts=tuple(
            Fact(
                name=one["fact"], says=tuple(one["says"]),
                to={int(night): frozenset(people) for night, people in one["to"].items()},
            )
            for one in said["facts"]
        ),
    )  # fmt: skip


def make_saga(folder: Path) -> Plan | None:
    """The four nights of the frozen newsroom; None where that is not there."""
    script, newsroom = SHARED / "letters" / "saga.py", SHARED / "desk" / "newsroom" / "newsroom"
    if not script.is_file() or not newsroom.is_dir():
        return None
    copy, recording = folder / "newsroom", folder / "recording"
    shutil.copytree(newsroom, copy, copy_function=shutil.copyfile)
    for path in (copy, *copy.rglob("*")):  # what is frozen may be read-only
        path.chmod(0o755 if path.is_dir() else 0o644)
    command = [sys.executable, str(script), str(copy), str(recording)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    retitle(recording)
    return load_plan(recording, FACTS)


def retitle(recording: Path) -> None:
    """Let an article have another title in the last night: in its feed, and on its page when that is read again."""
    index = recording / "index.jsonl"
    rows = [json.loads(line) for line in index.read_text("utf-8").splitlines() if line.strip()]
    page = next(row for row in rows if row["url"] == PAGE)
    last = [row for row in rows if row["url"] == FEED][-1]

    def put(row: dict[str, Any], name: str) -> dict[str, Any]:
        (recording / name).write_text((recording / row["file"]).read_text("utf-8").replace(TITLE, RETITLED), "utf-8")
        return {**row, "file": name}

    last.update(put(last, "retitled.xml"))
    place = rows.index(page)
    rows[place : place + 1] = [page, page, page, put(page, "retitled.html")]
    index.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


# --- the nights -------------------------------------------------------------------------------------------------------


def play(plan: Plan, folder: Path) -> Result:
    """Run the nights in `folder`. Subscriptions begin after the first one. Raises RuntimeError when a night fails."""
    mails: list[Mapping[str, tuple[Mail, ...]]] = []
    editions: list[Path] = []
    inbox = folder / "inbox"
    with receiving(inbox, 0) as port:
        config = write_config(plan, folder, port)
        for number, moment in enumerate(plan.nights):
            run(config, moment, "nightly", "--recorded", str(plan.recording), good=(0, 1))  # a source may be broken
            editions.append(folder / f"edition-{number}.db")
            shutil.copyfile((folder / "editions" / "current.db").resolve(), editions[-1])
            received = folder / f"mails-{number}"
            inbox.rename(received)
            inbox.mkdir()
            mails.append(_by_person(read_mails(received)))
            if number == 0:
                for who, subscriptions in plan.people.items():
                    for arguments in subscriptions:
                        run(config, f"{moment[:10]}T10:00:00Z", "subscribe", f"{who}@{DOMAIN}", *arguments)
    return Result(mails=tuple(mails), editions=tuple(editions))


def write_config(plan: Plan, folder: Path, port: int) -> Path:
    """The settings of the nights: data in this folder, letters to this port."""
    config = folder / "config.toml"
    config.write_text(
        f"[paths]\ndata = {json.dumps(str(folder / 'data'))}\nsources = {json.dumps(str(plan.sources.resolve()))}\n"
        f"editions = {json.dumps(str(folder / 'editions'))}\n"
        '[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\n'
        '[site]\nname = "Stemwire"\nurl = "http://127.0.0.1:8001"\n'
        f'[letters]\nlocal = true\n[letters.mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "letters@localhost"\n',
        "utf-8",
    )
    return config


def run(config: Path, moment: str, *arguments: str, good: Sequence[int] = (0,)) -> None:
    """A command as of a moment. Raises RuntimeError with what it printed when it fails."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "pipeline.py"), "--config", str(config), *arguments],
        env={**os.environ, "STEMWIRE_NOW": moment}, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode not in good:
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _by_person(mails: Sequence[Mail]) -> dict[str, tuple[Mail, ...]]:
    people: dict[str, tuple[Mail, ...]] = {}
    for mail in mails:
        who = mail.to.partition("@")[0]
        people[who] = (*people.get(who, ()), mail)
    return people


# --- what came of it --------------------------------------------------------------------------------------------------


def measure(plan: Plan, result: Result, show: Show) -> bool:
    """Print the figures. Whether all is right."""
    reached, misdirected, unexplained = 0, 0, 0
    for fact in plan.facts:
        told = Counter(_find(plan, result, fact))
        wanted = {(night, who) for night, people in fact.to.items() for who in people}
        reached += wanted <= told.keys()
        for night, who in sorted(wanted - told.keys()):
            show.say(f"missing: {fact.name}: {who}, night {night}")
        for (night, who), times in sorted(told.items()):
            extra = times - ((night, who) in wanted)
            misdirected += extra
            if extra:
                show.say(f"misdirected: {fact.name}: {who}, night {night}, {times} times")
    updates = [
        (night, who, entry)
        for night, people in enumerate(result.mails)
        for who, mails in people.items()
        for entry in (one for mail in mails for one in mail.entries if one.is_update)
    ]
    for night, who, entry in updates:
        if not any(fact.is_in(entry) for fact in plan.facts):
            unexplained += 1
            show.say(f"unexplained: {who}, night {night}: {entry.text}")
    lines, letters, misses = _count_lines(result), _count_letters(result), _count_misses(plan, result, show)
    show("facts_reached", reached, len(plan.facts))
    show("facts_misdirected", misdirected, len(updates))
    show("updates_unexplained", unexplained, len(updates))
    show("lines_per_story", max(lines, default=0), len(lines))
    show("letters_per_person", max(letters, default=0), len(letters))
    show("misses", misses[0], misses[1])
    return reached == len(plan.facts) and misdirected == 0 and max(lines, default=0) == 1 == max(letters, default=0)


def _find(plan: Plan, result: Result, fact: Fact) -> Iterator[tuple[int, str]]:
    """(night, person) of each update that tells the fact."""
    for night, people in enumerate(result.mails):
        for who in plan.people:
            for mail in people.get(who, ()):
                yield from ((night, who) for entry in mail.entries if fact.is_in(entry))


def _count_letters(result: Result) -> list[int]:
    return [len(mails) for people in result.mails for mails in people.values()]


def _count_lines(result: Result) -> list[int]:
    """Entries for each story in each letter, updates left out."""
    counts: list[int] = []
    for people, edition in zip(result.mails, result.editions, strict=True):
        stories = _load_stories(edition)
        for mail in (one for mails in people.values() for one in mails):
            lines = Counter(_story_of(entry, stories) for entry in mail.entries if not entry.is_update)
            counts += [count for story, count in lines.items() if story]
    return counts


def _story_of(entry: Entry, stories: Mapping[str, str]) -> str:
    """The story of the page that an entry leads to; the document, where that has none."""
    if not entry.pages:
        return ""
    kind, key = entry.pages[0]
    return key if kind == "s" else stories.get(key, key)


def _load_stories(edition: Path) -> dict[str, str]:
    """Key of a document -> key of its story."""
    sql = 'SELECT d."key", s."key" FROM member m JOIN story s ON s.id = m.story JOIN document d ON d.id = m.document'
    with closing(sqlite3.connect(f"file:{edition}?mode=ro", uri=True)) as db:
        return dict(db.execute(sql).fetchall())


def _count_misses(plan: Plan, result: Result, show: Show) -> tuple[int, int]:
    """(documents that were new and of whose story the person read nothing, documents that were new)."""
    missed, asked = 0, 0
    searches = [
        (who, arguments[0])
        for who, some in plan.people.items()
        for arguments in some
        if not arguments[0].startswith("--") and not {"--at-once", "--weekly"} & {*arguments}
    ]
    before: dict[str, frozenset[str]] = {}
    for night, edition in enumerate(result.editions):
        stories = _load_stories(edition)
        for who, query in searches:
            found = search(edition, query)
            read_of = {
                name
                for people in result.mails[: night + 1]
                for mail in people.get(who, ())
                for entry in mail.entries
                if not entry.is_update
                for kind, key in entry.pages
                for name in ((key,) if kind == "s" else (key, stories.get(key, key)))
            }
            for key in sorted(found - before.get(query, frozenset())) if night else ():
                asked += 1
                if stories.get(key, key) not in read_of and key not in read_of:
                    missed += 1
                    show.say(f"missed: {who}, night {night}: {key} for {query}")
        before = {query: search(edition, query) for _, query in searches}
    return missed, asked


def search(edition: Path, query: str) -> frozenset[str]:
    """Keys of all documents that the site's search finds."""
    with closing(sqlite3.connect(f"file:{edition}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        reading = ask_now(
            read(parse_query(query), correct=False), lambda sql, params: db.execute(sql, params).fetchall()
        )
        where, params = where_of(reading)
        sql = f'SELECT d."key" FROM search JOIN document d ON d.id = search.rowid WHERE {" AND ".join(where)}'
        return frozenset(row[0] for row in db.execute(sql, params))


class Show:
    """Prints figures of one set."""

    def __init__(self, board: Board, name: str) -> None:
        self.board, self.name = board, name

    def __call__(self, measure: str, value: float, count: int) -> None:
        self.board.show(Measure(set=self.name, measure=measure, value=float(value), anchor=None, n=count))

    def say(self, line: str) -> None:
        self.board.say(line)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, help="another recording, with its facts.json")
    parser.add_argument("--keep", type=Path, help="run the nights in this folder and leave it")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(argv)
    board = Board(inputs=INPUTS, as_json=options.json, options=options)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        plan = load_plan(options.recorded) if options.recorded else make_saga(folder)
        if plan is None:
            board.say(f"no recording: {SHARED} has none")
            return 2
        name = options.recorded.name if options.recorded else "saga"
        return 0 if measure(plan, play(plan, folder), Show(board, name)) else 1


if __name__ == "__main__":
    sys.exit(main())
