"""Short answers: help, not found, not linked, refused, failed. Each says what to do next."""

from bot import actions
from bot.reports import HelpReport, NotFoundReport
from bot.views.blocks import Block, button, context, cut, escape, section
from bot.views.blocks import actions as row
from bot.words import Words
from domain.events import (
    EventCancelledError,
    EventError,
    EventFullError,
    EventGoneError,
    EventOverError,
    EventServiceError,
    EventToComeError,
    NotInvitedError,
    NotYourEventError,
    PastEventError,
    SeatsError,
)

NEAR = 5
"""So many names that look alike are offered."""
SHOWN_QUERY = 80
"""So much of what somebody typed is repeated."""


def segment_help(report: HelpReport, words: Words) -> str:
    """Explain `/segment`; lead with what was wrong, if anything was."""
    lines = []
    if report.too_short:
        lines.append(words.say("Please type at least two letters of the name."))
    if report.too_long:
        lines.append(words.say("That is longer than any name: at most 200 characters."))
    lines += [
        words.say("Look up a client: tier and field, why, and what to do next. Only you see it."),
        "`/segment Huber`",
        "`/segment Mueller Anna`",
        "`/segment Sonnenhof GmbH`",
        words.say("Typos, missing umlauts and swapped names are found too."),
        words.say(
            "The evidence on a client's card has a file with all that is stored, and asks for an "
            "erasure."
        ),
    ]
    return "\n".join(lines)


def priorities_help(words: Words, *, is_lead: bool, unknown: str = "") -> str:
    """Explain `/priorities`; name what was not understood."""
    lines = []
    if unknown:
        lines.append(
            words.say("“{word}” is not known here.", word=escape(cut(unknown, SHOWN_QUERY)))
        )
    lines += [
        words.say("Who comes first this week, each with one next step. Only you see it."),
        "`/priorities`",
    ]
    if is_lead:
        lines.append(words.say("`/priorities team` for all books of your team"))
    return "\n".join(lines)


def due_help(words: Words, *, is_lead: bool) -> str:
    """Explain `/due`."""
    lines = [
        words.say("What is owed now and next: log, book, put off. Only you see it."),
        "`/due`",
        words.say("`/due Huber` for one client"),
    ]
    if is_lead:
        lines.append(words.say("`/due team` for all books of your team"))
    return "\n".join(lines)


def events_help(words: Words) -> str:
    """Explain `/events`."""
    return "\n".join(
        (
            words.say("Client events: who is entitled, invited, accepted, came."),
            "`/events`",
            words.say("`/events new` plans one"),
        )
    )


def book_help(words: Words, *, is_lead: bool, unknown: str = "") -> str:
    """Explain `/book`; name what was not understood."""
    lines = []
    if unknown:
        lines.append(
            words.say("“{word}” is not known here.", word=escape(cut(unknown, SHOWN_QUERY)))
        )
    lines += [
        words.say("The whole book: tiers, fields, what waits. Only you see it."),
        "`/book`",
        words.say("`/book capacity` for hours against revenue, pictures, and whether to hire"),
        words.say("`/book practice` for the way to a practice that works by segments"),
        words.say("`/book rules` for the rules behind it"),
        words.say("`/book import` for how to import a client list"),
    ]
    if is_lead:
        lines.append(words.say("`/book team` for all books of your team"))
        lines.append(words.say("`/book team capacity` for their hours together"))
        lines.append(words.say("`/book channel` for the channel in which your team is told"))
    return "\n".join(lines)


def import_help(words: Words, *, is_lead: bool) -> str:
    """Say how a client list is imported."""
    whose = (
        words.say("It may hold clients of your team; the column “Advisor” says whose.")
        if is_lead
        else words.say("It may hold clients of your own book, and new ones for it.")
    )
    return "\n".join(
        (
            words.say(
                "Put the list (CSV or XLSX, at most 10 MB and 50,000 rows) into this direct "
                "message with Tierwise, as one attaches a file."
            ),
            words.say(
                "You then see what would change, line by line where something is wrong. Nothing "
                "is changed before you press “Import”, and the last import can be taken back."
            ),
            whose,
        )
    )


def not_found(report: NotFoundReport, words: Words) -> list[Block]:
    """Say that no client fits, with names of the asker's own clients that look alike."""
    blocks = [section(_nobody(report, words))]
    if report.near:
        blocks.append(context(_did_you_mean(words)))
        blocks.append(
            row(
                *(
                    button(name, f"{actions.OPEN_CLIENT}:{rank}", str(client_id))
                    for rank, (client_id, name) in enumerate(report.near[:NEAR])
                )
            )
        )
    return blocks


def not_found_text(report: NotFoundReport, words: Words) -> str:
    """Say that no client fits, and whose names are near, as text."""
    if not report.near:
        return _nobody(report, words)
    names = "; ".join(escape(name) for _, name in report.near[:NEAR])
    return f"{_nobody(report, words)} {_did_you_mean(words)}: {names}"


def _nobody(report: NotFoundReport, words: Words) -> str:
    """Use the same words for nobody and for somebody else's client."""
    return words.say(
        "No client “{query}” in your book.", query=escape(cut(report.query, SHOWN_QUERY))
    )


def _did_you_mean(words: Words) -> str:
    return words.say("Did you mean")


def client_gone(words: Words) -> str:
    """Say that a button's client is out of reach by now."""
    return words.say("This client is not, or no longer, in your book.")


def changed_meanwhile(words: Words) -> str:
    """Say that somebody else was faster."""
    return words.say(
        "Somebody changed this client meanwhile. Nothing was taken back; open the card to see "
        "what holds now."
    )


def not_overruled(words: Words) -> str:
    """Say that there is nothing to lift."""
    return words.say("No tier set by hand is in force any more.")


