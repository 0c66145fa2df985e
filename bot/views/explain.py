"""Sentences that explain: because, and what would change it. Plain text; views escape it."""

from decimal import Decimal

from bot.reports import ClientReport
from bot.words import Words, say
from domain.decisions import OpenDecision, Question
from domain.model import (
    Criterion,
    DecisionKind,
    Quadrant,
    Relation,
    Scale,
    Tier,
    TraitKind,
    WalletSource,
)
from domain.priorities import SETTLES_MOVE, SETTLES_N, Assessment, Conflict
from domain.quadrants import Age, Axis, Level, LevelChange, Missing
from domain.relations import RelationUse, Use
from domain.segmentation import (
    CriterionChange,
    LegacyReason,
    LessManagedChange,
    LessRevenueChange,
    ManagedReason,
    ManagedUnknownReason,
    MoreManagedChange,
    MoreRevenueChange,
    NoCriterionReason,
    OverrideEndChange,
    OverrideReason,
    RevenueReason,
    RevenueUnknownReason,
    StrategicReason,
    TierChange,
    TierReason,
)

TRAIT_NAMES = {
    TraitKind.TRUST: say("trust"),
    TraitKind.COACHABILITY: say("coachability"),
    TraitKind.REFERRALS: say("referrals given"),
}
MISSING_SENTENCES = {
    Missing.SATISFACTION: say("No satisfaction is known."),
    Missing.SATISFACTION_EXPIRED: say("The last satisfaction on record is too old to count."),
    Missing.WALLET: say("Nothing is known about the client's wallet."),
    Missing.WALLET_EXPIRED: say("What is on record about the wallet is too old to count."),
    Missing.MANAGED: say("It is not known what is managed for the client."),
    Missing.WALLET_BELOW_MANAGED: say(
        "The wallet on record is smaller than what is managed: one of the two is wrong."
    ),
}
CONFLICT_SENTENCES = {
    Conflict.TOP_IN_FIX: say(
        "Tension: one of your best clients (A+) is dissatisfied. Nothing is more urgent."
    ),
    Conflict.TOP_IN_MOVE: say(
        "Tension: an A+ client is dissatisfied and has little with us. Assess this one first."
    ),
    Conflict.STRATEGIC_IN_MOVE: say(
        "Tension: we invest in this client (S), but the relation is weak (MOVE)."
    ),
    Conflict.NOT_IDEAL_IN_FIX: say(
        "Tension: FIX asks for effort, tier N for less of it. Decide which one holds."
    ),
    Conflict.NOT_IDEAL_IN_GROW: say(
        "Tension: there is money to win (GROW), but the tier is N. Does a criterion fit?"
    ),
}
DECISION_NAMES = {
    DecisionKind.WATCH: say("only watch"),
    DecisionKind.PRIORITISE: say("prioritise"),
    DecisionKind.KEEP: say("go on serving with less"),
    DecisionKind.HAND_OVER: say("hand over"),
    DecisionKind.END: say("end the relationship"),
}
SCALE_NAMES = {
    Scale.CSI: say("index 0–100"),
    Scale.CSAT: say("1–5, best 5"),
    Scale.NPS: say("recommendation 0–10"),
    Scale.SCHOOL: say("school grade 1–6, best 1"),
}
SOURCE_NAMES = {
    WalletSource.DOCUMENTED: say("documented"),
    WalletSource.STATED: say("stated by the client"),
    WalletSource.ESTIMATE: say("estimated by the advisor"),
    WalletSource.RULE: say("by number and rank of providers"),
}
CRITERION_NAMES = {
    Criterion.HIGH_SAVER: say("well paid, with a high saving rate"),
    Criterion.ILLIQUID_OWNER: say("business owner with illiquid wealth"),
    Criterion.HENRY: say("high earner, not rich yet"),
}


def tier_because(report: ClientReport, words: Words) -> list[str]:
    """Say why the client is in its tier, a sentence a reason."""
    assessment = report.assessment
    reasons = [_tier_reason(each, report, words) for each in assessment.tier.reasons]
    if assessment.tier.tier is Tier.N:
        reasons.append(_tier_decision(assessment, words))
    return reasons


