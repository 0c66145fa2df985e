"""A digest is said once, whatever becomes of the answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import zip_longest
from random import Random
from threading import Barrier

import pytest
from sqlmodel import select

from bot.digests.delivery import say_once
from bot.settings import Settings
from domain.access import Role
from sandbox.faults import Fault, rate_limited
from storage.deliveries import Owed, owe, ready
from storage.firms import link_member
from storage.tables import DeliveryRow, MemberRow
from tests.digests.conftest import FENCE, MONDAY, SETTLE, Office

LOST_ANSWER = Fault(drop=True, done_first=True)
TEXT = "2026-W48 for Anna Berger"
REPEATED = f"Möglicherweise doppelt: Es war nicht zu sehen, ob die erste Nachricht ankam.\n{TEXT}"


def owed(office: Office, key: str = "anna", kind: str = "weekly") -> int:
    """Let a member be owed this week's digest; return the delivery."""
    member_id = office.members[key].member_id
    with office.store.write(office.firm_id) as session:
        what = Owed(member_id=member_id, kind=kind, period="2026-W48", due_at=MONDAY)
        owe(session, [what], now=MONDAY)
    with office.store.read(office.firm_id) as session:
        (delivery_id,) = session.exec(
            select(DeliveryRow.id).where(
                DeliveryRow.member_id == member_id, DeliveryRow.kind == kind
            )
        )
    assert delivery_id is not None
    return delivery_id


def row(office: Office, delivery_id: int) -> DeliveryRow:
    with office.store.read(None) as session:
        return session.exec(select(DeliveryRow).where(DeliveryRow.id == delivery_id)).one()


def standing(office: Office, delivery_id: int) -> tuple[str, str | None]:
    found = row(office, delivery_id)
    return found.state, found.reason


def later(office: Office, by: timedelta = SETTLE) -> None:
    office.sandbox.clock.advance(by)


def test_a_digest_arrives_once_however_often_it_is_offered(office: Office) -> None:
    delivery = owed(office)
    say_once(delivery, office.desk())
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]
    sent = row(office, delivery)
    (message,) = office.sandbox.client.messages("U0ANNA", "D0ANNA")
    assert (sent.state, sent.channel, sent.ts) == ("sent", "D0ANNA", message["ts"])


def test_workers_that_race_for_a_digest_post_it_once(office: Office) -> None:
    delivery, start = owed(office), Barrier(6)

    def race(_number: int) -> None:
        desk = office.desk()
        start.wait()
        say_once(delivery, desk)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(race, range(6)))
    assert office.inbox() == [TEXT]
    assert office.calls("chat.postMessage") == 1


def test_the_message_carries_nothing_of_a_client_outside_its_text(office: Office) -> None:
    say_once(owed(office), office.desk())
    (post,) = [e for e in office.sandbox.client.transcript() if e["name"] == "chat.postMessage"]
    assert post["request"]["metadata"] == {
        "event_type": "tierwise_message",
        "event_payload": {"key": row(office, owed(office)).marker},
    }
    assert post["request"]["unfurl_links"] in ("0", "false", False)


def test_a_message_whose_answer_got_lost_is_found_and_not_said_again(office: Office) -> None:
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", LOST_ANSWER)
    say_once(delivery, office.desk())
    assert row(office, delivery).state == "unknown"
    # Until it must have appeared, nobody looks and nobody speaks
    later(office, SETTLE - timedelta(seconds=5))
    say_once(delivery, office.desk())
    assert office.calls("conversations.history") == 0
    later(office)
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]
    assert row(office, delivery).state == "sent"


def test_a_message_that_never_arrived_is_said_again_in_the_same_words(office: Office) -> None:
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", Fault(drop=True))
    say_once(delivery, office.desk())
    assert office.inbox() == []
    later(office)
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]
    assert office.writer.written == [TEXT]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=503),
        Fault(error="internal_error"),
        Fault(error="fatal_error"),
    ],
)
@pytest.mark.parametrize("done_first", [True, False])
def test_after_an_unclear_answer_the_reader_has_it_exactly_once(
    office: Office, fault: Fault, done_first: bool
) -> None:
    delivery = owed(office)
    office.sandbox.faults.order(
        "chat.postMessage", Fault(error=fault.error, status=fault.status, done_first=done_first)
    )
    say_once(delivery, office.desk())
    assert row(office, delivery).state == "unknown"
    later(office)
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]


