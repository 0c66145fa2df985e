"""A book's hours against its revenue, in Slack."""

from bot import actions
from bot.reports import CapacityReport
from bot.views import capacity_words as said
from bot.views.blocks import Block, button, context, escape, header, section
from bot.views.blocks import actions as row
from bot.words import Words
from domain.hiring import lowest_tier

MATRIX, HOURS = "matrix", "hours"
MINE, TEAM = "mine", "team"


def capacity(report: CapacityReport, words: Words) -> list[Block]:
    """Show whether a book fits into its advisors' hours, and what each part takes and brings."""
    whose = TEAM if report.is_team else MINE
    blocks = [
        header(said.title(report, words)),
        section("\n".join(escape(each) for each in said.fit_lines(report, words))),
    ]
    if not report.load.total.clients:
        return blocks
    blocks += [
        _table(report, words),
        section("\n".join(f"• {escape(each)}" for each in _findings(report, words))),
    ]
    single = said.single_lines(report, words)
    if single:
        blocks.append(context("\n".join(single)))
    blocks += [
        row(
            button(words.say("Shall we hire?"), actions.HIRE, whose, primary=True),
            button(_what_if(report, words), actions.WHAT_IF, whose),
            button(words.say("Picture of the fields"), f"{actions.PICTURE}:{MATRIX}", whose),
            button(words.say("Picture of the hours"), f"{actions.PICTURE}:{HOURS}", whose),
            button(words.say("Practice checklist"), actions.PRACTICE, ""),
        ),
        context(small_print(report, words)),
    ]
    return blocks


def capacity_text(report: CapacityReport, words: Words) -> str:
    """Say the same as text."""
    columns = said.columns(words)
    lines = [
        f"{each.name}: " + ", ".join(f"{c} {v}" for c, v in zip(columns, each.cells, strict=True))
        for each in said.rows(report, words)
    ]
    return "\n".join(
        escape(each)
        for each in (
            said.title(report, words),
            *said.fit_lines(report, words),
            *_findings(report, words),
            *lines,
            *said.single_lines(report, words),
            small_print(report, words),
        )
    )


def small_print(report: CapacityReport, words: Words) -> str:
    """Say what the figures rest on."""
    return words.say(
        "Planned hours by the service model of rule book {version}; as of {day}. "
        "Limits and sums are ours.",
        version=report.rules.version,
        day=words.day(report.today),
    )


def _what_if(report: CapacityReport, words: Words) -> str:
    return words.say("What if {tier} goes?", tier=lowest_tier(report.rules).value)


def _findings(report: CapacityReport, words: Words) -> list[str]:
    lines = [
        *said.mismatch_lines(report, words),
        said.field_line(report, words),
        said.lower_half_line(report, words),
        said.ideal_line(report, words),
        said.alike_line(report, words),
    ]
    return [each for each in lines if each]


def _table(report: CapacityReport, words: Words) -> Block:
    """Make the one table of the message."""
    heading = [" ", *said.columns(words)]
    body = [[each.name, *each.cells] for each in said.rows(report, words)]
    right: list[Block] = [{"align": "right"} for _ in heading[1:]]
    return {
        "type": "table",
        "column_settings": [{"align": "left"}, *right],
        "rows": [
            [{"type": "raw_text", "text": cell or " "} for cell in line]
            for line in (heading, *body)
        ],
    }
