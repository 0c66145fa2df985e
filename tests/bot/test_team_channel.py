"""A lead chooses the team's channel; whoever clicks there sees the own list, and only that."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.cli import main
from bot.digests.clock import LocalDispatcher, tick, work_on
from bot.digests.delivery import DigestDesk
from bot.digests.message import WeeklyWriter
from bot.digests.team import TeamLetters, record_team_posts
from bot.offices import Offices
from bot.usecases.team import channel_of, drop_channel
from domain.team_posts import TeamChannel
from sandbox.world import BOT, TEAM, Place
from tests.bot.office import (
    ANNA,
    EMILY,
    JONAS,
    LENA,
    TOM,
    TUESDAY,
    VOGT,
    Json,
    Office,
    direct,
    text_of,
)

HALF_PAST = TUESDAY + timedelta(days=6, hours=-1, minutes=-30)
"""Half past eight in Berlin, on Monday."""


def opened(office: Office) -> Json:
    """Open the form by its command."""
    office.people.say(VOGT, direct(VOGT), "/book kanal")
    return office.modals(VOGT)[0]


def values(channel: str | None, *, public: bool = False, day: str = "0") -> Json:
    ticked = [{"value": "in_public"}] if public else []
    return {
        "channel": {"channel": {"selected_conversation": channel}},
        "day": {"day": {"selected_option": {"value": day}}},
        "at": {"at": {"selected_time": "08:30"}},
        "in_public": {"in_public": {"selected_options": ticked}},
    }


def chosen(office: Office) -> TeamChannel | None:
    return channel_of(office.firm_id, "Birkenhof", office.runtime)


def choose(office: Office, channel: str | None, **options: Any) -> Json:
    """Submit the form as the lead; return what comes of it."""
    view = opened(office)
    outcome: Json = office.people.submit(VOGT, view["id"], values(channel, **options))
    return outcome


@contextmanager
def place(office: Office, place_id: str, **facts: Any) -> Iterator[Place]:
    """Let a place be another one for a while."""
    chosen_place = office.sandbox.workspace.world.places[place_id]
    known = {name: getattr(chosen_place, name) for name in facts}
    for name, value in facts.items():
        setattr(chosen_place, name, value)
    try:
        yield chosen_place
    finally:
        for name, value in known.items():
            setattr(chosen_place, name, value)


@pytest.fixture(autouse=True)
def nothing_chosen(office: Office) -> Iterator[None]:
    yield
    for who in (VOGT, ANNA, EMILY, JONAS):
        office.close_modals(who)
    drop_channel(office.firm_id, "Birkenhof", office.runtime)


def test_a_lead_chooses_a_private_channel_and_reads_when_it_begins_and_what_it_says(
    office: Office,
) -> None:
    outcome = choose(office, "C0TEAM", day="2")
    assert outcome["outcome"] == "updated"
    said = office.modal_saying(VOGT, "Der erste Post kommt am Mittwoch, 25. November um 08:30.")
    assert "bei wie vielen Kunden etwas ansteht" in text_of(said)
    kept = chosen(office)
    assert kept is not None
    assert (kept.channel_id, kept.weekday, kept.zone) == ("C0TEAM", 2, "Europe/Berlin")
    # The form shows it the next time, and empty it takes the channel away
    office.close_modals(VOGT)
    assert '"initial_conversation": "C0TEAM"' in text_of(opened(office))
    office.people.submit(VOGT, office.modals(VOGT)[0]["id"], values(None))
    office.modal_saying(VOGT, "Das Team hat keinen Kanal")
    assert chosen(office) is None


def test_with_a_guest_in_it_the_form_says_that_the_counts_stay_away(office: Office) -> None:
    with place(office, "C0GUEST", members={ANNA, VOGT, LENA, BOT}):
        choose(office, "C0GUEST")
        office.modal_saying(VOGT, "Der Post sagt nur, dass die Liste bereit ist.")


REFUSED = {
    "C0SHARED": "Eine andere Firma teilt diesen Kanal",
    "C0GENERAL": "In diesem Kanal sind alle",
    "C0PUB": "Dieser Kanal ist öffentlich",
    "C0OLD": "Tierwise ist nicht in diesem Kanal, oder er ist archiviert",
    "C0GUEST": "Tierwise ist nicht in diesem Kanal, oder er ist archiviert",
    "C0NOWHERE": "Tierwise ist nicht in diesem Kanal, oder er ist archiviert",
    "D0VOGT": "Tierwise ist nicht in diesem Kanal, oder er ist archiviert",
}


@pytest.mark.parametrize("channel", REFUSED)
def test_a_place_that_may_not_be_told_is_refused_with_its_reason(
    office: Office, channel: str
) -> None:
    for_the_bot = {"C0SHARED", "C0GENERAL", "C0PUB", "C0OLD"} & {channel}
    world = office.sandbox.workspace.world
    for each in for_the_bot:
        world.places[each].members.add(BOT)
    outcome = choose(office, channel)
    for each in for_the_bot:
        world.places[each].members.discard(BOT)
    assert outcome["outcome"] == "errors"
    assert REFUSED[channel] in outcome["errors"]["channel"]
    assert chosen(office) is None


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"kind": "mpim"}, "Das ist eine Direktnachricht unter mehreren"),
        ({"is_pending_ext_shared": True}, "Eine andere Firma teilt diesen Kanal oder soll es bald"),
        ({"is_org_shared": True}, "Andere Workspaces teilen diesen Kanal"),
    ],
)
def test_so_are_groups_and_channels_shared_soon_or_within_the_organisation(
    office: Office, facts: Json, sentence: str
) -> None:
    with place(office, "C0TEAM", **facts):
        outcome = choose(office, "C0TEAM")
    assert sentence in outcome["errors"]["channel"]


def test_a_public_channel_is_taken_where_the_box_is_ticked(office: Office) -> None:
    members = {ANNA, EMILY, JONAS, VOGT, TOM, BOT}
    with place(office, "C0PUB", members=members):
        assert choose(office, "C0PUB", public=True)["outcome"] == "updated"
    kept = chosen(office)
    assert kept is not None
    assert kept.in_public


def test_the_choice_is_the_lead_s(office: Office) -> None:
    answer = office.ask(ANNA, "/book channel")
    assert "Den Kanal eines Teams wählt die Teamleitung." in answer["text"]
    assert "Kanal des Teams" not in text_of(office.home(ANNA, "Prioritäten"))
    office.press_in_view(VOGT, "Kanal des Teams", office.home(VOGT, "Kanal des Teams"))
    assert "Team Birkenhof" in text_of(office.modals(VOGT)[0])


def post_of_the_week(office: Office) -> Json:
    """Let the clock strike half past eight on Monday; return the post in the team's channel."""
    office.sandbox.clock.jump_to(HALF_PAST)
    token = office.sandbox.bot_token
    office_of = Offices(office.runtime, {TEAM: token}.get).of
    desk = DigestDesk(
        runtime=office.runtime,
        office_of=office_of,
        compose=WeeklyWriter(runtime=office.runtime, office_of=office_of),
        recorders=(record_team_posts,),
        to_channel=TeamLetters(runtime=office.runtime),
    )
    with closing(LocalDispatcher(partial(work_on, desk=desk))) as dispatcher:
        tick(desk, dispatcher)
        post: Json = office.people.wait_for(lambda: office.people.messages(ANNA, "C0TEAM"))[0]
    return post


