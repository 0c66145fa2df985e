"""Who asks: identity and standing, asked anew for every request."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from slack_sdk import WebClient

from bot.errors import PersonUnknownError
from bot.listeners.calls import Call
from bot.listeners.origins import Origin
from bot.listeners.people import People, post_place
from bot.runtime import Runtime
from bot.unsaying import unsay
from bot.views import notices
from bot.words import Words
from domain.access import WELCOMES, Welcome
from storage.firms import find_caller

log = structlog.get_logger()

ClientFor = Callable[[tuple[str, ...]], WebClient]
"""Gives the client that speaks to the workspace with these ids (organisation first)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a person gets no further."""

    firm_id: int
    sentence: str
    words: Words
    may_link: bool = False
    """Of the firm's own workspace, so that a code may give a role."""


class Entrance:
    """Lets in who has a role here."""

    def __init__(self, runtime: Runtime, client_for: ClientFor) -> None:
        self._runtime = runtime
        self._client_for = client_for
        self._people: dict[str, People] = {}

    def meet(self, origin: Origin) -> Call | Refusal | None:
        """Find out who asks; None for strangers to whom nothing at all is said."""
        with self._runtime.store.read(None) as session:
            firm, member = find_caller(
                session, origin.workspace_ids, origin.user_id, at=self._runtime.now()
            )
        if firm is None:
            log.info("unknown_workspace", workspace=origin.workspace_ids)
            return None
        people = self._people_of(firm.workspace_id, origin)
        profile = people.profile(origin.user_id)
        if WELCOMES[profile.standing] is Welcome.NOTHING:
            return None
        words = Words(profile.locale, firm.currency)
        welcome = WELCOMES[profile.standing]
        if welcome is Welcome.LATER:
            raise PersonUnknownError
        if welcome is not Welcome.HOW_TO_BE_LINKED or (member and not member.is_active):
            return Refusal(sentence=notices.not_a_member(words), words=words, firm_id=firm.id)
        if member is None:
            sentence = notices.not_linked(origin.user_id, words)
            return Refusal(sentence=sentence, words=words, firm_id=firm.id, may_link=True)
        return Call(
            runtime=self._runtime,
            firm_id=firm.id,
            member=member,
            words=Words(member.locale, firm.currency) if member.locale else words,
            zone=profile.zone or ZoneInfo(firm.zone),
            slack_locale=profile.locale,
            look_at=partial(post_place, self._client_for(origin.workspace_ids), people.profile),
            standing_of=lambda user_id: people.profile(user_id).standing,
            unsay=partial(unsay, self._client_for(origin.workspace_ids)),
        )

    def words_for(self, origin: Origin) -> Words:
        """Return words in the language last seen of a person, without asking anybody."""
        known = [self._people[each] for each in origin.workspace_ids if each in self._people]
        profile = known[0].remembered(origin.user_id) if known else None
        return Words(profile.locale) if profile else Words()

    def _people_of(self, workspace_id: str, origin: Origin) -> People:
        if workspace_id not in self._people:
            client = self._client_for(origin.workspace_ids)
            self._people[workspace_id] = People(client, workspace_id)
        return self._people[workspace_id]
