"""Listeners: one file a feature, and here the tables that the router and the manifest read."""

from collections.abc import Callable
from dataclasses import dataclass

from bot import actions
from bot.listeners.book import handle_book
from bot.listeners.calls import Call, Reply
from bot.listeners.capacity import (
    handle_hire,
    handle_hire_form,
    handle_picture,
    handle_what_if,
    handle_what_if_form,
)
from bot.listeners.digests import (
    handle_notices,
    handle_notices_modal,
    handle_said,
    handle_said_undo,
)
from bot.listeners.events import (
    handle_event,
    handle_event_form,
    handle_events,
    handle_show_events,
)
from bot.listeners.exports import (
    handle_export_ask,
    handle_export_ask_form,
    handle_export_decide,
    handle_export_fetch,
    handle_exports,
)
from bot.listeners.find import (
    handle_client_options,
    handle_find_client,
    handle_find_client_modal,
)
from bot.listeners.forms import handle_edit, handle_form, handle_sponsor_options, handle_undo
from bot.listeners.home import handle_home
from bot.listeners.imports import (
    handle_file,
    handle_import,
    handle_import_answer,
    handle_import_drop,
    handle_import_undo,
)
from bot.listeners.issues import handle_issue, handle_issue_form, handle_issue_undo
from bot.listeners.linking import handle_code
from bot.listeners.practice import handle_practice, handle_practice_form, handle_practice_tick
from bot.listeners.priorities import handle_more, handle_priorities
from bot.listeners.reasons import handle_look_up, handle_reason
from bot.listeners.records import (
    handle_client_file,
    handle_client_log,
    handle_client_log_form,
    handle_erasure_approve,
    handle_erasure_ask,
    handle_erasure_ask_form,
    handle_erasure_decline,
    handle_erasure_decline_form,
    handle_erasure_do,
    handle_erasure_do_form,
    handle_erasure_look,
    handle_erasure_withdraw,
    handle_erasures,
    handle_status,
)
from bot.listeners.roles import (
    handle_advisor_options,
    handle_consent,
    handle_grant,
    handle_grant_form,
    handle_people,
    handle_person,
    handle_person_code,
    handle_person_form,
    handle_person_new,
    handle_person_options,
    handle_revoke,
    handle_rules_reserved,
)
from bot.listeners.rules import (
    handle_rules_back,
    handle_rules_drop,
    handle_rules_form,
    handle_rules_history,
    handle_rules_keep,
    handle_rules_more,
    handle_rules_remove,
    handle_rules_section,
)
from bot.listeners.segment import handle_open_client, handle_segment
from bot.listeners.services import (
    handle_contact_options,
    handle_due,
    handle_log_contact,
    handle_more_due,
    handle_service,
    handle_service_form,
    handle_service_undo,
)
from bot.listeners.settings import handle_settings, handle_settings_modal
from bot.listeners.team import (
    handle_open_list,
    handle_team_channel,
    handle_team_channel_modal,
)
from bot.views.forms import Field
from bot.views.people import ADVISOR
from bot.views.service_forms import ServiceField
from domain.access import Action

Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command: what the manifest says of it, and who answers."""

    description: str
    usage_hint: str
    handler: Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut: what the manifest says of it, and who answers."""

    name: str
    description: str
    handler: Handler
    on_message: bool = False
    """Found in a message's menu, else everywhere."""


