"""What an import can have to say, by code; `import_report` fills in the facts."""

from bot.words import say
from storage.files.findings import NoteCode, ProblemCode, QuestionKind, RefusalCode
from storage.importing import NoteCode as PlanNoteCode
from storage.importing import ProblemCode as PlanProblemCode

FIELDS = {
    "client_id": say("Client number"),
    "name": say("Name"),
    "advisor": say("Advisor"),
    "revenue": say("Revenue a year"),
    "managed": say("Managed"),
    "wallet": say("Wallet"),
    "wallet_share": say("Share of wallet"),
    "wallet_source": say("Source of the wallet"),
    "wallet_on": say("Wallet as of"),
    "satisfaction": say("Satisfaction"),
    "satisfaction_scale": say("Scale"),
    "satisfaction_on": say("Asked on"),
    "income": say("Income a year"),
    "saving_rate": say("Saving rate"),
    "business_share": say("Share of the own business in the net worth"),
    "client_since": say("Client since"),
    "former_since": say("Former client since"),
    "born_on": say("Birthday"),
    "last_review_on": say("Last review"),
    "last_contact_on": say("Last contact"),
    "trust": say("Trust"),
    "trust_on": say("Trust as of"),
    "coachability": say("Coachability"),
    "coachability_on": say("Coachability as of"),
    "referrals": say("Referrals given"),
    "referrals_on": say("Referrals as of"),
    "providers": say("Number of providers"),
    "provider_rank": say("Our place among the providers"),
    "ranked_on": say("Providers as of"),
    "criterion": say("Strategic criterion"),
    "relation": say("Relation to the sponsor"),
    "sponsor": say("Sponsor"),
}

RELATIONS = {
    "child": say("child"),
    "widowed": say("widowed"),
    "friend": say("personal friend"),
}

FORMATS = {
    "de": say("1.234,56 (German)"),
    "en": say("1,234.56 (English)"),
    "ch": say("1'234.56 (Swiss)"),
    "dmy": say("31/12/2026 (day first)"),
    "mdy": say("12/31/2026 (month first)"),
}

PERCENT_READINGS = {
    "percent": say("as it stands: 0.5 is half a per cent"),
    "fraction": say("as a fraction: 0.5 is 50 per cent"),
}

CONTAINERS = {
    "zip": say("a ZIP archive"),
    "docx": say("a Word file"),
    "ods": say("an OpenDocument file"),
    "xlsb": say("a binary Excel file (.xlsb)"),
    "ole2": say("an old Excel file (.xls)"),
    "pdf": say("a PDF"),
    "html": say("a web page (HTML)"),
    "rtf": say("a formatted text (RTF)"),
    "gzip": say("a compressed file (gzip)"),
    "image": say("a picture"),
    "parquet": say("a Parquet file"),
    "sqlite": say("an SQLite database"),
}

HIDDEN_ROWS = {"leave_out": say("leave them out"), "read": say("read them")}

