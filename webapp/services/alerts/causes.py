"""What is worth waking somebody for: the causes as data. How each is found is in `finders`."""

from dataclasses import dataclass

from webapp import words


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One kind of trouble. `{}` in its title is the subject: which channel or duty."""

    title: str
    over: str
    advice: str
    page: str = "/queue"
    # Seconds that it must be seen at every look before it is told, and be gone at every look before it is over.
    holds: float
    calm: float
    for_staff: bool = False  # Worth a banner on every page: guests wait for it.


CAUSES: dict[str, Cause] = {
    # It is exact, and ends by a person's act alone.
    "older_database": Cause(
        title="An older database was put back", over="Messages go out again after an older database was put back",
        advice="Look at what may go out twice, then go on.", page="/queue/restored", holds=0, calm=0,
    ),
    # It is long in coming by itself; a worker that dies again and again within a minute ends no alert.
    "no_worker": Cause(
        title="No worker is running", over="A worker is running again",
        advice="Start one: python celery_worker.py, or its service. Nothing is lost; what waits goes out then.",
        holds=0, calm=20,
    ),
    # A worker that has just started finds what waited meanwhile, and needs a moment to send it.
    "oldest_waiting": Cause(
        title="Messages wait too long", over="Messages go out in time again",
        advice="See whether a channel is paused, and whether the workers have free slots.",
        holds=20, calm=30, for_staff=True,
    ),
    # The share moves with every message; five quiet minutes are a trend.
    "failed_share": Cause(
        title="Many messages fail", over="Messages arrive again",
        advice="See the failures by their reason, mend the cause, then retry them.",
        page="/messages?status=failed", holds=20, calm=300, for_staff=True,
    ),
    # The breaker closes a channel for 5 s at first: a blip that its own probe mends wakes nobody.
    "channel_paused": Cause(
        title="{} is paused", over="{} is open again",
        advice="Mend the cause; a channel that was paused by hand must be resumed by hand.",
        holds=15, calm=30,
    ),
    "redis_away": Cause(
        title="Redis takes no bells", over="Redis takes bells again",
        advice="Confirming works, and nothing is lost; messages go out once it is back. Check that it runs.",
        holds=60, calm=30,
    ),
    "redis_memory": Cause(
        title="Redis is nearly full", over="Redis has room again",
        advice="Raise maxmemory, or see what else lives in this Redis.",
        holds=20, calm=60,
    ),
    "redis_disk": Cause(
        title="Redis cannot write to its disk", over="Redis writes to its disk again",
        advice="See to the disk of the machine that Redis runs on: it is full, or broken.",
        holds=20, calm=30,
    ),
    "duty_late": Cause(
        title="Housekeeping stands still: {}", over="Housekeeping goes on: {}",
        advice="See the log of the worker that holds this duty; restarting the workers is safe at any time.",
        page="/queue/doctor", holds=10, calm=30,
    ),
}  # fmt: skip


def title(cause: str, subject: str, *, is_over: bool = False) -> str:
    """What an alert is called."""
    known = CAUSES[cause]
    name = words.CHANNEL[subject].label if subject in words.CHANNEL else subject.replace("_", " ")
    return (known.over if is_over else known.title).format(name)
