"""`tierwise rules`: show, export and change the firm's rule book, its effect first."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.runtime import Runtime
from bot.words import Words
from domain.errors import RuleBookError

if TYPE_CHECKING:
    from bot.cli import Host
    from bot.reports import RulesPreview
    from storage.tables import FirmRow

rules_app = typer.Typer(no_args_is_help=True, help="The firm's rule book.")
console = Console(highlight=False)

NOTHING_CHANGED = 1
USAGE_ERROR = 2

LARGEST_FILE = 1_000_000
"""Bytes; a rule book has some three thousand."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
RuleFile = Annotated[Path, typer.Argument(help="Rule book as TOML.")]


@rules_app.command("show")
def show_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the rule book in force, each value with its source."""
    from bot.usecases.rules import rules_in_force
    from bot.views.terminal_rules import rule_table
    from domain.rulefile import to_plain

    runtime, firm, words = _desk(context)
    rules = rules_in_force(_id(firm), runtime)
    if as_json:
        console.print_json(json.dumps(to_plain(rules)))
    else:
        console.print(rule_table(rules, words))


@rules_app.command("export")
def export_command(context: typer.Context, file: RuleFile) -> None:
    """Write the rule book in force to a file, with the sources beside the values."""
    from bot.usecases.rules import rules_in_force
    from bot.views.rules import notes
    from domain.rulefile import to_toml

    runtime, firm, words = _desk(context)
    rules = rules_in_force(_id(firm), runtime)
    file.write_text(to_toml(rules, notes(words)), "utf-8")
    said = words.say("Rule book {version} is in {file}.", version=rules.version, file=file)
    console.print(said, markup=False, soft_wrap=True)


@rules_app.command("preview")
def preview_command(context: typer.Context, file: RuleFile, as_json: AsJson = False) -> None:
    """Show what a rule book would change; nothing is saved."""
    runtime, firm, words = _desk(context)
    _show(_preview(file, runtime, firm, words), words, as_json=as_json)


@rules_app.command("import")
def import_command(
    context: typer.Context,
    file: RuleFile,
    yes: Annotated[bool, typer.Option("--yes", help="Save without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a rule book would change, ask, and save it as the next version."""
    from bot.usecases.rules import RulesChangedMeanwhileError, keep_rules

    runtime, firm, words = _desk(context)
    found = _preview(file, runtime, firm, words)
    _show(found, words, as_json=as_json)
    if not found.changes_rules:
        return
    if not yes and not _confirmed(words, found.after.version):
        sys.exit(NOTHING_CHANGED)
    try:
        keep_rules(found, firm_id=_id(firm), runtime=runtime, by="operator")
    except RulesChangedMeanwhileError:
        _fail(words.say("Somebody else saved a rule book meanwhile. Look at the preview again."))
    if not as_json:
        console.print(
            words.say(
                "Rule book {version} holds from {day} on.",
                version=found.after.version,
                day=words.day(found.after.valid_from),
            )
        )


@rules_app.command("history")
def history_command(context: typer.Context, as_json: AsJson = False) -> None:
    """List the versions of the rule book, with who changed what."""
    from bot.usecases.rules import rules_history
    from bot.views.terminal_rules import history_table, history_values

    runtime, firm, words = _desk(context)
    versions = rules_history(_id(firm), runtime)
    if as_json:
        console.print_json(json.dumps(history_values(versions), ensure_ascii=False))
    else:
        console.print(history_table(versions, words))


def _desk(context: typer.Context) -> "tuple[Runtime, FirmRow, Words]":
    host: Host = context.obj
    runtime = host.runtime()
    firm = host.firm(runtime)
    return runtime, firm, host.words(firm)


def _preview(file: Path, runtime: Runtime, firm: "FirmRow", words: Words) -> "RulesPreview":
    from bot.usecases.rules import preview_rules
    from bot.views.rules import problem

    try:
        if file.stat().st_size > LARGEST_FILE:
            _fail(words.say("{file} is too large for a rule book.", file=file))
        text = file.read_text("utf-8-sig")
        today = runtime.today(ZoneInfo(firm.zone))
        return preview_rules(text, firm_id=_id(firm), runtime=runtime, today=today)
    except UnicodeDecodeError:
        _fail(words.say("{file} is not in UTF-8.", file=file))
    except RuleBookError as error:
        _fail(problem(error, words))


def _show(found: "RulesPreview", words: Words, *, as_json: bool) -> None:
    from bot.views.terminal_rules import preview, preview_values

    if as_json:
        console.print_json(json.dumps(preview_values(found), ensure_ascii=False))
    else:
        console.print(preview(found, words))


def _confirmed(words: Words, version: int) -> bool:
    question = words.say("Save it as rule book {version}?", version=version)
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False


def _id(firm: "FirmRow") -> int:
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    return firm.id


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(USAGE_ERROR)
