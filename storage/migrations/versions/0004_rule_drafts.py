"""Drafts of rule books; what an edit wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_draft",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_rule_draft_firm_id_firm")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_rule_draft_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_draft")),
        sa.UniqueConstraint("firm_id", "member_id", name=op.f("uq_rule_draft_firm_id_member_id")),
    )
    with op.batch_alter_table("rule_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_draft_firm_id"), ["firm_id"], unique=False)
    with op.batch_alter_table("edit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("after", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("edit", schema=None) as batch_op:
        batch_op.drop_column("after")
    with op.batch_alter_table("rule_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_draft_firm_id"))
    op.drop_table("rule_draft")
