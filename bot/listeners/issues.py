"""Issues of bulk services: the button in `/due` and on Home, its form, the undo."""

from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.usecases import issues
from bot.usecases.issues import IssueKnownError, keeps_issues
from bot.usecases.recording import FutureDayError
from bot.views import notices
from bot.views.issues import (
    IssueField,
    issue_known,
    issue_modal,
    issue_recorded_modal,
    issue_taken_back_modal,
)
from domain.model import Tier


def handle_issue(call: Call) -> Reply:
    """Ask what is to be kept of an issue that was sent."""
    if not keeps_issues(call.member):
        return Say(text=notices.issues_for_leads(call.words))
    report = issues.issues_of(call.firm_id, call.runtime, today=call.today)
    due = report.find(call.text.partition(":")[2])
    if due is None:
        return Say(text=notices.service_gone(call.words))
    return OpenModal(view=issue_modal(due, report, call.words))


def handle_issue_form(call: Call) -> Reply:
    """Keep that an issue was sent, or say under each field what is wrong."""
    if not keeps_issues(call.member):
        return Say(text=notices.issues_for_leads(call.words))
    entered, words = Entered(call.state, call.words), call.words
    on, minutes = entered.day(IssueField.ON), entered.count(IssueField.MINUTES)
    tiers = [each for each in Tier if each.value in entered.ticked(IssueField.TIERS)]
    if not tiers:
        entered.need(IssueField.TIERS)
    if on is None or entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    try:
        recorded = issues.record_issue(
            str(call.carried.get("service")),
            on=on,
            tiers=tiers,
            minutes=minutes,
            note=entered.text(IssueField.NOTE, required=False),
            by=call.member.name,
            firm_id=call.firm_id,
            runtime=call.runtime,
            today=call.today,
        )
    except FutureDayError:
        return FieldErrors(sentences={IssueField.ON: words.say("This day is still to come.")})
    except IssueKnownError:
        return FieldErrors(sentences={IssueField.ON: issue_known(words)})
    return UpdateModal(view=issue_recorded_modal(recorded, words))


def handle_issue_undo(call: Call) -> Reply:
    """Take back that an issue was sent."""
    if not keeps_issues(call.member):
        return Say(text=notices.issues_for_leads(call.words))
    report, service = issues.take_issue_back(
        call.text, firm_id=call.firm_id, runtime=call.runtime, today=call.today
    )
    return UpdateModal(view=issue_taken_back_modal(report, service, call.words))
