"""`tierwise capacity`, `hire`, `practice`, `firm consent`: every number can be given as option."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.runtime import Runtime
from bot.words import Words
from domain.errors import RuleBookError
from domain.hiring import HireTerms, HireTermsError
from domain.model import Tier
from domain.practice import BY_PERSON, Point
from domain.rulebook import RuleBook

if TYPE_CHECKING:
    from bot.cli import Host
    from bot.reports import CapacityReport
    from storage.tables import FirmRow

console = Console(highlight=False)
USAGE_ERROR = 2


def _number(typed: str) -> Decimal:
    """Read a number with a point, as options are written."""
    try:
        number = Decimal(typed)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**13:
        raise typer.BadParameter(f"“{typed}” is no number. Write it as 95000 or 1.15.")
    return number


AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Advisor = Annotated[str | None, typer.Option(help="Key of the member; none: the whole firm.")]
Team = Annotated[bool, typer.Option(help="All books of a lead's team.")]
HoursOption = Annotated[
    Decimal | None, typer.Option(parser=_number, help="Hours for clients a year and person.")
]
ReserveOption = Annotated[
    Decimal | None, typer.Option(parser=_number, help="Part kept free for growth, per cent.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What each of these commands needs."""

    runtime: Runtime
    firm_id: int
    words: Words
    today: date


def add_to(app: typer.Typer, firm_app: typer.Typer) -> None:
    """Add the commands."""
    app.command("capacity")(capacity_command)
    app.command("hire")(hire_command)
    app.command("what-if")(what_if_command)
    app.command("practice")(practice_command)
    firm_app.command("consent")(consent_command)


def capacity_command(
    context: typer.Context,
    advisor: Advisor = None,
    team: Team = False,
    hours: HoursOption = None,
    reserve: ReserveOption = None,
    as_json: AsJson = False,
) -> None:
    """Show hours against revenue, and whether the promises fit into the year."""
    from bot.views.terminal_capacity import capacity_table, capacity_values

    desk = _desk(context)
    report = _report(desk, advisor, team=team, hours=hours, reserve=reserve)
    _answer(as_json, capacity_values(report), lambda: capacity_table(report, desk.words))


def hire_command(
    context: typer.Context,
    pay: Annotated[Decimal, typer.Option(parser=_number, help="Gross pay a year.")],
    on_cost: Annotated[
        Decimal, typer.Option(parser=_number, help="1.15 if the employer pays 15% on top.")
    ],
    workplace: Annotated[
        Decimal, typer.Option(parser=_number, help="Desk, licences, training a year.")
    ],
    tiers: Annotated[str | None, typer.Option(help="Whom to hand over, such as S,L,N.")] = None,
    lower_half: Annotated[
        bool, typer.Option("--lower-half", help="Hand over the lower half by revenue.")
    ] = False,
    refill: Annotated[Tier, typer.Option(help="Freed hours are filled with this tier.")] = Tier.A,
    goal_hours: Annotated[
        Decimal | None,
        typer.Option(parser=_number, help="To be freed; none: until the reserve is free."),
    ] = None,
    minimum: Annotated[
        Decimal | None, typer.Option(parser=_number, help="Client minimum, revenue a year.")
    ] = None,
    advisor: Advisor = None,
    team: Team = False,
    hours: HoursOption = None,
    reserve: ReserveOption = None,
    as_json: AsJson = False,
) -> None:
    """Work out whether to hire somebody for part of a book, and what else could be done."""
    from bot.usecases.capacity import hire_for, with_numbers
    from bot.views.hiring import hire_values, terms_problem
    from bot.views.terminal_capacity import hire_table

    if lower_half == bool(tiers):
        _fail("Say --tiers S,L,N or --lower-half.")
    desk = _desk(context)
    report = _report(desk, advisor, team=team, hours=hours, reserve=reserve)
    try:
        terms = HireTerms(
            pay=pay,
            on_cost_factor=on_cost,
            workplace=workplace,
            tiers=_tiers(tiers),
            refill=refill,
            goal_hours=goal_hours,
        )
        found = hire_for(report, terms, with_numbers(report.rules, minimum=minimum))
    except HireTermsError as error:
        _fail(f"{error.problem}: {terms_problem(error.problem, desk.words)}")
    except RuleBookError as error:
        _fail(_out_of_range(error, desk.words))
    _answer(as_json, hire_values(found), lambda: hire_table(found, desk.words))


