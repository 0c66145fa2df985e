"""A book placed as analysts write it in pandas: by what was last known, and by all of its history.

Only for comparison: limits stand here as the default rule book has them.
"""

from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from domain.frames import BookFrames
from domain.model import WalletSource
from domain.quadrants import SCALES

BEST_LAST = [source.value for source in WalletSource][::-1]
WIDTHS = {scale.value: float(ends.maximum - ends.minimum) for scale, ends in SCALES.items()}
WORST = {
    scale.value: float(ends.maximum if ends.best_is_low else ends.minimum)
    for scale, ends in SCALES.items()
}
SATISFACTION = (70.0, 60.0, 65.0)
"""High from, low under, and high from for a first value in between."""
SHARE = (50.0, 45.0, 50.0)
TOP = ("A+", "A")


# By what was last known, without histories, sources, overrides and decisions


def last_known(book: BookFrames) -> pd.DataFrame:
    """Merge what was last known into one row a client."""
    frame = book.clients
    for facts, on in (
        ("satisfactions", "measured_on"),
        ("wallets", "known_on"),
        ("holdings", "held_on"),
    ):
        last = getattr(book, facts).sort_values(["client_id", on])
        frame = frame.merge(last.groupby("client_id").last().reset_index(), how="left")
    for facts in ("criteria", "ties"):
        frame[facts] = frame["client_id"].isin(getattr(book, facts)["client_id"])
    return frame


def by_conditions(frame: pd.DataFrame) -> pd.DataFrame:
    """Place by tier and field, and count the money."""
    revenue = frame["revenue_cents"]
    conditions = [revenue >= 1_500_000, revenue >= 800_000, revenue >= 300_000]
    conditions += [frame["criteria"] & revenue.notna(), frame["ties"] & revenue.notna()]
    conditions = [*conditions, revenue.notna()]
    frame["tier"] = _chosen(conditions, ["A+", "A", "B", "S", "L", "N"])
    frame["index"] = (frame["score_hundredths"] - 100) / 400
    frame["share"] = frame["managed_cents"] / frame["wallet_cents"]
    content, ours = frame["index"] >= 0.65, frame["share"] >= 0.5
    known = frame["index"].notna() & frame["share"].notna()
    frame["quadrant"] = _chosen(
        [known & content & ~ours, known & ~content & ours, known & content & ours, known],
        ["GROW", "FIX", "MODEL", "MOVE"],
    )
    rate = (revenue / frame["managed_cents"]).astype(float)
    rate = rate.fillna(rate.groupby(frame["advisor_id"]).transform("median"))
    frame["untapped_cents"] = (frame["wallet_cents"] - frame["managed_cents"]) * rate
    frame["at_risk_cents"] = revenue * (1 - frame["index"])
    return frame


def by_row(client: "pd.Series[Any]") -> tuple[str, str]:
    """Place one client."""
    revenue = client["revenue_cents"]
    if pd.isna(revenue):
        tier = ""
    elif revenue >= 300_000:
        tier = "A+" if revenue >= 1_500_000 else "A" if revenue >= 800_000 else "B"
    else:
        tier = "S" if client["criteria"] else "L" if client["ties"] else "N"
    index = (client["score_hundredths"] - 100) / 400
    share = client["managed_cents"] / client["wallet_cents"]
    if pd.isna(index) or pd.isna(share):
        return tier, ""
    high = ("MODEL", "GROW") if index >= 0.65 else ("FIX", "MOVE")
    return tier, high[share < 0.5]


# By everything that was known: the same answers as `domain.book.place_book`


def replayed(book: BookFrames, today: int, oldest: int) -> pd.DataFrame:
    """Place by tier and field with histories, best sources, overrides, sponsors and decisions.

    Days are counted as in the frames; `oldest` is the first one that is not expired.
    """
    former = book.clients["former_since"] <= today
    frame = book.clients[~former.fillna(False)].set_index("client_id")
    frame = frame.join(_satisfactions(book.satisfactions, today, oldest))
    frame = frame.join(_shares(book, today, oldest))
    frame["computed_tier"] = _tiers(frame, book, today)
    frame["tier"] = _overridden(frame["computed_tier"], book.overrides, today)
    frame["needs_review"] = _needs_review(frame, book.ties)
    content, ours = frame["content"].eq(True), frame["ours"].eq(True)
    known = frame["content"].notna() & frame["ours"].notna()
    frame["quadrant"] = _chosen(
        [known & content & ~ours, known & ~content & ours, known & content & ours, known],
        ["GROW", "FIX", "MODEL", "MOVE"],
    )
    revenue = frame["revenue_cents"].astype(float)
    frame["untapped_cents"] = _untapped(frame, revenue, known).round()
    frame["at_risk_cents"] = (revenue * (1 - frame["index"] / 100)).round()
    for axis, place, kinds in (
        ("quadrant", "MOVE", ["watch", "prioritise", "hand_over"]),
        ("tier", "N", ["keep", "hand_over", "end"]),
    ):
        settled = frame.index.isin(_settled(book.decisions, kinds, today))
        frame[f"awaits_by_{axis}"] = (frame[axis] == place) & ~settled
    frame["recheck_on"] = book.criteria.groupby("client_id")["recheck_on"].min()
    frame["fit"] = _chosen(
        [revenue.isna(), revenue >= 800_000, revenue >= 300_000], ["unknown", "ideal", "accepted"]
    )
    return frame


