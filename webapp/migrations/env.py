"""Runs the migrations inside the Flask app (Flask-Migrate), on SQLite and on PostgreSQL."""

from alembic import context
from click import ClickException
from flask import current_app
from sqlalchemy.exc import DBAPIError, OperationalError

from webapp import (
    models,  # noqa: F401  # All tables must be known.
    startup,
)

database = current_app.extensions["migrate"].db


PLAIN = {"UtcDateTime": "sa.DateTime(timezone=True)", "Money": "sa.BigInteger()", "Enum": "sa.String(length=24)"}


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Write our own column types as what they are in the database: a migration must not change with the code."""
    return PLAIN.get(type(item).__name__, False) if kind == "type" else False


def run() -> None:
    """Run what is missing, in one transaction a migration."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            # SQLite cannot alter a table in place: batches copy it.
            render_as_batch=True,
            transaction_per_migration=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


try:
    run()
except DBAPIError as failure:
    # systemd runs this before each start: with the database away a hundred lines of traceback would say less.
    if isinstance(failure, OperationalError) or "permission denied" in str(failure.orig):
        raise ClickException(startup.why_database(failure)) from failure
    raise
