"""Grants end at their instant, codes link once; on both databases."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.runtime import Runtime
from bot.settings import Settings
from bot.usecases import people
from bot.usecases.firms import BothRolesError, add_member, link, member_asker
from bot.usecases.people import (
    CodeRefusedError,
    GrantUnfitError,
    TooManyTriesError,
    end,
    give_grant,
    link_by_code,
    make_code,
    people_of,
    revoke_grant,
)
from domain.access import Action, Member, Role
from domain.calendar import local_instant
from storage.firms import find_caller, list_members
from storage.store import Store
from storage.tables import FirmRow, LinkCodeRow

BERLIN = ZoneInfo("Europe/Berlin")


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 10, 24, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(store: Store, clock: Clock) -> Runtime:
    return Runtime(settings=Settings(_env_file=None), store=store, clock=clock)  # type: ignore[call-arg]


@pytest.fixture
def firm_id(firm: FirmRow, runtime: Runtime) -> int:
    """Give the firm with an assistant and an admin besides."""
    assert firm.id is not None
    for key, role in (("pia", Role.ASSISTANT), ("ida", Role.ADMIN)):
        add_member(firm.id, runtime, key=key, name=key.title(), role=role, team="office")
    return firm.id


def caller(runtime: Runtime, account: str, workspace: str = "T0001") -> Member | None:
    """Find a person as each request does."""
    with runtime.store.read(None) as session:
        return find_caller(session, [workspace], account, at=runtime.now())[1]


def reach(runtime: Runtime, firm_id: int, account: str, action: Action) -> frozenset[int]:
    found = caller(runtime, account)
    return member_asker(firm_id, found, runtime, action=action).reach if found else frozenset()


def grant(runtime: Runtime, firm_id: int, until: datetime, **rights: bool) -> None:
    given = {"may_record": False, "may_get_digest": False, "may_import": False, **rights}
    give_grant(firm_id, "pia", "anna", runtime, until=until, by="operator", **given)


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (datetime(2026, 10, 25).date(), datetime(2026, 10, 25, 17, tzinfo=UTC)),  # noqa: DTZ001 -- a day
        (datetime(2027, 3, 28).date(), datetime(2027, 3, 28, 16, tzinfo=UTC)),  # noqa: DTZ001 -- a day
    ],
    ids=["clocks go back", "clocks go forward"],
)
def test_a_grant_ends_at_six_in_the_evening_on_a_day_when_clocks_change(
    runtime: Runtime, clock: Clock, firm_id: int, members: dict[str, Member], day, utc
) -> None:
    # Given an assistant who acts for Anna until 18:00 local
    until = local_instant(day, datetime(2026, 1, 1, 18).time(), BERLIN)  # noqa: DTZ001 -- a time
    assert until == utc
    link(firm_id, "pia", "U0PIA", runtime)
    grant(runtime, firm_id, until, may_record=True)
    anna = frozenset({members["anna"].member_id})
    # When the last second before it has come, she still does
    clock.now = utc - timedelta(seconds=1)
    assert reach(runtime, firm_id, "U0PIA", Action.SEE_CLIENT) == anna
    assert reach(runtime, firm_id, "U0PIA", Action.RECORD) == anna
    # Then at the hour itself nothing is left
    clock.now = utc
    assert reach(runtime, firm_id, "U0PIA", Action.SEE_CLIENT) == frozenset()
    assert reach(runtime, firm_id, "U0PIA", Action.RECORD) == frozenset()
    with runtime.store.read(firm_id) as session:
        assert not [each for each in list_members(session, at=utc) if each.grants]


def test_a_later_grant_takes_the_place_of_the_earlier_one(
    runtime: Runtime, clock: Clock, firm_id: int
) -> None:
    grant(runtime, firm_id, clock.now + timedelta(days=9), may_record=True)
    grant(runtime, firm_id, clock.now + timedelta(days=2))
    (only,) = next(m for m in people_of(firm_id, runtime).members if m.key == "pia").grants
    assert (only.may_record, only.until) == (False, clock.now + timedelta(days=2))


def test_a_grant_that_was_revoked_is_gone_at_once(
    runtime: Runtime, clock: Clock, firm_id: int
) -> None:
    link(firm_id, "pia", "U0PIA", runtime)
    grant(runtime, firm_id, clock.now + timedelta(days=9))
    assert revoke_grant(firm_id, "pia", "anna", runtime, by="Katharina Vogt")
    assert reach(runtime, firm_id, "U0PIA", Action.SEE_CLIENT) == frozenset()
    assert not revoke_grant(firm_id, "pia", "anna", runtime, by="Katharina Vogt")


@pytest.mark.parametrize(
    ("assistant", "advisor", "days", "problem"),
    [
        ("jonas", "anna", 1, people.NO_ASSISTANT),
        ("pia", "ida", 1, people.NO_BOOK),
        ("pia", "pia", 1, people.NO_BOOK),
        ("pia", "anna", 0, people.IS_OVER),
        ("pia", "anna", 367, people.TOO_LONG),
    ],
)
def test_a_grant_that_cannot_be_is_refused_by_name(
    runtime: Runtime, clock: Clock, firm_id: int, assistant, advisor, days, problem
) -> None:
    with pytest.raises(GrantUnfitError) as refused:
        give_grant(
            firm_id, assistant, advisor, runtime, until=clock.now + timedelta(days=days),
            may_record=True, may_get_digest=True, may_import=True, by="operator",
        )  # fmt: skip
    assert refused.value.problem == problem


def test_who_leaves_reaches_nothing_and_nobody_acts_for_them(
    runtime: Runtime, clock: Clock, firm_id: int
) -> None:
    link(firm_id, "pia", "U0PIA", runtime)
    link(firm_id, "anna", "U0ANNA", runtime)
    grant(runtime, firm_id, clock.now + timedelta(days=9))
    end(firm_id, "anna", runtime)
    assert caller(runtime, "U0ANNA") is None
    assert reach(runtime, firm_id, "U0PIA", Action.SEE_CLIENT) == frozenset()


def test_a_code_links_whoever_has_it_once(runtime: Runtime, firm_id: int) -> None:
    made = make_code(firm_id, "anna", runtime, by="operator")
    linked = link_by_code(firm_id, f" {made.code.lower()} ", "U0ANNA", runtime)
    assert linked.key == "anna"
    found = caller(runtime, "U0ANNA")
    assert found is not None
    assert found.key == "anna"
    with pytest.raises(CodeRefusedError):
        link_by_code(firm_id, made.code, "U0JONAS", runtime)
    assert caller(runtime, "U0JONAS") is None


def test_a_code_is_kept_as_a_hash_only(runtime: Runtime, firm_id: int) -> None:
    made = make_code(firm_id, "anna", runtime, by="operator")
    with runtime.store.read(firm_id) as session:
        kept = str(session.exec(select(LinkCodeRow)).one().model_dump())
    assert made.code not in kept
    assert made.code.replace("-", "") not in kept


@pytest.mark.parametrize(("seconds", "holds"), [(599, True), (600, False)])
def test_a_code_holds_for_ten_minutes(
    runtime: Runtime, clock: Clock, firm_id: int, seconds: int, holds: bool
) -> None:
    made = make_code(firm_id, "anna", runtime, by="operator")
    clock.now += timedelta(seconds=seconds)
    if holds:
        assert link_by_code(firm_id, made.code, "U0ANNA", runtime).key == "anna"
    else:
        with pytest.raises(CodeRefusedError):
            link_by_code(firm_id, made.code, "U0ANNA", runtime)


def test_a_code_made_for_one_account_is_refused_to_another(runtime: Runtime, firm_id: int) -> None:
    made = make_code(firm_id, "anna", runtime, by="operator", slack_user_id="U0ANNA")
    with pytest.raises(CodeRefusedError):
        link_by_code(firm_id, made.code, "U0JONAS", runtime)
    assert link_by_code(firm_id, made.code, "U0ANNA", runtime).key == "anna"


def test_whoever_has_a_role_takes_no_second_one_with_a_code(runtime: Runtime, firm_id: int) -> None:
    link(firm_id, "jonas", "U0JONAS", runtime)
    made = make_code(firm_id, "anna", runtime, by="operator")
    with pytest.raises(CodeRefusedError):
        link_by_code(firm_id, made.code, "U0JONAS", runtime)


def test_a_code_is_no_good_for_a_member_who_was_linked_meanwhile(
    runtime: Runtime, firm_id: int
) -> None:
    made = make_code(firm_id, "anna", runtime, by="operator")
    link(firm_id, "anna", "U0ANNA", runtime)
    with pytest.raises(CodeRefusedError):
        link_by_code(firm_id, made.code, "U0JONAS", runtime)


def test_a_new_code_takes_the_place_of_the_old_one(runtime: Runtime, firm_id: int) -> None:
    old, new = (make_code(firm_id, "anna", runtime, by="operator") for _ in range(2))
    with pytest.raises(CodeRefusedError):
        link_by_code(firm_id, old.code, "U0ANNA", runtime)
    assert link_by_code(firm_id, new.code, "U0ANNA", runtime).key == "anna"


def test_after_five_wrong_codes_even_the_right_one_has_to_wait_an_hour(
    runtime: Runtime, clock: Clock, firm_id: int
) -> None:
    made = make_code(firm_id, "anna", runtime, by="operator")
    for _ in range(5):
        with pytest.raises(CodeRefusedError):
            link_by_code(firm_id, "ABCD-EFGH-JKLM", "U0ANNA", runtime)
    with pytest.raises(TooManyTriesError):
        link_by_code(firm_id, made.code, "U0ANNA", runtime)
    # Others are not kept waiting by it
    assert link_by_code(firm_id, made.code, "U0TOM", runtime).key == "anna"
    clock.now += timedelta(hours=1)
    again = make_code(firm_id, "jonas", runtime, by="operator")
    assert link_by_code(firm_id, again.code, "U0ANNA", runtime).key == "jonas"


def test_clients_and_administration_in_one_hand_only_where_there_is_one_hand(
    runtime: Runtime, firm_id: int, store: Store
) -> None:
    both = {"key": "anna", "name": "Anna Berger", "role": Role.ADVISOR, "team": "t"}
    with pytest.raises(BothRolesError):
        add_member(firm_id, runtime, **both, is_admin=True)
    with store.write(None) as session:
        alone = FirmRow(workspace_id="T0009", name="Solo", created_at=runtime.now())
        session.add(alone)
        session.flush()
        alone_id = alone.id
    assert alone_id is not None
    assert add_member(alone_id, runtime, **both, is_admin=True).roles == (
        Role.ADVISOR,
        Role.ADMIN,
    )
    # When a second person comes, the status says that this is no longer needed
    add_member(alone_id, runtime, key="jo", name="Jo", role=Role.ADVISOR, team="t")
    report = people_of(alone_id, runtime)
    assert [each.key for each in report.holds_both] == ["anna"]
    assert not report.is_one_person
