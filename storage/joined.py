"""A column of many rows as one text: a driver makes an object of every row, and that costs most."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session


def joined(session: Session, cell: Any) -> sa.ColumnElement[str]:
    """Join numbers, days or words by commas, which none of ours holds; unknown is empty.

    Without any row the text is None.
    """
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.group_concat(
            sa.func.coalesce(cell, "")
        )  # a named comma takes thrice as long
    return sa.func.string_agg(sa.func.coalesce(sa.cast(cell, sa.Text), ""), ",")
