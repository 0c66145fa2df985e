"""Reads a submitted form field by field; what is wrong stands under its field afterwards."""

import re
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from bot.words import Words

Choice = TypeVar("Choice", bound=StrEnum)

_PLAIN = re.compile(r"\d{1,13}([.,]\d{1,2})?")
_GERMAN = re.compile(r"\d{1,3}(\.\d{3})+(,\d{1,2})?")
_ENGLISH = re.compile(r"\d{1,3}(,\d{3})+(\.\d{1,2})?")
_ONE_GROUP = re.compile(r"\d{1,3}[.,]\d{3}")
_SPACES = re.compile(r"[\s’'_]")


class Entered:
    """The inputs of one form; `wrong` collects sentences by field."""

    def __init__(self, state: dict[str, dict[str, Any]], words: Words) -> None:
        self._state = state
        self.words = words
        self.wrong: dict[str, str] = {}

    def text(self, name: str, *, required: bool = True) -> str:
        """Return what was typed, without outer spaces."""
        typed = str(self._value(name, "value") or "").strip()
        if required and not typed:
            self._needed(name)
        return typed

    def choice(self, name: str, kind: type[Choice]) -> Choice | None:
        """Return the value chosen from a fixed set."""
        chosen = self.chosen(name)
        return kind(chosen) if chosen in [each.value for each in kind] else None

    def chosen(self, name: str) -> str | None:
        """Return the chosen option's value."""
        option = self._value(name, "selected_option") or {}
        value = option.get("value")
        return None if value is None else str(value)

    def conversation(self, name: str) -> str | None:
        """Return the chosen channel's id; None if none is chosen."""
        chosen = self._value(name, "selected_conversation")
        return str(chosen) if chosen else None

    def ticked(self, name: str) -> list[str]:
        """Return the values of the boxes that are ticked."""
        return [str(each["value"]) for each in self._value(name, "selected_options") or []]

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Return the chosen day."""
        chosen = self._value(name, "selected_date")
        if chosen:
            return date.fromisoformat(chosen)
        if required:
            self._needed(name)
        return None

    def time(self, name: str) -> time | None:
        """Return the chosen time of day; None if there is none."""
        chosen = self._value(name, "selected_time")
        return time.fromisoformat(chosen) if chosen else None

    def account(self, name: str) -> str | None:
        """Return the chosen Slack account; None if there is none."""
        chosen = self._value(name, "selected_user")
        return str(chosen) if chosen else None

    def score(self, name: str) -> Decimal | None:
        """Return a small number with at most two decimals, comma or point."""
        typed = self.text(name)
        if re.fullmatch(r"\d{1,3}([.,]\d{1,2})?", typed):
            return Decimal(typed.replace(",", "."))
        self.wrong[name] = self.words.say(
            "Please enter a number with at most two decimals, such as 72 or 2.5."
        )
        return None

    def amount(self, name: str) -> Decimal | None:
        """Return an amount of money; None if nothing was typed.

        Neither 1.234 nor 1,234 says whether it is above a thousand: that is asked, not guessed.
        """
        typed = _SPACES.sub("", self.text(name, required=False)).strip("€$£")
        if not typed:
            return None
        if _ONE_GROUP.fullmatch(typed):
            self.wrong[name] = self.words.say(
                "This can be read in two ways. Please write {whole} or {small}.",
                whole=re.sub(r"[.,]", "", typed),
                small=typed[:-1],
            )
        elif _PLAIN.fullmatch(typed):
            return Decimal(typed.replace(",", "."))
        elif _GERMAN.fullmatch(typed):
            return Decimal(typed.replace(".", "").replace(",", "."))
        elif _ENGLISH.fullmatch(typed):
            return Decimal(typed.replace(",", ""))
        else:
            self.wrong[name] = self.words.say("Please enter an amount, such as 1250000.")
        return None

    def is_still(self, name: str, number: Decimal) -> bool:
        """Tell whether a number was left as it stood in the field."""
        return self.text(name, required=False) == self.words.typed(number)

    def percent(self, name: str) -> Decimal | None:
        """Return a per cent value from 0 to 100; None if nothing was typed."""
        typed = self.text(name, required=False).rstrip("% ")
        if not typed:
            return None
        if re.fullmatch(r"\d{1,3}([.,]\d{1,2})?", typed):
            value = Decimal(typed.replace(",", "."))
            if value <= 100:
                return value
        self.wrong[name] = self.words.say("Please enter a number from 0 to 100.")
        return None

    def count(self, name: str) -> int | None:
        """Return a count; None if nothing was typed."""
        typed = self.text(name, required=False)
        if not typed:
            return None
        if typed.isdecimal() and len(typed) <= 4:
            return int(typed)
        self.wrong[name] = self.words.say("Please enter a whole number.")
        return None

    def mark(self, name: str) -> int | None:
        """Return a mark chosen from a list of numbers."""
        chosen = self.chosen(name)
        return int(chosen) if chosen and chosen.isdecimal() else None

    def need(self, name: str) -> None:
        """Note that a field must be filled in."""
        self._needed(name)

    def _needed(self, name: str) -> None:
        self.wrong[name] = self.words.say("Please fill this in.")

    def _value(self, name: str, key: str) -> Any:
        return (self._state.get(name, {}).get(name) or {}).get(key)
