"""Record what an advisor learned about a client."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.reports import Asker
from bot.runtime import Runtime
from bot.usecases.assessing import assess_clients
from domain.errors import DomainError
from domain.model import Quadrant, Satisfaction, Scale
from domain.priorities import Assessment
from domain.quadrants import index_of
from storage.clients import advisor_of, record_satisfaction
from storage.firms import current_rules
from storage.placements import note_placements


class ClientGoneError(DomainError):
    """The client is not, or no longer, in the asker's book."""


class FutureDayError(DomainError):
    """A satisfaction cannot have been measured after today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording changed."""

    before: Quadrant | None
    after: Assessment


def record(
    client_id: int,
    *,
    score: Decimal,
    scale: Scale,
    measured_on: date,
    version: int,
    asker: Asker,
    runtime: Runtime,
    today: date,
) -> Recorded:
    """Keep a satisfaction and tell whether the client moved.

    Raises ClientGoneError, ScoreOutOfScaleError, FutureDayError, and ChangedMeanwhileError when
    the client is no longer at `version`.
    """
    index_of(score, scale)
    if measured_on > today:
        raise FutureDayError
    value = Satisfaction(score=score, scale=scale, measured_on=measured_on)
    with runtime.store.write(asker.firm_id) as session:
        if advisor_of(session, client_id) not in asker.reach:
            raise ClientGoneError
        rules = current_rules(session)
        before = assess_clients(session, [client_id], rules, today=today)
        note_placements(session, before, rule_version=rules.version, today=today)
        record_satisfaction(
            session, client_id, value, by=asker.name, at=runtime.now(), version=version
        )
        session.flush()
        after = assess_clients(session, [client_id], rules, today=today)
        note_placements(session, after, rule_version=rules.version, today=today)
    return Recorded(before=before[0].quadrant.quadrant, after=after[0])
