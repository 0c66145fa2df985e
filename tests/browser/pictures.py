"""Takes the pictures of README.md and docs/ from the demo's own page; `make pictures` runs it."""

import tempfile
from pathlib import Path

from tests.browser.desk import browser, demo, sit_down

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def take() -> None:
    """Take every picture anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo(Path(folder)) as sandbox,
        browser() as chromium,
    ):
        anna = sit_down(chromium, sandbox, size=(1000, 1100))
        anna.say("/segment Huber")
        anna.answer("Maria Huber").screenshot(path=PICTURES / "card.de.png")
        emily = sit_down(chromium, sandbox, person="U0EMILY", size=(1000, 1100))
        emily.say("/priorities")
        week = emily.answer("Your priorities this week")
        week.screenshot(path=PICTURES / "priorities.png")
        first_to_fix = week.get_by_role("button", name="Open").nth(3)
        first_to_fix.click()
        emily.answer("Next: Call").screenshot(path=PICTURES / "card.png")


if __name__ == "__main__":
    take()
