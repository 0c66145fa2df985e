"""The rule book's words: whose each value is, what can be wrong with it, names of its choices."""

from bot.words import Words, say
from domain.errors import RuleBookError, RuleProblem
from domain.rulebook import MatrixMode, TierMethod
from domain.service_model import DEFAULT_SERVICES

METHOD_NAMES = {
    TierMethod.ABSOLUTE: say("by cut-offs"),
    TierMethod.PERCENTILE: say("by percentiles"),
    TierMethod.PLAIN_REVENUE: say("A, B, C, D by revenue"),
    TierMethod.PLAIN_MANAGED: say("A, B, C, D by assets"),
}
MODE_NAMES = {
    MatrixMode.ABSOLUTE: say("fixed limits"),
    MatrixMode.MEDIAN: say("medians of the firm"),
}


def notes(words: Words) -> dict[str, str]:
    """Say of each key of a rule book what it is and whose it is."""
    say = words.say
    year = say("revenue a year; ours, between those of practices that publish theirs")
    top = say("per cent of the firm's clients by revenue; ours")
    plain = say("revenue a year; ours, the firm sets its own")
    managed = say("under management; ours, the firm sets its own")
    index = say("satisfaction index 0–100; ours")
    share = say("share of wallet, per cent; ours")
    kept = say("between the two limits the last side is kept; with none, high begins here; ours")
    digest = say("names in the weekly list; ours")
    return {
        "version": say("counted up when saved; what stands here is not read"),
        "valid_from": say("the day of saving; what stands here is not read"),
        "method": say(
            "absolute, percentile, abcd_revenue or abcd_managed (Commonwealth: practices differ)"
        ),
        "cutoffs": say("Tiers by revenue; the tiers are Commonwealth's (ABSLN)."),
        "cutoffs.a_plus_from_revenue": year,
        "cutoffs.a_from_revenue": year,
        "cutoffs.b_from_revenue": year,
        "percentiles": say("Tiers by place in the ranking, for the method percentile."),
        "percentiles.a_plus_top_pct": top,
        "percentiles.a_next_pct": top,
        "percentiles.b_next_pct": top,
        "abcd": say("The plain scheme A, B, C, D, for the methods abcd_revenue and abcd_managed."),
        "abcd.a_from_revenue": plain,
        "abcd.b_from_revenue": plain,
        "abcd.c_from_revenue": plain,
        "abcd.a_from_managed": managed,
        "abcd.b_from_managed": managed,
        "abcd.c_from_managed": managed,
        "strategic": say(
            "Tier S from known figures; the criteria are Commonwealth's, the limits ours."
        ),
        "strategic.well_paid_from_income": say("income a year; ours"),
        "strategic.saver_from_rate_pct": say("saved part of the income, per cent; ours"),
        "strategic.owner_from_business_share_pct": say(
            "part of the net worth in the own business, per cent; ours"
        ),
        "strategic.henry_from_income": say("income a year of a high earner, not rich yet; ours"),
        "strategic.henry_below_wallet": say(
            "wallet under which a high earner is not rich yet; ours"
        ),
        "matrix": say("GROW, FIX, MODEL, MOVE; the matrix is maix-analytics', the limits ours."),
        "matrix.mode": say("absolute, or median of the firm's placed clients; ours"),
        "matrix.median_band": say("points to both sides of the median; ours"),
        "matrix.satisfaction": say("Satisfaction index, 0 to 100."),
        "matrix.satisfaction.high_from": index,
        "matrix.satisfaction.low_under": index,
        "matrix.satisfaction.first_high_from": kept,
        "matrix.share": say("Share of wallet, per cent."),
        "matrix.share.high_from": share,
        "matrix.share.low_under": share,
        "matrix.share.first_high_from": kept,
        "matrix.fresh_months": say("up to this age, in months, a value is fresh; ours"),
        "matrix.usable_months": say("up to this age, in months, it is old but used; ours"),
        "matrix.own_rate_from_share_pct": say(
            "share from which a client's own revenue rate counts, per cent; ours"
        ),
        "matrix.managed_is_revenue": say("true for sales teams: managed is the yearly revenue"),
        "relation": say(
            "The use of a relation suggested in MODEL; uses maix-analytics', limits ours."
        ),
        "relation.referrer_from_referrals": say(
            "referrals given from which the next one is asked for; ours"
        ),
        "relation.reference_from_trust": say(
            "trust (1 to 5) from which a reference is asked for; ours"
        ),
        "acceptance": say(
            "Whom the firm takes on; the criteria are Commonwealth's, the amounts ours."
        ),
        "acceptance.minimum_revenue": say(
            "expected revenue a year under which a new client gets a warning; ours"
        ),
        "acceptance.ideal_revenue": say("expected revenue a year of an ideal client; ours"),
        "acceptance.new_for_months": say(
            "so long after she came a client is held against the criteria; ours"
        ),
        "decisions": say("When decisions come up again; all figures ours."),
        "decisions.recheck_after_days": say("the day to look again that a form offers; ours"),
        "decisions.override_for_days": say(
            "the last day that a form offers for a tier set by hand; ours"
        ),
        "decisions.listed_ahead_days": say(
            "so long before their day strategic clients and tiers set by hand are listed; ours"
        ),
        "digest": say("The weekly list."),
        "digest.names": say("most names in all; ours"),
        "digest.grow": digest,
        "digest.fix": digest,
        "digest.move": digest,
        "digest.model": digest,
        **_service_notes(words),
        "capacity": say("Capacity; what is compared is Commonwealth's, the figures ours."),
        "capacity.client_hours_per_year": say(
            "hours a year that an advisor has for clients; ours, near two time studies"
        ),
        "capacity.growth_reserve_pct": say("part of it kept free for growth, per cent; ours"),
        "capacity.mismatch_above": say(
            "share of hours ÷ share of revenue above which a tier takes too much; ours"
        ),
        "capacity.mismatch_below": say(
            "share of hours ÷ share of revenue below which a tier gets too little; ours"
        ),
        "capacity.equal_service_within_pct": say(
            "deliveries that differ by less, per cent: everybody gets the same service; ours"
        ),
    }


