"""`tierwise firm`: the firms of a store, what they assume, and how one leaves."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from bot.cli import Host

console = Console(highlight=False)
USAGE_ERROR = 2
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def add_to(firm_app: typer.Typer) -> None:
    """Add the commands to the others of firms."""
    firm_app.command("list")(list_command)
    firm_app.command("change")(change_command)
    firm_app.command("remove")(remove_command)
    firm_app.command("new-key")(new_key_command)
    firm_app.command("rekey")(rekey_command)


def list_command(context: typer.Context, as_json: AsJson = False) -> None:
    """List the firms, and whether Slack takes us there."""
    from storage.firms import list_firms

    host: Host = context.obj
    runtime = host.runtime()
    with runtime.store.read(None) as session:
        firms = list_firms(session)
    if as_json:
        values = [
            {
                "workspace_id": each.workspace_id,
                "name": each.name,
                "currency": each.currency,
                "zone": each.zone,
                "rules_reserved": each.rules_reserved,
                "disconnected_at": each.disconnected_at and each.disconnected_at.isoformat(),
                "disconnected_why": each.disconnected_why or None,
            }
            for each in firms
        ]
        console.print_json(json.dumps(values, ensure_ascii=False))
        return
    for each in firms:
        state = f"disconnected: {each.disconnected_why}" if each.disconnected_at else "connected"
        console.print(
            f"{each.workspace_id}  {each.name}  {each.currency}  {each.zone}  {state}",
            markup=False,
            soft_wrap=True,
        )


def change_command(
    context: typer.Context,
    name: Annotated[str | None, typer.Option()] = None,
    zone: Annotated[str | None, typer.Option(help="IANA name.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="Three letters; only before there are clients.")
    ] = None,
    rules_reserved: Annotated[
        bool | None,
        typer.Option(
            "--reserve-rules/--open-rules",
            help="Whether only admins change the rule book, or team leads, too.",
        ),
    ] = None,
) -> None:
    """Change a firm's name, time zone or currency, or who changes its rule book."""
    from bot.listeners.people import zone_or_none
    from bot.usecases.firms import CurrencyFixedError, change_firm

    host: Host = context.obj
    if zone is not None and zone_or_none(zone) is None:
        _fail(f"“{zone}” is no time zone. Write it as Europe/Berlin.")
    if currency is not None and not (
        currency.isascii() and currency.isalpha() and len(currency) == 3
    ):
        _fail(f"“{currency}” is no currency. Write it as EUR.")
    runtime = host.runtime()
    firm = host.firm(runtime)
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    try:
        kept = change_firm(
            firm.id,
            runtime,
            name=name,
            zone=zone,
            currency=currency,
            rules_reserved=rules_reserved,
        )
    except CurrencyFixedError:
        _fail("Amounts of clients are kept in the firm's currency; it stays. Nothing was changed.")
    rules = "reserved for admins" if kept.rules_reserved else "changed by leads and admins"
    said = f"{kept.name}: {kept.currency}, {kept.zone}, rule book {rules}"
    console.print(said, markup=False, soft_wrap=True)


def remove_command(
    context: typer.Context,
    workspace_id: Annotated[str, typer.Argument(help="As `tierwise firm list` names it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete a firm: its people, clients, messages, tokens and journal. It cannot be taken back."""
    from bot.usecases.firms import choose_firm
    from storage.leaving import remove_firm

    host: Host = context.obj
    runtime = host.runtime()
    firm = choose_firm(workspace_id, runtime)
    if firm.id is None:
        raise ValueError("a firm that was never saved has no id")
    if not yes and not typer.confirm(f"Delete everything of {firm.name} ({workspace_id})?"):
        _fail("Nothing was changed.")
    rows = remove_firm(runtime.store, firm.id, workspace_id)
    console.print(f"{firm.name} is deleted, {rows} rows. Backups still hold it.", markup=False)


def new_key_command() -> None:
    """Make a key for TIERWISE_TOKEN_KEY."""
    from cryptography.fernet import Fernet

    console.print(Fernet.generate_key().decode(), markup=False, soft_wrap=True)


def rekey_command(context: typer.Context) -> None:
    """Seal all stored tokens with the first key of TIERWISE_TOKEN_KEY."""
    from bot.tokens import Tokens

    host: Host = context.obj
    runtime = host.runtime()
    tokens = Tokens(host.settings.slack_client_id, runtime.store, host.settings.token_key)
    console.print(f"Sealed with the first key: {tokens.renew()}. The others can go now.")


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(USAGE_ERROR)
