"""A client is found however its name is typed, and nobody finds another's client."""

from collections.abc import Sequence
from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import select

from domain.access import Member, Role
from storage import search
from storage.firms import save_member
from storage.search import (
    SearchResult,
    find_clients,
    fold,
    forget_names,
    index_all,
    index_names,
    name_words,
)
from storage.store import Store
from storage.tables import ClientRow, FirmRow, NameTokenRow, NameVocabRow
from tests.firms import members_of, save_client, save_firm
from tests.storage.names import KINDS, fictional_names, queries

SIZE = 2_000
QUERIES = 40


SPELLINGS = (
    ("Thomas Müller", "Mueller"),
    ("Thomas Müller", "MULLER"),
    ("Thomas Müller", "müller, thomas"),
    ("Thomas Müller", "tho mül"),
    ("Thomas Müller", "Thomsa Müler"),
    ("Dr. Hans von Arnim", "hans arnim"),
    ("Hans Arnim", "Dr. Hans Arnim"),
    ("Straße & Söhne", "STRASSE"),
    ("Walter Strasse", "straße"),
    ("Deniz İstanbul", "istanbul"),
    ("Deniz İstanbul", "ISTANBUL"),
    ("Deniz İstanbul", "İSTANBUL"),
    ("Łukasz Żak", "lukasz zak"),
    ("Lukasz Zak", "ŁUKASZ"),
    ("Søren Ærø", "soeren aero"),
    ("Ayşe Öztürk", "oeztuerk"),
    ("Sean O'Neil", "oneil"),
    ("Sean O'Neil", "O’Neil"),
    ("Sean ONeil", "o'neil"),
    ("Marie D’Arcy", "d'arcy"),
    ("Marie D’Arcy", "Darcy"),
    ("Karl-Heinz Beyer", "Karlheinz Beyer"),
    ("Karlheinz Beyer", "karl heinz beyer"),
    ("Eva Müller-Lüdenscheidt", "mueller luedenscheidt"),
    ("R&D GmbH", "R&D"),
    ("R&D GmbH", "rd gmbh"),
    ("Adler Maschinenbau GmbH & Co. KG", "adler maschinenbau"),
    ("田中太郎", "田中"),
    ("田中太郎", "田中太郎"),
    ("Café 🌻 Blume", "cafe blume"),
    ("Café 🌻 Blume", "Café 🌻 Blume"),
    ("محمد علي", "محمد"),
    ("Mu\u0308ller AG", "M\u00fcller AG"),
    ("Robert'); DROP TABLE client;--", "Robert'); DROP TABLE client;--"),
    ("Jürgen Schmidt", "schmitt"),
    ("Petra Meier", "Mayr"),
    ("Petra Meier", "Maier"),
    ("Philipp Vogt", "filip vogt"),
    ("Filip Fogt", "Philipp Fogt"),
    ("Friedrich Vogel", "Vgoel"),
)


class Book:
    """A firm's clients, each with the advisor named; looks up as one of the members."""

    def __init__(self, store: Store, firm: FirmRow) -> None:
        self.store, self.firm, self.members = store, firm, members_of(store, firm)

    def add(self, *names: str, advisor: str = "anna") -> None:
        with self.store.write(self.firm.id) as session:
            advisor_id = self.members[advisor].member_id
            used = len(session.exec(select(ClientRow.id)).all())
            ids = [
                save_client(session, f"{used + number}", name, advisor_id)
                for number, name in enumerate(names)
            ]
            index_names(session, ids)

    def look_up(self, query: str, *, advisors: Sequence[str] = ("anna",)) -> SearchResult:
        ids = [self.members[key].member_id for key in advisors]
        with self.store.read(self.firm.id) as session:
            return find_clients(session, query, ids)

    def found(self, query: str, *, advisors: Sequence[str] = ("anna",)) -> list[str]:
        return [hit.name for hit in self.look_up(query, advisors=advisors).hits]

    def near(self, query: str, *, advisors: Sequence[str] = ("anna",)) -> list[str]:
        return [hit.name for hit in self.look_up(query, advisors=advisors).near]


@pytest.fixture
def book(store: Store, firm: FirmRow) -> Book:
    return Book(store, firm)


def _fits(name: str, found: str, query: str, kind: str) -> bool:
    """Tell whether a client found is one that the query may mean."""
    if kind == "beginnings":
        words = name_words(found)
        return all(any(word.startswith(start) for word in words) for start in name_words(query))
    if kind == "last name with a typo":
        return fold(name.split()[-1]) in fold(found)
    return fold(name) == fold(found)