def tier_changes(assessment: Assessment, words: Words) -> list[str]:
    """Say what would change the tier."""
    return [_tier_change(each, words) for each in assessment.tier.changes]


def quadrant_because(assessment: Assessment, words: Words) -> list[str]:
    """Say why the client is in its field, or what is missing for one."""
    placement = assessment.quadrant
    return [
        *([_satisfaction(assessment, words)] if placement.satisfaction else []),
        *([_share(assessment, words)] if placement.share else []),
        *(missing_sentence(each, words) for each in placement.missing),
        *(
            [words.say("High and low are measured by the median of the firm's clients.")]
            if placement.by_median
            else []
        ),
    ]


def quadrant_changes(assessment: Assessment, words: Words) -> list[str]:
    """Say what would move the client to another field."""
    return [_level_change(each, words) for each in assessment.quadrant.changes]


def next_step(assessment: Assessment, words: Words) -> str:
    """Say the one thing to do next."""
    match assessment.quadrant.quadrant:
        case Quadrant.GROW if assessment.untapped:
            return words.say(
                "Arrange a talk about the {money} placed elsewhere.",
                money=words.about(assessment.untapped.elsewhere),
            )
        case Quadrant.GROW:
            return words.say("Ask what is placed elsewhere, and how much.")
        case Quadrant.FIX if assessment.diagnosis:
            return words.say(
                "See it through: {action} Cause, noted on {day}: {cause}",
                action=_sentence(assessment.diagnosis.action),
                day=words.day(assessment.diagnosis.noted_on),
                cause=_sentence(assessment.diagnosis.cause),
            )
        case Quadrant.FIX:
            return words.say("Call, ask what went wrong, and note the cause.")
        case Quadrant.MODEL if assessment.relation_use:
            return _use(assessment.relation_use, words)
        case Quadrant.MODEL:
            return words.say("Ask for a referral or a reference.")
        case Quadrant.MOVE if assessment.awaits_decision:
            return words.say("Weigh risk and potential, then decide: watch or prioritise.")
        case Quadrant.MOVE:
            return decision_sentence(assessment, words)
    return question(assessment.quadrant.missing[0], words)


def asked(decision: OpenDecision, words: Words) -> str:
    """Say between what is to be decided, and what the client is worth."""
    choices = ", ".join(decision_name(each, words) for each in decision.choices)
    asks = "MOVE" if decision.question is Question.MOVE else "N"
    return f"{asks}: {choices}? {worth(decision.assessment, words)}"


def _use(suggested: RelationUse, words: Words) -> str:
    facts = {
        "value": words.number(suggested.because.value),
        "day": words.day(suggested.because.noted_on),
    }
    match suggested.use:
        case Use.REFERRAL:
            return words.say(
                "Say thank you for the referrals so far ({value} on {day}), and ask for the next.",
                **facts,
            )
        case Use.REFERENCE:
            return words.say("Ask for a reference: trust is {value} of 5 ({day}).", **facts)
        case Use.LEARN:
            return words.say(
                "Ask what works well here, and learn from it: trust is {value} of 5 ({day}).",
                **facts,
            )


def trait_name(kind: TraitKind, words: Words) -> str:
    """Name a trait."""
    return words.say(TRAIT_NAMES[kind])


def worth(assessment: Assessment, words: Words) -> str:
    """Say what the client's field is about in money, or nothing where it is unknown."""
    match assessment.quadrant.quadrant:
        case Quadrant.GROW if assessment.untapped:
            amount = words.about(assessment.untapped.amount)
            if assessment.untapped.is_estimate:
                return words.say(
                    "{money} more revenue a year possible (estimate at the book's median rate)",
                    money=amount,
                )
            return words.say("{money} more revenue a year possible", money=amount)
        case Quadrant.FIX if (
            assessment.at_risk is not None and assessment.client.revenue is not None
        ):
            return words.say(
                "{risk} of {revenue} revenue a year at risk",
                risk=words.about(assessment.at_risk),
                revenue=words.about(assessment.client.revenue),
            )
    if assessment.client.revenue is None:
        return words.say("Revenue not known")
    return words.say("{money} revenue a year", money=words.about(assessment.client.revenue))


