"""A team's weekly post: counts among the firm's own, a sentence with guests, else nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.digests.clock import tick
from bot.digests.delivery import DigestDesk, say_once
from bot.digests.kinds import HELD
from bot.digests.message import WeeklyWriter
from bot.digests.points import Point
from bot.digests.team import TeamLetters, record_team_posts
from bot.usecases.team import choose_channel, drop_channel, post_owed
from domain.access import Role
from domain.team_posts import TeamChannel
from sandbox.faults import Fault, rate_limited
from sandbox.world import BOT, Place
from storage.capacity import save_consent
from storage.deliveries import owe
from storage.firms import save_member
from storage.tables import DeliveryRow, HoldingRow, SatisfactionRow, WalletRow
from storage.team_channels import channel_of, list_channels
from tests.digests.conftest import MONDAY, SCOPES, SETTLE, Office
from tests.digests.test_clock import Notebook
from tests.firms import save_client

ZONE = ZoneInfo("Europe/Berlin")
HALF_PAST = MONDAY + timedelta(minutes=30)
WEEK = timedelta(days=7)
TEAM = "private clients"
COUNTS = (
    "Team private clients: die Woche ab Montag, 23. November. 2 ausbauen (GROW) · 1 sichern (FIX)"
)
READY = "Die Woche ab Montag, 23. November. Die Liste der Woche ist bereit."
REPEATED = "Möglicherweise doppelt: Es war nicht zu sehen, ob die erste Nachricht ankam.\n"
CANARY = "Kanarienvogel"


@pytest.fixture
def database_address(sqlite_address: str) -> str:
    """What differs between the databases stands in the ledger's own tests."""
    return sqlite_address


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    """Give three advisors a client each, and their lead a private channel."""
    opened = open_office(*SCOPES, "channels:read", "groups:read", "mpim:read")
    save_book(opened, "anna", index=8200, share=3000)
    save_book(opened, "jonas", index=8200, share=3000)
    save_book(opened, "emily", index=3000, share=9000)
    opened.sandbox.clock.jump_to(MONDAY - WEEK)
    choose(opened)
    opened.sandbox.clock.jump_to(MONDAY)
    return opened


def save_book(office: Office, key: str, *, index: int, share: int) -> None:
    day, by = date(2026, 10, 5), {"recorded_by": "x", "recorded_at": MONDAY}
    with office.store.write(office.firm_id) as session:
        advisor = office.members[key].member_id
        about = {
            "client_id": save_client(session, key, CANARY, advisor, revenue_cents=777_700),
        }
        session.add(
            SatisfactionRow(score_hundredths=index, scale="csi", measured_on=day, **about, **by)
        )
        session.add(HoldingRow(managed_cents=9_000_000, held_on=day, **about))
        session.add(WalletRow(source="stated", known_on=day, share_bp=share, **about, **by))


def choose(office: Office, *, by: str = "vogt", **choices: object) -> TeamChannel:
    """Choose the channel as the form does."""
    known = {"channel_id": "C0TEAM", "weekday": 0, "at": time(8, 30), "in_public": False}
    return choose_channel(
        office.firm_id,
        office.members[by],
        office.desk().runtime,
        team=TEAM,
        zone=ZONE,
        **{**known, **choices},  # type: ignore[arg-type]
    )


def desk_of(office: Office) -> DigestDesk:
    desk = office.desk()
    return replace(
        desk, recorders=(record_team_posts,), to_channel=TeamLetters(runtime=desk.runtime)
    )


def deliver(office: Office, desk: DigestDesk | None = None) -> None:
    """Tick once and finish all that was offered."""
    desk, notebook = desk or desk_of(office), Notebook()
    tick(desk, notebook)
    for delivery_id in notebook.offered:
        say_once(delivery_id, desk)


def posts(office: Office, place: str = "C0TEAM") -> list[str]:
    """Return what stands in a channel."""
    board = office.sandbox.workspace.board
    return [each.text for each in board.lasting(place) if each.bot_id]


def place(office: Office, place_id: str = "C0TEAM") -> Place:
    return office.sandbox.workspace.world.places[place_id]


