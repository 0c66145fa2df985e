"""From cells of text to typed rows: reads each column, then compares the rows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from storage.files.amounts import (
    read_counts,
    read_money,
    read_percents,
    read_rank,
    read_satisfaction,
)
from storage.files.cells import (
    Column,
    Doubt,
    Mask,
    Refusals,
    beyond_latin,
    blank,
    known,
    longer,
    mask,
    repeated,
    scattered,
    trimmed,
)
from storage.files.dates import read_dates
from storage.files.findings import (
    NO_FACTS,
    SHOWN_CHARS,
    Example,
    Facts,
    Note,
    NoteCode,
    Problem,
    ProblemCode,
    Question,
    QuestionKind,
    Refusal,
    RefusalCode,
    RefusedFileError,
)
from storage.files.headings import MONEY, REQUIRED, read_heading
from storage.files.options import Limits, ReadOptions
from storage.files.tables import Table, Typed
from storage.files.texts import read_id, read_name, read_text
from storage.files.words import WORDS, read_words

MAY_BE_NEGATIVE = ("revenue", "income")
PERCENTS = ("wallet_share", "saving_rate", "business_share")
COUNTS = {
    "trust": (1, 5),
    "coachability": (1, 5),
    "referrals": (0, 9_999),
    "providers": (1, 99),
}
"""Marks and counts: from, to. No client has so many banks, nor given so many referrals."""
OBSERVED_ON = (
    "wallet_on", "satisfaction_on", "trust_on", "coachability_on", "referrals_on", "ranked_on",
)  # fmt: skip
NEVER_AHEAD = (*OBSERVED_ON, "born_on", "last_review_on", "last_contact_on")
DATES = (*NEVER_AHEAD, "client_since", "former_since")
JUDGED = {
    "trust": "trust_on",
    "coachability": "coachability_on",
    "referrals": "referrals_on",
    "provider_rank": "ranked_on",
}
IDS = ("client_id", "sponsor")
FIRST_ROWS = 5
EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a file: the good ones typed, the others as problems."""

    frame: pd.DataFrame
    count: int
    refused: int
    refusals: tuple[Refusal, ...]
    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]
    formats: dict[str, str]


def no_rows() -> pd.DataFrame:
    """Return the frame of a file from which nothing can be taken."""
    return pd.DataFrame({"row": np.zeros(0, np.int64)})


def read_rows(
    table: Table,
    positions: Mapping[str, int],
    *,
    options: ReadOptions,
    limits: Limits,
    today: date,
) -> Rows:
    """Read every mapped column and compare the rows with each other."""
    sheet = _Sheet(table, positions, options=options, limits=limits, today=today)
    sheet.read_columns()
    sheet.refuse_long_cells(table)
    sheet.compare_dates()
    sheet.compare_ranks()
    sheet.compare_ids()
    sheet.look_for_oddities()
    return sheet.rows(table.ragged)


