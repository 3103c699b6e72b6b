"""The kind and the size of the database. The sampler measures how long a write takes."""

from sqlalchemy import text

from webapp.database import reading
from webapp.extensions import db

_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
_VERSION = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}
_NAME = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def kind() -> str:
    """Returns the database's name and version."""
    dialect = db.engine.dialect.name
    with reading():
        version = str(db.session.execute(text(_VERSION[dialect])).scalar_one())
    return f"{_NAME[dialect]} {version.partition(' ')[0]}"


def size() -> int:
    """Returns the size in bytes."""
    with reading():
        return int(db.session.execute(text(_SIZE[db.engine.dialect.name])).scalar_one())