def what_if_command(
    context: typer.Context,
    hand_over: Annotated[
        list[str] | None, typer.Option(help="Number of a client to be handed over; repeatable.")
    ] = None,
    end: Annotated[
        list[str] | None, typer.Option(help="Number of a client to be parted with; repeatable.")
    ] = None,
    advisor: Advisor = None,
    team: Team = False,
    as_json: AsJson = False,
) -> None:
    """Show a book's hours before and after decisions on tier N; nothing is saved."""
    from bot.usecases.capacity import (
        ChosenTwiceError,
        NobodyChosenError,
        if_they_went,
        open_of_book,
    )
    from bot.views.terminal_capacity import what_if_table
    from bot.views.what_if_decisions import nobody_open, twice, what_if_values

    desk = _desk(context)
    report = _report(desk, advisor, team=team, hours=None, reserve=None)
    waiting = {each.client.external_id: each.client.client_id for each in open_of_book(report)}
    if not waiting:
        _fail(nobody_open(desk.words))
    for number in (*(hand_over or ()), *(end or ())):
        if number not in waiting:
            _fail(f"“{number}” waits for no decision. Waiting: {', '.join(list(waiting)[:20])}")
    try:
        effect = if_they_went(
            report,
            hand_over=[waiting[each] for each in hand_over or ()],
            end=[waiting[each] for each in end or ()],
        )
    except NobodyChosenError:
        _fail(f"Say --hand-over or --end. Waiting: {', '.join(list(waiting)[:20])}")
    except ChosenTwiceError as error:
        _fail(twice(error.names, desk.words))
    _answer(
        as_json,
        what_if_values(report, effect),
        lambda: what_if_table(report, effect, desk.words),
    )


