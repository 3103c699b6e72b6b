"""Keep amounts in ten-thousandths

Hundredths hold neither a dinar's thousandths nor a unit of account's ten-thousandths.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("booking", "payment")


def upgrade() -> None:
    for table in TABLES:
        op.execute(sa.text(f"UPDATE {table} SET amount = amount * 100"))


def downgrade() -> None:
    """Go back to hundredths.

    Raises:
        ValueError: an amount is finer than that. It would have to be rounded, which nobody has agreed to.
    """
    for table in TABLES:
        finer = op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {table} WHERE amount % 100 <> 0"))
        if finer:
            raise ValueError(f"{finer} amounts in {table} are finer than hundredths: correct them before going back.")
    for table in TABLES:
        op.execute(sa.text(f"UPDATE {table} SET amount = amount / 100"))
