"""Who and what there is: people, places, and who may see which place."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

PersonKind = Literal[
    "member", "owner", "guest_single", "guest_multi", "deactivated", "external", "bot"
]
PlaceKind = Literal["public", "private", "dm", "mpim"]

TEAM = "T0TIERWISE"
OTHER_TEAM = "T0NORDLICHT"
BOT = "U0BOT"


@dataclass(slots=True)
class Person:
    """Somebody with an account here or, when external, at the firm next door."""

    id: str
    name: str
    display: str
    kind: PersonKind = "member"
    team_id: str = TEAM
    locale: str = "de-DE"
    tz: str | None = "Europe/Berlin"
    """As the profile has it, which need not be the name of a zone."""
    title: str = ""

    @property
    def is_guest(self) -> bool:
        """Whether the person sees only the places they were invited to."""
        return self.kind in ("guest_single", "guest_multi")

    @property
    def zone(self) -> ZoneInfo:
        """Whose clocks the person's own page shows."""
        try:
            return ZoneInfo(str(self.tz or "UTC"))
        except (LookupError, ValueError, OSError):
            return ZoneInfo("UTC")

    @property
    def can_act(self) -> bool:
        """Whether there is a human who can click and type."""
        return self.kind not in ("deactivated", "bot")


@dataclass(slots=True)
class Place:
    """A channel, group or direct message; ``members`` are ids of people, the bot included."""

    id: str
    name: str
    kind: PlaceKind
    members: set[str]
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    is_org_shared: bool = False
    is_archived: bool = False
    is_general: bool = False


@dataclass(slots=True)
class World:
    """One workspace and one installed app; tests may change people and places at any time."""

    team_id: str
    team_name: str
    domain: str
    bot_user_id: str = BOT
    bot_id: str = "B0BOT"
    app_id: str = "A0TIERWISE"
    people: dict[str, Person] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def add_people(self, people: Iterable[Person]) -> None:
        """Add people, each of this firm with a direct message to the bot."""
        for person in people:
            self.people[person.id] = person
            if person.kind not in ("bot", "external"):
                self.dm_with_bot(person.id)

    def add_places(self, places: Iterable[Place]) -> None:
        """Add places."""
        self.places |= {place.id: place for place in places}

    def dm_with_bot(self, person_id: str) -> Place:
        """Return the direct message between a person and the bot; open it when there is none."""
        place_id = "D" + person_id[1:]
        members = {person_id, self.bot_user_id}
        return self.places.setdefault(place_id, Place(place_id, "", "dm", members))

    def can_see(self, person: Person, place: Place) -> bool:
        """Whether a person can read what is written in a place."""
        if person.id in place.members:
            return person.kind != "deactivated"
        return place.kind == "public" and person.kind in ("member", "owner")

    def audience(self, place: Place) -> list[str]:
        """Return the ids of the people who can read a place."""
        return sorted(
            p.id for p in self.people.values() if p.kind != "bot" and self.can_see(p, place)
        )

    def name_for(self, place: Place, person_id: str) -> str:
        """Return a place's name as a person reads it: a direct message has the other's name."""
        if place.kind != "dm":
            return place.name
        other = next(iter(place.members - {person_id}), person_id)
        return self.people[other].display


def default_world() -> World:
    """Return the fictional firm of the demo."""
    world = World(team_id=TEAM, team_name="Birkenhof Beratung", domain="birkenhof")
    world.add_people(
        [
            Person("U0ANNA", "anna.berger", "Anna Berger", title="Beraterin"),
            Person("U0JONAS", "jonas.keller", "Jonas Keller", tz="Europe/Zurich", title="Berater"),
            Person(
                "U0EMILY",
                "emily.carter",
                "Emily Carter",
                locale="en-GB",
                tz="Europe/London",
                title="Advisor",
            ),
            Person("U0VOGT", "katharina.vogt", "Katharina Vogt", "owner", title="Teamleitung"),
            Person("U0TOM", "tom.brandt", "Tom Brandt", title="Backoffice"),
            Person("U0LENA", "lena.hofer", "Lena Hofer", "guest_single", title="Architektin"),
            Person(
                "U0MARIO",
                "mario.conti",
                "Mario Conti",
                "guest_multi",
                locale="it-IT",
                tz="Europe/Rome",
                title="Consulente",
            ),
            Person("U0OLD", "peter.alt", "Peter Alt", "deactivated", title="Berater (a. D.)"),
            Person(
                "U0EXT",
                "nora.lind",
                "Nora Lind",
                "external",
                team_id=OTHER_TEAM,
                locale="sv-SE",
                tz="Europe/Stockholm",
                title="Nordlicht AB",
            ),
            Person(BOT, "tierwise", "Tierwise", "bot", locale="en-US", tz="UTC"),
        ]
    )
    firm = {"U0ANNA", "U0JONAS", "U0EMILY", "U0VOGT", "U0TOM"}
    world.add_places(
        [
            Place("C0GENERAL", "allgemein", "public", firm | {"U0MARIO"}, is_general=True),
            Place("C0TEAM", "team-beratung", "private", firm | {BOT}),
            Place("C0GUEST", "projekt-umbau", "private", {"U0ANNA", "U0VOGT", "U0LENA"}),
            Place("C0PUB", "kaffee", "public", set(firm)),
            Place(
                "C0SHARED",
                "nordlicht-austausch",
                "private",
                {"U0ANNA", "U0VOGT", "U0EXT"},
                is_ext_shared=True,
            ),
            Place("C0OLD", "archiv-2023", "public", {"U0ANNA", "U0VOGT"}, is_archived=True),
        ]
    )
    return world


def twin_of(world: World, team_id: str, name: str, domain: str) -> World:
    """Return another firm in which every id is the same but the workspace's own."""
    twin = copy.deepcopy(world)
    twin.team_id, twin.team_name, twin.domain = team_id, name, domain
    for person in twin.people.values():
        if person.team_id == world.team_id:
            person.team_id = team_id
    return twin