REFUSALS = {
    RefusalCode.FILE_EMPTY: say("The file is empty."),
    RefusalCode.FILE_TOO_LARGE: say(
        "The file has more than {limit} bytes. Please split it into several files."
    ),
    RefusalCode.WRONG_CONTAINER: say(
        "This is {container}, neither a workbook (.xlsx) nor a CSV file. Please save it as .xlsx "
        "or .csv."
    ),
    RefusalCode.TOO_MANY_COLUMNS: say("The file has {found} columns; at most {limit} are read."),
    RefusalCode.TOO_MANY_ROWS: say(
        "The file has {found} rows; at most {limit} are read. Please split it into several files."
    ),
    RefusalCode.COLUMN_MISSING: say(
        "No column is known to be “{field}”. Headings that are recognised: {accepted}"
    ),
    RefusalCode.HEADING_TWICE: say(
        "More than one column is “{field}”: {headings} (columns {positions}). "
        "Only one can be; please rename or remove the others."
    ),
    RefusalCode.NO_SUCH_HEADING: say(
        "The file has no heading “{heading}”, which was named for “{field}”."
    ),
    RefusalCode.AMOUNTS_IN_THOUSANDS: say(
        "The heading “{column}” announces amounts in “{unit}”. Please write the amounts out, "
        "such as 1234000, and take the unit out of the heading."
    ),
    RefusalCode.HEADING_IN_OTHER_CURRENCY: say(
        "The heading “{column}” is in {found}, but the firm calculates in {expected}. "
        "Nothing is converted; please give the amounts in {expected}."
    ),
    RefusalCode.BOTH_NUMBER_FORMATS: say(
        "Column “{column}” has both decimal marks: “{value}” in line {row} and “{other_value}” in "
        "line {other_row}. Please correct one, or choose the format that holds: then rows in "
        "the other one are refused."
    ),
    RefusalCode.BOTH_DATE_ORDERS: say(
        "Column “{column}” has dates with the day first and with the month first: “{value}” in "
        "line {row} and “{other_value}” in line {other_row}. Please correct one, or choose the "
        "order that holds: then rows in the other one are refused."
    ),
    RefusalCode.PROTECTED: say(
        "The workbook is protected by a password. Please save it without one."
    ),
    RefusalCode.DAMAGED: say("The workbook is damaged. Please save it again in the spreadsheet."),
    RefusalCode.UNSAFE_XML: say(
        "The workbook declares its own XML entities, which no spreadsheet does. It is not read."
    ),
    RefusalCode.TOO_LARGE_INSIDE: say(
        "Unpacked, the workbook would be larger than is allowed ({limit} bytes), or it is packed "
        "too tightly. Please save the sheet as CSV."
    ),
    RefusalCode.TOO_MANY_PARTS: say(
        "The workbook has {found} parts inside; at most {limit} are read."
    ),
    RefusalCode.TOO_MANY_SHEETS: say("The workbook has {found} sheets; at most {limit} are read."),
    RefusalCode.SHEET_RANGE_TOO_LARGE: say(
        "The sheet's range is too large: {range}. At most {limit} cells are read; please delete "
        "what stands far from the table."
    ),
    RefusalCode.TOO_SLOW: say(
        "The workbook takes too long or too much memory to read. Please save the sheet as CSV."
    ),
    RefusalCode.NO_SUCH_SHEET: say("There is no sheet “{sheet}”. Sheets: {accepted}"),
    RefusalCode.UNREADABLE: say(
        "The quotation marks of the file cannot be told apart. Each that opens must be closed; "
        "one within a text is written twice."
    ),
}
UNREADABLE_FROM = say(
    "The quotation marks of the file cannot be told apart, from line {row} on. Each that opens "
    "must be closed; one within a text is written twice."
)
NO_SUCH_FIELD = say("“{field}” is nothing that can be imported. Possible: {accepted}")

