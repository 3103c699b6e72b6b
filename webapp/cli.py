"""The commands of `flask --app wsgi`. They run in any state that they can report."""

import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from webapp import doctor, startup
from webapp.errors import BellhopError
from webapp.extensions import db
from webapp.models import ChannelName, Event, MessageStatus, Role
from webapp.services.accounts import api_keys, demo, sign_in
from webapp.services.audit import BELLHOP, Actor
from webapp.services.business import change
from webapp.services.business.fields import GROUPS
from webapp.services.messages import channel_order, test_message
from webapp.services.texts import whatsapp_templates

PATIENCE_SECONDS = 60
DONE = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.FAILED, MessageStatus.SKIPPED)
OPERATOR = Actor("The command line")


def _password() -> str:
    return sys.stdin.readline().rstrip("\n")


@click.command("create-user")
@click.argument("email")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--name", required=True)
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def create_user(email: str, role: str, name: str, password_stdin: bool) -> None:  # noqa: ARG001
    """Add a member of staff; a known e-mail exits 1."""
    sign_in.add(email, name=name, role=Role(role), password=_password())
    click.echo(f"{email} may sign in as {role.replace('_', ' ')}.")


@click.command("set-password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def set_password(email: str, password_stdin: bool) -> None:  # noqa: ARG001
    """Set a password, and end all sessions of its owner."""
    sign_in.set_password(email, _password())
    click.echo(f"The password of {email} is set; all sessions of theirs have ended.")


@click.command("create-api-key")
@click.argument("name")
def create_api_key(name: str) -> None:
    """Print a new API key, alone, on standard output. It cannot be shown again."""
    click.echo(api_keys.create(name, by=OPERATOR))


@click.command("set-whatsapp-template")
@click.argument("event", type=click.Choice([str(event) for event in Event]))
@click.argument("language")
@click.argument("content_sid")
@click.option("--variables", help="Names of placeholders in the template's order, with commas between.")
def set_whatsapp_template(event: str, language: str, content_sid: str, variables: str | None) -> None:
    """Set the approved WhatsApp template of an event in a language."""
    names = [name.strip() for name in variables.split(",")] if variables else None
    used = whatsapp_templates.set_whatsapp(Event(event), language, content_sid, names)
    order = ", ".join(f"{number}={name}" for number, name in enumerate(used, 1))
    click.echo(f"{event} in {language} uses {content_sid} with {order}")


def _channel(_context: click.Context, _option: click.Parameter, name: str) -> ChannelName:
    if name not in ChannelName:
        raise click.BadParameter(f"choose one of {', '.join(ChannelName)}.")
    return ChannelName(name)


@click.command("send-test")
@click.option("--channel", required=True, callback=_channel)
@click.option("--to", "address", required=True)
def send_test(channel: ChannelName, address: str) -> None:
    """Send a test message through queue, worker and provider; exit 0 only for sent or delivered."""
    message_id = test_message.send(channel, address, by=OPERATOR)
    deadline = time.monotonic() + PATIENCE_SECONDS
    status, code, detail = test_message.outcome(message_id)
    while status not in DONE and time.monotonic() < deadline:
        time.sleep(0.25)
        status, code, detail = test_message.outcome(message_id)
    click.echo(" ".join(part for part in (status, code, detail) if part))
    if status is MessageStatus.WAITING and not code:
        click.echo("No worker took it within 60 s. Is one running, and does Redis answer?", err=True)
    sys.exit(0 if status in (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ) else 1)


@click.command("seed-demo")
@click.option("--if-empty", is_flag=True, help="Do nothing if the database has users or bookings.")
def seed_demo(if_empty: bool) -> None:
    """Add demo staff and bookings, and print how to sign in.

    With --if-empty the first start also takes the proposed order of channels; any other installation keeps its own.
    """
    is_first = if_empty and demo.is_empty()
    if is_first or not if_empty:
        demo.seed()
    if is_first:
        channel_order.accept(by=BELLHOP)
    for email, _, role in demo.STAFF:
        if (known := sign_in.by_email(email)) and known.is_demo:
            click.echo(f"{str(role).replace('_', ' '):<10}  {email:<26}  {demo.PASSWORD}")


@click.command("clear-demo")
def clear_demo() -> None:
    """Remove demo staff and bookings."""
    click.echo(f"{demo.clear()} demo bookings and the demo staff are removed.")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
def examine(as_json: bool) -> None:
    """Check everything that messages need; exit 1 if something fails."""
    report = doctor.examine()
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(f"{report.summary}\n")
        for check in report.checks:
            click.echo(f"{check.verdict:<7}  {check.name:<18}  {check.evidence}")
            if check.next:
                click.echo(f"{'':<29}{check.next}")
        click.echo(", ".join(f"{report.count(verdict)} {verdict}" for verdict in doctor.Verdict))
    sys.exit(0 if report.ok else 1)


@click.command("settings")
def show_settings() -> None:
    """Print the settings that admins may change, with where each comes from."""
    for setting in (one for group in GROUPS for one in change.shown(group)):
        where = "environment" if setting.is_fixed else f"set by {setting.by}" if setting.by else "default"
        click.echo(f"{setting.name.upper():<22}  {setting.text or '(empty)':<30}  {where}")


COMMANDS = (
    create_user, set_password, create_api_key, set_whatsapp_template, send_test, examine, show_settings, seed_demo,
    clear_demo,
)  # fmt: skip


def set_up(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in COMMANDS:
        if command.callback is not None and not hasattr(command.callback, "__wrapped__"):
            command.callback = _in_words(command.callback)
        app.cli.add_command(command)


def _in_words(command: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command print an error's sentence and exit 1."""

    @wraps(command)
    def run(*args: object, **kwargs: object) -> object:
        try:
            return command(*args, **kwargs)
        except BellhopError as error:
            raise click.ClickException(error.sentence) from error
        except DBAPIError as error:
            db.session.rollback()
            raise click.ClickException(startup.why_database(error)) from error

    return with_appcontext(run)
