"""`tierwise record …`: the forms of Slack in the terminal, each change with the code to undo it."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from domain.access import Action
from domain.decisions import DecisionIncompleteError, Gap
from domain.errors import DomainError, ProviderRankError, ScoreOutOfScaleError
from domain.model import (
    Criterion,
    DecisionKind,
    Relation,
    Satisfaction,
    Scale,
    Tier,
    WalletFact,
    WalletSource,
)

if TYPE_CHECKING:
    from bot.reports import Asker
    from bot.runtime import Runtime
    from bot.usecases.recording import Change, Recorded
    from bot.words import Words

record_app = typer.Typer(
    no_args_is_help=True, help="Record what was learned or decided about a client."
)

Client = Annotated[str, typer.Argument(help="Client number, or a name that fits one client.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: today.")]
NeededDay = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
Reason = Annotated[str, typer.Option(help="Why.")]
Advisor = Annotated[str | None, typer.Option(help="Record with this member's rights.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]

GAPS = {
    Gap.REASON: "Say why: --reason",
    Gap.RECHECK: "Say when to look again: --recheck-on",
    Gap.ADVISOR: "Say to whom: --to",
    Gap.OTHER_ADVISOR: "The client is with this advisor already.",
    Gap.LATER_DAY: "This day has to be still to come.",
}
"""What a decision lacks, in the operator's words."""


class NotOneClientError(DomainError):
    """What was typed fits no client, or several."""

    def __init__(self, query: str, fitting: list[str]) -> None:
        super().__init__(query)
        self.query = query
        self.fitting = fitting


