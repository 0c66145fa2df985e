"""What admins do in Slack: roles, links, codes, grants, and the consent to comparing advisors."""

from datetime import timedelta

from bot.listeners.calls import Call, FieldErrors, OpenModal, Options, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.listeners.exports import exports_for
from bot.listeners.records import waiting_for
from bot.reports import AdminReport, PeopleReport
from bot.usecases import people as who
from bot.usecases.capacity import consent_on_record, record_consent
from bot.usecases.firms import AlreadyLinkedError, BothRolesError, change_firm
from bot.views import modals, notices, people, refusals
from domain.access import (
    LONGEST_GRANT_DAYS,
    Action,
    Member,
    Role,
    Scope,
    Standing,
    may,
    scope_of,
)
from domain.calendar import local_instant

OFFERED = 100
KEY_LETTERS = "-_."
CHOSEN = "key:"
"""Before a key in a list, so that none is taken for a client's id."""


def admin_report(call: Call) -> AdminReport:
    """Return what an admin looks after."""
    return AdminReport(
        people=who.people_of(call.firm_id, call.runtime),
        consent=consent_on_record(call.firm_id, call.runtime),
        rules_reserved=call.member.rules_reserved,
        erasures=waiting_for(call),
        exports=exports_for(call),
    )


def handle_people(call: Call) -> Reply:
    """Show who has which role: to a lead the own team's, to an admin with what can be changed."""
    report, may_change = (
        who.people_of(call.firm_id, call.runtime),
        may(call.member, Action.ADMINISTER),
    )
    if not may_change and scope_of(call.member, Action.SEE_PEOPLE) is Scope.TEAM:
        team = tuple(each for each in report.members if each.team == call.member.team)
        report = PeopleReport(members=team, now=report.now)
    view = people.people_modal(report, call.words, call.zone, may_change=may_change)
    return OpenModal(view=view)


def handle_person_options(call: Call) -> Reply:
    """Offer people whose name or key holds what was typed."""
    return Options(choices=_named(call, who.people_of(call.firm_id, call.runtime).active))


def handle_advisor_options(call: Call) -> Reply:
    """Offer those for whom an assistant can act."""
    found = who.people_of(call.firm_id, call.runtime).active
    return Options(choices=_named(call, [e for e in found if e.role in who.HAVE_BOOKS]))


def handle_person(call: Call) -> Reply:
    """Open the form of the chosen person."""
    return _person(call, call.text.removeprefix(CHOSEN))


def handle_person_new(call: Call) -> Reply:
    """Open the form of somebody new."""
    return OpenModal(view=people.new_person_modal(call.words))


def handle_person_form(call: Call) -> Reply:
    """Keep what was entered, or say under each field what is wrong."""
    entered = Entered(call.state, call.words)
    role, team = entered.choice(people.ROLE, Role), entered.text(people.TEAM)
    account, more = entered.account(people.ACCOUNT), entered.ticked(people.MORE)
    key, name = call.metadata, ""
    if not key:
        key, name = _key(entered), entered.text(people.NAME)
    if role is None:
        entered.need(people.ROLE)
    if account and call.standing_of(account) is not Standing.MEMBER:
        entered.wrong[people.ACCOUNT] = refusals.not_of_the_firm(call.words)
    if entered.wrong or role is None:
        return FieldErrors(sentences=entered.wrong)
    try:
        change = who.PersonChange(
            key=key,
            name=name,
            role=role,
            team=team,
            account=None if people.UNLINK in more else account,
            has_left=people.LEFT in more,
        )
        kept = who.change_person(call.firm_id, call.member, change, call.runtime)
    except AlreadyLinkedError as error:
        said = call.words.say("This account is linked to {name}.", name=error.member.name)
        return FieldErrors(sentences={people.ACCOUNT: said})
    except who.KeyTakenError:
        said = call.words.say("Somebody has this short name already.")
        return FieldErrors(sentences={people.KEY: said})
    except BothRolesError:
        return FieldErrors(sentences={people.ROLE: refusals.own_rights(call.words)})
    except who.OwnRightsError:
        return FieldErrors(sentences={people.ROLE: refusals.own_rights(call.words)})
    said = call.words.say("It holds from now on: {name}.", name=kept.name)
    return UpdateModal(view=modals.message_modal(call.words.say("Saved"), said, call.words))


def handle_person_code(call: Call) -> Reply:
    """Make a code for a person, and show it once."""
    made = who.make_code(
        call.firm_id, call.text, call.runtime, by=who.actor(call.member), admin=call.member
    )
    until = made.expires_at.astimezone(call.zone)
    return OpenModal(view=people.code_modal(made.code, made.member.name, until, call.words))