def test_the_marker_is_found_behind_many_other_messages(office: Office) -> None:
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", LOST_ANSWER)
    say_once(delivery, office.desk())
    for number in range(205):
        office.sandbox.client.say("U0ANNA", "D0ANNA", f"thanks {number}")
    later(office)
    say_once(delivery, office.desk())
    assert office.inbox().count(TEXT) == 1
    assert row(office, delivery).state == "sent"


def test_whoever_took_too_long_from_claim_to_post_posts_nothing(office: Office) -> None:
    delivery = owed(office)
    office.writer.meanwhile = lambda: later(office, FENCE + timedelta(seconds=1))
    say_once(delivery, office.desk())
    assert office.inbox() == []
    assert standing(office, delivery) == ("due", "took too long before posting")
    # When it is offered again, the words are ready and it goes out
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]


def test_whoever_wakes_up_after_another_took_over_posts_nothing(office: Office) -> None:
    delivery = owed(office)

    def sleep_while_another_delivers() -> None:
        office.writer.meanwhile = lambda: None
        later(office)
        say_once(delivery, office.desk())

    office.writer.meanwhile = sleep_while_another_delivers
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]
    assert row(office, delivery).state == "sent"


def test_settling_takes_longer_than_anything_that_may_still_be_on_its_way() -> None:
    usual = Settings()
    assert usual.call_timeout_s + usual.fence_s + 30 < usual.settle_s
    with pytest.raises(ValueError, match="TIERWISE_SETTLE_S"):
        Settings.model_validate({"TIERWISE_SETTLE_S": 15})


@pytest.mark.parametrize("kept_waiting_s", [5, 30, 3600])
def test_when_slack_asks_to_wait_in_one_conversation_the_others_go_on(
    office: Office, kept_waiting_s: int
) -> None:
    anna, jonas = owed(office), owed(office, "jonas")
    office.sandbox.faults.order("chat.postMessage", rate_limited(kept_waiting_s))
    say_once(anna, office.desk())
    say_once(jonas, office.desk())
    assert office.inbox("U0JONAS") == ["2026-W48 for Jonas Keller"]
    later(office, timedelta(seconds=kept_waiting_s - 4))
    say_once(anna, office.desk())
    assert office.calls("chat.postMessage") == 2
    later(office, timedelta(seconds=5))
    say_once(anna, office.desk())
    assert office.inbox() == [TEXT]


def test_asked_to_wait_in_two_conversations_at_once_the_bot_waits_in_all(office: Office) -> None:
    rows = [owed(office, key) for key in ("anna", "jonas", "emily", "vogt")]
    office.sandbox.faults.order("chat.postMessage", rate_limited(60), times=2)
    for delivery in rows:
        say_once(delivery, office.desk())
    assert office.calls("chat.postMessage") == 2
    later(office, timedelta(seconds=62))
    for delivery in rows:
        say_once(delivery, office.desk())
    assert {standing(office, delivery)[0] for delivery in rows} == {"sent"}


@pytest.mark.parametrize("times", [60, pytest.param(500, marks=pytest.mark.soak)])
def test_of_many_refusals_none_is_followed_by_a_call_too_early(office: Office, times: int) -> None:
    # Given a Slack that asks two processes to wait so often, each time as long as chance says
    chance, clock = Random(20261123), office.sandbox.clock
    waits = [chance.choice((1, 2, 7, 30)) for _ in range(times)]
    for wait in waits:
        office.sandbox.faults.order("chat.postMessage", rate_limited(wait))
    rows = [owed(office, key) for key in ("anna", "jonas", "emily", "vogt")]
    desks = [office.desk(), office.desk()]
    # When somebody tries again and again
    while not all(standing(office, delivery)[0] == "sent" for delivery in rows):
        clock.advance(timedelta(seconds=chance.choice((0.4, 1, 9))))
        say_once(chance.choice(rows), chance.choice(desks))
    # Then no conversation was called before its time
    calls = [e for e in office.sandbox.client.transcript() if e["name"] == "chat.postMessage"]
    assert len(calls) == times + 4
    not_before: dict[str, datetime] = {}
    for call, wait in zip_longest(calls, waits, fillvalue=0):
        place, at = call["request"]["channel"], datetime.fromisoformat(call["at"])
        assert at >= not_before.get(place, at)
        not_before[place] = at + timedelta(seconds=wait)