PROBLEMS = {
    ProblemCode.CELLS_MISSING: say("{found} cells. Accepted: {expected}, one for each heading."),
    ProblemCode.CELLS_TOO_MANY: say(
        "{found} cells. Accepted: {expected}, one for each heading. A separator within a text "
        "needs quotation marks around the text."
    ),
    ProblemCode.QUOTE_NOT_CLOSED: say(
        "A quotation mark opens here and is not closed. One within a text is written twice."
    ),
    ProblemCode.CELL_TOO_LONG: say("{found} characters; at most {limit} are read."),
    ProblemCode.MISSING: say("The cell is empty, but a value is needed."),
    ProblemCode.TEXT_TOO_LONG: say("{found} characters; at most {limit} are kept."),
    ProblemCode.CONTROL_CHARACTER: say(
        "It holds an invisible control character ({character}). Please type it anew without it."
    ),
    ProblemCode.BROKEN_CHARACTER: say(
        "A character is broken (shown as \ufffd). Please type it anew, or choose another encoding."
    ),
    ProblemCode.NO_LETTERS: say("A name needs at least one letter or digit."),
    ProblemCode.SCIENTIFIC_ID: say(
        "The spreadsheet has shortened the number, and its digits are lost. Please format the "
        "column as text and enter the full number."
    ),
    ProblemCode.SAME_ID: say(
        "Line {other_row} has the same client number with other values. Only one can be right."
    ),
    ProblemCode.OWN_SPONSOR: say("A client cannot be the own sponsor. Name another client."),
    ProblemCode.EXCEL_ERROR: say(
        "An error of the spreadsheet. Please correct the formula, or leave the cell empty."
    ),
    ProblemCode.FORMULA: say("A formula without its value. Please save the values instead."),
    ProblemCode.FORMULA_WITHOUT_VALUE: say(
        "The formula has no stored value. Please save the workbook in the spreadsheet once."
    ),
    ProblemCode.MERGED_CELLS: say(
        "The cells {range} are merged. Please split them and fill each one."
    ),
    ProblemCode.NOT_A_NUMBER: say("Not a number. Accepted: {accepted}"),
    ProblemCode.WRITTEN_SHORT: say("Abbreviated. Written out, is {suggestion} meant?"),
    ProblemCode.OTHER_CURRENCY: say(
        "The amount is in {found}, but the firm calculates in {expected}. Nothing is converted."
    ),
    ProblemCode.NEGATIVE: say("Negative. Accepted: 0 or more."),
    ProblemCode.TOO_MANY_DECIMALS: say(
        "Too many decimals. Accepted: at most {limit}; nothing is rounded."
    ),
    ProblemCode.TOO_LARGE: say("Too large. Accepted: at most {limit}."),
    ProblemCode.OTHER_NUMBER_FORMAT: say(
        "Not in the number format of this column. Accepted: {number_format}"
    ),
    ProblemCode.OUT_OF_RANGE: say("Out of range. Accepted: {lowest} to {highest}."),
    ProblemCode.NOT_WHOLE: say("Not a whole number. Accepted: {lowest} to {highest}."),
    ProblemCode.RANK_INCOMPLETE: say(
        "The number of providers and our place among them are only read together."
    ),
    ProblemCode.RANK_BEYOND_PROVIDERS: say(
        "There are only {providers} providers. Accepted: a place from 1 to {providers}."
    ),
    ProblemCode.SCALE_MISSING: say(
        "The row does not say on which scale the satisfaction is. Accepted: {accepted}"
    ),
    ProblemCode.NOT_A_DATE: say("Not a date. Accepted: {accepted}"),
    ProblemCode.NO_SUCH_DAY: say("The calendar has no such day."),
    ProblemCode.TWO_DIGIT_YEAR: say("The year needs four digits. Accepted: {accepted}"),
    ProblemCode.DATE_AS_DIGITS: say("Digits alone are not read as a date. Accepted: {accepted}"),
    ProblemCode.YEAR_OUT_OF_RANGE: say("Accepted: years from {lowest} to {highest}."),
    ProblemCode.IN_THE_FUTURE: say(
        "The day is still to come, but this has been observed. Accepted: {today} or earlier."
    ),
    ProblemCode.OTHER_DATE_ORDER: say(
        "Not in the date order of this column. Accepted: {date_order}"
    ),
    ProblemCode.ENDS_BEFORE_START: say(
        "The client has left before becoming one. Accepted: the day of “client since” or later."
    ),
    ProblemCode.UNKNOWN_WORD: say("This word is not known here. Accepted: {accepted}"),
}
OFF_SCALE = say("Not on the scale “{scale}”. Accepted: {lowest} to {highest}.")

PLAN_PROBLEMS = {
    PlanProblemCode.ADVISOR_UNKNOWN: say(
        "No member has this key or name. Accepted: the key or the full name of a member."
    ),
    PlanProblemCode.ADVISOR_AMBIGUOUS: say(
        "Several members have this name. Accepted: the member's key."
    ),
    PlanProblemCode.ADVISOR_INACTIVE: say(
        "This member is no longer active. Accepted: the key or the full name of an active one."
    ),
    PlanProblemCode.ADVISOR_MISSING: say(
        "A new client needs an advisor. Accepted: the key or the full name of a member."
    ),
    PlanProblemCode.NOT_IN_YOUR_BOOK: say(
        "Not in the book of this import. Accepted: clients of that book, and new ones for it."
    ),
    PlanProblemCode.SAME_ID: say("Another row has the same client number. Please keep one."),
    PlanProblemCode.ID_TOO_LONG: say(
        "The client number is too long. Accepted: at most {limit} characters."
    ),
    PlanProblemCode.SPONSOR_UNKNOWN: say(
        "No client with this number is known or imported along. Accepted: the client number of "
        "the sponsor."
    ),
    PlanProblemCode.SPONSOR_WITHOUT_RELATION: say(
        "The relation to this sponsor is missing. Accepted: {accepted}"
    ),
    PlanProblemCode.RELATION_WITHOUT_SPONSOR: say(
        "The sponsor for this relation is missing. Accepted: the client number of the sponsor."
    ),
}
PLAN_PROBLEM_FIELDS = {
    PlanProblemCode.ADVISOR_UNKNOWN: "advisor",
    PlanProblemCode.ADVISOR_AMBIGUOUS: "advisor",
    PlanProblemCode.ADVISOR_INACTIVE: "advisor",
    PlanProblemCode.ADVISOR_MISSING: "advisor",
    PlanProblemCode.NOT_IN_YOUR_BOOK: "client_id",
    PlanProblemCode.SAME_ID: "client_id",
    PlanProblemCode.ID_TOO_LONG: "client_id",
    PlanProblemCode.SPONSOR_UNKNOWN: "sponsor",
    PlanProblemCode.SPONSOR_WITHOUT_RELATION: "sponsor",
    PlanProblemCode.RELATION_WITHOUT_SPONSOR: "relation",
}
"""The field whose column a problem is about."""