def _satisfactions(facts: pd.DataFrame, today: int, oldest: int) -> pd.DataFrame:
    known = facts[facts["measured_on"] <= today]
    known = known.sort_values(["client_id", "measured_on", "scale"], kind="stable")
    scale, score = known["scale"].astype(str), known["score_hundredths"] / 100
    distance = (score - scale.map(WORST).astype(float)).abs()
    is_nps = scale == "nps"
    usable = known["measured_on"] >= oldest
    better = known["client_id"].isin(known.loc[usable & ~is_nps, "client_id"])
    known = known.assign(index=distance * 100 / scale.map(WIDTHS).astype(float), usable=usable)
    series = known[is_nps != better]
    by_client = series.groupby("client_id")
    usable_clients = known.loc[known["usable"], "client_id"].unique()
    last = pd.DataFrame({"index": by_client["index"].last()})
    last["content"] = _last_side(series["index"], series["client_id"], SATISFACTION)
    return last[last.index.isin(usable_clients)]


def _shares(book: BookFrames, today: int, oldest: int) -> pd.DataFrame:
    said = book.wallets[book.wallets["known_on"] <= today]
    rank = said["source"].astype(pd.CategoricalDtype(BEST_LAST, ordered=True)).cat.codes
    said = said.assign(rank=rank, day=said["known_on"])
    usable = said[said["known_on"] >= oldest]
    best = usable.groupby("client_id")["rank"].max().rename("best").reset_index()
    said = said.merge(best, on="client_id")
    said = said[said["rank"] == said["best"]]
    said = said.assign(statement=np.arange(len(said)))
    held = book.holdings[book.holdings["held_on"] <= today]
    held = held.assign(day=held["held_on"])
    both = pd.concat([said, held]).sort_values(["client_id", "day"], kind="stable")
    by_client = both.groupby("client_id")
    both["managed_cents"] = by_client["managed_cents"].ffill()
    both["statement"] = by_client["statement"].ffill()
    both = both.drop_duplicates(["client_id", "day"], keep="last").dropna(subset="statement")
    stated = ["statement", "wallet_cents", "share_bp", "providers", "rank_hundredths", "source"]
    both = both[["client_id", "day", "managed_cents", "statement"]]
    both = both.merge(said[stated], on="statement")
    return _with_share(both)


def _with_share(both: pd.DataFrame) -> pd.DataFrame:
    wallet, managed = both["wallet_cents"].astype(float), both["managed_cents"].astype(float)
    providers, place = both["providers"].astype(float), both["rank_hundredths"].astype(float) / 100
    by_rule = (1 - place / (providers + 1)) * 200 / providers
    share = (both["share_bp"].astype(float) / 100).fillna(managed * 100 / wallet)
    share = by_rule.where((both["source"] == "rule") & by_rule.notna(), share)
    both["share"] = share.where(~(wallet < managed) & (wallet != 0))
    known = both.dropna(subset="share")
    columns = both.drop_duplicates("client_id", keep="last").set_index("client_id")
    columns = columns[["share", "wallet_cents", "managed_cents"]]
    columns["ours"] = _last_side(known["share"], known["client_id"], SHARE)
    columns["ours"] = columns["ours"].where(columns["share"].notna())
    return columns


def _last_side(
    value: "pd.Series[Any]", client_id: "pd.Series[Any]", limits: tuple[float, float, float]
) -> "pd.Series[Any]":
    """Replay each client's values: the last one outside the band decides, else the first one."""
    high_from, low_under, first_high_from = limits
    is_high = value >= high_from
    decided = is_high[is_high | (value < low_under)]
    last = decided.groupby(client_id).last()
    first = value.groupby(client_id).first() >= first_high_from
    return last.reindex(first.index).astype("boolean").fillna(first)


