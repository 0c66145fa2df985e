"""The last review and contact that an imported list names; staged rows hold them, and birthdays."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAMED = ("last_review_on", "last_contact_on")
STAGED = ("born_on", *NAMED)


def upgrade() -> None:
    for table, columns in (("client", NAMED), ("import_stage", STAGED)):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in columns:
                batch_op.add_column(sa.Column(name, sa.Date(), nullable=True))


def downgrade() -> None:
    for table, columns in (("import_stage", STAGED), ("client", NAMED)):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in reversed(columns):
                batch_op.drop_column(name)
