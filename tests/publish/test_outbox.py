"""The outbox against a real relay on loopback: every answer, every silence, and a process killed between two steps."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.config import Config
from core.night import hold_lock
from core.records import Report
from publish.letters import repairs
from publish.letters.outbox import send_first
from publish.letters.records import Every
from publish.letters.subscriptions import subscribe
from publish.letters.wanted import Wanted
from tests.present import present
from tests.publish.rig import Doc, Relay, Sink, free_port, letters_of, make_config, make_edition, rows, send

ROOT = Path(__file__).resolve().parents[2]
OLD = Doc(key="old", published="2026-11-01")
NEW = Doc(key="new", title="Organoids of the liver", published="2026-11-21")
PEOPLE = ("ann@example.org", "ben@example.org", "cho@example.org")


@pytest.fixture(autouse=True)
def first_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T03:00:00Z")


def join(config: Config, *people: str, query: str = "organoid", every: Every = "daily") -> None:
    with letters_of(config) as letters:
        for person in people or PEOPLE:
            subscribe(config, letters, "mail", person, Wanted(kind="search", query=query, every=every, most=40))


def night(monkeypatch: pytest.MonkeyPatch, config: Config, day: str) -> Report:
    monkeypatch.setenv("STEMWIRE_NOW", f"{day}T03:00:00Z")
    return send(config)


def text_of(message: EmailMessage) -> str:
    return str(present(message.get_body(("plain",))).get_content())


def issues(config: Config) -> list[tuple[str, str]]:
    found = rows(config, "SELECT kind, subject, text FROM issue WHERE resolved IS NULL ORDER BY kind, subject", "work")
    return [(row["kind"], row["subject"]) for row in found]


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def config(tmp_path: Path, relay: Relay) -> Iterator[Config]:
    with Sink(relay) as port:
        yield make_config(tmp_path, port)


def test_each_hears_once_of_what_is_new(config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    make_edition(config, [OLD])
    join(config)
    report = night(monkeypatch, config, "2026-11-22")
    assert (report.seen, report.done, report.skipped, report.failed) == (3, 3, 0, 0)
    assert relay.accepted[0][1]["Subject"] == "organoid: set up"
    assert "Organoids* grow blood vessels" in text_of(relay.accepted[0][1])
    make_edition(config, [OLD, NEW, Doc(key="off", title="Weather", text="Rain.")], "site-2")
    night(monkeypatch, config, "2026-11-23")
    night(monkeypatch, config, "2026-11-23")
    report = night(monkeypatch, config, "2026-11-24")
    assert (report.seen, report.done, report.skipped) == (3, 0, 3)
    assert Counter(relay.recipients) == dict.fromkeys(PEOPLE, 2)
    [_, _, _, (_, letter), *_] = relay.accepted
    assert letter["Subject"] == "organoid: 1 new story"
    assert "Organoids* of the liver" in text_of(letter)
    assert "grow blood vessels" not in text_of(letter)
    assert "Weather" not in text_of(letter)
    facts = {row["document"]: row["fact"] for row in rows(config, "SELECT * FROM delivery WHERE subscriber = 1")}
    assert facts == {"old": "before", "new": "new"}


def test_what_was_told_is_not_told_again(config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an edited text, nor a new edition, nor the same article at another address."""
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    night(monkeypatch, config, "2026-11-22")
    edited = Doc(key="old", title="Organoids grow even more blood vessels", text="Changed.", published="2026-11-01")
    moved = Doc(key="old-at-another-address", published="2026-11-01")
    for day, docs in (("2026-11-23", [edited]), ("2026-11-24", [edited, moved]), ("2026-11-25", [OLD])):
        make_edition(config, docs, f"site-{day}")
        assert night(monkeypatch, config, day).skipped == 1
    assert len(relay.accepted) == 1


