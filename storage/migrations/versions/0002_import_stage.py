"""Staged rows of an import."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SPARED = (
    ("client", ("firm_id",)),
    ("satisfaction", ("client_id", "firm_id")),
    ("wallet", ("client_id", "firm_id")),
    ("holding", ("client_id", "firm_id")),
)
"""Indexes that a unique key of the same table makes needless."""


def upgrade() -> None:
    op.create_table(
        "import_stage",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("known_version", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("revenue_cents", sa.BigInteger(), nullable=True),
        sa.Column("revenue_on", sa.Date(), nullable=True),
        sa.Column("income_cents", sa.BigInteger(), nullable=True),
        sa.Column("saving_rate_bp", sa.Integer(), nullable=True),
        sa.Column("business_share_bp", sa.Integer(), nullable=True),
        sa.Column("client_since", sa.Date(), nullable=True),
        sa.Column("former_since", sa.Date(), nullable=True),
        sa.Column("scale", sa.String(length=16), nullable=True),
        sa.Column("measured_on", sa.Date(), nullable=True),
        sa.Column("score_hundredths", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=True),
        sa.Column("known_on", sa.Date(), nullable=True),
        sa.Column("wallet_cents", sa.BigInteger(), nullable=True),
        sa.Column("share_bp", sa.Integer(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("managed_cents", sa.BigInteger(), nullable=True),
        sa.Column("criterion", sa.String(length=32), nullable=True),
        sa.Column("sponsor", sa.String(length=64), nullable=True),
        sa.Column("relation", sa.String(length=16), nullable=True),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_import_stage_firm_id_firm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_stage")),
    )
    with op.batch_alter_table("import_stage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_stage_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_stage_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_stage_stage"), ["stage"], unique=False)
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage", sa.String(length=32), nullable=True))
    for table, columns in SPARED:
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table_name=table)
    with op.batch_alter_table("name_token", schema=None) as batch_op:
        batch_op.drop_constraint("fk_name_token_client_id_client", type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("name_token", schema=None) as batch_op:
        batch_op.create_foreign_key(
            "fk_name_token_client_id_client", "client", ["client_id"], ["id"]
        )
    for table, columns in SPARED:
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_column("stage")
    op.drop_table("import_stage")
