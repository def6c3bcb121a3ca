"""Towns that share their name: the state or country behind them decides."""

import pytest

from nlp.entities import Reader


def places(reader: Reader, text: str) -> list[tuple[str, str | None]]:
    mentions = reader.read(document="x", title="", text=text, lang="en").mentions
    return [(m.surface, m.concept) for m in sorted(mentions, key=lambda m: m.start) if m.type == "PLACE"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The clinic in Aberdeen, Idaho, was shut.", [("Aberdeen", None), ("Idaho", "ISO3166-2:US-ID")]),
        ("The clinic in Aberdeen, Scotland, opened.", [("Aberdeen", "city:GB-aberdeen"), ("Scotland", "ISO3166:GB")]),
        ("The clinic in London, Ontario, was shut.", [("London", None), ("Ontario", "ISO3166-2:CA-ON")]),
        ("The clinic in Paris, Tex., was shut.", [("Paris", None), ("Tex.", "ISO3166-2:US-TX")]),
        ("The clinic in Paris in Texas was shut.", [("Paris", None), ("Texas", "ISO3166-2:US-TX")]),
        ("The bank of Tbilisi, Georgia, was shut.", [("Tbilisi", "city:GE-tbilisi"), ("Georgia", "ISO3166:GE")]),
        ("The bank of Atlanta, Georgia, was shut.", [("Atlanta", "city:US-atlanta"), ("Georgia", "ISO3166-2:US-GA")]),
        ("The bank of Athens, Georgia, was shut.", [("Athens", None), ("Georgia", "ISO3166-2:US-GA")]),
        ("A bank in Geelong, Victoria, shut.", [("Geelong", "city:AU-geelong"), ("Victoria", "ISO3166-2:AU-VIC")]),
    ],
)  # fmt: skip
def test_the_land_behind_a_town_decides(reader: Reader, text: str, named: list[tuple[str, str | None]]) -> None:
    assert places(reader, text) == named


def test_the_town_elsewhere_in_the_text_is_the_same_one(reader: Reader) -> None:
    text = "The clinic in Dublin, Ohio, was shut. People of Dublin were glad. Others went to Dublin, Ireland."
    towns = [concept for surface, concept in places(reader, text) if surface == "Dublin"]
    assert towns == [None, "city:IE-dublin", "city:IE-dublin"]  # two lands are named: the one between may be either
    assert [concept for surface, concept in places(reader, text[:70]) if surface == "Dublin"] == [None, None]


def test_a_row_of_places_says_nothing_about_its_first(reader: Reader) -> None:
    assert places(reader, "Doctors from London, Japan and Korea met.")[0] == ("London", "city:GB-london")
    pairs = places(reader, "Clinics in Vienna, Virginia and Moscow, Idaho were shut.")
    assert [concept for surface, concept in pairs if surface in ("Vienna", "Moscow")] == [None, None]


def test_a_town_in_a_row_broken_by_a_stop_is_found(reader: Reader) -> None:
    text = "Units of cord blood left for London, Leeds. Birmingham, Glasgow and Wales got theirs by air."
    assert ("Birmingham", None) in places(reader, text)
