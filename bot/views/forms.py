"""The forms in which an advisor records what was learned or decided about a client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.reports import ClientReport
from bot.views import explain
from bot.views.blocks import Block, escape, section
from bot.views.inputs import Choice, client_search, day, field, radio, select, text
from bot.words import Words, say
from domain.access import Member
from domain.model import Criterion, DecisionKind, Quadrant, Relation, Scale, Tier, WalletSource


class Form(StrEnum):
    """What can be recorded; the names stand in buttons."""

    SATISFACTION = "satisfaction"
    WALLET = "wallet"
    DECISION = "decision"
    DIAGNOSIS = "diagnosis"
    OVERRIDE = "override"
    LIFT = "lift"
    STRATEGIC = "strategic"
    SPONSOR = "sponsor"
    TRAITS = "traits"


class Field(StrEnum):
    """Names of fields."""

    SCALE = "scale"
    SCORE = "score"
    MEASURED_ON = "measured_on"
    SOURCE = "source"
    AMOUNT = "amount"
    SHARE = "share"
    KNOWN_ON = "known_on"
    PROVIDERS = "providers"
    RANK = "rank"
    KIND = "kind"
    REASON = "reason"
    RECHECK_ON = "recheck_on"
    TO = "to"
    CAUSE = "cause"
    ACTION = "action"
    TIER = "tier"
    LAST_DAY = "last_day"
    CRITERION = "criterion"
    HOLDS = "holds"
    TARGET = "target"
    RELATION = "relation"
    CLIENT = "client"
    TRUST = "trust"
    COACHABILITY = "coachability"
    REFERRALS = "referrals"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContext:
    """What a form is filled with beforehand."""

    report: ClientReport
    words: Words
    colleagues: tuple[Member, ...] = ()
    """To whom the client may be handed over; empty if the asker may not."""

    @property
    def recheck_on(self) -> date:
        """Return the day to look again that is offered."""
        return self.report.today + timedelta(days=self.report.rules.decisions.recheck_after_days)


NAMES = {
    Form.SATISFACTION: say("Record satisfaction"),
    Form.WALLET: say("Record wallet"),
    Form.DECISION: say("Decide"),
    Form.DIAGNOSIS: say("Note cause and action"),
    Form.OVERRIDE: say("Set the tier by hand"),
    Form.LIFT: say("Lift tier set by hand"),
    Form.STRATEGIC: say("Strategic criterion"),
    Form.SPONSOR: say("Sponsor"),
    Form.TRAITS: say("Trust and referrals"),
}


def form_name(form: Form, words: Words) -> str:
    """Name a form, as its button and its title do."""
    return words.say(NAMES[form])


def form_fields(form: Form, context: FormContext) -> list[Block]:
    """Make the fields of a form, filled with what is known."""
    return BUILDERS[form](context)


def decisions_open_to(context: FormContext) -> list[DecisionKind]:
    """List the decisions that fit the client, those that her field or tier asks for first."""
    tier = [DecisionKind.KEEP, DecisionKind.END]
    if context.colleagues:
        tier.insert(1, DecisionKind.HAND_OVER)
    field_ = [DecisionKind.WATCH, DecisionKind.PRIORITISE]
    is_move = context.report.assessment.quadrant.quadrant is Quadrant.MOVE
    return [*field_, *tier] if is_move else [*tier, *field_]


def _satisfaction(context: FormContext) -> list[Block]:
    words, client = context.words, context.report.assessment.client
    latest = max(client.satisfactions, key=lambda each: each.measured_on, default=None)
    scales = [(each.value, explain.scale_name(each, words)) for each in Scale]
    return [
        field(
            Field.SCALE,
            words.say("Scale"),
            select(scales, initial=latest.scale if latest else Scale.CSI),
        ),
        field(
            Field.SCORE,
            words.say("Score"),
            text(longest=10),
            hint=words.say("A number on the scale above, such as 72 or 2.5."),
        ),
        field(Field.MEASURED_ON, words.say("Asked on"), day(context.report.today)),
    ]


def _wallet(context: FormContext) -> list[Block]:
    words = context.words
    sources = [
        (each.value, explain.source_name(each, words))
        for each in (WalletSource.STATED, WalletSource.DOCUMENTED, WalletSource.ESTIMATE)
    ]
    return [
        field(Field.SOURCE, words.say("Known from"), select(sources, initial=sources[0][0])),
        field(
            Field.AMOUNT,
            words.say("Wallet in all"),
            text(longest=20),
            hint=words.say("All that the client could place with anybody, such as 1250000."),
            optional=True,
        ),
        field(
            Field.SHARE,
            words.say("Our share, per cent"),
            text(longest=6),
            hint=words.say("Only if the client named it; otherwise it follows from the amounts."),
            optional=True,
        ),
        field(Field.KNOWN_ON, words.say("Known on"), day(context.report.today)),
        field(
            Field.PROVIDERS,
            words.say("Or: with how many firms the client works, us included"),
            text(longest=2),
            hint=words.say("With our place among them, the share follows by a rule of thumb."),
            optional=True,
        ),
        field(
            Field.RANK,
            words.say("Our place in the client's preference"),
            text(longest=4),
            hint=words.say("1 is first; two in one place share it, such as 1.5."),
            optional=True,
        ),
    ]


def _decision(context: FormContext) -> list[Block]:
    words = context.words
    kinds = [(k.value, explain.decision_name(k, words)) for k in decisions_open_to(context)]
    blocks = [
        field(Field.KIND, words.say("Decision"), radio(kinds)),
        field(Field.REASON, words.say("Why"), text(lines=True)),
        field(
            Field.RECHECK_ON,
            words.say("Look again on"),
            day(context.recheck_on),
            optional=True,
        ),
    ]
    if context.colleagues:
        people = [(str(each.member_id), each.name) for each in context.colleagues]
        blocks.append(
            field(Field.TO, words.say("Hand over to"), select(people[:100]), optional=True)
        )
    return blocks


def _diagnosis(context: FormContext) -> list[Block]:
    words = context.words
    return [
        field(Field.CAUSE, words.say("What went wrong"), text(lines=True)),
        field(Field.ACTION, words.say("What is done about it"), text(lines=True)),
    ]


def _override(context: FormContext) -> list[Block]:
    words, rules = context.words, context.report.rules
    method = rules.method
    last_day = context.report.today + timedelta(days=rules.decisions.override_for_days)
    tiers: list[Choice] = [(each.value, explain.tier_name(each, words)) for each in method.tiers]
    return [
        field(
            Field.TIER,
            words.say("Tier"),
            select(tiers, initial=context.report.assessment.tier.tier),
        ),
        field(
            Field.REASON,
            words.say("Why"),
            text(lines=True),
            hint=words.say("It stands wherever the tier is shown."),
        ),
        field(Field.LAST_DAY, words.say("Until"), day(last_day)),
    ]


def _lift(context: FormContext) -> list[Block]:
    words, tier = context.words, context.report.assessment.tier
    lines = explain.tier_because(context.report, words)[:1]
    lines.append(
        words.say(
            "From today on the rule holds again: {tier}.",
            tier=explain.tier_name(tier.computed_tier, words),
        )
    )
    return [section(escape(" ".join(lines)))]


def _strategic(context: FormContext) -> list[Block]:
    words = context.words
    known = {each.criterion: each for each in context.report.assessment.client.strategic}
    first = next(iter(known.values()), None)
    criteria = [(each.value, explain.criterion_name(each, words)) for each in Criterion]
    targets = [(each.value, each.value) for each in (Tier.A_PLUS, Tier.A, Tier.B)]
    return [
        field(
            Field.CRITERION,
            words.say("Criterion"),
            select(criteria, initial=first.criterion if first else None),
        ),
        field(
            Field.HOLDS,
            words.say("Does it hold?"),
            radio(
                [("yes", words.say("yes")), ("no", words.say("no longer"))],
                initial="yes",
            ),
        ),
        field(
            Field.REASON,
            words.say("Why"),
            text(initial=first.reason if first else "", lines=True),
            optional=True,
        ),
        field(
            Field.TARGET,
            words.say("Target tier"),
            select(targets, initial=first.target_tier if first else None),
            optional=True,
        ),
        field(
            Field.RECHECK_ON,
            words.say("Look again on"),
            day(context.recheck_on),
            optional=True,
        ),
    ]


def _sponsor(context: FormContext) -> list[Block]:
    words = context.words
    relations = [
        (Relation.CHILD.value, words.say("Child")),
        (Relation.WIDOWED.value, words.say("Widow or widower")),
        (Relation.FRIEND.value, words.say("Personal friend")),
    ]
    return [
        field(Field.RELATION, words.say("The client is"), radio(relations)),
        field(
            Field.CLIENT,
            words.say("of the client"),
            client_search(words.say("Type two letters of the name")),
        ),
    ]


def _traits(context: FormContext) -> list[Block]:
    words = context.words
    marks = [(str(each), str(each)) for each in range(1, 6)]
    return [
        field(Field.TRUST, words.say("Trust, 1 to 5"), select(marks), optional=True),
        field(Field.COACHABILITY, words.say("Coachability, 1 to 5"), select(marks), optional=True),
        field(
            Field.REFERRALS,
            words.say("Referrals given so far"),
            text(longest=4),
            optional=True,
        ),
    ]


BUILDERS: Mapping[Form, Callable[[FormContext], list[Block]]] = {
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
