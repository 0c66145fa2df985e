"""What the clock hands on: the one seam between it and whoever works, here or in a fleet."""

from enum import StrEnum
from typing import NamedTuple, Protocol


class Chore(StrEnum):
    """A kind of work."""

    DELIVER = "deliver"
    """Say a message that is owed; the id is the delivery's."""
    PLACE = "place"
    """Place a firm's whole book and note who moved; the id is the firm's."""
    LEAVE = "leave"
    """Delete a firm that uninstalled the app; the id is the firm's."""


class Task(NamedTuple):
    """A piece of work; doing it twice must do no harm."""

    what: Chore
    of: int


class Dispatcher(Protocol):
    """Carries tasks to whoever works on them."""

    def submit(self, task: Task, bucket: int) -> None:
        """See to it that the task is worked on, at least once per bucket."""

    def close(self) -> None:
        """Finish what is under way and take no more."""
