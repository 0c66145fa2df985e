"""When and what a team's channel is told, and the ledger's rows that go to one."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("weekday", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("at", sa.Time(), nullable=False, server_default="08:30:00"),
        sa.Column("zone", sa.String(length=64), nullable=False, server_default="Europe/Berlin"),
        sa.Column("in_public", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("paused", sa.String(length=64), nullable=True),
    )


def upgrade() -> None:
    with op.batch_alter_table("team_channel", schema=None) as batch_op:
        for column in columns():
            batch_op.add_column(column)
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team_channel_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_delivery_team_channel_id_team_channel"),
            "team_channel",
            ["team_channel_id"],
            ["id"],
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_delivery_firm_id_team_channel_id_kind_period"),
            ["firm_id", "team_channel_id", "kind", "period"],
        )


def downgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("uq_delivery_firm_id_team_channel_id_kind_period"), type_="unique"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_delivery_team_channel_id_team_channel"), type_="foreignkey"
        )
        batch_op.drop_column("team_channel_id")
    with op.batch_alter_table("team_channel", schema=None) as batch_op:
        for column in reversed(columns()):
            batch_op.drop_column(column.name)
