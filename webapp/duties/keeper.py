"""The work of one of the housekeeper's threads: hold leases, run due duties, report."""

from collections.abc import Sequence

import structlog

from webapp import clock
from webapp.duties.base import Duty
from webapp.services.housekeeping import leases
from webapp.services.restores import guard
from webapp.settings import current

RENEW_SECONDS = leases.LEASE_SECONDS / 3
log = structlog.get_logger(__name__)


class Keeper:
    """Runs the duties of one thread whose leases it holds. Not shared between threads."""

    def __init__(self, duties: Sequence[Duty], holder: str) -> None:
        self._duties = {duty.name: duty for duty in duties}
        self._holder = holder
        self._held: list[str] = []
        self._held_until = self._renew_at = 0.0
        self._ran: dict[str, float] = {}
        self._to_report: dict[str, str] = {}

    def turn(self) -> None:
        """Run each due duty that we hold. A duty's error is reported, an error of the leases is raised."""
        if clock.monotonic() >= self._renew_at:
            self._renew()
        for name in self._held:
            if self._is_due(self._duties[name]):
                self._run(self._duties[name])

    def _renew(self) -> None:
        begun = clock.monotonic()
        if self._to_report:
            leases.report(self._to_report, self._holder)
            self._to_report.clear()
        self._held = leases.hold(list(self._duties), self._holder)
        self._held_until, self._renew_at = begun + leases.LEASE_SECONDS, begun + RENEW_SECONDS

    def _is_due(self, duty: Duty) -> bool:
        every = current().sweep_seconds if duty.every is None else duty.every
        now = clock.monotonic()
        # Two holders of one duty do no harm, but an expired lease is not used.
        return now < self._held_until and now - self._ran.get(duty.name, -every) >= every

    def _run(self, duty: Duty) -> None:
        self._ran[duty.name] = clock.monotonic()
        try:
            if not (duty.rests_while_held and guard.is_held()):
                duty.run()
            self._to_report[duty.name] = ""
        except Exception as error:
            log.exception("A duty failed; it is tried again at its next turn.", duty=duty.name)
            self._to_report[duty.name] = f"{type(error).__name__}: {error}"
