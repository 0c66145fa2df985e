"""The pandas peers that read all histories do the same work: they place every client as we do."""

from pathlib import Path

from benchmarks import by_pandas
from benchmarks.firms import TODAY, build_firm, names_of
from domain.book import oldest_usable, place_book
from domain.frames import epoch_day
from domain.rulebook import RuleBook
from storage.book_frames import load_frames

RULES = RuleBook()


def test_peers_that_read_all_histories_place_every_client_as_we_do(tmp_path: Path) -> None:
    store, firm_id = build_firm(tmp_path, names_of(2_000))
    with store.read(firm_id) as session:
        frames = load_frames(session)
    store.close()
    days = epoch_day(TODAY), oldest_usable(RULES.matrix, TODAY)
    placed = place_book(frames, RULES, today=TODAY)
    ours = placed[["tier", "quadrant"]].astype(object)
    expected = [tuple(row) for row in ours.where(ours.notna(), "").itertuples(index=False)]
    by_frame = by_pandas.replayed(frames, *days)
    assert list(zip(by_frame["tier"], by_frame["quadrant"], strict=True)) == expected
    by_row = by_pandas.histories(frames).apply(by_pandas.replay_row, axis=1, args=days)
    assert [row[:2] for row in by_row.loc[placed.index]] == expected
    assert len(set(expected)) > 20