def test_slack_that_only_asks_to_wait_for_a_day_is_given_up_and_the_reason_kept(
    office: Office,
) -> None:
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", rate_limited(3600), times=100)
    for _ in range(24):
        say_once(delivery, office.desk())
        assert standing(office, delivery) == ("due", "ratelimited")
        later(office, timedelta(seconds=3602))
    say_once(delivery, office.desk())
    assert standing(office, delivery) == ("held", "ratelimited for 24 hours")


def test_a_person_who_has_several_messages_gets_one_a_second(office: Office) -> None:
    first, second = owed(office), owed(office, kind="reminder")
    say_once(first, office.desk())
    say_once(second, office.desk())
    assert standing(office, second) == ("due", "one message a second")
    later(office, timedelta(seconds=1))
    say_once(second, office.desk())
    assert standing(office, second) == ("sent", None)


def test_a_message_too_long_for_slack_comes_in_parts_each_once_and_in_order(
    office: Office,
) -> None:
    line = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 200}}
    office.writer.blocks = [line] * 120
    delivery = owed(office)
    # Each part's answer gets lost, and each is found again
    office.sandbox.faults.order("chat.postMessage", LOST_ANSWER, times=3)
    for _ in range(12):
        with office.store.read(None) as session:
            for each in ready(session, now=office.sandbox.clock.now()):
                say_once(each, office.desk())
        later(office)
    place = office.sandbox.client.messages("U0ANNA", "D0ANNA")
    assert [len(message["blocks"]) for message in place] == [49, 49, 22]
    assert place[0]["text"] == TEXT
    assert row(office, delivery).state == "sent"


@pytest.mark.parametrize(
    "code",
    [
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "messages_tab_disabled",
        "ekm_access_denied",
        "user_not_found",
        "a_code_of_next_year",
    ],
)
def test_a_refused_person_costs_one_call_and_is_held_with_the_reason(
    office: Office, code: str
) -> None:
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", Fault(error=code))
    say_once(delivery, office.desk())
    later(office, timedelta(hours=1))
    say_once(delivery, office.desk())
    assert office.calls("chat.postMessage") == 1
    assert standing(office, delivery) == ("held", code)


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ("U0LENA", "workspace says: guest"),
        ("U0MARIO", "workspace says: guest"),
        ("U0OLD", "workspace says: deactivated"),
        ("U0EXT", "workspace says: external"),
        ("U0BOT", "workspace says: bot"),
        ("U0NOBODY", "workspace says: external"),  # whom Slack does not know is nobody's colleague
    ],
)
def test_whoever_is_no_ordinary_member_of_the_workspace_gets_nothing(
    office: Office, account: str, reason: str
) -> None:
    delivery = owed(office)
    with office.store.write(office.firm_id) as session:
        link_member(session, "anna", account, at=MONDAY)
    say_once(delivery, office.desk())
    assert office.calls("chat.postMessage") == 0
    assert standing(office, delivery) == ("held", reason)


@pytest.mark.parametrize("change", ["unlinked", "inactive"])
def test_whoever_left_the_firm_between_due_and_delivery_gets_nothing(
    office: Office, change: str
) -> None:
    delivery = owed(office)
    with office.store.write(office.firm_id) as session:
        anna = session.exec(select(MemberRow).where(MemberRow.key == "anna")).one()
        if change == "unlinked":
            anna.slack_user_id = None
        else:
            anna.is_active = False
        assert anna.role == Role.ADVISOR
    say_once(delivery, office.desk())
    assert office.calls("chat.postMessage") == 0
    assert standing(office, delivery) == ("held", "not an active, linked member")


