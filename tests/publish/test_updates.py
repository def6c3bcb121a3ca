"""Who hears of a change: those who were sent a document of it, and those whose searches find one, each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.store import Store, open_store
from publish.letters.arrivals import count_night, note_arrivals
from publish.letters.current_edition import CurrentEdition
from publish.letters.facts import newest_fact, note_facts
from publish.letters.letter import Update
from publish.letters.people import add_subscriber
from publish.letters.records import Subscription
from publish.letters.subscriptions import follow
from publish.letters.updates import gather_updates, make_updates
from publish.letters.wanted import Wanted
from tests.publish.night_by_night import NOTICE, PAPER, TRIAL, Night
from tests.publish.rig import add_row

NEWS = "cccccccccccc"
TEXTS = ("aaaaaaaaaaaa", NEWS)


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "letters.db", "letters") as store:
        yield store


class Post:
    """Runs nights: notes facts, makes the updates of each person, and sends what the test says."""

    def __init__(self, letters: Store) -> None:
        self.letters, self.run = letters, 0
        self.subscriptions: dict[int, Subscription] = {}
        self.sent = 0

    def follow(self, person: int = 1, *, kind: str = "search", identifiers: tuple[str, ...] = ()) -> Subscription:
        night = int(self.letters.value("SELECT coalesce(max(number), 0) AS n FROM night"))
        with self.letters.writing():
            made = Subscription(
                id=len(self.subscriptions) + 1, subscriber=person, kind=kind, query="retina",  # type: ignore[arg-type]
                name="Retina cells", every="daily", weekday=None, stages=(), most=40, created="2026-11-19T10:00:00Z",
                since=0, began=night, mark=0, night=None, day=None, state="active", reading="",
            )  # fmt: skip
            add_row(
                self.letters, "subscription", id=made.id, subscriber=person, kind=kind, query=f"retina {made.id}",
                name=made.name, every="daily", created=made.created, began=night, state="active", stages="[]",
            )  # fmt: skip
            for one in identifiers:
                self.letters.execute("INSERT INTO owned VALUES (?, ?)", (made.id, one))
        self.subscriptions[made.id] = made
        return made

    def turn(
        self, edition: CurrentEdition, day: str, *, deliver: tuple[str, ...] = (), person: int = 1, state: str = "sent",
        find: tuple[str, ...] = (), shown: tuple[str, ...] = (), write: bool = True,
    ) -> tuple[tuple[Update, ...], tuple[Update, ...]]:  # fmt: skip
        """A run on this day: the updates of a person, and a letter that holds them and `deliver`."""
        with self.letters.writing():
            number = count_night(self.letters, day, f"run {self.run}").number
            note_arrivals(self.letters, edition.documents(), edition.former(), night=number)
        self.run += 1
        with self.letters.writing():
            note_facts(self.letters, edition, number)
        told = gather_updates(self.letters, edition, number)
        due = [one for one in self.subscriptions.values() if one.subscriber == person]
        matches = {one.id: [*told.documents & set(find)] for one in due}
        about, changed = make_updates(told, person, due, matches, shown)
        assert (person in told.holders) == bool(about)
        if write:
            self.write(number, deliver, person, state, (*about, *changed))
        return about, changed

    def write(self, night: int, deliver: tuple[str, ...], person: int, state: str, told: tuple[Update, ...]) -> None:
        self.sent += 1
        ident = f"letter {self.sent}"
        with self.letters.writing():
            add_row(
                self.letters, "letter", id=ident, subscriber=person, number=self.sent, every="daily", night=night,
                facts=newest_fact(self.letters), state=state, message=b"",
            )  # fmt: skip
            for key in deliver:
                self.letters.execute(
                    "INSERT OR IGNORE INTO delivery (subscriber, item, document, subscription, fact, letter)"
                    " SELECT ?, item, document, 1, 'new', ? FROM arrival WHERE document = ?",
                    (person, ident, key),
                )
            for subject, number in (one for update in told for one in update.changes):
                self.letters.execute("INSERT INTO notice VALUES (?, ?, ?, ?)", (person, subject, number, ident))


@pytest.fixture
def post(letters: Store) -> Post:
    return Post(letters)


def story(status: str = "", trial: str = "") -> CurrentEdition:
    """A paper, and news that cite it; or a trial, and news on it."""
    night = Night()
    if trial:
        night.trial(trial)
        night.status(night.document("news", key=NEWS, title="Retina cells from a dish"), trial)
    else:
        night.paper(status)
        news = night.document("news", key=NEWS, title="Retina cells from a dish")
        night.add("link", document=news, relation="paper", place=0, ident=PAPER, how="identifier")
        if status:
            night.banner(news, PAPER, status)
    return night.read


def heads(updates: tuple[Update, ...]) -> list[str]:
    return [update.headline for update in updates]


def test_a_retraction_comes_to_who_was_sent_the_news_with_the_day_and_the_notice(post: Post) -> None:
    post.follow()
    post.turn(story(), "2026-11-21", deliver=(NEWS,))
    about, changed = post.turn(story("retracted"), "2026-11-23", find=TEXTS)
    assert heads(about) == [
        "Retracted: the paper behind a line that we sent you, on 22 November 2026 (notice PubMed 99000300)"
    ]
    assert [(one.key, one.day, one.title) for one in about[0].held] == [
        (NEWS, "2026-11-21", "Retina cells from a dish")
    ]
    assert (about[0].kind, about[0].url, about[0].page) == ("retraction", NOTICE, "https://desk.example/d/aaaaaaaaaaaa")
    assert changed == ()
    assert post.turn(story("retracted"), "2026-11-24", find=TEXTS) == ((), ())


def test_who_was_sent_nothing_of_it_gets_it_as_changed_if_a_search_finds_it_and_else_not(post: Post) -> None:
    for person in (1, 2):
        post.follow(person)
        post.turn(story(), "2026-11-21", person=person)
    about, changed = post.turn(story("retracted"), "2026-11-23", find=(NEWS,))
    assert (about, heads(changed)) == ((), [
        "Retracted: “A pigment epithelium sheet”, on 22 November 2026 (notice PubMed 99000300)"
    ])  # fmt: skip
    assert (changed[0].because, changed[0].held) == ("Retina cells", ())
    assert post.turn(story("retracted"), "2026-11-23", person=2) == ((), ())


def test_what_a_line_said_already_is_no_change(post: Post) -> None:
    """The person was sent the news after the retraction was known, and never the paper, which is older."""
    post.follow()
    post.turn(story(), "2026-11-20")
    assert post.turn(story("retracted"), "2026-11-21", find=TEXTS, deliver=(NEWS,), shown=(NEWS,)) == ((), ())
    assert post.turn(story("retracted"), "2026-11-22", find=TEXTS) == ((), ())


def test_what_arrives_retracted_is_no_update(post: Post) -> None:
    post.follow()
    post.turn(Night().read, "2026-11-21")
    assert post.turn(story("retracted"), "2026-11-22", deliver=TEXTS, find=TEXTS) == ((), ())
    assert post.turn(story("retracted"), "2026-11-23", find=TEXTS) == ((), ())


def test_what_was_known_before_facts_were_noted_is_no_update(post: Post) -> None:
    post.follow()
    with post.letters.writing():
        night = count_night(post.letters, "2026-11-01", "run before").number
        note_arrivals(post.letters, story().documents())
    post.write(night, (NEWS,), 1, "sent", ())
    post.letters.connection.execute("UPDATE letter SET facts = 0")
    assert post.turn(story("retracted"), "2026-11-22", find=TEXTS) == ((), ())


def test_two_runs_on_one_day_lose_nothing(post: Post) -> None:
    post.follow()
    post.turn(story(), "2026-11-21", deliver=TEXTS)
    assert len(post.turn(story("retracted"), "2026-11-21")[0]) == 1
    assert post.turn(story("retracted"), "2026-11-21") == ((), ())


def test_a_clock_that_steps_back_loses_nothing(post: Post) -> None:
    post.follow()
    post.turn(story(), "2026-11-21", deliver=TEXTS)
    assert len(post.turn(story("concern"), "2025-01-01")[0]) == 1
    assert len(post.turn(story("retracted"), "2026-11-20")[0]) == 1
    assert post.turn(story("retracted"), "2026-11-21") == ((), ())


def test_a_letter_that_was_refused_leaves_nothing_held(post: Post) -> None:
    post.follow()
    post.turn(story(), "2026-11-21", deliver=TEXTS, state="refused")
    assert post.turn(story("retracted"), "2026-11-23") == ((), ())


def test_what_was_not_sent_comes_with_the_next_letter(post: Post) -> None:
    post.follow()
    post.turn(story(trial="recruiting"), "2026-11-20", deliver=(NEWS,))
    for day, status in (("2026-11-21", "suspended"), ("2026-11-22", "recruiting")):
        post.turn(story(trial=status), day, write=False)
    about, _ = post.turn(story(trial="recruiting"), "2026-11-27")
    assert heads(about) == ["Update: NCT09087765 recruiting -> suspended -> recruiting"]
    assert len(about[0].changes) == 2
    assert post.turn(story(trial="recruiting"), "2026-11-28") == ((), ())


def test_a_stopped_trial_says_why(post: Post) -> None:
    post.follow()
    post.turn(story(trial="recruiting"), "2026-11-20", deliver=(NEWS,))
    night = Night()
    night.trial("terminated")
    night.status(night.document("news", key=NEWS), "terminated")
    night.edition.execute("UPDATE trial_status SET reason = 'Retinal detachments.'")
    about, _ = post.turn(night.read, "2026-11-23")
    assert heads(about) == ["Update: NCT09087765 recruiting -> terminated (retinal detachments)"]


def test_a_text_about_several_trials_is_about_none_of_them(post: Post) -> None:
    def edition(status: str) -> CurrentEdition:
        night = Night()
        night.trial(status)
        night.status(night.document("news", key=NEWS), status, alone=0)
        return night.read

    post.follow()
    post.turn(edition("recruiting"), "2026-11-20", deliver=(NEWS,))
    assert post.turn(edition("terminated"), "2026-11-21", find=(NEWS,)) == ((), ())


def test_status_phase_people_and_results_are_one_update_of_the_record(post: Post) -> None:
    def edition(status: str, **record: object) -> CurrentEdition:
        night = Night()
        night.trial(status, **record)
        night.status(night.document("news", key=NEWS), status)
        return night.read

    for person in (1, 2):
        post.follow(person)
    first, second = {"enrolment": 60, "enrolment_type": "planned"}, {"enrolment": 15, "enrolment_type": "actual"}
    for person, key in ((1, "bbbbbbbbbbbb"), (2, NEWS)):
        post.turn(edition("recruiting", **first), "2026-11-20", deliver=(key,), person=person)
    later = edition("completed", results_posted="2026-11-21", **second)
    about, _ = post.turn(later, "2026-11-22")
    assert heads(about) == [
        "Update: NCT09087765 recruiting -> completed; 60 people (planned) -> 15 people (actual);"
        " results posted on 21 November 2026"
    ]
    about, _ = post.turn(later, "2026-11-22", person=2)
    assert heads(about) == ["Update: NCT09087765 recruiting -> completed; results posted on 21 November 2026"]


def test_a_reinstated_work_says_what_it_no_longer_is(post: Post) -> None:
    post.follow()
    post.turn(story("retracted"), "2026-11-20", deliver=TEXTS)
    about, _ = post.turn(story(), "2026-11-21")
    assert heads(about) == ["Reinstated: “A pigment epithelium sheet”"]
    assert about[0].detail == "It no longer counts as retracted."
    assert {one.key for one in about[0].held} == set(TEXTS)


def edited(*kinds: tuple[str, str], before: str = "Sixty of 120 have had it.", note_of: bool = False) -> CurrentEdition:
    night = Night()
    number = night.document("news", key=NEWS, title="One knee injection", source="korea")
    for place, (part, kind) in enumerate(kinds):
        night.edit(number, "2026-11-22T03:17:02Z", kind, part=part, place=place)
    night.edition.execute("UPDATE edit SET silent = ?", (int(not note_of),))
    night.edition.execute("UPDATE edit SET before = ? WHERE before <> ''", (before,))
    return night.read


@pytest.mark.parametrize(
    ("kinds", "noted", "said"),
    [
        ((("text", "number"),), True, "Correction: Korea now says 66 of 132, said 60 of 120"),
        ((("text", "number"),), False, "Changed without a note: Korea now says 66 of 132, said 60 of 120"),
        ((("text", "wording"), ("text", "stage")), False, "Changed without a note: Korea, “One knee injection”"),
        ((("title", "wording"), ("text", "number")), False, "Retitled: “One knee injection”"),
        ((("text", "wording"), ("text", "cosmetic")), False, None),
    ],
)
def test_an_edit_says_the_old_and_the_new(
    post: Post, kinds: tuple[tuple[str, str], ...], noted: bool, said: str
) -> None:
    post.follow()
    post.turn(edited(), "2026-11-20", deliver=(NEWS,))
    about, _ = post.turn(edited(*kinds, note_of=noted), "2026-11-22")
    assert heads(about) == ([said] if said else [])


def test_a_text_with_a_new_title_is_named_as_it_was_sent(post: Post) -> None:
    post.follow()
    post.turn(edited(), "2026-11-20", deliver=(NEWS,))
    about, _ = post.turn(edited(("title", "wording"), before="One knee injection, nobody knows"), "2026-11-22")
    assert [one.title for one in about[0].held] == ["One knee injection, nobody knows"]


def test_a_text_that_comes_under_another_key_is_held_all_the_same(post: Post) -> None:
    post.follow()
    post.turn(edited(), "2026-11-20", deliver=(NEWS,))
    night = Night()
    night.edit(night.document("news", key="dddddddddddd", source="korea"), "2026-11-22T03:17:02Z")
    night.add("former_key", key=NEWS, document="dddddddddddd", first=1)
    about, _ = post.turn(night.read, "2026-11-22")
    assert [one.key for one in about[0].held] == ["dddddddddddd"]


def test_a_list_hears_of_a_work_by_any_of_its_numbers_even_without_a_record(post: Post) -> None:
    post.follow(identifiers=("pmid:99000231",), kind="own")
    post.follow(2, identifiers=("doi:10.5555/another",), kind="own")
    post.turn(Night().read, "2026-11-20")
    night = Night()
    for name in (PAPER, "pmid:99000231"):
        night.add("work_status", identifier=name, status="retracted", day="2026-11-22", url=NOTICE, text="It was.")
    _, changed = post.turn(night.read, "2026-11-22")
    assert heads(changed) == ["Retracted: PubMed 99000231, on 22 November 2026"]
    assert post.turn(night.read, "2026-11-22", person=2) == ((), ())


def test_a_list_hears_of_its_preprint_that_became_a_paper(post: Post) -> None:
    def edition(published: bool) -> CurrentEdition:
        night = Night()
        preprint = night.document("preprint", ident="doi:10.1101/1", title="A sheet of cells.")
        if published:
            paper = night.document("paper", ident=PAPER, title="A sheet of cells", journal="Eye")
            night.add("link", document=preprint, relation="published", place=0, other=paper, ident=PAPER, how="address")
        return night.read

    post.follow(identifiers=("doi:10.1101/1",), kind="own")
    post.turn(edition(False), "2026-11-20")
    _, changed = post.turn(edition(True), "2026-11-22")
    assert heads(changed) == ["Published: the preprint “A sheet of cells” is now a paper in Eye"]


def test_what_changed_before_a_search_began_is_no_change_for_it(post: Post) -> None:
    post.follow(2)
    post.turn(story(), "2026-11-20", person=2)
    post.turn(story("retracted"), "2026-11-21", person=2)
    post.follow(1)
    assert post.turn(story("retracted"), "2026-11-22", find=TEXTS) == ((), ())


def test_what_changed_while_nobody_followed_anything_is_no_change_for_who_comes_then(post: Post) -> None:
    post.turn(story(), "2026-11-01", write=False)
    with post.letters.writing():
        person = add_subscriber(post.letters, "mail", "reader@example.org").id
        kept = follow(post.letters, person, Wanted(query="retina", every="daily"), story("concern"))
    post.subscriptions[kept.id] = kept
    assert post.turn(story("concern"), "2026-11-21", find=TEXTS, person=person) == ((), ())
    _, changed = post.turn(story("retracted"), "2026-11-22", find=TEXTS, person=person)
    assert [one.kind for one in changed] == ["retraction"]


def test_a_change_in_the_night_after_the_very_first_follow_is_one(post: Post) -> None:
    """What is noted as arrived when somebody follows counts for the next night; it was there before all the same."""
    with post.letters.writing():
        person = add_subscriber(post.letters, "mail", "reader@example.org").id
        kept = follow(post.letters, person, Wanted(query="retina", every="at once"), story())
    post.subscriptions[kept.id] = kept
    _, changed = post.turn(story("retracted"), "2026-11-23", find=TEXTS, person=person)
    assert [one.kind for one in changed] == ["retraction"]


def test_a_followed_story_holds_what_was_there_when_it_began(post: Post) -> None:
    post.turn(story(), "2026-11-20", write=False)
    post.follow(kind="story")
    with post.letters.writing():
        post.letters.execute(
            "INSERT INTO delivery (subscriber, item, document, subscription, fact, letter)"
            " SELECT 1, item, document, 1, 'before', '' FROM arrival"
        )
    about, _ = post.turn(story("retracted"), "2026-11-21")
    assert [(one.key, one.day) for one in about[0].held] == [("aaaaaaaaaaaa", "2026-11-19"), (NEWS, "2026-11-19")]


def test_a_text_that_is_found_to_rest_on_a_retracted_paper_later_is_told_to_its_readers(post: Post) -> None:
    def edition(linked: bool) -> CurrentEdition:
        night = Night()
        night.paper("retracted")
        news = night.document("news", key=NEWS)
        if linked:
            night.banner(news, PAPER, "retracted")
        return night.read

    post.follow()
    post.turn(edition(False), "2026-11-20", deliver=(NEWS,))
    about, _ = post.turn(edition(True), "2026-11-22")
    assert [one.key for one in about[0].held] == [NEWS]
    assert about[0].headline.startswith("Retracted: the paper behind a line that we sent you")


STATES = st.lists(
    st.tuples(
        st.sampled_from(["", "concern", "retracted"]),
        st.sampled_from(["recruiting", "suspended", "terminated"]),
        st.frozensets(st.sampled_from(["paper", "trial", "news"]), min_size=1),  # what the edition has
        st.booleans(),  # whether the person gets a letter
        st.frozensets(st.sampled_from(["aaaaaaaaaaaa", "bbbbbbbbbbbb", NEWS])),  # what it brings
    ),
    min_size=2, max_size=7,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(nights=STATES)
def test_each_change_of_a_held_record_comes_exactly_once_whatever_the_editions_lack(
    tmp_path_factory: pytest.TempPathFactory, nights: list[tuple[str, str, frozenset[str], bool, frozenset[str]]]
) -> None:
    """Against a person who reads every edition and remembers what was said when a letter came."""
    with open_store(tmp_path_factory.mktemp("letters") / "letters.db", "letters") as letters:
        post = Post(letters)
        post.follow()
        said: dict[str, str] = {}  # subject -> as the editions last said
        since: dict[str, list[tuple[str, str]]] = {}  # key that is held -> changes that wait for a letter
        record = {f"work:{PAPER}": "aaaaaaaaaaaa", f"trial:{TRIAL}": "bbbbbbbbbbbb"}
        for number, (work, trial, has, gets, brings) in enumerate(nights):
            night = Night()
            now: dict[str, str] = {}
            if "paper" in has:
                night.paper(work)
                now[f"work:{PAPER}"] = work
            if "trial" in has:
                night.trial(trial)
                now[f"trial:{TRIAL}"] = trial
            if "news" in has:
                night.document("news", key=NEWS)
            for subject, value in now.items():
                before = said.get(subject, "")
                if number and value != before and (before or subject.startswith("work:") or value != "recruiting"):
                    for waiting in (since[key] for key in since if key == record[subject]):
                        waiting.append((before, value))
                said[subject] = value
            expected = {key: way for key, way in since.items() if way and _is_here(key, has)}
            arrived = tuple(key for key in brings if _is_here(key, has))
            about, _ = post.turn(night.read, f"2026-11-{number + 1:02}", deliver=arrived, write=gets)
            assert {one.held[0].key for one in about} == expected.keys()
            if gets:
                for key in expected:
                    since[key] = []
                for key in arrived:
                    since.setdefault(key, [])


def _is_here(key: str, has: frozenset[str]) -> bool:
    return {"aaaaaaaaaaaa": "paper", "bbbbbbbbbbbb": "trial", NEWS: "news"}[key] in has


def test_people_are_asked_for_in_a_few_queries_however_many_they_are(letters: Store) -> None:
    post = Post(letters)
    for person in range(1, 41):
        post.follow(person)
    post.turn(story(), "2026-11-20", deliver=TEXTS)
    post.turn(story("retracted"), "2026-11-21", write=False)
    asked: list[str] = []
    letters.connection.set_trace_callback(asked.append)
    edition = story("retracted")
    edition_asked: list[str] = []
    edition._db.set_trace_callback(edition_asked.append)
    told = gather_updates(letters, edition, 2)
    for person in range(1, 41):
        make_updates(told, person, [post.subscriptions[person]], {person: TEXTS})
    assert len(asked) <= 6
    assert len(edition_asked) <= 8
