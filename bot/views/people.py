"""Who has which role: the admin's Home, the list, and the forms behind it."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot import actions
from bot.reports import AdminReport, PeopleReport
from bot.views.blocks import Block, button, context, divider, escape, header, plain, section
from bot.views.blocks import actions as row
from bot.views.inputs import account, checks, clock, day, field, people_search, select, text
from bot.views.modals import form_frame, page_frame
from bot.views.records import record_buttons
from bot.words import Words, say
from domain.access import Grant, Member, Role

SHOWN = 30
"""So many people are listed; a search finds the others."""
KEY, NAME, ROLE, TEAM, ACCOUNT, MORE = "key", "name", "role", "team", "account", "more"
UNLINK, LEFT = "unlink", "left"
ADVISOR, UNTIL_DAY, UNTIL_TIME, RIGHTS = "grant_advisor", "until_day", "until_time", "rights"
RECORD, DIGEST, IMPORT = "record", "digest", "import"
ENDS_AT = time(18)
CODE = "code"
RESERVE, OPEN = "reserve", "open"
WHOM, REASON = "whom", "reason"
ROLE_NAMES = {
    Role.ADVISOR: say("Advice"),
    Role.ASSISTANT: say("Assistance"),
    Role.LEAD: say("Team lead"),
    Role.COMPLIANCE: say("Compliance"),
    Role.ADMIN: say("Administration"),
}


def role_name(role: Role, words: Words) -> str:
    """Name a role."""
    return words.say(ROLE_NAMES[role])


def admin_home(report: AdminReport, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    """Show an admin what is the admin's: people and the firm's settings, no client."""
    blocks = [
        header(words.say("Administration")),
        *people_page(report.people, words, zone, may_change=True),
        *_firm(report, words),
        divider(),
        context(words.say("You see no clients here: administration is kept apart from them.")),
        row(button(words.say("Settings"), actions.SETTINGS, "me")),
    ]
    return {"type": "home", "blocks": blocks}


def administration(report: AdminReport, words: Words) -> list[Block]:
    """Show what is the admin's below the page of somebody who has clients, too."""
    return [
        divider(),
        header(words.say("Administration")),
        *_both(report.people, words),
        _change_people(words),
        *_firm(report, words),
    ]


def _firm(report: AdminReport, words: Words) -> list[Block]:
    records = words.say("Records")
    return [
        divider(),
        *consent(report, words),
        divider(),
        *_rules(report, words),
        divider(),
        section(f"*{escape(records)}*"),
        record_buttons(words, erasures=report.erasures, exports=report.exports, status=True),
    ]


def reader_home(*, erasures: int, exports: int, words: Words) -> dict[str, Any]:
    """Show compliance how a client is read, and how much waits for approval."""
    return {
        "type": "home",
        "blocks": [
            header(words.say("Compliance")),
            section(
                escape(
                    words.say(
                        "You read single clients of the whole firm. Each time a reason is asked "
                        "and kept with what was shown."
                    )
                )
            ),
            row(
                button(words.say("Look up a client"), actions.LOOK_UP, "me", primary=True),
                button(words.say("People"), actions.PEOPLE, "me"),
                button(words.say("Settings"), actions.SETTINGS, "me"),
            ),
            record_buttons(words, erasures=erasures, exports=exports, status=False),
        ],
    }


def waiting_home(sentence: str, words: Words) -> dict[str, Any]:
    """Show a person whose role reaches nothing at present why that is so."""
    settings = row(button(words.say("Settings"), actions.SETTINGS, "me"))
    return {"type": "home", "blocks": [section(escape(sentence)), settings]}


def people_modal(
    report: PeopleReport, words: Words, zone: ZoneInfo, *, may_change: bool
) -> dict[str, Any]:
    """Show who has which role, with what an admin may do about it."""
    blocks = people_page(report, words, zone, may_change=may_change)
    return {**page_frame(words.say("People"), words), "blocks": blocks}


def people_page(
    report: PeopleReport, words: Words, zone: ZoneInfo, *, may_change: bool
) -> list[Block]:
    """List people with role, account and grants."""
    people = report.active
    unlinked = sum(each.slack_user_id is None for each in people)
    counts = words.say_n("{n} person", "{n} people", len(people))
    if unlinked:
        counts += " · " + words.say_n("{n} not linked", "{n} not linked", unlinked)
    blocks = [section(f"*{escape(counts)}*"), *_both(report, words)]
    blocks += [section(person_line(each, report, words, zone)) for each in people[:SHOWN]]
    if len(people) > SHOWN:
        more = words.say_n("… and {n} more", "… and {n} more", len(people) - SHOWN)
        blocks.append(context(more))
    if may_change:
        blocks.append(_change_people(words))
    return blocks