def _tiers(frame: pd.DataFrame, book: BookFrames, today: int) -> Any:
    revenue, income = frame["revenue_cents"], frame["income_cents"]
    said = book.wallets[(book.wallets["known_on"] <= today) & book.wallets["wallet_cents"].notna()]
    rank = said["source"].astype(pd.CategoricalDtype(BEST_LAST, ordered=True)).cat.codes
    said = said.assign(rank=rank).sort_values(["client_id", "known_on", "rank"], kind="stable")
    wallet = said.groupby("client_id")["wallet_cents"].last().reindex(frame.index)
    noted = book.criteria.loc[book.criteria["noted_on"] <= today, "client_id"]
    strategic = (
        ((frame["saving_rate_bp"] >= 2_000) & (income >= 8_000_000)).fillna(False)
        | (frame["business_share_bp"] >= 5_000).fillna(False)
        | ((income >= 15_000_000) & (wallet < 25_000_000)).fillna(False)
        | frame.index.isin(noted)
    )
    legacy = frame.index.isin(book.ties["client_id"])
    below = [strategic & revenue.notna(), legacy & revenue.notna(), revenue.notna()]
    conditions = [revenue >= 1_500_000, revenue >= 800_000, revenue >= 300_000, *below]
    return _chosen(conditions, ["A+", "A", "B", "S", "L", "N"])


def _overridden(
    computed: "pd.Series[str]", overrides: pd.DataFrame, today: int
) -> "pd.Series[str]":
    holding = overrides[(overrides["first_day"] <= today) & (overrides["last_day"] >= today)]
    holding = holding.sort_values(["client_id", "first_day"], kind="stable")
    by_person = holding.groupby("client_id")["tier"].last().astype(str)
    return by_person.reindex(computed.index).fillna(computed)


def _needs_review(frame: pd.DataFrame, ties: pd.DataFrame) -> "pd.Series[bool]":
    top = frame["tier"].isin(TOP)
    supported = ties.loc[ties["sponsor_id"].map(top).eq(True), "client_id"]
    tied = frame.index.isin(ties["client_id"])
    by_relation = frame["computed_tier"].isin(["S", "L"])
    return (frame["tier"] == "L") & by_relation & tied & ~frame.index.isin(supported)


def _untapped(
    frame: pd.DataFrame, revenue: "pd.Series[float]", known: "pd.Series[bool]"
) -> "pd.Series[float]":
    share = frame["share"] / 100
    wallet, managed = frame["wallet_cents"].astype(float), frame["managed_cents"].astype(float)
    wallet = wallet.fillna(managed / share.where(share > 0))
    managed = managed.fillna(wallet * share)
    rate = (revenue / managed).where((share >= 0.05) & (managed > 0))
    rate = rate.fillna(rate.groupby(frame["advisor_id"]).transform("median"))
    return ((wallet - managed) * rate).where(share.notna())


def _settled(decisions: pd.DataFrame, kinds: list[str], today: int) -> "pd.Series[int]":
    made = decisions[decisions["kind"].isin(kinds) & (decisions["decided_on"] <= today)]
    stands = made["recheck_on"].isna() | (made["recheck_on"] > today)
    return made.loc[stands.fillna(True), "client_id"]


def _chosen(conditions: list[Any], words: list[str]) -> Any:
    masks = [pd.Series(each).fillna(False).to_numpy(bool) for each in conditions]
    return np.select(masks, words, "")


# The same, one client after the other


def histories(book: BookFrames) -> pd.DataFrame:
    """Give each client one row, and one list of all that was said for each kind of fact."""
    frame = book.clients.set_index("client_id", drop=False)
    for name in (
        "satisfactions", "wallets", "holdings", "criteria", "ties", "overrides", "decisions",
    ):  # fmt: skip
        facts = getattr(book, name)
        rows = pd.Series(list(facts.astype(object).itertuples(index=False)), dtype=object)
        lists = rows.groupby(facts["client_id"].to_numpy()).agg(list)
        frame[name] = lists.reindex(frame.index)
    return frame


def replay_row(client: "pd.Series[Any]", today: int, oldest: int) -> tuple[Any, ...]:
    """Place one client with its histories; without the medians and sponsors of other rows."""
    tier = _tier_in_row(client, today)
    index, content = _satisfaction_in_row(client, today, oldest)
    share, ours, elsewhere, managed = _share_in_row(client, today, oldest)
    field = ""
    if index is not None and share is not None:
        field = (("MOVE", "FIX"), ("GROW", "MODEL"))[content][ours]
    revenue = client["revenue_cents"]
    untapped = at_risk = None
    if not pd.isna(revenue):
        if share is not None and share >= 5 and managed:
            untapped = round(elsewhere * revenue / managed)
        if index is not None:
            at_risk = round(revenue * (1 - index / 100))
    return (
        tier,
        field,
        untapped,
        at_risk,
        field == "MOVE" and not _settled_in_row(client, today, "watch", "prioritise", "hand_over"),
        tier == "N" and not _settled_in_row(client, today, "keep", "hand_over", "end"),
    )