def practice_command(
    context: typer.Context,
    done: Annotated[str | None, typer.Option(help="Tick a point off: model or told.")] = None,
    on: Annotated[str | None, typer.Option(help="On which day, such as 2026-11-23.")] = None,
    undo: Annotated[str | None, typer.Option(help="Take the tick of a point back.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the way to a practice that works by segments, and tick points off."""
    from bot.usecases.practice import practice_of, take_tick_back, tick_off
    from bot.usecases.recording import FutureDayError
    from bot.views.practice import practice_table, practice_values

    desk = _desk(context)
    if done:
        try:
            tick_off(
                desk.firm_id,
                _point(done),
                desk.runtime,
                on=_day(on) or desk.today,
                by="operator",
                today=desk.today,
            )
        except FutureDayError:
            _fail(desk.words.say("This day is still to come."))
    if undo:
        take_tick_back(desk.firm_id, _point(undo), desk.runtime)
    report = practice_of(desk.firm_id, desk.runtime, today=desk.today)
    _answer(as_json, practice_values(report), lambda: practice_table(report, desk.words))


def consent_command(
    context: typer.Context,
    by: Annotated[str | None, typer.Option(help="Who records the works council's consent.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="It holds no longer.")] = False,
) -> None:
    """Record that the works council agreed to comparing advisors, or show what is on record."""
    from bot.usecases.capacity import consent_on_record, record_consent

    desk = _desk(context)
    if withdraw and by:
        _fail("Say --by NAME or --withdraw.")
    if withdraw or by:
        record_consent(desk.firm_id, desk.runtime, by=by)
    known = consent_on_record(desk.firm_id, desk.runtime)
    if known is None:
        console.print(desk.words.say("No consent is on record: advisors are not compared."))
        return
    who, at = known
    console.print(
        desk.words.say(
            "{name} recorded the works council's consent on {day}: leads see single advisors' "
            "hours.",
            name=who,
            day=desk.words.day(at.date()),
        ),
        markup=False,
        soft_wrap=True,
    )


def hours_of_book(context: typer.Context, advisor: str, *, team: bool) -> dict[str, Any]:
    """Give a book's hours as plain values; None where they would tell single advisors'."""
    from bot.usecases.capacity import TooFewTogetherError, capacity_of
    from bot.usecases.firms import find_member
    from bot.views.terminal_capacity import capacity_values

    desk = _desk(context)
    member = find_member(desk.firm_id, advisor, desk.runtime)
    try:
        report = capacity_of(desk.firm_id, member, desk.runtime, today=desk.today, team=team)
    except TooFewTogetherError:
        return {"hours": None}
    return {"hours": capacity_values(report)}


def draw(
    context: typer.Context,
    advisor: str,
    *,
    team: bool,
    matrix: Path | None,
    hours: Path | None,
) -> None:
    """Draw a book's pictures into files; what they show is said on the error channel."""
    from bot.views.pictures import hours_picture, matrix_picture

    desk = _desk(context)
    report = _report(desk, advisor, team=team, hours=None, reserve=None)
    drawn = {
        matrix: matrix_picture(report.book, report.limits, desk.words, whose=report.whose)
        if matrix
        else None,
        hours: hours_picture(report.load, desk.words, whose=report.whose) if hours else None,
    }
    for file, picture in drawn.items():
        if file is None:
            continue
        if picture is None:
            _fail(desk.words.say("Too little is known of this book for a picture."))
        file.write_bytes(picture.png)
        said = desk.words.say("{file}: {what}", file=file, what=picture.title)
        Console(stderr=True, highlight=False).print(said, markup=False, soft_wrap=True)


def _report(
    desk: Desk,
    advisor: str | None,
    *,
    team: bool,
    hours: Decimal | None,
    reserve: Decimal | None,
) -> "CapacityReport":
    from bot.usecases.capacity import TooFewTogetherError, capacity_of, with_numbers
    from bot.usecases.firms import find_member
    from bot.usecases.rules import rules_in_force
    from bot.views.capacity_words import no_consent, too_few

    member = find_member(desk.firm_id, advisor, desk.runtime) if advisor else None
    rules: RuleBook | None = None
    try:
        if hours is not None or reserve is not None:
            in_force = rules_in_force(desk.firm_id, desk.runtime)
            rules = with_numbers(in_force, hours=hours, reserve=reserve)
        return capacity_of(
            desk.firm_id, member, desk.runtime, today=desk.today, team=team, rules=rules
        )
    except RuleBookError as error:
        _fail(_out_of_range(error, desk.words))
    except TooFewTogetherError:
        _fail(f"{too_few(desk.words)} {no_consent(desk.words)}")


def _desk(context: typer.Context) -> Desk:
    host: Host = context.obj
    runtime = host.runtime()
    firm: FirmRow = host.firm(runtime)
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    return Desk(
        runtime=runtime,
        firm_id=firm.id,
        words=host.words(firm),
        today=runtime.today(ZoneInfo(firm.zone)),
    )


def _tiers(typed: str | None) -> tuple[Tier, ...]:
    try:
        return tuple(Tier(each.strip().upper()) for each in typed.split(",")) if typed else ()
    except ValueError:
        _fail(f"“{typed}” names no tiers. Say them as S,L,N.")


def _point(typed: str) -> Point:
    if typed not in BY_PERSON:
        _fail(f"“{typed}” is not ticked off by people. Say {' or '.join(BY_PERSON)}.")
    return Point(typed)


def _day(typed: str | None) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        _fail(f"“{typed}” is no day. Write it as 2026-11-23.")


def _out_of_range(error: RuleBookError, words: Words) -> str:
    from bot.views.rules import problem

    return problem(error, words)


def _answer(as_json: bool, values: Any, shown: Callable[[], Any]) -> None:
    if as_json:
        console.print_json(json.dumps(values, ensure_ascii=False))
    else:
        console.print(shown())


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(USAGE_ERROR)