def _both(report: PeopleReport, words: Words) -> list[Block]:
    blocks = []
    for each in report.holds_both:
        said = words.say("⚠ {name} holds clients and administration.", name=each.name)
        if not report.is_one_person:
            said += " " + words.say("In a firm of several that is to be kept apart.")
        blocks.append(section(escape(said)))
    return blocks


def _change_people(words: Words) -> Block:
    search = people_search(words.say("Change a person"))
    new = button(words.say("Add a person"), actions.PERSON_NEW, "new")
    return row({**search, "action_id": actions.PERSON}, new)


def person_line(member: Member, report: PeopleReport, words: Words, zone: ZoneInfo) -> str:
    """Say who somebody is: role, team, account, and for whom an assistant acts."""
    roles = " + ".join(role_name(each, words) for each in member.roles)
    linked = words.say("linked") if member.slack_user_id else words.say("not linked")
    said = " · ".join(each for each in (roles, member.team, linked) if each)
    lines = [f"*{escape(member.name)}* · {escape(said)}"]
    lines += [f"   {escape(grant_line(each, report, words, zone))}" for each in member.grants]
    return "\n".join(lines)


def grant_line(grant: Grant, report: PeopleReport, words: Words, zone: ZoneInfo) -> str:
    """Say for whom an assistant acts, until when, and how far."""
    until = grant.until.astimezone(zone)
    rights = [words.say("see")]
    for name, given in (
        (words.say("record"), grant.may_record),
        (words.say("digest"), grant.may_get_digest),
        (words.say("import"), grant.may_import),
    ):
        rights += [name] if given else []
    return words.say(
        "for {name} until {day}, {time}: {rights}",
        name=report.named(grant.advisor_id),
        day=words.day(until.date()),
        time=f"{until:%H:%M}",
        rights=", ".join(rights),
    )


def consent(report: AdminReport, words: Words) -> list[Block]:
    """Say whether advisors may be compared, and let that be changed."""
    if report.consent is None:
        said = words.say("No consent is on record: advisors are not compared.")
        change = button(words.say("Record consent"), actions.CONSENT, "give")
        question = words.say("Did the works council agree to comparing advisors?")
    else:
        by, at = report.consent
        said = words.say(
            "{name} recorded the works council's consent on {day}: leads see single advisors' "
            "hours.",
            name=by,
            day=words.day(at.date()),
        )
        change = button(words.say("Withdraw consent"), actions.CONSENT, "withdraw")
        question = words.say("From now on nobody sees single advisors' hours.")
    title = words.say("Comparing advisors")
    return [section(f"*{escape(title)}*\n{escape(said)}"),
            row(_asked_first(change, title, question, words))]  # fmt: skip


def _rules(report: AdminReport, words: Words) -> list[Block]:
    """Say who changes the rule book, and let that be changed."""
    if report.rules_reserved:
        said = words.say("It is reserved: leads see what a change would do, admins save it.")
        change = button(words.say("Open it to leads"), actions.RULES_RESERVED, OPEN)
        question = words.say("From now on team leads change the rule book, too.")
    else:
        said = words.say("Team leads and admins change it.")
        change = button(words.say("Reserve it for admins"), actions.RULES_RESERVED, RESERVE)
        question = words.say("From now on only admins save changes. Leads see their effect.")
    title = words.say("Rule book")
    shown = button(words.say("Show the rules"), actions.SHOW_BOOK, "rules")
    return [section(f"*{escape(title)}*\n{escape(said)}"),
            row(shown, _asked_first(change, title, question, words))]  # fmt: skip


def _asked_first(change: Block, title: str, question: str, words: Words) -> Block:
    """Have a button ask before it does something."""
    asked = {
        "title": plain(title, 100),
        "text": plain(question, 300),
        "confirm": plain(words.say("Yes"), 30),
        "deny": plain(words.say("Cancel"), 30),
    }
    return {**change, "confirm": asked}


def person_modal(
    member: Member, report: PeopleReport, words: Words, zone: ZoneInfo
) -> dict[str, Any]:
    """Ask what is to become of a member's role, team, account and grants."""
    boxes = [(LEFT, words.say("Has left: no role, account or grant any more"))]
    if member.slack_user_id:
        boxes.insert(0, (UNLINK, words.say("No longer linked to this account")))
    blocks = [
        section(person_line(member, report, words, zone)),
        *_role_fields(member, words),
        field(MORE, words.say("And"), checks(boxes), optional=True),
        *_grants(member, report, words, zone),
    ]
    if member.slack_user_id is None:
        made = button(words.say("Make a code"), actions.PERSON_CODE, member.key, about=member.name)
        blocks.append(row(made))
    return {
        **form_frame(words.say("Change a person"), words),
        "callback_id": actions.PERSON_FORM,
        "private_metadata": member.key,
        "blocks": blocks,
    }


