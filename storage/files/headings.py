"""Which column holds which field: the headings people use, German and English."""

import re
import unicodedata
from dataclasses import dataclass

from storage.files.findings import (
    SHOWN_CHARS,
    Example,
    Facts,
    OpenQuestionError,
    Question,
    QuestionKind,
    Refusal,
    RefusalCode,
    RefusedFileError,
)
from storage.files.options import ReadOptions, Scale

REQUIRED = ("client_id", "name")
MONEY = ("revenue", "managed", "wallet", "income")

HEADINGS: dict[str, tuple[str, ...]] = {
    "client_id": (
        "client_id", "client number", "client no", "customer id", "customer number",
        "customer no", "account id", "account number", "external id", "household id", "id",
        "Kundennummer", "Kundennr", "Kunden-Nr", "Kunden-ID", "Kd-Nr", "KdNr", "Kundenkennung",
        "Mandantennummer", "Mandanten-Nr", "Partnernummer", "contact id", "record id",
        "client id", "CRM id", "Kundennr CRM", "Personennummer", "Adressnummer",
    ),
    "name": (
        "name", "client", "client name", "customer", "customer name", "household", "account name",
        "company", "Kunde", "Kundenname", "Name des Kunden", "Mandant", "Haushalt", "Firma",
        "full name", "contact name", "household name", "display name", "file as",
        "vollständiger Name", "Anzeigename", "Mandantenname", "Firmenname", "Firma/Name",
    ),
    "advisor": (
        "advisor", "adviser", "advisor key", "relationship manager", "account manager",
        "account owner", "owner", "Berater", "Beraterin", "Berater/in", "Kundenbetreuer",
        "Kundenbetreuerin", "Kundenberater", "Kundenberaterin", "Betreuer", "Betreuerin",
        "servicing advisor", "primary advisor", "lead advisor", "assigned to", "assigned advisor",
        "client advisor", "financial advisor", "record owner", "contact owner",
        "zuständiger Berater", "zugewiesen an", "Hauptbetreuer", "Hauptberater", "Betreuer/in",
        "Inhaber des Datensatzes",
    ),
    "revenue": (
        "revenue", "annual revenue", "yearly revenue", "recurring revenue", "fees", "annual fees",
        "Umsatz", "Jahresumsatz", "Ertrag", "Erträge", "Jahresertrag", "recurring fees",
        "total fees", "advisory fees", "gross revenue", "trailing 12 month revenue",
        "Provisionserlös", "Provisionserlöse", "Courtage", "Jahreserlös", "Erlös", "Erlöse",
    ),
    "managed": (
        "managed", "AUM", "assets under management", "managed assets", "verwaltetes Vermögen",
        "betreutes Vermögen", "Vermögen bei uns", "Depotvolumen", "Anlagevolumen", "total AUM",
        "AUM total", "assets under management AUM", "financial account value", "Depotwert",
        "Bestandsvolumen", "Bestand", "Gesamtbestand", "Kundenvermögen",
    ),
    "wallet": (
        "wallet", "wallet size", "total wallet", "total assets", "investable assets",
        "Gesamtvermögen", "anlagefähiges Vermögen", "Budget", "Gesamtbudget", "liquid net worth",
        "liquides Vermögen", "freies Vermögen",
    ),
    "wallet_share": (
        "wallet_share", "share of wallet", "SoW", "Anteil am Gesamtvermögen", "Anteil am Budget",
        "Anteil Gesamtvermögen", "Budgetanteil",
    ),
    "wallet_source": (
        "wallet_source", "source of wallet", "wallet confidence", "Quelle Gesamtvermögen",
        "Quelle Budget", "Herkunft Gesamtvermögen", "Vermögensquelle",
    ),
    "wallet_on": (
        "wallet_on", "wallet date", "wallet as of", "date of wallet", "Gesamtvermögen am",
        "Gesamtvermögen vom", "Stand Gesamtvermögen", "Datum Gesamtvermögen", "Budget vom",
    ),
    "satisfaction": (
        "satisfaction", "satisfaction score", "client satisfaction", "customer satisfaction",
        "satisfaction index", "CSI", "CSAT", "NPS", "Zufriedenheit", "Kundenzufriedenheit",
        "Zufriedenheitsindex", "Kundenzufriedenheitsindex", "KZI", "Schulnote", "Note",
    ),
    "satisfaction_scale": (
        "satisfaction_scale", "scale", "Skala", "Zufriedenheitsskala", "Skala Zufriedenheit",
        "Skala der Zufriedenheit",
    ),
    "satisfaction_on": (
        "satisfaction_on", "satisfaction date", "date of satisfaction", "survey date",
        "surveyed on", "Zufriedenheit am", "Zufriedenheit vom", "Datum Zufriedenheit",
        "Befragt am", "Befragungsdatum",
    ),
    "income": (
        "income", "annual income", "yearly income", "household income", "Einkommen",
        "Jahreseinkommen", "Haushaltseinkommen", "gross annual income", "gross income",
        "Bruttojahreseinkommen", "Bruttoeinkommen",
    ),
    "saving_rate": ("saving_rate", "savings rate", "Sparquote"),
    "business_share": (
        "business_share", "business share of net worth", "share of business",
        "Anteil Betriebsvermögen", "Anteil des Betriebsvermögens", "Betriebsvermögensanteil",
        "Unternehmensanteil", "Firmenanteil",
    ),
    "client_since": (
        "client_since", "customer since", "since", "start date", "Kunde seit", "Kundin seit",
        "Mandant seit", "seit", "client since date", "became client", "became a client",
        "onboarding date", "relationship start date", "Bestandskunde seit", "Mandatsbeginn",
        "Vertragsbeginn",
    ),
    "former_since": (
        "former_since", "client until", "customer until", "left on", "end date",
        "ehemalig seit", "Kunde bis", "ausgeschieden am", "former client since", "termination date",
        "Mandatsende", "Vertragsende", "gekündigt zum",
    ),
    "born_on": (
        "born_on", "birthday", "birthdate", "birth date", "date of birth", "DOB", "born on",
        "primary birthday", "Geburtstag", "Geburtsdatum", "Geburtstagsdatum", "geboren am",
        "geb. am", "geb.", "Geb.-Datum", "Geb.-Tag", "Geburtsdatum Kunde",
    ),
    "last_review_on": (
        "last_review_on", "last review", "last review date", "date of last review",
        "last review meeting", "last reviewed", "last annual review", "last client review",
        "last portfolio review", "most recent review", "review date last", "letztes Review",
        "letzter Review", "letztes Beratungsgespräch", "letztes Jahresgespräch",
        "letztes Kundengespräch", "letztes Strategiegespräch", "letzte Überprüfung",
        "letzter Jahrescheck", "letzte Beratung", "Datum letztes Gespräch",
        "Datum letztes Beratungsgespräch", "letztes Gespräch am", "zuletzt beraten am",
    ),
    "last_contact_on": (
        "last_contact_on", "last contact", "last contact date", "date of last contact",
        "last contacted", "last contacted date", "last contacted on", "last interaction",
        "last interaction date", "last touch", "last touch date", "last touchpoint",
        "last spoke", "last call", "letzter Kontakt", "letzter Kontakt am", "Letztkontakt",
        "letzte Kontaktaufnahme", "letzter Kundenkontakt", "letzte Interaktion",
        "Datum letzter Kontakt", "zuletzt kontaktiert", "zuletzt kontaktiert am",
        "letztes Telefonat",
    ),
    "trust": (
        "trust", "trust score", "trust level", "level of trust", "Vertrauen", "Vertrauensgrad",
        "Vertrauenswert",
    ),
    "trust_on": (
        "trust_on", "trust date", "trust as of", "Vertrauen am", "Vertrauen vom",
        "Stand Vertrauen", "Datum Vertrauen",
    ),
    "coachability": (
        "coachability", "coachability score", "openness to advice", "Beratungsbereitschaft",
        "Offenheit für Beratung", "Beratbarkeit",
    ),
    "coachability_on": (
        "coachability_on", "coachability date", "coachability as of", "Beratungsbereitschaft am",
        "Beratungsbereitschaft vom", "Stand Beratungsbereitschaft", "Datum Beratungsbereitschaft",
    ),
    "referrals": (
        "referrals", "referrals given", "number of referrals", "referral count", "Empfehlungen",
        "gegebene Empfehlungen", "Anzahl Empfehlungen", "Zahl der Empfehlungen",
    ),
    "referrals_on": (
        "referrals_on", "referrals date", "referrals as of", "Empfehlungen am",
        "Empfehlungen vom", "Stand Empfehlungen", "Datum Empfehlungen",
    ),
    "providers": (
        "providers", "number of providers", "provider count", "financial providers",
        "number of banks", "Anbieter", "Anzahl Anbieter", "Zahl der Anbieter", "Anzahl Banken",
        "Zahl der Banken", "Finanzanbieter",
    ),
    "provider_rank": (
        "provider_rank", "our rank", "rank among providers", "our rank among providers",
        "wallet rank", "unser Rang", "Rang unter Anbietern", "unser Rang unter den Anbietern",
        "Anbieterrang",
    ),
    "ranked_on": (
        "ranked_on", "rank date", "rank as of", "providers as of", "Rang am", "Rang vom",
        "Stand Rang", "Stand Anbieter", "Anbieter vom",
    ),
    "criterion": ("criterion", "strategic criterion", "Kriterium", "strategisches Kriterium"),
    "relation": (
        "relation", "relationship", "relation to sponsor", "Beziehung", "Bezug", "Verhältnis",
    ),
    "sponsor": (
        "sponsor", "sponsor id", "related client", "Bezugskunde", "Bezugskundennummer",
        "Nummer des Bezugskunden",
    ),
}  # fmt: skip

