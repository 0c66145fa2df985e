"""The Web API as slack_sdk meets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import SandboxClient
from sandbox.server import Sandbox
from sandbox.wire import Json
from tests.sandbox.conftest import MANIFEST


def refusal(call: Callable[..., Any], **arguments: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    answer: Json = caught.value.response.data
    return answer


def error(call: Callable[..., Any], **arguments: Any) -> str:
    return str(refusal(call, **arguments)["error"])


def header(text: str) -> Json:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def test_the_app_learns_who_it_is(api: WebClient, sandbox: Sandbox) -> None:
    answer = api.auth_test()
    facts = (answer["team_id"], answer["user_id"], answer["bot_id"], answer["team"])
    assert facts == ("T0TIERWISE", "U0BOT", "B0BOT", "Birkenhof Beratung")
    assert answer["url"] == f"{sandbox.base_url}/"
    assert "users:read" in answer.headers["x-oauth-scopes"]


def test_each_token_opens_only_its_own_doors(sandbox: Sandbox) -> None:
    def client(token: str | None) -> WebClient:
        return WebClient(token, base_url=sandbox.api_url)

    assert error(client(None).auth_test) == "not_authed"
    assert error(client("xoxb-wrong").auth_test) == "invalid_auth"
    assert error(client(sandbox.app_token).auth_test) == "not_allowed_token_type"
    open_connection = client(sandbox.bot_token).apps_connections_open
    assert error(open_connection, app_token=sandbox.bot_token) == "not_allowed_token_type"


def test_a_scope_that_the_manifest_lacks_is_missed(api: WebClient) -> None:
    answer = refusal(api.conversations_list, types="mpim")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "mpim:read")
    assert "chat:write" in answer["provided"]


def test_a_scope_is_checked_before_anything_else() -> None:
    bare = MANIFEST | {"oauth_config": {"scopes": {"bot": ["commands"]}}}
    with Sandbox(bare) as sandbox:
        api = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        assert refusal(api.chat_postMessage, channel="C0TEAM", text="Hi")["needed"] == "chat:write"
        assert refusal(api.users_info, user="U0ANNA")["needed"] == "users:read"
        assert refusal(api.conversations_open, users="U0ANNA")["needed"] == "im:write"


def test_an_unknown_method_is_named_so(api: WebClient) -> None:
    assert error(api.api_call, api_method="chat.shout") == "unknown_method"


def test_people_come_with_zone_locale_and_standing(api: WebClient) -> None:
    emily = api.users_info(user="U0EMILY", include_locale=True)["user"]
    assert (emily["tz"], emily["locale"]) == ("Europe/London", "en-GB")
    assert "locale" not in api.users_info(user="U0EMILY")["user"]
    lena, mario = (api.users_info(user=u)["user"] for u in ("U0LENA", "U0MARIO"))
    assert (lena["is_restricted"], lena["is_ultra_restricted"]) == (True, True)
    assert (mario["is_restricted"], mario["is_ultra_restricted"]) == (True, False)
    nora = api.users_info(user="U0EXT", include_locale=True)["user"]
    assert (nora["is_stranger"], nora["team_id"], "locale" in nora) == (True, "T0NORDLICHT", False)
    assert api.users_info(user="U0OLD")["user"]["deleted"]
    assert api.users_info(user="U0BOT")["user"]["is_bot"]
    assert error(api.users_info, user="U0NOBODY") == "user_not_found"


def test_a_list_comes_in_pages(api: WebClient) -> None:
    first = api.users_list(limit=4)
    second = api.users_list(limit=100, cursor=first["response_metadata"]["next_cursor"])
    ids = [user["id"] for page in (first, second) for user in page["members"]]
    assert len(ids) == len(set(ids)) == 10
    assert second["response_metadata"]["next_cursor"] == ""


def test_a_place_tells_whether_others_share_it(api: WebClient, sandbox: Sandbox) -> None:
    sandbox.world.places["C0SHARED"].members.add("U0BOT")
    assert api.conversations_info(channel="C0SHARED")["channel"]["is_ext_shared"]
    assert not api.conversations_info(channel="C0TEAM")["channel"]["is_ext_shared"]
    assert api.conversations_info(channel="D0ANNA")["channel"]["user"] == "U0ANNA"
    assert "U0ANNA" in api.conversations_members(channel="C0TEAM")["members"]


def test_a_private_place_without_the_bot_does_not_exist_for_it(api: WebClient) -> None:
    assert error(api.conversations_info, channel="C0GUEST") == "channel_not_found"
    assert error(api.chat_postMessage, channel="C0GUEST", text="Hi") == "channel_not_found"
    listed = api.conversations_list(types="public_channel,private_channel")["channels"]
    assert [c["id"] for c in listed] == ["C0GENERAL", "C0TEAM", "C0PUB", "C0OLD"]


def test_a_message_reaches_a_person_by_their_id(api: WebClient, people: SandboxClient) -> None:
    sent = api.chat_postMessage(
        channel="U0ANNA",
        text="Three clients",
        blocks=[header("This week")],
        metadata={"event_type": "digest", "event_payload": {"key": "k1"}},
        unfurl_links=False,
    )
    assert sent["channel"] == "D0ANNA" == api.conversations_open(users="U0ANNA")["channel"]["id"]
    (message,) = people.messages("U0ANNA", "D0ANNA")
    assert (message["ts"], message["text"]) == (sent["ts"], "Three clients")
    assert message["blocks"][0]["block_id"]
    history = api.conversations_history(channel="D0ANNA", include_all_metadata=True)["messages"]
    assert history[0]["metadata"]["event_payload"] == {"key": "k1"}
    assert "metadata" not in api.conversations_history(channel="D0ANNA")["messages"][0]


def test_history_is_newest_first_and_between_two_times(api: WebClient) -> None:
    stamps = [api.chat_postMessage(channel="D0ANNA", text=str(i))["ts"] for i in range(4)]

    def texts(**arguments: Any) -> list[str]:
        found = api.conversations_history(channel="D0ANNA", **arguments)["messages"]
        return [m["text"] for m in found]

    assert texts() == ["3", "2", "1", "0"]
    assert texts(oldest=stamps[1]) == ["3", "2"]
    assert texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    page = api.conversations_history(channel="D0ANNA", limit=3)
    assert page["has_more"]
    assert texts(cursor=page["response_metadata"]["next_cursor"]) == ["0"]


def test_the_bot_cannot_post_where_it_may_not(api: WebClient, sandbox: Sandbox) -> None:
    sandbox.world.places["C0OLD"].members.add("U0BOT")
    wanted = {
        "C0PUB": "not_in_channel",
        "C0OLD": "is_archived",
        "C0NOWHERE": "channel_not_found",
        "U0EXT": "channel_not_found",
        "U0NOBODY": "channel_not_found",
    }
    got = {c: error(api.chat_postMessage, channel=c, text="Hi") for c in wanted}
    assert got == wanted


def test_a_message_to_a_former_colleague_is_accepted_and_read_by_nobody(
    api: WebClient, people: SandboxClient
) -> None:
    assert api.chat_postMessage(channel="U0OLD", text="Hi")["ok"]
    assert people.transcript()[0]["audience"] == []
    assert error(api.conversations_open, users="U0OLD") == "user_disabled"


def test_the_bot_lists_the_places_it_is_in(api: WebClient) -> None:
    mine = api.users_conversations(types="public_channel,private_channel")["channels"]
    assert [c["id"] for c in mine] == ["C0TEAM"]


def test_arguments_that_are_no_numbers_are_refused(api: WebClient) -> None:
    assert error(api.users_list, limit="many") == "invalid_limit"
    assert error(api.conversations_history, channel="D0ANNA", oldest="x") == "invalid_ts_oldest"


def test_a_message_needs_something_to_say(api: WebClient) -> None:
    send = api.chat_postMessage
    empty = {"channel": "D0ANNA", "text": ""}
    assert error(api.api_call, api_method="chat.postMessage", params=empty) == "no_text"
    assert error(send, channel="D0ANNA", text="x", blocks="[{") == "invalid_blocks_format"
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5
    assert error(send, channel="D0ANNA", text="x", blocks=long) == "msg_blocks_too_long"
    answer = refusal(send, channel="D0ANNA", text="x", blocks=[header("x" * 151)])
    where = "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert (answer["error"], answer["errors"]) == ("invalid_blocks", [where])
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {where}"]


def test_every_problem_stands_in_the_transcript(api: WebClient, people: SandboxClient) -> None:
    refusal(api.chat_postMessage, channel="D0ANNA", text="x", blocks=[header("x" * 151)])
    (entry,) = people.transcript()
    assert (entry["name"], entry["ok"], entry["place"]) == ("chat.postMessage", False, "D0ANNA")
    assert entry["problems"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_a_message_is_edited_and_taken_back(api: WebClient, people: SandboxClient) -> None:
    ts = api.chat_postMessage(channel="D0ANNA", text="One", blocks=[header("One")])["ts"]
    api.chat_update(channel="D0ANNA", ts=ts, text="Two")
    (message,) = people.messages("U0ANNA", "D0ANNA")
    assert (message["text"], message["edited"]) == ("Two", True)
    assert message["blocks"][0]["text"]["text"] == "One", "blocks left out are kept"
    api.chat_delete(channel="D0ANNA", ts=ts)
    assert people.messages("U0ANNA", "D0ANNA") == []
    assert error(api.chat_delete, channel="D0ANNA", ts=ts) == "message_not_found"
    said = people.say("U0ANNA", "D0ANNA", "Hello")["ts"]
    assert error(api.chat_update, channel="D0ANNA", ts=said, text="x") == "cant_update_message"


def test_an_ephemeral_message_is_seen_by_one_person(api: WebClient, people: SandboxClient) -> None:
    api.chat_postEphemeral(channel="C0TEAM", user="U0ANNA", text="Only you")
    (message,) = people.messages("U0ANNA", "C0TEAM")
    assert message["ephemeral"]
    assert people.messages("U0TOM", "C0TEAM") == []
    outside = {"channel": "C0TEAM", "user": "U0LENA", "text": "x"}
    assert error(api.chat_postEphemeral, **outside) == "user_not_in_channel"
    assert api.conversations_history(channel="D0ANNA")["messages"] == []


def test_the_transcript_says_who_can_read_a_message(
    api: WebClient, people: SandboxClient, sandbox: Sandbox
) -> None:
    sandbox.world.places["C0SHARED"].members.add("U0BOT")
    for place in ("D0ANNA", "C0TEAM", "C0SHARED"):
        api.chat_postMessage(channel=place, text="Hi")
    api.chat_postEphemeral(channel="C0TEAM", user="U0TOM", text="Hi")
    dm, team, shared, ephemeral = (entry["audience"] for entry in people.transcript())
    assert dm == ["U0ANNA"]
    assert team == ["U0ANNA", "U0EMILY", "U0JONAS", "U0TOM", "U0VOGT"]
    assert shared == ["U0ANNA", "U0EXT", "U0VOGT"]
    assert ephemeral == ["U0TOM"]


def test_a_long_transcript_is_fetched_in_parts(
    api: WebClient, people: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        api.chat_postMessage(channel="D0ANNA", text="x" * 4_001 if number == 4 else f"{number}")
    whole = people.transcript()
    monkeypatch.setattr("sandbox.client.ENTRIES", 2)
    assert people.transcript() == whole
    assert [entry["n"] for entry in people.transcript(3)] == [4, 5]
    assert people.recorded() == 5


def test_no_token_stands_in_the_transcript(
    api: WebClient, sandbox: Sandbox, people: SandboxClient
) -> None:
    api.apps_connections_open(app_token=sandbox.app_token)
    api.api_call("chat.postMessage", params={"channel": "D0ANNA", "text": sandbox.bot_token})
    recorded = str(people.transcript())
    assert sandbox.bot_token not in recorded
    assert sandbox.app_token not in recorded
    assert "ticket=…" in recorded


def test_a_json_body_says_the_same_as_a_form(api: WebClient) -> None:
    body = {"channel": "D0ANNA", "text": "Hi", "blocks": [header("Hi")]}
    assert api.api_call("chat.postMessage", json=body)["ok"]


def test_home_is_published_and_guarded_by_its_hash(api: WebClient, people: SandboxClient) -> None:
    home: Json = {"type": "home", "blocks": [header("One")]}
    first = api.views_publish(user_id="U0ANNA", view=home)["view"]
    second = api.views_publish(user_id="U0ANNA", view=home, hash=first["hash"])["view"]
    assert second["id"] == first["id"]
    stale = {"user_id": "U0ANNA", "view": home, "hash": first["hash"]}
    assert error(api.views_publish, **stale) == "hash_conflict"
    shown = people.home("U0ANNA")
    assert shown is not None
    assert shown["blocks"][0]["text"]["text"] == "One"
    assert people.home("U0TOM") is None


def test_a_bad_view_is_refused_as_invalid_arguments(api: WebClient) -> None:
    answer = refusal(api.views_publish, user_id="U0ANNA", view={"type": "home"})
    assert answer["error"] == "invalid_arguments"
    problem = "[ERROR] missing required field: blocks [json-pointer:/view]"
    assert answer["response_metadata"]["messages"] == [problem]
