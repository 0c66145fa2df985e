"""Records in Slack: how messages stand, who is to be erased, who saw a client, all of a client."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot import actions
from bot.reports import ClientLog, ErasedReport, ErasureReport, StatusReport
from bot.views.blocks import Block, button, context, divider, escape, header, section
from bot.views.blocks import actions as row
from bot.views.inputs import field, text
from bot.views.modals import form_frame, page_frame
from bot.views.moments import moment
from bot.words import Words, say

REASON, NUMBER = "erasure_reason", "client_number"
LISTED = 20
"""So many erasures, or people who saw a client, are listed."""
WAITING = 10
"""So many kinds of waiting messages are listed."""
HASH = "#"
"""Before a client's number where names are not shown."""
KIND_NAMES = {
    "view": say("seen"),
    "denied": say("refused"),
    "change": say("changed"),
    "decision": say("decided"),
    "message": say("in a message"),
    "import": say("imported"),
    "export": say("exported"),
    "erase": say("erasure"),
}
WAYS = {
    "home": say("Home"),
    "weekly": say("Monday message"),
    "reminder": say("Reminder"),
    "segment": "tierwise segment",
    "import": say("list of clients"),
    "export book": say("file of a whole book"),
    "export client": say("file of all that is stored"),
    actions.OPEN_CLIENT: say("card"),
    actions.LOOK_UP: say("card, for a reason"),
    actions.REASON_FORM: say("card, for a reason"),
    actions.FIND_CLIENT_MODAL: say("search"),
    actions.CLIENT_OPTIONS: say("search"),
    actions.SHOW_PRIORITIES: "/priorities",
    actions.MORE_PRIORITIES: "/priorities",
    actions.SHOW_DUE: "/due",
    actions.MORE_DUE: "/due",
    actions.SERVICE: say("services"),
    actions.SERVICE_FORM: say("services"),
    actions.EDIT: say("form"),
    actions.FORM: say("form"),
    actions.EVENT: "/events",
    actions.EVENT_FORM: "/events",
    actions.SHOW_BOOK: "/book",
    actions.CLIENT_FILE: say("file of all that is stored"),
    actions.ERASURE_ASK: say("request for erasure"),
    actions.ERASURE_LOOK: say("request for erasure"),
}
"""Where a client was seen or changed, by the journal's word; others stay as they are written."""


def record_buttons(words: Words, *, erasures: int, exports: int, status: bool) -> Block:
    """Make the ways to the records of the firm, with how much waits for the reader."""
    export = words.say("Export of all clients")
    if exports:
        export = words.say("Export of all clients ({n})", n=words.number(exports))
    label = words.say("Erasures")
    if erasures:
        label = words.say("Erasures ({n})", n=words.number(erasures))
    buttons = [
        button(label, actions.ERASURES, "all", primary=erasures > 0),
        button(export, actions.EXPORTS, "all", primary=exports > 0),
        button(words.say("Who saw a client"), actions.CLIENT_LOG, "ask"),
    ]
    if status:
        buttons.insert(0, button(words.say("Status"), actions.STATUS, "me"))
    return row(*buttons)


def client_buttons(
    client_id: int, name: str, words: Words, *, may_export: bool, may_ask: bool, is_asked: bool
) -> list[Block]:
    """Make the ways to all that is stored of a client, and to her erasure, asked for or not."""
    buttons = []
    if may_export:
        label = words.say("All that is stored (file)")
        buttons.append(button(label, actions.CLIENT_FILE, str(client_id), about=name))
    if may_ask:
        label = words.say("Ask for erasure")
        if is_asked:
            label = words.say("Erasure asked for")
        buttons.append(button(label, actions.ERASURE_ASK, str(client_id), about=name))
    return [row(*buttons)] if buttons else []


def status_modal(
    report: StatusReport,
    reasons: Mapping[str, str],
    checks: Sequence[tuple[str, str]],
    words: Words,
) -> dict[str, Any]:
    """Show what waits and why in counts, and what was looked at with how it stands.

    `reasons` are those of the report in words.
    """
    lines = [_waiting(*each, reasons, words) for each in report.waiting[:WAITING]]
    more = len(report.waiting) - WAITING
    if more > 0:
        lines.append(words.say_n("… and {n} more", "… and {n} more", more))
    overdue = words.say("✓ None is overdue.")
    if report.overdue:
        n = report.overdue
        overdue = words.say_n("⚠ {n} is overdue.", "⚠ {n} are overdue.", n)
    entries = words.say("The journal has {n} entries.", n=words.number(report.head))
    rest = [_placing(report, words), *(check_line(*each, words) for each in checks)]
    return {
        **page_frame(words.say("Status"), words),
        "blocks": [
            header(words.say("Messages")),
            _lines([*(lines or [words.say("Nothing waits, nothing was held.")]), overdue]),
            header(words.say("Program")),
            _lines(rest),
            section(
                escape(entries),
                accessory=button(words.say("Verify it"), actions.STATUS, "journal"),
            ),
            context(
                words.say(
                    "Whose messages, and what to do: {a}, {b}, in the terminal.",
                    a="tierwise digest status",
                    b="tierwise doctor",
                )
            ),
        ],
    }


