"""What an advisor can correct; programming errors stay ``ValueError`` and reach the log."""

from decimal import Decimal


class DomainError(Exception):
    """Something a person asked for that the rules do not allow; its facts are attributes."""


class ScoreOutOfScaleError(DomainError):
    """A satisfaction score that its scale does not know."""

    def __init__(self, score: Decimal, minimum: Decimal, maximum: Decimal) -> None:
        super().__init__(f"score {score} is not between {minimum} and {maximum}")
        self.score = score
        self.minimum = minimum
        self.maximum = maximum


class RuleBookError(DomainError):
    """A rule book whose figures contradict each other."""
