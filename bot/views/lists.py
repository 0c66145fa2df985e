"""Lists of clients: several hits, the week's priorities."""

from collections.abc import Iterator

from bot import actions
from bot.reports import SeveralReport, WeekReport
from bot.views import explain
from bot.views.blocks import (
    Block,
    button,
    context,
    divider,
    escape,
    header,
    section,
)
from bot.views.blocks import (
    actions as row,
)
from bot.words import Words, say
from domain.model import Quadrant
from domain.priorities import Assessment

PAGE = 7
QUADRANT_LINES = {
    Quadrant.GROW: say("GROW: satisfied, and much lies elsewhere"),
    Quadrant.FIX: say("FIX: much is with us, and dissatisfied"),
    Quadrant.MOVE: say("MOVE: dissatisfied, and little is with us"),
    Quadrant.MODEL: say("MODEL: satisfied, and much is with us"),
}


def picker(report: SeveralReport, words: Words) -> list[Block]:
    """Let the asker choose among several hits."""
    blocks = [section(f"*{escape(picker_title(report, words))}*")]
    blocks += [
        client_line(each, words, detail=explain.segment_name(each, words)) for each in report.hits
    ]
    if report.has_more:
        blocks.append(context(_more_fit(words)))
    return blocks


def picker_text(report: SeveralReport, words: Words) -> str:
    """Say the hits as text."""
    names = "; ".join(
        f"{each.client.name} ({explain.segment_name(each, words)})" for each in report.hits
    )
    more = f" {_more_fit(words)}" if report.has_more else ""
    return escape(f"{picker_title(report, words)} {names}.{more}")


def priorities(report: WeekReport, words: Words, *, start: int = 0) -> list[Block]:
    """Show a page of the week's list, each name with one next step."""
    every = report.in_order()
    page = every[start : start + PAGE]
    blocks = [header(_title(report, words)), section(escape(week_summary(report, words)))]
    blocks += _entries(page, report, words)
    if start == 0:
        blocks += question(report, words)
    left = len(every) - start - len(page)
    if left > 0:
        team = "team" if report.is_team else "me"
        blocks.append(
            row(
                button(
                    words.say_n("Show {n} more", "Show {n} more", min(left, PAGE)),
                    actions.MORE_PRIORITIES,
                    f"{team}:{start + PAGE}",
                )
            )
        )
    blocks.append(context(_as_of(report, words, shown=start + len(page), of=len(every))))
    return blocks


def priorities_text(report: WeekReport, words: Words, *, start: int = 0) -> str:
    """Say a page of the list as text: all that stands on it, for screen readers get no more."""
    every = report.in_order()
    page = every[start : start + PAGE]
    lines = [_title(report, words), week_summary(report, words)]
    for quadrant, each in with_headings(page):
        if quadrant is not None:
            lines.append(quadrant_line(quadrant, words))
        lines.append(f"{name_line(each, report, words)}: {reason(each, words)}")
    if start == 0 and report.week.ask is not None:
        ask = report.week.ask
        lines += [
            _question_title(words),
            f"{name_line(ask, report, words)}: {_answer_wanted(ask, words)}",
        ]
    lines.append(_as_of(report, words, shown=start + len(page), of=len(every)))
    return escape("\n".join(lines))


def _entries(page: tuple[Assessment, ...], report: WeekReport, words: Words) -> list[Block]:
    blocks: list[Block] = []
    for quadrant, each in with_headings(page):
        if quadrant is not None:
            blocks += [divider(), context(quadrant_line(quadrant, words))]
        blocks.append(
            client_line(
                each, words, detail=reason(each, words), name=name_line(each, report, words)
            )
        )
    return blocks


def with_headings(
    page: tuple[Assessment, ...],
) -> Iterator[tuple[Quadrant | None, Assessment]]:
    """Pair each client with the field to name before it, None where it goes on."""
    shown: Quadrant | None = None
    for each in page:
        quadrant = each.quadrant.quadrant
        is_new = quadrant is not None and quadrant is not shown
        shown = quadrant or shown
        yield (quadrant if is_new else None), each


