"""Finds clients by name although it is misspelled, half typed or turned round.

Two tables are kept on write: each client's folded words, and the firm's vocabulary of them. A
search compares the query's words with the vocabulary (a few thousand words, whatever the number of
clients), takes the clients that bear the words alike, and aligns the best sixty word by word.

Only clients of the advisors given take part, from the first step on: others' clients change
neither the answer nor the ranking.
"""

import json
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlmodel import Session, col, delete, func, select

from storage.joined import Listed, among
from storage.store import Prepared, insert_new
from storage.tables import ClientRow, FirmRow, MemberRow, NameTokenRow, NameVocabRow

Item = TypeVar("Item")

LONGEST_QUERY = 200
"""As long as the longest name; anything longer is no name."""
LONGEST_WORD = 64
MOST_WORDS = 12
CANDIDATES = 60
MOST_ALIKE = 200
"""Words of the vocabulary taken for one word of the query, the most alike first."""
OWN_BOOK = 500
"""Up to so many clients, their own words are read instead of the firm's vocabulary."""
BATCH = 900

TYPOS = (0, 0, 0, 1, 1, 2, 2, 2, 2, 3)
HIT = 0.70
"""From this score a client is meant by the query."""
NEAR = 0.4
"""From this score a client is worth asking about after a miss."""
EXACT = 0.96
"""With the same words, in whatever order, a name fits better than this."""
CLEAR = 0.06
"""Hits further behind the best one than this are not meant."""

LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
TRANSLITERATED = (("ae", "a"), ("oe", "o"), ("ue", "u"))
SOUNDS = (
    ("ph", "f"), ("th", "t"), ("dt", "t"), ("ck", "k"), ("tz", "z"), ("ey", "ei"), ("ay", "ei"),
    ("ai", "ei"), ("y", "i"), ("v", "f"), ("c", "k"), ("kh", "ch"),
)  # fmt: skip
DOUBLED = re.compile(r"(.)\1+")
WORD = re.compile(r"[^\W_]+")
BYWORDS = frozenset(
    ("dr", "prof", "herr", "frau", "mr", "mrs", "ms", "fam", "familie", "family", "eheleute",
     "und", "and", "the", "von", "van", "de", "der", "zu")
)  # fmt: skip
"""Words that people leave out or add; they hardly count."""


