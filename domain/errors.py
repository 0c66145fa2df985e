"""What an advisor can correct; programming errors stay ``ValueError`` and reach the log."""

from decimal import Decimal
from enum import StrEnum


class DomainError(Exception):
    """Something a person asked for that the rules do not allow; its facts are attributes."""


class ScoreOutOfScaleError(DomainError):
    """A satisfaction score that its scale does not know."""

    def __init__(self, score: Decimal, minimum: Decimal, maximum: Decimal) -> None:
        super().__init__(f"score {score} is not between {minimum} and {maximum}")
        self.score = score
        self.minimum = minimum
        self.maximum = maximum


class ProviderRankError(DomainError):
    """Our place among a client's providers is none, or there are fewer providers than that."""

    def __init__(self, providers: int | None, rank: Decimal | None) -> None:
        super().__init__(f"place {rank} of {providers} providers")
        self.providers = providers
        self.rank = rank


class TraitOutOfRangeError(DomainError):
    """Trust and coachability go from 1 to 5, referrals from 0."""

    def __init__(self, kind: str, value: int) -> None:
        super().__init__(f"{kind} cannot be {value}")
        self.kind = kind
        self.value = value


class RuleProblem(StrEnum):
    """What is wrong with a line of a rule book."""

    UNKNOWN_NAME = "unknown_name"
    """There is no such key."""
    WRONG_KIND = "wrong_kind"
    """`value` is not what the key asks for."""
    OUT_OF_RANGE = "out_of_range"
    """`value` is below or above what makes sense."""
    NOT_ABOVE = "not_above"
    """The key's value must be above, or at least at, that of the key `value`."""
    TOO_MUCH = "too_much"
    """The values of `key` and its neighbours add up to more than `value` allows."""
    MISSING = "missing"
    """A service of the firm's own lacks the key."""
    NOT_TOML = "not_toml"
    """The file cannot be read; `value` says where."""


class RuleBookError(DomainError):
    """A rule book that cannot be: which key, and what is wrong with it."""

    def __init__(self, problem: RuleProblem, key: str, value: str = "") -> None:
        super().__init__(f"{key}: {problem} {value}".strip())
        self.problem = problem
        self.key = key
        self.value = value

    def within(self, section: str) -> "RuleBookError":
        """Return the error with its keys named from the section's outside."""
        value = self.value
        if self.problem in (RuleProblem.NOT_ABOVE, RuleProblem.TOO_MUCH):
            value = f"{section}.{value}"
        return RuleBookError(self.problem, f"{section}.{self.key}", value)
