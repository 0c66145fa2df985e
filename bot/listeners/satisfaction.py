"""Record a satisfaction: the button, the modal, its errors and its confirmation."""

import re
from datetime import date
from decimal import Decimal

from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say, UpdateModal
from bot.usecases import lookup, recording
from bot.views import modals, notices
from bot.views.modals import MEASURED_ON, SCALE, SCORE, Ticket
from domain.access import Action
from domain.errors import ScoreOutOfScaleError
from domain.model import Scale

_NUMBER = re.compile(r"\d{1,3}([.,]\d{1,2})?")


def handle_record_satisfaction(call: Call) -> Reply:
    """Open the modal for the client whose button was clicked."""
    report = (
        lookup.open_client(
            int(call.text), call.asker(Action.RECORD), call.runtime, today=call.today
        )
        if call.text.isdecimal()
        else None
    )
    if report is None:
        return Say(text=notices.client_gone(call.words))
    client = report.assessment.client
    latest = max(client.satisfactions, key=lambda each: each.measured_on, default=None)
    return OpenModal(
        view=modals.satisfaction_modal(
            client.name,
            Ticket(client_id=client.client_id, version=report.version),
            call.words,
            scale=latest.scale if latest else Scale.CSI,
            today=call.today,
        )
    )


def handle_satisfaction_modal(call: Call) -> Reply:
    """Record what was entered, or say under each field what is wrong."""
    entered = {name: call.state.get(name, {}).get(name, {}) for name in (SCALE, SCORE, MEASURED_ON)}
    scale = Scale((entered[SCALE].get("selected_option") or {}).get("value", Scale.CSI))
    typed = str(entered[SCORE].get("value") or "").strip()
    if not _NUMBER.fullmatch(typed):
        return FieldErrors(sentences={SCORE: modals.not_a_score(call.words)})
    ticket = Ticket.read(call.metadata)
    try:
        recorded = recording.record(
            ticket.client_id,
            score=Decimal(typed.replace(",", ".")),
            scale=scale,
            measured_on=date.fromisoformat(entered[MEASURED_ON]["selected_date"]),
            version=ticket.version,
            asker=call.asker(Action.RECORD),
            runtime=call.runtime,
            today=call.today,
        )
    except ScoreOutOfScaleError as error:
        return FieldErrors(sentences={SCORE: modals.out_of_scale(error, call.words)})
    except recording.FutureDayError:
        return FieldErrors(sentences={MEASURED_ON: modals.in_the_future(call.words)})
    return UpdateModal(view=modals.recorded_modal(recorded.before, recorded.after, call.words))