_THEIRS = among(ClientRow.advisor_id, "advisor_ids")
_REACH = Prepared(
    sa.select(
        sa.select(func.count())
        .select_from(sa.select(col(ClientRow.id)).where(_THEIRS).limit(OWN_BOOK + 1).subquery())
        .scalar_subquery(),
        sa.exists(sa.select(col(MemberRow.id)).where(sa.not_(among(MemberRow.id, "advisor_ids")))),
        col(FirmRow.words_version),
    ).where(col(FirmRow.id) == sa.bindparam("firm"))
)
"""How many clients these advisors have, as far as it matters; whether there are other advisors;
which words the firm has."""
_ALL_BEARERS: Any = (
    sa.select(col(NameTokenRow.token), Listed(NameTokenRow.client_id))
    .where(among(NameTokenRow.token, "tokens"))
    .group_by(col(NameTokenRow.token))
)
_BEARERS = Prepared(_ALL_BEARERS)
_REACHED_BEARERS = Prepared(
    _ALL_BEARERS.join(ClientRow, col(ClientRow.id) == col(NameTokenRow.client_id)).where(_THEIRS)
)
_OWN_BEARERS = Prepared(
    sa.select(col(NameTokenRow.token), Listed(NameTokenRow.client_id))
    .where(col(NameTokenRow.client_id).in_(sa.select(col(ClientRow.id)).where(_THEIRS)))
    .group_by(col(NameTokenRow.token))
)
_NAMES = Prepared(
    sa.select(col(ClientRow.id), col(ClientRow.name)).where(among(ClientRow.id, "ids"))
)
_VOCABULARY = Prepared(sa.select(Listed(NameVocabRow.token)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A client found, and how well its name fits the query (1: exactly)."""

    client_id: int
    name: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Clients that the query means; if none, those whose names look alike."""

    hits: tuple[Hit, ...] = ()
    near: tuple[Hit, ...] = ()
    has_more: bool = False
    """More clients fit than are listed."""
    is_too_short: bool = False
    """Fewer than two letters or digits were asked for: nothing was searched."""


def find_clients(
    session: Session, query: str, advisor_ids: Collection[int], *, limit: int = 10
) -> SearchResult:
    """Find clients of these advisors by name, the best first; former clients are found too.

    An exact name is the only hit, however many are alike. Whatever is typed is data: no character
    is a wildcard.
    """
    if sum(len(word) for word in name_words(query)) < 2:
        return SearchResult(is_too_short=True)
    if len(query) > LONGEST_QUERY or not advisor_ids:
        return SearchResult()
    spellings = [_Words.of(words) for words in _spellings(query)]
    asked = {word[:LONGEST_WORD] for spelling in spellings for word in spelling.words}
    candidates = _candidates(session, asked, name_words(query), sorted(advisor_ids))
    scored = sorted((-_fit(spellings, name), name, client_id) for client_id, name in candidates)
    found = [
        Hit(client_id=client_id, name=name, score=-score)
        for score, name, client_id in scored
        if -score >= NEAR
    ]
    hits = _meant(query, found)
    near = () if hits else tuple(found[:limit])
    return SearchResult(hits=hits[:limit], near=near, has_more=len(hits) > limit)


def index_names(session: Session, client_ids: Collection[int]) -> None:
    """Keep the words of these clients' names; call it whenever a name was written."""
    forget_names(session, client_ids)
    named: list[tuple[int, str]] = []
    for batch in _batches(client_ids):
        named += _named(session, col(ClientRow.id).in_(batch))
    _keep_words(session, session.info["firm_id"], named)


def index_all(session: Session) -> None:
    """Build the words of all clients of the session's firm anew."""
    firm_id = session.info["firm_id"]
    session.flush()
    session.exec(delete(NameTokenRow))
    session.exec(delete(NameVocabRow))
    _keep_words(session, firm_id, _named(session, sa.true()))


def forget_names(session: Session, client_ids: Collection[int]) -> None:
    """Remove the words of these clients, and from the vocabulary what nobody bears any more."""
    session.flush()
    for batch in _batches(client_ids):
        of_them = col(NameTokenRow.client_id).in_(batch)
        words = session.exec(select(NameTokenRow.token).where(of_them)).all()
        session.exec(delete(NameTokenRow).where(of_them))
        for some in _batches(set(words)):
            in_use = select(NameTokenRow.token).where(col(NameTokenRow.token).in_(some))
            used = set(session.exec(in_use))
            unused = [word for word in some if word not in used]
            session.exec(delete(NameVocabRow).where(col(NameVocabRow.token).in_(unused)))


class _Bare(dict[int, str]):
    """A character by its code without accents: found out once, since there are few."""

    def __missing__(self, code: int) -> str:
        letters = unicodedata.normalize("NFKD", chr(code))
        bare = "".join(each for each in letters if not unicodedata.combining(each))
        self[code] = bare.translate(LETTERS)
        return self[code]


_BARE = _Bare()


def fold(text: str) -> str:
    """Write a name without case, accents and umlauts, however those were spelled."""
    plain = _plain(text)
    for spelled, letter in TRANSLITERATED:
        plain = plain.replace(spelled, letter)
    return plain


def _plain(text: str) -> str:
    text = text.casefold()
    return text if text.isascii() else text.translate(_BARE)


def name_words(name: str) -> tuple[str, ...]:
    """Return the folded words of a name: ``R&D GmbH`` has r, d and gmbh."""
    return _apart(fold(name))


def _apart(folded: str) -> tuple[str, ...]:
    return tuple(WORD.findall(folded))


def _together(folded: str) -> tuple[str, ...]:
    """Return the words with what is written together kept together: rd and gmbh."""
    return tuple(joined for part in folded.split() if (joined := "".join(WORD.findall(part))))


def name_tokens(name: str) -> set[str]:
    """Return the words under which a name is found."""
    folded = fold(name)
    return {word[:LONGEST_WORD] for word in (*_apart(folded), *_together(folded))}


def _spellings(query: str) -> set[tuple[str, ...]]:
    """Return the words asked for, in each way the query may be meant.

    O'Neil is one word or two, and the oe of a mistyped Vgoel is no ö.
    """
    forms = {fold(query), _plain(query)}
    return {words[:MOST_WORDS] for form in forms for words in (_apart(form), _together(form))}


def _keep_words(session: Session, firm_id: int, named: Iterable[tuple[int, str]]) -> None:
    postings = [
        {"firm_id": firm_id, "client_id": client_id, "token": word}
        for client_id, name in named
        for word in name_tokens(name)
    ]
    if postings:
        session.execute(sa.insert(NameTokenRow.__table__), postings)  # type: ignore[attr-defined]
        known = set(session.exec(select(NameVocabRow.token)))
        add_words(session, {str(posting["token"]) for posting in postings} - known)


def add_words(session: Session, words: Collection[str]) -> None:
    """Add words to the firm's vocabulary, before anybody bears them; those that it has stay.

    Only new words make a new version: by one that nobody bears any more, nobody is found.
    """
    if words:
        firm_id = session.info["firm_id"]
        rows = [{"firm_id": firm_id, "token": word} for word in sorted(words)]
        insert_new(session, NameVocabRow.__table__, rows)  # type: ignore[attr-defined]
        firm: Any = FirmRow.__table__  # type: ignore[attr-defined]
        newer = sa.update(firm).values(words_version=firm.c.words_version + 1)
        session.connection().execute(newer.where(firm.c.id == firm_id))


def _named(session: Session, which: sa.ColumnElement[bool]) -> list[tuple[int, str]]:
    rows = session.exec(select(ClientRow.id, ClientRow.name).where(which))
    return [(client_id, name) for client_id, name in rows if client_id is not None]


def _candidates(
    session: Session, asked: Collection[str], whole: Sequence[str], advisor_ids: Sequence[int]
) -> list[tuple[int, str]]:
    """Return the clients that bear the words most alike, by id and name.

    Those who bear exactly these words, and the `whole` of them, are the only ones.
    """
    reach = {"advisor_ids": advisor_ids}
    ((clients, others, version),) = _REACH.rows(session, **reach, firm=session.info["firm_id"])
    if clients <= OWN_BOOK:
        bearers = _read_bearers(_OWN_BEARERS.rows(session, **reach))
        scores = _scores(_alike(asked, Vocabulary(bearers)), bearers)
        return _named_best(session, scores)
    exact = _named_so(session, whole, reach)
    if exact:
        return exact
    alike = _alike(asked, _vocabulary(session, version))
    sought = {**reach, "tokens": sorted({token for found in alike.values() for token in found})}
    if not others:
        scores = _scores(alike, _read_bearers(_BEARERS.rows(session, **sought)))
        named = _named_best(session, scores)
        if len(named) == min(len(scores), CANDIDATES):
            return named
    # Some may not be seen, or are not there yet: an import keeps the words of new clients first.
    scores = _scores(alike, _read_bearers(_REACHED_BEARERS.rows(session, **sought)))
    return _named_best(session, scores)


def _named_so(
    session: Session, whole: Sequence[str], reach: Mapping[str, Sequence[int]]
) -> list[tuple[int, str]]:
    """Return the clients whose names have exactly these words, in any order."""
    tokens = {word[:LONGEST_WORD] for word in whole}
    bearers = _read_bearers(_REACHED_BEARERS.rows(session, **reach, tokens=sorted(tokens)))
    if bearers.keys() != tokens:
        return []
    ids = sorted(set.intersection(*map(set, bearers.values())))
    if len(ids) > CANDIDATES:
        return []
    words = sorted(whole)
    return [each for each in _NAMES.rows(session, ids=ids) if sorted(name_words(each[1])) == words]


def _scores(
    alike: Mapping[str, Mapping[str, float]], bearers: Mapping[str, Sequence[int]]
) -> dict[int, float]:
    """Add up, by client, how well each word asked for fits the word of hers that fits best."""
    scores: dict[int, float] = {}
    for word, found in alike.items():
        weight = 0.1 if word in BYWORDS else len(word) ** 0.5
        best: dict[int, float] = {}
        for token in sorted(found, key=found.__getitem__):
            best |= dict.fromkeys(bearers.get(token, ()), found[token] * weight)
        fewer, scores = sorted((best, scores), key=len)
        for client_id, score in fewer.items():
            scores[client_id] = scores.get(client_id, 0.0) + score
    return scores


def _named_best(session: Session, scores: Mapping[int, float]) -> list[tuple[int, str]]:
    """Return the clients with the best scores; of equal ones those with the lower ids."""
    least = sorted(scores.values(), reverse=True)[:CANDIDATES][-1] if scores else 0.0
    best = [client_id for client_id, score in scores.items() if score >= least]
    best.sort(key=lambda client_id: (-scores[client_id], client_id))
    return _NAMES.rows(session, ids=best[:CANDIDATES])


def _read_bearers(rows: Iterable[tuple[str, str]]) -> dict[str, list[int]]:
    """Read which clients bear a word."""
    return {token: json.loads(ids) for token, ids in rows}


class Vocabulary:
    """Words of names, sorted and by length."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(words)
        self.by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in self.words:
            self.by_length[len(word)].append(word)


def _vocabulary(session: Session, version: int) -> Vocabulary:
    """Return the firm's words, kept until there are others."""
    firm_id = session.info["firm_id"]
    kept: dict[int, tuple[int, Vocabulary]] = session.info["kept"]
    if firm_id not in kept or kept[firm_id][0] != version:
        words = json.loads(_VOCABULARY.cells(session)[0] or "[]")
        kept[firm_id] = version, Vocabulary(words)
    return kept[firm_id][1]


def _alike(asked: Collection[str], vocabulary: Vocabulary) -> dict[str, dict[str, float]]:
    return {word: _words_like(word, vocabulary) for word in asked}


def _words_like(word: str, vocabulary: Vocabulary) -> dict[str, float]:
    """Return the words of a vocabulary that may be meant by a word, with their likeness."""
    found: dict[str, float] = {}
    for spelled in {word, sound(word), re.sub("^f", "ph", word)}:
        typos = _typos(spelled)
        for length in range(len(spelled) - typos, len(spelled) + typos + 1):
            alike = process.extract(
                spelled,
                vocabulary.by_length.get(length, ()),
                scorer=OSA.distance,
                score_cutoff=typos,
                limit=None,
            )
            for token, _distance, _position in alike:
                found.setdefault(token, likeness(word, token))
    for token in islice(vocabulary.words, bisect_left(vocabulary.words, word), None):
        if not token.startswith(word):
            break
        found.setdefault(token, likeness(word, token))
    best = sorted(found, key=lambda token: (-found[token], token))
    return {token: found[token] for token in best[:MOST_ALIKE]}


@lru_cache(maxsize=5_000)
def sound(word: str) -> str:
    """Return a word as it sounds, so that Meier is Mayr's neighbour and Schmidt is Schmitt."""
    for written, heard in SOUNDS:
        word = word.replace(written, heard)
    return DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=20_000)
def likeness(word: str, token: str) -> float:
    """Return how well a typed word fits a name's word: 1 the same, 0 not at all."""
    if word == token:
        return 1.0
    spoken, heard = sound(word), sound(token)
    if spoken == heard and len(word) > 1:
        return 0.94
    if token.startswith(word):
        return (0.86 if len(word) > 2 else 0.8 if len(word) == 2 else 0.6) + 0.08 * (
            len(word) / len(token)
        )
    best = _spelled_alike(word, token)
    if best < 0.8 and len(word) > 3 and len(token) > len(word):
        best = max(best, 0.85 * _spelled_alike(word, token[: len(word)]))
    if (spoken, heard) == (word, token):
        return best
    return max(best, 0.95 * _spelled_alike(spoken, heard))


def _spelled_alike(word: str, token: str) -> float:
    allowed, longer = _typos(word), len(token) - len(word)
    if abs(longer) > allowed:
        return 0.0
    distance = OSA.distance(word, token, score_cutoff=allowed)
    return 0.96 * (1 - distance / max(len(word), len(token))) if distance <= allowed else 0.0


def _typos(word: str) -> int:
    """Return how many slips a word of this length may have and still be itself."""
    return TYPOS[len(word)] if len(word) < len(TYPOS) else TYPOS[-1]


@dataclass(frozen=True, slots=True)
class _Words:
    """Words to be aligned, with what each of them counts."""

    words: tuple[str, ...]
    weights: tuple[float, ...]
    total: float
    together: str

    @classmethod
    def of(cls, words: tuple[str, ...]) -> "_Words":
        """Weigh words."""
        weights = tuple(map(_weight, words))
        return cls(words, weights, sum(weights), "".join(words))


@lru_cache(maxsize=5_000)
def _ways(name: str) -> tuple[_Words, ...]:
    """Return a name's words, and as well with those kept together that are written together."""
    folded = fold(name)
    apart = _apart(folded)
    ways = {apart} if " ".join(apart) == folded else {apart, _together(folded)}
    return tuple(map(_Words.of, ways))


def _fit(spellings: Collection[_Words], name: str) -> float:
    """Return how well a query fits a name, in the spelling that fits best."""
    ways = _ways(name)
    written = ways[0].together
    best = 0.0
    for asked in spellings:
        if asked.together == written:
            return 1.0
        fit = 0.97 * max([_aligned(asked, words) for words in ways])
        best = max(best, fit + 0.03 * OSA.normalized_similarity(asked.together, written))
    return best


def _aligned(asked: _Words, name: _Words) -> float:
    """Return how well words fit a name's, each to at most one, in any order."""
    pairs = [
        (alike, i, j)
        for i, word in enumerate(asked.words)
        for j, token in enumerate(name.words)
        if (alike := likeness(word, token))
    ]
    pairs.sort(key=itemgetter(0), reverse=True)
    free, left, total = set(range(len(name.words))), set(range(len(asked.words))), 0.0
    for alike, i, j in pairs:
        if i in left and j in free:
            left.remove(i)
            free.remove(j)
            total += alike * asked.weights[i]
    unasked = sum([name.weights[j] for j in free]) / name.total
    return total / asked.total * (1 - 0.03 * unasked)


@lru_cache(maxsize=20_000)
def _weight(word: str) -> float:
    return 0.5 if word in BYWORDS else 2.0 + min(len(word), 10)


def _meant(query: str, found: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits among clients sorted by score: an exact name alone, else the best ones."""
    words, written = sorted(name_words(query)), _as_written(query)
    # Of more words some were not compared, so that even the name itself may fit less well
    fitting = [hit for hit in found if hit.score > EXACT] if len(words) <= MOST_WORDS else found
    exact = [hit for hit in fitting if _as_written(hit.name) == written]
    if not exact:
        exact = [hit for hit in fitting if sorted(name_words(hit.name)) == words]
    if exact:
        return tuple(exact)
    return tuple(h for h in found if h.score >= HIT and h.score >= found[0].score - CLEAR)


def _as_written(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
