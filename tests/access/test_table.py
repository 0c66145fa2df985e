"""Every entry has its least right in the table."""

from bot.listeners import ACTIONS, COMMANDS, EVENTS, MODALS, NEEDS, OPTIONS, SHORTCUTS


def test_every_way_in_names_the_right_it_needs() -> None:
    handlers = {each.handler for each in (*COMMANDS.values(), *SHORTCUTS.values())}
    handlers |= {*ACTIONS.values(), *MODALS.values(), *OPTIONS.values(), *EVENTS.values()}
    assert handlers - NEEDS.keys() == set()
    assert NEEDS.keys() - handlers == set()
