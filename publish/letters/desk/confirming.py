"""Sends the message that asks whether letters are wanted, after the answer.

A message that was put off is tried again after WAITS. Logs say how it ended, never to whom.
"""

from __future__ import annotations

from core import clock, log
from core.config import Config
from core.errors import StemwireError
from publish.letters.channels import Receipt, find_channel, settings_of
from publish.letters.desk.worker import Job

WAITS = (60.0, 300.0, 900.0)  # seconds before a confirmation is tried again


def send_confirmation(
    config: Config, channel: str, address: str, name: str, words: str, link: str, ident: str
) -> Job:  # fmt: skip
    """The job that sends one message. `name`: what it is called; `words`: what will be followed."""
    waits = iter(WAITS)

    def job() -> float | None:
        try:
            receipt = _deliver(config, channel, address, name, words, link, ident)
        except StemwireError as error:
            log.get_log(__name__).error("confirmation_failed", channel=channel, error=type(error).__name__)
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
