"""`tierwise rules` in the terminal: shown, previewed, saved as one more version."""

import json
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot import cli
from bot.views.rules import notes
from bot.words import Words
from domain.rulebook import RuleBook
from domain.rulefile import keys_of
from storage.firms import current_rules
from storage.store import Store, open_store
from storage.tables import RuleBookRow
from tests.firms import members_of, save_client, save_firm

FIRM = "T0001"


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> tuple[Store, str, int]:
    """Give a firm with three clients, two of them between 7,000 and 8,000 a year."""
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{path}")
    firm = save_firm(store, FIRM, "Nordlicht Vermögen")
    anna = members_of(store, firm)["anna"].member_id
    with store.write(firm.id) as session:
        for number, (name, euros) in enumerate(
            [("Maria Huber", 7500), ("[b]Sonnenhof[/b] GmbH", 7900), ("Karl Weiß", 900)]
        ):
            save_client(session, f"K{number}", name, anna, revenue_cents=euros * 100)
    return store, f"sqlite:///{path}", firm.id or 0


def run(address: str, *arguments: str, locale: str = "de-DE", answer: str = ""):
    return CliRunner().invoke(
        cli.app,
        ["--database", address, "--locale", locale, "rules", *arguments],
        input=answer,
        env={"COLUMNS": "120"},
    )


def saved(store: Store, firm_id: int) -> list[tuple[int, str]]:
    with store.read(firm_id) as session:
        return [
            (row.version, row.saved_by)
            for row in session.exec(select(RuleBookRow).order_by(RuleBookRow.version))
        ]


@pytest.fixture
def lower_a(tmp_path: Path) -> str:
    path = tmp_path / "rules.toml"
    path.write_text("[cutoffs]\na_from_revenue = 7000\n", "utf-8")
    return str(path)


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_every_value_is_shown_and_exported_with_its_source(desk, tmp_path, locale):
    _, address, _ = desk
    shown = run(address, "show", locale=locale).stdout
    file = tmp_path / "out.toml"
    assert run(address, "export", str(file), locale=locale).exit_code == 0
    said = notes(Words(locale))
    for key in keys_of(RuleBook()):
        assert said[key] in file.read_text("utf-8")
        if "." in key and key not in ("matrix.share", "matrix.satisfaction"):
            assert key in shown
    assert run(address, "preview", str(file), locale=locale).exit_code == 0


def test_a_preview_names_who_moves_and_saves_nothing(desk, lower_a):
    store, address, firm_id = desk
    result = run(address, "preview", lower_a)
    assert "2 von 3 Kunden wechseln." in result.stdout
    assert "B → A" in result.stdout
    assert "[b]Sonnenhof[/b] GmbH, Maria Huber" in result.stdout
    assert "15.400" in result.stdout
    values = json.loads(run(address, "preview", lower_a, "--json").stdout)
    assert values["tiers"]["moves"] == [
        {
            "before": "B",
            "after": "A",
            "clients": 2,
            "revenue": "15400.00",
            "first": ["[b]Sonnenhof[/b] GmbH", "Maria Huber"],
        }
    ]
    assert values["changes"] == [
        {"key": "cutoffs.a_from_revenue", "before": "8000", "after": "7000"}
    ]
    assert values["split"]["median"]["not_placed"] == 3
    assert saved(store, firm_id) == []


def test_an_import_asks_first_and_a_no_saves_nothing(desk, lower_a):
    store, address, firm_id = desk
    refused = run(address, "import", lower_a, answer="n\n")
    assert refused.exit_code == 1
    assert "2 von 3 Kunden wechseln." in refused.stdout
    assert saved(store, firm_id) == []


def test_an_import_saves_one_more_version_and_leaves_the_others(desk, lower_a, tmp_path):
    store, address, firm_id = desk
    assert run(address, "import", lower_a, answer="y\n").exit_code == 0
    again = tmp_path / "again.toml"
    again.write_text("version = 99\nmethod = 'abcd_revenue'\n", "utf-8")
    assert run(address, "import", str(again), "--yes").exit_code == 0
    with store.read(firm_id) as session:
        rules = current_rules(session)
    assert saved(store, firm_id) == [(2, "operator"), (3, "operator")]
    assert (rules.version, rules.method.value) == (3, "abcd_revenue")
    assert rules.cutoffs.a_from_revenue == 7000


def test_what_says_nothing_new_is_not_saved(desk, tmp_path):
    store, address, firm_id = desk
    file = tmp_path / "same.toml"
    run(address, "export", str(file))
    result = run(address, "import", str(file), "--yes")
    assert result.exit_code == 0
    assert "dasselbe" in result.stdout
    assert saved(store, firm_id) == []


@pytest.mark.parametrize(
    ("text", "german", "english"),
    [
        ("colour = 1", "Ein Regelwerk kennt kein „colour“.", "A rule book has no “colour”."),
        (
            "[cutoffs]\na_from_revenue = 20000",
            "„cutoffs.a_plus_from_revenue“ muss über „cutoffs.a_from_revenue“ liegen.",
            "“cutoffs.a_plus_from_revenue” must be above “cutoffs.a_from_revenue”.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_that_names_the_key(
    desk, tmp_path, text, german, english
):
    _, address, _ = desk
    file = tmp_path / "wrong.toml"
    file.write_text(text, "utf-8")
    for locale, sentence in (("de-DE", german), ("en-GB", english)):
        result = run(address, "import", str(file), "--yes", locale=locale)
        assert (result.exit_code, result.stderr.strip()) == (2, sentence)
