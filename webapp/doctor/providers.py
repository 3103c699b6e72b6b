"""Checks of the providers: credentials, templates, and the address that they call. Nothing is sent."""

import requests
from flask import current_app
from sqlalchemy import select

from webapp.channels.registry import Channels
from webapp.database import reading
from webapp.doctor.base import Check, fail, ok, unknown, warn
from webapp.extensions import db
from webapp.i18n import gettext as _
from webapp.models import ChannelName, Event, WhatsAppTemplate
from webapp.settings import current

PATIENCE = 4.0  # Seconds


def credentials() -> Check:
    """Each real provider accepts our credentials, by a question that sends nothing."""
    asked = [channel for channel in ChannelName if current().reaches_people(channel)]
    if not asked:
        chosen = ", ".join(f"{channel}: {current().provider(channel)}" for channel in ChannelName)
        return warn("credentials", _("No channel reaches real people (%(providers)s).", providers=chosen),
                    _("Set the credentials of Twilio or a mail server; .env.example names them."))  # fmt: skip
    channels: Channels = current_app.extensions["channels"]
    answers = {channel: channels.live[channel].check_credentials() for channel in asked}
    if problems := " ".join(f"{channel}: {problem}" for channel, problem in answers.items() if problem):
        return fail("credentials", problems, _("Correct the credentials, and restart web and workers."))
    return ok("credentials", _("Accepted for %(channels)s.", channels=", ".join(asked)))


def whatsapp_templates() -> Check:
    """Each event has an approved template; without one a WhatsApp message fails."""
    if not current().reaches_people(WhatsAppTemplate.channel):
        return ok("whatsapp templates", _("WhatsApp is not live and needs no templates."))
    with reading():
        known = set(db.session.scalars(select(WhatsAppTemplate.event).where(WhatsAppTemplate.language == "en")))
    if missing := [str(event) for event in Event if event not in known]:
        return fail("whatsapp templates", _("There is no template for %(events)s.", events=", ".join(missing)),
                    _("Set each: flask --app wsgi set-whatsapp-template EVENT en CONTENT_SID."))  # fmt: skip
    return ok("whatsapp templates", _("Every event has a template."))


def callbacks() -> Check:
    """Providers can report what became of a message. Otherwise they are asked, which is slower."""
    base = current().callback_base()
    if not base:
        evidence = _("PUBLIC_URL is “%(url)s”, so Twilio gets no address for receipts, and is asked after 1, 10 and 60 "
                     "minutes.", url=current().public_url)  # fmt: skip
        return warn("callbacks", evidence, _("Set PUBLIC_URL to the https address of this site."))
    try:
        answer = requests.get(f"{base}/healthz", timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        reason = type(error).__name__
        return unknown("callbacks", _("%(url)s could not be reached from here (%(reason)s).", url=base, reason=reason),
                       _("Check that the internet reaches it, and that the web process runs."))  # fmt: skip
    if answer.status_code != 200:
        evidence = _("%(url)s/healthz answered %(status)s.", url=base, status=answer.status_code)
        return fail("callbacks", evidence, _("Let the proxy pass it on."))
    return ok("callbacks", _("%(url)s answers.", url=base))


CHECKS = (credentials, whatsapp_templates, callbacks)
