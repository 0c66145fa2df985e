"""What the security page says of rights is what the program does."""

from tests.access.docs import PAGE, between, tables


def test_the_security_page_has_the_programs_own_tables() -> None:
    assert between(PAGE.read_text("utf-8")) == tables(), "run: python -m tests.access.docs"
