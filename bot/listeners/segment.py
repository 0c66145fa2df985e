"""`/segment`: look up a client, choose among several, open one from a list."""

from bot.listeners.calls import Call, Reply, Say
from bot.reports import ClientReport, HelpReport, NotFoundReport, SeveralReport
from bot.usecases import lookup
from bot.usecases.recording import ClientGoneError
from bot.views import lists, notices
from bot.views.client_card import client_card, client_card_text
from bot.words import Words
from domain.access import Action
from domain.segmentation import LegacyReason

HELP = ("", "help", "hilfe", "?", "-h", "--help")


def handle_segment(call: Call) -> Reply:
    """Answer with the client, to the person who asked and nobody else."""
    query = lookup.tidy(call.text)
    if query.casefold() in HELP:
        return Say(text=notices.segment_help(HelpReport(), call.words))
    report = lookup.look_up(query, call.asker(Action.SEE_CLIENT), call.runtime, today=call.today)
    match report:
        case ClientReport():
            return show_client(report, call.words)
        case SeveralReport():
            return Say(
                text=lists.picker_text(report, call.words),
                blocks=lists.picker(report, call.words),
                about_clients=True,
            )
        case NotFoundReport():
            return Say(
                text=notices.not_found_text(report, call.words),
                blocks=notices.not_found(report, call.words),
                about_clients=True,
            )
        case HelpReport():
            return Say(text=notices.segment_help(report, call.words))


def handle_open_client(call: Call) -> Reply:
    """Show the client whose button was clicked, with the clicker's rights."""
    if not call.text.isdecimal():
        raise ClientGoneError
    client_id, asker = int(call.text), call.asker(Action.SEE_CLIENT)
    report = lookup.open_client(client_id, asker, call.runtime, today=call.today)
    if report is None:
        raise ClientGoneError(client_id)
    return show_client(report, call.words)


def show_client(report: ClientReport, words: Words) -> Say:
    """Show the card; it may name sponsors whom the asker may see."""
    client = report.assessment.client
    sponsors = {
        each.tie.sponsor.client_id
        for each in report.assessment.tier.reasons
        if isinstance(each, LegacyReason)
    }
    return Say(
        text=client_card_text(report, words),
        blocks=client_card(report, words),
        about_clients=True,
        about=frozenset({client.client_id, *(sponsors - report.hidden_sponsors)}),
    )