def test_ten_ways_to_type_a_name_find_it_among_two_thousand(
    store: Store, firm: FirmRow, members: dict[str, Member]
) -> None:
    names = fictional_names(SIZE)
    anna, jonas = members["anna"].member_id, members["jonas"].member_id
    with store.write(firm.id) as session:
        rows = [
            {"firm_id": firm.id, "external_id": str(number), "name": name, "version": 1,
             "advisor_id": jonas if number % 2 else anna}
            for number, name in enumerate(names)
        ]  # fmt: skip
        session.execute(sa.insert(ClientRow), rows)
        index_all(session)
    recall = {}
    with store.read(firm.id) as session:
        for kind in KINDS:
            right = 0
            for name, query in queries(names, kind, QUERIES):
                result = find_clients(session, query, [anna, jonas], limit=5)
                shown = (*result.hits, *result.near)[:5]
                right += any(_fits(name, hit.name, query, kind) for hit in shown)
            recall[kind] = right / QUERIES
    assert min(recall.values()) >= 0.95, recall
    assert sum(recall.values()) / len(recall) >= 0.98, recall


def test_a_name_is_found_in_another_spelling(store: Store, firm: FirmRow) -> None:
    others = ("Ruth Zimmermann", "Nordwind Energie AG")
    with store.write(firm.id) as session:
        for number, (name, _query) in enumerate(SPELLINGS):
            advisor = save_member(session, key=f"{number}", name="", role=Role.ADVISOR, team="")
            for each in (name, *others):
                save_client(session, f"{number} {each}", each, advisor.member_id)
        index_all(session)
    advisors = members_of(store, firm)
    with store.read(firm.id) as session:
        for number, (name, query) in enumerate(SPELLINGS):
            found = find_clients(session, query, [advisors[f"{number}"].member_id])
            assert (query, [hit.name for hit in found.hits]) == (query, [name])


