"""The slow figures of the queue page: background jobs, log lines, returned mail, and whether workers are enough."""

from dataclasses import dataclass

from webapp.database import reading
from webapp.monitor import duty_rows, log_lines, queue
from webapp.monitor.duty_rows import DutyView
from webapp.monitor.log_lines import Line
from webapp.monitor.shared import Shared
from webapp.services.delivery import returned_mail
from webapp.services.housekeeping import capacity
from webapp.services.housekeeping.capacity import Advice

LINES_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class House:
    """All of them."""

    duties: tuple[DutyView, ...]
    lines: tuple[Line, ...]
    advice: Advice
    returned_mail: int  # Mails that wait to be read.


def _read() -> House:
    view = queue.queue_view()
    alive = sum(worker.alive for worker in view.workers)
    with reading():
        mails = returned_mail.waiting()
    return House(
        duties=duty_rows.read(),
        lines=log_lines.newest(LINES_SHOWN),
        advice=capacity.advice(capacity.week(), workers=alive, slots=view.slots),
        returned_mail=mails,
    )


_shared = Shared(_read, seconds=3.0)
read, forget = _shared.get, _shared.forget