def row(office: Office) -> DeliveryRow:
    """Return the week's post in the ledger."""
    with office.store.read(office.firm_id) as session:
        return session.exec(
            select(DeliveryRow).where(DeliveryRow.team_channel_id.is_not(None))  # type: ignore[union-attr]
        ).one()


def channel(office: Office) -> TeamChannel:
    with office.store.read(office.firm_id) as session:
        found = channel_of(session, TEAM)
    assert found is not None
    return found


def told(office: Office) -> list[str]:
    """Return the notices of what failed that the lead got."""
    office.sandbox.clock.advance(timedelta(minutes=5))
    deliver(office)
    return [text for text in office.inbox("U0VOGT") if "nicht zugestellt" in text]


def test_the_team_s_counts_come_at_half_past_eight_once_and_name_nobody(office: Office) -> None:
    office.sandbox.clock.jump_to(HALF_PAST - timedelta(minutes=1))
    deliver(office)
    assert posts(office) == []
    for _ in range(3):
        office.sandbox.clock.advance(timedelta(minutes=1))
        deliver(office)
    (text,) = posts(office)
    assert text.startswith(COUNTS)
    said = [e for e in office.sandbox.client.transcript() if e["name"] == "chat.postMessage"]
    assert CANARY not in str([e["request"] for e in said if e["request"]["channel"] == "C0TEAM"])
    # And so the next week
    office.sandbox.clock.advance(WEEK)
    deliver(office)
    assert len(posts(office)) == 2


def test_with_a_guest_in_the_channel_the_counts_stay_away(office: Office) -> None:
    place(office).members.add("U0LENA")
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    assert posts(office) == [READY]


def test_too_few_books_tell_nothing_unless_the_works_council_agreed(office: Office) -> None:
    with office.store.write(office.firm_id) as session:
        save_member(session, key="emily", name="Emily Carter", role=Role.ADVISOR, team="other")
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    assert posts(office) == [READY]
    with office.store.write(None) as session:
        save_consent(session, office.firm_id, by="Petra Vogt", at=MONDAY)
    office.sandbox.clock.advance(WEEK)
    deliver(office)
    assert "2 ausbauen (GROW)" in posts(office)[1]


def make_public(chosen: Place) -> None:
    chosen.kind = "public"


def make_general(chosen: Place) -> None:
    chosen.is_general = True


def make_shared(chosen: Place) -> None:
    chosen.is_ext_shared = True


def make_pending(chosen: Place) -> None:
    chosen.is_pending_ext_shared = True


def make_org(chosen: Place) -> None:
    chosen.is_org_shared = True


def archive(chosen: Place) -> None:
    chosen.is_archived = True


def remove_bot(chosen: Place) -> None:
    chosen.members.discard(BOT)


def make_group(chosen: Place) -> None:
    chosen.kind = "mpim"


def add_stranger(chosen: Place) -> None:
    chosen.members.add("U0EXT")


REFUSED = {
    make_public: ("public", "Dieser Kanal ist öffentlich."),
    make_general: ("general", "In diesem Kanal sind alle"),
    make_shared: ("shared", "Eine andere Firma teilt diesen Kanal"),
    make_pending: ("shared", "Eine andere Firma teilt diesen Kanal"),
    add_stranger: ("shared", "Eine andere Firma teilt diesen Kanal"),
    make_org: ("organisation", "Andere Workspaces teilen diesen Kanal"),
    archive: ("unknown", "Tierwise ist nicht in diesem Kanal, oder er ist archiviert"),
    remove_bot: ("unknown", "Tierwise ist nicht in diesem Kanal, oder er ist archiviert"),
    make_group: ("group", "Das ist eine Direktnachricht unter mehreren"),
}


