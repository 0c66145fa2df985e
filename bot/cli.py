"""The terminal: the same use cases as Slack, each with `--json`."""

import json
import logging
import sys
from contextlib import closing
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot import cli_capacity, cli_firms, cli_records
from bot.cli_members import member_app
from bot.cli_members import sentence_for as member_sentence
from bot.cli_record import record_app
from bot.cli_record import sentence_for as record_sentence
from bot.cli_rules import rules_app
from bot.cli_services import due_command, events_app, evidence_command
from bot.cli_services import sentence_for as service_sentence
from bot.cli_team import team_app
from bot.reports import ClientReport, LookUpReport, SeveralReport
from bot.runtime import Runtime
from bot.settings import Settings
from bot.words import DEFAULT, Words
from domain.access import Member
from domain.errors import DomainError
from storage.erasing import ErasedAlreadyError, NotApprovedError, SamePersonError
from storage.files.options import (
    SEPARATORS,
    DateOrder,
    HiddenRows,
    NumberFormat,
    PercentAs,
    ReadOptions,
    Scale,
)
from storage.journal import OPERATOR, Act, Entry, Kind, acting, present_act
from storage.migrate import StoreVersionError, check_version, migrate
from storage.retention import TermError
from storage.store import Store, open_store
from storage.tables import FirmRow

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Tells advisors which clients matter, why, and what is owed to them.",
)
firm_app = typer.Typer(no_args_is_help=True, help="Firms in this store.")
app.add_typer(member_app, name="member")
app.add_typer(firm_app, name="firm")
app.add_typer(rules_app, name="rules")
app.add_typer(record_app, name="record")
cli_capacity.add_to(app, firm_app)
cli_records.add_to(app)
cli_firms.add_to(firm_app)
app.add_typer(events_app, name="events")
app.add_typer(team_app, name="team")
app.command("due")(due_command)
app.command("evidence")(evidence_command)
console = Console(highlight=False)

NOTHING_CHANGED = 1
USAGE_ERROR = 2

Encoding = Literal["utf-8", "cp1252", "cp850", "mac_roman", "utf-16-le", "utf-16-be"]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


class Host:
    """What every command shares: settings, firm, language."""

    def __init__(self, settings: Settings, firm: str | None, locale: str, act: Act) -> None:
        self.settings = settings
        self.act = act
        self._opened: list[Store] = []
        self.locale = locale
        self._firm = firm

    def runtime(self) -> Runtime:
        """Open the store; its tables must be of this program's version."""
        store = open_store(self.settings.database_url)
        self._opened.append(store)
        check_version(store)
        return Runtime(settings=self.settings, store=store)

    def close(self) -> None:
        """Close what was opened."""
        for store in self._opened:
            store.close()

    def firm(self, runtime: Runtime) -> FirmRow:
        """Return the firm that was named, or the only one; that its data is used is noted."""
        from bot.usecases.firms import choose_firm

        firm = choose_firm(self._firm, runtime)
        runtime.note(_id(firm), Entry(kind=Kind.OPERATE, actor=OPERATOR, what=self.act.what))
        return firm

    def words(self, firm: FirmRow) -> Words:
        """Return words in the operator's language."""
        return Words(self.locale, firm.currency)


