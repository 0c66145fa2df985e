"""Client events: the list, one event with its guests, and the forms behind both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

from bot import actions
from bot.service_reports import EventReport, EventsReport, Guest
from bot.views import explain
from bot.views.blocks import (
    TITLE_CHARS,
    Block,
    button,
    context,
    divider,
    escape,
    header,
    menu,
    plain,
    section,
)
from bot.views.blocks import actions as row
from bot.views.inputs import Choice, checks, clock, day, field, select, several, text
from bot.views.service_words import name_by_key, stand
from bot.words import Words, say
from domain.events import Candidate, ClientEvent, InvitationState
from domain.model import Tier
from domain.rulebook import RuleBook

GUESTS = 12
FIRST = 7
"""So many candidates are named with their reasons before the list to choose from."""
AHEAD_DAYS = 42
EVENING, NIGHT = time(18), time(21)
"""First offers; the person may change them."""
STATE_NAMES = {
    InvitationState.INVITED: say("invited"),
    InvitationState.ACCEPTED: say("attending"),
    InvitationState.DECLINED: say("declined"),
    InvitationState.CAME: say("came"),
    InvitationState.MISSED: say("did not come"),
}
ACTS_ON = {
    InvitationState.INVITED: say("No reply yet"),
    InvitationState.ACCEPTED: say("Attending"),
    InvitationState.DECLINED: say("Declined"),
    InvitationState.CAME: say("Came"),
    InvitationState.MISSED: say("Did not come"),
}


class EventAct(StrEnum):
    """What a form on an event does."""

    PLAN = "plan"
    CHANGE = "change"
    CANCEL = "cancel"
    INVITE = "invite"
    CAME = "came"


class EventField(StrEnum):
    """Names of fields."""

    NAME = "event_name"
    SERVICE = "event_service"
    ON = "event_on"
    AT = "event_at"
    ENDS_AT = "event_ends_at"
    PLACE = "event_place"
    SEATS = "event_seats"
    TIERS = "event_tiers"
    GUESTS = "event_guests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was just done, and what takes it back."""

    sentence: str
    batch: str = ""


def events_list(report: EventsReport, words: Words) -> list[Block]:
    """List a team's events; the first line is the answer."""
    blocks = [
        header(words.say("Client events")),
        section(f"*{escape(events_summary(report, words))}*"),
    ]
    for rank, each in enumerate(report.events[:20]):
        is_over = each.event.on < report.today
        if is_over and (rank == 0 or report.events[rank - 1].event.on >= report.today):
            blocks += [divider(), context(words.say("Past events"))]
        blocks.append(
            section(
                f"*{escape(each.event.name)}*\n{escape(event_line(each, words))}",
                accessory=button(
                    words.say("Open"),
                    f"{actions.EVENT}:open",
                    f"open:{each.event.event_id}",
                    about=each.event.name,
                ),
            )
        )
    plan = button(words.say("Plan an event"), f"{actions.EVENT}:plan", "plan:0", primary=True)
    return [*blocks, row(plan)]


def events_text(report: EventsReport, words: Words) -> str:
    """List a team's events as text."""
    lines = [f"{each.event.name}: {event_line(each, words)}" for each in report.events]
    return escape("\n".join((events_summary(report, words), *lines)))


def events_summary(report: EventsReport, words: Words) -> str:
    """Say what is ahead, and which event still lacks who came."""
    ahead = [e for e in report.events if e.event.on >= report.today and not e.event.is_cancelled]
    parts = [words.say_n("{n} event ahead", "{n} events ahead", len(ahead))]
    if not ahead:
        parts = [words.say("No event is planned.")]
    unnoted = [each for each in report.events if is_unnoted(each)]
    if unnoted:
        parts.append(words.say("Who came to {event}?", event=unnoted[0].event.name))
    return " · ".join(parts)


def event_line(report: EventReport, words: Words) -> str:
    """Say when and where an event is, and how full."""
    return f"{_when(report.event, words)}\n{_filled(report, words)}"


def event_card(
    report: EventReport, words: Words, *, start: int = 0, done: Done | None = None
) -> list[Block]:
    """Show an event with the guests within the asker's reach."""
    event = report.event
    blocks = [header(event.name)]
    if done is not None:
        undo = f"undo:{event.event_id}:{done.batch}"
        accessory = button(words.say("Undo"), f"{actions.EVENT}:undo", undo) if done.batch else None
        blocks.append(section(f"*{escape(done.sentence)}*", accessory=accessory))
    blocks += [section(escape(_facts(report, words))), *_buttons(report, words)]
    page = report.guests[start : start + GUESTS]
    if page:
        blocks += [divider(), context(_guests_title(report, words))]
    blocks += [_guest(each, report, words) for each in page]
    left = len(report.guests) - start - len(page)
    if left > 0:
        more = words.say_n("Show {n} more", "Show {n} more", min(left, GUESTS))
        value = f"guests:{event.event_id}:{start + GUESTS}"
        blocks.append(row(button(more, f"{actions.EVENT}:guests", value)))
    return blocks