class _Sheet:
    """The columns of one file while they are read."""

    def __init__(
        self,
        table: Table,
        positions: Mapping[str, int],
        *,
        options: ReadOptions,
        limits: Limits,
        today: date,
    ) -> None:
        cells = {field: trimmed(table.columns[at]) for field, at in positions.items()}
        self.kept = _filled(cells)
        self.cells = {field: _only(column, self.kept) for field, column in cells.items()}
        self.lines: NDArray[np.int64] = table.lines[self.kept]
        self.headings = {field: table.headings[at] for field, at in positions.items()}
        self.typed = {
            field: _typed_only(table.typed[at], self.kept)
            for field, at in positions.items()
            if at in table.typed
        }
        self.options, self.limits, self.today = options, limits, today
        self.columns: dict[str, Column] = {}
        self.notes: list[Note] = []
        self.whole_rows = Refusals.none(len(self.lines))
        self.repeated: Mask = np.zeros(len(self.lines), bool)
        self.good: Mask = np.ones(len(self.lines), bool)
        self.ragged = table.ragged_count
        if len(self.lines) + self.ragged > limits.rows:
            facts = {"found": len(self.lines) + self.ragged, "limit": limits.rows}
            raise RefusedFileError(Refusal(code=RefusalCode.TOO_MANY_ROWS, facts=facts))

    # reading

    def read_columns(self) -> None:
        """Read the columns one by one; satisfaction needs the scales first."""
        for field, typed in self.typed.items():
            self.cells[field] = blank(self.cells[field], typed.is_unvalued)
        for field in self.cells:
            if field != "satisfaction":
                self.columns[field] = self._read(field)
        if "satisfaction" in self.cells:
            self._read_satisfaction()
        for field, typed in self.typed.items():
            code = ProblemCode.FORMULA_WITHOUT_VALUE
            self.columns[field].refusals.add(typed.is_unvalued, code)

    def _read(self, field: str) -> Column:
        cells, limit = self.cells[field], self.limits.name_chars
        typed = self.typed.get(field)
        if field in MONEY:
            negative = field in MAY_BE_NEGATIVE
            return read_money(cells, typed, options=self.options, may_be_negative=negative)
        if field in PERCENTS:
            return read_percents(cells, typed, options=self.options)
        if field in COUNTS:
            lowest, highest = COUNTS[field]
            return read_counts(cells, typed, options=self.options, lowest=lowest, highest=highest)
        if field == "provider_rank":
            return read_rank(cells, typed, options=self.options, highest=COUNTS["providers"][1])
        if field in DATES:
            return read_dates(cells, options=self.options, today=self.today)
        if field in WORDS:
            return read_words(cells, field)
        if field == "name":
            return read_name(cells, limit=limit)
        if field in IDS:
            return read_id(cells, limit=limit, required=field in REQUIRED)
        return read_text(cells, limit=limit)

    def _read_satisfaction(self) -> None:
        heading = read_heading(self.headings["satisfaction"])
        scales = self.columns.get("satisfaction_scale")
        score, scale = read_satisfaction(
            self.cells["satisfaction"],
            scales.values if scales else None,
            self.typed.get("satisfaction"),
            heading_scale=heading.scale if heading else None,
            options=self.options,
        )
        self.columns["satisfaction"] = score
        refusals = scales.refusals if scales else Refusals.none(len(self.lines))
        self.columns["satisfaction_scale"] = Column(values=scale.values, refusals=refusals)

    # comparing

    def refuse_long_cells(self, table: Table) -> None:
        """Refuse rows with a cell beyond the limit, even in a column that is not read."""
        limit = self.limits.cell_chars
        for heading, column in zip(table.headings, table.columns, strict=True):
            if not longer(column, limit).any():
                continue
            kept = _only(column, self.kept)
            facts: dict[int, Facts] = {
                int(at): {"limit": limit, "found": len(kept[int(at)].as_py()), "heading": heading}
                for at in np.flatnonzero(longer(kept, limit))
            }
            self.whole_rows.each(ProblemCode.CELL_TOO_LONG, facts)

    def compare_dates(self) -> None:
        """Refuse what was seen tomorrow and ends before the beginning."""
        today = self.today
        for field in NEVER_AHEAD:
            if field in self.columns:
                days, refusals = self._days(field), self.columns[field].refusals
                facts = {"today": today.isoformat()}
                refusals.add(days > np.datetime64(today), ProblemCode.IN_THE_FUTURE, facts)
        if {"client_since", "former_since"} <= self.columns.keys():
            wrong = self._days("former_since") < self._days("client_since")
            refusals = self.columns["former_since"].refusals
            refusals.add(wrong, ProblemCode.ENDS_BEFORE_START)

    def compare_ranks(self) -> None:
        """Refuse a place without the number of providers, or beyond it."""
        if "provider_rank" not in self.columns:
            return
        count, rank = (self.columns[each] for each in ("providers", "provider_rank"))
        empty = [
            mask(pc.is_null(known(self.cells[each]))) for each in ("providers", "provider_rank")
        ]
        alone = empty[0] != empty[1]
        for column, is_empty in zip((count, rank), empty, strict=True):
            column.refusals.add(alone & ~is_empty & ~self._bad(), ProblemCode.RANK_INCOMPLETE)
        beyond = np.flatnonzero(mask(pc.greater(rank.values, pc.multiply(count.values, 100))))
        facts: dict[int, Facts] = {
            int(at): {"providers": count.values[int(at)].as_py()} for at in beyond
        }
        rank.refusals.each(ProblemCode.RANK_BEYOND_PROVIDERS, facts)

    def compare_ids(self) -> None:
        """Read a repeated row once; refuse an id that comes with different values."""
        twice = repeated(self.columns["client_id"].values)
        if twice.any():
            self._compare_rows_with_one_id(twice)
        if "sponsor" in self.columns:
            sponsor = self.columns["sponsor"]
            own = mask(pc.equal(sponsor.values, self.columns["client_id"].values))
            sponsor.refusals.add(own, ProblemCode.OWN_SPONSOR)

    def _compare_rows_with_one_id(self, twice: Mask) -> None:
        places = np.flatnonzero(twice)
        texts = pd.DataFrame(
            {
                field: pc.utf8_normalize(_only(cells, twice), form="NFC").to_pandas()
                for field, cells in self.cells.items()
            }
        )
        again = texts.duplicated(keep="first")
        self.repeated[places[again.to_numpy()]] = True
        ids = texts["client_id"]
        several = ids[~again]
        different = ids[ids.isin(several[several.duplicated()])]
        at = pd.Series(places[different.index], index=different.index)
        groups = at.groupby(different, sort=False)
        others = groups.shift(1).fillna(groups.transform("last")).astype(int)
        facts: dict[int, Facts] = {
            int(place): {"other_row": int(self.lines[other])}
            for place, other in zip(at, others, strict=True)
        }
        self.columns["client_id"].refusals.each(ProblemCode.SAME_ID, facts)

    def look_for_oddities(self) -> None:
        """Note in the good rows what is possible but worth a second look."""
        today = self.today
        self.good = ~self._bad()
        self.repeated &= self.good
        self._note(NoteCode.SAME_ROW_TWICE, "client_id", self.repeated)
        self.good &= ~self.repeated
        self._note_greater(NoteCode.REVENUE_ABOVE_MANAGED, "revenue", "managed")
        self._note_greater(NoteCode.MANAGED_ABOVE_WALLET, "managed", "wallet")
        self._note_undated(NoteCode.SATISFACTION_WITHOUT_DATE, "satisfaction", "satisfaction_on")
        self._note_undated(NoteCode.WALLET_WITHOUT_DATE, "wallet", "wallet_on")
        for field, dated in JUDGED.items():
            self._note_undated(NoteCode.JUDGED_WITHOUT_DATE, field, dated)
        for field in ("client_since", "former_since"):
            if field in self.columns:
                self._note(NoteCode.DATE_AHEAD, field, self._days(field) > np.datetime64(today))
        self._note(NoteCode.SAME_NAME, "name", repeated(self._compared_names()))
        for field, column in self.columns.items():
            for remark in column.remarks:
                self._note(remark.code, field, remark.where, remark.facts)

    def _compared_names(self) -> Any:
        names = blank(self.columns["name"].values, ~self.good)
        odd = beyond_latin(names)
        if odd.any():
            usual = pc.utf8_normalize(names.filter(pa.array(odd)), form="NFKC")
            names = scattered(names, odd, usual)
        return pc.replace_substring(pc.utf8_lower(names), "ß", "ss")

    def _days(self, field: str) -> NDArray[np.datetime64]:
        values = self.columns[field].values
        return cast("NDArray[np.datetime64]", values.to_numpy(zero_copy_only=False))

    def _note_greater(self, code: NoteCode, field: str, other: str) -> None:
        if {field, other} <= self.columns.keys():
            values, others = self.columns[field].values, self.columns[other].values
            self._note(code, field, mask(pc.greater(values, others)))

    def _note_undated(self, code: NoteCode, field: str, dated: str) -> None:
        if field in self.columns:
            undated = mask(pc.is_valid(self.columns[field].values))
            if dated in self.columns:
                undated &= mask(pc.is_null(self.columns[dated].values))
            self._note(code, field, undated)

    def _note(self, code: NoteCode, field: str, where: Mask, facts: Facts = NO_FACTS) -> None:
        where = where & self.good
        count = int(where.sum())
        if count:
            rows = tuple(int(line) for line in self.lines[np.flatnonzero(where)[:FIRST_ROWS]])
            heading = self.headings.get(field)
            note = Note(code=code, column=heading, count=count, rows=rows, facts=facts)
            self.notes.append(note)

    def _bad(self) -> Mask:
        masks = [column.refusals.bad for column in self.columns.values()]
        return cast("Mask", np.logical_or.reduce([self.whole_rows.bad, *masks]))

    # answering

    def rows(self, ragged: tuple[Problem, ...]) -> Rows:
        """Sum up: the frame of the good rows, and what there is to say about the others."""
        bad = self._bad()
        problems = self._problems(ragged)
        described = {problem.row for problem in problems}
        refused = int(bad.sum()) + self.ragged
        if refused > len(described):
            left_out = refused - len(described)
            self.notes.append(Note(code=NoteCode.MORE_PROBLEMS, count=left_out))
        return Rows(
            frame=self._frame(~(bad | self.repeated)),
            count=len(self.lines) + self.ragged,
            refused=refused,
            refusals=tuple(self._conflicts()),
            questions=tuple(self._questions()),
            problems=problems,
            notes=tuple(self.notes),
            formats={field: c.format for field, c in self.columns.items() if c.format},
        )

    def _problems(self, ragged: Iterable[Problem]) -> tuple[Problem, ...]:
        limit = self.limits.problems
        found = [*ragged, *self._problems_of(None, self.whole_rows)]
        for field, column in self.columns.items():
            found += self._problems_of(field, column.refusals)
        return tuple(sorted(found, key=_row)[:limit])

    def _problems_of(self, field: str | None, refusals: Refusals) -> Iterator[Problem]:
        for places, why in refusals.found:
            for place in places[: self.limits.problems]:
                value = (self.cells[field][int(place)].as_py() or "") if field else ""
                code, facts = why(int(place), value)
                yield Problem(
                    code=code,
                    row=int(self.lines[place]),
                    column=self.headings[field] if field else str(facts["heading"]),
                    value=value[:SHOWN_CHARS],
                    facts=facts,
                )

    def _conflicts(self) -> Iterator[Refusal]:
        for field, column in self.columns.items():
            if conflict := column.conflict:
                cells = self.cells[field]
                yield Refusal(
                    code=conflict.code,
                    column=self.headings[field],
                    row=int(self.lines[conflict.one]),
                    value=cells[conflict.one].as_py(),
                    facts={
                        "other_row": int(self.lines[conflict.other]),
                        "other_value": cells[conflict.other].as_py(),
                    },
                )

    def _questions(self) -> Iterator[Question]:
        """Ask each question once: one answer holds for the whole file."""
        asked: dict[QuestionKind, list[tuple[str, Doubt]]] = {}
        for field, column in self.columns.items():
            if column.doubt:
                asked.setdefault(column.doubt.kind, []).append((field, column.doubt))
        for kind, found in asked.items():
            (field, doubt), *others = found
            shown = {c.format for c in self.columns.values() if c.format in doubt.choices}
            yield Question(
                kind=kind,
                column=self.headings[field],
                others=tuple(self.headings[other] for other, _ in others),
                elsewhere=shown.pop() if len(shown) == 1 else None,
                examples=tuple(self._examples(field, doubt)),
                choices=doubt.choices,
            )

    def _examples(self, field: str, doubt: Doubt) -> Iterator[Example]:
        for place in np.flatnonzero(doubt.where)[:EXAMPLES]:
            value = self.cells[field][int(place)].as_py()
            readings = {choice: doubt.reading(value, choice) for choice in doubt.choices}
            yield Example(row=int(self.lines[place]), value=value, readings=readings)

    def _frame(self, good: Mask) -> pd.DataFrame:
        columns: dict[str, Any] = {"row": self.lines[good]}
        for field, column in self.columns.items():
            columns[field] = _pandas(_only(column.values, good))
        return pd.DataFrame(columns)


def _row(problem: Problem) -> int:
    return problem.row


def _filled(cells: Mapping[str, Any]) -> Mask:
    """Tell which rows say anything; a spreadsheet adds rows of empty cells."""
    conditions = (mask(pc.not_equal(column, "")) for column in cells.values())
    return cast("Mask", np.logical_or.reduce(list(conditions)))


def _only(column: Any, where: Mask) -> Any:
    return column if where.all() else column.filter(pa.array(where))


def _typed_only(typed: Typed, where: Mask) -> Typed:
    return Typed(
        values=typed.values[where],
        is_percent=typed.is_percent[where],
        is_unvalued=typed.is_unvalued[where],
    )


def _pandas(values: Any) -> Any:
    if pa.types.is_integer(values.type):
        return values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    if pa.types.is_date(values.type):
        return values.cast(pa.timestamp("s")).to_pandas()
    return values.to_pandas(types_mapper={pa.string(): pd.StringDtype(na_value=np.nan)}.get)
