"""Money: currencies of their own, signs that several countries share, scales after a sum."""

import pytest

from nlp.entities import Reader
from nlp.quantities import find_quantities
from nlp.quantities.money import settle


@pytest.mark.parametrize(
    ("text", "written", "value", "high", "unit"),
    [
        ("It won HK$3.5 billion.", "HK$3.5 billion", 3.5e9, None, "Hong Kong dollars"),
        ("It won US$41 million.", "US$41 million", 41e6, None, "US dollars"),
        ("It won A$5m.", "A$5m", 5e6, None, "Australian dollars"),
        ("A $5 million grant", "$5 million", 5e6, None, "dollars"),
        ("It won $5b.", "$5b", 5e9, None, "dollars"),
        ("It won £1.2bn.", "£1.2bn", 1.2e9, None, "pounds"),
        ("It won EUR10 million.", "EUR10 million", 10e6, None, "euros"),
        ("It won CHF 2.3 million.", "CHF 2.3 million", 2.3e6, None, "Swiss francs"),
        ("It won 3 million USD.", "3 million USD", 3e6, None, "US dollars"),
        ("It won Rs 50 crore.", "Rs 50 crore", 5e8, None, "rupees"),
        ("It won ₹20 lakh.", "₹20 lakh", 2e6, None, "Indian rupees"),
        ("It won 5 million Canadian dollars.", "5 million Canadian dollars", 5e6, None, "Canadian dollars"),
        ("It costs between $4 and $8 million.", "$4 and $8 million", 4e6, 8e6, "dollars"),
        ("It costs $4,000-$8,000.", "$4,000-$8,000", 4e3, 8e3, "dollars"),
    ],
)
def test_a_currency_is_read_by_its_sign_code_or_words(
    text: str, written: str, value: float, high: float | None, unit: str
) -> None:
    (found,) = find_quantities(text, "en")
    assert (text[found.start : found.end], found.value, found.high, found.unit) == (written, value, high, unit)


@pytest.mark.parametrize("text", ["Oct4 cells", "cas9 and abc5 genes", "the Inr2 gene"])
def test_three_letters_before_a_digit_are_no_code(text: str) -> None:
    assert not list(find_quantities(text, "en"))


@pytest.mark.parametrize(
    ("unit", "countries", "settled"),
    [
        ("dollars", (), "US dollars"),
        ("dollars", ("KR",), "US dollars"),
        ("dollars", ("AU", "KR"), "Australian dollars"),
        ("dollars", ("AU", "US"), "dollars"),
        ("yen or yuan", ("CN",), "yuan"),
        ("rupees", ("IN",), "Indian rupees"),
        ("US dollars", ("AU",), "US dollars"),
        ("mg", ("AU",), "mg"),
    ],
)
def test_a_shared_sign_is_what_the_countries_leave(unit: str, countries: tuple[str, ...], settled: str) -> None:
    assert settle(unit, countries) == settled


def test_a_sign_of_money_is_no_country(reader: Reader) -> None:
    text = "The US gave US$5 million and the bank in Hong Kong HK$6 million to the trial."
    mentions = reader.read(document="x", title="", text=text, lang="en").mentions
    assert [(m.surface, m.start) for m in mentions if m.type == "PLACE"] == [("US", 4), ("Hong Kong", 41)]
