"""What an import of a client file finds and does, as values.

``storage.planning`` compares a file with the store and changes nothing; ``storage.staging`` keeps
all of a plan or nothing; ``storage.undoing`` takes the last import back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.files.book_file import BookFile

SHOWN = 5
"""So many examples of each kind are shown."""
LONGEST_ID = 64
MOST_PROBLEMS = 10_000
"""So many problems are described; rows beyond are refused all the same, and counted."""
SWEEPING_SHARE = 0.1
"""Removing more of the known clients than this needs a second confirmation."""

Progress = Callable[[int, int], None]
"""Told from time to time how many rows are done, and of how many."""


class ProblemCode(StrEnum):
    """Why a row that reads well cannot be kept."""

    ADVISOR_UNKNOWN = "advisor_unknown"
    ADVISOR_AMBIGUOUS = "advisor_ambiguous"
    ADVISOR_INACTIVE = "advisor_inactive"
    ADVISOR_MISSING = "advisor_missing"
    NOT_IN_YOUR_BOOK = "not_in_your_book"
    SAME_ID = "same_id"
    ID_TOO_LONG = "id_too_long"
    SPONSOR_UNKNOWN = "sponsor_unknown"
    SPONSOR_WITHOUT_RELATION = "sponsor_without_relation"
    RELATION_WITHOUT_SPONSOR = "relation_without_sponsor"


class NoteCode(StrEnum):
    """What is worth a second look before anything is kept."""

    NAME_REPLACED = "name_replaced"
    """The client number is known under quite another name."""
    NAME_UNDER_OTHER_ID = "name_under_other_id"
    """A new client bears the name of a known one."""
    AMOUNTS_MOVED = "amounts_moved"
    """Many amounts are 100 or 1000 times what they were; blocks until accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One row that is not kept, and why."""

    code: ProblemCode
    row: int
    """The line in the file."""
    value: str = ""
    """As it stands in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something possible but odd."""

    code: NoteCode
    count: int
    rows: tuple[int, ...]
    """The first five."""
    field: str | None = None
    factor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a row of the file would change of a client, as the store keeps it."""

    row: int
    external_id: str
    name: str
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Field to the value before (None: unknown) and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How many there are, and the first five."""

    count: int = 0
    first: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierImport:
    """When and by whom the very same file was imported before."""

    by: str
    at: datetime
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would do."""

    file: "BookFile"
    advisors_allowed: frozenset[int] | None
    default_advisor: int | None
    today: date
    earlier: EarlierImport | None
    new: Listed
    changed: Listed
    unchanged: int
    not_in_file: Listed
    problems: tuple[Problem, ...]
    """The first of them, in the order of the file."""
    problem_rows: int
    """Rows that read well and cannot be kept."""
    notes: tuple[Note, ...]
    remove_missing: bool
    """Clients that are not in the file become former ones."""
    known: int
    """Clients that the firm, or the book that is imported, has now."""
    digest: bytes
    """Equal for two plans that change the same and refuse the same."""

    @property
    def refused_rows(self) -> int:
        """Rows that are not kept: those that cannot be read and those with a problem."""
        return self.file.refused_rows + self.problem_rows

    @property
    def removed(self) -> int:
        """How many clients become former ones."""
        return self.not_in_file.count if self.remove_missing else 0

    @property
    def changes(self) -> int:
        """How many clients are new, changed or removed."""
        return self.new.count + self.changed.count + self.removed

    @property
    def is_sweeping(self) -> bool:
        """Whether so many clients would be removed that somebody should say so twice."""
        return self.removed > SWEEPING_SHARE * self.known

    @property
    def looks_implausible(self) -> bool:
        """Whether the amounts look as if read in another number format."""
        return any(note.code is NoteCode.AMOUNTS_MOVED for note in self.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """A finished import."""

    created: int
    changed: int
    unchanged: int
    earlier: EarlierImport | None
    """The same file's last import before, if this one found nothing to change."""
    touched: tuple[int, ...]
    """Ids of the clients that are new or changed; their placements may have changed."""
    removed: int = 0
    import_id: int | None = None


class ImportRefusedError(Exception):
    """The plan has refused rows, implausible amounts or removals that nobody has accepted."""


class NothingToUndoError(Exception):
    """There is no import, or the last one was taken back already."""


class ImportTouchedError(Exception):
    """Clients of the import were changed since, so that it cannot be taken back as a whole."""

    def __init__(self, count: int, names: tuple[str, ...]) -> None:
        super().__init__("clients of the import were changed since")
        self.count, self.names = count, names


class PlanOutdatedError(Exception):
    """The store changed after the plan was shown; `plan` is what the import would do now."""

    def __init__(self, plan: ImportPlan) -> None:
        super().__init__("the store changed after the plan was made")
        self.plan = plan
