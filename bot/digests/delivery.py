"""Saying a thing once: claim the delivery, look if an attempt has no answer, then post.

Slack has no key that makes a second post harmless. So each message carries an opaque marker in
its metadata, and an attempt without an answer is settled by waiting and then looking for it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Any, Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from sqlmodel import Session

from bot.digests.answers import AskedToWaitError, Failure, Verdict, read_failure
from bot.digests.connection import INSTALLATION, note_refusal
from bot.digests.parts import parts_of
from bot.digests.placer import Placer
from bot.digests.points import Point
from bot.digests.weekly import is_late, is_too_late
from bot.runtime import Runtime
from bot.shown import clients_in
from bot.words import Words
from domain.access import Action, Member, Place, Scope, Standing, own_books, scope_of
from storage import deliveries, pauses
from storage.clients import advisor_of
from storage.deliveries import PART, Claim, State
from storage.firms import list_members
from storage.journal import Entry, Kind, by_member
from storage.store import WORKER_PATIENCE_S
from storage.team_channels import pause_channel

log = structlog.get_logger()

UNREADABLE = timedelta(minutes=15)
"""If the conversation cannot be read for so long, the message is said again, marked."""
CLOCK_SKEW = timedelta(minutes=1)
"""How far this machine's clock may be ahead of Slack's when looking for a message."""
RETRY_MAX_S = 300
BUILD_TRIES = 3
HISTORY_PAGE = 200
HISTORY_PAGES = 50
BETWEEN_POSTS = timedelta(seconds=1)
"""Slack takes one message a second to one conversation."""
REFUSED_TOO_LONG = timedelta(hours=24)

TOO_LATE = "too late"
NOT_LINKED = "not an active, linked member"
MOVED = "clients moved"
"""The rest of a message names clients who are no longer the reader's."""
NOT_A_MEMBER = "workspace says: "
UNANSWERED = "no answer, and the conversation cannot be read"
ALWAYS_WAITING = "ratelimited for 24 hours"
REPEAT = "possible repeat"
TOOK_TOO_LONG = "took too long before posting"


class Message(Protocol):
    """What is said: `text` for notifications and screen readers, `blocks` for the eye."""

    @property
    def text(self) -> str: ...
    @property
    def blocks(self) -> list[dict[str, Any]]: ...
    @property
    def about(self) -> frozenset[int]: ...


class Compose(Protocol):
    """Writes a member's digest."""

    def __call__(
        self, *, firm_id: int, member: Member, period: str, due_at: datetime, late: bool
    ) -> Message: ...


class Reader(Protocol):
    """What the workspace says of a person; the zone is None if it names none that exists."""

    @property
    def standing(self) -> Standing: ...
    @property
    def locale(self) -> str: ...
    @property
    def zone(self) -> ZoneInfo | None: ...
    @property
    def refusal(self) -> Exception | None: ...


class ProfileOf(Protocol):
    """Asks the workspace about a Slack account."""

    def __call__(self, user_id: str, /) -> Reader: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A firm's workspace: who speaks to it, and what it says of its people."""

    client: WebClient
    """Without retry handlers: the SDK's default posts twice after a lost answer."""
    profile_of: ProfileOf
    zone: ZoneInfo
    currency: str
    refusal: str = ""
    """Why Slack does not take us there, in its own word; empty: it does."""


OfficeOf = Callable[[int], Office]
"""Gives the workspace of a firm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is ready to be posted, and where."""

    to: str
    """A person's account, or a channel."""
    locale: str
    body: dict[str, Any]
    place: str = Place.DIRECT
    """As the journal names it."""
    recheck: Callable[[], "Outcome | None"] = lambda: None
    """Asked right before the post; an outcome says that it must not be made."""


class ToChannel(Protocol):
    """Gets a message to a team's channel ready, or says why it cannot go there."""

    def __call__(self, attempt: "Attempt", /) -> "Letter | Outcome": ...


