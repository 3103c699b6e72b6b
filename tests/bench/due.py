"""On an idle system, how long is it from an act through the API to its message's first byte at the provider?

Budget: p95 under 1 s from due (which is when the act commits) to hand-over. One act after another, at uneven distances.
"""

import random
import statistics
import time
from datetime import datetime

from tests.bench import stage
from tests.bench.timing import Table, ms, percentile
from tests.support.house import House
from tests.support.waiting import until

ACTS = 30
WARM_UP = 3
PAUSES = (0.1, 0.5)  # Seconds between acts: the housekeeper's sweeps must not keep step with them.


def main() -> None:
    """Confirm bookings one by one and see when their SMS arrives."""
    stage.end_when_told()
    with stage.folder() as folder, House(folder, **stage.SHIPPED) as house:
        seen = [_act(house, number) for number in range(WARM_UP + ACTS)][WARM_UP:]
    table = Table("From due to hand-over, an idle system", ("from", "acts", "p50", "p95", "worst", "budget"))
    for name, times, budget in (
        ("due", [due for due, _ in seen], "p95 < 1 s"),
        ("the click", [click for _, click in seen], "-"),
    ):
        table.add(name, len(times), ms(statistics.median(times)), ms(percentile(times, 0.95)), ms(max(times)), budget)
    table.show()


def _act(house: House, number: int) -> tuple[float, float]:
    """Seconds from due, and from the click, to the first byte of the request at the provider."""
    time.sleep(random.uniform(*PAUSES))
    reference, phone = f"DUE-{number}", f"+1415666{number:04d}"
    house.book(reference, guest={"name": "Amelia Hart", "phone": phone, "channels": ["sms"]})
    wall, clicked = time.time(), time.monotonic()
    answer = house.confirm(reference)
    assert answer.status == 200, answer
    until(lambda: house.twilio.to(phone), within=20, saying=f"the message of {reference} arrives")
    due_at = datetime.fromisoformat(answer.body["messages"][0]["due_at"]).timestamp()
    handed = house.twilio.to(phone)[0].started - clicked  # Both clocks are this process's own: the fake runs in it.
    return wall + handed - due_at, handed


if __name__ == "__main__":
    main()