def handle_grant(call: Call) -> Reply:
    """Open the form of a grant."""
    report = who.people_of(call.firm_id, call.runtime)
    assistant = _of_key(report, call.text)
    if assistant is None:
        return Say(text=notices.form_outdated(call.words))
    first = call.today + timedelta(days=14)
    return OpenModal(view=people.grant_modal(assistant, first, call.zone, call.words))


def handle_grant_form(call: Call) -> Reply:
    """Keep a grant, or say under each field what is wrong."""
    entered = Entered(call.state, call.words)
    advisor = (entered.chosen(people.ADVISOR) or "").removeprefix(CHOSEN) or None
    until_day, until_time = entered.day(people.UNTIL_DAY), entered.time(people.UNTIL_TIME)
    rights = entered.ticked(people.RIGHTS)
    for name, value in ((people.ADVISOR, advisor), (people.UNTIL_TIME, until_time)):
        if value is None:
            entered.need(name)
    if advisor is None or until_day is None or until_time is None:
        return FieldErrors(sentences=entered.wrong)
    try:
        assistant, whose = who.give_grant(
            call.firm_id,
            call.metadata,
            advisor,
            call.runtime,
            until=local_instant(until_day, until_time, call.zone),
            may_record=people.RECORD in rights,
            may_get_digest=people.DIGEST in rights,
            may_import=people.IMPORT in rights,
            by=who.actor(call.member),
            admin=call.member,
        )
    except who.GrantUnfitError as error:
        return FieldErrors(sentences=_unfit(error, call))
    said = call.words.say("{name} acts for {advisor}.", name=assistant.name, advisor=whose.name)
    return UpdateModal(view=modals.message_modal(call.words.say("Saved"), said, call.words))


def handle_revoke(call: Call) -> Reply:
    """Take a grant back at once, and show the person's form without it."""
    assistant, _, advisor = call.text.partition(":")
    who.revoke_grant(
        call.firm_id,
        assistant,
        advisor,
        call.runtime,
        by=who.actor(call.member),
        admin=call.member,
    )
    shown = _person(call, assistant)
    return UpdateModal(view=shown.view) if isinstance(shown, OpenModal) else shown


def handle_consent(call: Call) -> Reply:
    """Record the works council's consent, or that it is withdrawn."""
    gives = call.text == "give"
    by = call.member.name if gives else None
    record_consent(call.firm_id, call.runtime, by=by)
    if gives:
        return Say(text=call.words.say("The consent is on record."))
    return Say(text=call.words.say("The consent is withdrawn."))


def handle_rules_reserved(call: Call) -> Reply:
    """Reserve the rule book for admins, or open it to leads again."""
    reserve = call.text == people.RESERVE
    change_firm(call.firm_id, call.runtime, rules_reserved=reserve)
    if reserve:
        return Say(text=call.words.say("The rule book is reserved for who administers Tierwise."))
    return Say(text=call.words.say("Team leads change the rule book, too."))


def _person(call: Call, key: str) -> Reply:
    report = who.people_of(call.firm_id, call.runtime)
    member = _of_key(report, key)
    if member is None:
        return Say(text=notices.form_outdated(call.words))
    if member.member_id == call.member.member_id:
        return Say(text=refusals.own_rights(call.words))
    return OpenModal(view=people.person_modal(member, report, call.words, call.zone))


def _of_key(report: PeopleReport, key: str) -> Member | None:
    return next((each for each in report.active if each.key == key), None)


def _named(call: Call, found: "tuple[Member, ...] | list[Member]") -> list[tuple[str, str]]:
    typed = call.text.casefold().strip()
    fitting = [e for e in found if typed in e.name.casefold() or typed in e.key.casefold()]
    return [(f"{CHOSEN}{each.key}", each.name) for each in fitting[:OFFERED]]


def _key(entered: Entered) -> str:
    key = entered.text(people.KEY)
    if key and not all(each.isalnum() or each in KEY_LETTERS for each in key):
        entered.wrong[people.KEY] = entered.words.say("Letters, digits, dots and dashes only.")
    return key


def _unfit(error: who.GrantUnfitError, call: Call) -> dict[str, str]:
    words = call.words
    match error.problem:
        case who.NO_BOOK | who.NO_ASSISTANT:
            said = words.say("{name} cannot be chosen here.", name=error.name)
            return {people.ADVISOR: said}
        case who.IS_OVER:
            return {people.UNTIL_DAY: words.say("This day has to be still to come.")}
    said = words.say("At most {n} days ahead.", n=words.number(LONGEST_GRANT_DAYS))
    return {people.UNTIL_DAY: said}
