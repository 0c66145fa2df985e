"""Names of services, outcomes and states, and why a service is due, for one reader."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.words import Words, say
from domain.service_model import Clock, Family, Service, ServiceModel
from domain.servicing import Appointment, Channel, DueService, DueState, Ground, Outcome

DEFAULT_NAMES = {
    "review": say("Review meeting"),
    "suitability": say("Suitability review"),
    "plan_update": say("Plan update"),
    "check_in": say("Check-in call"),
    "portfolio_check": say("Portfolio check"),
    "tax_insurance_estate": say("Tax, insurance and estate check"),
    "small_event": say("Small event"),
    "large_event": say("Large event"),
    "newsletter": say("Newsletter"),
    "birthday": say("Birthday greeting"),
    "reactive": say("Client's own requests"),
}
FAMILY_NAMES = {
    Family.INVESTMENT: say("Investments"),
    Family.PLANNING: say("Planning"),
    Family.CONTACT: say("Contact"),
    Family.EVENTS: say("Events"),
    Family.MARKETING: say("Marketing"),
    Family.FLOOR: say("Floor"),
}
CLOCK_NAMES = {
    Clock.ROLLING: say("the last time"),
    Clock.ANCHORED: say("fixed months"),
    Clock.BIRTHDAY: say("the birthday"),
    Clock.ISSUE: say("each issue, for all at once"),
    Clock.NEVER: say("never due, only planned"),
}
OUTCOME_NAMES = {
    Outcome.DELIVERED: say("delivered"),
    Outcome.DECLINED: say("declined by the client"),
    Outcome.NO_ANSWER: say("no answer"),
    Outcome.NOT_TRIED: say("not tried"),
    Outcome.CANCELLED: say("cancelled"),
}
STATE_NAMES = {
    DueState.OVERDUE: say("Overdue"),
    DueState.DUE: say("Due"),
    DueState.BOOKED: say("Booked"),
    DueState.UPCOMING: say("Upcoming"),
    DueState.SNOOZED: say("Deferred"),
    DueState.SETTLED: say("Settled"),
}
CHANNEL_NAMES = {
    Channel.IN_PERSON: say("in person"),
    Channel.VIDEO: say("by video"),
    Channel.CALL: say("by telephone"),
    Channel.EMAIL: say("by e-mail"),
    Channel.VOICEMAIL: say("by voicemail"),
}


def service_name(service: Service, words: Words) -> str:
    """Name a service: as the firm does, else by the words of a default one."""
    return service.name or _default_name(service.key, words)


def name_by_key(key: str, model: ServiceModel, words: Words) -> str:
    """Name the service with a key; one that the model has no longer keeps its default words."""
    found = model.find(key)
    return service_name(found, words) if found else _default_name(key, words)


def _default_name(key: str, words: Words) -> str:
    return words.say(DEFAULT_NAMES[key]) if key in DEFAULT_NAMES else key


def family_name(family: Family, words: Words) -> str:
    """Name a family of services."""
    return words.say(FAMILY_NAMES[family])


def clock_name(clock: Clock, words: Words) -> str:
    """Name what a service's next day is counted from."""
    return words.say(CLOCK_NAMES[clock])


def outcome_name(outcome: Outcome, words: Words) -> str:
    """Name what came of a service."""
    return words.say(OUTCOME_NAMES[outcome])


def state_name(state: DueState, words: Words) -> str:
    """Name how a service stands."""
    return words.say(STATE_NAMES[state])


def stand(due: DueService, words: Words, *, today: date) -> str:
    """Say how a service stands and when it was last settled, in one sentence each."""
    return " ".join(part for part in (_when(due, words, today=today), *_past(due, words)) if part)


def because(due: DueService, words: Words) -> str:
    """Say how often a service is owed, and by what."""
    said = _because(due, words)
    return said[:1].upper() + said[1:]


def _because(due: DueService, words: Words) -> str:
    entitlement = due.entitlement
    often = times_a_year(entitlement.per_year, words)
    match entitlement.ground:
        case Ground.OVERRIDE if entitlement.override:
            return words.say(
                "{often}, agreed until {day}: {reason} ({by})",
                often=often,
                day=words.day(entitlement.override.last_day),
                reason=entitlement.override.reason,
                by=entitlement.override.by,
            )
        case Ground.FLOOR:
            return words.say("{often}, owed whatever the tier", often=often)
    return words.say("{often} by tier", often=often)