def event_text(report: EventReport, words: Words, *, done: Done | None = None) -> str:
    """Say an event with its guests as text."""
    lines = [report.event.name, *([done.sentence] if done else []), _facts(report, words)]
    lines += [f"{_guest_label(each)}: {_state(each, words)}" for each in report.guests]
    return escape("\n".join(lines))


def event_form(act: EventAct, report: EventReport, words: Words) -> dict[str, Any]:
    """Show a form on an event."""
    match act:
        case EventAct.INVITE:
            blocks = _inviting(report, words)
        case EventAct.CAME:
            blocks = _attendance(report, words)
        case EventAct.CANCEL:
            sentence = words.say(
                "{event} is cancelled. Invitations stay on record; tell the guests yourself.",
                event=report.event.name,
            )
            blocks = [section(escape(sentence))]
        case _:
            event = report.event
            blocks = _planning(report.rules, words, event=event, first=event.on)
    return _form(act, blocks, words, metadata=str(report.event.event_id))


def plan_form(rules: RuleBook, entitled: Sequence[Tier], words: Words, *, today: date) -> Any:
    """Ask for a new event."""
    first = today + timedelta(days=AHEAD_DAYS)
    blocks = _planning(rules, words, event=None, first=first, entitled=entitled)
    return _form(EventAct.PLAN, blocks, words, metadata="0")


def nobody_form(words: Words) -> str:
    """Say that there is nobody to choose from."""
    return words.say("Nobody in your book is entitled and not invited yet.")


def state_name(state: InvitationState, words: Words) -> str:
    """Name what came of an invitation."""
    return words.say(STATE_NAMES[state])


def reason_of(candidate: Candidate, words: Words, *, today: date) -> str:
    """Say why a candidate is to be invited."""
    tier = explain.tier_name(candidate.tier, words) if candidate.tier else words.say("no tier")
    if candidate.due is None:
        return tier
    return f"{tier}. {stand(candidate.due, words, today=today)}"


def is_unnoted(report: EventReport) -> bool:
    """Tell whether an event has passed and nobody has said who came."""
    open_states = (InvitationState.INVITED, InvitationState.ACCEPTED)
    is_over = report.event.on < report.today and not report.event.is_cancelled
    return is_over and any(report.counts[state] for state in open_states)


def _when(event: ClientEvent, words: Words) -> str:
    when = f"{words.long_day(event.on)} {event.on.year}, "
    when += f"{words.time(event.at)}–{words.time(event.ends_at)}"
    if event.is_cancelled:
        when = words.say("Cancelled: {when}", when=when)
    return f"{when} · {event.place}" if event.place else when


def _filled(report: EventReport, words: Words) -> str:
    counts, seats = report.counts, report.event.seats
    parts = [
        words.say(
            "{taken} of {seats} seats taken",
            taken=words.number(seats - report.seats_left),
            seats=words.number(seats),
        )
    ]
    parts += [
        f"{words.number(counts[state])} {state_name(state, words)}"
        for state in InvitationState
        if counts[state]
    ]
    return " · ".join(parts)


def _facts(report: EventReport, words: Words) -> str:
    event = report.event
    service = name_by_key(event.service, report.rules.services, words)
    tiers = ", ".join(tier.value for tier in event.tiers) or "–"
    entitled = words.say("{service} for tiers {tiers}", service=service, tiers=tiers)
    return "\n".join((_when(event, words), entitled, _filled(report, words)))


def _guests_title(report: EventReport, words: Words) -> str:
    return words.say_n("{n} guest of yours", "{n} guests of yours", len(report.guests))


def _buttons(report: EventReport, words: Words) -> list[Block]:
    event = report.event
    of, name = event.event_id, event.name
    file = button(
        words.say("Calendar file"), f"{actions.EVENT}:calendar", f"calendar:{of}", about=name
    )
    if event.is_cancelled:
        return [row(file)]
    buttons = []
    if event.on >= report.today:
        buttons.append(
            button(
                words.say("Invite"),
                f"{actions.EVENT}:invite",
                f"invite:{of}",
                about=name,
                primary=True,
            )
        )
    if event.on <= report.today and report.guests:
        buttons.append(
            button(words.say("Who came?"), f"{actions.EVENT}:came", f"came:{of}", about=name)
        )
    buttons.append(file)
    if report.may_change and event.on >= report.today:
        choices: list[Choice] = [
            (f"change:{of}", words.say("Change")),
            (f"cancel:{of}", words.say("Cancel the event")),
        ]
        buttons.append(menu(choices, f"{actions.EVENT}:more"))
    return [row(*buttons)]


def _guest(guest: Guest, report: EventReport, words: Words) -> Block:
    of = f"{report.event.event_id}:{guest.client_id}"
    states: tuple[InvitationState, ...] = (
        InvitationState.ACCEPTED,
        InvitationState.DECLINED,
        InvitationState.INVITED,
    )
    if report.event.on <= report.today:
        states = (InvitationState.CAME, InvitationState.MISSED, InvitationState.DECLINED)
    choices = [
        (f"{state}:{of}", _act_on(state, words))
        for state in states
        if state is not guest.invitation.state
    ]
    choices.append((f"card:{of}", words.say("Open the card")))
    said = f"*{escape(_guest_label(guest))}*\n{escape(_state(guest, words))}"
    if report.event.is_cancelled:
        return section(said)
    return section(said, accessory=menu(choices, f"{actions.EVENT}:guest"))


