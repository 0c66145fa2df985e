"""Short-lived handles given to the app: triggers, addresses for later responses, codes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.wire import ApiError

RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5
CODE_LIFE = timedelta(minutes=10)


@dataclass(slots=True)
class Trigger:
    """The right to open one modal for the person who just acted."""

    person_id: str
    view_id: str | None
    made_at: datetime
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """The right to answer where somebody acted; ``ts`` is the message that was clicked, if any."""

    person_id: str
    place_id: str
    ts: str | None
    made_at: datetime
    uses: int = 0


class Handles:
    """Gives handles out and takes them back."""

    def __init__(self, clock: Clock, deadline_s: float) -> None:
        self._clock = clock
        self._trigger_life = timedelta(seconds=deadline_s)
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}
        self._codes: dict[str, tuple[str, datetime]] = {}

    def trigger(self, person_id: str, view_id: str | None = None) -> str:
        """Give out a trigger; ``view_id`` is the modal it was earned in."""
        now = self._clock.now()
        trigger_id = f"{int(now.timestamp() * 1000)}.{len(self._triggers)}.{secrets.token_hex(8)}"
        self._triggers[trigger_id] = Trigger(person_id, view_id, now)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger up."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock.now() - trigger.made_at > self._trigger_life:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger

    def response(self, person_id: str, place_id: str, ts: str | None = None) -> str:
        """Give out an address for responses; returns its id."""
        response_id = secrets.token_urlsafe(18)
        self._responses[response_id] = ResponseUrl(person_id, place_id, ts, self._clock.now())
        return response_id

    def use_response(self, response_id: str) -> ResponseUrl:
        """Count one use of a response address."""
        response = self._responses.get(response_id)
        if response is None or self._clock.now() - response.made_at > RESPONSE_LIFE:
            raise ApiError("expired_url")
        if response.uses >= RESPONSE_USES:
            raise ApiError("used_url")
        response.uses += 1
        return response

    def code(self, person_id: str) -> str:
        """Give out what an installation by a person is exchanged for."""
        code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._codes[code] = person_id, self._clock.now()
        return code

    def knows_code(self, code: str) -> bool:
        """Tell whether a code was given out here."""
        return code in self._codes

    def redeem_code(self, code: str) -> str:
        """Use a code up; returns who installed."""
        if code not in self._codes:
            raise ApiError("invalid_code")
        person_id, made_at = self._codes.pop(code)
        if self._clock.now() - made_at > CODE_LIFE:
            raise ApiError("code_expired")
        return person_id
