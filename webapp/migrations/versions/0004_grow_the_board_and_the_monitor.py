"""Grow the board and the monitor

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("noticed_by", sa.String(length=120), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(
            "one_open_alert",
            ["cause", "subject"],
            unique=True,
            sqlite_where=sa.text("over_at IS NULL"),
            postgresql_where=sa.text("over_at IS NULL"),
        )

    op.create_table(
        "fallback_order",
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_fallback_order")),
    )
    op.create_table(
        "hour_tally",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("retried", sa.Integer(), nullable=False),
        sa.Column("in_time", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("waits", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hour", "channel", "event", name=op.f("pk_hour_tally")),
    )
    op.create_table(
        "log_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("process", sa.String(length=120), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_line")),
    )
    with op.batch_alter_table("log_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_line_at"), ["at"], unique=False)

    op.create_table(
        "slot_hour",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("busy_sum", sa.Integer(), nullable=False),
        sa.Column("busy_max", sa.Integer(), nullable=False),
        sa.Column("slots_max", sa.Integer(), nullable=False),
        sa.Column("waiting_max", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_slot_hour")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_batch_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(
            "unfinished_batches",
            ["id"],
            unique=False,
            sqlite_where=sa.text("started_at IS NOT NULL AND finished_at IS NULL"),
            postgresql_where=sa.text("started_at IS NOT NULL AND finished_at IS NULL"),
        )

    op.create_table(
        "batch_row",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_row_batch_id_batch")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_batch_row_message_id_message")),
        sa.PrimaryKeyConstraint("batch_id", "message_id", name=op.f("pk_batch_row")),
    )
    with op.batch_alter_table("batch_row", schema=None) as batch_op:
        batch_op.create_index(
            "batch_to_do",
            ["batch_id", "message_id"],
            unique=False,
            sqlite_where=sa.text("outcome = ''"),
            postgresql_where=sa.text("outcome = ''"),
        )
        # Old messages are removed with their rows here.
        batch_op.create_index(batch_op.f("ix_batch_row_message_id"), ["message_id"], unique=False)

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("segments", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("trace_id", sa.String(length=32), server_default="", nullable=False))
        batch_op.add_column(sa.Column("falls_back", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(
            sa.Column("fallback_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "failures_by_cause",
            ["channel", "error_code", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'failed' AND resolved_at IS NULL"),
            postgresql_where=sa.text("status = 'failed' AND resolved_at IS NULL"),
        )
        batch_op.create_index(
            "fallbacks",
            ["fallback_of_id"],
            unique=False,
            sqlite_where=sa.text("fallback_of_id IS NOT NULL"),
            postgresql_where=sa.text("fallback_of_id IS NOT NULL"),
        )
        batch_op.create_index(
            "falling_back",
            ["id"],
            unique=False,
            sqlite_where=sa.text("falls_back IS TRUE AND status = 'failed'"),
            postgresql_where=sa.text("falls_back IS TRUE AND status = 'failed'"),
        )
        batch_op.create_index("ix_message_event_id", ["event", "id"], unique=False)
        batch_op.create_index("ix_message_first_due_at", ["first_due_at"], unique=False)
        batch_op.create_index(
            "mailed",
            ["mail_id"],
            unique=False,
            sqlite_where=sa.text("mail_id <> ''"),
            postgresql_where=sa.text("mail_id <> ''"),
        )

    # When an old message first fell due is not known any more; it was about when it was made.
    op.execute("UPDATE message SET first_due_at = created_at")

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("morning_mail", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("morning_mail_on", sa.Date(), nullable=True))

    with op.batch_alter_table("worker", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stop_asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("stop_asked_by", sa.String(length=200), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("worker", schema=None) as batch_op:
        batch_op.drop_column("stop_asked_by")
        batch_op.drop_column("stop_asked_at")

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("morning_mail_on")
        batch_op.drop_column("morning_mail")

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("mailed", sqlite_where=sa.text("mail_id <> ''"), postgresql_where=sa.text("mail_id <> ''"))
        batch_op.drop_index("ix_message_first_due_at")
        batch_op.drop_index("ix_message_event_id")
        batch_op.drop_index(
            "falling_back",
            sqlite_where=sa.text("falls_back IS TRUE AND status = 'failed'"),
            postgresql_where=sa.text("falls_back IS TRUE AND status = 'failed'"),
        )
        batch_op.drop_index(
            "fallbacks",
            sqlite_where=sa.text("fallback_of_id IS NOT NULL"),
            postgresql_where=sa.text("fallback_of_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "failures_by_cause",
            sqlite_where=sa.text("status = 'failed' AND resolved_at IS NULL"),
            postgresql_where=sa.text("status = 'failed' AND resolved_at IS NULL"),
        )
        batch_op.drop_column("first_due_at")
        batch_op.drop_column("fallback_of_id")
        batch_op.drop_column("falls_back")
        batch_op.drop_column("trace_id")
        batch_op.drop_column("segments")

    with op.batch_alter_table("batch_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_row_message_id"))
        batch_op.drop_index(
            "batch_to_do", sqlite_where=sa.text("outcome = ''"), postgresql_where=sa.text("outcome = ''")
        )

    op.drop_table("batch_row")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(
            "unfinished_batches",
            sqlite_where=sa.text("started_at IS NOT NULL AND finished_at IS NULL"),
            postgresql_where=sa.text("started_at IS NOT NULL AND finished_at IS NULL"),
        )

    op.drop_table("batch")
    op.drop_table("slot_hour")
    with op.batch_alter_table("log_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_log_line_at"))

    op.drop_table("log_line")
    op.drop_table("hour_tally")
    op.drop_table("fallback_order")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_alert", sqlite_where=sa.text("over_at IS NULL"), postgresql_where=sa.text("over_at IS NULL")
        )

    op.drop_table("alert")