def times_a_year(per_year: Decimal, words: Words) -> str:
    """Say how often a year."""
    if per_year == Decimal("0.5"):
        return words.say("every two years")
    if per_year == 1:
        return words.say("once a year")
    return words.say("{n} times a year", n=words.number(per_year))


def _when(due: DueService, words: Words, *, today: date) -> str:
    day = words.day(due.due_on)
    if due.unreported is not None:
        return words.say(
            "The appointment of {day} has passed: what came of it?",
            day=words.day(due.unreported.on),
        )
    match due.state:
        case DueState.OVERDUE:
            return words.say("Due since {day}, overdue.", day=day)
        case DueState.DUE if due.due_on == today:
            return words.say("Due today.")
        case DueState.DUE:
            return words.say("Due since {day}.", day=day)
        case DueState.BOOKED if due.appointment and due.is_booked_along:
            when = appointment_time(due.appointment, words)
            return words.say("Comes along with the appointment of {when}.", when=when)
        case DueState.BOOKED if due.appointment:
            return words.say("Booked for {when}.", when=appointment_time(due.appointment, words))
        case DueState.UPCOMING:
            return words.say("Due on {day}.", day=day)
        case DueState.SNOOZED if due.snooze:
            reason = f" ({due.snooze.reason})" if due.snooze.reason else ""
            return words.say(
                "Put off until {day}{reason}.", day=words.day(due.snooze.until), reason=reason
            )
    return words.say("Next on {day}.", day=day)


def _past(due: DueService, words: Words) -> list[str]:
    sentences = []
    if due.last is None:
        sentences.append(words.say("Not on record yet."))
    else:
        day = words.day(due.last.on)
        match due.last.outcome:
            case None:
                said = words.say("Last on {day}, as an imported list says.", day=day)
                sentences.append(said)
            case Outcome.DECLINED:
                sentences.append(words.say("Declined on {day}.", day=day))
            case Outcome.NO_ANSWER:
                sentences.append(words.say("Last tried in vain on {day}.", day=day))
            case _:
                sentences.append(words.say("Last on {day}.", day=day))
    if due.attempts:
        sentences.append(
            words.say_n(
                "{n} attempt without an answer.",
                "{n} attempts without an answer.",
                len(due.attempts),
            )
        )
    return sentences


def appointment_time(appointment: Appointment, words: Words) -> str:
    """Write the day of an appointment, with its time if it has one."""
    day = words.day(appointment.on)
    return f"{day}, {words.time(appointment.at)}" if appointment.at else day


def channel_name(channel: Channel, words: Words) -> str:
    """Name how a client was reached."""
    return words.say(CHANNEL_NAMES[channel])


def counted(states: Mapping[DueState, int], words: Words) -> str:
    """Say how many services are overdue, due, booked and coming up."""
    counts = {state: states.get(state, 0) for state in DueState}
    parts = [
        (
            counts[DueState.OVERDUE],
            words.say_n("{n} overdue", "{n} overdue", counts[DueState.OVERDUE]),
        ),
        (counts[DueState.DUE], words.say_n("{n} due", "{n} due", counts[DueState.DUE])),
        (counts[DueState.BOOKED], words.say_n("{n} booked", "{n} booked", counts[DueState.BOOKED])),
        (
            counts[DueState.UPCOMING],
            words.say_n("{n} coming up", "{n} coming up", counts[DueState.UPCOMING]),
        ),
    ]
    said = " · ".join(sentence for count, sentence in parts if count)
    return said or words.say("Nothing is due.")


URGENCY = (
    DueState.OVERDUE,
    DueState.DUE,
    DueState.BOOKED,
    DueState.UPCOMING,
    DueState.SNOOZED,
    DueState.SETTLED,
)


def by_urgency(dues: Sequence[DueService]) -> list[DueService]:
    """Order one client's services: what is late first, then what comes next."""
    return sorted(dues, key=lambda each: (URGENCY.index(each.state), each.due_on))