def test_what_begins_to_match_later_is_new_then(config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org", query="disease:MONDO:0010726")
    make_edition(config, [OLD, NEW], "site-2")
    assert night(monkeypatch, config, "2026-11-22").done == 1  # says that the search is set up and finds nothing yet
    named = (("disease", "MONDO:0010726", "Rett syndrome"),)
    make_edition(config, [OLD, Doc(key="new", title=NEW.title, published=NEW.published, named=named)], "site-3")
    assert night(monkeypatch, config, "2026-11-23").done == 1
    assert "Organoids of the liver" not in text_of(relay.accepted[0][1])
    assert "Organoids of the liver" in text_of(relay.accepted[1][1])


def test_a_first_letter_that_finds_nothing_says_what_does(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org", query="organoid zebrafish")
    assert night(monkeypatch, config, "2026-11-22").done == 1
    assert "These find something: organoid (without “zebrafish”: 1)" in " ".join(text_of(relay.accepted[0][1]).split())


def test_weekly_is_weekly(config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org", every="weekly")
    night(monkeypatch, config, "2026-11-22")
    for number in range(23, 30):
        docs = [OLD, *(Doc(key=f"n{i}", title=f"Organoids, part {i}") for i in range(23, number + 1))]
        make_edition(config, docs, f"site-{number}")
        night(monkeypatch, config, f"2026-11-{number}")
    assert len(relay.accepted) == 2
    assert relay.accepted[1][1]["Subject"] == "organoid: 7 new stories"


@pytest.mark.parametrize("every", ["daily", "weekly"])
def test_a_clock_that_jumps_loses_nothing_and_repeats_nothing(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch, every: Every
) -> None:
    make_edition(config, [])
    join(config, "ann@example.org", every=every)
    docs = []
    days = ["2026-11-22", "2026-11-23", "2026-11-21", "2026-11-22", "2027-11-22", "2026-11-24", "2026-11-22"]
    for number, day in enumerate([*days, *(f"2026-12-{d:02}" for d in range(1, 15))]):
        docs.append(Doc(key=f"n{number}", title=f"Organoids, part {number}, of many"))
        make_edition(config, docs, f"edition-{number}")
        night(monkeypatch, config, day)
    told = Counter(
        line.strip("* ")
        for _, letter in relay.accepted
        for line in text_of(letter).splitlines()
        if line.startswith("* ")
    )
    last = rows(config, "SELECT count(*) AS n FROM arrival WHERE item > (SELECT mark FROM subscription)")[0]["n"]
    assert set(told.values()) == {1}
    assert len(told) == len(docs) - int(last)  # what came after the last weekly turn still waits for the next


def test_a_letter_is_bounded_and_the_rest_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = Relay()
    with Sink(relay) as port:
        config = make_config(tmp_path, port, max_items=5)
        make_edition(config, [])
        join(config, "ann@example.org")
        make_edition(config, [Doc(key=f"n{i}", title=f"Organoids, part {i}") for i in range(12)], "site-2")
        night(monkeypatch, config, "2026-11-22")
        assert night(monkeypatch, config, "2026-11-23").skipped == 1
    [(_, letter)] = relay.accepted
    assert letter["Subject"] == "organoid: 12 new stories"
    assert sum(line.startswith("* ") for line in text_of(letter).splitlines()) == 5
    assert "7 more" in text_of(letter)


def test_put_off_then_accepted(config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    make_edition(config, [OLD])
    join(config)
    relay.plan = ["250 OK", "451 come back later", "data 452 full"]
    report = night(monkeypatch, config, "2026-11-22")
    assert (report.done, report.failed) == (1, 2)
    assert send(config).done == 0  # too early
    ids = {row["id"] for row in rows(config, "SELECT id FROM letter WHERE state = 'pending'")}
    assert night(monkeypatch, config, "2026-11-23").done == 2
    assert Counter(relay.recipients) == dict.fromkeys(PEOPLE, 1)
    assert ids < {str(letter["Message-ID"]).partition("@")[0].strip("<") for _, letter in relay.accepted}


def test_a_letter_put_off_by_a_clock_that_then_stepped_back_is_not_forgotten(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    relay.plan = ["451 later"]
    night(monkeypatch, config, "2027-11-22")
    assert night(monkeypatch, config, "2026-11-22").done == 1


def test_what_is_put_off_for_ever_is_given_up_and_told_in_the_next_letter(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    relay.by_recipient["ann@example.org"] = "451 later"
    for number in range(1, 9):
        night(monkeypatch, config, f"2026-11-{number:02}")
    assert [row["state"] for row in rows(config, "SELECT state FROM letter")] == ["refused"]
    relay.by_recipient.clear()
    assert night(monkeypatch, config, "2026-11-09").done == 1


def test_a_refusal_stops_nobody_else_and_three_in_a_row_pause(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config)
    relay.by_recipient["ann@example.org"] = "550 5.1.1 <ann@example.org>: no such user"
    report = night(monkeypatch, config, "2026-11-22")
    assert (report.done, report.failed) == (2, 1)
    assert issues(config) == [("letter_refused", "subscriber 1")]
    for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
        night(monkeypatch, config, day)
    assert [(row["state"], row["bounces"]) for row in rows(config, "SELECT * FROM subscriber")] == [
        ("refused", 3), ("active", 0), ("active", 0),
    ]  # fmt: skip
    assert issues(config) == [("letter_refused", "subscriber 1")]
    assert Counter(relay.recipients) == {"ben@example.org": 1, "cho@example.org": 1}
    relay.by_recipient.clear()
    with letters_of(config) as letters:
        repairs.resume(letters, "1")
    assert night(monkeypatch, config, "2026-11-26").done == 1  # nothing of it was lost
    assert issues(config) == []


def test_what_was_in_a_refused_letter_comes_with_the_next(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    night(monkeypatch, config, "2026-11-22")
    make_edition(config, [OLD, NEW], "site-2")
    relay.plan = ["550 not today"]
    assert night(monkeypatch, config, "2026-11-23").failed == 1
    assert night(monkeypatch, config, "2026-11-24").done == 1
    assert relay.accepted[1][1]["Subject"] == "organoid: 1 new story"
    assert night(monkeypatch, config, "2026-11-25").done == 0


def test_no_address_reaches_an_issue_or_a_reply(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    relay.by_recipient["ann@example.org"] = "550 <Ann@Example.org>: no such user"
    night(monkeypatch, config, "2026-11-22")
    told = str(rows(config, "SELECT * FROM issue", "work")) + str(rows(config, "SELECT reply FROM letter"))
    captured = capsys.readouterr()
    assert "the subscriber" in told
    assert "ann@example.org" not in (told + captured.out + captured.err).lower()


@pytest.mark.parametrize("fate", ["drop", "slow"])
def test_of_unknown_fate_is_never_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: str) -> None:
    relay = Relay(plan=["250 OK", fate, "250 OK"])
    with Sink(relay) as port:
        config = make_config(tmp_path, port, timeout=1.0)
        make_edition(config, [OLD])
        join(config)
        report = night(monkeypatch, config, "2026-11-22")
        assert (report.done, report.failed) == (2, 1)
        assert [row["state"] for row in rows(config, "SELECT state FROM letter ORDER BY subscriber")] == [
            "sent", "uncertain", "sent",
        ]  # fmt: skip
        [(kind, subject)] = issues(config)
        assert kind == "letter_uncertain"
        assert subject.startswith("letter ")
        assert night(monkeypatch, config, "2026-11-23").done == 0
        assert len(issues(config)) == 1  # still waits for a person
    assert Counter(relay.recipients)["ben@example.org"] <= 1
    with letters_of(config) as letters, letters.writing():
        letters.execute("UPDATE letter SET state = 'sent' WHERE state = 'uncertain'")
    night(monkeypatch, config, "2026-11-24")
    assert issues(config) == []


def test_a_relay_that_swallows_letters_is_not_fed_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = Relay(plan=["drop"] * 8)
    with Sink(relay) as port:
        config = make_config(tmp_path, port)
        make_edition(config, [OLD])
        join(config, *(f"p{i}@example.org" for i in range(8)))
        night(monkeypatch, config, "2026-11-22")
        assert Counter(row["state"] for row in rows(config, "SELECT state FROM letter")) == {
            "uncertain": 3,
            "pending": 5,
        }
        relay.plan = []
        assert night(monkeypatch, config, "2026-11-23").done == 5
    assert max(Counter(relay.recipients).values()) == 1


def test_a_relay_that_is_down_costs_nobody_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make_config(tmp_path, free_port())
    make_edition(config, [OLD])
    join(config)
    report = night(monkeypatch, config, "2026-11-22")
    assert (report.done, report.failed) == (0, 3)
    assert issues(config) == [("letters_relay", "mail relay")]
    assert {row["tries"] for row in rows(config, "SELECT tries FROM letter")} == {0}
    relay = Relay()
    with Sink(relay) as port:
        assert send(make_config(tmp_path, port)).done == 3
        assert issues(config) == []


def test_without_an_edition_or_a_subscriber_there_is_nothing_to_do(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night(monkeypatch, config, "2026-11-22").seen == 0
    join(config, "ann@example.org")
    assert night(monkeypatch, config, "2026-11-23").seen == 0


def test_a_search_that_can_no_longer_be_read_is_told_and_stops_nobody(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config)
    with letters_of(config) as letters, letters.writing():
        letters.execute("UPDATE subscription SET query = 'contry:KR' WHERE id = 2")
    report = night(monkeypatch, config, "2026-11-22")
    assert (report.done, report.failed) == (2, 1)
    assert issues(config) == [("letter_unreadable", "subscription 2")]


def test_who_leaves_while_the_batch_runs_gets_nothing(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org", "ben@example.org")

    def leave() -> None:
        with letters_of(config) as letters, letters.writing():
            letters.execute("DELETE FROM letter WHERE subscriber = 2")
            letters.execute("DELETE FROM subscription WHERE subscriber = 2")
            letters.execute("DELETE FROM subscriber WHERE id = 2")

    relay.at["DATA"] = leave
    assert night(monkeypatch, config, "2026-11-22").done == 1
    assert relay.recipients == ["ann@example.org"]


def test_a_letter_that_another_hand_took_is_left_alone(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org", "ben@example.org")

    def take() -> None:
        with letters_of(config) as letters, letters.writing():
            letters.execute("UPDATE letter SET state = 'uncertain' WHERE subscriber = 2")

    relay.at["DATA"] = take
    night(monkeypatch, config, "2026-11-22")
    assert relay.recipients == ["ann@example.org"]


def test_put_off_is_tried_again_in_the_same_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = Relay(plan=["250 OK", "451 greylisted", "250 OK", "451 greylisted"])
    with Sink(relay) as port:
        config = make_config(tmp_path, port, wait=0.05, deadline=60)
        make_edition(config, [OLD])
        join(config)
        report = night(monkeypatch, config, "2026-11-22")
    assert (report.done, report.failed) == (3, 0)
    assert Counter(relay.recipients) == dict.fromkeys(PEOPLE, 1)
    assert [row["tries"] for row in rows(config, "SELECT tries FROM letter ORDER BY subscriber")] == [0, 1, 0]


def test_what_is_put_off_until_the_deadline_waits_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(by_recipient={"ann@example.org": "451 greylisted"})
    with Sink(relay) as port:
        config = make_config(tmp_path, port, wait=0.05, deadline=0.5)
        make_edition(config, [OLD])
        join(config)
        report = night(monkeypatch, config, "2026-11-22")
        assert (report.done, report.failed) == (2, 1)
        assert [row["tries"] for row in rows(config, "SELECT tries FROM letter ORDER BY subscriber")] == [
            1,
            0,
            0,
        ]  # a night counts once
        relay.by_recipient.clear()
        assert night(monkeypatch, config, "2026-11-23").done == 1


def test_letters_wait_while_nobody_could_answer_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relay: Relay
) -> None:
    with Sink(relay) as port:
        config = make_config(tmp_path, port)
        make_edition(config, [OLD])
        join(config, "ann@example.org", "ben@uni-hallam.org")
        report = night(monkeypatch, config, "2026-11-22")
        assert (report.done, report.failed) == (1, 1)
        assert relay.recipients == ["ann@example.org"]  # who is nobody
        assert issues(config) == [("letters_unsafe", "mail letters")]
        told = make_config(tmp_path, port, local=True)
        assert send(told).done == 1
    assert issues(config) == []


def test_a_password_that_is_not_set_is_an_issue(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOPE", raising=False)
    mail = {"host": "127.0.0.1", "user": "u", "password": {"env": "NOPE"}, "sender": "a@stemwire.example"}
    broken = config.model_copy(update={"letters": config.letters.model_copy(update={"channels": {"mail": mail}})})
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    report = night(monkeypatch, broken, "2026-11-22")
    assert (report.done, report.failed) == (0, 1)
    assert issues(config) == [("letters_relay", "mail relay")]
    assert send(config).done == 1


def test_the_first_letter_comes_at_once(config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    night(monkeypatch, config, "2026-11-22")
    join(config, "ben@example.org", query="zebrafish")
    with hold_lock(config):
        assert not send_first(config, 2)
    assert send_first(config, 2)
    assert relay.recipients == ["ann@example.org", "ben@example.org"]
    assert "set up" in str(relay.accepted[1][1]["Subject"])
    assert send_first(config, 2)
    assert night(monkeypatch, config, "2026-11-22").done == 0
    assert night(monkeypatch, config, "2026-11-23").done == 0
    assert len(relay.accepted) == 2


def test_one_letter_a_person_whatever_the_number_of_searches(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [])
    join(config, "ann@example.org")
    join(config, "ann@example.org", query="liver")
    night(monkeypatch, config, "2026-11-22")
    make_edition(config, [NEW], "site-2")
    night(monkeypatch, config, "2026-11-23")
    assert len(relay.accepted) == 2
    assert text_of(relay.accepted[1][1]).count("\n* ") == 1
    assert "Nothing new for: liver" in text_of(relay.accepted[1][1])


def test_a_dropped_letter_comes_again_and_a_settled_one_does_not(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org", "ben@example.org")
    relay.plan = ["drop", "drop"]
    assert night(monkeypatch, config, "2026-11-22").failed == 2
    with letters_of(config) as letters:
        assert [row["letter"] for row in repairs.list_outbox(letters)] == ["1.1", "2.1"]
        repairs.drop(letters, "1.1")
        repairs.settle(letters, "2.1")
        assert repairs.list_outbox(letters) == []
    assert night(monkeypatch, config, "2026-11-23").done == 1
    assert relay.recipients == ["ann@example.org", "ben@example.org", "ann@example.org"]


def test_a_letter_in_doubt_goes_again_only_when_a_person_says_so(
    config: Config, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_edition(config, [OLD])
    join(config, "ann@example.org")
    relay.plan = ["drop"]
    night(monkeypatch, config, "2026-11-22")
    assert night(monkeypatch, config, "2026-11-23").done == 0
    with letters_of(config) as letters:
        assert "twice" in repairs.retry(letters, "1.1")
    assert send(config).done == 1


CHILD = """
import sys
from pathlib import Path
from tests.publish.rig import make_config, send
send(make_config(Path(sys.argv[1]), int(sys.argv[2])))
"""


def child(folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(port)], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL
    )


@pytest.mark.parametrize(("step", "uncertain"), [("EHLO", 0), ("RCPT", 0), ("DATA", 1)])
def test_killed_in_the_middle_of_a_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, uncertain: int
) -> None:
    """Before the text leaves nothing is in doubt; after, only the letter on its way. Nobody gets two."""
    relay = Relay()
    running: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        if len(relay.accepted) >= (2 if step == "DATA" else 1) and running:
            running.pop().send_signal(signal.SIGKILL)

    relay.at[step] = kill
    with Sink(relay) as port:
        config = make_config(tmp_path, port)
        make_edition(config, [OLD])
        join(config)
        process = child(tmp_path, port)
        running.append(process)
        assert process.wait(60) == -signal.SIGKILL
        assert Counter(row["state"] for row in rows(config, "SELECT state FROM letter"))["sending"] == uncertain
        for day in ("2026-11-22", "2026-11-23"):
            night(monkeypatch, config, day)
    assert max(Counter(relay.recipients).values()) == 1
    states = Counter(row["state"] for row in rows(config, "SELECT state FROM letter"))
    assert states == Counter({"sent": 3 - uncertain, "uncertain": uncertain})
    assert len(relay.recipients) == 3  # the one in doubt did arrive
    assert [kind for kind, _ in issues(config)] == ["letter_uncertain"] * uncertain


def test_killed_at_any_moment_nobody_gets_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At random moments between two steps, again and again, until all is sent: at most one letter a kill in doubt."""
    relay, chance, kills = Relay(), random.Random(7), 0
    people = [f"p{i}@example.org" for i in range(24)]
    running: list[subprocess.Popen[bytes]] = []
    countdown = [0]

    def maybe_kill() -> None:
        countdown[0] -= 1
        if countdown[0] == 0 and running:
            running.pop().send_signal(signal.SIGKILL)

    relay.at = dict.fromkeys(("EHLO", "RCPT", "DATA"), maybe_kill)
    with Sink(relay) as port:
        config = make_config(tmp_path, port)
        make_edition(config, [OLD])
        join(config, *people)
        for _ in range(4):
            countdown[0] = chance.randint(3, 15)
            process = child(tmp_path, port)
            running.append(process)
            kills += process.wait(60) == -signal.SIGKILL
            running.clear()
        countdown[0] = -1
        for day in ("2026-11-22", "2026-11-23"):
            night(monkeypatch, config, day)
    states = Counter(row["state"] for row in rows(config, "SELECT state FROM letter"))
    told = Counter(relay.recipients)
    assert kills >= 3
    assert max(told.values()) == 1
    assert states["sent"] + states["uncertain"] == len(people)
    assert states["uncertain"] <= kills
    assert len(told) >= len(people) - states["uncertain"]
