"""The fake Twilio as a program: its settings on the first line, then again and again how many messages came."""

import json
import time

from tests.support.twilio.fake_twilio import FakeTwilio
from tests.support.twilio.faults import Fault, slow
from tests.support.twilio.twilio_store import Arrival

QUICK, SLOW = "+1202", "+1303"  # Numbers that begin so are answered at once, or after DELAY.
DELAY = 0.05
COUNTS_EVERY = 0.2


def main() -> None:
    """Serve until killed."""
    arrived = 0

    def answer(arrival: Arrival) -> Fault | None:
        nonlocal arrived
        arrived += 1
        return slow(DELAY) if arrival.to.startswith(SLOW) else None

    with FakeTwilio() as twilio:
        twilio.rule(answer)
        print(json.dumps(twilio.settings), flush=True)
        while True:
            print(arrived, flush=True)
            time.sleep(COUNTS_EVERY)


if __name__ == "__main__":
    main()
