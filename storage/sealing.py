"""Whether the journal is whole: every seal is computed anew, and held against heads kept elsewhere.

A chain alone does not show that its end was cut off by somebody who may also write the head beside
it; a head noted elsewhere (the store, a log line, an export, a backup) does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from storage.journal import NOTHING_YET, Head, Journal, Kept, Kind, hash_of, reason_hash_of

MOST_FLAWS = 20
"""Named one by one; after so many nobody reads on."""


class Flaw(StrEnum):
    """What is wrong at an entry."""

    CHANGED = "changed"
    """It does not have the hash that its content gives."""
    MISSING = "missing"
    """Entries before it are not there, or others than it followed."""
    CUT = "cut"
    """Entries up to this one were there once."""
    REPLACED = "replaced"
    """Another entry stood here when its hash was noted elsewhere."""
    REASON_CHANGED = "reason_changed"
    UNEXPLAINED_START = "unexplained_start"
    """Entries up to this one were removed, and none says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying a firm's journal found."""

    entries: int
    head: Head
    flaws: tuple[tuple[int, Flaw], ...] = ()
    """By the number of the entry."""

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.flaws


def verify(journal: Journal, firm_id: int, noted: Mapping[int, str] | None = None) -> Verdict:
    """Verify a firm's whole chain; `noted` are hashes by number that were kept elsewhere."""
    head = journal.head(firm_id)
    waiting = {seq: kept for seq, kept in (noted or {}).items() if seq > head.base_seq}
    if head.seq > head.base_seq:
        waiting.setdefault(head.seq, head.hash)
    last, flaws, count = (head.base_seq, head.base_hash), list[tuple[int, Flaw]](), 0
    is_explained = head.base_seq == 0 and head.base_hash == NOTHING_YET
    for kept in journal.entries(firm_id):
        count += 1
        flaws += _flaws_of(kept, last, waiting.pop(kept.seq, None))
        is_explained = is_explained or _explains(kept, head)
        last = (kept.seq, kept.hash)
    if not is_explained:
        flaws.append((head.base_seq, Flaw.UNEXPLAINED_START))
    flaws += [(seq, Flaw.CUT) for seq in sorted(waiting)]
    return Verdict(entries=count, head=head, flaws=tuple(flaws[:MOST_FLAWS]))


def _flaws_of(kept: Kept, last: tuple[int, str], noted: str | None) -> Iterable[tuple[int, Flaw]]:
    if (kept.seq - 1, kept.prev_hash) != last:
        yield kept.seq, Flaw.MISSING
    if kept.hash != hash_of(kept):
        yield kept.seq, Flaw.CHANGED
    if noted not in (None, kept.hash):
        yield kept.seq, Flaw.REPLACED
    if kept.reason is not None and kept.reason_hash != reason_hash_of(kept.salt or "", kept.reason):
        yield kept.seq, Flaw.REASON_CHANGED


def _explains(kept: Kept, head: Head) -> bool:
    """Tell whether an entry says that those up to the base were removed after their term."""
    return kept.kind == Kind.PURGE and kept.fields == f"{head.base_seq},{head.base_hash}"
