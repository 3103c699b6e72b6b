"""Compare names as readers do, and stop a phone in each of its spellings

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from webapp.models.bookings.booking import search_key, surname_key
from webapp.models.guest import spellings
from webapp.models.names import ChannelName

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 1000


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
