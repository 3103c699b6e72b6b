"""Column types and helpers that several tables share."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Enum, Index, String, literal_column, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from webapp.models.names import ChannelName

SCALE = 10_000  # No currency has more than four decimals.


class Money(TypeDecorator[Decimal]):
    """An amount of any currency as a whole number of ten-thousandths: SQLite has no exact decimals."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> int | None:
        """Raises ValueError for more than four decimals: an amount must not be rounded in silence."""
        whole = None if value is None else int(value * SCALE)
        if value is not None and whole != value * SCALE:
            raise ValueError(f"An amount has more than four decimals: {value}.")
        return whole

    def process_result_value(self, value: int | None, _dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / SCALE


class ChannelWord(TypeDecorator[ChannelName]):
    """A column with a channel's name. Channels may be registered after the tables are defined."""

    impl = String(24)
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else str(ChannelName(value))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> ChannelName | None:
        return None if value is None else ChannelName(value)


def word(enum: type[StrEnum]) -> Enum:
    """Returns the type of a column that holds an enum's words as plain text on both databases."""
    return Enum(enum, native_enum=False, length=24, values_callable=lambda members: [m.value for m in members])


def literal_words(*members: StrEnum | ChannelName) -> list[ColumnElement[str]]:
    """Returns words as SQL literals. SQLite uses a partial index only if the statement repeats its words literally."""
    return [literal_column(f"'{member}'") for member in members]


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Returns an index of some rows, for both databases."""
    some = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=some, postgresql_where=some)


class Usual(FunctionElement[bool]):
    """Tells SQLite's planner that a condition holds for most rows.

    It takes an equality for rare, and would read every waiting row by (status, id) in place of the partial index on the
    time. The element has no type: SQLAlchemy would write a Boolean as `= 1`, which no index answers.
    """

    inherit_cache = True
    name = "usual"


@compiles(Usual)
def _plain(element: Usual, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(Usual, "sqlite")
def _with_likelihood(element: Usual, compiler: Any, **kw: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **kw)}, 0.99)"
