"""Books by month, the practice checklist, the works council's consent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "book_month",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("clients", sa.Integer(), nullable=False),
        sa.Column("ideal_clients", sa.Integer(), nullable=False),
        sa.Column("revenue_cents", sa.BigInteger(), nullable=False),
        sa.Column("hours_hundredths", sa.Integer(), nullable=False),
        sa.Column("ideal_hours_hundredths", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_book_month_firm_id_firm")),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["member.id"], name=op.f("fk_book_month_advisor_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_month")),
        sa.UniqueConstraint("advisor_id", "month", name=op.f("uq_book_month_advisor_id_month")),
    )
    op.create_table(
        "practice_tick",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(length=32), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("ticked_by", sa.String(length=200), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_practice_tick_firm_id_firm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_tick")),
        sa.UniqueConstraint("firm_id", "point", name=op.f("uq_practice_tick_firm_id_point")),
    )
    for table in ("book_month", "practice_tick"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_firm_id"), ["firm_id"], unique=False)
    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.add_column(sa.Column("council_consent_by", sa.String(length=200), nullable=True))
        batch_op.add_column(
            sa.Column("council_consent_at", sa.DateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.drop_column("council_consent_at")
        batch_op.drop_column("council_consent_by")
    for table in ("practice_tick", "book_month"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_firm_id"))
        op.drop_table(table)