def _placing(report: StatusReport, words: Words) -> str:
    missed = report.nights_missed
    if missed is None:
        return words.say("– It is not known yet whether the book is placed by night.")
    if report.placed_on is None:
        return words.say("✗ The book was never placed by night.")
    day = words.day(report.placed_on)
    if not missed:
        return words.say("✓ The book is placed as of {day}.", day=day)
    return words.say_n(
        "✗ The book is placed as of {day} only: {n} night is missing.",
        "✗ The book is placed as of {day} only: {n} nights are missing.",
        missed,
        day=day,
    )


def journal_modal(entries: int, *, flaws: int, words: Words) -> dict[str, Any]:
    """Say whether the journal is as it was written."""
    said = words.say("✓ All {n} entries are as they were written.", n=words.number(entries))
    if flaws:
        said = words.say(
            "✗ The journal is not as it was written. Keep it, and compare a backup: {command}",
            command="tierwise log verify",
        )
    return {**page_frame(words.say("Journal"), words), "blocks": [section(escape(said))]}


def check_line(name: str, state: str, words: Words) -> str:
    """Say how something stands that was looked at."""
    is_ok = state == "ok"
    mark = {"ok": "✓", "warn": "⚠"}.get(state, "✗")
    said = {
        "slack": (words.say("Slack takes the app."), words.say("Slack does not take the app.")),
        "clock": (words.say("The clock is right."), words.say("The clock differs from Slack's.")),
        "scopes": (
            words.say("The app has the scopes that it needs."),
            words.say("The app's scopes are not those of the manifest."),
        ),
    }[name]
    return f"{mark} {said[0] if is_ok else said[1]}"


def erasures_modal(
    found: Sequence[ErasureReport],
    words: Words,
    zone: ZoneInfo,
    *,
    may_approve: bool,
    may_erase: bool,
) -> dict[str, Any]:
    """List erasures by number, each with its next step for who may take it."""
    blocks: list[Block] = []
    for each in found[:LISTED]:
        number = str(each.client_id)
        about = HASH + number
        if not each.waits or not (may_approve or (may_erase and each.approved_at)):
            step = None
        elif each.approved_at is None:
            step = button(words.say("Look and approve"), actions.ERASURE_LOOK, number, about=about)
        elif may_erase:
            step = button(words.say("Erase"), actions.ERASURE_DO, number, about=about)
        else:
            step = button(words.say("Decline"), actions.ERASURE_DECLINE, number, about=about)
        lines = "\n".join(map(escape, _steps(each, words, zone)))
        blocks.append(section(f"*{HASH}{number}*\n{lines}", accessory=step))
    if len(found) > LISTED:
        more = len(found) - LISTED
        blocks.append(context(words.say_n("… and {n} more", "… and {n} more", more)))
    if not found:
        blocks.append(section(escape(words.say("Nobody asked for an erasure."))))
    how = words.say(
        "An advisor or lead asks (client's card, Evidence) and may withdraw it there; compliance "
        "approves or declines, an admin erases. No client is named here."
    )
    return {**page_frame(words.say("Erasures"), words), "blocks": [*blocks, context(how)]}


def ask_modal(
    client_id: int, name: str, words: Words, zone: ZoneInfo, *, before: ErasureReport | None = None
) -> dict[str, Any]:
    """Ask why a client is to be erased; what was asked `before` was withdrawn or declined."""
    said = words.say(
        "{name} is to be erased: name, number, notes and messages go; what the law wants kept "
        "stays without the name. Compliance approves it first.",
        name=name,
    )
    reason = _reason(words.say("Reason"), words)
    return {
        **form_frame(words.say("Ask for erasure"), words, submit=words.say("Ask")),
        "callback_id": actions.ERASURE_ASK,
        "private_metadata": str(client_id),
        "blocks": [
            section(escape(said)),
            *([_lines(_told(before, words, zone))] if before else []),
            reason,
        ],
    }


