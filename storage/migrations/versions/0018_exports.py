"""Files of the whole firm: who asked, who confirmed, when they were fetched."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAME = "export_request"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [to], name=op.f(f"fk_{NAME}_{name}_{to[:-3]}"))
            for name, to in (
                ("firm_id", "firm.id"),
                ("member_id", "member.id"),
                ("decided_by", "member.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
    )
    with op.batch_alter_table(NAME, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{NAME}_firm_id"), ["firm_id"], unique=False)


def downgrade() -> None:
    op.drop_table(NAME)
