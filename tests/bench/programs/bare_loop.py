"""A program that only calls the client, at a given concurrency: what a worker without a database could reach.

Its settings come from the environment, its arguments are `COUNT THREADS PHONES`; it prints when it began and ended.
"""

import json
import secrets
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from webapp.channels.base import Accepted, Outcome, Outgoing
from webapp.channels.twilio import TwilioChannel
from webapp.models import ChannelName, Event
from webapp.settings import Settings


def main(count: int, threads: int, phones: str) -> None:
    """Send; each thread has sent one before the clock starts, as a worker's has."""
    channel = TwilioChannel(Settings(_env_file=None), ChannelName.SMS)

    def send(number: int) -> Outcome:
        return channel.send(an_sms(number, phones), lambda: None)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(threads * 2)))
        began = time.monotonic()
        outcomes = list(pool.map(send, range(count)))
        ended = time.monotonic()
    sent = sum(isinstance(outcome, Accepted) for outcome in outcomes)
    print(json.dumps({"began": began, "ended": ended, "sent": sent}))


def an_sms(number: int, phones: str) -> Outgoing:
    """A message as a worker would hand it over."""
    return Outgoing(
        message_id=number, channel=ChannelName.SMS, event=Event.BOOKING_CONFIRMED, token=secrets.token_hex(16),
        to=f"{phones}{number:07d}", reference=f"BENCH-{number}", body=f"Your booking BENCH-{number} is confirmed.",
        subject="", html="", content_sid="", content_variables={}, mail_id="", callback_url="",
        started_at=datetime.now(UTC), expires_in=3600,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
