"""A person's own settings: language, notifications, how private answers are."""

from bot.listeners.calls import Call, OpenModal, Reply, UpdateModal
from bot.listeners.entered import Entered
from bot.usecases.firms import change_preferences
from bot.views import modals
from bot.words import Words

LOCALES = ("de-DE", "en-GB")


def handle_settings(call: Call) -> Reply:
    """Open the settings."""
    return OpenModal(
        view=modals.settings_modal(
            call.words,
            locale=call.member.locale,
            full_text=call.member.full_text,
            strict=call.member.strict,
        )
    )


def handle_settings_modal(call: Call) -> Reply:
    """Keep the settings and say so in the language just chosen."""
    entered = Entered(call.state, call.words)
    chosen = entered.chosen("locale")
    ticked = entered.ticked("boxes")
    locale = chosen if chosen in LOCALES else None
    change_preferences(
        call.firm_id,
        call.member,
        call.runtime,
        locale=locale,
        full_text="full_text" in ticked,
        strict="strict" in ticked,
    )
    words = Words(locale or call.slack_locale, call.words.currency)
    sentence = words.say("Your settings hold from now on.")
    return UpdateModal(view=modals.message_modal(words.say("Saved"), sentence, words))
