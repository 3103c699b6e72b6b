"""Compare names as readers do, and stop a phone in each of its spellings

Revision ID: 0006
Revises: 0005
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from webapp.models.guest import spellings
from webapp.models.names import ChannelName

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 1000

# The keys as they were then; revision 0010 has another way to find names.
# Letters that are no base letter with a mark to Unicode, though a reader who lacks the key types them so.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "’": "'",
     "‘": "'", "ʼ": "'", "`": "'", "´": "'"}
)  # fmt: skip
# The marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters; those of other scripts are letters to their readers.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c7\u0640\u064b-\u065f\u0670]")


def search_key(name: str) -> str:
    """A name as readers compare it: in any case and width, with or without accents, on one line without commas."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    plain = unicodedata.normalize("NFKC", _MARKS.sub("", letters).translate(_PLAIN))
    return " ".join(plain.replace(",", " ").split())[:200]


def surname_key(name: str) -> str | None:
    """The same with the last word first; None where there is one word only."""
    *others, last = search_key(name).split() or [""]
    return " ".join((last, *others)) if others else None


def upgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(sa.Column("surname_key", sa.String(length=200), nullable=True))
    _write_keys()
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(
            "ix_booking_surname_key", ["surname_key"], unique=False, postgresql_ops={"surname_key": "text_pattern_ops"}
        )
    _add_spellings()


def _write_keys() -> None:
    """Write the keys of all names afresh, in batches by the primary key."""
    booking = sa.table("booking", sa.column("id"), sa.column("name"), sa.column("name_key"), sa.column("surname_key"))
    bound = {"name_key": sa.bindparam("first"), "surname_key": sa.bindparam("last")}
    write = booking.update().where(booking.c.id == sa.bindparam("of")).values(**bound)
    after, connection = 0, op.get_bind()
    while True:
        some = sa.select(booking.c.id, booking.c.name).where(booking.c.id > after).order_by(booking.c.id).limit(AT_ONCE)
        rows = connection.execute(some).all()
        if not rows:
            return
        keys = [{"of": row.id, "first": search_key(row.name), "last": surname_key(row.name)} for row in rows]
        connection.execute(write, keys)
        after = rows[-1].id


def _add_spellings() -> None:
    """Add what is missing of each phone that said stop on WhatsApp."""
    names = ("channel", "address", "source", "at")
    stop = sa.table("opt_out", *(sa.column(name) for name in names))
    connection = op.get_bind()
    rows = connection.execute(sa.select(stop).where(stop.c.channel == str(ChannelName.WHATSAPP))).all()
    known = {row.address for row in rows}
    new = [
        {"channel": row.channel, "address": other, "source": row.source, "at": row.at}
        for row in rows
        for other in spellings(row.address, ChannelName.WHATSAPP)
        if other not in known and not known.add(other)
    ]
    for start in range(0, len(new), AT_ONCE):
        connection.execute(stop.insert(), new[start : start + AT_ONCE])


def downgrade() -> None:
    op.drop_index("ix_booking_surname_key", table_name="booking")
    # In place on both databases: a copy of the table could not replace one that other rows point to.
    op.drop_column("booking", "surname_key")
