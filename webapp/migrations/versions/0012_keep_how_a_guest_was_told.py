"""Keep how a guest was told another way

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A plain ADD COLUMN: the table may be large, and the version before goes on writing to it.
    op.add_column("message", sa.Column("resolved_how", sa.String(length=16), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("message", "resolved_how")
