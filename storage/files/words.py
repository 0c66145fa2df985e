"""Columns with a fixed set of words, which people write in German or English."""

import re
import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storage.files.cells import Column, Refusals, known
from storage.files.findings import ProblemCode

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "wallet_source": {
        "documented": ("documented", "dokumentiert", "nachgewiesen", "belegt"),
        "stated": ("stated", "stated by client", "client", "laut Kunde", "Kundenangabe"),
        "estimate": ("estimate", "estimated", "geschätzt", "Schätzung", "Berater-Schätzung"),
    },
    "satisfaction_scale": {
        "csi": ("csi", "kzi", "0-100", "Index", "Zufriedenheitsindex", "Prozent", "percent"),
        "csat": ("csat", "1-5", "Sterne", "stars"),
        "nps": ("nps", "0-10", "net promoter score", "Weiterempfehlung"),
        "school": ("school", "1-6", "school grade", "Schulnote", "Schulnoten", "Note"),
    },
    "criterion": {
        "high_saver": ("high saver", "saver", "hohe Sparquote", "Sparer", "Vielsparer"),
        "illiquid_owner": (
            "illiquid owner", "business owner", "owner", "Unternehmer", "Unternehmerin",
            "illiquider Unternehmer", "Inhaber", "Inhaberin",
        ),
        "henry": ("henry", "high earner not rich yet", "Gutverdiener", "Gutverdienerin"),
    },
    "relation": {
        "child": ("child", "son", "daughter", "Kind", "Sohn", "Tochter"),
        "widowed": ("widowed", "widow", "widower", "verwitwet", "Witwe", "Witwer"),
        "friend": ("friend", "personal friend", "Freund", "Freundin", "Freundschaft"),
    },
}  # fmt: skip


def read_words(cells: Any, field: str) -> Column:
    """Read a column of words as the field's own ones; case, spaces and dashes do not matter."""
    accepted = WORDS[field]
    by_spelling = {
        _spelling(word): key for key, words in accepted.items() for word in (key, *words)
    }
    distinct = pc.dictionary_encode(known(cells))
    texts = distinct.dictionary.to_pylist()
    keys = pa.array([by_spelling.get(_spelling(text)) for text in texts], pa.string())
    values = keys.take(distinct.indices)
    refusals = Refusals.none(len(cells))
    unread = np.asarray(pc.and_(pc.is_valid(distinct.indices), pc.is_null(values)))
    examples = tuple(word for words in accepted.values() for word in words)
    refusals.add(unread, ProblemCode.UNKNOWN_WORD, {"accepted": examples})
    return Column(values=values, refusals=refusals)


def _spelling(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).casefold()
    return re.sub(r"[\W_]+", "", text.replace("–", "-"))