TOGETHER = (("providers", "provider_rank"), ("provider_rank", "providers"))
"""A column that says nothing without the other is left unread."""

SCALE_IN_HEADING: dict[str, Scale] = {
    "csi": "csi", "kzi": "csi", "satisfactionindex": "csi", "zufriedenheitsindex": "csi",
    "kundenzufriedenheitsindex": "csi", "csat": "csat", "nps": "nps", "schulnote": "school",
    "note": "school",
}  # fmt: skip

CURRENCIES = {"€": "EUR", "euro": "EUR", "$": "USD", "£": "GBP", "fr": "CHF", "sfr": "CHF"}
CURRENCY_CODES = ("eur", "chf", "usd", "gbp", "pln", "czk", "sek", "dkk", "nok", "huf")
THOUSANDS = (
    "teur", "t€", "tchf", "tsd", "tausend", "thousand", "thousands", "k€", "k$", "keur", "kchf",
    "kusd", "mio", "mio€", "million", "millionen", "millions", "meur", "m€", "mrd", "mrd€",
    "milliarden", "billion", "billions",
)  # fmt: skip
UNITS = ("in", "%", "percent", "prozent", "pct", "pa", "p", "a", "per", "year", "pro", "jahr")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a heading says about its column."""

    field: str
    scale: Scale | None = None


def read_heading(heading: str) -> Heading | None:
    """Recognise a heading whatever its case, spacing, umlaut spelling and unit, or None."""
    words = _words(heading)
    for end in range(len(words), 0, -1):
        known, unit = "".join(words[:end]), words[end:]
        field = _FIELDS.get(known)
        if field and all(_is_unit(word) for word in unit):
            return Heading(field=field, scale=SCALE_IN_HEADING.get(known))
    return None


def map_headings(headings: tuple[str, ...], *, options: ReadOptions) -> dict[str, int]:
    """Say at which position each field stands; the person's own mapping comes first."""
    chosen = {field: _chosen(field, options.columns[field], headings) for field in options.columns}
    found: dict[str, list[int]] = {field: [position] for field, position in chosen.items()}
    for position, heading in enumerate(headings):
        known = read_heading(heading)
        if known and known.field not in chosen and position not in chosen.values():
            found.setdefault(known.field, []).append(position)
    if not found:
        cells = tuple(Example(row=1, value=heading[:SHOWN_CHARS]) for heading in headings)
        kind = QuestionKind.COLUMNS
        raise OpenQuestionError(Question(kind=kind, examples=cells, choices=tuple(HEADINGS)))
    for field, other in TOGETHER:
        if other not in found:
            found.pop(field, None)
    for field, positions in found.items():
        _refuse_twice(field, positions, headings)
        if field in MONEY:
            _refuse_other_unit(headings[positions[0]], options.currency)
    for field in REQUIRED:
        if field not in found:
            facts: Facts = {"field": field, "accepted": HEADINGS[field]}
            raise RefusedFileError(Refusal(code=RefusalCode.COLUMN_MISSING, facts=facts))
    return {field: positions[0] for field, positions in found.items()}


