"""Following, consent, inboxes and live updates over HTTP, each with its owner's rights; unsubscribing in one step."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from graph import notices as graph_notices
from graph.consents import Channel
from graph.driver import Graph
from graph.notices import NoticeKind, Reason
from graph.records import now
from graph.tokens import Role
from jobs import notices
from jobs.links import key_of, unsubscribe_token
from jobs.settings import JobSettings
from tests.api.calls import as_customer, call, code, make, person, refusal
from tests.api.conftest import Client
from tests.api.events import listening, subscribed

INBOX = "{ inbox { unreadCount entries { nodes { id readAt notice { kind idea { title } } } } } }"
CHANGED = "subscription { inboxChanged { unreadCount entries { nodes { notice { kind } } } } }"
YES = {"channel": "EMAIL", "wording": "Write to me about ideas."}


async def idea(client: Client) -> str:
    challenge = await make(client, "challengeOpen", title="Which?")
    return await make(client, "ideaSubmit", challengeId=challenge, title="Decaf")


async def uid_of(graph: Graph, query: str, **given: Any) -> str:
    [row] = await graph.read(f"MATCH {query} RETURN n.uid AS uid", **given)
    return str(row["uid"])


async def told(client: Client, cause: str = "a1") -> str:
    """Announce something of the one idea, and let a worker spread it; the uid of the notice."""
    graph = client.graph
    what = await uid_of(graph, "(n:Idea)")
    await graph.write(graph_notices.announce, kind=NoticeKind.ANSWERED, idea=what, cause=cause, now=now())
    notice = await uid_of(graph, "(n:Notice {cause: $cause})", cause=cause)
    await notices.spread(graph, JobSettings(home=graph.settings.home), notice=notice)
    return notice


async def test_a_follower_hears_reads_and_leaves(client: Client) -> None:
    decaf = await idea(client)
    ada = await person(client, "Ada")
    own = await as_customer(client, "Ada")
    followed = await call(own, "ideaFollow", "idea { followerCount }", ideaId=decaf, customerId=ada)
    assert followed == {"idea": {"followerCount": 1}, "errors": []}
    assert (await own.data(INBOX))["inbox"] == {"unreadCount": 0, "entries": {"nodes": []}}
    await told(client)
    inbox = (await own.data(INBOX))["inbox"]
    [entry] = inbox["entries"]["nodes"]
    assert (inbox["unreadCount"], entry["readAt"]) == (1, None)
    assert entry["notice"] == {"kind": "ANSWERED", "idea": {"title": "Decaf"}}
    await told(client, "a2")
    shown = "inbox { unreadCount entries { totalCount } }"
    read = await call(own, "inboxRead", shown, customerId=ada, entryIds=[entry["id"]])
    assert read["inbox"] == {"unreadCount": 1, "entries": {"totalCount": 2}}
    assert (await call(own, "inboxRead", shown, customerId=ada))["inbox"]["unreadCount"] == 0
    await make(own, "ideaUnfollow", ideaId=decaf, customerId=ada)
    await told(client, "a3")
    assert len((await own.data(INBOX))["inbox"]["entries"]["nodes"]) == 2
    # staff sees the same beneath the customer, and has no inbox
    asked = "query($id: ID!) { inbox { unreadCount } customer(id: $id) { inbox { entries { totalCount } } } }"
    seen = await client.data(asked, id=ada)
    assert seen == {"inbox": None, "customer": {"inbox": {"entries": {"totalCount": 2}}}}


async def test_an_idea_that_is_held_is_followed_by_nobody_and_may_be_left(client: Client) -> None:
    decaf, ada = await idea(client), await person(client, "Ada")
    own = await as_customer(client, "Ada")
    await call(client, "ideaModerate", "", ideaId=decaf, state="HELD", reason="A name is in it.")
    follow = {"ideaId": decaf, "customerId": ada}
    assert await refusal(own, "ideaFollow", **follow) == ("NOT_FOUND", ["ideaId"])
    assert await client.graph.read("MATCH ()-[f:FOLLOWS_IDEA]->() RETURN f") == []
    assert await call(own, "ideaUnfollow", "", **follow) == {"errors": []}


async def test_nobody_reads_or_changes_what_is_another_ones(client: Client) -> None:
    decaf, ada = await idea(client), await person(client, "Ada")
    await person(client, "Can")
    can = await as_customer(client, "Can")
    await make(client, "ideaFollow", ideaId=decaf, customerId=ada)
    await told(client)
    for name, more in (
        ("ideaFollow", {"ideaId": decaf}),
        ("ideaUnfollow", {"ideaId": decaf}),
        ("consentGive", YES),
        ("consentWithdraw", {"channel": "EMAIL"}),
        ("inboxRead", {}),
    ):
        kind = name[0].upper() + name[1:] + "Input"
        document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
        assert code(await can(document, input={"customerId": ada, **more})) == "FORBIDDEN", name
    for hidden in (
        "ideas(list: NEWEST) { nodes { notices { totalCount } } }",
        "ideas(list: NEWEST) { nodes { author { inbox { unreadCount } } } }",
        "inbox { entries { nodes { notice { heardCount } } } }",
        "inbox { entries { nodes { notice { undelivered { totalCount } } } } }",
    ):
        assert code(await can(f"{{ {hidden} }}")) == "FORBIDDEN", hidden


async def test_consent_is_given_withdrawn_and_shown_with_its_history(client: Client) -> None:
    ada = await person(client, "Ada", email="ada@example.org")
    own = await as_customer(client, "Ada")
    assert await refusal(client, "consentGive", customerId=ada, **YES) == ("INVALID", ["proof"])
    assert await refusal(own, "consentGive", customerId=ada, **{**YES, "channel": "IN_APP"}) == (
        "INVALID",
        ["channel"],
    )
    given = await call(own, "consentGive", "consent { state pace by }", customerId=ada, pace="DAILY", **YES)
    assert given["consent"] == {"state": "GIVEN", "pace": "DAILY", "by": "CUSTOMER"}
    await make(client, "consentGive", customerId=ada, proof="form 7", **YES)
    await make(own, "consentWithdraw", customerId=ada, channel="EMAIL")
    shown = "{ inbox { consents { nodes { purpose channel state pace wording proof } } } }"
    nodes = (await own.data(shown))["inbox"]["consents"]["nodes"]
    assert [(one["state"], one["pace"], one["proof"]) for one in nodes] == [
        ("WITHDRAWN", None, None),
        ("GIVEN", "IMMEDIATE", "form 7"),
        ("GIVEN", "DAILY", None),
    ]
    manager = await client.as_role(Role.PRODUCT_MANAGER)
    document = "mutation($i: ConsentGiveInput!) { consentGive(input: $i) { errors { code } } }"
    assert code(await manager(document, i={"customerId": ada, "proof": "x", **YES})) == "FORBIDDEN"


async def test_who_was_not_reached_is_a_list_and_is_tried_again_by_hand(client: Client) -> None:
    decaf, ada = await idea(client), await person(client, "Ada")
    await make(client, "ideaFollow", ideaId=decaf, customerId=ada)
    graph = client.graph
    await told(client)
    notice = await uid_of(graph, "(n:Notice)")
    failed = graph_notices._delivery(notice, await uid_of(graph, "(n:Customer)"), *FAILED)
    failed |= {"state": "FAILED", "reason": "GAVE_UP"}

    async def work(tx: Any) -> None:
        for query in (graph_notices.ADDRESS, graph_notices.SEND):
            await (await tx.run(query, deliveries=[failed], notice=notice, now=now())).consume()

    await graph.write(work)
    counts = "heardCount sentCount waitingCount failedCount"
    shown = f"id {counts} undelivered {{ nodes {{ channel reason attemptCount customer {{ name }} }} }}"
    found = await client.data(
        f"{{ ideas(list: NEWEST) {{ nodes {{ notices {{ nodes {{ {shown} }} }} }} }} }}"
    )
    [one] = found["ideas"]["nodes"][0]["notices"]["nodes"]
    identity = one.pop("id")
    assert one == {
        "heardCount": 1,
        "sentCount": 0,
        "waitingCount": 0,
        "failedCount": 1,
        "undelivered": {
            "nodes": [
                {"channel": "EMAIL", "reason": "GAVE_UP", "attemptCount": 0, "customer": {"name": "Ada"}}
            ]
        },
    }
    again = await call(client, "noticeRetry", "notice { waitingCount failedCount }", noticeId=identity)
    assert again["notice"] == {"waitingCount": 1, "failedCount": 0}


async def test_an_inbox_that_fills_is_told_to_its_owner_alone(client: Client) -> None:
    decaf, ada = await idea(client), await person(client, "Ada")
    await person(client, "Can")
    await make(client, "ideaFollow", ideaId=decaf, customerId=ada)
    owner, other = await as_customer(client, "Ada"), await as_customer(client, "Can")
    empty = {"unreadCount": 0, "entries": {"nodes": []}}
    async with (
        listening(client.graph) as http,
        subscribed(http, CHANGED, owner.token) as mine,
        subscribed(http, CHANGED, other.token) as theirs,
        subscribed(http, CHANGED, client.token) as staff,
    ):
        assert [await one.data() for one in (mine, theirs, staff)] == [empty, empty, None]
        await told(client)
        assert await mine.data() == {
            "unreadCount": 1,
            "entries": {"nodes": [{"notice": {"kind": "ANSWERED"}}]},
        }
        await call(owner, "inboxRead", "", customerId=ada)
        assert (await mine.data())["unreadCount"] == 0
        assert await theirs.silent(1.5)


async def test_a_link_unsubscribes_in_one_step_and_is_nothing_without_its_signature(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await person(client, "Ada", email="ada@example.org")
    await make(client, "consentGive", customerId=ada, proof="form 7", **YES)
    uid = await uid_of(client.graph, "(n:Customer)")
    token = unsubscribe_token(key_of(client.graph.settings), uid)
    assert (client.graph.settings.home / "link.key").stat().st_mode & 0o777 == 0o600

    async def holds() -> bool:
        return bool(await client.graph.read("MATCH (c:Customer) WHERE c.ideasByEmail IS NOT NULL RETURN 1"))

    async def ask(method: str, given: str, **more: Any) -> httpx.Response:
        return await client.http.request(method, "/unsubscribe", params={"token": given}, **more)

    for wrong in ("", "x", token[:-1], token.replace(".", ""), unsubscribe_token(b"other", uid)):
        assert (await ask("POST", wrong)).status_code == 400
    page = await ask("GET", token, headers={"accept-language": "tr-TR,en"})
    assert page.status_code == 200
    assert '<form method="post"><button>Abonelikten çık</button></form>' in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    with monkeypatch.context() as patch:
        (tmp_path / "file").touch()
        home = {"home": tmp_path / "file" / "home"}
        patch.setattr(client.graph, "settings", client.graph.settings.model_copy(update=home))
        assert (await ask("POST", token)).status_code == 503
    assert await holds()
    for _ in range(2):
        done = await ask("POST", token, data={"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "Done" in done.text) == (200, True)
        assert not await holds()
    rows = await client.graph.read(
        "MATCH (:Customer)-[:GAVE]->(k) RETURN k.state AS state, k.by AS by ORDER BY k.uid"
    )
    assert [tuple(row) for row in rows] == [("GIVEN", "test"), ("WITHDRAWN", "unsubscribe link")]


FAILED = (Channel.EMAIL, "x", Reason.GAVE_UP, "2026-01-01T00:00:00.000Z")
