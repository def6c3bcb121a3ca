"""What an answer, or its absence, means: pure decisions over statuses, errors and what we held before.

- 2xx is *fetched*, or *unchanged* when the bytes are those we hold; a 206 with less than the whole is *failed*. 304 is
  *unchanged* if the request had a validator and we hold the body; otherwise the answer is wrong, and the request is
  made once more without validators.
- 410 is *gone*: a page counts as gone after `gone_nights` nights in a row of it. A page that is gone comes back only
  with a body. No answer at all neither counts nor resets.
- Everything else is *failed*, *refused* (by robots.txt or a guard) or *held* (the host asked us to wait), with the
  reason in words. A page that we hold stays held through failures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from http import HTTPStatus

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

from core.records import Page
from crawlers.fetch.guards import Refused
from crawlers.fetch.politeness import HostOnHold
from crawlers.fetch.robots import Disallowed

GOOD = range(200, 300)
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})$")
_WRAPPED = re.compile(r"Failure (?:\w+\.)*(\w+): (.*?)>(?=[],]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a request ended. `body` is given for lists and robots.txt (from our own store when unchanged)."""

    outcome: str
    status: int | None
    reason: str | None = None
    capture: str | None = None
    body: bytes | None = None
    content_type: str | None = None
    final_url: str = ""
    at: str = ""


def outcome_of(status: int) -> str:
    """fetched, unchanged, gone or failed. The caller decides whether to believe a 304."""
    if status in GOOD:
        return "fetched"
    return {304: "unchanged", 410: "gone"}.get(status, "failed")


def is_part(status: int, content_range: str | None) -> bool:
    """Whether a 206 lacks something of the whole: we never ask for a part, and take none for the whole."""
    if status != HTTPStatus.PARTIAL_CONTENT:
        return False
    found = _RANGE.match(content_range or "")
    return found is None or int(found[1]) != 0 or int(found[2]) + 1 != int(found[3])


def reason_of(status: int, location: str | None = None) -> str:
    """`404 Not Found`; a redirect that was not followed names its target."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    return f"{status} {phrase}" + (f", to {location[:200]}" if location and 300 <= status < 400 else "")


def outcome_of_error(error: BaseException) -> str:
    if isinstance(error, HostOnHold):
        return "held"
    return "refused" if isinstance(error, Disallowed | Refused) else "failed"


def reason_of_error(error: BaseException, *, timeout: float, max_size: int) -> str:
    """One line for operators."""
    match error:
        case DownloadTimeoutError():
            return f"no answer within {timeout:g} s"
        case CannotResolveHostError():
            return "the host's name cannot be resolved"
        case DownloadConnectionRefusedError():
            return "the connection was refused"
        case ResponseDataLossError():
            return "the answer was cut off"
        case DownloadCancelledError():
            return f"the answer is larger than {max_size} bytes"
    if "exceeded DOWNLOAD_MAXSIZE" in str(error):
        return f"the answer is larger than {max_size} bytes when unpacked"
    text = " ".join(str(error).split())
    if "certificate verify failed" in text:
        return "the host's certificate cannot be trusted (expired, self-signed, or another host's)"
    inner = [f"{name}: {what}" for name, what in _WRAPPED.findall(text)]  # Twisted's errors hold others as reprs
    return ("; ".join(inner) or text)[:300] or type(error).__name__


def next_page(
    before: Page | None, *, entry: str, url: str, outcome: str, status: int | None, capture: str | None, at: str,
    gone_nights: int,
) -> Page:  # fmt: skip
    """The state of an entry's page after a visit."""
    page = before or Page(
        entry=entry, url=url, capture=None, fetched=None, first_visit=at, last_visit=at, state="failed", gone_nights=0
    )
    page = replace(page, url=url, last_visit=at)
    if outcome in ("fetched", "unchanged"):
        fetched = page.fetched if page.capture == capture else at
        return replace(page, capture=capture, fetched=fetched or at, state="held", gone_nights=0)
    if page.state == "gone":
        return page
    if outcome == "gone":
        nights = page.gone_nights + 1
        return replace(page, gone_nights=nights, state="gone" if nights >= gone_nights else page.state)
    return page if status is None else replace(page, gone_nights=0)
