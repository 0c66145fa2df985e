"""`/book capacity` and what belongs to it: hours against revenue, the hiring sum, pictures."""

from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say, SendFile, UpdateModal
from bot.listeners.entered import Entered
from bot.reports import CapacityReport
from bot.usecases.capacity import (
    ChosenTwiceError,
    NobodyChosenError,
    TooFewTogetherError,
    capacity_of,
    hire_for,
    if_they_went,
    open_of_book,
    with_numbers,
)
from bot.views import capacity, capacity_words, hiring, what_if_decisions
from bot.views.hiring import HALF, HireEntries, HireField
from bot.views.what_if_decisions import WhatIfField
from bot.words import Words
from domain.access import Action, Scope, scope_of
from domain.errors import RuleBookError
from domain.hiring import HireTerms, HireTermsError, TermsProblem
from domain.model import Tier
from domain.priorities import Assessment
from domain.rulebook import RuleBook

WRONG_FIELD = {
    TermsProblem.PAY: HireField.PAY,
    TermsProblem.ON_COST: HireField.ON_COST,
    TermsProblem.WORKPLACE: HireField.WORKPLACE,
    TermsProblem.HOURS: HireField.GOAL,
    TermsProblem.NOBODY: HireField.TIERS,
}


def handle_capacity(call: Call, *, team: bool = False) -> Reply:
    """Show the hours of a book, or of a team's books together."""
    report = _report(call, team=team)
    if report is None:
        return _too_few(call)
    return Say(
        text=capacity.capacity_text(report, call.words),
        blocks=capacity.capacity(report, call.words),
        about_clients=True,
    )


def handle_hire(call: Call) -> Reply:
    """Open the hiring sum."""
    report = _report(call, team=call.text == capacity.TEAM)
    if report is None:
        return _too_few(call)
    entries = hiring.first_entries(report, call.words)
    return OpenModal(view=hiring.hire_modal(report, entries, call.words))


def handle_hire_form(call: Call) -> Reply:
    """Work the sum out; each number stays changeable beside its answer."""
    report = _report(call, team=bool(call.carried.get("team")))
    if report is None:
        return _too_few(call)
    entered = Entered(call.state, call.words)
    try:
        terms, rules = _terms(entered), _asked(entered, report.rules, call.words)
        if terms is None or rules is None or entered.wrong:
            return FieldErrors(sentences=entered.wrong)
        found = hire_for(report, terms, rules)
    except HireTermsError as error:
        sentence = hiring.terms_problem(error.problem, call.words)
        return FieldErrors(sentences={WRONG_FIELD[error.problem]: sentence})
    return UpdateModal(view=hiring.hire_modal(report, _entries(entered), call.words, found=found))


def handle_what_if(call: Call) -> Reply:
    """Ask which clients of the lowest tier might go."""
    report = _report(call, team=call.text == capacity.TEAM)
    if report is None:
        return _too_few(call)
    waiting = open_of_book(report)
    if not waiting:
        return Say(text=what_if_decisions.nobody_open(call.words))
    view = what_if_decisions.what_if_modal(report, waiting, call.words)
    return OpenModal(view=view, about=_ids(waiting))


def handle_what_if_form(call: Call) -> Reply:
    """Show the book before and after; whom it is about stays changeable beside the answer."""
    report = _report(call, team=bool(call.carried.get("team")))
    if report is None:
        return _too_few(call)
    entered, waiting = Entered(call.state, call.words), open_of_book(report)
    given, ended = (
        {int(each) for each in entered.ticked(name) if each.isdecimal()}
        for name in (WhatIfField.HAND_OVER, WhatIfField.END)
    )
    try:
        effect = if_they_went(report, hand_over=given, end=ended)
    except NobodyChosenError:
        entered.need(WhatIfField.HAND_OVER)
        return FieldErrors(sentences=entered.wrong)
    except ChosenTwiceError as error:
        sentence = what_if_decisions.twice(error.names, call.words)
        return FieldErrors(sentences={WhatIfField.END: sentence})
    view = what_if_decisions.what_if_modal(
        report, waiting, call.words, effect=effect, hand_over=given, end=ended
    )
    return UpdateModal(view=view, about=_ids(waiting))


