"""What is new for whom, and why: the pure part, and what the site's search says of an edition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import PublishError, UsageError
from publish.letters.arrivals import Every, Night, Subscription, make_likeness
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.digest import Choice, Digest, Found, choose, is_due, make_digest
from tests.present import present
from tests.publish.rig import Doc, make_config, make_edition

SUBSCRIPTION = Subscription(
    id=1, address="reader@example.org", query="organoid", every="daily", created="2026-11-20T00:00:00Z", since=0,
    mark=0, night=None, day=None, bounces=0, state="active", channel="mail",
)  # fmt: skip


def found(
    document: str,
    published: str | None = "2026-11-20",
    *,
    kind: str = "news",
    title: str | None = None,
    url: str | None = None,
    summary: str = "Text.",
) -> Found:
    return Found(
        document=document, title=title or f"Title of {document}", page=f"https://site.example/document/{document}",
        url=url or f"https://paper.example/{document}", source="The Daily", kind=kind, published=published,
        summary=summary,
        why=("“organoid” in its title",),
    )  # fmt: skip


def digest_of(choice: Choice) -> Digest | None:
    return make_digest(
        choice, SUBSCRIPTION, site="Stemwire", home="https://site.example", day="2026-11-22",
        search="https://site.example/search?q=organoid", stop="https://desk.example/unsubscribe/x", found_before=9,
    )  # fmt: skip


def night(number: int, day: str) -> Night:
    return Night(number=number, day=day, run="r")


@pytest.mark.parametrize(
    ("every", "last", "now", "due"),
    [
        ("daily", (1, "2026-11-20"), (1, "2026-11-20"), False),
        ("daily", (1, "2026-11-20"), (2, "2026-11-21"), True),
        ("daily", (1, "2026-11-20"), (2, "2026-11-18"), True),  # the clock stepped back
        ("weekly", (1, "2026-11-20"), (2, "2026-11-21"), False),
        ("weekly", (1, "2026-11-20"), (7, "2026-11-26"), False),
        ("weekly", (1, "2026-11-20"), (8, "2026-11-27"), True),
        ("weekly", (1, "2026-11-20"), (2, "2026-11-27"), True),  # six nights were left out
        ("weekly", (1, "2026-11-20"), (8, "2026-11-21"), True),  # seven nights by a clock that stepped back
        ("weekly", (1, "2027-11-20"), (2, "2026-11-21"), True),  # a year was a mistake of the clock's
    ],
)
def test_a_turn_is_counted_not_computed(every: Every, last: tuple[int, str], now: tuple[int, str], due: bool) -> None:
    subscription = replace(SUBSCRIPTION, every=every, night=last[0], day=last[1])
    assert is_due(subscription, night(*now)) is due


def test_a_subscription_without_a_turn_has_one() -> None:
    assert is_due(SUBSCRIPTION, night(1, "2026-11-20"))


def test_newest_first_and_the_rest_is_counted() -> None:
    hits = [found("a", "2026-11-01"), found("b", "2026-11-03"), found("c", "2026-11-02"), found("d", None)]
    choice = choose(hits, {"a": 1, "b": 2, "c": 3, "d": 4}, 2)
    assert [hit.document for hit in choice.new] == ["b", "c"]
    assert [hit.document for hit in choice.counted] == ["a", "d"]
    digest = present(digest_of(choice))
    assert (digest.new, digest.more) == (4, 2)
    assert digest.subject == "Stemwire: 4 new for your search"


def test_one_thing_under_two_ids_is_told_once() -> None:
    choice = choose([found("a"), found("b")], {"a": 7, "b": 7}, 10)
    assert len(choice.new) == 1


def test_what_is_new_is_not_also_there_before() -> None:
    choice = choose([found("a")], {"a": 7}, 10, before=[found("a"), found("b")])
    assert [hit.document for hit in choice.before] == ["b"]


def test_nothing_to_say_is_no_letter() -> None:
    assert digest_of(choose([], {}, 10)) is None


def test_groups_stand_in_the_order_of_weight_and_unknown_kinds_last() -> None:
    hits = [found("a", kind="clinic"), found("b", kind="paper"), found("c", kind="stem_cell_bank")]
    digest = present(digest_of(choose(hits, {"a": 1, "b": 2, "c": 3}, 10)))
    assert [group.heading for group in digest.groups] == ["Papers", "Clinics", "Stem cell bank"]


def test_feed_text_is_tidied_and_only_web_links_stay() -> None:
    hit = found("a", title="A\u202eB\r\nBcc: x\x00", url="javascript:alert(1)", summary="x" * 9000)
    [group] = present(digest_of(choose([hit], {"a": 1}, 10))).groups
    [item] = group.items
    assert item.title == "AB Bcc: x"
    assert item.url is None
    assert len(item.summary) <= 280


def test_likeness_joins_only_what_is_surely_one() -> None:
    long = "Organoids grow blood vessels of their own"
    assert make_likeness("daily", long, "2026-11-20") == make_likeness("daily", f" {long.upper()}! ", "2026-11-20")
    assert make_likeness("daily", long, "2026-11-20") != make_likeness("weekly", long, "2026-11-20")
    assert make_likeness("daily", long, "2026-11-20") != make_likeness("daily", long, "2026-11-21")
    assert make_likeness("daily", long, None) is None
    assert make_likeness("daily", "News", "2026-11-20") is None


@pytest.fixture
def edition(tmp_path: Path) -> Iterator[CurrentEdition]:
    config = make_config(tmp_path)
    rett = ("disease", "MONDO:0010726", "Rett syndrome")
    docs = [
        Doc(key="plain"),
        Doc(
            key="rett", title="A mouse model", text="Neural crest cells in Rett syndrome.", kind="paper", named=(rett,)
        ),
        Doc(
            key="doubted",
            title="Hearts mend",
            text="Patches were sewn on.",
            country="GB",
            labelled=(
                ("animal", "species", "pig"),
                ("evidence", "evidence", "animal"),
                ("work", "country", "GB"),
                ("status", "status", "retracted"),
                ("animal", "species", "human"),
            ),
        ),
        Doc(key="korean", title="줄기세포 은행", text="분양이 늘었다.", country="KR"),
        Doc(
            key="quoted", title="Cord blood", text="Cord blood was banked.", shown=False, quote="Cord blood was banked."
        ),
    ]
    make_edition(config, docs)
    with open_current(config) as opened:
        yield present(opened)


@pytest.mark.parametrize(
    ("query", "document", "why"),
    [
        ("organoid", "plain", ("“organoid” in its title and text",)),
        ('"neural crest" OR kidney', "rett", ("“neural crest” in its text",)),
        ("crest disease:MONDO:0010726", "rett", ("“crest” in its text", "names the disease Rett syndrome")),
        ('disease:"Rett syndrome" kind:paper', "rett", ("names the disease Rett syndrome", "kind: paper")),
        ("세포", "korean", ("“세포” in its title",)),
        ("organ* country:KR source:daily", "plain",
         ("“organ…” in its title and text", "country: KR", "source: The Daily")),
        ("mouse since:2026-11 -human", "rett", ("“mouse” in its title", "published since 2026-11")),
        ("status:retracted work:GB patches", "doubted",
         ("“patches” in its text", "status of its paper: retracted", "country of the work: GB")),
        ("animal:pig evidence:animal", "doubted", ("species studied: pig", "evidence: animal")),
        ("-mouse -세포 -cord -patches", "plain", ("it has none of what you excluded",)),
    ],
)  # fmt: skip
def test_each_item_says_why_it_was_sent(
    edition: CurrentEdition, query: str, document: str, why: tuple[str, ...]
) -> None:
    hits = edition.find(query, ["plain", "rett", "doubted", "korean", "quoted"])
    assert {hit.document: hit.why for hit in hits} == {document: why}
    assert [hit.document for hit in edition.newest(query, 5)] == [document]
    assert edition.count(query) == 1


def test_an_item_says_how_its_paper_stands_and_what_was_studied(edition: CurrentEdition) -> None:
    [doubted] = edition.find("patches", ["doubted"])
    assert doubted.flags == ("paper retracted", "animal", "pig")
    [plain] = edition.find("organoid", ["plain"])
    assert plain.flags == ()


def test_only_the_documents_asked_for_are_looked_at(edition: CurrentEdition) -> None:
    assert edition.find("organoid", ["rett"]) == []
    assert edition.find("organoid", []) == []


def test_a_text_that_may_not_be_shown_gives_its_quotation(edition: CurrentEdition) -> None:
    [hit] = edition.find("cord", ["quoted"])
    assert hit.summary == "“Cord blood was banked.”"
    assert hit.page == "https://stemwire.example/document/a-title-quoted"


def test_the_search_page_is_the_sites_own_address(edition: CurrentEdition) -> None:
    assert edition.address('"neural crest" kind:paper') == (
        "https://stemwire.example/search?q=%22neural+crest%22&kind=paper"
    )


def test_a_query_that_cannot_be_read_is_a_usage_error(edition: CurrentEdition) -> None:
    with pytest.raises(UsageError):
        edition.find("contry:KR", ["plain"])


def test_no_edition_is_no_shelf(tmp_path: Path) -> None:
    with open_current(make_config(tmp_path)) as edition:
        assert edition is None


def test_a_damaged_edition_is_named(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    path = make_edition(config, [Doc(key="plain")])
    path.write_bytes(b"not a database at all" * 300)
    with pytest.raises(PublishError, match=r"site-1\.db"), open_current(config) as edition:
        present(edition).count("organoid")