class Recorder(Protocol):
    """Records what a firm's people are owed by now."""

    def __call__(
        self, firm_id: int, firm_zone: ZoneInfo, *, desk: "DigestDesk", now: datetime
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDesk:
    """All that is needed to know what is due and to say it."""

    runtime: Runtime
    office_of: OfficeOf
    compose: Compose
    writers: Mapping[str, Compose] = field(default_factory=dict)
    """Who writes the messages of further kinds."""
    recorders: tuple[Recorder, ...] = ()
    """Who records, at each tick, what else a firm's people are owed."""
    leave: Callable[[int], None] | None = None
    """Deletes a firm that uninstalled the app; None: what is known of it stays."""
    to_channel: ToChannel | None = None
    """Who writes to channels; None: nobody does."""
    placer: Placer = field(default_factory=Placer)
    """Who places books."""
    worker: str = field(default_factory=lambda: uuid4().hex)
    reach: Callable[[Point], None] = lambda _point: None
    """Called wherever a process may die; tests let it die there."""

    def now(self, session: Session | None = None) -> datetime:
        """Return the present instant, by the clock that all replicas share."""
        return self.runtime.shared_now(session)

    @property
    def settle(self) -> timedelta:
        """How long a message without an answer may take to appear."""
        return timedelta(seconds=self.runtime.settings.settle_s)

    @property
    def fence(self) -> timedelta:
        """How long after the claim a message may still be posted."""
        return timedelta(seconds=self.runtime.settings.fence_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended."""

    state: State
    reason: str | None = None
    wait: timedelta = timedelta()
    channel: str | None = None
    ts: str | None = None
    verdict: Verdict | None = None
    refused_since: datetime | None = None
    rest: list[dict[str, Any]] | None = None
    """What follows in messages of its own."""


class UnreadableError(Exception):
    """No channel's history is read: it would be every word that is said there."""


class FencedOffError(Exception):
    """Too much time passed since the claim."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One claimed attempt."""

    desk: DigestDesk
    office: Office
    claim: Claim
    began: float
    """Of the monotonic clock, which a corrected wall clock leaves alone."""

    def is_fenced_off(self, session: Session | None = None) -> bool:
        """Tell whether too much time passed since the claim; sleep counts on one of the clocks."""
        by_wall = self.desk.now(session) - self.claim.claimed_at
        by_monotonic = timedelta(seconds=time.monotonic() - self.began)
        return max(by_wall, by_monotonic) > self.desk.fence


def say_once(delivery_id: int, desk: DigestDesk) -> None:
    """Work on one delivery as far as it can be worked on now; several may try at once."""
    attempt = _claim(delivery_id, desk)
    if attempt and attempt.claim.is_unanswered:
        _record(attempt, _settle(attempt))
        attempt = _claim(delivery_id, desk)
    if attempt and not attempt.claim.is_unanswered:
        outcome = _deliver(attempt)
        if attempt.claim.reason == REPEAT and outcome.state not in (State.HELD, State.DEAD):
            outcome = replace(outcome, reason=REPEAT)  # so that there is no second repeat
        _record(attempt, outcome)


def _claim(delivery_id: int, desk: DigestDesk) -> Attempt | None:
    with desk.runtime.store.write(None, patience_s=WORKER_PATIENCE_S) as session:
        began, now = time.monotonic(), desk.now(session)
        claim = deliveries.claim(session, delivery_id, desk.worker, now, lease=desk.settle)
        desk.reach(Point.BEFORE_CLAIM)
    desk.reach(Point.CLAIMED)
    return Attempt(desk, desk.office_of(claim.firm_id), claim, began) if claim else None


def _settle(attempt: Attempt) -> Outcome:
    """Find out what became of an earlier attempt."""
    claim, now = attempt.claim, attempt.desk.now()
    if claim.channel is None:  # it ended before anything could be posted
        return Outcome(state=State.DUE)
    try:
        attempt.desk.reach(Point.BEFORE_LOOK)
        if claim.team_channel_id is not None:
            raise UnreadableError
        found = _look_for_marker(attempt, claim.channel)
        attempt.desk.reach(Point.LOOKED)
    except Exception as error:
        failure = read_failure(error)
        if is_too_late(now, claim.due_at):
            return Outcome(state=State.HELD, reason=UNANSWERED)
        if now - claim.tried_at >= UNREADABLE and claim.reason != REPEAT:
            return Outcome(state=State.DUE, reason=REPEAT)
        wait = max(attempt.desk.settle, failure.wait)
        return Outcome(state=State.UNKNOWN, reason=claim.reason, wait=wait)
    if found is None:
        return Outcome(state=State.DUE)
    return replace(found, rest=(claim.body or {}).get("rest"))


def _look_for_marker(attempt: Attempt, user_id: str) -> Outcome | None:
    """Look through our own direct message with a person for the message, page by page."""
    client, claim = attempt.office.client, attempt.claim
    opened = call(
        attempt, "conversations.open", user_id, lambda: client.conversations_open(users=user_id)
    )
    channel: str = opened["channel"]["id"]
    oldest = str((claim.due_at - CLOCK_SKEW).timestamp())
    cursor = None
    for _ in range(HISTORY_PAGES):
        look = partial(
            client.conversations_history,
            channel=channel,
            oldest=oldest,
            limit=HISTORY_PAGE,
            cursor=cursor,
            include_all_metadata=True,
        )
        page = call(attempt, "conversations.history", channel, look)
        for message in page["messages"]:
            metadata = message.get("metadata") or {}
            if (metadata.get("event_payload") or {}).get("key") == claim.marker:
                return Outcome(state=State.SENT, channel=channel, ts=message["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
    raise ValueError("the conversation has no end")


def call(
    attempt: Attempt, method: str, channel: str, do: Callable[[], SlackResponse]
) -> SlackResponse:
    """Call Slack, unless it asked to wait; if it asks now, all processes will know."""
    desk, firm_id = attempt.desk, attempt.claim.firm_id
    with desk.runtime.store.read(firm_id) as session:
        now = desk.now(session)
        until = pauses.paused_until(session, method, channel, now=now)
    if until is not None:
        raise AskedToWaitError(until - now)
    try:
        return do()
    except SlackApiError as refusal:
        failure = read_failure(refusal)
        if failure.verdict is Verdict.WAIT:
            with desk.runtime.store.write(firm_id, patience_s=WORKER_PATIENCE_S) as session:
                now = desk.now(session)
                pauses.pause(session, method, channel, now + failure.wait, now=now)
        raise


def _deliver(attempt: Attempt) -> Outcome:
    """Post the message, unless it is too late or may not be had there."""
    claim, desk = attempt.claim, attempt.desk
    if is_too_late(desk.now(), claim.due_at):
        return Outcome(state=State.HELD, reason=TOO_LATE)
    if attempt.office.refusal:
        return Outcome(state=State.HELD, reason=INSTALLATION + attempt.office.refusal)
    write = to_person if claim.team_channel_id is None else desk.to_channel
    if write is None:
        raise ValueError("nobody writes to channels")
    letter = write(attempt)
    return letter if isinstance(letter, Outcome) else _post(attempt, letter)


def to_person(attempt: Attempt) -> Letter | Outcome:
    """Get a direct message ready, unless the person may not have it."""
    claim, desk = attempt.claim, attempt.desk
    member = _member(claim, desk)
    if member is None or member.slack_user_id is None:
        return Outcome(state=State.HELD, reason=NOT_LINKED)
    user_id = member.slack_user_id
    try:
        reader = attempt.office.profile_of(user_id)
    except Exception as error:
        return not_posted(attempt, read_failure(error))
    if reader.standing is Standing.UNKNOWN:
        if reader.refusal is not None:
            return not_posted(attempt, read_failure(reader.refusal))
        return Outcome(state=State.DUE, reason="profile not known", wait=_backoff(claim))
    if reader.standing is not Standing.MEMBER:
        return Outcome(state=State.HELD, reason=f"{NOT_A_MEMBER}{reader.standing}")
    try:
        body = _body(claim, desk, member)
    except Exception:
        return not_built(claim)
    if body is None:
        return Outcome(state=State.HELD, reason=MOVED)
    return Letter(to=user_id, locale=member.locale or reader.locale, body=body)


def _body(claim: Claim, desk: DigestDesk, member: Member) -> dict[str, Any] | None:
    """Return what is to be said; what was written before a client moved away is written anew.

    None: it is the rest of a message whose beginning has been said.
    """
    if claim.body is None or not _is_theirs(claim.body, claim, desk, member):
        return None if PART in claim.kind else _build(claim, desk, member)
    return claim.body


def _is_theirs(body: dict[str, Any], claim: Claim, desk: DigestDesk, member: Member) -> bool:
    """Tell whether all clients that a kept message names are still the reader's."""
    named = clients_in([body["blocks"], *(body.get("rest") or [])])
    with desk.runtime.store.read(claim.firm_id) as session:
        advisors = {advisor_of(session, each) for each in named}
    return advisors <= own_books(member, Action.GET_DIGEST)


def _member(claim: Claim, desk: DigestDesk) -> Member | None:
    with desk.runtime.store.read(claim.firm_id) as session:
        now = desk.now(session)
        members = {each.member_id: each for each in list_members(session, at=now)}
    member = members.get(claim.member_id)
    if member is None or scope_of(member, Action.GET_DIGEST) is Scope.NOTHING:
        return None
    return member


def _build(claim: Claim, desk: DigestDesk, member: Member) -> dict[str, Any]:
    compose = desk.writers.get(claim.kind, desk.compose)
    message = compose(
        firm_id=claim.firm_id,
        member=member,
        period=claim.period,
        due_at=claim.due_at,
        late=is_late(desk.now(), claim.due_at),
    )
    parts = parts_of(message.text, list(message.blocks))
    first, *rest = ({**part, "about": sorted(message.about)} for part in parts)
    return {**first, "rest": rest} if rest else first


def not_built(claim: Claim) -> Outcome:
    reference = uuid4().hex[:8]
    log.exception("digest could not be built", delivery=claim.delivery_id, reference=reference)
    state = State.DEAD if claim.attempt >= BUILD_TRIES else State.DUE
    return Outcome(state=state, reason=f"not built, reference {reference}", wait=_backoff(claim))


def _post(attempt: Attempt, letter: Letter) -> Outcome:
    desk, claim = attempt.desk, attempt.claim
    to, body = letter.to, letter.body
    with desk.runtime.store.write(claim.firm_id, patience_s=WORKER_PATIENCE_S) as session:
        is_ours = deliveries.keep_body(session, claim, body, channel=to)
        now = desk.now(session)
        has_turn = attempt.is_fenced_off(session) or pauses.take_turn(
            session, to, gap=BETWEEN_POSTS, now=now
        )
        desk.reach(Point.BEFORE_KEPT)
    desk.reach(Point.KEPT)
    if not is_ours:
        return Outcome(state=State.DUE, reason=TOOK_TOO_LONG)
    if not has_turn:
        return Outcome(state=State.DUE, reason="one message a second", wait=BETWEEN_POSTS)
    barred = letter.recheck()
    if barred is not None:
        return barred
    said = _marked(body, letter.locale) if claim.reason == REPEAT else body
    _note(attempt, letter, said)
    try:
        answer = call(attempt, "chat.postMessage", to, partial(_say, attempt, to, said))
    except FencedOffError:
        return Outcome(state=State.DUE, reason=TOOK_TOO_LONG)
    except Exception as error:
        failure = read_failure(error)
    else:
        desk.reach(Point.POSTED)
        rest = body.get("rest")
        return Outcome(state=State.SENT, channel=answer["channel"], ts=answer["ts"], rest=rest)
    if failure.verdict is Verdict.UNCLEAR:
        return Outcome(state=State.UNKNOWN, reason=failure.code, wait=desk.settle)
    if failure.verdict is Verdict.OUR_BUG and body["blocks"]:
        return _plainly(attempt, letter, failure)
    return not_posted(attempt, failure)


def _note(attempt: Attempt, letter: Letter, said: dict[str, Any]) -> None:
    """Write down whom a message is about before it leaves."""
    claim = attempt.claim
    entry = Entry(
        kind=Kind.MESSAGE,
        actor=by_member(claim.member_id),
        what=claim.kind,
        client_ids=(*said.get("about", ()), *clients_in(said["blocks"])),
        fields=(claim.period,),
        place=letter.place,
        template=version("tierwise"),
    )
    attempt.desk.runtime.note(claim.firm_id, entry)


def _say(attempt: Attempt, to: str, said: dict[str, Any]) -> SlackResponse:
    marker = attempt.claim.marker
    if attempt.is_fenced_off():
        raise FencedOffError
    attempt.desk.reach(Point.BEFORE_POST)
    return attempt.office.client.chat_postMessage(
        channel=to,
        text=said["text"],
        blocks=said["blocks"],
        metadata={"event_type": "tierwise_message", "event_payload": {"key": marker}},
        unfurl_links=False,
        unfurl_media=False,
        client_msg_id=str(UUID(marker)),  # undocumented for apps: a help, no guarantee
    )


def _plainly(attempt: Attempt, letter: Letter, failure: Failure) -> Outcome:
    """Say it without blocks next time, since Slack refuses them."""
    desk, claim, plain = attempt.desk, attempt.claim, letter.body | {"blocks": []}
    log.error("digest refused, saying it plainly", delivery=claim.delivery_id, code=failure.code)
    with desk.runtime.store.write(claim.firm_id, patience_s=WORKER_PATIENCE_S) as session:
        deliveries.keep_body(session, claim, plain, channel=letter.to)
    return Outcome(state=State.DUE, reason=failure.code, wait=BETWEEN_POSTS)


def _marked(body: dict[str, Any], locale: str) -> dict[str, Any]:
    """Say beforehand that this may be a repeat."""
    note = Words(locale).say(
        "Possibly a repeat: we could not see whether the first message arrived."
    )
    blocks = body["blocks"]
    if blocks:
        said = {"type": "context", "elements": [{"type": "mrkdwn", "text": note}]}
        blocks = [said, *blocks]  # there is room: see parts_of
    return {**body, "text": f"{note}\n{body['text']}", "blocks": blocks}


def not_posted(attempt: Attempt, failure: Failure) -> Outcome:
    """What becomes of a message that certainly was not posted."""
    claim, verdict, reason = attempt.claim, failure.verdict, failure.code
    now = attempt.desk.now()
    match verdict:
        case Verdict.WAIT:
            since = claim.refused_since or now
            if now - since >= REFUSED_TOO_LONG:
                return Outcome(state=State.HELD, reason=ALWAYS_WAITING)
            return Outcome(state=State.DUE, reason=reason, wait=failure.wait, refused_since=since)
        case Verdict.UNREACHED | Verdict.UNCLEAR:
            return Outcome(state=State.DUE, reason=reason, wait=_backoff(claim))
        case Verdict.REFUSED:
            return Outcome(state=State.HELD, reason=reason, verdict=verdict)
        case Verdict.INSTALLATION:
            return Outcome(state=State.HELD, reason=INSTALLATION + reason, verdict=verdict)
        case Verdict.OUR_BUG:
            return Outcome(state=State.DEAD, reason=reason)


def _backoff(claim: Claim) -> timedelta:
    return timedelta(seconds=min(RETRY_MAX_S, 2 ** min(claim.attempt, 9)))


def _record(attempt: Attempt, outcome: Outcome) -> None:
    """Write down an outcome; what concerns the whole firm holds back its other messages too."""
    claim, desk = attempt.claim, attempt.desk
    with desk.runtime.store.write(claim.firm_id, patience_s=WORKER_PATIENCE_S) as session:
        now = desk.now(session)
        is_ours = deliveries.conclude(
            session,
            claim,
            outcome.state,
            next_try_at=now + outcome.wait,
            reason=outcome.reason,
            channel=outcome.channel,
            ts=outcome.ts,
            refused_since=outcome.refused_since,
        )
        if is_ours and outcome.rest:
            first, *rest = outcome.rest
            body = {**first, "rest": rest} if rest else first
            deliveries.follow_up(session, claim, body, now=now)
        if outcome.verdict is Verdict.INSTALLATION and outcome.reason:
            note_refusal(session, outcome.reason.removeprefix(INSTALLATION), now=now)
        if is_ours and outcome.verdict is Verdict.REFUSED and claim.team_channel_id is not None:
            pause_channel(session, claim.team_channel_id, outcome.reason or "")
        desk.reach(Point.BEFORE_RECORD)
    desk.reach(Point.RECORDED)
    log.info(
        "delivery",
        delivery=claim.delivery_id,
        state=outcome.state.value,
        reason=outcome.reason,
    )
