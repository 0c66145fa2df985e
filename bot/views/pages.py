"""The pages of an installation in a browser: no script, nothing from elsewhere."""

from html import escape

from bot.words import Words

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1rem;
  color: #1d1c1d; background: #fff }}
h1 {{ font-size: 1.5rem }}
a.go {{ display: inline-block; padding: .6rem 1.2rem; border-radius: .4rem; background: #22423a;
  color: #fff; text-decoration: none; font-weight: 600 }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e8e8e8; background: #1a1d21 }} a {{ color: #8fc7b4 }}
}}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def install_page(address: str, words: Words) -> str:
    """Offer to install; Slack then asks for consent."""
    return _page(
        words,
        words.say("Tierwise for Slack"),
        words.say(
            "Tells each advisor which clients matter, why, and what is owed to them. Client data "
            "is shown to the person who asks and to nobody else, and never in a channel."
        ),
        words.say(
            "Slack will ask which workspace it is for, and show what the app may do there. What is "
            "kept here of a firm is deleted when its workspace removes the app."
        ),
        link=(address, words.say("Add to Slack")),
    )


def installed_page(workspace: str, address: str, words: Words) -> str:
    """Say that it is done, and where to read on."""
    return _page(
        words,
        words.say("Tierwise is installed in {workspace}", workspace=workspace),
        words.say("A direct message from Tierwise says what to do next."),
        link=(address, words.say("Open Slack")),
    )


def not_installed_page(why: str, words: Words) -> str:
    """Say that nothing was installed, and how to try again."""
    return _page(
        words,
        words.say("Tierwise was not installed"),
        words.say("Nothing was changed ({why}).", why=why),
        link=("/slack/install", words.say("Try again")),
    )


def _page(words: Words, title: str, *paragraphs: str, link: tuple[str, str]) -> str:
    address, label = link
    texts = "\n".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    body = f'{texts}\n<p><a class="go" href="{escape(address)}">{escape(label)}</a></p>'
    return _PAGE.format(language=words.language, title=escape(title), body=body)