def _act_on(state: InvitationState, words: Words) -> str:
    return words.say(ACTS_ON[state])


def _guest_label(guest: Guest) -> str:
    return f"{guest.name} · {guest.tier.value if guest.tier else '–'}"


def _state(guest: Guest, words: Words) -> str:
    return f"{state_name(guest.invitation.state, words)}, {words.day(guest.invitation.on)}"


def _inviting(report: EventReport, words: Words) -> list[Block]:
    if not report.candidates:
        return [section(escape(nobody_form(words)))]
    first = "\n".join(
        f"{rank}. *{escape(each.client.name)}* · "
        + escape(reason_of(each, words, today=report.today))
        for rank, each in enumerate(report.candidates[:FIRST], 1)
    )
    choices = [(str(each.client.client_id), _choice(each)) for each in report.candidates]
    left = words.say_n("{n} seat left.", "{n} seats left.", report.seats_left)
    all_ = words.say("First of all:")
    hint = words.say("In the order above: owed the longest first, then by tier and next due day.")
    if len(choices) > 100:
        hint += " " + words.say("The first 100 of {n}.", n=words.number(len(choices)))
    return [
        section(f"*{escape(left)} {escape(all_)}*\n{first}"),
        field(
            EventField.GUESTS,
            words.say("Invite"),
            several(choices, words.say("Choose clients")),
            hint=hint,
        ),
    ]


def _choice(candidate: Candidate) -> str:
    return f"{candidate.client.name} · {candidate.tier.value if candidate.tier else '–'}"


def _attendance(report: EventReport, words: Words) -> list[Block]:
    expected = [g for g in report.guests if g.invitation.state is not InvitationState.DECLINED]
    choices = [(str(each.client_id), _guest_label(each)) for each in expected]
    came = (InvitationState.ACCEPTED, InvitationState.CAME)
    initial = [str(each.client_id) for each in expected if each.invitation.state in came]
    if not choices:
        return [section(escape(words.say("Nobody of your book was invited.")))]
    return [
        field(
            EventField.GUESTS,
            words.say("Who came?"),
            several(choices, words.say("Choose clients"), initial=initial),
            hint=words.say("Who is not chosen did not come."),
            optional=True,
        )
    ]


def _planning(
    rules: RuleBook,
    words: Words,
    *,
    event: ClientEvent | None,
    first: date,
    entitled: Sequence[Tier] = (),
) -> list[Block]:
    services = [
        (each.key, name_by_key(each.key, rules.services, words))
        for each in rules.services.services
        if each.family.value == "events"
    ]
    tiers = [(each.value, explain.tier_name(each, words)) for each in rules.method.tiers]
    chosen = event.tiers if event else entitled
    return [
        field(
            EventField.NAME,
            words.say("Name"),
            text(initial=event.name if event else "", longest=120),
        ),
        field(
            EventField.SERVICE,
            words.say("Counts as"),
            select(services, initial=event.service if event else services[0][0]),
        ),
        field(EventField.ON, words.say("Day"), day(first)),
        field(EventField.AT, words.say("From"), clock(event.at if event else EVENING)),
        field(EventField.ENDS_AT, words.say("To"), clock(event.ends_at if event else NIGHT)),
        field(
            EventField.PLACE,
            words.say("Place"),
            text(initial=event.place if event else "", longest=200),
            optional=True,
        ),
        field(
            EventField.SEATS,
            words.say("Seats"),
            text(initial=str(event.seats) if event else "", longest=4),
            hint=words.say("For guests; an open invitation holds one."),
        ),
        field(
            EventField.TIERS,
            words.say("For tiers"),
            checks(tiers, initial=[each.value for each in chosen]),
        ),
    ]


def _form(act: EventAct, blocks: list[Block], words: Words, *, metadata: str) -> dict[str, Any]:
    titles = {
        EventAct.PLAN: words.say("Plan an event"),
        EventAct.CHANGE: words.say("Change the event"),
        EventAct.CANCEL: words.say("Cancel the event"),
        EventAct.INVITE: words.say("Invite"),
        EventAct.CAME: words.say("Who came?"),
    }
    form: dict[str, Any] = {
        "type": "modal",
        "callback_id": f"{actions.EVENT_FORM}:{act}",
        "private_metadata": metadata,
        "title": plain(titles[act], TITLE_CHARS),
        "close": plain(
            words.say("Close") if act is EventAct.CANCEL else words.say("Cancel"), TITLE_CHARS
        ),
        "blocks": blocks,
    }
    if act is EventAct.CANCEL or any(each["type"] == "input" for each in blocks):
        submit = words.say("Cancel it") if act is EventAct.CANCEL else words.say("Save")
        form["submit"] = plain(submit, TITLE_CHARS)
    return form
