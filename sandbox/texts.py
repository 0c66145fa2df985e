"""What the workspace itself says to people, in German and English."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # key: (German, English)
    "timeout": (
        "{command} ist fehlgeschlagen: Die App hat nicht innerhalb von 3 Sekunden geantwortet.",
        "{command} failed: the app did not answer within 3 seconds.",
    ),
    "error": (
        "{command} ist fehlgeschlagen: Die App ist nicht erreichbar oder antwortet unverständlich.",
        "{command} failed: the app cannot be reached or its answer makes no sense.",
    ),
    "required": ("Bitte fülle dieses Feld aus.", "Please complete this required field."),
    "too_long": ("Dieser Text ist zu lang.", "This text is too long."),
    "too_short": ("Dieser Text ist zu kurz.", "This text is too short."),
    "too_many": ("Das sind zu viele.", "These are too many."),
    "email": ("Bitte gib eine E-Mail-Adresse ein.", "Please enter an e-mail address."),
    "url": ("Bitte gib eine Webadresse ein.", "Please enter a web address."),
    "number": ("Bitte gib eine Zahl ein.", "Please enter a number."),
    "whole_number": ("Bitte gib eine ganze Zahl ein.", "Please enter a whole number."),
    "too_small": ("Diese Zahl ist zu klein.", "This number is too small."),
    "too_large": ("Diese Zahl ist zu groß.", "This number is too large."),
    "view_trouble": (
        "Die App hat nicht geantwortet. Bitte versuche es noch einmal.",
        "The app did not answer. Please try again.",
    ),
    "unknown_command": (
        "{command} ist kein gültiger Befehl.",
        "{command} is not a valid command.",
    ),
    "no_outside_commands": (
        "Personen anderer Firmen können Befehle dieser App nicht verwenden.",
        "People of other firms cannot use this app's commands.",
    ),
    "cannot_act": ("Dieses Konto kann nichts tun.", "This account cannot act."),
    "cannot_invite": (
        "Diese Person kann hier nicht hinzugefügt werden.",
        "This person cannot be added here.",
    ),
    "cannot_remove": (
        "Diese Person kann hier nicht entfernt werden.",
        "This person cannot be removed here.",
    ),
    "cannot_uninstall": (
        "Nur Inhaber des Workspace können eine App entfernen.",
        "Only owners of the workspace can remove an app.",
    ),
    "cannot_post": ("Hier kannst du nicht schreiben.", "You cannot write here."),
    "gone": ("Das gibt es hier nicht mehr.", "This is no longer here."),
    "not_offered": ("Das steht nicht zur Wahl.", "This is not on offer."),
}


def text(key: str, locale: str, **facts: str) -> str:
    """Return a sentence in the person's language; English for all but German speakers."""
    german, english = TEXTS[key]
    return (german if locale.startswith("de") else english).format(**facts)
