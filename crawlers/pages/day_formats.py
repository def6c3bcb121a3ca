"""How a day is written: numbers, month names in a dozen languages, Korean, Japanese and Chinese signs.

`03/04/2024` is day first unless the page is American or the second number is above 12. Years of two digits
(`24-04-16`, as Korean boards write them) are read only by `parse_short_day`, which is used after a label.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner janvier enero ene gennaio gen janeiro januari stycznia leden ledna ocak января",
            "feb february februar févr février febrero febbraio fevereiro fev februari lutego února şubat февраля",
            "mar march märz mär mars marzo março maart mrt marca března mart марта",
            "apr april avril avr abril abr aprile kwietnia dubna nisan апреля",
            "may mai mayo maggio mag maio mei maj maja května mayıs мая",
            "jun june juni juin junio giugno giu junho czerwca června haziran июня",
            "jul july juli juillet juil julio luglio lug julho lipca července temmuz июля",
            "aug august août aout agosto ago augustus augusti sierpnia srpna ağustos августа",
            "sep sept september septembre septiembre settembre set setembro września září eylül сентября",
            "oct october oktober okt octobre octubre ottobre ott outubro out października října ekim октября",
            "nov november novembre noviembre novembro listopada listopadu kasım ноября",
            "dec december dezember dez décembre déc diciembre dic dicembre dezembro desember grudnia prosince"
            " aralık декабря",
        ),
        start=1,
    )
    for name in names.split()
}
_YEAR = r"(?P<y>19[89]\d|20[0-4]\d)"
_YEAR_FIRST = re.compile(
    rf"(?<!\d){_YEAR}\s?(?P<s>[-./년年])\s?(?P<m>1[0-2]|0?[1-9])\s?(?:(?P=s)|[월月])\s?(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)"
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<y>19[89]\d|20[0-4]\d)(?P<m>1[0-2]|0[1-9])(?P<d>3[01]|[12]\d|0[1-9])(?=\D|\d{4}(?:\d\d)?\b|$)"
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>3[01]|[12]\d|0?[1-9])(?P<s>[./-])\s?(?P<m>3[01]|[12]\d|0?[1-9])(?P=s)\s?(?P<y>19[89]\d|20[0-4]\d)(?!\d)"
)
_DAY_NAME = re.compile(
    rf"(?<!\d)(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|\.|er|º)?(?:\s+(?:de|of))?[\s-]+(?P<n>[^\W\d_]{{3,12}})\.?,?(?:\s+(?:de|del))?[\s-]+{_YEAR}(?!\d)",
    re.IGNORECASE,
)
_NAME_DAY = re.compile(
    rf"(?<!\w)(?P<n>[^\W\d_]{{3,12}})\.?\s+(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d)", re.IGNORECASE
)
_SHORT = re.compile(r"(?<!\d)(?P<y>\d\d)[-./](?P<m>1[0-2]|0[1-9])[-./](?P<d>3[01]|[12]\d|0[1-9])(?!\d)")


def parse_day(raw: str, *, american: bool = False) -> date | None:
    """The first complete date of the first format that matches, or None.

    Formats are tried in order: year first, digits without separators, month name first, day first with a month name,
    day first in numbers.

    >>> parse_day("2025년 6월 19일"), parse_day("Jun 19, 2025"), parse_day("19.06.2025")
    (datetime.date(2025, 6, 19), datetime.date(2025, 6, 19), datetime.date(2025, 6, 19))
    """
    text = raw[:200]
    for pattern in (_YEAR_FIRST, _COMPACT, _NAME_DAY, _DAY_NAME, _DAY_FIRST):
        for match in pattern.finditer(text):
            day = _make_date(match, american)
            if day is not None:
                return day
    return None


def _make_date(match: re.Match[str], american: bool) -> date | None:
    parts = match.groupdict()
    year, number = int(parts["y"]), int(parts["d"])
    if "n" in parts and parts.get("n"):
        month = _MONTHS.get(parts["n"].lower(), 0)
    else:
        month = int(parts["m"])
        if match.re is _DAY_FIRST and (month > 12 or (american and number <= 12 and parts["s"] == "/")):
            month, number = number, month
    if year < 100:
        year += 2000
    try:
        return date(year, month, number)
    except ValueError:
        return None


def parse_short_day(raw: str) -> date | None:
    """A day with a year of two digits, year first: `24-04-16 11:15`."""
    match = _SHORT.search(raw)
    return _make_date(match, american=False) if match else None
