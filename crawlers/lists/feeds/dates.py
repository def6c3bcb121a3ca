"""Dates as feeds write them, or None: a wrong date is worse than none.

Formats, in order: ISO 8601 and its W3C profile; year first with dots, slashes or Korean/Japanese/Chinese units
(`2021년 9월 6일`, `2021.09.06 11:15`); e-mail dates with or without weekday, comma or seconds; day and month by name in
either order (`Jun 19, 2025`, `6 September 2021`). Numbers alone such as 06/09/2021 are ambiguous and not read.

A time with a zone becomes an instant in UTC. A time without a zone, or with an unknown one, keeps only its day. A day
outside 1990 .. fetched + 1 day is not believed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

EARLIEST = date(1990, 1, 1)

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ZONES = {  # hours; only names that feeds use and that mean one thing there
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "cest": 2, "mest": 2,
    "eet": 2, "eest": 3, "msk": 3, "sgt": 8, "hkt": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?"
    r"(?:\s*\(?(?P<zone>(?:gmt|utc)?[+-]\d{1,2}(?::?\d{2})?|[a-z]{1,5})(?:\b[^\d]*)?\)?)?"
)
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_PATTERNS = tuple(
    re.compile(pattern + r"\s*$", re.IGNORECASE | re.ASCII)
    for pattern in (
        # 2021-09-06T11:15:00.123+09:00, 2021-09-06 11:15, 2021/9/6, 2021.09.06., 20210906 (units are hyphens by now)
        rf"^\s*(?P<year>\d{{4}})\s?[-./]\s?(?P<month>\d{{1,2}})\s?[-./]\s?(?P<day>\d{{1,2}})\.?(?:[T\s,]*{_CLOCK})?",
        rf"^\s*(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})(?:T{_CLOCK})?",
        # Mon, 06 Sep 2021 11:15:00 +0900; 6 September 2021; 06-Sep-2021
        rf"^\s*(?:[a-z]+(?:\.|,|\s)+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_NAME}[\s,-]+(?P<year>\d{{4}})"
        rf"(?:[\s,]+(?:at\s+)?{_CLOCK})?",
        # Thu, 07 Dec 17 10:00:00 GMT (RFC 822 before 1989's amendment)
        rf"^\s*(?:[a-z]{{3}}\.?,\s*)(?P<day>\d{{1,2}})\s+{_NAME}\s+(?P<short>\d{{2}})\s+{_CLOCK}",
        # Jun 19, 2025 10:00 AM; Monday, June 19 2025
        rf"^\s*(?:[a-z]+\.?,?\s+)??{_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"
        rf"(?:[\s,]+(?:at\s+)?{_CLOCK})?",
        # Mon Sep 6 11:15:00 KST 2021 (asctime, Java)
        rf"^\s*(?:[a-z]{{3}},?\s+)?{_NAME}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?P<year>\d{{4}})",
    )
)
_UNITS = re.compile(r"\s*[년年]\s*|\s*[월月]\s*")
_DAY_UNIT = re.compile(r"\s*[일日]\s*(?:\([^)]{1,4}\))?\s*")
_HOURS = re.compile(r"(\d{1,2})\s*[시時]\s*(\d{1,2})\s*[분分](?:\s*\d{1,2}\s*[초秒])?")
_HALF = re.compile(r"(오전|오후|午前|午後)\s*(\d{1,2}:\d{2}(?::\d{2})?)")


def parse_date(raw: str | None, fetched: str) -> str | None:
    """`raw` as an instant or a day (see `ListEntry.published`), or None if it cannot be read or believed.

    `fetched` is when the feed was fetched (ISO 8601).
    """
    part = _find_parts(raw)
    day = _plausible_day(part, fetched) if part else None
    if part is None or day is None:
        return None
    moment = _find_instant(day, part)
    if moment is None:
        return day.isoformat()
    if not EARLIEST <= moment.date() <= _latest_day(fetched):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_written_day(raw: str | None, fetched: str) -> str | None:
    """The day as the source wrote it, in its own zone: early morning in Seoul is the evening before in UTC."""
    part = _find_parts(raw)
    day = _plausible_day(part, fetched) if part else None
    return day.isoformat() if day else None


def _find_parts(raw: str | None) -> dict[str, str | None] | None:
    if not raw or len(raw) > 100:
        return None
    text = raw.strip()
    if not text.isascii():
        text = _HOURS.sub(r"\1:\2", text)
        text = _HALF.sub(lambda m: f"{m[2]} {'AM' if m[1] in ('오전', '午前') else 'PM'}", text)
        text = _DAY_UNIT.sub(" ", _UNITS.sub("-", text)).strip() if re.search("[년年]", text) else text
    for pattern in _PATTERNS:
        match = pattern.match(text)
        if match:
            return match.groupdict()
    return None


def _latest_day(fetched: str) -> date:
    return date.fromisoformat(fetched[:10]) + timedelta(days=1)


def _plausible_day(part: dict[str, str | None], fetched: str) -> date | None:
    month = part.get("month") or str(_MONTHS.get((part.get("name") or "").lower(), 0))
    try:
        day = date(_get_year(part), int(month), int(part["day"] or 0))
    except ValueError:
        return None
    return day if EARLIEST <= day <= _latest_day(fetched) else None


def _get_year(part: dict[str, str | None]) -> int:
    short = part.get("short")
    if short is not None:
        return int(short) + (2000 if int(short) < 69 else 1900)  # as e-mail does
    return int(part.get("year") or 0)


def _find_instant(day: date, part: dict[str, str | None]) -> datetime | None:
    offset = _parse_zone(part.get("zone"))
    if part.get("hour") is None or offset is None:
        return None
    hour, minute, second = (int(part.get(key) or 0) for key in ("hour", "minute", "second"))
    half = (part.get("half") or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    midnight = datetime(day.year, day.month, day.day, tzinfo=timezone(offset))
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
        return None
    return (midnight + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))).astimezone(UTC)


def _parse_zone(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone[:3].lower() in ("gmt", "utc") and zone[3:]:
        zone = zone[3:]
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        digits = digits.zfill(2) + "00" if len(digits) < 3 else digits.zfill(4)
        hours, minutes = int(digits[:2]), int(digits[2:])
        if hours > 14 or minutes > 59:
            return None
        return (1 if zone[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes)
    hours_named = _ZONES.get(zone.lower())
    return None if hours_named is None else timedelta(hours=hours_named)
