"""The team's post and the form of its channel: sizes, words, and that nobody is named."""

from datetime import UTC, date, datetime, time

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.digests.reasons import reason_said
from bot.service_reports import TeamSummary
from bot.views.digest import digest, digest_text
from bot.views.team import barred_sentence, channel_modal, team_lines, team_post
from bot.words import Words
from domain.access import Place
from domain.team_posts import Tally, TeamChannel
from tests.views import examples
from tests.views.examples import ENGLISH, LONG_NAME, ODD_NAME, book, digest_of
from tests.views.judges import assert_blocks, assert_harmless

MONDAY = date(2026, 11, 23)
POSTS = {
    "short": None,
    "nothing": Tally(),
    "one": Tally(grow=1),
    "seven": Tally(grow=4, fix=3, decisions=2, overdue=7),
    "500": Tally(grow=500, fix=1500, decisions=120, overdue=2500),
}


@pytest.mark.parametrize("total", POSTS.values(), ids=POSTS)
def test_the_team_s_post(total: Tally | None, words: Words, snapshot: SnapshotAssertion) -> None:
    post = team_post("Birkenhof", total, words, monday=MONDAY)
    assert_blocks(post.blocks, "message")
    assert_harmless(post.text)
    assert {"text": post.text, "blocks": post.blocks} == snapshot


@pytest.mark.parametrize("team", [ODD_NAME, LONG_NAME])
def test_a_team_may_be_called_anything(team: str, words: Words) -> None:
    post = team_post(team, Tally(grow=1), words, monday=MONDAY, late=True)
    assert_blocks(post.blocks, "message")
    assert_harmless(post.text)
    assert_blocks(channel_modal(team, None, words, zone="Europe/Berlin")["blocks"], "modal")


def test_a_late_post_says_so() -> None:
    post = team_post("Birkenhof", None, ENGLISH, monday=MONDAY, late=True)
    assert post.text == "The week from Monday, 23 November (late). The week's list is ready."


def test_the_form_shows_what_was_chosen_and_why_nothing_is_said(
    words: Words, snapshot: SnapshotAssertion
) -> None:
    channel = TeamChannel(
        team_channel_id=1,
        team="Birkenhof",
        channel_id="C0TEAM",
        chosen_by=1,
        chosen_at=datetime(2026, 11, 1, tzinfo=UTC),
        weekday=2,
        at=time(9, 15),
        in_public=True,
        paused="channel: shared",
    )
    reason = reason_said(channel.paused or "", words)
    view = channel_modal("Birkenhof", channel, words, zone="Europe/Berlin", paused=reason)
    assert_blocks(view["blocks"], "modal")
    assert view == snapshot


def test_every_reason_is_said_in_words(words: Words) -> None:
    for place in set(Place) - {Place.PRIVATE, Place.GUESTS}:
        assert reason_said(f"channel: {place}", words) == barred_sentence(place, words)
    said = [
        reason_said(reason, words)
        for reason in (
            "too late",
            "not an active, linked member",
            "no answer, and the conversation cannot be read",
            "ratelimited for 24 hours",
            "the channel was taken away",
            "workspace says: guest",
            "workspace says: deactivated",
        )
    ]
    assert len(set(said)) == len(said)
    assert "user_disabled" in reason_said("user_disabled", words)
    assert "token_revoked" in reason_said("installation: token_revoked", words)


def summary(**facts: object) -> TeamSummary:
    known = {"team": "Birkenhof", "books": 3, "total": Tally(grow=9, fix=4), "single": ()}
    return TeamSummary(**{**known, "failed": 0, **facts})  # type: ignore[arg-type]


def test_a_lead_reads_the_team_s_sums_and_what_did_not_go_out() -> None:
    assert list(team_lines(summary(failed=1), ENGLISH)) == [
        "9 to grow · 4 to fix",
        "1 message of the last seven days did not go out.",
    ]
    text = digest_text(digest_of(examples.grow(), team=summary()), ENGLISH)
    assert text.endswith("The team: 9 to grow · 4 to fix.")


def test_single_advisors_stand_below_where_they_may_be_compared() -> None:
    single = (("Anna Berger", Tally(grow=7, overdue=2)), ("Jonas Keller", Tally()))
    assert list(team_lines(summary(single=single), ENGLISH))[1:] == [
        "Anna Berger: 7 to grow · 2 services overdue",
        "Jonas Keller: nothing is pressing",
    ]


def test_too_few_books_are_not_summed_for_the_lead_either() -> None:
    (line,) = team_lines(summary(books=2, total=None), ENGLISH)
    assert line == "The counts of fewer than 3 books together would tell single advisors."


@pytest.mark.parametrize("size", [0, 1, 7, 500])
def test_a_lead_s_digest_of_any_size_fits(size: int, words: Words) -> None:
    single = tuple((LONG_NAME, Tally(grow=n, fix=n, decisions=n, overdue=n)) for n in range(40))
    report = digest_of(*book(size, name=LONG_NAME), team=summary(single=single, failed=3))
    blocks = digest(report, words)
    assert_blocks(blocks, "message")
    assert len(blocks) <= 48
