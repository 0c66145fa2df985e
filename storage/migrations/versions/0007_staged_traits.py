"""Staged rows hold traits and our place among providers; one index less to write."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DAYS = ("ranked_on", "trust_on", "coachability_on", "referrals_on")
NUMBERS = ("providers", "rank_hundredths", "trust", "coachability", "referrals")


def upgrade() -> None:
    with op.batch_alter_table("import_stage", schema=None) as batch_op:
        for name in DAYS:
            batch_op.add_column(sa.Column(name, sa.Date(), nullable=True))
        for name in NUMBERS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
        batch_op.drop_index("ix_import_stage_firm_id")


def downgrade() -> None:
    with op.batch_alter_table("import_stage", schema=None) as batch_op:
        batch_op.create_index("ix_import_stage_firm_id", ["firm_id"], unique=False)
        for name in (*NUMBERS, *DAYS):
            batch_op.drop_column(name)
