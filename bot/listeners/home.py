"""App Home, published whenever somebody opens it."""

from bot.listeners.calls import Call, PublishHome
from bot.usecases.home import morning_of
from bot.views.home import home


def handle_home(call: Call) -> PublishHome:
    """Publish the caller's own page."""
    report = morning_of(call.firm_id, call.member, call.runtime, today=call.today)
    return PublishHome(view=home(report, call.words))