def _chosen(field: str, heading: str, headings: tuple[str, ...]) -> int:
    if field not in HEADINGS or heading not in headings:
        facts = {"field": field, "heading": heading}
        raise RefusedFileError(Refusal(code=RefusalCode.NO_SUCH_HEADING, facts=facts))
    return headings.index(heading)


def _refuse_twice(field: str, positions: list[int], headings: tuple[str, ...]) -> None:
    if len(positions) > 1:
        facts: Facts = {
            "field": field,
            "headings": tuple(headings[position] for position in positions),
            "positions": tuple(str(position + 1) for position in positions),
        }
        raise RefusedFileError(Refusal(code=RefusalCode.HEADING_TWICE, facts=facts))


def _refuse_other_unit(heading: str, currency: str) -> None:
    words = _words(heading)
    thousands = next((word for word in words if word in THOUSANDS), None)
    if thousands:
        code = RefusalCode.AMOUNTS_IN_THOUSANDS
        facts: Facts = {"unit": thousands}
        raise RefusedFileError(Refusal(code=code, column=heading, facts=facts))
    foreign = next((c for word in words if (c := _currency(word)) and c != currency), None)
    if foreign:
        code = RefusalCode.HEADING_IN_OTHER_CURRENCY
        facts = {"found": foreign, "expected": currency}
        raise RefusedFileError(Refusal(code=code, column=heading, facts=facts))


def _words(heading: str) -> list[str]:
    text = unicodedata.normalize("NFKC", heading).casefold().translate(UMLAUTS)
    return re.findall(r"[^\W_]+[€$]?|[€$£%]", text)


def _is_unit(word: str) -> bool:
    return word in UNITS or word in THOUSANDS or _currency(word) is not None


def _currency(word: str) -> str | None:
    return word.upper() if word in CURRENCY_CODES else CURRENCIES.get(word)


_FIELDS = {
    "".join(_words(heading)): field for field, known in HEADINGS.items() for heading in known
}