@pytest.mark.parametrize("change", REFUSED)
def test_a_channel_that_became_another_place_gets_nothing_any_more(
    office: Office, change: Callable[[Place], None]
) -> None:
    kind, sentence = REFUSED[change]
    change(place(office))
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    assert posts(office) == []
    assert (row(office).state, row(office).reason) == ("held", f"channel: {kind}")
    # The lead is told once, in words
    (notice,) = told(office)
    assert f"• Kanal des Teams {TEAM}: {sentence}" in notice
    # And nothing is tried until somebody chooses again
    assert channel(office).paused == f"channel: {kind}"
    asked = office.calls("conversations.info")
    office.sandbox.clock.advance(WEEK)
    deliver(office)
    assert office.calls("conversations.info") == asked


def test_a_public_channel_gets_the_counts_where_that_was_switched_on(office: Office) -> None:
    choose(office, in_public=True)
    make_public(place(office))
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    assert posts(office)[0].startswith(COUNTS)


@pytest.mark.parametrize("point", [Point.CLAIMED, Point.BEFORE_KEPT, Point.KEPT])
def test_a_channel_shared_in_the_second_of_the_post_gets_nothing(
    office: Office, point: Point
) -> None:
    def meanwhile(reached: Point) -> None:
        if reached is point:
            make_shared(place(office))

    deliver(office)  # the digests
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office, replace(desk_of(office), reach=meanwhile))
    assert posts(office) == []
    assert row(office).reason == "channel: shared"


def test_a_guest_who_joins_in_that_second_turns_the_counts_into_a_sentence(office: Office) -> None:
    def meanwhile(reached: Point) -> None:
        if reached is Point.KEPT:
            place(office).members.add("U0MARIO")

    deliver(office)  # the digests
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office, replace(desk_of(office), reach=meanwhile))
    assert posts(office) == []
    office.sandbox.clock.advance(timedelta(seconds=2))
    deliver(office)
    assert posts(office) == [READY]


def test_a_post_without_an_answer_is_repeated_once_and_marked_no_history_is_read(
    office: Office,
) -> None:
    deliver(office)  # the digests
    office.sandbox.clock.jump_to(HALF_PAST)
    lost = Fault(drop=True, done_first=True)
    office.sandbox.faults.order("chat.postMessage", lost)
    deliver(office)
    assert row(office).state == "unknown"
    for _ in range(20):
        office.sandbox.clock.advance(SETTLE)
        deliver(office)
    first, second = posts(office)
    assert second == REPEATED + first
    assert office.calls("conversations.history") == 0
    # Should that one's answer get lost as well, there is no third
    assert row(office).state == "sent"


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500), Fault(drop=True), rate_limited("30"), Fault(error="missing_scope")],
    ids=["500", "reset", "429", "scope"],
)
def test_a_place_that_cannot_be_asked_about_for_now_is_asked_again(
    office: Office, fault: Fault
) -> None:
    for _ in range(2):
        office.sandbox.faults.order("conversations.info", fault)
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    assert posts(office) == []
    assert channel(office).paused is None
    # What everybody else is owed goes out all the same
    assert len(office.inbox()) == 1
    if fault.error is None:
        office.sandbox.clock.advance(timedelta(minutes=2))
        deliver(office)
        assert len(posts(office)) == 1


def test_a_channel_in_which_only_some_may_write_is_paused(office: Office) -> None:
    deliver(office)  # the digests
    office.sandbox.clock.jump_to(HALF_PAST)
    office.sandbox.faults.order("chat.postMessage", Fault(error="restricted_action"))
    deliver(office)
    assert channel(office).paused == "restricted_action"
    assert "Slack sagt: restricted" in told(office)[0].replace("\u2060", "")


def test_whoever_chooses_a_channel_in_the_week_does_not_double_its_post(office: Office) -> None:
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    # Another lead chooses it once more, and a replica that has not seen it records the week
    again = choose(office, by="anna", weekday=4)
    with office.store.write(office.firm_id) as session:
        owe(session, [post_owed(again, "2026-W48", HALF_PAST)], now=HALF_PAST)
    for _ in range(6):
        office.sandbox.clock.advance(timedelta(days=1))
        deliver(office)
    assert len(posts(office)) == 1


def test_a_post_moved_to_a_day_that_has_passed_comes_at_once(office: Office) -> None:
    choose(office, weekday=4)
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=3))
    deliver(office)
    assert posts(office) == []
    choose(office, weekday=1)
    deliver(office)
    assert len(posts(office)) == 1


