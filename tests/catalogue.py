"""Keeps the German catalogue in step with the texts in the code; `make texts` runs it."""

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

BOT = Path(__file__).parents[1] / "bot"
GERMAN = BOT / "locales" / "de" / "LC_MESSAGES" / "tierwise.po"
KEYWORDS = {"say": None, "say_n": (1, 2)}
HEADER = "# German texts of Tierwise. English stands in the code; `make texts` keeps both in step."


def texts_in_code() -> Catalog:
    """Collect every text that the code says."""
    found = Catalog()
    for _file, _line, text, _comments, _context in extract_from_dir(BOT, keywords=KEYWORDS):
        found.add(text)
    return found


def german() -> Catalog:
    """Read the German catalogue."""
    with GERMAN.open("rb") as lines:
        return read_po(lines, locale="de")


def update() -> None:
    """Write the catalogue with all texts of the code and no other; new ones are empty."""
    old, new = german(), Catalog(locale="de", header_comment=HEADER, fuzzy=False)
    for message in texts_in_code():
        if message.id:
            known = old.get(message.id if isinstance(message.id, str) else message.id[0])
            translated = known.string if isinstance(known, Message) else ""
            new.add(message.id, translated, flags=message.flags)
    with GERMAN.open("wb") as lines:
        write_po(lines, new, width=100, no_location=True, sort_output=True, omit_header=True)
    body = GERMAN.read_text("utf-8")
    head = f'{HEADER}\nmsgid ""\nmsgstr ""\n"Language: de\\n"\n'
    head += '"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    GERMAN.write_text(head + body.lstrip(), "utf-8")


if __name__ == "__main__":
    update()
