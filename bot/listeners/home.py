"""App Home, published whenever somebody opens it: to each role its own page, or both below."""

from bot.listeners.calls import Call, PublishHome
from bot.listeners.exports import exports_for
from bot.listeners.records import waiting_for
from bot.listeners.roles import admin_report
from bot.usecases.home import morning_of
from bot.views import people, refusals
from bot.views.home import home
from domain.access import Action, may, needs_reason


def handle_home(call: Call) -> PublishHome:
    """Publish the caller's own page."""
    member, words = call.member, call.words
    if may(member, Action.SEE_PRIORITIES):
        report = morning_of(call.firm_id, member, call.runtime, today=call.today)
        sees_people, administers = may(member, Action.SEE_PEOPLE), may(member, Action.ADMINISTER)
        below = people.administration(admin_report(call), words) if administers else []
        view = home(report, words, sees_people=sees_people, administration=below)
        return PublishHome(view=view)
    if may(member, Action.ADMINISTER):
        return PublishHome(view=people.admin_home(admin_report(call), words, call.zone))
    if needs_reason(member, Action.SEE_CLIENT):
        return PublishHome(
            view=people.reader_home(
                erasures=waiting_for(call), exports=exports_for(call), words=words
            )
        )
    return PublishHome(view=people.waiting_home(refusals.nothing_granted(words), words))
