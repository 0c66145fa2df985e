"""Schema versions, written by Alembic; they import no code of ours."""
