"""Where a process may die on a message's way: before and after each commit and each call."""

from enum import StrEnum


class Point(StrEnum):
    """A place in the code that tests reach and let nothing come after."""

    BEFORE_OWED = "before owed"
    OWED = "owed"
    BEFORE_CLAIM = "before claim"
    CLAIMED = "claimed"
    BEFORE_KEPT = "before kept"
    KEPT = "kept"
    BEFORE_POST = "before post"
    POSTED = "posted"
    BEFORE_LOOK = "before look"
    LOOKED = "looked"
    BEFORE_RECORD = "before record"
    RECORDED = "recorded"