def question(missing: Missing, words: Words) -> str:
    """Ask for the answer that would place the client."""
    match missing:
        case Missing.SATISFACTION | Missing.SATISFACTION_EXPIRED:
            return words.say("Ask how satisfied the client is, and record it.")
        case Missing.WALLET | Missing.WALLET_EXPIRED | Missing.WALLET_BELOW_MANAGED:
            return words.say("Ask what the client has in all, and with whom.")
        case Missing.MANAGED:
            return words.say("Import what is managed for the client.")


def missing_sentence(missing: Missing, words: Words) -> str:
    """Say what is missing and why that is not guessed."""
    return words.say(MISSING_SENTENCES[missing])


def conflict_sentence(conflict: Conflict, words: Words) -> str:
    """Say where tier and field pull in opposite directions."""
    return words.say(CONFLICT_SENTENCES[conflict])


def decision_sentence(assessment: Assessment, words: Words) -> str:
    """Say what was last decided about a client in MOVE and until when it stands."""
    answers = [each for each in assessment.client.decisions if each.kind in SETTLES_MOVE]
    if not answers:
        return words.say("No decision yet.")
    latest = max(reversed(answers), key=lambda each: each.decided_on)
    kind = decision_name(latest.kind, words)
    if latest.recheck_on is None:
        return words.say("Decided: {decision}.", decision=kind)
    return words.say(
        "Decided: {decision}; look again on {day}.",
        decision=kind,
        day=words.day(latest.recheck_on),
    )


def _tier_decision(assessment: Assessment, words: Words) -> str:
    """Say what was decided about a client of tier N, by whom, when and why; or that it is open."""
    answers = [each for each in assessment.client.decisions if each.kind in SETTLES_N]
    if assessment.awaits_tier_decision or not answers:
        return words.say("A decision is open: serve with less, hand over, or end.")
    latest = max(reversed(answers), key=lambda each: each.decided_on)
    return words.say(
        "Decided by {by} on {day}: {decision}. {reason}",
        by=latest.by,
        day=words.day(latest.decided_on),
        decision=decision_name(latest.kind, words),
        reason=_sentence(latest.reason),
    )


def decision_name(kind: DecisionKind, words: Words) -> str:
    """Name a decision."""
    return words.say(DECISION_NAMES[kind])


def scale_name(scale: Scale, words: Words) -> str:
    """Name a satisfaction scale with its ends."""
    return words.say(SCALE_NAMES[scale])


def source_name(source: WalletSource, words: Words) -> str:
    """Name where knowledge of a wallet comes from."""
    return words.say(SOURCE_NAMES[source])


def tier_name(tier: Tier | None, words: Words) -> str:
    """Name a tier as it is spoken of."""
    names = {
        Tier.A_PLUS: "A+",
        Tier.A: "A",
        Tier.B: "B",
        Tier.S: words.say("S (strategic)"),
        Tier.L: words.say("L (legacy)"),
        Tier.N: words.say("N (not ideal)"),
        Tier.C: "C",
        Tier.D: "D",
    }
    return words.say("no tier") if tier is None else names[tier]


def segment_name(assessment: Assessment, words: Words) -> str:
    """Name tier and field."""
    tier = marked_tier(assessment, words)
    return f"{tier} · {quadrant_name(assessment.quadrant.quadrant, words)}"


def marked_tier(assessment: Assessment, words: Words) -> str:
    """Name the tier; one set by hand says that instead of its meaning."""
    tier = assessment.tier.tier
    if tier is not None and assessment.tier.is_overridden:
        return words.say("{tier} (overruled)", tier=tier.value)
    return tier_name(tier, words)


def quadrant_name(quadrant: Quadrant | None, words: Words) -> str:
    """Name a field, or say that there is none."""
    return words.say("not placed") if quadrant is None else quadrant.value


