"""Registrations that share the credit for another partner's deal."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COLUMNS = ("shares_deal", "source", "share")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("registrations", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("registrations", name)
