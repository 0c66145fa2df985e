"""What a person says of a name on the week's list, and how long the list then leaves it out.

All figures are ours: a month for a done step, half a year for one that is not relevant. Both end
earlier when the client comes to another field, for then the step is another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.model import Quadrant
from domain.priorities import Assessment


class Handling(StrEnum):
    """What a person can say of a name; the reasons are fixed: no opinions of people."""

    DONE = "done"
    TWO_WEEKS = "two_weeks"
    """Put off."""
    THREE_MONTHS = "three_months"
    """Put off."""
    WRONG_FIGURES = "wrong_figures"
    """Not relevant."""
    NOT_WANTED = "not_wanted"
    """Not relevant: the client does not want it."""
    IN_HAND = "in_hand"
    """Not relevant: somebody else sees to it."""


QUIET_DAYS = {
    Handling.DONE: 28,
    Handling.TWO_WEEKS: 14,
    Handling.THREE_MONTHS: 91,
    Handling.WRONG_FIGURES: 182,
    Handling.NOT_WANTED: 182,
    Handling.IN_HAND: 182,
}
"""So long a name stays away."""
PUT_OFF = (Handling.TWO_WEEKS, Handling.THREE_MONTHS)
"""These hold whatever field the client comes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What was said of a client's name, and in which field she was."""

    client_id: int
    how: Handling
    quadrant: Quadrant | None
    on: date

    @property
    def until(self) -> date:
        """Return the first day on which the name may come again."""
        return quiet_until(self.how, self.on)


def quiet_until(how: Handling, on: date) -> date:
    """Return the first day on which a name may come again."""
    return on + timedelta(days=QUIET_DAYS[how])


def is_quiet(handled: Handled, quadrant: Quadrant | None, *, today: date) -> bool:
    """Tell whether a client's name stays away today."""
    still_holds = handled.how in PUT_OFF or handled.quadrant is quadrant
    return handled.on <= today < handled.until and still_holds


def quiet_clients(
    handled: Iterable[Handled], assessments: Iterable[Assessment], *, today: date
) -> frozenset[int]:
    """Return the ids of the clients whose names stay away today."""
    quadrants = {each.client.client_id: each.quadrant.quadrant for each in assessments}
    return frozenset(
        each.client_id
        for each in handled
        if each.client_id in quadrants and is_quiet(each, quadrants[each.client_id], today=today)
    )


SUCCESSES = (
    (Quadrant.FIX, Quadrant.MODEL),
    (Quadrant.GROW, Quadrant.MODEL),
    (Quadrant.MOVE, Quadrant.GROW),
    (Quadrant.MOVE, Quadrant.MODEL),
)
"""Moves to be glad of: repaired, won, won back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A client who came to a better field."""

    assessment: Assessment
    before: Quadrant
    after: Quadrant


def successes(
    assessments: Iterable[Assessment],
    noted: dict[int, tuple[Quadrant | None, Quadrant | None]],
) -> list[Success]:
    """List who moved up, by name; `noted` has each client's field before the time asked and last.

    Whoever has left the better field again since then is no success.
    """
    found = []
    for each in assessments:
        before, after = noted.get(each.client.client_id, (None, None))
        if before is None or after is None or each.quadrant.quadrant is not after:
            continue
        if (before, after) in SUCCESSES:
            found.append(Success(assessment=each, before=before, after=after))
    return sorted(
        found, key=lambda each: (each.assessment.client.name, each.assessment.client.client_id)
    )