def test_a_channel_chosen_on_tuesday_begins_on_monday(office: Office) -> None:
    office.sandbox.clock.jump_to(MONDAY + timedelta(days=1))
    drop_channel(office.firm_id, TEAM, office.desk().runtime)
    choose(office)
    deliver(office)
    assert posts(office) == []
    office.sandbox.clock.jump_to(HALF_PAST + WEEK)
    deliver(office)
    assert len(posts(office)) == 1


def test_what_is_open_for_a_channel_that_is_taken_away_is_called_off(office: Office) -> None:
    office.sandbox.clock.jump_to(HALF_PAST)
    tick(desk_of(office), Notebook())
    drop_channel(office.firm_id, TEAM, office.desk().runtime)
    deliver(office)
    assert posts(office) == []
    assert row(office).state == HELD
    assert told(office) == []
    with office.store.read(office.firm_id) as session:
        assert list_channels(session) == []


def test_after_a_paused_channel_a_choice_begins_anew(office: Office) -> None:
    archive(place(office))
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    place(office).is_archived = False
    choose(office)
    assert channel(office).paused is None
    office.sandbox.clock.advance(WEEK)
    deliver(office)
    assert len(posts(office)) == 1


def test_a_post_that_is_two_days_late_is_held_and_the_channel_stays(office: Office) -> None:
    office.sandbox.clock.jump_to(HALF_PAST + timedelta(days=3))
    deliver(office)
    assert (row(office).state, row(office).reason) == ("held", "too late")
    assert channel(office).paused is None


def lead_s_digest(office: Office) -> str:
    """Return all that the lead's Monday message says."""
    desk = office.desk()
    writer = WeeklyWriter(runtime=desk.runtime, office_of=desk.office_of)
    lead = replace(office.members["vogt"], slack_user_id="U0VOGT", full_text=True)
    return writer(
        firm_id=office.firm_id, member=lead, period="2026-W48", due_at=MONDAY, late=False
    ).text


def test_the_lead_s_digest_sums_the_team_up_and_names_advisors_only_with_consent(
    office: Office,
) -> None:
    office.sandbox.clock.jump_to(MONDAY)
    said = lead_s_digest(office)
    assert "Team private clients\n2 ausbauen (GROW) · 1 sichern (FIX)" in said
    assert "Jonas Keller" not in said
    with office.store.write(None) as session:
        save_consent(session, office.firm_id, by="Petra Vogt", at=MONDAY)
    said = lead_s_digest(office)
    assert "Jonas Keller: 1 ausbauen (GROW)" in said
    assert "Emily Carter: 1 sichern (FIX)" in said
    # What did not go out in the last seven days is counted
    office.sandbox.faults.order("chat.postMessage", Fault(error="user_disabled"))
    deliver(office)
    assert "1 Nachricht der letzten sieben Tage ging nicht hinaus." in lead_s_digest(office)


def test_an_advisor_s_digest_says_nothing_of_the_team(office: Office) -> None:
    desk = office.desk()
    writer = WeeklyWriter(runtime=desk.runtime, office_of=desk.office_of)
    anna = replace(office.members["anna"], slack_user_id="U0ANNA", full_text=True)
    said = writer(firm_id=office.firm_id, member=anna, period="2026-W48", due_at=MONDAY, late=False)
    assert "Team" not in said.text


def test_a_large_team_is_counted_once_however_long_that_takes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given counting that outlasts the claim
    deliver(office)  # the digests
    from bot.digests import team

    counted, count = [], team.team_total

    def slowly(*args: object, **options: object) -> object:
        counted.append(1)
        office.sandbox.clock.advance(timedelta(seconds=20))
        return count(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(team, "team_total", slowly)
    office.sandbox.clock.jump_to(HALF_PAST)
    deliver(office)
    assert posts(office) == []
    # Then the next try goes out with what was counted
    office.sandbox.clock.advance(timedelta(minutes=1))
    deliver(office)
    assert posts(office)[0].startswith(COUNTS)
    assert len(counted) == 1