def client_line(each: Assessment, words: Words, *, detail: str, name: str | None = None) -> Block:
    """Show a client with a detail and the way to the card."""
    return section(
        f"*{escape(name or each.client.name)}*\n{escape(detail)}",
        accessory=button(
            words.say("Open"),
            actions.OPEN_CLIENT,
            str(each.client.client_id),
            about=each.client.name,
        ),
    )


def question(report: WeekReport, words: Words) -> list[Block]:
    """Ask for the one missing answer that matters most."""
    ask = report.week.ask
    if ask is None:
        return []
    return [
        divider(),
        context(_question_title(words)),
        client_line(
            ask, words, detail=_answer_wanted(ask, words), name=name_line(ask, report, words)
        ),
    ]


def _question_title(words: Words) -> str:
    return words.say("The one missing answer that matters most")


def _answer_wanted(ask: Assessment, words: Words) -> str:
    return explain.question(ask.quadrant.missing[0], words)


def name_line(each: Assessment, report: WeekReport, words: Words) -> str:
    """Name a client with tier, on a team's list with the advisor."""
    tier = each.tier.tier.value if each.tier.tier else "–"
    if each.tier.is_overridden:
        tier = words.say("{tier} (overruled)", tier=tier)
    name = f"{each.client.name} · {tier}"
    return f"{name} · {report.advisors[each.client.advisor_id]}" if report.is_several else name


def reason(each: Assessment, words: Words) -> str:
    """Say what is at stake and what to do next."""
    return f"{explain.worth(each, words)}\n{explain.next_step(each, words)}"


def picker_title(report: SeveralReport, words: Words) -> str:
    """Ask which client is meant."""
    return words.say("Several clients fit “{query}”. Whom do you mean?", query=report.query)


def _more_fit(words: Words) -> str:
    return words.say("More clients fit. Type more of the name.")


def _title(report: WeekReport, words: Words) -> str:
    if report.is_team:
        return words.say("Priorities of the team {team}", team=report.whose)
    return words.say("Your priorities this week")


def week_summary(report: WeekReport, words: Words) -> str:
    """Count a book by field."""
    found = report.priorities
    if not (found.grow or found.fix or found.move or found.model):
        return _nothing(report, words)
    parts = [
        (len(found.grow), words.say_n("{n} to grow", "{n} to grow", len(found.grow))),
        (len(found.fix), words.say_n("{n} to fix", "{n} to fix", len(found.fix))),
        (len(found.move), words.say_n("{n} decision open", "{n} decisions open", len(found.move))),
        (len(found.model), words.say_n("{n} to learn from", "{n} to learn from", len(found.model))),
        (
            len(found.not_placed),
            words.say_n("{n} not placed", "{n} not placed", len(found.not_placed)),
        ),
    ]
    return " · ".join(sentence for count, sentence in parts if count)


def _nothing(report: WeekReport, words: Words) -> str:
    if report.clients == 0:
        return words.say("No clients yet. Import a book to begin.")
    return words.say(
        "Nobody can be placed yet: satisfaction or share of wallet is missing everywhere."
    )


def quadrant_line(quadrant: Quadrant, words: Words) -> str:
    """Name a field and whom it holds."""
    return words.say(QUADRANT_LINES[quadrant])


def _as_of(report: WeekReport, words: Words, *, shown: int, of: int | None) -> str:
    parts = [words.say("As of {day}", day=words.day(report.today))]
    parts.append(words.say_n("{n} client in the book", "{n} clients in the book", report.clients))
    if of is not None:
        parts.append(words.say("{shown} of {of} shown", shown=shown, of=of))
    parts.append(words.say("rule book {version}", version=report.rules.version))
    return " · ".join(parts)
