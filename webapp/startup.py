"""What must hold before web or worker start: one sentence on what to do, instead of a failure later."""

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


def why_database(failure: DBAPIError) -> str:
    """Say in one sentence why the database does not do what was asked of it, and what to do."""
    words = " ".join(str(failure.orig).split()).rstrip(".")
    if "unsupported startup parameter" in words:
        return (
            "The database cannot be reached: a pooler refuses an option behind the ? of DATABASE_URL. Take it away, "
            "or name it in PgBouncer's ignore_startup_parameters."
        )
    if "statement pooling" in words:
        return "The database cannot be used: PgBouncer allows no transactions. Set pool_mode = transaction there."
    if "permission denied for schema" in words or "permission denied for database" in words:
        return (
            "The database's user may not make tables there: make it the database's owner, "
            "with ALTER DATABASE bellhop OWNER TO its name."
        )
    if any(sign in words for sign in ("no such table", "no such column", "does not exist")) and _is_reached():
        return NOT_MIGRATED
    return f"The database cannot be reached: {words}. Check DATABASE_URL."


def _is_reached() -> bool:
    """Whether the database answers, so that it is a table that is missing, not the database."""
    try:
        return database_revision() != newest_migration()
    except DBAPIError:
        return False


def _database_problems(app: Flask) -> list[str]:
    with app.app_context():
        try:
            found = database_revision()
        except DBAPIError as failure:
            return [why_database(failure)]
        finally:
            db.engine.dispose()  # Nothing of this may cross a fork.
        if found != newest_migration():
            return [NOT_MIGRATED]
    return []


def is_live(settings: Settings) -> bool:
    """Whether some channel reaches real people."""
    return any(settings.reaches_people(channel) for channel in settings.channels())
