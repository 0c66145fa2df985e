"""What the store hands to the rules: the firm's ranking, its medians, traits, places, diagnoses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.access import Member
from domain.book import frames_of, place_book
from domain.cutoffs import BookCutoffs, median_sides
from domain.model import Diagnosis, Relation, Tier, TraitKind, WalletSource
from domain.rulebook import MatrixLimits, MatrixMode, RuleBook, TierMethod
from storage.clients import load_clients, names_of
from storage.cutoffs import load_cutoffs
from storage.store import Store
from storage.tables import (
    DiagnosisRow,
    FirmRow,
    LegacyRow,
    SatisfactionRow,
    TraitRow,
    WalletRow,
)
from tests.firms import NOW, members_of, save_client, save_firm

TODAY = date(2026, 3, 2)
BY_RANK = RuleBook(method=TierMethod.PERCENTILE)


def said(client_id: int) -> dict[str, object]:
    return {"client_id": client_id, "recorded_by": "anna", "recorded_at": NOW}


def test_the_ranking_is_that_of_the_firms_present_clients_alone(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    # Given 20 clients of two advisors, former ones, some without revenue, and another firm's
    with store.write(firm.id) as session:
        for n in range(1, 21):
            advisor = members["anna" if n % 2 else "jonas"].member_id
            save_client(session, f"K{n}", f"Client {n}", advisor, revenue_cents=n * 100)
        anna = members["anna"].member_id
        for n in range(9):
            save_client(session, f"F{n}", "Former", anna, revenue_cents=99_00, former_since=TODAY)
            save_client(session, f"U{n}", "Unknown", anna)
    other = save_firm(store, "T0002", "Südwind")
    with store.write(other.id) as session:
        emily = members_of(store, other)["emily"].member_id
        save_client(session, "X", "Rich", emily, revenue_cents=1_000_00)
    # Then A+ begins at the first of 20, A at the fourth, B at the tenth
    with store.read(firm.id) as session:
        cutoffs = load_cutoffs(session, BY_RANK, today=TODAY)
        assert load_cutoffs(session, RuleBook(), today=TODAY) is None
    assert cutoffs is not None
    assert [rung.begins_at for rung in cutoffs.rungs] == [20, 17, 11]


def test_medians_are_read_over_the_whole_firm(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.write(firm.id) as session:
        for n, (score, share) in enumerate([(80, 20), (60, 30), (90, 70)]):
            client = save_client(session, f"K{n}", f"Client {n}", members["anna"].member_id)
            session.add(
                SatisfactionRow(
                    **said(client), score_hundredths=score * 100, scale="csi", measured_on=TODAY
                )
            )
            session.add(
                WalletRow(**said(client), source="stated", known_on=TODAY, share_bp=share * 100)
            )
    rules = RuleBook(matrix=MatrixLimits(mode=MatrixMode.MEDIAN))
    with store.read(firm.id) as session:
        assert load_cutoffs(session, rules, today=TODAY) == BookCutoffs(
            satisfaction=median_sides(Decimal(80), Decimal(5)),
            share=median_sides(Decimal(30), Decimal(5)),
        )


def test_a_client_comes_with_traits_diagnoses_and_the_place_among_providers(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    with store.write(firm.id) as session:
        client_id = save_client(session, "K1", "Maria Huber", members["anna"].member_id)
        session.add(
            WalletRow(
                **said(client_id), source="rule", known_on=TODAY, providers=3, rank_hundredths=150
            )
        )
        session.add(TraitRow(**said(client_id), kind="trust", value=4, noted_on=TODAY))
        session.add(DiagnosisRow(**said(client_id), cause="late", action="sooner", noted_on=TODAY))
    with store.read(firm.id) as session:
        client = load_clients(session, [client_id], RuleBook(), today=TODAY)[0]
        assert names_of(session, [client_id, 999]) == {client_id: "Maria Huber"}
    fact = client.wallets[0]
    assert (fact.source, fact.providers, fact.rank) == (WalletSource.RULE, 3, Decimal("1.5"))
    trust = client.trait_on(TODAY, TraitKind.TRUST)
    assert trust is not None
    assert trust.value == 4
    assert client.diagnoses == (
        Diagnosis(cause="late", action="sooner", noted_on=TODAY, by="anna"),
    )


def test_a_sponsors_tier_is_that_of_the_firms_method(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    # Given a sponsor of 500 a year, the best client of a small firm
    with store.write(firm.id) as session:
        anna = members["anna"].member_id
        sponsor = save_client(session, "S", "Familie Adler", anna, revenue_cents=500_00)
        child = save_client(session, "C", "Jan Adler", anna, revenue_cents=10_00)
        for n in range(3):
            save_client(session, f"K{n}", f"Client {n}", anna, revenue_cents=(n + 20) * 100)
        session.add(LegacyRow(client_id=child, relation=Relation.CHILD, sponsor_id=sponsor))
    # Then by percentiles the sponsor is A+, by cut-offs the sponsor is none
    with store.read(firm.id) as session:
        tiers = [
            load_clients(session, [child], rules, today=TODAY)[0].legacy[0].sponsor.tier
            for rules in (BY_RANK, replace(BY_RANK, method=TierMethod.ABSOLUTE))
        ]
        client = load_clients(session, [child], BY_RANK, today=TODAY)[0]
    assert tiers == [Tier.A_PLUS, Tier.N]
    placed = place_book(frames_of([client]), BY_RANK, today=TODAY, cutoffs=BookCutoffs())
    assert placed.loc[child, "tier"] == "L"
