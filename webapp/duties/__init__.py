"""The housekeeper's schedule. A duty that needs its own code has a file in this folder, with a `run`."""

from webapp.duties import alert, base, prune, ring, sample, tally_gaps, watch_workers
from webapp.duties.base import Duty, Thread
from webapp.services.delivery import lookups, receipts, sandbox
from webapp.services.failures import batch_runner
from webapp.services.figures import morning_mail, rollup
from webapp.services.housekeeping import due_times
from webapp.services.messages import fallback

# The default pause is SWEEP_SECONDS.
ALL: tuple[Duty, ...] = (
    Duty("ring", ring.run, Thread.BROKER),
    Duty("end_leases", lookups.end_leases, Thread.DATABASE),  # Of messages that are `sending` past their lease.
    Duty("look_up", lookups.look_up_due, Thread.PROVIDER),  # Attempts whose outcome is unknown.
    Duty("ask_for_receipts", receipts.ask_due, Thread.PROVIDER),  # So that "Delivered" works without a public URL.
    Duty("expire", lookups.expire_due, Thread.DATABASE, rests_while_held=True),  # Messages that waited too long.
    Duty("due_times", due_times.bring_forward, Thread.DATABASE, every=10),  # After the clock ran ahead.
    Duty("fall_back", fallback.fall_back_due, Thread.DATABASE, rests_while_held=True),  # To the next channel.
    Duty(
        "batches", batch_runner.go_on, Thread.DATABASE, every=0.5
    ),  # Acts on many messages, even with their page closed.
    Duty("sandbox_receipts", sandbox.step_due, Thread.DATABASE, every=0.5),
    Duty("prune", prune.run, Thread.DATABASE, every=600),
    Duty("sample", sample.run, Thread.MONITOR, every=sample.SECONDS),
    Duty("alert", alert.run, Thread.ALERT, every=5.0),
    Duty("tally", rollup.recount, Thread.DATABASE, every=30),  # The figures of the last hours.
    Duty("tally_gaps", tally_gaps.run, Thread.DATABASE, every=10),
    Duty("morning_mail", morning_mail.send_due, Thread.ALERT, every=60),  # A mail server may take its time.
)
# The web's duty: workers cannot notice that none of them is left.
OF_WEB: tuple[Duty, ...] = (Duty("watch_workers", watch_workers.run, Thread.WEB, every=5.0),)
base.PAUSES.update({duty.name: duty.every for duty in (*ALL, *OF_WEB)})
