"""Recipients are found by where an announcement goes: nobody gets it twice at one address."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_recipients_place", "recipients", ["announcement_id", "to"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_recipients_place", table_name="recipients")
