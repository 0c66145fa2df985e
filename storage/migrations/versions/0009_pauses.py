"""How long Slack asked to wait, since when a message waits, and when a book was last placed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANTS = ("owed_at", "refused_since", "told_at")


def upgrade() -> None:
    op.create_table(
        "pause",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_pause_firm_id_firm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
        sa.UniqueConstraint(
            "firm_id", "method", "channel", name=op.f("uq_pause_firm_id_method_channel")
        ),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_firm_id"), ["firm_id"], unique=False)
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        for name in INSTANTS:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.add_column(sa.Column("placed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.drop_column("placed_on")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        for name in reversed(INSTANTS):
            batch_op.drop_column(name)
    op.drop_table("pause")
