"""A book as a list of clients, under the headings that an import reads."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from bot.runtime import Runtime
from bot.usecases.firms import find_member
from domain.model import Client, TraitKind
from storage.clients import load_book
from storage.firms import current_rules, list_members
from storage.journal import OPERATOR, Entry, Kind

Dated = TypeVar("Dated")

HEADINGS = (
    "client_id", "name", "advisor", "revenue", "managed", "wallet", "wallet_share",
    "wallet_source", "wallet_on", "providers", "provider_rank", "ranked_on", "satisfaction",
    "satisfaction_scale", "satisfaction_on", "income", "saving_rate", "business_share",
    "client_since", "former_since", "born_on", "last_review_on", "last_contact_on", "trust",
    "trust_on", "coachability", "coachability_on", "referrals", "referrals_on", "criterion",
    "relation", "sponsor",
)  # fmt: skip


def book_rows(
    firm_id: int, runtime: Runtime, *, advisor: str | None, today: date
) -> list[tuple[str, ...]]:
    """Return headings and one row a client, of one member's book or of the firm; it is noted."""
    member = find_member(firm_id, advisor, runtime) if advisor else None
    with runtime.store.read(firm_id) as session:
        keys = {each.member_id: each.key for each in list_members(session)}
        whose = [member.member_id] if member else list(keys)
        book = load_book(session, whose, current_rules(session), today=today)
    ids = tuple(each.client_id for each in book)
    entry = Entry(kind=Kind.EXPORT, actor=OPERATOR, what="export book", client_ids=ids)
    runtime.note(firm_id, entry)
    numbers = {each.client_id: each.external_id for each in book}
    return [HEADINGS, *(_row(each, keys, numbers, today) for each in book)]


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
