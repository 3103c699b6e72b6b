"""Send managers yesterday's figures: beside the alerts, since a mail server may take its time."""

from webapp.duties.base import Duty, Thread
from webapp.services.figures import morning_mail

DUTY = Duty("morning_mail", morning_mail.send_due, Thread.ALERT, every=60)