COMMANDS = {
    "/segment": Command(
        description="Look up a client: tier and field, why, and what to do next (only you see it)",
        usage_hint="[client name] or help",
        handler=handle_segment,
    ),
    "/priorities": Command(
        description="Who comes first this week: GROW, FIX, MOVE (only you see it)",
        usage_hint="[me | team] or help",
        handler=handle_priorities,
    ),
    "/due": Command(
        description="What is owed now and next, by service; log, book, put off (only you see it)",
        usage_hint="[me | client name | team] or help",
        handler=handle_due,
    ),
    "/events": Command(
        description="Client events: entitled, invited, accepted, came (only you see it)",
        usage_hint="[new] or help",
        handler=handle_events,
    ),
    "/book": Command(
        description="The whole book: tiers, fields, open decisions, hours, rules (only you see it)",
        usage_hint="[me | team | capacity | practice | rules | channel | import] or help",
        handler=handle_book,
    ),
}
ACTIONS: dict[str, Handler] = {
    actions.OPEN_CLIENT: handle_open_client,
    actions.EDIT: handle_edit,
    actions.UNDO: handle_undo,
    actions.SETTINGS: handle_settings,
    actions.SHOW_PRIORITIES: handle_more,
    actions.MORE_PRIORITIES: handle_more,
    actions.RULES_SECTION: handle_rules_section,
    actions.RULES_MORE: handle_rules_more,
    actions.RULES_REMOVE: handle_rules_remove,
    actions.RULES_DROP: handle_rules_drop,
    actions.RULES_HISTORY: handle_rules_history,
    actions.SHOW_DUE: handle_more_due,
    actions.MORE_DUE: handle_more_due,
    actions.SERVICE: handle_service,
    actions.EVENT: handle_event,
    actions.SHOW_EVENTS: handle_show_events,
    actions.SERVICE_UNDO: handle_service_undo,
    actions.ISSUE: handle_issue,
    actions.ISSUE_UNDO: handle_issue_undo,
    actions.HIRE: handle_hire,
    actions.WHAT_IF: handle_what_if,
    actions.PICTURE: handle_picture,
    actions.PRACTICE: handle_practice,
    actions.PRACTICE_TICK: handle_practice_tick,
    actions.HANDLE: handle_said,
    actions.HANDLE_UNDO: handle_said_undo,
    actions.SHOW_BOOK: handle_book,
    actions.NOTICES: handle_notices,
    actions.OPEN_LIST: handle_open_list,
    actions.TEAM_CHANNEL: handle_team_channel,
    actions.IMPORT: handle_import,
    actions.IMPORT_ANSWER: handle_import_answer,
    actions.IMPORT_DROP: handle_import_drop,
    actions.IMPORT_UNDO: handle_import_undo,
    actions.LOOK_UP: handle_look_up,
    actions.CODE: handle_code,
    actions.PEOPLE: handle_people,
    actions.PERSON: handle_person,
    actions.PERSON_NEW: handle_person_new,
    actions.PERSON_CODE: handle_person_code,
    actions.GRANT: handle_grant,
    actions.REVOKE: handle_revoke,
    actions.CONSENT: handle_consent,
    actions.STATUS: handle_status,
    actions.ERASURES: handle_erasures,
    actions.ERASURE_ASK: handle_erasure_ask,
    actions.ERASURE_LOOK: handle_erasure_look,
    actions.ERASURE_DECLINE: handle_erasure_decline,
    actions.ERASURE_DO: handle_erasure_do,
    actions.EXPORTS: handle_exports,
    actions.EXPORT_ASK: handle_export_ask,
    actions.EXPORT_DECIDE: handle_export_decide,
    actions.EXPORT_FETCH: handle_export_fetch,
    actions.CLIENT_LOG: handle_client_log,
    actions.CLIENT_FILE: handle_client_file,
    actions.RULES_RESERVED: handle_rules_reserved,
}
CHANGES_HOME = frozenset(
    {
        actions.UNDO,
        actions.SERVICE_UNDO,
        actions.ISSUE_UNDO,
        actions.HANDLE,
        actions.HANDLE_UNDO,
        actions.REVOKE,
        actions.CONSENT,
        actions.RULES_RESERVED,
        actions.EXPORT_DECIDE,
        actions.EXPORT_FETCH,
        f"{actions.EVENT}:undo",
        f"{actions.EVENT}:guest",
    }
)
"""Buttons that change what Home shows, by action or whole name; every form may."""
MODALS: dict[str, Handler] = {
    actions.FORM: handle_form,
    actions.FIND_CLIENT_MODAL: handle_find_client_modal,
    actions.SETTINGS_MODAL: handle_settings_modal,
    actions.NOTICES_MODAL: handle_notices_modal,
    actions.TEAM_CHANNEL_MODAL: handle_team_channel_modal,
    actions.RULES_FORM: handle_rules_form,
    actions.RULES_KEEP: handle_rules_keep,
    actions.RULES_BACK: handle_rules_back,
    actions.SERVICE_FORM: handle_service_form,
    actions.ISSUE_FORM: handle_issue_form,
    actions.EVENT_FORM: handle_event_form,
    actions.HIRE_FORM: handle_hire_form,
    actions.WHAT_IF_FORM: handle_what_if_form,
    actions.PRACTICE_FORM: handle_practice_form,
    actions.REASON_FORM: handle_reason,
    actions.CODE_FORM: handle_code,
    actions.PERSON_FORM: handle_person_form,
    actions.GRANT_FORM: handle_grant_form,
    actions.ERASURE_ASK: handle_erasure_ask_form,
    actions.ERASURE_APPROVE: handle_erasure_approve,
    actions.ERASURE_DECLINE: handle_erasure_decline_form,
    actions.ERASURE_WITHDRAW: handle_erasure_withdraw,
    actions.ERASURE_DO: handle_erasure_do_form,
    actions.EXPORT_ASK: handle_export_ask_form,
    actions.CLIENT_LOG: handle_client_log_form,
}
OPTIONS: dict[str, Handler] = {
    actions.CLIENT_OPTIONS: handle_client_options,
    Field.CLIENT: handle_sponsor_options,
    ServiceField.CLIENT: handle_contact_options,
    actions.PERSON: handle_person_options,
    ADVISOR: handle_advisor_options,
}
"""Searched lists, by the name of their field."""
SHORTCUTS = {
    actions.FIND_CLIENT: Shortcut(
        name="Find a client",
        description="Search your book and open a client's card",
        handler=handle_find_client,
    ),
    actions.LOG_CONTACT: Shortcut(
        name="Log as a contact",
        description="Record this message as a contact with a client",
        handler=handle_log_contact,
        on_message=True,
    ),
}
EVENTS: dict[str, Handler] = {
    "app_home_opened": handle_home,
    "file_shared": handle_file,
}
LEAVE_EVENTS = ("app_uninstalled", "tokens_revoked")
"""About no person: the app was taken out of the workspace (``bot.leaving``)."""
NEEDS: dict[Handler, Action] = {
    handle_segment: Action.SEE_CLIENT,
    handle_open_client: Action.SEE_CLIENT,
    handle_find_client: Action.SEE_CLIENT,
    handle_find_client_modal: Action.SEE_CLIENT,
    handle_client_options: Action.SEE_CLIENT,
    handle_look_up: Action.SEE_CLIENT,
    handle_reason: Action.SEE_CLIENT,
    handle_due: Action.SEE_CLIENT,
    handle_service: Action.SEE_CLIENT,
    handle_priorities: Action.SEE_PRIORITIES,
    handle_more: Action.SEE_PRIORITIES,
    handle_more_due: Action.SEE_PRIORITIES,
    handle_events: Action.SEE_PRIORITIES,
    handle_show_events: Action.SEE_PRIORITIES,
    handle_event: Action.SEE_PRIORITIES,
    handle_event_form: Action.RUN_EVENTS,
    handle_edit: Action.RECORD,
    handle_form: Action.RECORD,
    handle_undo: Action.RECORD,
    handle_sponsor_options: Action.RECORD,
    handle_service_form: Action.RECORD,
    handle_service_undo: Action.RECORD,
    handle_log_contact: Action.RECORD,
    handle_contact_options: Action.RECORD,
    handle_issue: Action.RECORD,
    handle_issue_form: Action.RECORD,
    handle_issue_undo: Action.RECORD,
    handle_said: Action.RECORD,
    handle_said_undo: Action.RECORD,
    handle_file: Action.IMPORT,
    handle_import: Action.IMPORT,
    handle_import_answer: Action.IMPORT,
    handle_import_drop: Action.IMPORT,
    handle_import_undo: Action.IMPORT,
    handle_hire: Action.SEE_HOURS,
    handle_hire_form: Action.SEE_HOURS,
    handle_picture: Action.SEE_HOURS,
    handle_what_if: Action.SEE_HOURS,
    handle_what_if_form: Action.SEE_HOURS,
    handle_rules_section: Action.TRY_RULES,
    handle_rules_more: Action.TRY_RULES,
    handle_rules_remove: Action.TRY_RULES,
    handle_rules_form: Action.TRY_RULES,
    handle_rules_keep: Action.CHANGE_RULES,
    handle_rules_back: Action.TRY_RULES,
    handle_rules_drop: Action.TRY_RULES,
    handle_practice_tick: Action.TICK_PRACTICE,
    handle_practice_form: Action.TICK_PRACTICE,
    handle_open_list: Action.SEE_PRIORITIES,
    handle_team_channel: Action.TEAM_POSTS,
    handle_team_channel_modal: Action.TEAM_POSTS,
    handle_people: Action.SEE_PEOPLE,
    handle_person: Action.ADMINISTER,
    handle_person_options: Action.ADMINISTER,
    handle_advisor_options: Action.ADMINISTER,
    handle_person_new: Action.ADMINISTER,
    handle_person_form: Action.ADMINISTER,
    handle_person_code: Action.ADMINISTER,
    handle_grant: Action.ADMINISTER,
    handle_grant_form: Action.ADMINISTER,
    handle_revoke: Action.ADMINISTER,
    handle_consent: Action.ADMINISTER,
    handle_rules_reserved: Action.ADMINISTER,
    handle_status: Action.ADMINISTER,
    handle_erasures: Action.SEE_LOG,
    handle_erasure_ask: Action.REQUEST_ERASURE,
    handle_erasure_ask_form: Action.REQUEST_ERASURE,
    handle_erasure_withdraw: Action.REQUEST_ERASURE,
    handle_erasure_look: Action.APPROVE_ERASURE,
    handle_erasure_decline: Action.APPROVE_ERASURE,
    handle_erasure_decline_form: Action.APPROVE_ERASURE,
    handle_erasure_approve: Action.APPROVE_ERASURE,
    handle_erasure_do: Action.ERASE,
    handle_erasure_do_form: Action.ERASE,
    handle_exports: Action.CONFIRM_EXPORT,
    handle_export_ask: Action.EXPORT,
    handle_export_ask_form: Action.EXPORT,
    handle_export_decide: Action.CONFIRM_EXPORT,
    handle_export_fetch: Action.EXPORT,
    handle_client_log: Action.SEE_LOG,
    handle_client_log_form: Action.SEE_LOG,
    handle_client_file: Action.EXPORT,
    handle_notices: Action.GET_DIGEST,
    handle_notices_modal: Action.GET_DIGEST,
    handle_book: Action.HELP,
    handle_rules_history: Action.HELP,
    handle_practice: Action.HELP,
    handle_settings: Action.HELP,
    handle_settings_modal: Action.HELP,
    handle_home: Action.HELP,
    handle_code: Action.HELP,
}
"""The least right with which a request is handled at all; what is not here is refused.

How far it goes, and into whose books, is up to the handler: `Call.asker`.
"""
METHODS: dict[str, tuple[str, ...]] = {
    "auth.test": (),
    "chat.delete": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("im:history",),
    "conversations.info": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.members": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
"""Every method the program calls, with the scopes that Slack wants for it."""
