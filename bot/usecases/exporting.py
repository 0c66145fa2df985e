"""A book as a list of clients, under the headings that an import reads.

That of the whole firm is asked for by an admin, confirmed by somebody else, and fetched once.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from bot.reports import ExportsReport
from bot.runtime import Runtime
from bot.usecases.firms import find_member
from domain.access import Action, Member, NotAllowedError, demand, needs_second_person
from domain.errors import DomainError
from domain.exports import ExportRequest, Stage
from domain.model import Client, TraitKind
from storage import exports
from storage.clients import load_book
from storage.erasing import SamePersonError
from storage.firms import current_rules, list_members
from storage.journal import OPERATOR, Entry, Kind, by_member

Dated = TypeVar("Dated")
NEWEST = 20
"""So many requests are listed."""

HEADINGS = (
    "client_id", "name", "advisor", "revenue", "managed", "wallet", "wallet_share",
    "wallet_source", "wallet_on", "providers", "provider_rank", "ranked_on", "satisfaction",
    "satisfaction_scale", "satisfaction_on", "income", "saving_rate", "business_share",
    "client_since", "former_since", "born_on", "last_review_on", "last_contact_on", "trust",
    "trust_on", "coachability", "coachability_on", "referrals", "referrals_on", "criterion",
    "relation", "sponsor",
)  # fmt: skip


class ExportClosedError(DomainError):
    """A request that is not, or no longer, at the stage that the next step needs."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.stage = stage


def book_rows(
    firm_id: int, runtime: Runtime, *, advisor: str | None, today: date, actor: str = OPERATOR
) -> list[tuple[str, ...]]:
    """Return headings and one row a client, of one member's book or of the firm; it is noted."""
    member = find_member(firm_id, advisor, runtime) if advisor else None
    with runtime.store.read(firm_id) as session:
        keys = {each.member_id: each.key for each in list_members(session)}
        whose = [member.member_id] if member else list(keys)
        book = load_book(session, whose, current_rules(session), today=today)
    ids = tuple(each.client_id for each in book)
    entry = Entry(kind=Kind.EXPORT, actor=actor, what="export book", client_ids=ids)
    runtime.note(firm_id, entry)
    numbers = {each.client_id: each.external_id for each in book}
    return [HEADINGS, *(_row(each, keys, numbers, today) for each in book)]


def ask_for_export(firm_id: int, runtime: Runtime, *, member: Member, reason: str) -> None:
    """Ask for a file of the whole firm. Raises NotAllowedError."""
    demand_firm(member)
    with runtime.store.write(firm_id) as session:
        exports.save_export(session, member.member_id, reason=reason, at=runtime.now())


def exports_of(firm_id: int, runtime: Runtime, *, reader: Member) -> ExportsReport:
    """Return the newest requests for such a file. Raises NotAllowedError."""
    demand(reader, Action.CONFIRM_EXPORT)
    with runtime.store.read(firm_id) as session:
        found = exports.list_exports(session, at_most=NEWEST)
        names = {each.member_id: each.name for each in list_members(session)}
    return ExportsReport(
        requests=tuple(found), names=names, reader_id=reader.member_id, now=runtime.now()
    )


def decide_export(
    request_id: int, firm_id: int, runtime: Runtime, *, member: Member, is_confirmed: bool
) -> None:
    """Confirm or decline what somebody else asked for; or withdraw what oneself did.

    Raises NotAllowedError, SamePersonError, ExportClosedError.
    """
    demand(member, Action.CONFIRM_EXPORT)
    with runtime.store.write(firm_id) as session:
        found = _at(Stage.WAITS, exports.lock_export(session, request_id), runtime)
        if is_confirmed and found.asked_by == member.member_id:
            raise SamePersonError
        exports.decide_export(
            session, request_id, by=member.member_id, is_confirmed=is_confirmed, at=runtime.now()
        )


