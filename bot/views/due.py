"""What is due: one's own list, a team's, one client's; each line with what can be done about it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from bot import actions
from bot.reports import SeveralReport
from bot.service_reports import DueEntry, DueReport, IssuesReport, ServiceReport
from bot.views import explain
from bot.views.blocks import Block, button, context, divider, escape, header, menu, section
from bot.views.blocks import actions as row
from bot.views.issues import issue_lines, issues_section
from bot.views.lists import picker_title
from bot.views.service_words import because, counted, name_by_key, stand, state_name
from bot.words import Words
from domain.model import Client
from domain.rulebook import RuleBook
from domain.service_model import Family, ServiceModel
from domain.servicing import DueService, DueState

PAGE = 7


def due_list(
    report: DueReport, words: Words, *, start: int = 0, issues: IssuesReport | None = None
) -> list[Block]:
    """Show a page of what is due; the first line is the answer.

    `issues` are for who keeps record of them: what is near comes first, the others at the end.
    """
    page = report.page(start, PAGE)
    blocks = [header(_title(report, words)), section(f"*{escape(summary(report, words))}*")]
    if start == 0:
        blocks += issues_section(issues, words, near=True)
    for state, entry in _with_headings(page):
        if state is not None:
            blocks += [divider(), context(_heading(state, report, words))]
        blocks += due_entry(entry, report, words)
    left = sum(report.counts.values()) - start - len(page)
    if left > 0:
        team = "team" if report.is_team else "me"
        more = words.say_n("Show {n} more", "Show {n} more", min(left, PAGE))
        blocks.append(row(button(more, actions.MORE_DUE, f"{team}:{start + PAGE}")))
    if start == 0:
        blocks += [*_agreements(report, words), *issues_section(issues, words, near=False)]
    blocks.append(context(_as_of(report, words, shown=start + len(page))))
    return blocks


def due_list_text(
    report: DueReport, words: Words, *, start: int = 0, issues: IssuesReport | None = None
) -> str:
    """Say a page of the list as text."""
    page = report.page(start, PAGE)
    lines = [_title(report, words), summary(report, words)]
    if start == 0 and issues:
        lines += issue_lines(issues.due, issues.rules, words)
    for state, entry in _with_headings(page):
        if state is not None:
            lines.append(_heading(state, report, words))
        lines.append(f"{_label(entry, report, words)}: {_stand(entry, report, words)}")
    lines.append(_as_of(report, words, shown=start + len(page)))
    return escape("\n".join(lines))


def due_entry(entry: DueEntry, report: DueReport, words: Words) -> list[Block]:
    """Show one service of one client, with its buttons if the reader may record something."""
    label, stands = _label(entry, report, words), _stand(entry, report, words)
    said = f"*{escape(label)}*\n{escape(stands)}"
    client = entry.client
    if client.advisor_id in report.only_seen:
        opened = button(
            words.say("Open"), actions.OPEN_CLIENT, str(client.client_id), about=client.name
        )
        return [section(said, accessory=opened)]
    service = name_by_key(entry.due.service, report.rules.services, words)
    return [
        section(said),
        service_buttons(
            entry.due,
            client.client_id,
            report.rules.services,
            words,
            about=f"{client.name}, {service}",
        ),
    ]


def service_buttons(
    due: DueService, client_id: int, model: ServiceModel, words: Words, *, about: str
) -> Block:
    """Make the buttons of one service: log it first, for that is what is done most."""
    of = f"{client_id}:{due.service}"
    has_own = due.appointment is not None and not due.is_booked_along
    book = words.say("Move appointment") if has_own else words.say("Book appointment")
    others = [
        (f"snooze:{of}", words.say("Put off")),
        (f"declined:{of}", words.say("Declined by the client")),
        (f"no_answer:{of}", words.say("No answer")),
        (f"agree:{of}", words.say("Agree otherwise")),
        (f"open:{of}", words.say("Open the card")),
    ]
    if has_own:
        others[0] = (f"cancel:{of}", words.say("Cancel appointment"))
        others[3] = (f"calendar:{of}", words.say("Calendar file"))
    found = model.find(due.service)
    second = button(book, f"{actions.SERVICE}:book", f"book:{of}", about=about)
    if found is not None and found.family is Family.EVENTS:
        second = button(words.say("Events"), actions.SHOW_EVENTS, due.service, about=about)
    return row(
        button(words.say("Log"), f"{actions.SERVICE}:log", f"log:{of}", about=about),
        second,
        menu(others, f"{actions.SERVICE}:more"),
    )


def picker(report: SeveralReport, words: Words) -> list[Block]:
    """Let the asker choose among several clients whose services to show."""
    blocks = [section(f"*{escape(picker_title(report, words))}*")]
    for each in report.hits:
        client = each.client
        blocks.append(
            section(
                f"*{escape(client.name)}*\n{escape(explain.segment_name(each, words))}",
                accessory=button(
                    words.say("Open"),
                    f"{actions.SERVICE}:show",
                    f"show:{client.client_id}:",
                    about=client.name,
                ),
            )
        )
    return blocks


def client_services(report: ServiceReport, words: Words) -> list[Block]:
    """Show all services that a client is owed, and what was agreed."""
    blocks = [
        header(_client_title(report, words)),
        section(f"*{escape(client_summary(report, words))}*"),
    ]
    for due in report.due:
        name = name_by_key(due.service, report.rules.services, words)
        lines = (f"*{escape(name)}* · {escape(state_name(due.state, words))}",)
        said = f"{stand(due, words, today=report.today)} {because(due, words)}."
        blocks.append(section("\n".join((*lines, escape(said)))))
        if report.may_change:
            blocks.append(
                service_buttons(
                    due,
                    report.client.client_id,
                    report.rules.services,
                    words,
                    about=f"{report.client.name}, {name}",
                )
            )
    for override in report.history.overrides:
        if override.holds_on(report.today):
            name = name_by_key(override.service, report.rules.services, words)
            lift = button(
                words.say("Lift"),
                f"{actions.SERVICE}:lift",
                f"lift:{report.client.client_id}:{override.service}",
                about=name,
            )
            told = words.say(
                "{service}: agreed otherwise until {day} ({by}). {reason}",
                service=name,
                day=words.day(override.last_day),
                by=override.by,
                reason=override.reason,
            )
            accessory = lift if report.may_change else None
            blocks.append(section(f"⚠ {escape(told)}", accessory=accessory))
    if report.issues:
        said = "\n".join(issue_lines(report.issues, report.rules, words))
        blocks.append(context(said))
    evidence = evidence_button(report.client, words)
    blocks += [row(evidence), context(_client_small_print(report, words))]
    return blocks


def evidence_button(client: Client, words: Words) -> Block:
    """Make the button that shows what was promised to a client, and what was done."""
    return button(
        words.say("Evidence of two years"),
        f"{actions.SERVICE}:evidence",
        f"evidence:{client.client_id}:",
        about=client.name,
    )


def client_services_text(report: ServiceReport, words: Words) -> str:
    """Say all services of a client as text."""
    lines = [_client_title(report, words) + ".", client_summary(report, words)]
    lines += client_lines(report.due, report.rules, words, today=report.today)
    lines += issue_lines(report.issues, report.rules, words)
    return escape("\n".join((*lines, _client_small_print(report, words))))


def client_lines(
    dues: tuple[DueService, ...], rules: RuleBook, words: Words, *, today: date
) -> list[str]:
    """Say how each service of a client stands."""
    return [
        f"{name_by_key(due.service, rules.services, words)} · {state_name(due.state, words)}. "
        f"{stand(due, words, today=today)} {because(due, words)}."
        for due in dues
    ]


def summary(report: DueReport, words: Words) -> str:
    """Say how much is due."""
    if not report.clients:
        return words.say("No clients yet. Import a book to begin.")
    return counted(report.counts, words)


def client_summary(report: ServiceReport, words: Words) -> str:
    """Say how much is due to one client."""
    if report.client.is_former_on(report.today):
        return words.say("No longer a client: nothing is due.")
    return counted(Counter(each.state for each in report.due), words)


def _with_headings(
    page: tuple[DueEntry, ...],
) -> Iterator[tuple[DueState | None, DueEntry]]:
    shown: DueState | None = None
    for entry in page:
        is_new = entry.due.state is not shown
        shown = entry.due.state
        yield (shown if is_new else None), entry


def _heading(state: DueState, report: DueReport, words: Words) -> str:
    return f"{state_name(state, words)} ({words.number(report.count(state))})"


def _label(entry: DueEntry, report: DueReport, words: Words) -> str:
    tier = entry.tier.value if entry.tier else "–"
    name = name_by_key(entry.due.service, report.rules.services, words)
    label = f"{entry.client.name} · {tier} · {name}"
    return f"{label} · {entry.advisor}" if report.is_several else label


def _stand(entry: DueEntry, report: DueReport, words: Words) -> str:
    return stand(entry.due, words, today=report.today)


def _agreements(report: DueReport, words: Words) -> list[Block]:
    if not report.overrides:
        return []
    said = "; ".join(
        words.say(
            "{client}: {service} until {day}",
            client=client.name,
            service=name_by_key(override.service, report.rules.services, words),
            day=words.day(override.last_day),
        )
        for client, override in report.overrides[:PAGE]
    )
    more = len(report.overrides) - PAGE
    if more > 0:
        said += " " + words.say_n("… and {n} more", "… and {n} more", more)
    return [context(words.say("Agreed otherwise: {agreements}", agreements=said))]


def _title(report: DueReport, words: Words) -> str:
    if report.is_team:
        return words.say("Due in the team {team}", team=report.whose)
    return words.say("What is due")


def _client_title(report: ServiceReport, words: Words) -> str:
    tier = report.tier.value if report.tier else words.say("no tier")
    return words.say("Services: {client}", client=f"{report.client.name} · {tier}")


def _as_of(report: DueReport, words: Words, *, shown: int) -> str:
    return " · ".join(
        (
            words.say("As of {day}", day=words.day(report.today)),
            words.say_n("{n} client in the book", "{n} clients in the book", report.clients),
            words.say("{shown} of {of} shown", shown=shown, of=sum(report.counts.values())),
            words.say("rule book {version}", version=report.rules.version),
        )
    )


def _client_small_print(report: ServiceReport, words: Words) -> str:
    return words.say(
        "As of {day} · rule book {version} of {since}",
        day=words.day(report.today),
        version=report.rules.version,
        since=words.day(report.rules.valid_from),
    )
