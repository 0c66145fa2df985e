"""Forms: a button opens one, errors stand under their fields, success can be taken back."""

from collections.abc import Callable
from decimal import Decimal

from bot.listeners.calls import Call, FieldErrors, OpenModal, Options, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.reports import ClientReport
from bot.usecases import lookup, recording
from bot.usecases.recording import Change
from bot.views import modals, notices
from bot.views.forms import Field, Form, FormContext
from bot.views.modals import Ticket
from domain.access import Action, Member, Scope, scope_of
from domain.decisions import DecisionIncompleteError, Gap
from domain.errors import ProviderRankError, ScoreOutOfScaleError
from domain.model import (
    Criterion,
    DecisionKind,
    Relation,
    Satisfaction,
    Scale,
    Tier,
    WalletFact,
    WalletSource,
)
from storage.clients import ChangedMeanwhileError
from storage.firms import list_members


def handle_edit(call: Call) -> Reply:
    """Open the form that a button or a menu names as ``form:client id``."""
    name, _, client_id = call.text.partition(":")
    if name not in list(Form) or not client_id.isdecimal():
        return Say(text=notices.client_gone(call.words))
    report = _report(call, client_id)
    if report is None:
        raise recording.ClientGoneError(int(client_id))
    return OpenModal(view=modals.form_modal(Form(name), _context(call, report)))


def handle_form(call: Call) -> Reply:
    """Record what was entered, or say under each field what is wrong."""
    try:
        form, ticket = Form(call.name.partition(":")[2]), Ticket.read(call.metadata)
    except ValueError:
        sentence = notices.form_outdated(call.words)
        return UpdateModal(
            view=modals.message_modal(call.words.say("Not saved"), sentence, call.words)
        )
    entered = Entered(call.state, call.words)
    change = _change(form, entered, call)
    if change is None or entered.wrong:
        return FieldErrors(sentences=entered.wrong)
    try:
        recorded = recording.record(
            ticket.client_id,
            change,
            version=ticket.version,
            asker=call.asker(Action.RECORD),
            runtime=call.runtime,
            today=call.today,
        )
    except ChangedMeanwhileError:
        return _once_more(form, ticket, call)
    except DecisionIncompleteError as error:
        return FieldErrors(sentences=_lacking(error.gap, call))
    except recording.OwnSponsorError:
        sentence = call.words.say("The sponsor has to be another client.")
        return FieldErrors(sentences={Field.CLIENT: sentence})
    except recording.NotSetError:
        sentence = call.words.say("This criterion is not set.")
        return FieldErrors(sentences={Field.CRITERION: sentence})
    view = modals.recorded_modal(recorded.before, recorded.after, recorded.batch, call.words)
    return UpdateModal(view=view)


def handle_undo(call: Call) -> Reply:
    """Take back what the confirmation was about."""
    recorded = recording.take_back(
        call.text, asker=call.asker(Action.RECORD), runtime=call.runtime, today=call.today
    )
    return UpdateModal(
        view=modals.recorded_modal(
            recorded.before, recorded.after, recorded.batch, call.words, taken_back=True
        )
    )


def handle_sponsor_options(call: Call) -> Reply:
    """Offer the asker's own clients, but not the one who is to get a sponsor."""
    try:
        client_id = Ticket.read(call.metadata).client_id
    except ValueError:
        return Options(choices=[])
    found = lookup.names_like(call.text, call.asker(Action.SEE_CLIENT), call.runtime, but=client_id)
    return Options(choices=[(str(each), name) for each, name in found])


def _once_more(form: Form, ticket: Ticket, call: Call) -> Reply:
    """Show what is stored by now, with the entry kept."""
    report = _report(call, str(ticket.client_id))
    if report is None:
        raise recording.ClientGoneError(ticket.client_id)
    return UpdateModal(view=modals.changed_modal(form, _context(call, report), call.state))


def _lacking(gap: Gap, call: Call) -> dict[str, str]:
    words = call.words
    fill_in = words.say("Please fill this in.")
    match gap:
        case Gap.REASON:
            return {Field.REASON: fill_in}
        case Gap.RECHECK:
            return {Field.RECHECK_ON: fill_in}
        case Gap.ADVISOR:
            return {Field.TO: fill_in}
        case Gap.OTHER_ADVISOR:
            return {Field.TO: words.say("The client is with this advisor already.")}
        case Gap.LATER_DAY:
            return {Field.RECHECK_ON: words.say("This day has to be still to come.")}


def _context(call: Call, report: ClientReport) -> FormContext:
    return FormContext(report=report, words=call.words, colleagues=_colleagues(call, report))


def _report(call: Call, client_id: str) -> ClientReport | None:
    if not client_id.isdecimal():
        return None
    asker = call.asker(Action.RECORD)
    return lookup.open_client(int(client_id), asker, call.runtime, today=call.today)


def _colleagues(call: Call, report: ClientReport) -> tuple[Member, ...]:
    """List to whom the client may be handed over; only a lead moves clients."""
    if scope_of(call.member, Action.MOVE_CLIENT) is not Scope.TEAM:
        return ()
    with call.runtime.store.read(call.firm_id) as session:
        firm = list_members(session)
    present = report.assessment.client.advisor_id
    return tuple(
        each
        for each in firm
        if each.is_active and each.team == call.member.team and each.member_id != present
    )