def asked_modal(
    asked: ErasureReport, name: str, words: Words, zone: ZoneInfo, *, may_withdraw: bool
) -> dict[str, Any]:
    """Show how an erasure stands that was asked for; who asked may withdraw it."""
    title = words.say("Erasure")
    frame = page_frame(title, words)
    if may_withdraw:
        frame = form_frame(title, words, submit=words.say("Withdraw"))
    return {
        **frame,
        "callback_id": actions.ERASURE_WITHDRAW,
        "private_metadata": str(asked.client_id),
        "blocks": [
            section(f"*{escape(name)}* · {HASH}{asked.client_id}"),
            _lines(_told(asked, words, zone)),
            context(words.say("Who asked may withdraw it until it is carried out.")),
        ],
    }


def decline_modal(asked: ErasureReport, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    """Ask why an erasure is declined."""
    reason = _reason(words.say("Why it is declined"), words)
    return {
        **form_frame(words.say("Decline erasure"), words, submit=words.say("Decline")),
        "callback_id": actions.ERASURE_DECLINE,
        "private_metadata": str(asked.client_id),
        "blocks": [
            section(f"*{HASH}{asked.client_id}*"),
            _lines(_told(asked, words, zone)),
            reason,
        ],
    }


def approve_modal(asked: ErasureReport, name: str, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    """Show whom an erasure is about and why, for a second person to approve."""
    return {
        **form_frame(words.say("Approve erasure"), words, submit=words.say("Approve")),
        "callback_id": actions.ERASURE_APPROVE,
        "private_metadata": str(asked.client_id),
        "blocks": [
            section(f"*{escape(name)}* · {HASH}{asked.client_id}"),
            _lines(_told(asked, words, zone)),
            row(button(words.say("Decline"), actions.ERASURE_DECLINE, str(asked.client_id))),
            context(words.say("An admin then erases; it cannot be taken back.")),
        ],
    }


def erase_modal(asked: ErasureReport, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    """Ask once more before a client is erased."""
    number = f"{HASH}{asked.client_id}"
    said = words.say("It cannot be taken back. To confirm, enter {number}.", number=number)
    return {
        **form_frame(words.say("Erase"), words, submit=words.say("Erase")),
        "callback_id": actions.ERASURE_DO,
        "private_metadata": str(asked.client_id),
        "blocks": [
            section(f"*{number}*"),
            _lines(_steps(asked, words, zone)),
            field(NUMBER, words.say("Number"), text(longest=20), hint=said),
        ],
    }


def erased_modal(done: ErasedReport, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    """Prove what an erasure did."""
    rows = sum(done.counts.values())
    lines = [
        *_steps(done.asked, words, zone),
        words.say_n("{n} row changed or removed", "{n} rows changed or removed", rows),
        words.say_n(
            "{n} message deleted in Slack", "{n} messages deleted in Slack", done.messages_gone
        ),
    ]
    if done.kept_until:
        until = words.day(done.kept_until)
        lines.append(words.say("Kept without the name until {day}", day=until))
    blocks = [section(f"*{HASH}{done.asked.client_id}*"), _lines(lines)]
    warnings = []
    if done.messages_left:
        warnings.append(
            words.say_n(
                "⚠ {n} message could not be deleted in Slack.",
                "⚠ {n} messages could not be deleted in Slack.",
                done.messages_left,
            )
        )
    for at, _ in done.exports:
        warnings.append(
            words.say(
                "⚠ A file of {time} holds the client: whoever has it has to delete it.",
                time=moment(at, words, zone),
            )
        )
    if not done.is_clean:
        warnings.append(
            words.say(
                "⚠ The name is gone from all rows; free pages of the file may still hold it. "
                "Whoever runs Tierwise stops it and runs: tierwise backup, then tierwise restore "
                "--replace"
            )
        )
    if warnings:
        blocks.append(_lines(warnings))
    proof = words.say("Proof: {proof}", proof=done.asked.proof or "–")
    return {
        **page_frame(words.say("Erased"), words),
        "blocks": [*blocks, divider(), context(proof)],
    }


def number_modal(words: Words) -> dict[str, Any]:
    """Ask an admin, who reads no names, for a client's number."""
    hint = words.say("Such as {number}; whom it is, administration does not see.", number="#12")
    return {
        **form_frame(words.say("Who saw a client"), words, submit=words.say("Show")),
        "callback_id": actions.CLIENT_LOG,
        "blocks": [field(NUMBER, words.say("Number"), text(longest=20), hint=hint)],
    }


def log_modal(report: ClientLog, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    """Show who saw or changed a client: each person's sum, then the newest entries."""
    number = f"{HASH}{report.client_id}"
    # who was erased is called by the number
    who = number if report.name in (None, number) else f"{report.name} · {number}"
    people = [
        words.say(
            "{who}: {kinds}; last on {time}",
            who=actor_name(each.who, words),
            kinds=", ".join(
                f"{kind_name(kind, words)} {words.number(n)}" for kind, n in each.kinds.items()
            ),
            time=moment(each.last, words, zone),
        )
        for each in report.people[:LISTED]
    ]
    if len(report.people) > LISTED:
        more = len(report.people) - LISTED
        people.append(words.say_n("… and {n} more", "… and {n} more", more))
    newest = [
        f"{moment(at, words, zone)} · {actor_name(actor, words)} · {kind_name(kind, words)}"
        + (f" · {way_name(what, words)}" if what not in ("", kind) else "")
        for at, actor, kind, what in report.newest
    ]
    blocks = [section(f"*{escape(who)}*")]
    if people:
        blocks += [_lines(people), header(words.say("Newest entries")), _lines(newest)]
    else:
        blocks.append(section(escape(words.say("The journal has no entry that you may see."))))
    return {**page_frame(words.say("Who saw a client"), words), "blocks": blocks}


def kind_name(kind: str, words: Words) -> str:
    """Name a kind of entry; an unknown one stays as it is written."""
    return words.say(KIND_NAMES[kind]) if kind in KIND_NAMES else kind


def way_name(what: str, words: Words) -> str:
    """Name by which command, button or message a client was seen or changed."""
    name = what.partition(":")[0]
    return words.say(WAYS[name]) if name in WAYS else what


def actor_name(who: str, words: Words) -> str:
    """Name who acted; who may not be named is a number."""
    kind, _, number = who.partition(":")
    match kind:
        case "member" if number.isdecimal():
            return words.say("Person {n}", n=number)
        case "operator":
            return words.say("the terminal")
        case "clock":
            return words.say("Tierwise itself")
    return who


def _steps(asked: ErasureReport, words: Words, zone: ZoneInfo) -> list[str]:
    lines = [
        words.say(
            "Asked for by {name}, {time}",
            name=asked.requested_by,
            time=moment(asked.requested_at, words, zone),
        )
    ]
    if asked.approved_at:
        lines.append(
            words.say(
                "Approved by {name}, {time}",
                name=asked.approved_by or "–",
                time=moment(asked.approved_at, words, zone),
            )
        )
    if asked.erased_at:
        time = moment(asked.erased_at, words, zone)
        lines.append(words.say("Erased, {time}", time=time))
    if asked.ended_at:
        name, time = asked.ended_by or "–", moment(asked.ended_at, words, zone)
        said = words.say("Declined by {name}, {time}", name=name, time=time)
        if asked.is_withdrawn:
            said = words.say("Withdrawn by {name}, {time}", name=name, time=time)
        lines.append(said)
    return lines


def _told(asked: ErasureReport, words: Words, zone: ZoneInfo) -> list[str]:
    """Say who did what, and why it was asked for or ended."""
    lines = _steps(asked, words, zone)
    if asked.reason:
        lines.append(words.say("Reason: {reason}", reason=asked.reason))
    return lines


def _waiting(
    kind: str, state: str, reason: str, count: int, reasons: Mapping[str, str], words: Words
) -> str:
    kinds = {
        "weekly": words.say("Monday message"),
        "reminder": words.say("Reminder"),
        "held": words.say("Notice of held messages"),
        "team": words.say("Team's post"),
    }
    states = {
        "due": words.say("waits"),
        "claimed": words.say("being sent"),
        "unknown": words.say("unclear whether it arrived"),
        "held": words.say("held"),
        "dead": words.say("given up"),
    }
    name = next((said for begin, said in kinds.items() if kind.startswith(begin)), kind)
    line = f"{words.number(count)} × {name}: {states.get(state, state)}"
    return f"{line} – {reasons[reason]}" if reason else line


def _lines(lines: Sequence[str]) -> Block:
    return section("\n".join(map(escape, lines)))


def _reason(label: str, words: Words) -> Block:
    hint = words.say("Without the client's name: the reason stays in the journal.")
    return field(REASON, label, text(lines=True), hint=hint)
