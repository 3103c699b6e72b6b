"""How long does ringing the bell take, and what does a broker that is away cost the click?

Budget: median under 2 ms; with Redis frozen or stopped the first ring loses at most 0.3 s, the next none; a bell is at
most 1 KB of Redis.
"""

import statistics
import time
from collections.abc import Callable

from tests.bench import stage
from tests.bench.timing import Table, ms, percentile
from tests.support.servers import Valkey
from webapp.celery_app import QUEUE
from webapp.services.messages import bell

WARM_UP, RINGS = 50, 2000
REPEATS = 5
Pair = tuple[float, float]


def main() -> None:
    """Ring a broker that is up, then one that is frozen, then one that is stopped."""
    stage.end_when_told()
    with stage.folder() as folder, Valkey(folder) as valkey, stage.app(stage.as_shipped(folder, redis_url=valkey.url)):
        up = [_timed() for _ in range(WARM_UP + RINGS)][WARM_UP:]
        size = valkey.call("MEMORY", "USAGE", QUEUE, "SAMPLES", 0) / valkey.call("LLEN", QUEUE)
        frozen = [_away(valkey, valkey.freeze, valkey.thaw) for _ in range(REPEATS)]
        stopped = [_away(valkey, valkey.kill, valkey.start) for _ in range(REPEATS)]
    table = Table("Ringing the bell", ("broker", "rings", "p50", "p95", "worst", "budget"))
    table.add("up", RINGS, ms(statistics.median(up)), ms(percentile(up, 0.95)), ms(max(up)), "p50 < 2 ms")
    for name, pairs in (("frozen", frozen), ("stopped", stopped)):
        first, following = zip(*pairs, strict=True)
        for word, times, budget in (("first", first, "≤ 300 ms"), ("next", following, "none")):
            shown = (ms(statistics.median(times)), ms(percentile(times, 0.95)), ms(max(times)))
            table.add(f"{name}, the {word} ring", len(times), *shown, budget)
    table.show()
    print(f"\nA bell takes {size:.0f} bytes of Redis (budget: ≤ 1024).")


def _timed() -> float:
    began = time.perf_counter()
    bell.ring(1)
    return time.perf_counter() - began


def _away(valkey: Valkey, leave: Callable[[], object], come_back: Callable[[], object]) -> Pair:
    """The first and the next ring while the broker is away."""
    bell.breaker.reset()
    assert bell.ring(1) == 1, "the broker is up, but the bell was not rung"
    leave()
    try:
        return _timed(), _timed()
    finally:
        come_back()


if __name__ == "__main__":
    main()
