"""Why a message was held or given up, in a person's words; what is unknown stays as it is."""

from bot.digests.connection import INSTALLATION
from bot.digests.delivery import (
    ALWAYS_WAITING,
    MOVED,
    NOT_A_MEMBER,
    NOT_LINKED,
    TOO_LATE,
    UNANSWERED,
)
from bot.usecases.team import PLACE, TAKEN_AWAY
from bot.views.team import barred_sentence
from bot.words import Words
from domain.access import Place, Standing


def reason_said(reason: str, words: Words) -> str:
    """Say a reason of the ledger in one sentence or less."""
    said = {
        TOO_LATE: words.say("it would have been more than 48 hours late"),
        NOT_LINKED: words.say("the person is not active here, or not linked to an account"),
        UNANSWERED: words.say("Slack left open whether it arrived"),
        ALWAYS_WAITING: words.say("Slack only asked to wait for a day"),
        MOVED: words.say("its clients moved to another book meanwhile"),
        TAKEN_AWAY: words.say("the channel was taken away"),
    }
    if reason in said:
        return said[reason]
    if reason.startswith(PLACE) and reason.removeprefix(PLACE) in list(Place):
        return barred_sentence(Place(reason.removeprefix(PLACE)), words)
    if reason.startswith(NOT_A_MEMBER):
        return _standing(reason.removeprefix(NOT_A_MEMBER), words)
    if reason.startswith(INSTALLATION):
        code = reason.removeprefix(INSTALLATION)
        return words.say("Slack refuses the app ({code})", code=code)
    return words.say("Slack says: {code}", code=reason)


def _standing(name: str, words: Words) -> str:
    standings = {
        Standing.GUEST: words.say("the account is a guest's"),
        Standing.EXTERNAL: words.say("the account is of another firm"),
        Standing.DEACTIVATED: words.say("the account is deactivated"),
        Standing.BOT: words.say("the account is a program's"),
    }
    return next((said for standing, said in standings.items() if standing.value == name), name)