def new_person_modal(words: Words) -> dict[str, Any]:
    """Ask for a new member."""
    return {
        **form_frame(words.say("Add a person"), words),
        "callback_id": actions.PERSON_FORM,
        "blocks": [
            field(NAME, words.say("Name"), text(longest=200)),
            field(
                KEY,
                words.say("Short name"),
                text(longest=64),
                hint=words.say("As the client list writes it, such as berger."),
            ),
            *_role_fields(None, words),
        ],
    }


def code_modal(code: str, name: str, until: datetime, words: Words) -> dict[str, Any]:
    """Show a code, once."""
    said = words.say(
        "{name} opens Tierwise, presses “I have a code” and enters it before {time}. Hand it over "
        "in person: whoever has it gets the role.",
        name=name,
        time=f"{until:%H:%M}",
    )
    return {
        **page_frame(words.say("Code"), words),
        "blocks": [header(code), section(escape(said))],
    }


def grant_modal(assistant: Member, first_day: date, zone: ZoneInfo, words: Words) -> dict[str, Any]:
    """Ask for whom an assistant may act, how far and how long."""
    boxes = [
        (RECORD, words.say("Record, and plan events")),
        (DIGEST, words.say("Get the digest and reminders")),
        (IMPORT, words.say("Import client lists")),
    ]
    return {
        **form_frame(words.say("Let somebody act"), words),
        "callback_id": actions.GRANT_FORM,
        "private_metadata": assistant.key,
        "blocks": [
            section(escape(words.say("{name} sees the clients of:", name=assistant.name))),
            field(ADVISOR, words.say("Advisor"), people_search(words.say("Choose"))),
            field(UNTIL_DAY, words.say("Until"), day(first_day)),
            field(
                UNTIL_TIME,
                words.say("Time"),
                clock(ENDS_AT),
                hint=words.say("Local time in {zone}.", zone=zone.key),
            ),
            field(RIGHTS, words.say("And may"), checks(boxes), optional=True),
        ],
    }


def code_form(words: Words) -> dict[str, Any]:
    """Ask for the code that a person was handed."""
    return {
        **form_frame(words.say("I have a code"), words, submit=words.say("Link me")),
        "callback_id": actions.CODE_FORM,
        "blocks": [
            field(
                CODE,
                words.say("Code"),
                text(longest=40),
                hint=words.say("Whoever administers Tierwise made it; it holds for ten minutes."),
            )
        ],
    }


def reason_modal(asked: str, words: Words, *, whom: bool) -> dict[str, Any]:
    """Ask why a client is to be read; `asked` is carried along."""
    blocks = [
        field(
            REASON,
            words.say("Reason"),
            text(lines=True),
            hint=words.say("It is kept with what you are shown, and with the time."),
        )
    ]
    if whom:
        name = field(WHOM, words.say("Client"), text(longest=200))
        blocks.insert(0, name)
    return {
        **form_frame(words.say("Why?"), words, submit=words.say("Show")),
        "callback_id": actions.REASON_FORM,
        "private_metadata": asked,
        "blocks": blocks,
    }


def _role_fields(member: Member | None, words: Words) -> list[Block]:
    roles = [(each.value, role_name(each, words)) for each in Role]
    initial = member.role.value if member else Role.ADVISOR.value
    linked = member.slack_user_id if member else None
    return [
        field(ROLE, words.say("Role"), select(roles, initial=initial)),
        field(TEAM, words.say("Team"), text(initial=member.team if member else "", longest=64)),
        field(
            ACCOUNT,
            words.say("Slack account"),
            account(words.say("Choose"), initial=linked),
            optional=True,
        ),
    ]


def _grants(member: Member, report: PeopleReport, words: Words, zone: ZoneInfo) -> list[Block]:
    if member.role is not Role.ASSISTANT:
        return []
    keys = {each.member_id: each.key for each in report.members}
    lines = [
        section(
            escape(grant_line(each, report, words, zone)),
            accessory=button(
                words.say("Revoke"),
                actions.REVOKE,
                f"{member.key}:{keys[each.advisor_id]}",
                about=report.named(each.advisor_id),
            ),
        )
        for each in member.grants
    ]
    return [*lines, row(button(words.say("Let act for somebody"), actions.GRANT, member.key))]