def _known(client: "pd.Series[Any]", facts: str, on: str, today: int) -> list[Any]:
    """List what was known by a day, the oldest first."""
    every = client[facts]
    if not isinstance(every, list):
        return []
    known = [each for each in every if getattr(each, on) <= today]
    return sorted(known, key=attrgetter(on))


def _tier_in_row(client: "pd.Series[Any]", today: int) -> str:
    for override in reversed(_known(client, "overrides", "first_day", today)):
        if override.last_day >= today:
            return str(override.tier)
    revenue = client["revenue_cents"]
    if pd.isna(revenue):
        return ""
    if revenue >= 300_000:
        return "A+" if revenue >= 1_500_000 else "A" if revenue >= 800_000 else "B"
    if _is_strategic_in_row(client, today):
        return "S"
    return "L" if isinstance(client["ties"], list) else "N"


def _is_strategic_in_row(client: "pd.Series[Any]", today: int) -> bool:
    income, rate = client["income_cents"], client["saving_rate_bp"]
    said = [
        each
        for each in _known(client, "wallets", "known_on", today)
        if not pd.isna(each.wallet_cents)
    ]
    last = max(reversed(said), key=lambda w: (w.known_on, BEST_LAST.index(w.source)), default=None)
    has_income, owned = not pd.isna(income), client["business_share_bp"]
    saver = has_income and not pd.isna(rate) and rate >= 2_000 and income >= 8_000_000
    owner = not pd.isna(owned) and owned >= 5_000
    henry = has_income and last and income >= 15_000_000 and last.wallet_cents < 25_000_000
    return bool(saver or owner or henry or _known(client, "criteria", "noted_on", today))


def _satisfaction_in_row(
    client: "pd.Series[Any]", today: int, oldest: int
) -> tuple[float | None, bool]:
    known = _known(client, "satisfactions", "measured_on", today)
    known.sort(key=attrgetter("measured_on", "scale"))
    usable = [each for each in known if each.measured_on >= oldest]
    if not usable:
        return None, False
    nps_only = all(each.scale == "nps" for each in usable)
    index = [
        abs(each.score_hundredths / 100 - WORST[each.scale]) * 100 / WIDTHS[each.scale]
        for each in known
        if (each.scale == "nps") == nps_only
    ]
    return index[-1], _side_in_row(index, SATISFACTION)


def _share_in_row(
    client: "pd.Series[Any]", today: int, oldest: int
) -> tuple[float | None, bool, float, float]:
    """Return our share, whether it is high, and the money elsewhere and here."""
    said = _known(client, "wallets", "known_on", today)
    held = _known(client, "holdings", "held_on", today)
    usable = [BEST_LAST.index(each.source) for each in said if each.known_on >= oldest]
    if not usable:
        return None, False, 0, 0
    said = [each for each in said if each.source == BEST_LAST[max(usable)]]
    shares: list[float | None] = []
    for day in sorted({*(each.known_on for each in said), *(each.held_on for each in held)}):
        statement = next((each for each in reversed(said) if each.known_on <= day), None)
        managed = next((each.managed_cents for each in reversed(held) if each.held_on <= day), None)
        shares.append(None if statement is None else _share_by(statement, managed))
    share = shares[-1]
    if share is None or statement is None:
        return None, False, 0, 0
    wallet = statement.wallet_cents
    if pd.isna(wallet):
        wallet = (managed or 0) * 100 / share if share else 0
    if managed is None:
        managed = wallet * share / 100
    ours = _side_in_row([each for each in shares if each is not None], SHARE)
    return share, ours, wallet - managed, managed


def _share_by(statement: Any, managed: int | None) -> float | None:
    wallet, providers, rank = statement.wallet_cents, statement.providers, statement.rank_hundredths
    if managed is not None and not pd.isna(wallet) and wallet < managed:
        return None
    if statement.source == "rule" and not pd.isna(providers) and not pd.isna(rank):
        return float((1 - rank / 100 / (providers + 1)) * 200 / providers)
    if not pd.isna(statement.share_bp):
        return float(statement.share_bp / 100)
    if managed is None or pd.isna(wallet) or wallet == 0:
        return None
    return float(managed * 100 / wallet)


def _side_in_row(values: list[float], limits: tuple[float, float, float]) -> bool:
    high_from, low_under, first_high_from = limits
    for value in reversed(values):
        if not low_under <= value < high_from:
            return value >= high_from
    return values[0] >= first_high_from


def _settled_in_row(client: "pd.Series[Any]", today: int, *kinds: str) -> bool:
    return any(
        each.kind in kinds and (pd.isna(each.recheck_on) or today < each.recheck_on)
        for each in _known(client, "decisions", "decided_on", today)
    )
