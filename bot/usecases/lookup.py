"""Find a client by name or client number, and report on what was found."""

import unicodedata
from datetime import date

from sqlmodel import Session

from bot.reports import (
    Asker,
    ClientReport,
    HelpReport,
    LookUpReport,
    NotFoundReport,
    SeveralReport,
)
from bot.runtime import Runtime
from bot.usecases.assessing import assess_clients
from bot.usecases.services import owed_to
from domain.acceptance import Acceptance, acceptance_of, is_new
from domain.model import Client
from domain.rulebook import RuleBook
from domain.segmentation import LegacyReason
from storage.clients import (
    advisor_of,
    client_numbered,
    client_version,
    version_and_advisor,
)
from storage.firms import current_rules
from storage.search import find_clients

HITS = 10
"""So many names a picker shows."""
OFFERED = 20
"""So many names a searched list offers."""
LONGEST_QUERY = 200
"""No client's name is longer."""


def look_up(query: str, asker: Asker, runtime: Runtime, *, today: date) -> LookUpReport:
    """Report on the client whom a query means, or say what to choose from or to type."""
    typed = tidy(query)
    letters = sum(each.isalnum() for each in typed)
    if letters < 2 or len(typed) > LONGEST_QUERY:
        return HelpReport(too_short=letters == 1, too_long=len(typed) > LONGEST_QUERY)
    with runtime.store.read(asker.firm_id) as session:
        numbered = _numbered(session, typed, asker)
        if numbered is not None:
            return _report(session, numbered[0], asker, today=today)
        found = find_clients(session, typed, asker.reach, limit=HITS)
        if len(found.hits) == 1:
            return _report(session, found.hits[0].client_id, asker, today=today)
        if not found.hits:
            return NotFoundReport(
                query=typed, near=tuple((each.client_id, each.name) for each in found.near)
            )
        rules = current_rules(session)
        ids = [each.client_id for each in found.hits]
        return SeveralReport(
            query=typed,
            hits=tuple(assess_clients(session, ids, rules, today=today)),
            has_more=found.has_more,
        )


def names_like(
    query: str, asker: Asker, runtime: Runtime, *, but: int | None = None
) -> list[tuple[int, str]]:
    """Return ids and names of clients, `but` one, that fit what was typed so far, best first."""
    with runtime.store.read(asker.firm_id) as session:
        found = find_clients(session, tidy(query)[:LONGEST_QUERY], asker.reach, limit=OFFERED)
    fitting = ((each.client_id, each.name) for each in (*found.hits, *found.near))
    return [each for each in fitting if each[0] != but][:OFFERED]


def find_one(query: str, asker: Asker, runtime: Runtime) -> list[tuple[int, str]]:
    """Return id and name of the client with this number, else of all that the name fits."""
    with runtime.store.read(asker.firm_id) as session:
        numbered = _numbered(session, tidy(query), asker)
        if numbered is not None:
            return [numbered]
        found = find_clients(session, tidy(query)[:LONGEST_QUERY], asker.reach, limit=HITS)
    return [(each.client_id, each.name) for each in found.hits]


def version_of(client_id: int, firm_id: int, runtime: Runtime) -> int:
    """Return the version that an editor must name to change the client."""
    with runtime.store.read(firm_id) as session:
        return client_version(session, client_id) or 0


def open_client(
    client_id: int, asker: Asker, runtime: Runtime, *, today: date
) -> ClientReport | None:
    """Report on a client by id; None if there is none whom the asker may see."""
    with runtime.store.read(asker.firm_id) as session:
        if advisor_of(session, client_id) not in asker.reach:
            return None
        return _report(session, client_id, asker, today=today)


def tidy(text: str) -> str:
    """Drop what nobody types on purpose: control and zero-width characters, outer spaces."""
    kept = (" " if each.isspace() else each for each in text)
    visible = (each for each in kept if unicodedata.category(each) not in ("Cc", "Cf", "Cs"))
    return " ".join("".join(visible).split())


def _numbered(session: Session, typed: str, asker: Asker) -> tuple[int, str] | None:
    """Return id and name of the client with this client number, if the asker may see her."""
    found = client_numbered(session, typed)
    if found is None or found[2] not in asker.reach:
        return None
    return found[:2]


def _report(session: Session, client_id: int, asker: Asker, *, today: date) -> ClientReport:
    rules = current_rules(session)
    assessment = assess_clients(session, [client_id], rules, today=today)[0]
    version, advisor = version_and_advisor(session, client_id)
    sponsors = (r.tie.sponsor for r in assessment.tier.reasons if isinstance(r, LegacyReason))
    return ClientReport(
        assessment=assessment,
        advisor=advisor,
        rules=rules,
        today=today,
        version=version,
        may_change=asker.may_change(assessment.client.advisor_id),
        hidden_sponsors=frozenset(
            each.client_id for each in sponsors if each.advisor_id not in asker.reach
        ),
        acceptance=_acceptance(assessment.client, rules, today=today),
        due=owed_to(session, [assessment], rules, today)[0].due,
    )


def _acceptance(client: Client, rules: RuleBook, *, today: date) -> Acceptance | None:
    if not is_new(client, rules.acceptance, today=today):
        return None
    return acceptance_of(client, rules, today=today)