def test_a_firm_too_large_to_read_whole_answers_like_a_small_book(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given names alike, some twice, some in another order or spelling
    turned = [" ".join(reversed(name.split())) for name, _query in SPELLINGS[::3]]
    names = [*(name for name, _query in SPELLINGS), *turned, "Anna Huber", "ANNA HUBER", "R D GmbH"]
    book.add(*names, "Anna Huber", "Hans Müller", "Hans Mueller")
    book.add("Anna Huber", "Hans Muller", "R&D GmbH", advisor="jonas")
    queries = [*names, *(query for _name, query in SPELLINGS), "hans muller", "huber anna", "rd"]
    # When the same is asked of them as one's own book, and as a large firm
    small = [book.look_up(query) for query in queries]
    monkeypatch.setattr(search, "OWN_BOOK", 0)
    # Then nothing differs
    for query, expected in zip(queries, small, strict=True):
        assert (query, book.look_up(query)) == (query, expected)


def test_an_exact_name_is_the_only_hit_among_names_alike(book: Book) -> None:
    book.add("Hans Müller", "Hans Mueller", "Hans Müllner", "Johann Müller")
    assert book.found("hans müller") == ["Hans Müller"]
    assert book.found("Hans Mueller") == ["Hans Mueller"]
    assert book.found("Hans Muller") == ["Hans Mueller", "Hans Müller"]


def test_two_clients_of_one_name_are_both_found(book: Book) -> None:
    book.add("Anna Huber", "Anna Huber", "Anne Huber")
    assert book.found("Anna Huber") == ["Anna Huber", "Anna Huber"]


def test_a_last_name_that_several_bear_gives_them_all(book: Book) -> None:
    book.add("Anna Huber", "Bernd Huber", "Huber Bau GmbH", "Carla Gruber")
    assert set(book.found("huber")) == {"Anna Huber", "Bernd Huber", "Huber Bau GmbH"}


def test_a_clearly_best_name_is_the_only_hit(book: Book) -> None:
    book.add("Anna Huber", "Jonas Huber", "Anna Hofer")
    assert book.found("Ana Huber") == ["Anna Huber"]


@pytest.mark.parametrize("seen_by", [("anna",), ("anna", "jonas", "emily", "vogt")])
def test_a_new_name_is_found_although_the_words_of_a_large_firm_are_kept(
    book: Book, members: dict[str, Member], seen_by: tuple[str, ...]
) -> None:
    # Given a book so large that the firm's words are read, and kept
    book.add(*fictional_names(600))
    assert book.found("Quelmalz", advisors=seen_by) == []
    # When one more client comes, and a colleague's
    book.add("Zacharias Quellmalz")
    book.add("Zeno Quellmalz", advisor="jonas")
    # Then whoever may see them finds them
    expected = {"Zacharias Quellmalz"} | ({"Zeno Quellmalz"} if "jonas" in seen_by else set())
    assert set(book.found("Quelmalz", advisors=seen_by)) == expected


def test_words_that_an_import_keeps_before_its_clients_hide_nobody(
    store: Store, firm: FirmRow, book: Book
) -> None:
    # Given a large firm with one client of a name, whom everybody may see
    everybody = ("anna", "jonas", "emily", "vogt")
    book.add(*fictional_names(600), "Thea Quellmalz")
    # When the words of a hundred more of that name are there, but not yet the clients
    with store.write(firm.id) as session:
        session.add_all(
            NameTokenRow(firm_id=firm.id, client_id=-number, token="quellmalz")
            for number in range(1, 101)
        )
    # Then the one who is there is found
    assert book.found("Quellmalz", advisors=everybody) == ["Thea Quellmalz"]


def test_more_hits_than_asked_for_are_said_to_be_more(
    book: Book, members: dict[str, Member]
) -> None:
    book.add(*(f"{first} Huber" for first in ("Anna", "Bernd", "Carla", "Dirk")))
    with book.store.read(book.firm.id) as session:
        result = find_clients(session, "huber", [members["anna"].member_id], limit=3)
    assert len(result.hits) == 3
    assert result.has_more


def test_a_miss_gives_names_that_look_alike_out_of_ones_own_book_only(book: Book) -> None:
    book.add("Ingrid Ebert")
    book.add("Ingrid Ehrt", advisor="jonas")
    assert book.found("Ingrid Obermayr") == []
    assert book.near("Ingrid Obermayr") == ["Ingrid Ebert"]


def test_another_advisors_client_is_answered_like_no_client(book: Book) -> None:
    book.add("Ruth Zimmermann")
    book.add("Anna Huber", "Anna Hubert", advisor="jonas")
    assert book.look_up("Anna Huber") == book.look_up("Xaver Quitzow") == SearchResult()
    assert book.found("Anna Huber", advisors=["anna", "jonas"]) == ["Anna Huber"]


def test_other_advisors_clients_never_change_an_answer(book: Book) -> None:
    book.add("Anna Huber", "Thomas Müller", "Ingrid Ebert")
    asked = ("Ana Hubr", "müller", "Ingrid Errt", "tho", "nobody at all")
    before = [book.look_up(query) for query in asked]
    book.add("Ana Hubr", "Müller", "Ingrid Errt", "Tho", "Nobody at all", advisor="jonas")
    assert [book.look_up(query) for query in asked] == before


def test_another_firms_clients_are_never_found(book: Book) -> None:
    other = Book(book.store, save_firm(book.store, "T0002", "Südstern Beratung"))
    other.add("Anna Huber")
    everybody = [member.member_id for each in (book, other) for member in each.members.values()]
    with book.store.read(book.firm.id) as session:
        assert find_clients(session, "Anna Huber", everybody) == SearchResult()


def test_less_than_two_letters_are_too_few_to_search(book: Book) -> None:
    book.add("Anna Huber", "Al Pha")
    for query in ("", " ", "a", "%", "_", "*", "%%", "\x00", "\ud800", "🌻", "…"):
        assert book.look_up(query) == SearchResult(is_too_short=True)


def test_wildcards_and_broken_letters_find_nobody(book: Book) -> None:
    book.add("Anna Huber", "Bernd Keller")
    for query in ("%%ab%%", "a%b", "__xy", "xq*", "x\x00q\ud800z", "%' OR 1=1"):
        assert book.found(query) == []


def test_letters_around_broken_ones_still_find_the_name(book: Book) -> None:
    book.add("Anna Huber")
    assert book.found("Anna\x00Huber\ud800%") == ["Anna Huber"]


def test_a_query_longer_than_any_name_finds_nobody(book: Book) -> None:
    book.add("Anna Huber")
    assert book.look_up("Anna Huber " * 273) == SearchResult()
    assert book.look_up("a" * 3_001) == SearchResult()


def test_a_name_of_one_very_long_word_is_found_by_itself(book: Book) -> None:
    long = "Donau" * 40
    book.add(long, "Anna Huber")
    assert book.found(long) == [long]


def test_whoever_may_see_nobody_finds_nobody(book: Book) -> None:
    book.add("Anna Huber")
    assert book.look_up("Anna Huber", advisors=[]) == SearchResult()


def test_a_renamed_client_is_found_by_its_new_name_only(book: Book) -> None:
    book.add("Anna Huber", "Bernd Huber")
    with book.store.write(book.firm.id) as session:
        row = session.exec(select(ClientRow).where(ClientRow.name == "Anna Huber")).one()
        row.name = "Anna Keller"
        index_names(session, [row.id or 0])
    assert book.found("Anna Keller") == ["Anna Keller"]
    assert book.found("Huber") == ["Bernd Huber"]


def test_a_forgotten_name_leaves_no_trace(book: Book) -> None:
    book.add("Anna Huber", "Bernd Huber")
    with book.store.write(book.firm.id) as session:
        row = session.exec(select(ClientRow).where(ClientRow.name == "Anna Huber")).one()
        forget_names(session, [row.id or 0])
    with book.store.read(book.firm.id) as session:
        assert set(session.exec(select(NameVocabRow.token))) == {"bernd", "huber"}
        assert set(session.exec(select(NameTokenRow.token))) == {"bernd", "huber"}


def test_a_former_client_is_still_found(book: Book, members: dict[str, Member]) -> None:
    with book.store.write(book.firm.id) as session:
        anna = members["anna"].member_id
        client_id = save_client(session, "1", "Anna Huber", anna, former_since=date(2025, 1, 1))
        index_names(session, [client_id])
    assert book.found("Anna Huber") == ["Anna Huber"]
