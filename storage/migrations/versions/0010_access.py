"""Grants to assistants, one-time codes for linking, administration besides a role."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("grant", "link_code", "link_try")


def upgrade() -> None:
    op.create_table(
        "grant",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assistant_id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("may_record", sa.Boolean(), nullable=False),
        sa.Column("may_get_digest", sa.Boolean(), nullable=False),
        sa.Column("may_import", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.String(length=200), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["member.id"], name=op.f("fk_grant_advisor_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["assistant_id"], ["member.id"], name=op.f("fk_grant_assistant_id_member")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_grant_firm_id_firm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
        sa.UniqueConstraint(
            "assistant_id", "advisor_id", name=op.f("uq_grant_assistant_id_advisor_id")
        ),
    )
    op.create_table(
        "link_code",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("slack_user_id", sa.String(length=64), nullable=True),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_link_code_firm_id_firm")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_link_code_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_link_code_code_hash")),
    )
    op.create_table(
        "link_try",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slack_user_id", sa.String(length=64), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_link_try_firm_id_firm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_try")),
    )
    for table in ("grant", "link_code"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_firm_id"), ["firm_id"], unique=False)
    with op.batch_alter_table("link_try", schema=None) as batch_op:
        batch_op.create_index(
            "ix_link_try_firm_id_slack_user_id", ["firm_id", "slack_user_id"], unique=False
        )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("rules_reserved", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.drop_column("rules_reserved")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("is_admin")
    for table in reversed(TABLES):
        op.drop_table(table)
