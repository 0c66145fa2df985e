"""One listener a kind of request, in front of the tables: who, where, whether, then the handler.

Bolt matches listeners one by one and polls for acknowledgements; a single router in front of a
dictionary keeps an answer at a few milliseconds however many commands there are. Handlers run in
our own pool; an answer that is ready within 1.5 s travels inside the acknowledgement.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt import Ack, App
from slack_sdk.errors import SlackClientError

from bot.errors import is_final, sentence_for
from bot.listeners import (
    ACTIONS,
    CHANGES_HOME,
    COMMANDS,
    EVENTS,
    MODALS,
    NEEDS,
    OPTIONS,
    SHORTCUTS,
    Handler,
)
from bot.listeners.bearer import Bearer, as_view
from bot.listeners.calls import (
    Call,
    Errand,
    FieldErrors,
    Options,
    PublishHome,
    Reply,
    Say,
    UpdateModal,
)
from bot.listeners.conversation import Conversation
from bot.listeners.entrance import ClientFor, Entrance, Refusal
from bot.listeners.linking import answer_visitor
from bot.listeners.origins import (
    Origin,
    origin_of_command,
    origin_of_event,
    origin_of_interaction,
    unescape,
)
from bot.listeners.pace import Pace
from bot.listeners.pool import CrowdedError, FairPool
from bot.listeners.reasons import ask_reason, reason_in
from bot.listeners.witness import note_denied, refusal_entry
from bot.runtime import Runtime
from bot.usecases.recording import ClientGoneError
from bot.views import modals, notices
from bot.views.inputs import option
from bot.words import Words
from domain.access import Action, NotAllowedError, Place, ReasonNeededError
from storage.journal import Act, acting, by_member

log = structlog.get_logger()

HELP_WORDS = ("help", "hilfe", "?", "-h", "--help")
ANSWER_S = 1.5
"""How long an acknowledgement waits for its answer; Slack gives up after 3 s."""
POOL_SIZE = 6
"""More at once would only share one interpreter, and those who came first would wait longer."""
CROWD = 10
"""Beside so many others nobody waits for the answer: it follows the acknowledgement."""
MOST_WAITING = 10_000
"""Beyond that, people are asked to come back later."""


class Router:
    """Registers with Bolt and answers."""

    def __init__(self, runtime: Runtime, client_for: ClientFor) -> None:
        self._runtime = runtime
        self._entrance = Entrance(runtime, client_for)
        self._bearer = Bearer(runtime.settings, client_for)
        self._measures = runtime.measures
        self._pool = FairPool(POOL_SIZE, most_waiting=MOST_WAITING, name="answer")
        self._measures.watch("waiting", lambda: self._pool.waiting)
        self._measures.watch("answering", lambda: self._pool.busy)
        self._pace = Pace(runtime.settings.requests_per_minute)
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
        origin = origin_of_command(body)
        name = str(body.get("command", ""))
        command = COMMANDS.get(name)
        if origin is None or command is None:
            ack()
            return
        answer = self._begin(
            command.handler, origin, name=name, text=unescape(body.get("text") or "")
        )
        try:
            reply = answer.result(timeout=self._patience_s(origin))
        except LateError:
            ack(
                response_type="ephemeral", text=notices.one_moment(self._entrance.words_for(origin))
            )
            answer.add_done_callback(lambda done: self._follow_up(done, origin))
            return
        if isinstance(reply, Say):
            ack(response_type="ephemeral", text=reply.text, blocks=reply.blocks or None)
        else:
            ack()
            self._follow_up(answer, origin)

    def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        origin = origin_of_interaction(body)
        clicked = (body.get("actions") or [{}])[0]
        name = str(clicked.get("action_id", ""))
        handler = ACTIONS.get(name.partition(":")[0])
        chosen = clicked.get("selected_option") or {}
        value = clicked.get("value") or chosen.get("value") or ""
        if origin is not None and handler is not None:
            done = self._begin(
                handler,
                origin,
                tells_once=True,
                name=name,
                text=str(value),
                message=body.get("message"),
            )
            done.add_done_callback(lambda each: self._follow_up_button(each, origin, name))

    def _on_submission(self, ack: Ack, body: dict[str, Any]) -> None:
        origin = origin_of_interaction(body)
        view = body.get("view") or {}
        name = str(view.get("callback_id", ""))
        handler = MODALS.get(name.partition(":")[0])
        if origin is None or handler is None:
            ack()
            return
        answer = self._begin(
            handler,
            origin,
            name=name,
            state=(view.get("state") or {}).get("values") or {},
            metadata=view.get("private_metadata") or "",
        )
        try:
            reply = answer.result(timeout=self._patience_s(origin))
        except LateError:
            words = self._entrance.words_for(origin)
            waiting = modals.message_modal("Tierwise", notices.one_moment(words), words)
            ack(response_action="update", view=waiting)
            answer.add_done_callback(lambda done: self._finish_modal(done, view["id"], origin))
            return
        if isinstance(reply, FieldErrors):
            ack(response_action="errors", errors=reply.sentences)
        elif reply is None:
            ack()
        else:
            ack(response_action="update", view=as_view(reply))
            self._in_turn(origin, self._show_home, EVENTS["app_home_opened"], origin)

    def _on_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        origin = origin_of_interaction(body)
        name = str(body.get("callback_id", ""))
        shortcut = SHORTCUTS.get(name)
        if origin is not None and shortcut is not None:
            said = str((body.get("message") or {}).get("text") or "")
            done = self._begin(
                shortcut.handler, origin, tells_once=True, name=name, text=unescape(said)
            )
            done.add_done_callback(lambda each: self._follow_up(each, origin))

    def _on_options(self, ack: Ack, body: dict[str, Any]) -> None:
        origin = origin_of_interaction(body)
        name = str(body.get("action_id", ""))
        handler = OPTIONS.get(name)
        if origin is None or handler is None:
            ack(options=[])
            return
        answer = self._begin(
            handler,
            origin,
            name=name,
            text=unescape(str(body.get("value") or "")),
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
        event, origin = body.get("event") or {}, origin_of_event(body)
        if origin is None:
            return
        if event.get("type") == "file_shared":
            file_id = event.get("file_id")
            if file_id and (origin.channel_id or "").startswith("D"):
                self._in_turn(origin, self._take_file, origin, file_id)
        elif event.get("tab", "home") == "home":
            self._in_turn(origin, self._show_home, EVENTS[event["type"]], origin)

    def _take_file(self, origin: Origin, file_id: str) -> None:
        """Take a file that somebody put into the direct message; what is elsewhere is ignored."""
        try:
            if self._bearer.place(origin) is not Place.DIRECT:
                return
            reply = self._answer(EVENTS["file_shared"], origin, name="file_shared", text=file_id)
            if isinstance(reply, Say):
                self._bearer.conversation(origin).show(reply.text)
            else:
                self._bring(reply, origin)
        except Exception as error:
            sentence_for(error, Words())

    def _send_on(self, errand: Errand, origin: Origin) -> None:
        """Work on an errand after those before it; who has to wait is told."""
        conversation = self._bearer.conversation(origin, origin.message_ts)
        words = self._entrance.words_for(origin)
        before = self._errand
        if before is not None and not before.done():
            conversation.show(notices.waits_its_turn(words))
        self._errand = self._errands.submit(self._run, errand, conversation, words)

    def _run(self, errand: Errand, conversation: Conversation, words: Words) -> None:
        try:
            with acting(errand.act):
                errand.run(conversation)
        except Exception as error:
            sentence = sentence_for(error, words)
            try:
                conversation.show(sentence)
            except (SlackClientError, OSError) as unsaid:
                log.warning("errand_not_told", error=type(unsaid).__name__)

    def _show_home(self, handler: Handler, origin: Origin) -> None:
        reply = self._answer(handler, origin, name="home")
        if not isinstance(reply, PublishHome):
            return
        try:
            self._bearer.publish_home(reply, origin)
        except (SlackClientError, OSError) as error:
            log.warning("home_not_published", error=type(error).__name__)

    def _begin(
        self,
        handler: Handler,
        origin: Origin,
        *,
        tells_once: bool = False,
        **asked: Any,
    ) -> Future[Reply | None]:
        """Let the pool answer, unless a person asks too fast or too much waits already."""
        words = self._entrance.words_for(origin)
        person = (origin.workspace_ids, origin.user_id)
        if wait_s := self._pace.wait_s(person):
            self._measures.hurried()
            is_said = tells_once and self._pace.is_told(person)
            said = None if is_said else Say(text=notices.too_fast(wait_s, words))
        else:
            try:
                return self._pool.submit(
                    origin.workspace_ids[0], self._answer, handler, origin, **asked
                )
            except CrowdedError:
                self._measures.crowded()
                said = Say(text=notices.crowded(words))
        refused: Future[Reply | None] = Future()
        is_form = said is not None and asked.get("state") is not None
        refused.set_result(_kept_form(said.text, origin, words) if said and is_form else said)
        return refused

    def _in_turn(self, origin: Origin, do: Callable[..., None], *arguments: Any) -> None:
        """Let the pool do what nobody waits for, if there is room."""
        if self._pace.wait_s((origin.workspace_ids, origin.user_id)):
            self._measures.hurried()
            return
        try:
            self._pool.submit(origin.workspace_ids[0], do, *arguments)
        except CrowdedError:
            self._measures.crowded()

    def _patience_s(self, origin: Origin) -> float:
        """Say how long an acknowledgement may wait: the less, the more is answered or waits."""
        others = self._pool.busy + self._pool.waiting_of(origin.workspace_ids[0]) - 1
        return ANSWER_S * min(1.0, max(0.0, 1 - others / CROWD))

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
        words, call = self._entrance.words_for(origin), None
        try:
            met = self._entrance.meet(origin)
            if met is None:
                return None
            if isinstance(met, Refusal):
                self._runtime.note(met.firm_id, refusal_entry(origin, name))
                is_home = handler is EVENTS["app_home_opened"]
                return answer_visitor(
                    met, name, origin.user_id, state or {}, self._runtime, is_home=is_home
                )
            call = replace(
                met,
                name=name,
                text=text,
                state=state or {},
                metadata=metadata,
                message=message or {},
                reason=reason_in(name, state or {}),
            )
            words = met.words
            act = _act(call, origin)
            with acting(act):
                reply = self._bearer.in_place(_handled(handler, call), origin, call)
            return replace(reply, act=act) if isinstance(reply, Errand) else reply
        except Exception as error:
            if call is not None and isinstance(error, ClientGoneError):
                note_denied(error.client_id, call)
            if call is not None and isinstance(error, NotAllowedError):
                note_denied(None, call)
            sentence = sentence_for(error, words)
            if state is None:
                return Say(text=sentence)
            if is_final(error):
                return _not_saved(sentence, words)
            return _kept_form(sentence, origin, words)

    def _follow_up(self, done: Future[Reply | None], origin: Origin) -> None:
        """Bring an answer that is not in the acknowledgement."""
        try:
            self._bring(done.result(), origin)
        except Exception as error:
            sentence_for(error, Words())

    def _follow_up_button(self, done: Future[Reply | None], origin: Origin, name: str) -> None:
        """Bring a button's answer; a page that it changed is shown anew behind it."""
        self._follow_up(done, origin)
        if not CHANGES_HOME.isdisjoint({name, name.partition(":")[0]}):
            self._show_home(EVENTS["app_home_opened"], origin)

    def _bring(self, reply: Reply | None, origin: Origin) -> None:
        if isinstance(reply, Errand):
            self._send_on(reply, origin)
        else:
            self._bearer.bring(reply, origin, self._entrance.words_for(origin))

    def _finish_modal(self, done: Future[Reply | None], view_id: str, origin: Origin) -> None:
        try:
            reply = done.result()
            if isinstance(reply, FieldErrors):
                reply = UpdateModal(view=modals.reopened_modal(origin.view or {}, reply.sentences))
            if reply is not None:
                self._bearer.update_view(view_id, reply, origin)
        except Exception as error:
            sentence_for(error, Words())


def _act(call: Call, origin: Origin) -> Act:
    actor = by_member(call.member.member_id)
    return Act(actor=actor, what=call.name, place=origin.channel_id or "")


def _handled(handler: Handler, call: Call) -> Reply:
    """Handle a request for which the caller has the right, or ask for the reason first."""
    needed = NEEDS.get(handler, Action.ADMINISTER)
    is_help = call.name in COMMANDS and call.text.strip().casefold() in HELP_WORDS
    call.demand(Action.HELP if is_help else needed)
    try:
        return handler(call)
    except ReasonNeededError:
        return ask_reason(call)


def _kept_form(sentence: str, origin: Origin, words: Words) -> Reply:
    """Leave a form open as it was filled in, with a sentence under its first field."""
    for block in (origin.view or {}).get("blocks") or []:
        if block.get("type") == "input" and block.get("block_id"):
            return FieldErrors(sentences={block["block_id"]: sentence})
    return _not_saved(sentence, words)


def _not_saved(sentence: str, words: Words) -> Reply:
    return UpdateModal(view=modals.message_modal(words.say("Not saved"), sentence, words))
