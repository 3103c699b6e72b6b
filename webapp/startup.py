"""Checks before web or worker start: one sentence on what to do, instead of a failure later."""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp.errors import NotReady
from webapp.extensions import db
from webapp.settings import ROOT, Settings

MIGRATIONS = ROOT / "webapp" / "migrations"
NOT_MIGRATED = "The database is not migrated: run flask --app wsgi db upgrade."


def newest_migration() -> str:
    """Returns the revision that this code expects."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def database_revision() -> str:
    """Returns the database's revision, "" if it has none."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def refuse_unless_ready(app: Flask, settings: Settings) -> None:
    """Check settings and database before the start.

    Raises:
        NotReady: the sentence says what is wrong and what to do.
    """
    problems = settings.problems() or _database_problems(app)
    if problems:
        raise NotReady(" ".join(problems))


def why_database(error: DBAPIError) -> str:
    """Returns a sentence on why the database failed and what to do."""
    words = " ".join(str(error.orig).split()).rstrip(".")
    if "unsupported startup parameter" in words:
        return (
            "The database cannot be reached: a pooler refuses an option behind the ? of DATABASE_URL. Remove it, "
            "or name it in PgBouncer's ignore_startup_parameters."
        )
    if "statement pooling" in words:
        return "The database cannot be used: PgBouncer allows no transactions. Set pool_mode = transaction there."
    if "permission denied for schema" in words or "permission denied for database" in words:
        return (
            "The database's user may not create tables: make it the owner, "
            "with ALTER DATABASE bellhop OWNER TO its name."
        )
    if any(sign in words for sign in ("no such table", "no such column", "does not exist")) and _is_reached():
        return NOT_MIGRATED
    return f"The database cannot be reached: {words}. Check DATABASE_URL."


def _is_reached() -> bool:
    """Returns whether the database answers, which means that only a table is missing."""
    try:
        return database_revision() != newest_migration()
    except DBAPIError:
        return False


def _database_problems(app: Flask) -> list[str]:
    with app.app_context():
        try:
            return [] if database_revision() == newest_migration() else [NOT_MIGRATED]
        except DBAPIError as error:
            return [why_database(error)]
        finally:
            db.engine.dispose()  # No connection may cross a fork.


def is_live(settings: Settings) -> bool:
    """Returns whether any channel reaches real people."""
    return any(settings.reaches_people(channel) for channel in settings.channels())
