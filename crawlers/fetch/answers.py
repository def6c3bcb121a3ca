"""What each answer means: one `Outcome` for the spider, and one `Answer` for the parent, which stores it.

In order: for a status 304, the body that we hold, unless the request had no validator; for a 2xx, a new capture unless
its bytes are known; for everything else, a reason in words. Secrets that a request carried are removed from whatever
comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

import zstandard
from scrapy import Request
from scrapy.http import Response

from core import clock
from core.config import ApiRule, Crawl
from core.records import Capture, Visit
from core.text import fingerprint
from crawlers.fetch.api_requests import conceal_secrets
from crawlers.fetch.history import History
from crawlers.fetch.messages import Answer, Message
from crawlers.fetch.outcomes import (
    Outcome,
    is_part,
    next_page,
    outcome_of,
    outcome_of_error,
    reason_of,
    reason_of_error,
)
from crawlers.fetch.wanted import RequestMeta
from crawlers.lists.apis import describe_start
from crawlers.lists.apis.interface import find_api
from crawlers.lists.model import Rule


class AnswerRecorder:
    """Decides what each answer means and reports it. Reads the stores and writes to none."""

    def __init__(
        self,
        *,
        run: str,
        crawl: Crawl,
        history: History,
        now: Callable[[], datetime],
        send: Callable[[Message], None],
    ) -> None:
        self.run, self.crawl, self.history, self.now, self.send = run, crawl, history, now, send

    def record_response(self, response: Response) -> Outcome | None:
        """How a request ended. None: a 304 that we did not ask for; ask again without validators."""
        meta: RequestMeta = response.meta
        rule = meta["wanted"].rule
        headers = {
            name.decode("latin-1").lower(): conceal_secrets(b", ".join(values).decode("latin-1"), rule)
            for name, values in response.headers.items()
        }
        outcome = Outcome(
            outcome="failed" if is_part(response.status, headers.get("content-range")) else outcome_of(response.status),
            status=response.status,
            content_type=headers.get("content-type"),
            final_url=conceal_secrets(response.url, rule),
            at=clock.stamp(self.now()),
        )
        etag, modified, new = headers.get("etag"), headers.get("last-modified"), None
        if outcome.outcome == "unchanged":
            unchanged = self._take_stored_body(meta, outcome)
            if unchanged is None:
                return None
            outcome = unchanged
            if meta["known"] is not None:
                etag, modified = etag or meta["known"].etag, modified or meta["known"].modified
        elif outcome.outcome == "fetched":
            new = self._make_capture(meta, response, headers, outcome.at)
            is_known = meta["known"] is not None and meta["known"].capture == new.id
            outcome = replace(
                outcome, outcome="unchanged" if is_known else "fetched", capture=new.id, body=response.body
            )
            new = None if self.history.has_capture(new.id) else new
        elif meta["role"] == "robots" and 400 <= response.status < 500 and response.status != 429:
            outcome = replace(outcome, outcome="fetched", reason=f"{reason_of(response.status)}: no rules")
        else:
            outcome = replace(outcome, reason=self._explain_failure(response, headers, rule))
        is_stored = outcome.capture is not None
        self._report(meta, outcome, new, etag=etag if is_stored else None, modified=modified if is_stored else None)
        return outcome

    def record_error(self, request: Request, error: BaseException) -> Outcome:
        """A request got no answer: how it ended, and why."""
        meta: RequestMeta = request.meta
        limit = meta.get("download_maxsize", self.crawl.max_size)
        reason = reason_of_error(error, timeout=self.crawl.timeout, max_size=limit)
        outcome = Outcome(
            outcome=outcome_of_error(error),
            status=None,
            reason=conceal_secrets(reason, meta["wanted"].rule),
            at=clock.stamp(self.now()),
        )
        self._report(meta, outcome, None, etag=None, modified=None)
        return outcome

    def _take_stored_body(self, meta: RequestMeta, outcome: Outcome) -> Outcome | None:
        """A 304 with the body that we hold; failed when even a request without validators got one."""
        known = meta["known"]
        has_validator = known is not None and (known.etag or known.modified)
        stored = self.history.find_body(known.capture) if known is not None and has_validator else None
        if stored is not None:
            return replace(
                outcome, capture=stored.capture, body=stored.body, content_type=stored.content_type,
                final_url=stored.final_url,
            )  # fmt: skip
        if not meta["fresh"]:
            return None
        return replace(outcome, outcome="failed", reason="304 Not Modified, although the request had no validator")

    def _explain_failure(self, response: Response, headers: dict[str, str], rule: Rule | None) -> str:
        reason = reason_of(response.status, headers.get("location"))
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            return f"{reason}: {len(response.body)} bytes came, {headers.get('content-range', 'without a range')}"
        if isinstance(rule, ApiRule) and response.body:  # interfaces explain their errors in the body
            return conceal_secrets(f"{reason}: {describe_start(response.body)}", rule)
        return reason

    def _make_capture(self, meta: RequestMeta, response: Response, headers: dict[str, str], at: str) -> Capture:
        body, asked, role, rule = response.body, meta["asked"], meta["role"], meta["wanted"].rule
        sha256 = hashlib.sha256(body).hexdigest()
        stable = find_api(rule.api).stable(asked) if isinstance(rule, ApiRule) else asked
        return Capture(
            id=fingerprint("" if role == "robots" else meta["source"], stable, sha256), source=meta["source"],
            url=asked, final_url=conceal_secrets(response.url, rule), role=role, status=response.status,
            headers=headers, body=zstandard.ZstdCompressor(level=9).compress(body), sha256=sha256, size=len(body),
            fetched=at,
        )  # fmt: skip

    def _report(
        self, meta: RequestMeta, outcome: Outcome, new: Capture | None, *, etag: str | None, modified: str | None
    ) -> None:
        wanted, began = meta["wanted"], meta["began"]
        visit = Visit(
            run=self.run, source=meta["source"], url=meta["asked"], role=meta["role"], at=outcome.at,
            outcome=outcome.outcome, status=outcome.status, capture=outcome.capture, entry=wanted.entry,
            etag=etag, modified=modified, retry_after=meta.get("retry_after"), reason=outcome.reason,
            seconds=round(clock.seconds() - began, 3) if began else 0.0,
        )  # fmt: skip
        page = None
        if wanted.entry is not None and outcome.outcome != "held":
            page = next_page(
                wanted.page, entry=wanted.entry, url=meta["asked"], outcome=outcome.outcome, status=outcome.status,
                capture=outcome.capture, at=outcome.at, gone_nights=self.crawl.gone_nights,
            )  # fmt: skip
        self.send(Answer(visit=visit, capture=new, page=page))
