"""Reads DATABASE_URL before anything connects."""

from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from webapp.setting_values import Unusable

POSTGRESQL = "postgresql+psycopg"
_FORMS = "it must look like postgresql://user:password@host/database or sqlite:////folder/bellhop.db"
_DRIVERS = {
    "postgres": POSTGRESQL,
    "postgresql": POSTGRESQL,
    POSTGRESQL: POSTGRESQL,
    "postgres+psycopg": POSTGRESQL,
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}


def read(text: str, *, data_dir: Path) -> URL:
    """Returns the URL; PostgreSQL always goes through psycopg 3. The folder `data_dir` may not exist yet.

    Raises:
        Unusable: the message says what is wrong.
    """
    if not text.isprintable():
        raise Unusable("it has a character that cannot be printed")
    try:
        url = make_url(text)
    except ArgumentError:
        raise Unusable(_FORMS) from None
    except ValueError:
        raise Unusable("its port must be a number from 1 to 65535") from None
    if url.drivername not in _DRIVERS:
        raise Unusable(_FORMS if "+" not in url.drivername else f"{_FORMS}, with no other driver named")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if url.drivername == "sqlite":
        _check_sqlite(url, data_dir)
    else:
        _check_postgresql(url)
    return url


def _check_sqlite(url: URL, data_dir: Path) -> None:
    if url.host or url.port or url.username or url.password:
        raise Unusable("a file of SQLite is named by three slashes and its path: sqlite:////folder/bellhop.db")
    if not url.database or ":memory:" in url.database or url.database.startswith("file:"):
        raise Unusable("it must name a file: what SQLite holds in memory is lost at each stop")
    if url.query:
        raise Unusable("nothing may follow the path of a SQLite file")
    path = Path(url.database)
    if path.is_dir():
        raise Unusable("its path is a folder, not a file")
    folder = path.resolve().parent
    if not folder.is_dir() and folder != data_dir.resolve():
        raise Unusable("the folder of its file does not exist")


def _check_postgresql(url: URL) -> None:
    if url.port is not None and not 1 <= url.port <= 65535:
        raise Unusable("its port must be a number from 1 to 65535")
    if "@" in (url.host or ""):
        raise Unusable("a special character of its user or password must be written percent-encoded (%40 for @)")
    if "pgbouncer" in url.query:
        raise Unusable("PgBouncer needs no option behind its ?: a pooler is noticed at each connection")
    try:
        # An option may come more than once, such as several hosts.
        make_conninfo("", **{name: value if isinstance(value, str) else value[0] for name, value in url.query.items()})
    except psycopg.ProgrammingError:
        raise Unusable("behind its ? stands an option that PostgreSQL does not know") from None
