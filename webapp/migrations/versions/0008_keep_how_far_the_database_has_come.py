"""Keep how far the database has come

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Its row is made by the first process that works with it.
    op.create_table(
        "database_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("grown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("runs", sa.JSON(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noticed_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("lost_epoch", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_mark")),
    )


def downgrade() -> None:
    op.drop_table("database_mark")
