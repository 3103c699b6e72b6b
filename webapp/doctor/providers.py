"""Checks of the way out: credentials, templates, and the address that providers call. Nothing is sent."""

import requests
from flask import current_app
from sqlalchemy import select

from webapp.channels.registry import Channels
from webapp.database import reading
from webapp.doctor.base import Check, fail, ok, unknown, warn
from webapp.extensions import db
from webapp.models import ChannelName, Event, WhatsAppTemplate
from webapp.settings import current

PATIENCE = 4.0  # Seconds


def credentials() -> Check:
    """Whether each real provider knows us: a question that sends nothing."""
    asked = [channel for channel in ChannelName if current().reaches_people(channel)]
    if not asked:
        chosen = ", ".join(f"{channel}: {current().provider(channel)}" for channel in ChannelName)
        return warn("credentials", f"No channel reaches real people ({chosen}).",
                    "Set the credentials of Twilio or a mail server; .env.example names them.")  # fmt: skip
    channels: Channels = current_app.extensions["channels"]
    said = {channel: channels.live[channel].check_credentials() for channel in asked}
    if wrong := {channel: problem for channel, problem in said.items() if problem}:
        told = " ".join(f"{channel}: {problem}" for channel, problem in wrong.items())
        return fail("credentials", told, "Correct the credentials, and restart web and workers.")
    return ok("credentials", f"Accepted for {', '.join(asked)}.")


def whatsapp_templates() -> Check:
    """Whether each event has an approved template: without one a live WhatsApp message fails."""
    if not current().reaches_people(WhatsAppTemplate.channel):
        return ok("whatsapp templates", "WhatsApp is not live, so none is needed.")
    with reading():
        known = set(db.session.scalars(select(WhatsAppTemplate.event).where(WhatsAppTemplate.language == "en")))
    if missing := [str(event) for event in Event if event not in known]:
        return fail("whatsapp templates", f"There is none for {', '.join(missing)}.",
                    "Set each: flask --app wsgi set-whatsapp-template EVENT en CONTENT_SID.")  # fmt: skip
    return ok("whatsapp templates", "Every event has one.")


def callbacks() -> Check:
    """Whether providers can report what became of a message. Without it they are asked, which is slower."""
    base = current().callback_base()
    if not base:
        given = f"PUBLIC_URL is {current().public_url}" if current().public_url else "PUBLIC_URL is not set"
        return warn("callbacks", f"{given}: Twilio gets no address for receipts, and is asked after 1, 10, 60 minutes.",
                    "Set PUBLIC_URL to the https address of this site.")  # fmt: skip
    try:
        answer = requests.get(f"{base}/healthz", timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as failure:
        return unknown("callbacks", f"{base} could not be reached from here ({type(failure).__name__}).",
                       "See that it is reachable from the internet, and that the web process runs.")  # fmt: skip
    if answer.status_code != 200:
        return fail("callbacks", f"{base}/healthz answered {answer.status_code}.", "Let the proxy pass it on.")
    return ok("callbacks", f"{base} answers.")


CHECKS = (credentials, whatsapp_templates, callbacks)
