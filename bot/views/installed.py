"""What whoever installs is told by direct message: what to do next."""

from bot.views.blocks import escape
from bot.words import Words


def next_steps(
    firm: str, workspace_id: str, user_id: str, words: Words, *, zone: str, currency: str
) -> str:
    """Say how the first person gets a role: on the host, by whoever runs the program."""
    host = f"tierwise --firm {workspace_id}"
    commands = f'```{host} member add KEY "Name" --role admin\n{host} member link KEY {user_id}```'
    return "\n".join(
        (
            words.say("Tierwise is installed in {firm}.", firm=escape(firm)),
            words.say(
                "Nobody has a role here yet, so it answers nobody. Whoever runs Tierwise for you "
                "makes the first one on its host, then the others:"
            ),
            commands,
            words.say(
                "It counts in {currency} and by the clocks of {zone}; `{command}` changes that.",
                currency=currency,
                zone=zone,
                command=f"{host} firm change",
            ),
        )
    )


def connected_again(firm: str, words: Words) -> str:
    """Say that all is as it was."""
    return words.say(
        "Tierwise is connected with {firm} again. People, links and clients are as they were; "
        "messages that waited no longer than two days come now.",
        firm=escape(firm),
    )
