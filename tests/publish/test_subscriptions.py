"""Subscriptions: how they begin, change and end, and which searches are refused because they can never match."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from itsdangerous import URLSafeSerializer

from core.config import Config
from core.errors import UsageError
from core.facets import facets
from core.store import Store
from pipeline import main
from publish.letters.current_edition import open_current
from publish.letters.people import get_subscriber
from publish.letters.records import Subscription
from publish.letters.subscriptions import (
    Wanted,
    add_subscription,
    change_subscription,
    effective_query,
    end_rhythm,
    end_subscription,
    follow,
    get_subscription,
    load_owned,
    load_subscriptions,
    pause,
    resume,
    subscribe,
    unsubscribe,
    wanted_of,
)
from publish.letters.tokens import make_token, signing_keys
from publish.letters.wanted import check_wanted, written
from tests.publish.reader import Newsroom
from tests.publish.rig import Doc, add_row, letters_of, make_config, make_edition, rows

READER, OTHER = "reader-1c@example.org", "other-9d@example.org"
TITLE = "Organoids grow blood vessels of their own"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    return make_config(tmp_path)


def begin(config: Config, letters: Store, query: str, address: str = READER, **more: object) -> Subscription:
    return subscribe(config, letters, "mail", address, Wanted(query=query, **more))[1]  # type: ignore[arg-type]


def finds(config: Config, query: str) -> int:
    """How many documents of the edition a search finds."""
    with open_current(config) as edition:
        assert edition is not None
        return edition.count(query)


def add_letter(letters: Store, subscriber: int, number: int, every: str, state: str, *brought: tuple[int, int]) -> str:
    """A letter that brought (subscription, item) pairs."""
    ident = f"letter-{subscriber}-{number}"
    add_row(
        letters, "letter", id=ident, subscriber=subscriber, number=number, every=every, night=1, state=state,
        message=b"A", content="words", run="r",
    )  # fmt: skip
    for subscription, item in brought:
        add_row(
            letters, "delivery", subscriber=subscriber, item=item, document=f"d{item}", subscription=subscription,
            fact="new", letter=ident,
        )  # fmt: skip
        add_row(letters, "notice", subscriber=subscriber, subject=f"work:{item}", number=2, letter=ident)
    return ident


# --- how they begin ---------------------------------------------------------------------------------------------------


def test_one_person_follows_several_things(config: Config) -> None:
    with letters_of(config) as letters:
        first = begin(config, letters, "organoid")
        with pytest.raises(UsageError, match="already gets weekly letters"):
            begin(config, letters, " organoid ", READER.upper(), every="daily")
        other = begin(config, letters, "mouse", every="daily")
        stranger = begin(config, letters, "mouse", OTHER)
        assert [one.id for one in load_subscriptions(letters)] == [1, 2, 3]
        assert load_subscriptions(letters, first.subscriber) == [first, other]
        assert first.subscriber == other.subscriber != stranger.subscriber


def test_it_begins_with_what_arrives_after_it(config: Config) -> None:
    make_edition(config, [Doc(key="a"), Doc(key="b", title=TITLE)])
    with letters_of(config) as letters:
        with letters.writing():
            letters.execute("INSERT INTO night VALUES (4, '2026-11-20', 'r')")
        kept = begin(config, letters, "organoid")
    assert (kept.since, kept.mark, kept.began, kept.night, kept.reading) == (2, 2, 4, None, "")


def test_a_paused_subscription_is_taken_up_as_it_is_wanted_now(config: Config) -> None:
    with letters_of(config) as letters:
        kept = begin(config, letters, "organoid", most=5)
        with letters.writing():
            pause(letters, kept.id)
        again = begin(config, letters, "organoid", every="weekly", weekday=2, stages=("animal",))
        assert (again.id, again.state, again.weekday, again.stages, again.most) == (
            kept.id,
            "active",
            2,
            ("animal",),
            40,
        )
        with letters.writing():
            pause(letters, kept.id)
            resume(letters, kept.id)
        assert get_subscription(letters, kept.id) == again


def test_the_texts_that_a_story_has_count_as_sent(config: Config) -> None:
    path = make_edition(config, [Doc(key="a"), Doc(key="b", title=TITLE), Doc(key="c")])
    add_story(path, "vessels", ("a", "b"))
    with letters_of(config) as letters:
        _, kept = subscribe(config, letters, "mail", READER, Wanted(kind="story", query="vessels", every="daily"))
        with pytest.raises(UsageError, match="no story 'nerves'"):
            subscribe(config, letters, "mail", READER, Wanted(kind="story", query="nerves"))
    assert (kept.kind, kept.query) == ("story", "vessels")
    held = rows(config, "SELECT document, subscription, fact, letter FROM delivery ORDER BY document")
    assert held == [{"document": key, "subscription": kept.id, "fact": "before", "letter": ""} for key in ("a", "b")]


def add_story(path: Path, key: str, members: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        (origin,) = db.execute('SELECT id FROM document WHERE "key" = ?', (members[0],)).fetchone()
        db.execute(
            "INSERT INTO story VALUES (1, ?, 'a-story', 'A story', '2026-11-20', '2026-11-20', ?, ?, 1, 0, '', '')",
            (key, origin, len(members)),
        )
        for member in members:
            db.execute(
                "INSERT INTO member SELECT 1, id, 'coverage', 1.0, NULL, '', '', '' FROM document WHERE \"key\" = ?",
                (member,),
            )


def test_lists_are_numbered_and_keep_one_spelling(config: Config) -> None:
    with letters_of(config) as letters:
        given = ("doi:https://doi.org/10.1038/NATURE12345", "NCT:nct01234567", "pmid:123", "pmid: 123")
        _, first = subscribe(config, letters, "mail", READER, Wanted(kind="own", identifiers=given))
        _, second = subscribe(config, letters, "mail", READER, Wanted(kind="own", identifiers=("pmid:9",)))
        assert (first.query, second.query) == ("1", "2")
        assert load_owned(letters, first.id) == {
            first.id: ("doi:10.1038/nature12345", "nct:NCT01234567", "pmid:123"),
        }  # fmt: skip
        with letters.writing():
            change_subscription(letters, first.id, Wanted(kind="own", name="mine", identifiers=("pmid:7",)))
        assert load_owned(letters) == {first.id: ("pmid:7",), second.id: ("pmid:9",)}
        changed = get_subscription(letters, first.id)
        assert changed is not None and wanted_of(letters, changed).identifiers == ("pmid:7",)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(kind="own"), Wanted(kind="own", identifiers=("doi:nothing",)), Wanted(kind="own", identifiers=("x:1",)),
        Wanted(kind="own", identifiers=tuple(f"pmid:{n}" for n in range(1, 5002))),
        Wanted(query="organoid", every="hourly"),  # type: ignore[arg-type]
        Wanted(query="organoid", weekday=7), Wanted(query="organoid", most=0), Wanted(query="organoid", most=201),
        Wanted(query="organoid", stages=("clinical",)),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused(config: Config, wanted: Wanted) -> None:
    with pytest.raises(UsageError):
        check_wanted(config, wanted)


def test_what_is_wanted_is_kept_in_its_one_form(config: Config) -> None:
    checked = check_wanted(
        config, Wanted(query="  organoid \n kind:news ", name="My\ncells\x00" + "x" * 99, every="daily", weekday=3,
                       stages=("Animal", "animal")),
    )  # fmt: skip
    assert (checked.query, checked.weekday, checked.stages) == ("organoid kind:news", None, ("animal",))
    assert checked.name.startswith("My cells") and len(checked.name) == 80


# --- what can never match ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "   ", "!!", "contry:KR", "country:Narnia", "x " * 300])
def test_a_query_that_the_site_cannot_answer_is_refused(config: Config, query: str) -> None:
    with letters_of(config) as letters:
        with pytest.raises(UsageError):
            begin(config, letters, query)
        assert letters.value("SELECT count(*) FROM subscription") == 0
        assert letters.value("SELECT count(*) FROM subscriber") == 0


@pytest.fixture
def edition(config: Config) -> Config:
    parkinson = ("disease", "MONDO:0005180", "Parkinson disease")
    path = make_edition(config, [Doc(key="a"), Doc(key="b", title=TITLE, named=(parkinson,))])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO facet VALUES ('therapy', 'vesicles', 'vesicles', 'therapy_vesicles_', 1)")
    return config


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("status:bogus", r"status: takes retracted, withdrawn, concern or corrected"),
        ("evidence:clinical", r'did you mean evidence:"clinical trial"'),
        ("organoid (evidence:clinical OR kind:news)", r'did you mean evidence:"clinical trial"'),
        ("evidence:phase1x", r'did you mean evidence:"phase 1"'),
        ("animal:vesicle", r"animal: takes"),
        ("source:dialy", r"did you mean source:daily"),
        ('disease:"Blorbitis of the knee"', r"no disease of that name is known"),
        ('disease:"Parkinsen disease"', r'did you mean disease:"Parkinson disease"'),
        ("disease:MONDO:9999999", r"no disease of that name is known"),
        ('-disease:"Blorbitis of the knee" organoid', r"no disease of that name is known"),
        ("organoid night:2026-11-01", r"that night is over"),
        ("kind:news -kind:news", r"asked for and excluded"),
        ("organoid since:2026-12-01 until:2026-11", r"later than"),
    ],
)
def test_a_search_that_can_never_match_is_refused_with_the_nearest_value(
    edition: Config, query: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-30T04:00:00Z")
    with pytest.raises(UsageError, match=words):
        check_wanted(edition, Wanted(query=query))


@pytest.mark.parametrize(
    "query",
    [
        "zebrafish telomerase", "evidence:animal", 'evidence:"phase 3"', "status:retracted", "source:daily",
        'disease:"Parkinson disease"', "disease:MONDO:0005180", 'disease:"Huntington disease"', "cell:CL:0002586",
        'institution:"Hallam University of the Moon"', 'person:"Nobody Known"', "tonight organoid", "since:2026-11",
        "animal:zebrafish", "work:AD", "type:preprint", "trial_status:terminated", 'warning:"rests on a preprint"',
        "country:KR", "lang:ko", "month:2027-01",
        "night:tonight -kind:news", "since:2026-11-20 until:2026-11",
    ],
)  # fmt: skip
def test_a_search_that_may_match_tomorrow_is_kept(edition: Config, query: str) -> None:
    assert check_wanted(edition, Wanted(query=query)).query == query


def test_a_value_in_another_form_is_kept_as_documents_have_it(edition: Config) -> None:
    assert check_wanted(edition, Wanted(query="organoid animal:mice")).query == "organoid animal:mouse"


def test_every_value_that_the_search_page_offers_can_be_followed(newsroom: Newsroom) -> None:
    """Things and values as the site links to them."""
    config, path = newsroom
    with closing(sqlite3.connect(path)) as db:
        offered = db.execute("SELECT facet, value FROM facet WHERE facet <> 'night'").fetchall()
        named = db.execute("SELECT type, name FROM entity").fetchall()
    of_type = {facet.name: facet.filter for facet in facets().of_kind("type") if facet.filter}
    offered += [(of_type[kind], name) for kind, name in named if kind in of_type]
    assert len(offered) > 50
    for name, value in offered:
        query = written(name, value)
        assert check_wanted(config, Wanted(query=query)).query == query


def test_a_place_is_followed_by_the_number_of_its_register(config: Config) -> None:
    places = (("place", "ISO3166:KR", "South Korea"), ("place", "ISO3166-2:US-CA", "California"))
    make_edition(config, [Doc(key="a", named=(places[0],)), Doc(key="b", named=(places[1],))])
    for _, concept, _ in places:
        assert finds(config, check_wanted(config, Wanted(query=f"place:{concept}")).query) == 1


# --- how they change and end ------------------------------------------------------------------------------------------


def test_a_changed_search_begins_anew_and_a_renamed_one_goes_on(config: Config) -> None:
    make_edition(config, [Doc(key="a")])
    with letters_of(config) as letters:
        kept = begin(config, letters, "organoid")
        other = begin(config, letters, "mouse")
        make_edition(config, [Doc(key="a"), Doc(key="b", title=TITLE)], "site-2")
        with letters.writing():
            letters.execute("INSERT INTO night VALUES (1, '2026-11-21', 'r')")
            letters.execute("INSERT INTO arrival VALUES ('b', 2, NULL, 1)")
            letters.execute("UPDATE subscription SET reading = '{}' WHERE id = ?", (kept.id,))
            renamed = change_subscription(
                letters, kept.id, Wanted(query="organoid", name="mine", every="daily", most=9)
            )
            assert (renamed.name, renamed.every, renamed.most) == ("mine", "daily", 9)
            assert (renamed.since, renamed.began, renamed.reading) == (1, 0, "{}")
            changed = change_subscription(letters, kept.id, Wanted(query="vessel", name="mine"))
            assert (changed.since, changed.mark, changed.began, changed.reading) == (2, 2, 1, "")
            with pytest.raises(UsageError, match="already gets weekly letters for 'mouse'"):
                change_subscription(letters, kept.id, Wanted(query="mouse"))
            with pytest.raises(UsageError, match="no subscription 99"):
                change_subscription(letters, 99, Wanted(query="mouse"))
        assert get_subscription(letters, other.id) == other


def test_whoever_wants_more_than_changes_gets_what_is_new_from_then_on(config: Config) -> None:
    with letters_of(config) as letters:
        kept = begin(config, letters, "organoid", every="at once")
        with letters.writing():
            letters.execute("INSERT INTO arrival VALUES ('b', 7, NULL, 1)")
            more = change_subscription(letters, kept.id, Wanted(query="organoid", every="daily"))
            letters.execute("INSERT INTO arrival VALUES ('c', 8, NULL, 1)")
            other = change_subscription(letters, kept.id, Wanted(query="organoid", every="weekly"))
    assert (more.since, more.mark, more.began) == (other.since, other.mark, other.began) == (7, 7, 0)


def test_stages_are_any_of_them_and_all_of_the_search(edition: Config) -> None:
    animal = ("evidence", "evidence", "animal")
    make_edition(
        edition,
        [Doc(key="a", labelled=(animal,)), Doc(key="b", title="Mice", text="Mice.", labelled=(animal,)), Doc(key="c")],
        "site-2",
    )
    with letters_of(edition) as letters:
        kept = begin(edition, letters, "organoid OR vessels", stages=("animal", "phase 1"))
    query = effective_query(kept)
    assert query == 'organoid OR vessels (evidence:animal OR evidence:"phase 1")'
    assert (finds(edition, query), finds(edition, kept.query)) == (1, 2)


def test_what_ended_is_not_followed_and_not_sent_again_and_a_waiting_letter_is_dropped(config: Config) -> None:
    with letters_of(config) as letters:
        ends, stays, daily = (
            begin(config, letters, "organoid"), begin(config, letters, "mouse"),
            begin(config, letters, "nerve", every="daily"),
        )  # fmt: skip
        person = ends.subscriber
        stranger = begin(config, letters, "organoid", OTHER)
        with letters.writing():
            add_letter(letters, person, 1, "weekly", "sent", (ends.id, 1), (stays.id, 2))
            waiting = add_letter(letters, person, 2, "weekly", "pending", (ends.id, 3), (stays.id, 4))
            other = add_letter(letters, person, 3, "daily", "pending", (daily.id, 5))
            theirs = add_letter(letters, stranger.subscriber, 1, "weekly", "pending", (stranger.id, 1))
        assert end_subscription(letters, ends.id) == 1
        assert end_subscription(letters, ends.id) == 0
        assert [one.id for one in load_subscriptions(letters, person)] == [stays.id, daily.id]
        facts = letters.rows("SELECT item, fact FROM delivery WHERE subscriber = ? ORDER BY item", (person,))
        assert [tuple(row.values()) for row in facts] == [(1, "counted"), (2, "new"), (5, "new")]
        states = {row["id"]: row["state"] for row in letters.rows("SELECT id, state FROM letter")}
        assert (states[waiting], states[other], states[theirs]) == ("dropped", "pending", "pending")
        assert letters.rows("SELECT subject FROM notice WHERE letter = ?", (waiting,)) == []
        assert letters.rows("SELECT length(message) AS n, content FROM letter WHERE id = ?", (waiting,)) == [
            {"n": 0, "content": ""}
        ]


def test_a_rhythm_ends_and_with_the_last_the_person(config: Config) -> None:
    keys = signing_keys(config)
    with letters_of(config) as letters:
        weekly, _, daily = (
            begin(config, letters, "organoid"), begin(config, letters, "mouse"),
            begin(config, letters, "nerve", every="daily"),
        )  # fmt: skip
        stays = begin(config, letters, "organoid", OTHER)
        assert unsubscribe(config, letters, make_token(keys, "stop", weekly.subscriber, "weekly")) == 2
        assert load_subscriptions(letters) == [daily, stays]
        assert end_rhythm(letters, weekly.subscriber, "weekly") == 0
        assert end_rhythm(letters, weekly.subscriber, "daily") == 1
        assert get_subscriber(letters, weekly.subscriber) is None
        assert get_subscriber(letters, stays.subscriber) is not None


def test_a_link_of_an_older_letter_ends_one_subscription(config: Config) -> None:
    with letters_of(config) as letters:
        first, other = begin(config, letters, "organoid"), begin(config, letters, "mouse")
        token = str(URLSafeSerializer(list(signing_keys(config)), salt="stemwire.letters.unsubscribe").dumps(first.id))
        assert unsubscribe(config, letters, token) == 1
        assert unsubscribe(config, letters, token) == 0
        assert load_subscriptions(letters) == [other]


@pytest.mark.parametrize("token", ["", "1", "MQ.x", "MQ." + "x" * 27, "\x00", "ü", "." * 50, "MQ"])
def test_a_forged_token_ends_nothing(config: Config, token: str) -> None:
    with letters_of(config) as letters:
        begin(config, letters, "organoid")
        assert unsubscribe(config, letters, token) == 0
        assert len(load_subscriptions(letters)) == 1


def test_everything_of_an_address_ends_on_the_command_line(config: Config) -> None:
    with letters_of(config) as letters:
        begin(config, letters, "organoid")
        begin(config, letters, "mouse")
        begin(config, letters, "mouse", OTHER)
        assert unsubscribe(config, letters, READER.upper()) == 2
        assert unsubscribe(config, letters, READER) == 0
    assert [row["address"] for row in rows(config, "SELECT address FROM subscriber")] == [OTHER]


def test_following_inside_a_transaction_is_all_or_nothing(config: Config) -> None:
    with letters_of(config) as letters:
        kept = begin(config, letters, "organoid")
        with pytest.raises(UsageError), letters.writing():
            add_subscription(letters, kept.subscriber, Wanted(query="mouse"))
            follow(letters, kept.subscriber, Wanted(query="organoid"), None)
        assert load_subscriptions(letters) == [kept]


Run = Callable[..., tuple[int, str]]


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A command in a folder of its own: (exit code, output)."""
    (tmp_path / "config.toml").write_text(
        f'[crawl]\ncontact = "mailto:desk@stemwire.example"\n[paths]\ndata = "{tmp_path}/data"\n'
        f'editions = "{tmp_path}/editions"\n',
        "utf-8",
    )

    def run_it(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), *args])
        return done.exit_code, done.output

    make_edition(make_config(tmp_path), [Doc(key="a")])
    return run_it