@record_app.command("satisfaction")
def satisfaction_command(
    context: typer.Context,
    client: Client,
    score: Annotated[str, typer.Option(help="Such as 72 or 2.5.")],
    scale: Annotated[Scale, typer.Option()] = Scale.CSI,
    on: Day = None,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Record a measured satisfaction."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    value = Satisfaction(score=number(score), scale=scale, measured_on=desk.day(on))
    desk.record(client, lambda: recording.satisfaction(value, today=desk.today))


@record_app.command("wallet")
def wallet_command(
    context: typer.Context,
    client: Client,
    amount: Annotated[str | None, typer.Option(help="All the client could place.")] = None,
    share: Annotated[str | None, typer.Option(help="Our share, per cent.")] = None,
    source: Annotated[WalletSource, typer.Option()] = WalletSource.STATED,
    providers: Annotated[int | None, typer.Option(min=1, help="Firms, us included.")] = None,
    rank: Annotated[str | None, typer.Option(help="Our place among them.")] = None,
    on: Day = None,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Record what the client could place in all, our share of it, or both."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    if providers is not None and rank is not None:
        place = number(rank)
        desk.record(
            client,
            lambda: recording.wallet(
                WalletFact(
                    source=WalletSource.RULE,
                    known_on=desk.day(on),
                    providers=providers,
                    rank=place,
                ),
                today=desk.today,
            ),
        )
        return
    if amount is None and share is None:
        fail("Say --amount, --share, or both; or --providers with --rank.")
    desk.record(
        client,
        lambda: recording.wallet(
            WalletFact(
                source=source,
                known_on=desk.day(on),
                wallet=number(amount) if amount else None,
                share_pct=number(share) if share else None,
            ),
            today=desk.today,
        ),
    )


@record_app.command("decision")
def decision_command(
    context: typer.Context,
    client: Client,
    kind: Annotated[DecisionKind, typer.Argument()],
    reason: Reason,
    recheck_on: Day = None,
    to: Annotated[str | None, typer.Option(help="To whom the client is handed over.")] = None,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Record a decision; `end` makes a former client, `hand_over` moves the client."""
    from bot.usecases import recording
    from bot.usecases.firms import find_member

    if (kind is DecisionKind.HAND_OVER) != (to is not None):
        fail("Say --to KEY together with hand_over, and only with it.")
    desk = Desk(context, advisor, as_json=as_json)
    advisor_id = find_member(desk.firm_id, to, desk.runtime).member_id if to else None
    desk.record(
        client,
        lambda: recording.decision(
            kind,
            reason=reason,
            recheck_on=recheck_on.date() if recheck_on else None,
            advisor_id=advisor_id,
            today=desk.today,
        ),
        action=Action.MOVE_CLIENT if to else Action.RECORD,
    )


@record_app.command("tier")
def tier_command(
    context: typer.Context,
    client: Client,
    tier: Annotated[Tier, typer.Argument()],
    reason: Reason,
    until: NeededDay,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Set a tier by hand until a last day."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    desk.record(
        client,
        lambda: recording.override(tier, reason=reason, last_day=until.date(), today=desk.today),
    )


@record_app.command("lift")
def lift_command(
    context: typer.Context, client: Client, advisor: Advisor = None, as_json: AsJson = False
) -> None:
    """Let the rule give the tier again that was set by hand."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    desk.record(client, lambda: recording.lift_override(today=desk.today))


@record_app.command("criterion")
def criterion_command(
    context: typer.Context,
    client: Client,
    criterion: Annotated[Criterion, typer.Argument()],
    reason: Reason = "",
    target: Annotated[Tier | None, typer.Option(help="What the client may become.")] = None,
    recheck_on: Day = None,
    no_longer: Annotated[bool, typer.Option("--no-longer", help="It holds no more.")] = False,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Set a strategic criterion, or say that it no longer holds."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    desk.record(
        client,
        lambda: recording.strategic_case(
            criterion,
            holds=not no_longer,
            reason=reason,
            target=target,
            recheck_on=recheck_on.date() if recheck_on else None,
            today=desk.today,
        ),
    )


@record_app.command("sponsor")
def sponsor_command(
    context: typer.Context,
    client: Client,
    relation: Annotated[Relation, typer.Argument()],
    sponsor: Annotated[str, typer.Argument(help="Client number or name of the sponsor.")],
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Tie a client to a sponsor."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    sponsor_id = desk.find(sponsor, Action.SEE_CLIENT)
    asker = desk.asker(Action.SEE_CLIENT)
    desk.record(client, lambda: recording.legacy_tie(relation, sponsor_id, asker=asker))


@record_app.command("traits")
def traits_command(
    context: typer.Context,
    client: Client,
    trust: Annotated[int | None, typer.Option(min=1, max=5)] = None,
    coachability: Annotated[int | None, typer.Option(min=1, max=5)] = None,
    referrals: Annotated[int | None, typer.Option(min=0, max=9999)] = None,
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Record trust, coachability and referrals given."""
    from bot.usecases import recording

    values = {"trust": trust, "coachability": coachability, "referrals": referrals}
    known = {name: value for name, value in values.items() if value is not None}
    if not known:
        fail("Say at least one of --trust, --coachability, --referrals.")
    desk = Desk(context, advisor, as_json=as_json)
    desk.record(client, lambda: recording.traits(known, noted_on=desk.today))


@record_app.command("diagnosis")
def diagnosis_command(
    context: typer.Context,
    client: Client,
    cause: Annotated[str, typer.Option(help="What went wrong.")],
    action: Annotated[str, typer.Option(help="What is done about it.")],
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Record why a client is dissatisfied and what is done about it."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    desk.record(client, lambda: recording.diagnosis(cause, action, today=desk.today))


@record_app.command("undo")
def undo_command(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The code that recording printed.")],
    advisor: Advisor = None,
    as_json: AsJson = False,
) -> None:
    """Take a recorded change back."""
    from bot.usecases import recording

    desk = Desk(context, advisor, as_json=as_json)
    if desk.takes_issue_back(code):
        return
    asker = desk.asker(Action.RECORD)
    taken = recording.take_back(code, asker=asker, runtime=desk.runtime, today=desk.today)
    desk.show(taken, is_undone=True)


class Desk:
    """What all these commands share: the store, the firm, whose rights, and how to answer."""

    def __init__(self, context: typer.Context, advisor: str | None, *, as_json: bool) -> None:
        from zoneinfo import ZoneInfo

        from bot.usecases.firms import find_member

        host = context.obj
        self.runtime: Runtime = host.runtime()
        firm = host.firm(self.runtime)
        self.firm_id: int = firm.id
        self.zone = ZoneInfo(firm.zone)
        self.today: date = self.runtime.today(self.zone)
        self.words: Words = host.words(firm)
        self.member = find_member(self.firm_id, advisor, self.runtime) if advisor else None
        self.as_json = as_json

    def day(self, chosen: datetime | None) -> date:
        """Return the day that was typed, else today."""
        return chosen.date() if chosen else self.today

    def asker(self, action: Action) -> "Asker":
        """Return the member that was named, else the operator, who reaches the whole firm."""
        from bot.usecases.firms import member_asker, operator

        if self.member is None:
            return operator(self.firm_id, self.runtime)
        return member_asker(self.firm_id, self.member, self.runtime, action=action)

    def find(self, query: str, action: Action) -> int:
        """Return the id of the client that a number or a name means.

        Raises NotOneClientError.
        """
        from bot.usecases.lookup import find_one

        found = find_one(query, self.asker(action), self.runtime)
        if len(found) != 1:
            raise NotOneClientError(query, [name for _, name in found])
        return found[0][0]

    def record(self, client: str, change: "Any", *, action: Action = Action.RECORD) -> None:
        """Make a change of a client and say what it moved."""
        from bot.usecases import recording
        from bot.usecases.lookup import version_of

        client_id = self.find(client, action)
        made: Change = change()
        recorded = recording.record(
            client_id,
            made,
            version=version_of(client_id, self.firm_id, self.runtime),
            asker=self.asker(action),
            runtime=self.runtime,
            today=self.today,
        )
        self.show(recorded)

    def show(self, recorded: "Recorded", *, is_undone: bool = False) -> None:
        """Say what a change moved, and how to take it back."""
        import json

        from rich.console import Console

        from bot.views.modals import moved_sentence

        after = recorded.after
        sentence = moved_sentence(recorded.before, after, self.words)
        console = Console(highlight=False)
        if self.as_json:
            values = {
                "client_id": after.client.external_id,
                "name": after.client.name,
                "tier": after.tier.tier,
                "quadrant": after.quadrant.quadrant,
                "undo": None if is_undone else recorded.batch,
            }
            console.print_json(json.dumps(values, ensure_ascii=False))
            return
        console.print(sentence, markup=False)
        if not is_undone:
            console.print(f"tierwise record undo {recorded.batch}", style="dim")

    def takes_issue_back(self, code: str) -> bool:
        """Take an issue of a bulk service back and say so; False if the code is of no issue."""
        import json

        from rich.console import Console

        from bot.usecases.issues import keeps_issues, take_issue_back
        from bot.views.issues import issue_values, taken_back_lines
        from storage.edits import NothingToUndoError

        if self.member is not None and not keeps_issues(self.member):
            return False
        try:
            report, service = take_issue_back(
                code, firm_id=self.firm_id, runtime=self.runtime, today=self.today
            )
        except NothingToUndoError:
            return False
        console, due = Console(highlight=False), report.find(service)
        if self.as_json:
            values = {"issue": issue_values(due) if due else None, "undo": None}
            console.print_json(json.dumps(values, ensure_ascii=False))
        else:
            lines = taken_back_lines(report, service, self.words)
            console.print("\n".join(lines), markup=False)
        return True


def number(text: str) -> Decimal:
    """Read a number with a decimal point or comma and no grouping."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -2 or value < 0:
        fail(f"“{text}” is no number with at most two decimals. Write 1250000 or 2.5.")
    return value


def sentence_for(error: DomainError) -> str | None:
    """Say what can be corrected of a recorded change; None if it is another command's error."""
    from bot.usecases import recording

    match error:
        case NotOneClientError(query=query, fitting=[]):
            return f"No client fits “{query}”."
        case NotOneClientError(query=query, fitting=several):
            return f"Several clients fit “{query}”: {', '.join(several)}. Use the client number."
        case ScoreOutOfScaleError():
            return f"This scale goes from {error.minimum} to {error.maximum}."
        case ProviderRankError():
            return "Our place is from 1 to the number of firms."
        case recording.FutureDayError():
            return "This day is still to come."
        case recording.PastDayError():
            return "This day has to be still to come."
        case DecisionIncompleteError(gap=gap):
            return GAPS[gap]
        case recording.NotSetError():
            return "This criterion is not set."
        case recording.NotOverruledError():
            return "No tier set by hand is in force."
        case recording.OwnSponsorError():
            return "The sponsor has to be another client."
        case recording.ClientGoneError():
            return "This client is not, or no longer, in this book."
    return None


def fail(sentence: str) -> NoReturn:
    """Refuse what was typed."""
    raise typer.BadParameter(sentence)