def _service_notes(words: Words) -> dict[str, str]:
    """Say of each key of the default services what it is."""
    say = words.say
    of_service = {
        "family": say("investment, planning, contact, events, marketing or floor"),
        "name": say("empty: a default service, named in each reader's language"),
        "advisor_hours": say("the advisor's hours per delivery; ours"),
        "staff_hours": say("others' hours per delivery; ours"),
        "clock": say(
            "rolling (last time + interval), anchored (fixed months), birthday,"
            " issue (bulk) or never"
        ),
        "months": say("anchored: the firm's months; empty: one of each client's own"),
        "lead_days": say("days before the due day on which preparation begins; ours"),
        "counts_for": say("services that are delivered along with this one; ours"),
        "floor_per_year": say("owed at least so often a year, whatever tier or override say"),
        "per_year": say("times a year for each tier; ours"),
    }
    notes = {
        "services": say("The service model: services × tiers (Commonwealth), all figures ours."),
        "services.attempts_that_settle": say(
            "days without an answer after which a service counts as offered; ours"
        ),
        "services.overdue_after_pct": say(
            "overdue when so much of the interval has passed since the due day, per cent; ours"
        ),
        "services.overdue_least_days": say("but not before so many days; ours"),
        "services.overdue_most_days": say("and at the latest after so many days; ours"),
        "services.messages_count": say("true: an e-mail or a voicemail counts as a contact; ours"),
    }
    for service in DEFAULT_SERVICES:
        notes[f"services.{service.key}"] = _service_purposes(words)[service.key]
        notes |= {f"services.{service.key}.{name}": note for name, note in of_service.items()}
    return notes


def _service_purposes(words: Words) -> dict[str, str]:
    say = words.say
    return {
        "review": say("Review meeting, with preparation and follow-up."),
        "suitability": say("Contract or suitability review where no review meeting is held."),
        "plan_update": say("Plan update."),
        "check_in": say("Check-in call."),
        "portfolio_check": say("Portfolio check."),
        "tax_insurance_estate": say("Tax, insurance and estate check."),
        "small_event": say("Small event."),
        "large_event": say("Large event."),
        "newsletter": say("Newsletter or market note: due once per issue, never per client."),
        "birthday": say("Birthday, personal touch: on its date."),
        "reactive": say("Reactive allowance: planned, never due."),
    }


def problem(error: RuleBookError, words: Words) -> str:
    """Say in one sentence what is wrong with a rule book, and where."""
    facts = {"key": error.key, "value": error.value}
    match error.problem:
        case RuleProblem.UNKNOWN_NAME:
            return words.say("A rule book has no “{key}”.", **facts)
        case RuleProblem.WRONG_KIND:
            return words.say("“{key}” cannot be “{value}”.", **facts)
        case RuleProblem.OUT_OF_RANGE:
            return words.say("“{key}” is out of range with {value}.", **facts)
        case RuleProblem.NOT_ABOVE:
            return words.say("“{key}” must be above “{value}”.", **facts)
        case RuleProblem.TOO_MUCH:
            return words.say(
                "“{key}” is too much: with its neighbours it exceeds “{value}”.", **facts
            )
        case RuleProblem.MISSING:
            return words.say("“{key}” is missing.", **facts)
        case RuleProblem.NOT_TOML:
            return words.say("The file is no TOML: {value}", **facts)


def method_name(method: TierMethod, words: Words) -> str:
    """Name a method of giving tiers."""
    return words.say(METHOD_NAMES[method])


def mode_name(mode: MatrixMode, words: Words) -> str:
    """Name what high and low are measured by."""
    return words.say(MODE_NAMES[mode])
