"""Find bookings by words and fragments

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from webapp.models.bookings.search_term import LONGEST, terms

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AT_ONCE = 1000
BY_PREFIX = {
    "ix_booking_name_key": ("booking", "name_key"),
    "ix_booking_surname_key": ("booking", "surname_key"),
    "ix_booking_email": ("booking", "email"),
    "ix_payment_reference_prefix": ("payment", "reference"),
}


def upgrade() -> None:
    op.create_table(
        "search_term",
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("term", sa.String(length=LONGEST), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_search_term_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("booking_id", "term", name=op.f("pk_search_term")),
        sqlite_with_rowid=False,
    )
    _write_terms()
    op.create_index(
        "ix_search_term_term", "search_term", ["term", "booking_id"], postgresql_ops={"term": "text_pattern_ops"}
    )
    for name, (table, _) in BY_PREFIX.items():
        op.drop_index(name, table_name=table)
    # In place on both databases: a copy of the table could not replace one that other rows point to.
    op.drop_column("booking", "name_key")
    op.drop_column("booking", "surname_key")


def _write_terms() -> None:
    """Write the terms of all bookings, in batches by the primary key."""
    names = ("id", "name", "reference", "email", "phone")
    booking = sa.table("booking", *map(sa.column, names))
    payment = sa.table("payment", sa.column("booking_id"), sa.column("reference"))
    term = sa.table("search_term", sa.column("booking_id"), sa.column("term"))
    connection, after = op.get_bind(), 0
    while True:
        batch = sa.select(booking).where(booking.c.id > after).order_by(booking.c.id).limit(AT_ONCE)
        rows = connection.execute(batch).all()
        if not rows:
            return
        last = rows[-1].id
        of_batch = sa.select(payment).where(payment.c.booking_id > after, payment.c.booking_id <= last)
        references = {row.id: [row.reference] for row in rows}
        for paid in connection.execute(of_batch):
            references[paid.booking_id].append(paid.reference)
        found = (
            {"booking_id": row.id, "term": one}
            for row in rows
            for one in sorted(terms(row.name, references[row.id], row.email, row.phone))
        )
        connection.execute(term.insert(), list(found))
        after = last


def downgrade() -> None:
    op.drop_table("search_term")
    # Empty keys: revision 0006 wrote them, and an older Bellhop writes them with the next change of a booking.
    op.add_column("booking", sa.Column("name_key", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("booking", sa.Column("surname_key", sa.String(length=200), nullable=True))
    for name, (table, column) in BY_PREFIX.items():
        op.create_index(name, table, [column], postgresql_ops={column: "text_pattern_ops"})