def _tier_reason(reason: TierReason, report: ClientReport, words: Words) -> str:
    match reason:
        case RevenueReason(reached=True, top_pct=Decimal() as top):
            return words.say(
                "Revenue of {revenue} a year is among the first {share} of the firm's clients, "
                "which begin at {cutoff} today.",
                revenue=words.money(reason.revenue),
                share=words.percent(top),
                cutoff=words.money(reason.cutoff),
            )
        case RevenueReason(top_pct=Decimal() as top):
            return words.say(
                "Revenue of {revenue} a year is not among the first {share} of the firm's clients, "
                "which begin at {cutoff} today.",
                revenue=words.money(reason.revenue),
                share=words.percent(top),
                cutoff=words.money(reason.cutoff),
            )
        case RevenueReason(reached=True):
            return words.say(
                "Revenue of {revenue} a year reaches the cut-off of {cutoff}.",
                revenue=words.money(reason.revenue),
                cutoff=words.money(reason.cutoff),
            )
        case RevenueReason():
            return words.say(
                "Revenue of {revenue} a year is below {cutoff}, where {tier} begins.",
                revenue=words.money(reason.revenue),
                cutoff=words.money(reason.cutoff),
                tier=reason.lowest.value,
            )
        case ManagedReason(reached=True):
            return words.say(
                "{managed} under management reaches the cut-off of {cutoff}.",
                managed=words.money(reason.managed),
                cutoff=words.money(reason.cutoff),
            )
        case ManagedReason():
            return words.say(
                "{managed} under management is below {cutoff}, where C begins.",
                managed=words.money(reason.managed),
                cutoff=words.money(reason.cutoff),
            )
        case ManagedUnknownReason():
            return words.say("It is not known what is managed for the client.")
        case RevenueUnknownReason():
            return words.say("No revenue is known, and unknown is not zero.")
        case StrategicReason():
            return _strategic(reason, words)
        case LegacyReason():
            return _legacy(reason, report, words)
        case NoCriterionReason():
            return words.say("Neither a strategic criterion nor a sponsor is on record.")
        case OverrideReason(override=override):
            return words.say(
                "Overruled by {by} until {day}: {reason} By the rule: {tier}.",
                by=override.by,
                day=words.day(override.last_day),
                reason=_sentence(override.reason),
                tier=tier_name(reason.computed, words),
            )


def _strategic(reason: StrategicReason, words: Words) -> str:
    if reason.case is not None:
        parts = [
            words.say("Strategic: {criterion}.", criterion=criterion_name(reason.criterion, words))
        ]
        if reason.case.reason:
            parts.append(_sentence(reason.case.reason))
        if reason.case.target_tier:
            parts.append(words.say("Target: {tier}.", tier=reason.case.target_tier.value))
        if reason.case.recheck_on:
            parts.append(words.say("Look again on {day}.", day=words.day(reason.case.recheck_on)))
        return " ".join(parts)
    value, limit = reason.value, reason.limit
    if value is None or limit is None:
        raise ValueError("a computed criterion has a value and a limit")
    match reason.criterion:
        case Criterion.HIGH_SAVER:
            return words.say(
                "Strategic: saves {value} of a good income (criterion from {limit}).",
                value=words.percent(value),
                limit=words.percent(limit),
            )
        case Criterion.ILLIQUID_OWNER:
            return words.say(
                "Strategic: {value} of the net worth lies in the own business (from {limit}).",
                value=words.percent(value),
                limit=words.percent(limit),
            )
        case Criterion.HENRY:
            return words.say(
                "Strategic: high earner, not rich yet, with an income of {value} (from {limit}).",
                value=words.money(value),
                limit=words.money(limit),
            )


def criterion_name(criterion: Criterion, words: Words) -> str:
    """Name a criterion of tier S."""
    return words.say(CRITERION_NAMES[criterion])


def _legacy(reason: LegacyReason, report: ClientReport, words: Words) -> str:
    sponsor = reason.tie.sponsor
    hidden = sponsor.client_id in report.hidden_sponsors
    name = words.say("a client of the firm") if hidden else sponsor.name
    relations = {
        Relation.CHILD: words.say("Legacy: child of {sponsor}.", sponsor=name),
        Relation.WIDOWED: words.say("Legacy: widow or widower of {sponsor}.", sponsor=name),
        Relation.FRIEND: words.say("Legacy: personal friend of {sponsor}.", sponsor=name),
    }
    sentence = relations[reason.tie.relation]
    if reason.needs_review:
        sentence += " " + words.say(
            "The sponsor has left or is below A: this tier is up for review."
        )
    return sentence


