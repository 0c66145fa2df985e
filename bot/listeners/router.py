"""One listener a kind of request, in front of the tables: who, where, whether, then the handler.

Bolt matches listeners one by one and polls for acknowledgements; a single router in front of a
dictionary keeps an answer at a few milliseconds however many commands there are. Handlers run in
our own pool; an answer that is ready within 1.5 s travels inside the acknowledgement.
"""

import re
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog
from slack_bolt import Ack, App
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackClientError

from bot.errors import PersonUnknownError, sentence_for
from bot.listeners import (
    ACTIONS,
    COMMANDS,
    EVENTS,
    MODALS,
    OPTIONS,
    SHORTCUTS,
    Handler,
)
from bot.listeners.calls import (
    Call,
    Errand,
    FieldErrors,
    OpenModal,
    Options,
    PublishHome,
    Reply,
    Say,
    SendFile,
    UpdateModal,
)
from bot.listeners.conversation import Conversation
from bot.listeners.people import People, Profile, place_of
from bot.runtime import Runtime
from bot.views import modals, notices
from bot.views.home import closed_home
from bot.views.inputs import option
from bot.words import Words
from domain.access import Place, Standing, may_answer_in
from storage.firms import find_caller

log = structlog.get_logger()

ANSWER_S = 1.5
"""How long an acknowledgement waits for its answer; Slack gives up after 3 s."""
POOL_SIZE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from, whatever its shape."""

    user_id: str
    workspace_ids: tuple[str, ...]
    channel_id: str | None = None
    response_url: str = ""
    trigger_id: str = ""
    view: dict[str, Any] | None = None
    message_ts: str | None = None
    """Of the message whose button was clicked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a person gets no further."""

    sentence: str
    words: Words
    is_member: bool


class Router:
    """Registers with Bolt and answers."""

    def __init__(self, runtime: Runtime, client: WebClient) -> None:
        self._runtime = runtime
        self._client = client
        self._people: dict[str, People] = {}
        self._pool = ThreadPoolExecutor(POOL_SIZE, thread_name_prefix="answer")
        self._errands = ThreadPoolExecutor(1, thread_name_prefix="errand")
        self._errand: Future[None] | None = None

    def register(self, app: App) -> None:
        """Take every request that the tables know, and answer those they do not."""
        anything = re.compile(".*", re.DOTALL)
        app.command(anything)(self._on_command)
        app.action(anything)(self._on_action)
        app.view(anything)(self._on_submission)
        app.options(anything)(self._on_options)
        app.shortcut(anything)(self._on_shortcut)
        for event in EVENTS:
            app.event(event)(self._on_event)

    def _on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        origin = _origin_of_command(body)
        command = COMMANDS.get(body.get("command", ""))
        if origin is None or command is None:
            ack()
            return
        answer = self._pool.submit(
            self._answer, command.handler, origin, text=_unescape(body.get("text") or "")
        )
        try:
            reply = answer.result(timeout=ANSWER_S)
        except LateError:
            ack(response_type="ephemeral", text=notices.one_moment(self._words_for(origin)))
            answer.add_done_callback(lambda done: self._follow_up(done, origin))
            return
        if isinstance(reply, Say):
            ack(response_type="ephemeral", text=reply.text, blocks=reply.blocks or None)
        else:
            ack()
            self._follow_up(answer, origin)

    def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        origin = _origin_of_interaction(body)
        clicked = (body.get("actions") or [{}])[0]
        name = str(clicked.get("action_id", ""))
        handler = ACTIONS.get(name.partition(":")[0])
        chosen = clicked.get("selected_option") or {}
        value = clicked.get("value") or chosen.get("value") or ""
        if origin is not None and handler is not None:
            done = self._pool.submit(
                self._answer,
                handler,
                origin,
                name=name,
                text=str(value),
                message=body.get("message"),
            )
            done.add_done_callback(lambda each: self._follow_up(each, origin))

    def _on_submission(self, ack: Ack, body: dict[str, Any]) -> None:
        origin = _origin_of_interaction(body)
        view = body.get("view") or {}
        name = str(view.get("callback_id", ""))
        handler = MODALS.get(name.partition(":")[0])
        if origin is None or handler is None:
            ack()
            return
        answer = self._pool.submit(
            self._answer,
            handler,
            origin,
            name=name,
            state=(view.get("state") or {}).get("values") or {},
            metadata=view.get("private_metadata") or "",
        )
        try:
            reply = answer.result(timeout=ANSWER_S)
        except LateError:
            words = self._words_for(origin)
            waiting = modals.message_modal("Tierwise", notices.one_moment(words), words)
            ack(response_action="update", view=waiting)
            answer.add_done_callback(lambda done: self._finish_modal(done, view["id"]))
            return
        if isinstance(reply, FieldErrors):
            ack(response_action="errors", errors=reply.sentences)
        elif reply is None:
            ack()
        else:
            ack(response_action="update", view=_as_view(reply))
            self._pool.submit(self._show_home, EVENTS["app_home_opened"], origin)

    def _on_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        origin = _origin_of_interaction(body)
        shortcut = SHORTCUTS.get(str(body.get("callback_id", "")))
        if origin is not None and shortcut is not None:
            said = str((body.get("message") or {}).get("text") or "")
            done = self._pool.submit(self._answer, shortcut.handler, origin, text=_unescape(said))
            done.add_done_callback(lambda each: self._follow_up(each, origin))

    def _on_options(self, ack: Ack, body: dict[str, Any]) -> None:
        origin = _origin_of_interaction(body)
        handler = OPTIONS.get(str(body.get("action_id", "")))
        if origin is None or handler is None:
            ack(options=[])
            return
        answer = self._pool.submit(
            self._answer,
            handler,
            origin,
            text=_unescape(str(body.get("value") or "")),
            metadata=(body.get("view") or {}).get("private_metadata") or "",
        )
        try:
            reply = answer.result(timeout=ANSWER_S)
        except LateError:
            reply = None
        choices = reply.choices if isinstance(reply, Options) else []
        ack(options=[option(*each) for each in choices])

    def _on_event(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        event = body.get("event") or {}
        if event.get("type") == "file_shared":
            self._on_file(event, body)
            return
        if event.get("tab", "home") != "home" or not event.get("user"):
            return
        origin = Origin(
            user_id=event["user"],
            workspace_ids=_known(body.get("enterprise_id"), body.get("team_id")),
        )
        self._pool.submit(self._show_home, EVENTS[event["type"]], origin)

    def _on_file(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Take a file that somebody put into the direct message; what is elsewhere is ignored."""
        channel, user = str(event.get("channel_id") or ""), event.get("user_id")
        if not channel.startswith("D") or not user or not event.get("file_id"):
            return
        origin = Origin(
            user_id=user,
            workspace_ids=_known(body.get("enterprise_id"), body.get("team_id")),
            channel_id=channel,
        )
        self._pool.submit(self._take_file, origin, event["file_id"])

    def _take_file(self, origin: Origin, file_id: str) -> None:
        try:
            if place_of(self._client, origin.channel_id, origin.user_id) is not Place.DIRECT:
                return
            reply = self._answer(EVENTS["file_shared"], origin, text=file_id)
            if isinstance(reply, Say):
                self._conversation(origin).show(reply.text)
            elif reply is not None:
                self._bring(reply, origin)
        except Exception as error:
            sentence_for(error, Words())

    def _conversation(self, origin: Origin, ts: str | None = None) -> Conversation:
        channel = origin.channel_id or origin.user_id
        return Conversation(self._client, self._runtime.settings, channel, ts)

    def _send_on(self, errand: Errand, origin: Origin) -> None:
        """Work on an errand after those before it; who has to wait is told."""
        conversation = self._conversation(origin, origin.message_ts)
        words = self._words_for(origin)
        before = self._errand
        if before is not None and not before.done():
            conversation.show(notices.waits_its_turn(words))
        self._errand = self._errands.submit(self._run, errand, conversation, words)

    def _run(self, errand: Errand, conversation: Conversation, words: Words) -> None:
        try:
            errand.run(conversation)
        except Exception as error:
            sentence = sentence_for(error, words)
            try:
                conversation.show(sentence)
            except (SlackClientError, OSError) as unsaid:
                log.warning("errand_not_told", error=type(unsaid).__name__)

    def _show_home(self, handler: Handler, origin: Origin) -> None:
        reply = self._answer(handler, origin)
        if not isinstance(reply, PublishHome):
            return
        try:
            self._client.views_publish(user_id=origin.user_id, view=reply.view)
        except (SlackClientError, OSError) as error:
            log.warning("home_not_published", error=type(error).__name__)

    def _words_for(self, origin: Origin) -> Words:
        """Return words in the language last seen of a person, without asking anybody."""
        known = (people.remembered(origin.user_id) for people in self._people.values())
        profile = next(filter(None, known), None)
        return Words(profile.locale) if profile else Words()

    def _answer(
        self,
        handler: Handler,
        origin: Origin,
        *,
        name: str = "",
        text: str = "",
        state: dict[str, dict[str, Any]] | None = None,
        metadata: str = "",
        message: dict[str, Any] | None = None,
    ) -> Reply | None:
        """Answer in the pool: identity, rights, place, handler; whatever breaks becomes words."""
        words = Words()
        try:
            met = self._meet(origin)
            if met is None:
                return None
            if isinstance(met, Refusal):
                return _refuse(met, handler, origin)
            call = replace(
                met,
                name=name,
                text=text,
                state=state or {},
                metadata=metadata,
                message=message or {},
            )
            words = met.words
            return self._in_place(handler(call), origin, call)
        except Exception as error:
            sentence = sentence_for(error, words)
            if metadata:
                view = modals.message_modal(words.say("Not saved"), sentence, words)
                return UpdateModal(view=view)
            return Say(text=sentence)

    def _meet(self, origin: Origin) -> Call | Refusal | None:
        """Find out who asks; None for strangers to whom nothing at all is said."""
        with self._runtime.store.read(None) as session:
            firm, member = find_caller(session, origin.workspace_ids, origin.user_id)
        if firm is None or firm.id is None:
            log.info("unknown_workspace", workspace=origin.workspace_ids)
            return None
        profile = self._people_of(firm.workspace_id).profile(origin.user_id)
        if profile.standing is Standing.BOT:
            return None
        words = Words(profile.locale, firm.currency)
        if profile.standing is Standing.UNKNOWN:
            raise PersonUnknownError
        if profile.standing is not Standing.MEMBER:
            return Refusal(sentence=notices.not_a_member(words), words=words, is_member=False)
        if member is None or not member.is_active:
            sentence = notices.not_linked(origin.user_id, words)
            return Refusal(sentence=sentence, words=words, is_member=True)
        return Call(
            runtime=self._runtime,
            firm_id=firm.id,
            member=member,
            words=Words(member.locale, firm.currency) if member.locale else words,
            zone=profile.zone or ZoneInfo(firm.zone),
            slack_locale=profile.locale,
        )

    def _people_of(self, workspace_id: str) -> People:
        return self._people.setdefault(workspace_id, People(self._client, workspace_id))

    def profile_of(self, workspace_id: str, slack_user_id: str) -> Profile:
        """Return a person's profile, at most a minute old."""
        return self._people_of(workspace_id).profile(slack_user_id)

    def _in_place(self, reply: Reply, origin: Origin, call: Call) -> Reply:
        """Send client data by direct message where the place is not private enough."""
        words = call.words
        if isinstance(reply, SendFile):
            return self._send_file(reply, origin, words)
        if not (isinstance(reply, OpenModal) or (isinstance(reply, Say) and reply.about_clients)):
            return reply
        place = place_of(self._client, origin.channel_id, origin.user_id)
        if may_answer_in(place, strict=call.member.strict):
            return reply
        if isinstance(reply, Say):
            self._client.chat_postMessage(
                channel=origin.user_id,
                text=reply.text,
                blocks=reply.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
            return Say(text=notices.sent_directly(words))
        return Say(text=notices.ask_directly(words, chosen=place is Place.FIRM))

    def _send_file(self, reply: SendFile, origin: Origin, words: Words) -> Say:
        direct = self._client.conversations_open(users=origin.user_id)["channel"]["id"]
        self._client.files_upload_v2(
            channel=direct,
            filename=reply.name,
            content=reply.data,
            initial_comment=reply.text,
            alt_txt=reply.alt or None,
        )
        return Say(text=notices.sent_directly(words))

    def _follow_up(self, done: Future[Reply | None], origin: Origin) -> None:
        """Bring an answer that is not in the acknowledgement."""
        try:
            self._bring(done.result(), origin)
        except Exception as error:
            sentence_for(error, Words())

    def _bring(self, reply: Reply | None, origin: Origin) -> None:
        if isinstance(reply, Errand):
            self._send_on(reply, origin)
        elif isinstance(reply, Say) and origin.response_url:
            self._respond(reply, origin.response_url)
        elif isinstance(reply, UpdateModal) and origin.view is not None:
            self._client.views_update(view_id=origin.view["id"], view=reply.view)
        elif isinstance(reply, Say | OpenModal) and origin.trigger_id:
            self._show_modal(reply, origin)

    def _show_modal(self, reply: Say | OpenModal, origin: Origin) -> None:
        """Open a modal, or go on in the one that is open: Slack stacks no more than three."""
        view = _as_view(reply)
        below = origin.view or {}
        if below.get("type") != "modal":
            self._client.views_open(trigger_id=origin.trigger_id, view=view)
        elif _is_third(below) or (isinstance(reply, Say) and reply.replace):
            self._client.views_update(view_id=below["id"], view=view)
        else:
            self._client.views_push(trigger_id=origin.trigger_id, view=view)

    def _respond(self, reply: Say, url: str) -> None:
        if not self._may_post_to(url):
            log.warning("refused_response_url")
            return
        WebhookClient(url, timeout=5).send(
            text=reply.text,
            blocks=reply.blocks or None,
            response_type="ephemeral",
            replace_original=reply.replace,
        )

    def _may_post_to(self, url: str) -> bool:
        """Tell whether an address is Slack's own; anything else is somebody's trap."""
        api = urlsplit(self._runtime.settings.slack_api_url)
        parts = urlsplit(url)
        ours = (parts.scheme, parts.netloc) == (api.scheme, api.netloc)
        return ours or (parts.scheme, parts.netloc) == ("https", "hooks.slack.com")

    def _finish_modal(self, done: Future[Reply | None], view_id: str) -> None:
        try:
            reply = done.result()
            if reply is not None:
                self._client.views_update(view_id=view_id, view=_as_view(reply))
        except Exception as error:
            sentence_for(error, Words())


def _refuse(refusal: Refusal, handler: Handler, origin: Origin) -> Reply:
    if handler is EVENTS["app_home_opened"]:
        view = closed_home(origin.user_id, refusal.words, is_member=refusal.is_member)
        return PublishHome(view=view)
    return Say(text=refusal.sentence)


def _is_third(view: dict[str, Any]) -> bool:
    """Tell whether a modal lies on two others."""
    below = view.get("previous_view_id")
    return below is not None and below != view.get("root_view_id")


def _as_view(reply: Reply) -> dict[str, Any]:
    """Show any reply as a modal: Home and modals have no messages."""
    match reply:
        case OpenModal() | UpdateModal() | PublishHome():
            return reply.view
        case Say():
            return modals.blocks_modal(reply.blocks, reply.text)
        case FieldErrors():
            return modals.blocks_modal([], "\n".join(reply.sentences.values()))
        case Options() | SendFile() | Errand():
            raise ValueError("a searched list, a file or an errand is no view")


def _origin_of_command(body: dict[str, Any]) -> Origin | None:
    workspaces = _known(body.get("enterprise_id"), body.get("team_id"))
    if not body.get("user_id") or not workspaces or not body.get("channel_id"):
        return None
    return Origin(
        user_id=body["user_id"],
        workspace_ids=workspaces,
        channel_id=body["channel_id"],
        response_url=body.get("response_url") or "",
        trigger_id=body.get("trigger_id") or "",
    )


def _origin_of_interaction(body: dict[str, Any]) -> Origin | None:
    user = body.get("user") or {}
    team = (body.get("team") or {}).get("id") or user.get("team_id")
    workspaces = _known((body.get("enterprise") or {}).get("id"), team)
    if not user.get("id") or not workspaces:
        return None
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    return Origin(
        user_id=user["id"],
        workspace_ids=workspaces,
        channel_id=channel,
        response_url=body.get("response_url") or "",
        trigger_id=body.get("trigger_id") or "",
        view=body.get("view"),
        message_ts=container.get("message_ts"),
    )


def _known(*ids: str | None) -> tuple[str, ...]:
    return tuple(each for each in ids if each)


def _unescape(text: str) -> str:
    """Undo Slack's own escaping, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
