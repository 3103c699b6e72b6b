"""The causes of alerts, as data. How each is found is in `finders`."""

from dataclasses import dataclass

from webapp import words
from webapp.i18n import N_, gettext


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One kind of trouble. `%(subject)s` in its titles is a channel or a background job."""

    title: str
    over: str
    advice: str
    page: str = "/queue"
    # Seconds: it must be seen at every look for `holds` before it is told, and be gone for `calm` before it is over.
    holds: float
    calm: float
    for_staff: bool = False  # Guests wait for it: worth a banner on every page.


CAUSES: dict[str, Cause] = {
    # It is exact, and only a person's act ends it.
    "older_database": Cause(
        title=N_("An older database was put back"),
        over=N_("Messages go out again after an older database was put back"),
        advice=N_("Look at what may go out twice, then go on."), page="/queue/restored", holds=0, calm=0,
    ),
    # A worker that dies again and again within a minute ends no alert.
    "no_worker": Cause(
        title=N_("No worker is running"), over=N_("A worker is running again"),
        advice=N_("Start one: python celery_worker.py, or its service. Nothing is lost; what waits goes out then."),
        holds=0, calm=20,
    ),
    # A worker that has just started finds what waited meanwhile, and needs a moment to send it.
    "oldest_waiting": Cause(
        title=N_("Messages wait too long"), over=N_("Messages go out in time again"),
        advice=N_("See whether a channel is paused, and whether the workers have free slots."),
        holds=20, calm=30, for_staff=True,
    ),
    # The number moves with every message; five quiet minutes are a trend.
    "failed_share": Cause(
        title=N_("Several guests cannot be reached"), over=N_("Guests are reached again"),
        advice=N_("Open Failures, fix the cause, then retry."),
        page="/messages?status=not_reached", holds=20, calm=300, for_staff=True,
    ),
    # The breaker closes a channel for 5 s at first: its own probe may mend a blip, which wakes nobody.
    "channel_paused": Cause(
        title=N_("%(subject)s is paused"), over=N_("%(subject)s is open again"),
        advice=N_("Fix the cause. A channel that was paused by hand must be resumed by hand."),
        holds=15, calm=30,
    ),
    "redis_away": Cause(
        title=N_("Redis is not accepting work"), over=N_("Redis accepts work again"),
        advice=N_("Confirming works, and nothing is lost; messages go out once Redis is back. Check that it runs."),
        holds=60, calm=30,
    ),
    "redis_memory": Cause(
        title=N_("Redis is nearly full"), over=N_("Redis has room again"),
        advice=N_("Raise maxmemory, or see what else is kept in this Redis."),
        holds=20, calm=60,
    ),
    "redis_disk": Cause(
        title=N_("Redis cannot write to its disk"), over=N_("Redis writes to its disk again"),
        advice=N_("Check the disk of the machine that Redis runs on: it is full, or broken."),
        holds=20, calm=30,
    ),
    "duty_late": Cause(
        title=N_("Background job stands still: %(subject)s"), over=N_("Background job goes on: %(subject)s"),
        advice=N_("See the log of the worker that runs this job; restarting the workers is safe at any time."),
        page="/queue/doctor", holds=10, calm=30,
    ),
}  # fmt: skip


def title(cause: str, subject: str, *, is_over: bool = False) -> str:
    """Returns what an alert is called, in the language of the reader."""
    known = CAUSES[cause]
    name = words.CHANNEL[subject].label if subject in words.CHANNEL else subject.replace("_", " ")
    return gettext(known.over if is_over else known.title, subject=name)