def test_while_the_workspace_does_not_say_who_somebody_is_she_waits(office: Office) -> None:
    delivery = owed(office)
    office.sandbox.faults.order("users.info", Fault(status=500))
    say_once(delivery, office.desk())
    assert standing(office, delivery) == ("due", "http_500")
    later(office)
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]


def test_a_revoked_app_stops_calling_and_holds_the_whole_firm(office: Office) -> None:
    anna, jonas = owed(office), owed(office, "jonas")
    office.sandbox.faults.order("chat.postMessage", Fault(error="token_revoked"))
    say_once(anna, office.desk())
    say_once(jonas, office.desk())
    assert office.calls("chat.postMessage") == 1
    assert standing(office, anna) == ("held", "installation: token_revoked")
    assert standing(office, jonas) == ("held", "installation: token_revoked")


def test_blocks_that_slack_refuses_are_said_as_plain_text(office: Office) -> None:
    delivery = owed(office)
    office.writer.blocks = [{"type": "section"}]
    say_once(delivery, office.desk())
    later(office)
    say_once(delivery, office.desk())
    assert office.inbox() == [TEXT]
    assert row(office, delivery).state == "sent"


def test_a_message_that_slack_refuses_even_as_plain_text_is_given_up(office: Office) -> None:
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", Fault(error="msg_too_long"), times=2)
    for _ in range(2):
        say_once(delivery, office.desk())
        later(office)
    assert standing(office, delivery) == ("dead", "msg_too_long")


def test_a_digest_that_cannot_be_written_is_given_up_and_the_others_go_out(
    office: Office,
) -> None:
    def fail() -> None:
        if len(office.writer.written) == 0:
            raise ValueError("Huber")

    anna, jonas = owed(office), owed(office, "jonas")
    office.writer.meanwhile = fail
    for _ in range(3):
        say_once(anna, office.desk())
        later(office)
    office.writer.meanwhile = lambda: None
    say_once(jonas, office.desk())
    state, reason = standing(office, anna)
    assert state == "dead"
    assert reason is not None
    assert reason.startswith("not built, reference ")
    assert "Huber" not in reason
    assert office.inbox("U0JONAS") == ["2026-W48 for Jonas Keller"]


def test_late_is_marked_and_too_late_is_held(office: Office) -> None:
    anna, jonas = owed(office), owed(office, "jonas")
    later(office, timedelta(hours=47, minutes=59))
    say_once(anna, office.desk())
    assert office.inbox() == [f"{TEXT}, late"]
    later(office, timedelta(minutes=2))
    say_once(jonas, office.desk())
    assert standing(office, jonas) == ("held", "too late")
    assert office.inbox("U0JONAS") == []


def test_where_the_conversation_cannot_be_read_there_is_one_marked_repeat(
    open_office: Callable[..., Office],
) -> None:
    # Given an app that may not read its own direct messages
    office = open_office("chat:write", "im:write", "users:read")
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", LOST_ANSWER, times=2)
    # When the answer got lost and a quarter of an hour passes
    for _ in range(14):
        say_once(delivery, office.desk())
        later(office, timedelta(seconds=62))
    assert office.inbox() == [TEXT]
    for _ in range(4):
        say_once(delivery, office.desk())
        later(office, timedelta(seconds=62))
    # Then it is said once more, marked
    assert office.inbox() == [TEXT, REPEATED]
    # And whatever becomes of that answer, never a third time
    for _ in range(60):
        say_once(delivery, office.desk())
        later(office, timedelta(hours=1))
    assert office.inbox() == [TEXT, REPEATED]
    assert standing(office, delivery) == (
        "held",
        "no answer, and the conversation cannot be read",
    )


def test_a_repeat_that_was_answered_is_sent_and_remembered_as_a_repeat(
    open_office: Callable[..., Office],
) -> None:
    office = open_office("chat:write", "im:write", "users:read")
    delivery = owed(office)
    office.sandbox.faults.order("chat.postMessage", LOST_ANSWER)
    for _ in range(18):
        say_once(delivery, office.desk())
        later(office, timedelta(seconds=62))
    assert office.inbox() == [TEXT, REPEATED]
    assert standing(office, delivery) == ("sent", "possible repeat")
