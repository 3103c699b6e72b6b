"""What must hold before web or worker start: one sentence on what to do, instead of a failure later."""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp.errors import NotReady
from webapp.extensions import db
from webapp.models import ChannelName
from webapp.settings import ROOT, Settings

MIGRATIONS = ROOT / "webapp" / "migrations"


def newest_migration() -> str:
    """The revision that this code expects."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def database_revision() -> str:
    """The revision that the database is at; empty where it has none."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def refuse_unless_ready(app: Flask, settings: Settings) -> None:
    """Refuse to start where the promise could not be kept.

    Raises:
        NotReady: says what is wrong, and what to do.
    """
    problems = settings.problems() or _database_problems(app)
    if problems:
        raise NotReady(" ".join(problems))


def _database_problems(app: Flask) -> list[str]:
    with app.app_context():
        try:
            found = database_revision()
        except DBAPIError as failure:
            return [f"The database cannot be reached: {str(failure.orig).strip()}. Check DATABASE_URL."]
        finally:
            db.engine.dispose()  # Nothing of this may cross a fork.
        if found != newest_migration():
            return ["The database is not migrated: run flask --app wsgi db upgrade."]
    return []


def is_live(settings: Settings) -> bool:
    """Whether some channel reaches real people."""
    return any(settings.provider(channel) in ("twilio", "smtp") for channel in ChannelName)