def test_the_list_names_people_by_number_only(run: Run) -> None:
    assert run("subscribe", READER, "organoid", "--daily", "--name", "Mine") == (
        0, f"{READER} gets daily letters for: organoid\n",
    )  # fmt: skip
    assert run("subscribe", OTHER, "--own", "doi:10.5555/x", "--own", "pmid:1", "--on", "friday")[0] == 0
    code, text = run("subscriptions")
    assert code == 0 and "Mine: organoid" in text and "2 works and trials" in text and "@" not in text
    assert READER in run("subscriptions", "--addresses")[1]
    listed = json.loads(run("subscriptions", "--json")[1])
    assert [(one["subscription"], one["subscriber"], one["weekday"]) for one in listed] == [(1, 1, None), (2, 2, 4)]
    assert "@" not in json.dumps(listed)
    assert run("unsubscribe", READER) == (0, "1 subscription ended\n")
    assert run("unsubscribe", OTHER) == (0, "1 subscription ended\n")
    assert run("subscriptions") == (0, "no subscriptions\n")


def test_subscribe_says_at_once_what_finds_nothing(run: Run) -> None:
    code, text = run("subscribe", READER, "zebrafish organoid")
    assert code == 0 and text == (
        f"{READER} gets weekly letters for: zebrafish organoid\n"
        "it finds nothing today; a letter comes when something does\n"
        "Nothing is found. Instead:\n"
        "  organoid  (without “zebrafish”: 1)\n"
    )
    assert run("subscribe", READER, "organoid") == (0, f"{READER} gets weekly letters for: organoid\n")
    code, text = run("subscribe", READER, 'disease:"Blorbitis of the knee"')
    assert code == 2 and "no disease of that name is known" in text
    assert run("subscribe", READER)[0] == 2
    assert run("subscribe", READER, "organoid", "--own", "pmid:1")[0] == 2


def test_a_refused_address_that_subscribes_again_gets_its_letters_again(config: Config) -> None:
    wanted = Wanted(query="organoid")
    with letters_of(config) as letters:
        person, first = subscribe(config, letters, "mail", READER, wanted)
        with letters.writing():
            letters.execute("UPDATE subscriber SET state = 'refused', bounces = 3")
        again, same = subscribe(config, letters, "mail", READER, wanted)
        assert (again.id, again.state, again.bounces, same.id) == (person.id, "active", 0, first.id)
        with pytest.raises(UsageError, match="already gets"):
            subscribe(config, letters, "mail", READER, wanted)