def _tier_change(change: TierChange, words: Words) -> str:
    match change:
        case MoreRevenueChange():
            return words.say(
                "{amount} more a year makes it {tier}.",
                amount=words.money(change.amount),
                tier=change.tier.value,
            )
        case LessRevenueChange() if change.amount == 0:
            return words.say("Any loss makes it {tier}.", tier=change.tier.value)
        case LessRevenueChange():
            return words.say(
                "A loss of more than {amount} makes it {tier}.",
                amount=words.money(change.amount),
                tier=change.tier.value,
            )
        case MoreManagedChange():
            return words.say(
                "{amount} more under management makes it {tier}.",
                amount=words.money(change.amount),
                tier=change.tier.value,
            )
        case LessManagedChange() if change.amount == 0:
            return words.say("Any withdrawal makes it {tier}.", tier=change.tier.value)
        case LessManagedChange():
            return words.say(
                "A withdrawal of more than {amount} makes it {tier}.",
                amount=words.money(change.amount),
                tier=change.tier.value,
            )
        case CriterionChange(tier=Tier.S):
            return words.say("A strategic criterion would make it S.")
        case CriterionChange():
            return words.say("A sponsor of tier A+ or A would make it L.")
        case OverrideEndChange():
            return words.say(
                "After {day} the rule holds again: {tier}.",
                day=words.day(change.last_day),
                tier=tier_name(change.tier, words),
            )


def _satisfaction(assessment: Assessment, words: Words) -> str:
    reading = assessment.quadrant.satisfaction
    if reading is None:
        raise ValueError("there is no satisfaction to explain")
    level = (
        words.say("Satisfaction is high")
        if reading.level is Level.HIGH
        else words.say("Satisfaction is low")
    )
    notes = [
        words.say(
            "{score} on {scale}",
            score=words.number(reading.value.score),
            scale=scale_name(reading.value.scale, words),
        ),
        words.day(reading.value.measured_on),
    ]
    if reading.age is Age.OLD:
        notes.append(words.say("already old"))
    if reading.is_nps_only:
        notes.append(words.say("nothing better known"))
    if reading.kept:
        notes.append(words.say("between the limits"))
    return words.say(
        "{level}: {index} of 100 ({notes}).",
        level=level,
        index=words.number(round(reading.index, 1)),
        notes=", ".join(notes),
    )


def _share(assessment: Assessment, words: Words) -> str:
    reading = assessment.quadrant.share
    if reading is None:
        raise ValueError("there is no share to explain")
    level = (
        words.say("Share of wallet is high")
        if reading.level is Level.HIGH
        else words.say("Share of wallet is low")
    )
    notes = [source_name(reading.fact.source, words), words.day(reading.fact.known_on)]
    if reading.age is Age.OLD:
        notes.append(words.say("already old"))
    if reading.kept:
        notes.append(words.say("between the limits"))
    return words.say(
        "{level}: {share} ({notes}).",
        level=level,
        share=words.percent(round(reading.share_pct, 1)),
        notes=", ".join(notes),
    )


def _level_change(change: LevelChange, words: Words) -> str:
    satisfaction = change.axis is Axis.SATISFACTION
    limit = words.number(change.limit) if satisfaction else words.percent(change.limit)
    facts = {"limit": limit, "field": change.quadrant.value}
    if satisfaction and change.reaches:
        return words.say("Satisfaction of {limit} or more: {field}.", **facts)
    if satisfaction:
        return words.say("Satisfaction under {limit}: {field}.", **facts)
    if change.reaches:
        return words.say("Share of {limit} or more: {field}.", **facts)
    return words.say("Share under {limit}: {field}.", **facts)


def _sentence(text: str) -> str:
    """End a person's words with a full stop, so that the next sentence stands apart."""
    return text if text.endswith((".", "!", "?", "…")) else text + "."