def test_the_button_of_the_post_opens_each_clicker_s_own_list(office: Office) -> None:
    choose(office, "C0TEAM")
    office.close_modals(VOGT)
    post = post_of_the_week(office)
    assert post["text"].startswith("Team Birkenhof: die Woche ab Montag, 30. November.")
    # Each sees the own book's names, in the own language, and nobody else's
    for who, own, foreign in (
        (ANNA, "Maria Huber", "Oliver Hughes"),
        (EMILY, "Oliver Hughes", "Maria Huber"),
    ):
        office.press(who, "Liste öffnen", post, place="C0TEAM")
        shown = text_of(office.modal_saying(who, own))
        assert foreign not in shown
    assert "Your priorities this week" in text_of(office.modals(EMILY)[0])
    # From there a card opens on top
    office.press_in_view(EMILY, "Open: Oliver Hughes", office.modals(EMILY)[0])
    assert "Oliver Hughes" in text_of(office.modals(EMILY, 2)[-1])
    # A colleague without a role is told how to get one, in the channel and to himself
    seen = len(office.people.messages(TOM, "C0TEAM"))
    office.press(TOM, "Liste öffnen", post, place="C0TEAM")
    assert "tierwise member link" in office.next_message(TOM, "C0TEAM", seen)["text"]
    assert office.people.views(TOM) == []


@pytest.fixture
def typed(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Give what runs `tierwise team channel` and returns its exit code and what it says."""
    monkeypatch.setenv("TIERWISE_DATABASE_URL", office.runtime.settings.database_url)
    monkeypatch.setenv("SLACK_BOT_TOKEN", office.sandbox.bot_token)
    monkeypatch.setenv("SLACK_API_URL", office.sandbox.api_url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("bot.logs.set_up_logs", lambda: None)  # this process has its own

    def command(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["tierwise", "team", "channel", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return command


def test_the_terminal_shows_chooses_and_takes_away_the_same_channel(
    office: Office, typed: Callable[..., tuple[int, str]]
) -> None:
    assert "no channel" in typed("--by", "vogt")[1]
    wanted = ("--set", "C0TEAM", "--day", "wednesday", "--at", "09:15")
    assert "The first post comes on" in typed("--by", "vogt", *wanted)[1]
    assert json.loads(typed("--by", "vogt", "--json")[1]) == {
        "team": "Birkenhof",
        "channel": "C0TEAM",
        "day": "wednesday",
        "at": "09:15",
        "zone": "Europe/Berlin",
        "in_public": False,
        "paused": None,
    }
    assert "C0TEAM, Wednesday at 09:15" in typed("--by", "vogt")[1]
    assert typed("--by", "vogt", "--off")[0] == 0
    assert chosen(office) is None


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--by", "anna", "--set", "C0TEAM"), 1, "is chosen by its lead"),
        (("--by", "vogt", "--set", "C0NOWHERE"), 1, "/invite @Tierwise"),
        (("--by", "vogt", "--set", "C0TEAM", "--at", "9 o'clock"), 2, "is no time of day"),
        (("--by", "nobody"), 2, "There is no member"),
    ],
)
def test_what_the_terminal_refuses_it_says_in_a_sentence(
    typed: Callable[..., tuple[int, str]], words: tuple[str, ...], code: int, sentence: str
) -> None:
    ended, said = typed(*words)
    assert ended == code
    assert sentence in said