def fetch_export(
    request_id: int, firm_id: int, runtime: Runtime, *, member: Member, today: date
) -> list[tuple[str, ...]]:
    """Return headings and one row a client of the firm to who asked for it, once; it is noted.

    Raises NotAllowedError, ExportClosedError.
    """
    demand_firm(member)
    with runtime.store.write(firm_id) as session:
        found = _at(Stage.CONFIRMED, exports.lock_export(session, request_id), runtime)
        if found.asked_by != member.member_id:
            raise NotAllowedError(member, Action.EXPORT)
        exports.mark_fetched(session, request_id, runtime.now(), at=runtime.now())
    actor = by_member(member.member_id)
    try:
        return book_rows(firm_id, runtime, advisor=None, today=today, actor=actor)
    except Exception:
        give_back(request_id, firm_id, runtime)
        raise


def give_back(request_id: int, firm_id: int, runtime: Runtime) -> None:
    """Let a file be fetched again that did not arrive."""
    with runtime.store.write(firm_id) as session:
        exports.mark_fetched(session, request_id, None, at=runtime.now())


def demand_firm(member: Member) -> None:
    """Raise NotAllowedError unless a member may get the whole firm's, once it is confirmed."""
    if not needs_second_person(member, Action.EXPORT):
        raise NotAllowedError(member, Action.EXPORT)


def _at(wanted: Stage, found: ExportRequest | None, runtime: Runtime) -> ExportRequest:
    stage = found.stage(runtime.now()) if found else Stage.LAPSED
    if found is None or stage is not wanted:
        raise ExportClosedError(stage)
    return found


def _row(
    client: Client, keys: dict[int, str], numbers: dict[int, str], today: date
) -> tuple[str, ...]:
    known = _last((each for each in client.wallets if each.rank is None), "known_on")
    ranked = _last((each for each in client.wallets if each.rank is not None), "known_on")
    asked = _last(client.satisfactions, "measured_on")
    criterion = client.strategic[0].criterion if client.strategic else None
    tie = client.legacy[0] if client.legacy else None
    values = {
        "client_id": client.external_id,
        "name": client.name,
        "advisor": keys[client.advisor_id],
        "revenue": _number(client.revenue),
        "managed": _number(client.managed_on(today)),
        "wallet": _number(known.wallet) if known else "",
        "wallet_share": _percent(known.share_pct) if known else "",
        "wallet_source": known.source if known else "",
        "wallet_on": _day(known.known_on) if known else "",
        "providers": str(ranked.providers) if ranked else "",
        "provider_rank": _number(ranked.rank) if ranked else "",
        "ranked_on": _day(ranked.known_on) if ranked else "",
        "satisfaction": _number(asked.score) if asked else "",
        "satisfaction_scale": asked.scale if asked else "",
        "satisfaction_on": _day(asked.measured_on) if asked else "",
        "income": _number(client.income),
        "saving_rate": _percent(client.saving_rate_pct),
        "business_share": _percent(client.business_share_pct),
        "client_since": _day(client.client_since),
        "former_since": _day(client.former_since),
        "born_on": _day(client.born_on),
        "last_review_on": _day(client.last_review_on),
        "last_contact_on": _day(client.last_contact_on),
        "criterion": criterion or "",
        "relation": tie.relation if tie else "",
        "sponsor": numbers.get(tie.sponsor.client_id, "") if tie else "",
    }
    for kind in TraitKind:
        seen = _last((each for each in client.traits if each.kind is kind), "noted_on")
        values[kind.value] = str(seen.value) if seen else ""
        values[f"{kind.value}_on"] = _day(seen.noted_on) if seen else ""
    return tuple(str(values[heading]) for heading in HEADINGS)


def _last(facts: Iterable[Dated], day: str) -> Dated | None:
    return max(facts, key=lambda each: getattr(each, day), default=None)


def _number(value: Decimal | None) -> str:
    """Write an amount; a negative one in brackets, for a leading minus is calculated."""
    if value is None:
        return ""
    return f"({-value:.2f})" if value < 0 else f"{value:.2f}"


def _percent(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.2f} %"


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""
