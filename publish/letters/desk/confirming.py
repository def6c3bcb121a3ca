"""Sends the message that asks whether letters are wanted, and has a first letter made; both after the answer.

A message that was put off is tried again after WAITS. A first letter is tried for about an hour, while a night runs or
the mail server puts it off; then the next night sends it. Logs say how it ended, never to whom.
"""

from __future__ import annotations

import threading

from core import clock, log
from core.config import Config
from core.errors import StemwireError
from publish.letters.channels import Receipt, find_channel, settings_of
from publish.letters.desk.worker import Job, Worker
from publish.letters.outbox import send_first
from publish.letters.sending import hide_address

WAITS = (60.0, 300.0, 900.0)  # seconds before a confirmation is tried again
AGAIN = (2.0, 10.0, 30.0, *[60.0] * 60)  # seconds before a first letter is tried again
PATIENCE = 2.0  # seconds that the page waits to learn whether the letter can be made now


def send_confirmation(
    config: Config, channel: str, address: str, name: str, words: str, link: str, ident: str
) -> Job:  # fmt: skip
    """The job that sends one message. `name`: what it is called; `words`: what will be followed."""
    waits = iter(WAITS)

    def job() -> float | None:
        try:
            receipt = _deliver(config, channel, address, name, words, link, ident)
        except StemwireError as error:
            reason = hide_address(address, str(error))
            log.get_log(__name__).error("confirmation_failed", channel=channel, reason=reason)
            return None
        again = next(waits, None) if receipt.state in ("deferred", "unreachable") else None
        if receipt.state != "sent":
            log.get_log(__name__).warning("confirmation_not_sent", channel=channel, state=receipt.state, again=again)
        return again

    return job


def _deliver(
    config: Config, channel: str, address: str, name: str, words: str, link: str, ident: str
) -> Receipt:  # fmt: skip
    found, settings = find_channel(channel), settings_of(config, channel)
    message = found.render_confirmation(
        config.site.name, config.site.url, name, words, link,
        ident=ident, to=address, settings=settings, moment=clock.now(),
    )  # fmt: skip
    return found.deliver(message, settings, to=address, secret="", claim=lambda: True)


def begin_letters(config: Config, worker: Worker, subscriber: int) -> bool:
    """Have the letter made that sets up what a person has begun to follow. False: it has to wait."""
    tried, waits = threading.Event(), iter(AGAIN)
    made: list[bool] = []

    def job() -> float | None:
        try:
            made.append(send_first(config, subscriber))
        finally:
            tried.set()
        return None if made[-1] else next(waits, None)

    worker.add(job)
    ended = tried.wait(PATIENCE)
    return not ended or made[:1] == [True]
