"""What somebody reads who may not do something: no more than whom to ask."""

from bot.views import notices
from bot.words import Words
from domain.access import Action, Member, Role

SEEING = (Action.SEE_CLIENT, Action.SEE_PRIORITIES, Action.GET_DIGEST, Action.SEE_HOURS)


def not_allowed(member: Member, action: Action, words: Words) -> str:
    """Refuse an action to a member."""
    if action in (Action.TRY_RULES, Action.CHANGE_RULES):
        return notices.rules_refused(words, reserved=member.rules_reserved)
    if action is Action.TICK_PRACTICE:
        return notices.practice_for_leads(words)
    if action is Action.TEAM_POSTS:
        return notices.leads_only(words)
    match member.role:
        case Role.ADMIN if action in SEEING:
            return words.say(
                "You administer Tierwise; that is kept apart from clients. What you look after "
                "stands on the Home tab."
            )
        case Role.COMPLIANCE if action in SEEING:
            return words.say(
                "You read single clients, each for a reason that is kept: `/segment Huber`"
            )
        case Role.ASSISTANT if not member.grants:
            return nothing_granted(words)
        case Role.ASSISTANT:
            return words.say("This was not granted to you. Ask who administers Tierwise.")
    return words.say("Your role does not allow this. Ask who administers Tierwise.")


def nothing_granted(words: Words) -> str:
    """Tell an assistant that no grant holds."""
    return words.say("You act for nobody at present: no grant holds. Ask who administers Tierwise.")


def code_refused(words: Words) -> str:
    """Refuse a code; why is not said."""
    return words.say(
        "This code does not hold: mistyped, used already, older than ten minutes, or not for you."
    )


def too_many_tries(words: Words) -> str:
    """Refuse any code for a while."""
    return words.say("Too many wrong codes. Please try again in an hour, with a new code.")


def own_rights(words: Words) -> str:
    """Refuse an admin to change the own rights."""
    return words.say("Nobody changes the own rights. Ask somebody else, or use the terminal.")


def not_of_the_firm(words: Words) -> str:
    """Refuse to link an account."""
    return words.say(
        "Only people of the firm's own workspace are linked: no guests, nobody from outside, no "
        "bots, nobody who has left."
    )
