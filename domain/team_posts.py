"""What a team's channel is told once a week: counts at most, and never of a single advisor.

That the place decides is RELIABILITY's rule, stated in `domain.access`; the fewest books is ours.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.access import FEWEST_TOGETHER, Content, Place, Showing, showing
from domain.notices import IsWorkday, next_workday

SHOWN = (Showing.COUNTS, Showing.SHORT)
"""What may come of a post; everything else is a refusal."""
POST_AT = time(8, 30)
"""After the digests of most people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamChannel:
    """The channel in which a team is reminded."""

    team_channel_id: int
    team: str
    channel_id: str
    chosen_by: int
    chosen_at: datetime
    weekday: int = 0
    at: time = POST_AT
    zone: str = "Europe/Berlin"
    """Whose clocks show this time."""
    in_public: bool = False
    """Somebody switched on that a public channel gets the team's counts."""
    paused: str | None = None
    """Why nothing is said there any more, until a lead chooses again."""

    def post_day(self, monday: date, is_workday: IsWorkday) -> date:
        """Return the day of a week's post: the chosen one, or the next working day."""
        return next_workday(monday + timedelta(days=self.weekday), is_workday)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much of a book asks for something."""

    grow: int = 0
    fix: int = 0
    decisions: int = 0
    overdue: int = 0
    """Services that are overdue."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            grow=self.grow + other.grow,
            fix=self.fix + other.fix,
            decisions=self.decisions + other.decisions,
            overdue=self.overdue + other.overdue,
        )


def may_be_summed(books: int, *, has_consent: bool) -> bool:
    """Tell whether so many books together tell nothing of a single advisor."""
    return has_consent or books >= FEWEST_TOGETHER


def post_showing(place: Place, *, in_public: bool, books: int, has_consent: bool) -> Showing:
    """Return what a channel is told of so many books."""
    shown = showing(place, Content.POST)
    if shown is Showing.COUNTS_IF_ENABLED:
        if not in_public:
            return Showing.REFUSED
        return Showing.COUNTS if books >= FEWEST_TOGETHER else Showing.SHORT
    if shown is Showing.COUNTS and not may_be_summed(books, has_consent=has_consent):
        return Showing.SHORT
    return shown
