"""Forms on services: log, book, put off, agree otherwise; and what stands there afterwards."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot import actions
from bot.service_reports import ServiceRecorded, ServiceReport
from bot.views.blocks import TITLE_CHARS, Block, button, cut, escape, plain, section
from bot.views.blocks import actions as row
from bot.views.inputs import (
    REASON_CHARS,
    Choice,
    client_search,
    clock,
    day,
    field,
    radio,
    select,
    text,
)
from bot.views.modals import TicketError
from bot.views.service_words import (
    appointment_time,
    because,
    channel_name,
    name_by_key,
    outcome_name,
    service_name,
    stand,
    times_a_year,
)
from bot.words import Words, say
from domain.rulebook import RuleBook
from domain.service_model import Clock, Service
from domain.servicing import Channel, DueState, Outcome

BOOKED_AHEAD_DAYS = 7
SNOOZED_DAYS = 14
AGREED_DAYS = 365
"""First offers; the person may change them."""
CHECK_IN = "check_in"


class Act(StrEnum):
    """What a form does; the names stand in buttons."""

    LOG = "log"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    BOOK = "book"
    CANCEL = "cancel"
    SNOOZE = "snooze"
    AGREE = "agree"
    LIFT = "lift"
    CONTACT = "contact"


ACT_NAMES = {
    Act.LOG: say("Log a service"),
    Act.DECLINED: say("Log a service"),
    Act.NO_ANSWER: say("Log a service"),
    Act.BOOK: say("Book appointment"),
    Act.CANCEL: say("Cancel appointment"),
    Act.SNOOZE: say("Put off"),
    Act.AGREE: say("Agree otherwise"),
    Act.LIFT: say("Lift agreement"),
    Act.CONTACT: say("Log as a contact"),
}


class ServiceField(StrEnum):
    """Names of fields."""

    CLIENT = "client_of_contact"
    SERVICE = "service"
    OUTCOME = "outcome"
    ON = "on"
    AT = "at"
    MINUTES = "minutes"
    STAFF_MINUTES = "staff_minutes"
    CHANNEL = "channel"
    NOTE = "note"
    UNTIL = "until"
    REASON = "reason"
    TIMES = "times"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTicket:
    """What a form carries along: ids only, and rights are checked again when it comes back."""

    client_id: int
    service: str

    def write(self) -> str:
        """Write the ticket as private metadata."""
        return json.dumps({"client": self.client_id, "service": self.service})

    @classmethod
    def read(cls, text: str) -> "ServiceTicket":
        """Read private metadata back.

        Raises TicketError if it is none of ours.
        """
        try:
            values = json.loads(text)
            return cls(client_id=int(values["client"]), service=str(values["service"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TicketError from error


def act_name(act: Act, words: Words) -> str:
    """Name a form, as its title does."""
    return words.say(ACT_NAMES[act])


def service_modal(act: Act, report: ServiceReport, service: str, words: Words) -> dict[str, Any]:
    """Show a form on one service of a client, filled so that saving is the second click."""
    name = name_by_key(service, report.rules.services, words)
    about = f"*{escape(report.client.name)}* · {escape(name)}"
    due = report.find(service)
    if due is not None:
        said = f"{stand(due, words, today=report.today)} {because(due, words)}."
        about += f"\n{escape(said)}"
    return {
        "type": "modal",
        "callback_id": f"{actions.SERVICE_FORM}:{act}",
        "private_metadata": ServiceTicket(
            client_id=report.client.client_id, service=service
        ).write(),
        "title": plain(act_name(act, words), TITLE_CHARS),
        "submit": plain(_submit(act, words), TITLE_CHARS),
        "close": plain(_leave(act, words), TITLE_CHARS),
        "blocks": [section(about), *_fields(act, report, service, words)],
    }


def contact_modal(rules: RuleBook, note: str, words: Words, *, today: date) -> dict[str, Any]:
    """Ask whom a message was a contact with, and of which kind."""
    services = [(s.key, service_name(s, words)) for s in loggable(rules)]
    known = [key for key, _ in services]
    return {
        "type": "modal",
        "callback_id": f"{actions.SERVICE_FORM}:{Act.CONTACT}",
        "title": plain(act_name(Act.CONTACT, words), TITLE_CHARS),
        "submit": plain(words.say("Save"), TITLE_CHARS),
        "close": plain(words.say("Cancel"), TITLE_CHARS),
        "blocks": [
            field(
                ServiceField.CLIENT,
                words.say("Client"),
                client_search(words.say("Type two letters of the name")),
            ),
            field(
                ServiceField.SERVICE,
                words.say("Service"),
                select(services, initial=CHECK_IN if CHECK_IN in known else known[0]),
            ),
            *_logging(Outcome.DELIVERED, None, words, today=today, note=note),
        ],
    }


def recorded_modal(recorded: ServiceRecorded, said: str, words: Words) -> dict[str, Any]:
    """Confirm what was recorded, say when it is due next, and offer the undo."""
    report, service = recorded.report, recorded.service
    client_id = report.client.client_id
    due = report.find(service)
    blocks = [section(f"*{escape(said)}*")]
    if due is not None:
        blocks.append(section(escape(stand(due, words, today=report.today))))
    buttons = [
        button(
            words.say("Open the card"),
            actions.OPEN_CLIENT,
            str(client_id),
            about=report.client.name,
        ),
        button(words.say("Undo"), actions.SERVICE_UNDO, recorded.batch, about=report.client.name),
    ]
    if due is not None and due.appointment is not None and not due.is_booked_along:
        buttons.append(
            button(
                words.say("Calendar file"),
                f"{actions.SERVICE}:calendar",
                f"calendar:{client_id}:{service}",
                about=report.client.name,
            )
        )
    return _page(words.say("Saved"), [*blocks, row(*buttons)], words)


def taken_back_modal(report: ServiceReport, said: str, words: Words) -> dict[str, Any]:
    """Confirm that something was taken back."""
    card = button(
        words.say("Open the card"),
        actions.OPEN_CLIENT,
        str(report.client.client_id),
        about=report.client.name,
    )
    sentence = words.say("{client}: {stands}", client=report.client.name, stands=said)
    return _page(words.say("Taken back"), [section(f"*{escape(sentence)}*"), row(card)], words)


def said_of(act: Act, recorded: ServiceRecorded, outcome: Outcome | None, words: Words) -> str:
    """Say what was recorded, in a sentence."""
    report = recorded.report
    name = name_by_key(recorded.service, report.rules.services, words)
    facts = {"client": report.client.name, "service": name}
    due = report.find(recorded.service)
    match act:
        case Act.BOOK if due and due.appointment:
            when = appointment_time(due.appointment, words)
            return words.say("{client}: {service} is booked for {when}.", when=when, **facts)
        case Act.CANCEL:
            return words.say("{client}: the appointment for {service} is cancelled.", **facts)
        case Act.SNOOZE if due and due.snooze:
            until = words.day(due.snooze.until)
            return words.say("{client}: {service} is put off until {day}.", day=until, **facts)
        case Act.AGREE if due:
            often = times_a_year(due.entitlement.per_year, words)
            return words.say("{client}: {service} is agreed {often}.", often=often, **facts)
        case Act.AGREE:
            return words.say("{client}: {service} is no longer owed.", **facts)
        case Act.LIFT:
            return words.say("{client}: {service} follows the tier again.", **facts)
    what = outcome_name(outcome or Outcome.DELIVERED, words)
    return words.say("{client}: {service}, {outcome}.", outcome=what, **facts)


def loggable(rules: RuleBook) -> list[Service]:
    """List the services that can be logged for a single client."""
    return [each for each in rules.services.services if each.clock is not Clock.ISSUE]


def planned_minutes(hours: Decimal) -> int:
    """Return planned hours as minutes."""
    return round(hours * 60)


def _submit(act: Act, words: Words) -> str:
    return words.say("Cancel it") if act is Act.CANCEL else words.say("Save")


def _leave(act: Act, words: Words) -> str:
    """Name the button that does nothing; "Cancel" beside "Cancel it" would be a riddle."""
    return words.say("Close") if act is Act.CANCEL else words.say("Cancel")


def _fields(act: Act, report: ServiceReport, service: str, words: Words) -> list[Block]:
    found = report.rules.services.find(service)
    due = report.find(service)
    match act:
        case Act.BOOK:
            return _booking(report, service, words)
        case Act.SNOOZE:
            return [
                field(
                    ServiceField.UNTIL,
                    words.say("Until"),
                    day(report.today + timedelta(days=SNOOZED_DAYS)),
                ),
                field(ServiceField.REASON, words.say("Why"), text(lines=True), optional=True),
            ]
        case Act.AGREE:
            often = words.number(due.entitlement.per_year) if due else ""
            return [
                field(
                    ServiceField.TIMES,
                    words.say("Times a year"),
                    text(initial=often, longest=6),
                    hint=words.say("0 for not at all, 0.5 for every two years."),
                ),
                field(
                    ServiceField.REASON,
                    words.say("Why"),
                    text(lines=True),
                    hint=words.say("It stands wherever the service is shown."),
                ),
                field(
                    ServiceField.UNTIL,
                    words.say("Until"),
                    day(report.today + timedelta(days=AGREED_DAYS)),
                ),
            ]
        case Act.LIFT:
            return [section(escape(words.say("From today on the tier decides again.")))]
        case Act.CANCEL if due and due.appointment:
            when = appointment_time(due.appointment, words)
            said = words.say("The appointment of {when} is cancelled.", when=when)
            return [section(escape(said))]
        case Act.CANCEL:
            return [section(escape(words.say("There is no appointment any more.")))]
    outcomes = {Act.DECLINED: Outcome.DECLINED, Act.NO_ANSWER: Outcome.NO_ANSWER}
    return _logging(outcomes.get(act, Outcome.DELIVERED), found, words, today=report.today)


def _logging(
    outcome: Outcome, service: Service | None, words: Words, *, today: date, note: str = ""
) -> list[Block]:
    outcomes: list[Choice] = [
        (each.value, outcome_name(each, words))
        for each in (Outcome.DELIVERED, Outcome.DECLINED, Outcome.NO_ANSWER, Outcome.NOT_TRIED)
    ]
    delivered = service is not None and outcome is Outcome.DELIVERED
    advisor = str(planned_minutes(service.advisor_hours)) if service and delivered else ""
    staff = str(planned_minutes(service.staff_hours)) if service and delivered else ""
    channels = [(each.value, channel_name(each, words)) for each in Channel]
    return [
        field(ServiceField.OUTCOME, words.say("What came of it"), radio(outcomes, initial=outcome)),
        field(ServiceField.ON, words.say("On"), day(today)),
        field(
            ServiceField.MINUTES,
            words.say("Your minutes"),
            text(initial=advisor, longest=4),
            hint=words.say("As planned; change it if it took longer or less.") if advisor else "",
            optional=True,
        ),
        field(
            ServiceField.STAFF_MINUTES,
            words.say("Colleagues' minutes"),
            text(initial=staff, longest=4),
            optional=True,
        ),
        field(
            ServiceField.CHANNEL,
            words.say("How"),
            select(channels),
            hint=words.say("An e-mail or a voicemail counts as no contact."),
            optional=True,
        ),
        field(
            ServiceField.NOTE,
            words.say("Note"),
            text(initial=cut(note, REASON_CHARS), lines=True),
            optional=True,
        ),
    ]


def _booking(report: ServiceReport, service: str, words: Words) -> list[Block]:
    due, found = report.find(service), report.rules.services.find(service)
    known = due.appointment if due and not due.is_booked_along else None
    first = report.today + timedelta(days=BOOKED_AHEAD_DAYS)
    if due is not None and due.state is DueState.UPCOMING:
        first = max(first, due.due_on)
    minutes = planned_minutes(found.advisor_hours) if found else 60
    return [
        field(ServiceField.ON, words.say("Day"), day(known.on if known else first)),
        field(
            ServiceField.AT,
            words.say("Time"),
            clock(known.at if known else None),
            hint=words.say("Without a time the calendar shows the whole day."),
            optional=True,
        ),
        field(
            ServiceField.MINUTES,
            words.say("Minutes"),
            text(initial=str(known.minutes if known and known.minutes else minutes), longest=4),
        ),
    ]


def _page(title: str, blocks: list[Block], words: Words) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain(title, TITLE_CHARS),
        "close": plain(words.say("Close"), TITLE_CHARS),
        "blocks": blocks,
    }
