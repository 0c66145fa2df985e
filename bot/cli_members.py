"""`tierwise member`: roles, links, codes, and what assistants may do for whom."""

import json
import sys
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.runtime import Runtime
from domain.access import LONGEST_GRANT_DAYS, Grant, Member, Role
from domain.calendar import local_instant
from domain.errors import DomainError
from storage.journal import OPERATOR

if TYPE_CHECKING:
    from bot.cli import Host
    from bot.reports import PeopleReport
    from storage.tables import FirmRow

console = Console(highlight=False)
USAGE_ERROR = 2

member_app = typer.Typer(no_args_is_help=True, help="People who have a role here.")
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Key = Annotated[str, typer.Argument(help="Short name of the member.")]
Assistant = Annotated[str, typer.Argument(help="Key of the assistant.")]
Advisor = Annotated[str, typer.Argument(help="Key of the advisor whose clients these are.")]


@member_app.command("add")
def add_command(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Short name, as the client list writes it.")],
    name: Annotated[str, typer.Argument(help="Full name.")],
    role: Annotated[Role, typer.Option()] = Role.ADVISOR,
    team: Annotated[str, typer.Option()] = "team",
    admin: Annotated[
        bool | None,
        typer.Option(help="Administers besides the role; only where one person is the whole firm."),
    ] = None,
) -> None:
    """Add a member, or change the one with this key."""
    from bot.usecases.firms import add_member

    runtime, firm = _open(context)
    member = add_member(
        _id(firm), runtime, key=key, name=name, role=role, team=team, is_admin=admin
    )
    _say(f"{member.name} ({member.key}) is {_roles(member)} in {member.team}.")


@member_app.command("link")
def link_command(
    context: typer.Context,
    key: Key,
    slack_user_id: Annotated[str, typer.Argument(help="Member id in Slack, such as U0123ABCD.")],
) -> None:
    """Link a member to a Slack account."""
    from bot.usecases.firms import link

    runtime, firm = _open(context)
    member = link(_id(firm), key, slack_user_id, runtime)
    _say(f"{member.name} is linked to {slack_user_id}.")


@member_app.command("unlink")
def unlink_command(context: typer.Context, key: Key) -> None:
    """Take a member's Slack account away; the clients stay."""
    from bot.usecases.firms import link

    runtime, firm = _open(context)
    _say(f"{link(_id(firm), key, None, runtime).name} is no longer linked.")