def _show_version(wanted: bool) -> None:
    if wanted:
        console.print(f"tierwise {version('tierwise')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    database: Annotated[str | None, typer.Option(help="Database address.")] = None,
    firm: Annotated[
        str | None,
        typer.Option(help="Workspace id, if there are several.", envvar="TIERWISE_FIRM"),
    ] = None,
    locale: Annotated[str, typer.Option(help="Language of answers: de-DE, en-GB …")] = DEFAULT,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Say the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Read the settings once; what is typed here beats the environment."""
    overrides = {"TIERWISE_DATABASE_URL": database} if database else {}
    act = Act(actor=OPERATOR, what=f"tierwise {context.invoked_subcommand}")
    context.with_resource(acting(act))
    context.obj = Host(Settings(**overrides), firm, locale, act)  # type: ignore[arg-type]
    context.call_on_close(context.obj.close)


@app.command("demo")
def demo_command(
    port: Annotated[int, typer.Option(help="Port of the page.")] = 8777,
    folder: Annotated[Path, typer.Option(help="Where the demo's store lives.")] = Path(".demo"),
) -> None:
    """Run the bot in a local workspace with a fictional book; no Slack needed."""
    from bot.demo.run import run_demo
    from bot.logs import set_up_logs

    set_up_logs(least=logging.WARNING)
    sys.exit(run_demo(port=port, folder=folder))


@app.command("run")
def run_command(context: typer.Context) -> None:
    """Run the bot against Slack until it is stopped."""
    host: Host = context.obj
    if missing := host.settings.missing():
        _fail(f"Not set: {', '.join(missing)}. See README.md, “Set up in your Slack”.")
    if strange := host.settings.implausible():
        _fail(f"Not what Slack gives out, or a placeholder: {', '.join(strange)}.")
    from bot.checks import check_files, taken_port

    check_files(host.settings)
    if taken := taken_port(host.settings):
        _fail(f"This port cannot be used, perhaps another program does: {taken}.")
    from bot.service import run  # what only has to be said does not wait for it

    run(host.runtime())


@app.command("migrate")
def migrate_command(context: typer.Context) -> None:
    """Create the tables, or bring them to this program's version."""
    settings: Settings = context.obj.settings
    store = open_store(settings.database_url)
    migrate(store)
    store.close()
    console.print("The store is ready.")
    listed = settings.erased_list
    if listed is not None and listed.exists():
        cli_records.erase_listed_again(settings.database_url, listed)


@app.command("manifest")
def manifest_command(
    mode: Annotated[str, typer.Option(help="socket or http")] = "socket",
    url: Annotated[str | None, typer.Option(help="Public address, for http.")] = None,
) -> None:
    """Print the Slack app manifest."""
    from bot.manifest import manifest, write

    if mode not in ("socket", "http") or (mode == "http") != bool(url):
        _fail("Say --mode socket, or --mode http with --url https://your.host/slack/events")
    content = manifest("http", url=url) if mode == "http" else manifest()
    console.print(write(content), end="", soft_wrap=True, markup=False)


@app.command("segment")
def segment_command(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What you remember of the name.")],
    advisor: Annotated[str | None, typer.Option(help="Look with this member's rights.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look up a client: tier and field, each with its reason."""
    from bot.usecases.firms import member_asker, operator
    from bot.usecases.lookup import look_up
    from bot.views import terminal
    from bot.views.plain import look_up_values

    host: Host = context.obj
    runtime = host.runtime()
    firm, member = _whose(host, runtime, advisor)
    asker = member_asker(_id(firm), member, runtime) if member else operator(_id(firm), runtime)
    report = look_up(query, asker, runtime, today=_today(runtime, firm))
    _note_view(_id(firm), report, runtime)
    words = host.words(firm)
    _answer(as_json, look_up_values(report, words), lambda: terminal.look_up(report, words))


@app.command("priorities")
def priorities_command(
    context: typer.Context,
    advisor: Annotated[str, typer.Option(help="Key of the member.")],
    team: Annotated[bool, typer.Option(help="All books of a lead's team.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show who comes first this week."""
    from bot.usecases.priorities import week_of
    from bot.views import terminal
    from bot.views.plain import week_values

    host: Host = context.obj
    runtime = host.runtime()
    firm, member = _whose(host, runtime, advisor)
    if member is None:
        raise ValueError("an advisor was named")
    report = week_of(_id(firm), member, runtime, today=_today(runtime, firm), team=team)
    words = host.words(firm)
    _answer(as_json, week_values(report, words), lambda: terminal.week(report, words))


@app.command("book")
def book_command(
    context: typer.Context,
    advisor: Annotated[str, typer.Option(help="Key of the member.")],
    team: Annotated[bool, typer.Option(help="All books of a lead's team.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the four fields into this PNG file.")
    ] = None,
    hours_picture: Annotated[
        Path | None, typer.Option(help="Draw hours beside revenue into this PNG file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a whole book: tiers, fields, what waits, what other methods would say."""
    from bot.usecases.book import book_of
    from bot.views.book import book_table, book_values

    host: Host = context.obj
    runtime = host.runtime()
    firm, member = _whose(host, runtime, advisor)
    if member is None:
        raise ValueError("an advisor was named")
    if picture or hours_picture:
        cli_capacity.draw(context, advisor, team=team, matrix=picture, hours=hours_picture)
    report = book_of(_id(firm), member, runtime, today=_today(runtime, firm), team=team)
    hours = cli_capacity.hours_of_book(context, advisor, team=team) if as_json else {}
    values = {**book_values(report), **hours}
    _answer(as_json, values, lambda: book_table(report, host.words(firm)))


@app.command("place")
def place_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Place all clients of the firm as of today, and note who moved since last noted."""
    from bot.cli_import import busy
    from bot.usecases.placing import place_book
    from bot.usecases.rules import RulesChangedMeanwhileError
    from bot.views import notices
    from bot.views.placing import placed_book, placed_values

    host: Host = context.obj
    runtime = host.runtime()
    firm = host.firm(runtime)
    words = host.words(firm)
    try:
        with busy(words.say("Placing clients …")) as progress:
            found = place_book(_id(firm), runtime, today=_today(runtime, firm), progress=progress)
    except OperationalError:
        _fail(notices.busy(words), code=NOTHING_CHANGED)
    except RulesChangedMeanwhileError:
        sentence = words.say("Somebody saved another rule book meanwhile; please repeat this.")
        _fail(sentence, code=NOTHING_CHANGED)
    _answer(as_json, placed_values(found), lambda: placed_book(found, words))


@app.command("digest")
def digest_command(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="Nothing, or: status")] = "",
    advisor: Annotated[str | None, typer.Option(help="Key of the member.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show, send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a member's Monday message would say now, or how deliveries stand (status)."""
    from bot.views import terminal

    host: Host = context.obj
    runtime = host.runtime()
    firm = host.firm(runtime)
    if what == "status" and not preview:
        from bot.digests.status import count_overdue, life, nothing_runs, status_values

        values = status_values(_id(firm), runtime)
        _answer(as_json, values, lambda: terminal.deliveries(values))
        late = count_overdue(runtime, _id(firm))
        wrong = [nothing_runs(life(runtime)) or ""]
        wrong += [f"{late} should have ended a quarter of an hour ago."] if late else []
        if any(wrong):
            _fail("\n".join(filter(None, wrong)), code=NOTHING_CHANGED)
        return
    if what or not preview or advisor is None:
        _fail("Say: tierwise digest --advisor KEY --preview, or: tierwise digest status")
    _preview(host, runtime, advisor, as_json=as_json)


@app.command("reminders")
def reminders_command(
    context: typer.Context,
    advisor: Annotated[str | None, typer.Option(help="Key of the member.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show, send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a member would be reminded of today."""
    from bot.usecases.reminders import reminders_of
    from bot.views import terminal
    from bot.views.reminder import reminder_values

    host: Host = context.obj
    runtime = host.runtime()
    if not preview or advisor is None:
        _fail("Say: tierwise reminders --advisor KEY --preview")
    firm, member = _whose(host, runtime, advisor)
    if member is None:
        raise ValueError("an advisor was named")
    today, zone = _today(runtime, firm), ZoneInfo(firm.zone)
    report = reminders_of(_id(firm), member, runtime, today=today, zone=zone)
    words = host.words(firm)
    _answer(as_json, reminder_values(report, words), lambda: terminal.reminder(report, words))


@firm_app.command("holidays")
def firm_holidays_command(
    context: typer.Context,
    place: Annotated[str, typer.Argument(help="AT, or with a region DE-BY; none: nobody's.")],
) -> None:
    """Say whose public holidays move messages to the next working day."""
    from bot.usecases.reminders import choose_holidays
    from bot.usecases.workdays import PlaceUnknownError

    host: Host = context.obj
    runtime = host.runtime()
    firm = host.firm(runtime)
    try:
        kept = choose_holidays(_id(firm), "" if place == "none" else place, runtime)
    except PlaceUnknownError:
        _fail(f"No public holidays are known for “{place}”. Write it as AT or DE-BY.")
    console.print(f"Public holidays of {kept} count." if kept else "No public holidays count.")


@app.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Workbook (.xlsx) or CSV file of clients.")
    ] = None,
    advisor: Annotated[str | None, typer.Option(help="Only this member's book.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Import without asking.")] = False,
    good_rows_only: Annotated[
        bool, typer.Option("--good-rows-only", help="Leave refused rows out.")
    ] = False,
    accept_implausible: Annotated[
        bool, typer.Option("--accept-implausible", help="Amounts 100 or 1000 times are right.")
    ] = False,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Clients not in the file become former ones.")
    ] = False,
    remove_many: Annotated[
        bool, typer.Option("--remove-many", help="Even if that is more than a tenth.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last import back.")] = False,
    mapping: Annotated[
        str | None, typer.Option(help="Source whose answers are used and remembered.")
    ] = None,
    errors: Annotated[Path | None, typer.Option(help="Where to list all refused rows.")] = None,
    encoding: Annotated[Encoding | None, typer.Option(help="Of a file not in UTF-8.")] = None,
    separator: Annotated[str | None, typer.Option(help="; or , or | or tab")] = None,
    number_format: Annotated[
        NumberFormat | None, typer.Option(help="How 1.234 is meant: de 1234, en 1.234.")
    ] = None,
    date_order: Annotated[
        DateOrder | None, typer.Option(help="How 03/04/2026 is meant: dmy 3 April.")
    ] = None,
    percent_as: Annotated[
        PercentAs | None, typer.Option(help="How 0.5 is meant: fraction 50 %.")
    ] = None,
    satisfaction_scale: Annotated[
        Scale | None, typer.Option(help="csi 0-100, csat 1-5, nps 0-10, school 1-6.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="FIELD=HEADING, such as client_id=Nr. Repeatable.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook with several.")] = None,
    hidden_rows: Annotated[
        HiddenRows | None, typer.Option(help="Rows that are hidden in a workbook.")
    ] = None,
    short_amounts: Annotated[
        bool, typer.Option("--short-amounts", help="Read 1,2 Mio and 250k.")
    ] = False,
    two_digit_years: Annotated[
        bool, typer.Option("--two-digit-years", help="Read 01.03.26.")
    ] = False,
    compact_dates: Annotated[bool, typer.Option("--compact-dates", help="Read 20260301.")] = False,
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first row is a client; headings are 1, 2, 3 …")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import clients: shows what would change, asks, and keeps all of it or nothing."""
    from bot.cli_import import Desk, FileUnusableError, Request, import_clients, undo_last_import

    host: Host = context.obj
    runtime = host.runtime()
    with closing(runtime.store):
        firm, member = _whose(host, runtime, advisor)
        options = ReadOptions(
            encoding=encoding,
            separator=_separator(separator),
            number_format=number_format,
            date_order=date_order,
            percent_as=percent_as,
            satisfaction_scale=satisfaction_scale,
            columns=_columns(column or []),
            header=not no_header,
            sheet=sheet,
            hidden_rows=hidden_rows,
            short_amounts=short_amounts,
            two_digit_years=two_digit_years,
            compact_dates=compact_dates,
            currency=firm.currency,
        )
        desk = Desk(runtime, _id(firm), ZoneInfo(firm.zone), host.words(firm), console)
        if undo == bool(file):
            _fail("Say: tierwise import FILE, or: tierwise import --undo")
        try:
            if file is None:
                is_done = undo_last_import(desk)
            else:
                request = Request(
                    path=file,
                    options=options,
                    advisor=member,
                    dry_run=dry_run,
                    good_rows_only=good_rows_only,
                    accept_implausible=accept_implausible,
                    yes=yes,
                    as_json=as_json,
                    error_file=errors,
                    mapping=mapping,
                    remove_missing=remove_missing,
                    remove_many=remove_many,
                )
                is_done = import_clients(request, desk)
        except FileUnusableError as error:
            _fail(str(error))
    if not is_done:
        sys.exit(NOTHING_CHANGED)


@firm_app.command("add")
def firm_add_command(
    context: typer.Context,
    workspace_id: Annotated[str, typer.Argument(help="Slack's team id, such as T0123ABCD.")],
    name: Annotated[str, typer.Argument()],
    currency: Annotated[str, typer.Option()] = "EUR",
    zone: Annotated[str, typer.Option(help="IANA name.")] = "Europe/Berlin",
    locale: Annotated[str, typer.Option()] = "de-DE",
) -> None:
    """Add a firm; it begins with the default rule book."""
    from bot.listeners.people import zone_or_none
    from bot.usecases.firms import ensure_firm

    if zone_or_none(zone) is None:
        _fail(f"“{zone}” is no time zone. Write it as Europe/Berlin.")
    host: Host = context.obj
    firm = ensure_firm(
        workspace_id, name, host.runtime(), currency=currency, zone=zone, locale=locale
    )
    console.print(f"{firm.name} ({firm.workspace_id}) is set up.")


def main() -> None:
    """Run, and say in one line what a person can correct."""
    from bot.errors import operator_sentence
    from bot.logs import set_up_logs

    set_up_logs()
    try:
        app()
    except DomainError as error:
        said = member_sentence(error) or record_sentence(error) or service_sentence(error, Words())
        said = said or cli_records.sentence_for(error)
        _fail(said or operator_sentence(error))
    except (StoreVersionError, OSError) as error:
        _fail(str(error))
    except (NotApprovedError, ErasedAlreadyError, SamePersonError, TermError) as error:
        _fail(cli_records.sentence_for(error) or str(error))
    except ValidationError as error:
        said = ", ".join(str((*each["loc"], each["msg"])[0]) for each in error.errors())
        _fail(f"These settings cannot be read: {said.removeprefix('Value error, ')}")
    except SQLAlchemyError as error:
        _fail(f"The store cannot be used ({type(error).__name__}). Is TIERWISE_DATABASE_URL right?")


def _note_view(firm_id: int, report: LookUpReport, runtime: Runtime) -> None:
    """Write down whom the operator is about to see."""
    match report:
        case ClientReport():
            client_ids = [report.assessment.client.client_id]
        case SeveralReport():
            client_ids = [each.client.client_id for each in report.hits]
        case _:
            return
    act = present_act()
    entry = Entry(kind=Kind.VIEW, actor=act.actor, what="segment", client_ids=tuple(client_ids))
    runtime.note(firm_id, entry)


def _whose(host: Host, runtime: Runtime, key: str | None) -> tuple[FirmRow, Member | None]:
    from bot.usecases.firms import find_member

    firm = host.firm(runtime)
    return firm, find_member(_id(firm), key, runtime) if key else None


def _preview(host: Host, runtime: Runtime, advisor: str | None, *, as_json: bool) -> None:
    from bot.usecases.digest import digest_of
    from bot.views import digest, terminal
    from bot.views.plain import week_values

    firm, member = _whose(host, runtime, advisor)
    if member is None:
        raise ValueError("an advisor was named")
    now = runtime.now().astimezone(ZoneInfo(firm.zone))
    report = digest_of(_id(firm), member, runtime, now=now)
    words = host.words(firm)
    message = {"text": digest.digest_text(report, words), "blocks": digest.digest(report, words)}
    values = {**week_values(report.week, words), "message": message}
    _answer(as_json, values, lambda: terminal.digest(report, words))


def _separator(typed: str | None) -> str | None:
    separator = "\t" if typed in ("tab", "\\t") else typed
    if separator is not None and separator not in SEPARATORS:
        raise typer.BadParameter("Say ; or , or | or tab.", param_hint="--separator")
    return separator


def _columns(typed: list[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in typed]
    if not all(sign for _, sign, _ in pairs):
        raise typer.BadParameter("Say FIELD=HEADING, such as client_id=Nr.", param_hint="--column")
    return {field.strip(): heading.strip() for field, _, heading in pairs}


def _answer(as_json: bool, values: Any, shown: Any) -> None:
    if as_json:
        console.print_json(json.dumps(values, ensure_ascii=False))
    else:
        console.print(shown())


def _today(runtime: Runtime, firm: FirmRow) -> date:
    return runtime.today(ZoneInfo(firm.zone))


def _id(firm: FirmRow) -> int:
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    return firm.id


def _fail(sentence: str, *, code: int = USAGE_ERROR) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(code)
