"""Index services and payment references

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_service_starts_at", ["service", "starts_at", "id", "status"], unique=False)

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payment_reference_prefix", ["reference"], unique=False, postgresql_ops={"reference": "text_pattern_ops"}
        )


def downgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_reference_prefix", postgresql_ops={"reference": "text_pattern_ops"})

    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index("ix_booking_service_starts_at")