def handle_picture(call: Call) -> Reply:
    """Draw a picture of the book and send it to the asker."""
    from bot.views.pictures import hours_picture, matrix_picture

    which = call.name.partition(":")[2]
    report = _report(call, team=call.text == capacity.TEAM)
    if report is None:
        return _too_few(call)
    if which == capacity.MATRIX:
        picture = matrix_picture(report.book, report.limits, call.words, whose=report.whose)
    else:
        picture = hours_picture(report.load, call.words, whose=report.whose)
    if picture is None:
        return Say(text=call.words.say("Too little is known of this book for a picture."))
    drawn = report.book if which == capacity.MATRIX else ()
    return SendFile(
        name=picture.file_name,
        data=picture.png,
        text=picture.title,
        alt=picture.alt,
        about=frozenset(each.client.client_id for each in drawn),
    )


def _report(call: Call, *, team: bool) -> CapacityReport | None:
    """Report on the caller's book or team; None where the team is too small to be shown."""
    is_lead = scope_of(call.member, Action.SEE_PRIORITIES) is Scope.TEAM
    try:
        return capacity_of(
            call.firm_id, call.member, call.runtime, today=call.today, team=team and is_lead
        )
    except TooFewTogetherError:
        return None


def _ids(waiting: list[Assessment]) -> frozenset[int]:
    return frozenset(each.client.client_id for each in waiting[: what_if_decisions.MOST])


def _too_few(call: Call) -> Say:
    words = call.words
    return Say(text=f"{capacity_words.too_few(words)} {capacity_words.no_consent(words)}")


def _terms(entered: Entered) -> HireTerms | None:
    """Read what is asked; None, with sentences in `entered.wrong`, if something is missing.

    Raises HireTermsError.
    """
    is_half = entered.chosen(HireField.PART) == HALF
    tiers = tuple(Tier(each) for each in entered.ticked(HireField.TIERS))
    pay, workplace = entered.amount(HireField.PAY), entered.amount(HireField.WORKPLACE)
    on_cost = entered.score(HireField.ON_COST)
    goal = entered.amount(HireField.GOAL)
    for name, value in ((HireField.PAY, pay), (HireField.WORKPLACE, workplace)):
        if value is None and name not in entered.wrong:
            entered.need(name)
    if not is_half and not tiers:
        entered.need(HireField.TIERS)
    if pay is None or workplace is None or on_cost is None:
        return None
    return HireTerms(
        pay=pay,
        on_cost_factor=on_cost,
        workplace=workplace,
        tiers=() if is_half else tiers,
        refill=entered.choice(HireField.REFILL, Tier) or Tier.A,
        goal_hours=goal,
    )


def _asked(entered: Entered, rules: RuleBook, words: Words) -> RuleBook | None:
    """Return the rules with the hours, the reserve and the minimum that were entered."""
    hours, minimum = entered.amount(HireField.HOURS), entered.amount(HireField.MINIMUM)
    reserve = entered.percent(HireField.RESERVE)
    for name, value in (
        (HireField.HOURS, hours),
        (HireField.RESERVE, reserve),
        (HireField.MINIMUM, minimum),
    ):
        if value is None and name not in entered.wrong:
            entered.need(name)
    if hours is None or reserve is None or minimum is None:
        return None
    try:
        return with_numbers(rules, hours=hours, reserve=reserve, minimum=minimum)
    except RuleBookError as error:
        name = HireField.HOURS if error.key.endswith("hours_per_year") else HireField.RESERVE
        entered.wrong[name] = words.say("This is out of range.")
        return None


def _entries(entered: Entered) -> HireEntries:
    return HireEntries(
        part=entered.chosen(HireField.PART) or HALF,
        tiers=tuple(Tier(each) for each in entered.ticked(HireField.TIERS)),
        refill=entered.choice(HireField.REFILL, Tier) or Tier.A,
        numbers={each: entered.text(each, required=False) for each in HireField},
    )