def service_gone(words: Words) -> str:
    """Say that the rule book has a service no longer."""
    return words.say("The service model has no such service any more.")


def event_refused(error: EventError, words: Words) -> str:
    """Say why something about an event cannot be."""
    sentences = {
        EventGoneError: words.say("There is no such event of your team."),
        NotYourEventError: words.say("Only who planned an event, or the lead, changes it."),
        PastEventError: words.say("This day has to be still to come."),
        EventServiceError: words.say("The service model has no such service any more."),
        SeatsError: words.say("Please enter a number from 1 to 5000."),
        EventCancelledError: words.say("This event is cancelled."),
        EventOverError: words.say("This event is over."),
        EventToComeError: words.say("Who came is noted from the day of the event on."),
        NotInvitedError: words.say("This client is not invited."),
    }
    if isinstance(error, EventFullError):
        return words.say_n("Only {n} seat is left.", "Only {n} seats are left.", error.left)
    return sentences[type(error)]


def nothing_there(words: Words) -> str:
    """Say that there is nothing to withdraw."""
    return words.say("There is nothing of this kind on record any more.")


def form_outdated(words: Words) -> str:
    """Say that a form cannot be read any more."""
    return words.say("This form is out of date. Please open it again from the card.")


def outdated(words: Words) -> str:
    """Say that what was pressed or sent cannot be read any more."""
    return words.say("This is out of date. Please open it again.")


def nothing_to_undo(words: Words) -> str:
    """Say that a change was taken back before."""
    return words.say("This was taken back already.")


def not_linked(slack_user_id: str, words: Words) -> str:
    """Say how to get linked."""
    return words.say(
        "You have no role here yet, so I can show you nothing. Ask the person who runs "
        "Tierwise to link you: `tierwise member link KEY {user}`",
        user=slack_user_id,
    )


def person_unknown(words: Words) -> str:
    """Say that Slack did not answer who somebody is."""
    return words.say("Slack did not tell me who you are. Please try again in a moment.")


def not_a_member(words: Words) -> str:
    """Refuse guests and people of other firms, saying nothing about the firm."""
    return words.say("This assistant is for members of the firm.")


def sent_directly(words: Words) -> str:
    """Say that the answer went to the direct message, for the place is not private enough."""
    return words.say("I sent the answer to you by direct message.")


def ask_directly(words: Words, *, chosen: bool) -> str:
    """Say where such a thing can be done, and whether the person's own setting asks for that."""
    if chosen:
        return words.say(
            "Please do this in your direct message with me: your settings keep answers out of "
            "channels."
        )
    return words.say("Please do this in your direct message with me: this place is shared.")


def files_directly(words: Words) -> str:
    """Say where files come, for a place that is not shared and yet gets none."""
    return words.say("Please do this in your direct message with me: files come only there.")


def one_moment(words: Words) -> str:
    """Say that the answer takes longer."""
    return words.say("One moment …")


def leads_only(words: Words, *, own: str = "/priorities") -> str:
    """Refuse a team's list to an advisor, and name the command for the own one."""
    return words.say("The team's list is for its lead. Yours: `{command}`", command=own)


def channel_for_leads(words: Words) -> str:
    """Refuse the choice of a team's channel to an advisor."""
    return words.say("The channel of a team is chosen by its lead.")


def rules_refused(words: Words, *, reserved: bool) -> str:
    """Refuse a change of the rule book; the firm may have reserved it for admins."""
    if reserved:
        return words.say(
            "The rule book is reserved: only who administers Tierwise saves changes. You can read "
            "it: `/book rules`"
        )
    return words.say("The rule book is changed by team leads. You can read it: `/book rules`")


def practice_for_leads(words: Words) -> str:
    """Refuse to tick the checklist off to an advisor."""
    return words.say("The checklist is ticked off by team leads. You can read it: `/book practice`")


def issues_for_leads(words: Words) -> str:
    """Refuse to log an issue, which concerns everybody's clients, to an advisor."""
    return words.say("An issue for all clients is logged by team leads.")


def waits_its_turn(words: Words) -> str:
    """Say that another file is worked on first."""
    return words.say("Another file is being worked on; this one follows.")


def too_fast(seconds: int, words: Words) -> str:
    """Say when a person who asked too much at once may go on."""
    return words.say_n(
        "That was a lot at once. Please go on in {n} second.",
        "That was a lot at once. Please go on in {n} seconds.",
        seconds,
    )


def crowded(words: Words) -> str:
    """Say that too many people wait already."""
    return words.say(
        "Too much is waiting at the moment. Nothing was changed; please repeat in a minute."
    )


def trigger_lost(words: Words) -> str:
    """Say that Slack gave no time to open something."""
    return words.say("Slack did not let me open this in time. Nothing is lost; please try again.")


def busy(words: Words) -> str:
    """Say that the store is held by somebody else's work."""
    return words.say("The store is busy. Nothing was changed; please repeat in a moment.")


def store_away(words: Words) -> str:
    """Say that the database cannot be reached."""
    return words.say(
        "Tierwise cannot reach its store at the moment. Nothing was changed; please repeat in a "
        "minute."
    )


def failed(reference: str, words: Words) -> str:
    """Say that something broke, with an id that the operator finds in the log."""
    return words.say(
        "That did not work, and nothing was changed. Please tell the person who runs Tierwise "
        "this number: {reference}",
        reference=reference,
    )


def zone_of_the_firm(zone: str, words: Words) -> str:
    """Say whose clocks count for somebody of whom Slack names no time zone."""
    return words.say(
        "Slack names no known time zone for this account, so the firm's counts: {zone}. It can be "
        "changed in Slack's preferences under “Language & region”.",
        zone=zone,
    )
