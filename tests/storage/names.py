"""A seeded list of fictional German and English names, and ten ways to type a name wrongly."""

import random
from collections.abc import Callable, Iterator

FIRST = tuple(
    word
    for line in """
Anna Andreas Anneliese Barbara Bernd Birgit Björn Brigitte Carsten Charlotte Christa Christoph
Claudia Cornelia Daniela Dieter Doris Edith Elisabeth Emily Erik Ernst Eva Felix Florian Frank
Franziska Friedrich Gabriele Georg Gerhard Gisela Günter Hannelore Hans Harald Heike Heinrich
Helga Henry Herbert Ilse Ingrid Jack James Jana Joachim Johanna Jonas Jörg Jürgen Karin Karl Katja
Kathleen Kerstin Klaus Konrad Lars Laura Lena Liam Lothar Lukas Lydia Manfred Margarete Maria
Marlene Martin Matthias Max Melanie Michael Monika Nadine Natalie Nicole Nils Oliver Olivia Oskar
Patrick Paula Peter Petra Philipp Rainer Ralf Regina Renate Richard Robert Rolf Ruth Sabine Sarah
Sebastian Silke Simon Sophie Stefan Susanne Sven Tanja Theodor Thomas Torsten Ulrich Ursula Ute
Vanessa Volker Walter Werner Wilhelm William Wolfgang Yvonne
""".splitlines()
    for word in line.split()
)

LAST = tuple(
    word
    for line in """
Abendroth Adler Ahrens Albrecht Altmann Arndt Ashworth Auer Bachmann Bäcker Balzer Barnard Bauer
Baumann Becker Behrens Berger Bergmann Bernhardt Beyer Bishop Blackwood Böhm Böttcher Brandt Braun
Brückner Bradshaw Burkhardt Busch Carpenter Chadwick Conrad Crawford Dahlmann Dietrich Döring
Dreyer Ebert Eckhardt Eichhorn Ellington Engelhardt Ernst Fairbanks Falk Feldmann Fiedler Fischer
Fletcher Förster Franke Freitag Friedrich Fuchs Gärtner Gebhardt Geiger Gerlach Goodwin Götz Graf
Greenwood Gruber Günther Haas Hagemann Hahn Harrington Hartmann Haupt Heinemann Heinze Hellwig
Henning Herrmann Heuer Hoffmann Holloway Horn Huber Jäger Jansen Jordan Kaiser Karlsson Keller
Kessler Kirchner Klein Knight Köhler König Körner Krämer Kranz Krause Kröger Krüger Kühn Kuhlmann
Langdon Lehmann Lindner Löffler Lorenz Ludwig Lüders Mahler Marquardt Maurer Mayer Meier Meinhardt
Merkle Mitchell Möller Montgomery Moritz Mühlbauer Müller Münch Naumann Neubauer Neumann Niemann
Nowak Oakley Oppermann Osterwald Otto Pape Paulsen Pemberton Peters Pfeiffer Pohl Prescott Pütz
Quandt Raabe Rademacher Reichert Reimann Reinhardt Richter Riedel Ritter Röder Römer Rosenthal
Rothe Rüdiger Sander Sauer Schäfer Scharf Scherer Schilling Schlüter Schmidt Schneider Scholz
Schönfeld Schröder Schubert Schulte Schumacher Schütte Schwarz Seidel Seifert Sheffield Sommer
Stahl Steinmetz Stephan Stiller Stöcker Strauß Sullivan Thalmann Thiele Thornton Trautmann Ullmann
Vogel Vogt Voigt Wagner Waldschmidt Walther Weber Wegner Weidmann Weiß Wendt Whitaker Wieland
Winkler Winterberg Wittmann Wolff Wörner Wünsche Yorke Zeller Ziegler Zimmermann
""".splitlines()
    for word in line.split()
)

BUSINESS = ("Maschinenbau GmbH", "Bau AG", "Logistics Ltd", "Spedition KG", "Immobilien GmbH")


def fictional_names(count: int, *, seed: int = 20260302) -> list[str]:
    """Return distinct names: people, couples, double names, titles, a few companies."""
    chance = random.Random(seed)
    names: dict[str, None] = {}
    while len(names) < count:
        names[_name(chance)] = None
    return list(names)


def _name(chance: random.Random) -> str:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    kind = chance.random()
    if kind < 0.06:
        return f"{last} {chance.choice(BUSINESS)}"
    if kind < 0.12:
        return f"{first} {last}-{chance.choice(LAST)}"
    if kind < 0.17:
        return f"Dr. {first} {last}"
    if kind < 0.22:
        return f"{first} und {chance.choice(FIRST)} {last}"
    if kind < 0.25:
        return f"{first} von {last}"
    return f"{first} {last}"


def slip(word: str, chance: random.Random) -> str:
    """Mistype one letter: leave out, double, replace or swap; the first letter stays."""
    if len(word) < 4:
        return word
    at = chance.randrange(1, len(word) - 1)
    other = chance.choice("aeinrst")
    return chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + other + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def _slip_somewhere(name: str, chance: random.Random) -> str:
    words = name.split()
    at = max(range(len(words)), key=lambda i: (len(words[i]) >= 4, chance.random()))
    words[at] = slip(words[at], chance)
    return " ".join(words)


def _swapped(name: str, _chance: random.Random) -> str:
    *first, last = name.split()
    return f"{last} {' '.join(first)}"


def _replaced(name: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        name = name.replace(old, new)
    return name


DROPPED = (("ä", "a"), ("ö", "o"), ("ü", "u"), ("ß", "ss"))
WRITTEN_OUT = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"))
HEARD = (("ei", "ai"), ("ey", "ei"), ("ay", "ei"), ("dt", "tt"), ("ph", "f"), ("th", "t"))

KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "exact": lambda name, chance: name,
    "umlaut dropped": lambda name, chance: _replaced(name, DROPPED),
    "transliterated": lambda name, chance: _replaced(name, WRITTEN_OUT),
    "one typo": _slip_somewhere,
    "two typos": lambda name, chance: _slip_somewhere(_slip_somewhere(name, chance), chance),
    "swapped": _swapped,
    "swapped with a typo": lambda name, chance: _slip_somewhere(_swapped(name, chance), chance),
    "by ear": lambda name, chance: _replaced(name, HEARD),
    "last name with a typo": lambda name, chance: slip(name.split()[-1], chance),
    "beginnings": lambda name, chance: " ".join(word[:3].lower() for word in name.split()),
}
APPLIES: dict[str, Callable[[str], bool]] = {
    "umlaut dropped": lambda name: any(letter in name for letter in "äöüß"),
    "transliterated": lambda name: any(letter in name for letter in "äöüß"),
    "by ear": lambda name: any(written in name for written, _heard in HEARD),
    "last name with a typo": lambda name: len(name.split()[-1]) >= 5,
}


def queries(names: list[str], kind: str, count: int, *, seed: int = 7) -> Iterator[tuple[str, str]]:
    """Give names and how somebody types them."""
    chance = random.Random(f"{seed} {kind}")
    suitable = [name for name in names if kind not in APPLIES or APPLIES[kind](name)]
    for name in chance.sample(suitable, count):
        yield name, KINDS[kind](name, chance)