@member_app.command("code")
def code_command(
    context: typer.Context,
    key: Key,
    only_for: Annotated[
        str | None, typer.Option("--for", help="Member id in Slack of the one who may use it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a code with which a person links the own Slack account: once, within ten minutes."""
    from bot.usecases.people import make_code

    runtime, firm = _open(context)
    made = make_code(_id(firm), key, runtime, by=OPERATOR, slack_user_id=only_for)
    until = _local(made.expires_at, firm)
    if as_json:
        _answer({"key": key, "code": made.code, "expires_at": made.expires_at.isoformat()})
        return
    _say(
        f"{made.member.name} opens Tierwise in Slack, presses “I have a code” and enters "
        f"{made.code} before {until:%H:%M}. Hand it over in person: whoever has it gets the role."
    )


@member_app.command("leave")
def leave_command(context: typer.Context, key: Key) -> None:
    """Keep that a member has left: no role, link or grant any more; the clients stay."""
    from bot.usecases.people import end

    runtime, firm = _open(context)
    _say(f"{end(_id(firm), key, runtime).name} has left and reaches nothing any more.")


@member_app.command("grant")
def grant_command(
    context: typer.Context,
    assistant: Assistant,
    advisor: Advisor,
    until: Annotated[
        str,
        typer.Option(help="Last day, such as 2026-12-31, or with a time: “2026-12-31 18:00”."),
    ],
    record: Annotated[bool, typer.Option("--record", help="May record and plan events.")] = False,
    digest: Annotated[
        bool, typer.Option("--digest", help="Gets the digest and reminders.")
    ] = False,
    imports: Annotated[bool, typer.Option("--import", help="May import client lists.")] = False,
) -> None:
    """Let an assistant see an advisor's clients until a day, and do what else is named."""
    from bot.usecases.people import give_grant

    runtime, firm = _open(context)
    instant = _instant(until, ZoneInfo(firm.zone))
    helper, whose = give_grant(
        _id(firm),
        assistant,
        advisor,
        runtime,
        until=instant,
        may_record=record,
        may_get_digest=digest,
        may_import=imports,
        by=OPERATOR,
    )
    _say(f"{helper.name} acts for {whose.name} until {_local(instant, firm):%Y-%m-%d %H:%M}.")


@member_app.command("revoke")
def revoke_command(context: typer.Context, assistant: Assistant, advisor: Advisor) -> None:
    """Take a grant back at once."""
    from bot.usecases.people import revoke_grant

    runtime, firm = _open(context)
    if not revoke_grant(_id(firm), assistant, advisor, runtime, by=OPERATOR):
        _fail(f"{assistant} was not granted anything for {advisor}.")
    _say(f"{assistant} no longer acts for {advisor}.")


@member_app.command("list")
def list_command(context: typer.Context, as_json: AsJson = False) -> None:
    """List the members, whom Slack knows them as, and who acts for whom."""
    from bot.usecases.people import people_of
    from bot.views import terminal

    runtime, firm = _open(context)
    report = people_of(_id(firm), runtime)
    if as_json:
        _answer([_values(each, report) for each in report.members])
        return
    console.print(terminal.members(report, ZoneInfo(firm.zone)))
    for each in report.holds_both:
        rest = "" if report.is_one_person else "; others could hold the one"
        _say(f"{each.name} holds clients and administration{rest}.")


def sentence_for(error: DomainError) -> str | None:
    """Say what an operator can correct; None for errors of other commands."""
    from bot.usecases import people
    from bot.usecases.firms import BothRolesError

    match error:
        case BothRolesError(name=name, others=others):
            return (
                f"{name} cannot hold clients and administration: that is for a firm of one "
                f"person. Give administration to somebody else ({', '.join(others[:3])})."
            )
        case people.LinkedAlreadyError(member=member):
            if not member.is_active:
                return f"{member.name} has left. Add the member again first."
            return f"{member.name} is linked to {member.slack_user_id}. Unlink first."
        case people.GrantUnfitError(problem=people.NO_ASSISTANT, name=name):
            return (
                f"{name} is no assistant. Change that first: tierwise member add … --role assistant"
            )
        case people.GrantUnfitError(problem=people.NO_BOOK, name=name):
            return f"{name} is neither advisor nor lead and has no clients."
        case people.GrantUnfitError(problem=people.IS_OVER):
            return "This day is over."
        case people.GrantUnfitError():
            return f"At most {LONGEST_GRANT_DAYS} days ahead; grant it again then."
    return None


def _values(member: Member, report: "PeopleReport") -> dict[str, Any]:
    return {
        "key": member.key,
        "name": member.name,
        "role": member.role.value,
        "is_admin": Role.ADMIN in member.roles,
        "is_active": member.is_active,
        "team": member.team,
        "slack_user_id": member.slack_user_id,
        "grants": [_grant_values(each, report) for each in member.grants],
    }


def _grant_values(grant: Grant, report: "PeopleReport") -> dict[str, Any]:
    keys = {each.member_id: each.key for each in report.members}
    return {
        "advisor": keys[grant.advisor_id],
        "until": grant.until.isoformat(),
        "may_record": grant.may_record,
        "may_get_digest": grant.may_get_digest,
        "may_import": grant.may_import,
    }


def _instant(typed: str, zone: ZoneInfo) -> datetime:
    """Read the end of a grant: a day to its end, or a time of a day, both local."""
    try:
        if len(typed.strip()) <= len("2026-12-31"):
            return local_instant(
                date.fromisoformat(typed.strip()) + timedelta(days=1), time(), zone
            )
        moment = datetime.fromisoformat(typed.strip())
    except ValueError:
        _fail(f"“{typed}” is no day. Write it as 2026-12-31 or “2026-12-31 18:00”.")
    return local_instant(moment.date(), moment.time(), zone)


def _open(context: typer.Context) -> "tuple[Runtime, FirmRow]":
    host: Host = context.obj
    runtime = host.runtime()
    return runtime, host.firm(runtime)


def _id(firm: "FirmRow") -> int:
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    return firm.id


def _roles(member: Member) -> str:
    return " and ".join(member.roles)


def _local(instant: datetime, firm: "FirmRow") -> datetime:
    return instant.astimezone(ZoneInfo(firm.zone))


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, soft_wrap=True)


def _answer(values: Any) -> None:
    console.print_json(json.dumps(values, ensure_ascii=False))


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(USAGE_ERROR)