def _change(form: Form, entered: Entered, call: Call) -> Change | None:
    """Read a form; None, with sentences in `entered.wrong`, if it cannot be recorded."""
    try:
        return READERS[form](entered, call)
    except ScoreOutOfScaleError as error:
        entered.wrong[Field.SCORE] = modals.out_of_scale(error, call.words)
    except ProviderRankError:
        entered.wrong[Field.RANK] = call.words.say("Our place is from 1 to the number of firms.")
    except recording.FutureDayError:
        field = Field.MEASURED_ON if form is Form.SATISFACTION else Field.KNOWN_ON
        entered.wrong[field] = call.words.say("This day is still to come.")
    except recording.PastDayError:
        field = Field.LAST_DAY if form is Form.OVERRIDE else Field.RECHECK_ON
        entered.wrong[field] = call.words.say("This day has to be still to come.")
    return None


def _satisfaction(entered: Entered, call: Call) -> Change | None:
    scale = entered.choice(Field.SCALE, Scale)
    score, day = entered.score(Field.SCORE), entered.day(Field.MEASURED_ON)
    if scale is None or score is None or day is None:
        return None
    value = Satisfaction(score=score, scale=scale, measured_on=day)
    return recording.satisfaction(value, today=call.today)


def _wallet(entered: Entered, call: Call) -> Change | None:
    source, day = entered.choice(Field.SOURCE, WalletSource), entered.day(Field.KNOWN_ON)
    amount, share = entered.amount(Field.AMOUNT), entered.percent(Field.SHARE)
    providers = entered.count(Field.PROVIDERS)
    if providers is not None and amount is None and share is None and day is not None:
        rank = entered.score(Field.RANK)
        if rank is None:
            return None
        rule = WalletFact(source=WalletSource.RULE, known_on=day, providers=providers, rank=rank)
        return recording.wallet(rule, today=call.today)
    if amount is None and share is None and not entered.wrong:
        entered.wrong[Field.AMOUNT] = call.words.say("Please enter an amount, a share, or both.")
    if amount == Decimal(0):
        entered.wrong[Field.AMOUNT] = call.words.say("Please enter more than nothing.")
    if source is None or day is None:
        return None
    fact = WalletFact(source=source, known_on=day, wallet=amount, share_pct=share)
    return recording.wallet(fact, today=call.today)


def _decision(entered: Entered, call: Call) -> Change | None:
    kind, reason = entered.choice(Field.KIND, DecisionKind), entered.text(Field.REASON)
    recheck_on = entered.day(Field.RECHECK_ON, required=False)
    to = entered.mark(Field.TO)
    if kind is None:
        entered.need(Field.KIND)
        return None
    if kind is DecisionKind.HAND_OVER:
        ticket = Ticket.read(call.metadata)
        report = _report(call, str(ticket.client_id))
        allowed = {each.member_id for each in _colleagues(call, report)} if report else set()
        if to not in allowed:
            entered.need(Field.TO if allowed else Field.KIND)
    return recording.decision(
        kind,
        reason=reason,
        recheck_on=recheck_on,
        advisor_id=to if kind is DecisionKind.HAND_OVER else None,
        today=call.today,
    )


def _diagnosis(entered: Entered, call: Call) -> Change | None:
    cause, action = entered.text(Field.CAUSE), entered.text(Field.ACTION)
    return recording.diagnosis(cause, action, today=call.today)


def _override(entered: Entered, call: Call) -> Change | None:
    tier, reason = entered.choice(Field.TIER, Tier), entered.text(Field.REASON)
    last_day = entered.day(Field.LAST_DAY)
    if tier is None:
        entered.need(Field.TIER)
    if tier is None or last_day is None:
        return None
    return recording.override(tier, reason=reason, last_day=last_day, today=call.today)


def _lift(_entered: Entered, call: Call) -> Change:
    return recording.lift_override(today=call.today)


def _strategic(entered: Entered, call: Call) -> Change | None:
    criterion = entered.choice(Field.CRITERION, Criterion)
    if criterion is None:
        entered.need(Field.CRITERION)
        return None
    return recording.strategic_case(
        criterion,
        holds=entered.chosen(Field.HOLDS) != "no",
        reason=entered.text(Field.REASON, required=False),
        target=entered.choice(Field.TARGET, Tier),
        recheck_on=entered.day(Field.RECHECK_ON, required=False),
        today=call.today,
    )


def _sponsor(entered: Entered, call: Call) -> Change | None:
    relation, sponsor = entered.choice(Field.RELATION, Relation), entered.mark(Field.CLIENT)
    if relation is None:
        entered.need(Field.RELATION)
    if sponsor is None:
        entered.need(Field.CLIENT)
    if relation is None or sponsor is None:
        return None
    return recording.legacy_tie(relation, sponsor, asker=call.asker(Action.SEE_CLIENT))


def _traits(entered: Entered, call: Call) -> Change | None:
    values = {
        Field.TRUST.value: entered.mark(Field.TRUST),
        Field.COACHABILITY.value: entered.mark(Field.COACHABILITY),
        Field.REFERRALS.value: entered.count(Field.REFERRALS),
    }
    known = {name: value for name, value in values.items() if value is not None}
    if not known and not entered.wrong:
        entered.need(Field.TRUST)
    return recording.traits(known, noted_on=call.today)


READERS: dict[Form, Callable[[Entered, Call], Change | None]] = {
    Form.SATISFACTION: _satisfaction,
    Form.WALLET: _wallet,
    Form.DECISION: _decision,
    Form.DIAGNOSIS: _diagnosis,
    Form.OVERRIDE: _override,
    Form.LIFT: _lift,
    Form.STRATEGIC: _strategic,
    Form.SPONSOR: _sponsor,
    Form.TRAITS: _traits,
}
