"""People, clients, channels and grants move at random; nobody reads what is not theirs just then.

The judge knows nothing of the program: it keeps who has which role, book, team, grant and account,
and after each step looks for the canaries in everything that was shown, and to whom.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import col, delete, select

from bot import actions
from bot.views import people
from sandbox.world import BOT, PersonKind
from storage.tables import (
    ClientRow,
    DeliveryRow,
    FirmRow,
    GrantRow,
    MemberRow,
    RemindedRow,
    TeamChannelRow,
)
from tests.access.office import (
    CANARIES,
    MEMBERS,
    NORD,
    NUMBERS,
    SUED,
    TUESDAY,
    Office,
    add_people_and_places,
)
from tests.firms import FAR

BOOKS = tuple(CANARIES)
KEYS = tuple(key for key, *_ in MEMBERS)
ACCOUNTS = (*(account for *_, account in MEMBERS), "U0TOM", "U0LENA")
ROLES = ("advisor", "assistant", "lead", "compliance", "admin")
KINDS: tuple[PersonKind, ...] = (
    "member",
    "member",
    "member",
    "guest_multi",
    "deactivated",
    "owner",
)
CHANNELS = ("C1PRIVATE", "C1GUESTS", "C1PUBLIC", "C1GROUP", "C1ORG")
FLAGS = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_archived")
LISTS = ("/priorities", "/priorities team", "/due", "/due team", "/book", "/book team", "/events")
LINKED = datetime.fromisoformat("2026-11-01T09:00:00+00:00")


@dataclass(slots=True)
class Given:
    """A grant as the judge knows it."""

    assistant: str
    advisor: str
    until: datetime
    record: bool


@dataclass(slots=True)
class Judge:
    """What is so just now."""

    role: dict[str, str] = field(default_factory=dict)
    team: dict[str, str] = field(default_factory=dict)
    account: dict[str, str | None] = field(default_factory=dict)
    active: dict[str, bool] = field(default_factory=dict)
    book_of: dict[str, str] = field(default_factory=dict)
    """Whose client a canary is."""
    kind: dict[str, str] = field(default_factory=dict)
    grants: list[Given] = field(default_factory=list)

    def may_see(self, account: str, now: datetime, *, for_a_reason: bool) -> set[str]:
        """Return the canaries that the person behind an account may read of."""
        key = next((key for key, has in self.account.items() if has == account), None)
        if key is None or not self.active[key]:
            return set()
        if self.kind.get(account, "member") not in ("member", "owner"):
            return set()
        match self.role[key]:
            case "advisor":
                return {canary for canary, whose in self.book_of.items() if whose == key}
            case "lead":
                team = {each for each in KEYS if self.team[each] == self.team[key]} | {key}
                return {canary for canary, whose in self.book_of.items() if whose in team}
            case "assistant":
                acts_for = {g.advisor for g in self.grants if g.assistant == key and g.until > now}
                return {canary for canary, whose in self.book_of.items() if whose in acts_for}
            case "compliance" if for_a_reason:
                return set(BOOKS)
        return set()


class Moving(RuleBasedStateMachine):
    """One firm in one workspace; the office is the same for all runs and begins anew in each."""

    office: Office

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge()
        self.seen = self.office.seen()
        self.for_a_reason = False

    @initialize()
    def begin(self) -> None:
        """Put everything back."""
        self.office.sandbox.clock.jump_to(TUESDAY)
        begin_anew(self.office)
        judge = self.judge
        for key, _, role, team, account in MEMBERS:
            judge.role[key], judge.team[key] = role.value, team
            judge.account[key], judge.active[key] = account, key != "exner"
        judge.book_of = {key: key for key in BOOKS}
        until = self.office.runtime.now() + timedelta(days=30)
        judge.grants = [Given("pia", "anna", until, record=True)]
        self.seen = self.office.seen()

    # what moves

    @rule(canary=st.sampled_from(BOOKS), to=st.sampled_from(("anna", "jonas", "vogt", "emily")))
    def give_a_client_away(self, canary: str, to: str) -> None:
        with self.office.runtime.store.write(self.office.firm_id) as session:
            row = session.get_one(ClientRow, self.office.clients[canary])
            row.advisor_id = _id(session, to)
        self.judge.book_of[canary] = to

    @rule(
        key=st.sampled_from(KEYS), role=st.sampled_from(ROLES), team=st.sampled_from((NORD, SUED))
    )
    def change_a_role(self, key: str, role: str, team: str) -> None:
        self._member(key, role=role, team=team)
        self.judge.role[key], self.judge.team[key] = role, team

    @rule(key=st.sampled_from(KEYS), active=st.booleans())
    def leave_or_return(self, key: str, *, active: bool) -> None:
        self._member(key, is_active=active)
        self.judge.active[key] = active

    @rule(key=st.sampled_from(KEYS), linked=st.booleans())
    def unlink_or_link(self, key: str, *, linked: bool) -> None:
        account = next(each[-1] for each in MEMBERS if each[0] == key) if linked else None
        self._member(key, slack_user_id=account)
        self.judge.account[key] = account

    @rule(
        advisor=st.sampled_from(("anna", "jonas", "emily", "vogt")),
        hours=st.integers(1, 48),
        record=st.booleans(),
    )
    def grant(self, advisor: str, hours: int, *, record: bool) -> None:
        until = self.office.runtime.now() + timedelta(hours=hours)
        with self.office.runtime.store.write(self.office.firm_id) as session:
            pia, whose = _id(session, "pia"), _id(session, advisor)
            session.exec(
                delete(GrantRow).where(GrantRow.assistant_id == pia, GrantRow.advisor_id == whose)
            )
            session.add(_grant(pia, whose, until, record=record))
        self.judge.grants = [g for g in self.judge.grants if g.advisor != advisor]
        self.judge.grants.append(Given("pia", advisor, until, record=record))

    @rule(account=st.sampled_from(ACCOUNTS), kind=st.sampled_from(KINDS))
    def become_a_guest_or_leave_the_workspace(self, account: str, kind: PersonKind) -> None:
        self.office.become(account, kind)
        self.judge.kind[account] = kind

    @rule(channel=st.sampled_from(CHANNELS), flag=st.sampled_from(FLAGS), on=st.booleans())
    def share_or_archive_a_channel(self, channel: str, flag: str, *, on: bool) -> None:
        setattr(self.office.place(channel), flag, on)

    @rule(channel=st.sampled_from(CHANNELS), who=st.sampled_from((BOT, "U0LENA", "U0EXT")))
    def come_or_go(self, channel: str, who: str) -> None:
        self.office.place(channel).members ^= {who}

    @rule(hours=st.integers(1, 40))
    def let_time_pass(self, hours: int) -> None:
        self.office.sandbox.clock.advance(timedelta(hours=hours))

    # what people do

    @rule(
        several=st.lists(st.sampled_from(ACCOUNTS), min_size=3, max_size=3, unique=True),
        where=st.sampled_from(("direct", *CHANNELS)),
        canary=st.sampled_from(BOOKS),
        command=st.sampled_from(("/segment", "/due")),
    )
    def look_a_client_up(self, several: list[str], where: str, canary: str, command: str) -> None:
        for who in several:
            self.office.command(who, _place(who, where), f"{command} {NUMBERS[canary]}")

    @rule(
        who=st.sampled_from(ACCOUNTS),
        where=st.sampled_from(("direct", *CHANNELS)),
        typed=st.sampled_from(LISTS),
    )
    def ask_for_a_list(self, who: str, where: str, typed: str) -> None:
        self.office.command(who, _place(who, where), typed)

    @rule(
        several=st.lists(st.sampled_from(ACCOUNTS), min_size=2, max_size=2, unique=True),
        where=st.sampled_from(("direct", *CHANNELS)),
        canary=st.sampled_from(BOOKS),
        button=st.sampled_from(("open", "edit", "services", "file", "said", "list")),
    )
    def press_a_button_from_anywhere(
        self, several: list[str], where: str, canary: str, button: str
    ) -> None:
        client_id = self.office.clients[canary]
        action_id, value = {
            "open": (actions.OPEN_CLIENT, str(client_id)),
            "edit": (f"{actions.EDIT}:wallet", f"wallet:{client_id}"),
            "services": (f"{actions.SERVICE}:show", f"show:{client_id}:"),
            "file": (f"{actions.SERVICE}:evidence_file", f"evidence_file:{client_id}:"),
            "said": (actions.HANDLE, f"done:{client_id}:grow"),
            "list": (actions.OPEN_LIST, "me"),
        }[button]
        for who in several:
            self.office.press(who, _place(who, where), action_id, value)

    @rule(who=st.sampled_from(ACCOUNTS), canary=st.sampled_from(BOOKS))
    def type_into_a_searched_list(self, who: str, canary: str) -> None:
        self.office.options(who, actions.CLIENT_OPTIONS, CANARIES[canary][:5])

    @rule(who=st.sampled_from(ACCOUNTS))
    def open_home(self, who: str) -> None:
        self.office.home(who)

    @rule(who=st.sampled_from(ACCOUNTS), reason=st.sampled_from(("Stichprobe", " ")))
    def send_whatever_form_is_open(self, who: str, reason: str) -> None:
        open_forms = self.office.modals(who)
        if not open_forms or not open_forms[-1].body.get("submit"):
            return
        form, state = open_forms[-1], {}
        if form.body.get("callback_id") == actions.REASON_FORM:
            named = {"type": "plain_text_input", "value": reason}
            state = {people.REASON: {people.REASON: named}}
            self.for_a_reason = bool(reason.strip())
        self.office.submit(who, form, state)

    @rule(really=st.sampled_from((True, *5 * (False,))))
    def monday_comes(self, *, really: bool) -> None:
        """Let digests, reminders and posts of teams leave; seldom, for that takes long."""
        if not really:
            return
        now = self.office.runtime.now()
        days = 7 - now.weekday()
        monday = (now + timedelta(days=days)).replace(hour=8, minute=30)
        self.office.sandbox.clock.jump_to(monday)
        self.office.service.clock._tick()

    @invariant()
    def nobody_reads_what_is_not_theirs(self) -> None:
        now = self.office.runtime.now()
        for entry in self.office.entries(self.seen):
            for account in entry.get("audience") or ():
                named = _named_in(entry)
                may_see = self.judge.may_see(account, now, for_a_reason=self.for_a_reason)
                assert named <= may_see, f"{account} reads of {named - may_see}: {entry['name']}"
        self.seen, self.for_a_reason = self.office.seen(), False

    def _member(self, key: str, **values: object) -> None:
        with self.office.runtime.store.write(self.office.firm_id) as session:
            row = session.exec(select(MemberRow).where(MemberRow.key == key)).one()
            for name, value in values.items():
                setattr(row, name, value)


def begin_anew(office: Office) -> None:
    """Put people, places, clients and what was sent back to the beginning."""
    world = office.sandbox.world
    world.places = {name: place for name, place in world.places.items() if name[:2] != "C1"}
    add_people_and_places(office.sandbox)
    for account in ACCOUNTS:
        office.become(account, "guest_single" if account == "U0LENA" else "member")
    office.sandbox.workspace.views.stacks.clear()
    office.sandbox.workspace.views.homes.clear()
    with office.runtime.store.write(office.firm_id) as session:
        for table in (GrantRow, DeliveryRow, RemindedRow, TeamChannelRow):
            session.exec(delete(table))
        rows = {row.key: row for row in session.exec(select(MemberRow))}
        for key, _, role, team, account in MEMBERS:
            row = rows[key]
            row.role, row.team, row.slack_user_id = role, team, account
            row.is_active, row.linked_at = key != "exner", LINKED
        chosen = {office.clients[key]: key for key in BOOKS}
        for client in session.exec(select(ClientRow).where(col(ClientRow.id).in_(chosen))):
            client.advisor_id = rows[chosen[client.id]].id
        until = office.runtime.now() + timedelta(days=30)
        session.add(_grant(rows["pia"].id, rows["anna"].id, until, record=True))
        session.add(
            TeamChannelRow(
                team=NORD,
                channel_id="C1PRIVATE",
                chosen_by=rows["vogt"].id,
                chosen_at=LINKED,
            )
        )
        # no client's figures change here, so that the nightly placement would change nothing
        session.exec(select(FirmRow)).one().placed_on = FAR.date()


def _id(session: object, key: str) -> int:
    found = session.exec(select(MemberRow.id).where(MemberRow.key == key)).one()  # type: ignore[attr-defined]
    return int(found)


def _grant(assistant: int, advisor: int, until: datetime, *, record: bool) -> GrantRow:
    return GrantRow(
        assistant_id=assistant,
        advisor_id=advisor,
        until=until,
        may_record=record,
        may_get_digest=True,
        may_import=record,
        given_by="operator",
        given_at=TUESDAY,
    )


def _place(who: str, where: str) -> str:
    return "D" + who[1:] if where == "direct" else where


def _named_in(entry: dict[str, object]) -> set[str]:
    """Return the canaries in what the program itself said."""
    is_ours = entry["direction"] == "bot→workspace"
    said = json.dumps(entry["request" if is_ours else "response"], ensure_ascii=False)
    return {key for key, name in CANARIES.items() if name in said}
