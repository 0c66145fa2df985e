"""What a person wants to be told, when, and when not: chosen in a form, kept, and shown again."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.usecases.reminders import choose_holidays, choose_notices, notice_settings
from domain.notices import Choices, Notice, Often
from tests.bot.office import ANNA, EMILY, Json, Office, text_of


def opened(office: Office, who: str, *, home: str, button: str) -> Json:
    """Open the form from the Home tab."""
    office.press_in_view(who, button, office.home(who, home))
    return office.modals(who)[0]


def chosen(**values: str) -> Json:
    return {name: {name: {"selected_option": {"value": v}}} for name, v in values.items()}


def days(**values: str) -> Json:
    return {name: {name: {"selected_date": value}} for name, value in values.items()}


def of(office: Office, key: str) -> Choices:
    return notice_settings(office.firm_id, office.members[key], office.runtime).choices


def test_a_person_chooses_kind_frequency_day_and_time(office: Office) -> None:
    choose_holidays(office.firm_id, "de-by", office.runtime)
    before = Choices(at=time(7, 15), away_until=date(2026, 11, 30))
    anna, zone = office.members["anna"], ZoneInfo("Europe/Berlin")
    choose_notices(office.firm_id, anna, before, office.runtime, zone=zone)
    view = opened(office, ANNA, home="Prioritäten", button="Nachrichten und Zeiten")
    assert '"initial_time": "07:15"' in text_of(view)
    assert '"initial_date": "2026-11-30"' in text_of(view)
    assert "An Feiertagen (DE-BY)" in text_of(view)
    values: dict[str, Any] = {
        **chosen(digest_day="3", services="weekly", events="never", weekly_day="1"),
        **days(away_from="2026-12-21", away_until="2027-01-03"),
        "at": {"at": {"selected_time": "07:30"}},
    }
    assert office.people.submit(ANNA, view["id"], values)["outcome"] == "updated"
    office.close_modals(ANNA)
    kept = of(office, "anna")
    assert (kept.digest, kept.digest_weekday, kept.digest_at) == (True, 3, time(8))
    assert (kept.weekday, kept.at) == (1, time(7, 30))
    assert kept.often == {
        Notice.SERVICES: Often.WEEKLY,
        Notice.APPOINTMENTS: Often.DAILY,
        Notice.EVENTS: Often.NEVER,
        Notice.RECHECKS: Often.DAILY,
    }
    assert (kept.away_from, kept.away_until) == (date(2026, 12, 21), date(2027, 1, 3))


def test_a_pause_has_a_last_day_and_that_is_not_before_the_first(office: Office) -> None:
    view = opened(office, EMILY, home="Daisy", button="Messages and times")
    wrong = days(away_from="2026-12-21", away_until="2026-12-20")
    answer = office.people.submit(EMILY, view["id"], wrong)
    assert "The last day comes before the first one." in str(answer)
    office.close_modals(EMILY)
    view = opened(office, EMILY, home="Daisy", button="Messages and times")
    answer = office.people.submit(EMILY, view["id"], days(away_from="2026-12-21"))
    assert "Please fill this in." in str(answer)
    office.close_modals(EMILY)
    assert of(office, "emily") == Choices()