QUESTIONS = {
    QuestionKind.ENCODING: say("The file is not in UTF-8. In which encoding does it read right?"),
    QuestionKind.SEPARATOR: say("Only one column was found. What separates the cells?"),
    QuestionKind.COLUMNS: say(
        "None of the headings is known. Which column is the client number, which one the name? "
        "Or is the first row already a client?"
    ),
    QuestionKind.NUMBER_FORMAT: say(
        "Column “{column}”: the numbers can be read in several ways. Which one is meant?"
    ),
    QuestionKind.DATE_ORDER: say(
        "Column “{column}”: does the day or the month come first in the dates?"
    ),
    QuestionKind.PERCENT_AS: say("Column “{column}”: are these per cents, or fractions of 1?"),
    QuestionKind.SATISFACTION_SCALE: say("Column “{column}”: on which scale is the satisfaction?"),
    QuestionKind.SHEET: say("Several sheets hold data. Which one is the list of clients?"),
    QuestionKind.HIDDEN_ROWS: say(
        "Some rows of the sheet are hidden, perhaps by a filter. Read them, or leave them out?"
    ),
}

ASKED_OF_SEVERAL = say("The same is asked of: {columns}. One answer holds for the whole file.")
SHOWN_ELSEWHERE = say("Other columns of the file are written so: {choice}")

NOTES = {
    NoteCode.TIMES_DROPPED: say("the day is kept, the time of day is not"),
    NoteCode.ROUNDED: say("rounded to two decimals"),
    NoteCode.READ_AS_PERCENT: say("numbers without a sign read as per cent"),
    NoteCode.READ_AS_FRACTION: say("numbers without a sign read as fractions (0.5 is 50 per cent)"),
    NoteCode.SCALE_SETTLED: say(
        "read on the scale “{scale}”, the only one on which all values lie"
    ),
    NoteCode.LOOKS_DOUBLE_ENCODED: say(
        "looks as if letters were garbled before; perhaps “{suggestion}” is meant"
    ),
    NoteCode.SAME_ROW_TWICE: say("the same row again, read once"),
    NoteCode.SAME_NAME: say("several client numbers with the same name"),
    NoteCode.REVENUE_ABOVE_MANAGED: say("the revenue is above what is managed"),
    NoteCode.MANAGED_ABOVE_WALLET: say("what is managed is above the wallet"),
    NoteCode.SATISFACTION_WITHOUT_DATE: say(
        "satisfaction without the day it was asked; counted from today"
    ),
    NoteCode.WALLET_WITHOUT_DATE: say("wallet without a day; counted from today"),
    NoteCode.JUDGED_WITHOUT_DATE: say("without the day it was seen; counted from today"),
    NoteCode.DATE_AHEAD: say("the day is still to come"),
    NoteCode.MACROS_IGNORED: say("the workbook has macros; they are ignored"),
    NoteCode.LINKS_NOT_FOLLOWED: say("the workbook links to other files; no link is followed"),
    NoteCode.OBJECTS_IGNORED: say("the workbook has embedded objects; they are ignored"),
    NoteCode.HIDDEN_SHEETS: say("hidden sheets, not read: {names}"),
    NoteCode.HIDDEN_COLUMNS: say("hidden columns, read like the others: {names}"),
    NoteCode.HIDDEN_ROWS: say("hidden in the sheet: {choice}"),
    NoteCode.CELLS_WITHOUT_HEADING: say("there are cells without a heading; they are not read"),
    NoteCode.MORE_PROBLEMS: say("refused without a description, for the list would be too long"),
}

ABOUT_THE_FILE = (
    NoteCode.MACROS_IGNORED,
    NoteCode.LINKS_NOT_FOLLOWED,
    NoteCode.OBJECTS_IGNORED,
    NoteCode.HIDDEN_SHEETS,
    NoteCode.HIDDEN_COLUMNS,
    NoteCode.CELLS_WITHOUT_HEADING,
)
"""Remarks that name no lines."""

PLAN_NOTES = {
    PlanNoteCode.NAME_REPLACED: say(
        "the client number is known under quite another name; is it the same client?"
    ),
    PlanNoteCode.NAME_UNDER_OTHER_ID: say(
        "a client of this name is known under another number; would this be a second one?"
    ),
    PlanNoteCode.AMOUNTS_MOVED: say(
        "“{field}” differs from what is known by about {factor} times, which looks like another "
        "number format"
    ),
}
