"""Decisions over HTTP: drafted for the team, published for everybody; the roadmap; an idea's page."""

from typing import Any

from tests.api.calls import as_customer, call, code, make, person, refusal
from tests.api.conftest import Client

PAGE = """idea {
  status plannedFor shippedUrl
  answer { version text author }
  answers { version text }
  statusHistory { totalCount nodes { fromStatus status reason by answer { version } } }
  decisionDraft { status answer plannedFor }
}"""
DECIDED = {"reason": "Many want it.", "answer": "We will roast it."}


async def idea(client: Client, title: str = "Decaf") -> str:
    question = await make(client, "challengeOpen", externalId="q", title="Which?")
    return await make(client, "ideaSubmit", challengeId=question, title=title)


async def as_ada(client: Client) -> Client:
    await person(client, "Ada")
    return await as_customer(client, "Ada")


async def publish(client: Client, *drafts: str) -> Any:
    return await call(client, "ideaDecisionPublish", "ideas { title status }", draftIds=list(drafts))


async def page(client: Client, found: str) -> Any:
    fields = PAGE.removeprefix("idea ")
    return (await client.data(f"query($id: ID!) {{ node(id: $id) {{ ... on Idea {fields} }} }}", id=found))[
        "node"
    ]


async def test_a_decision_is_drafted_mended_and_published(client: Client) -> None:
    asked = await idea(client)
    given = DECIDED | {"status": "PLANNED", "plannedFor": "2026-06-01", "fromStatus": "OPEN"}
    before = await call(client, "ideaDecide", PAGE, ideaId=asked, **given)
    drafted = {"status": "PLANNED", "answer": "We will roast it.", "plannedFor": "2026-06-01"}
    assert before["idea"] == {
        "status": "OPEN",
        "plannedFor": None,
        "shippedUrl": None,
        "answer": None,
        "answers": [],
        "statusHistory": {"totalCount": 0, "nodes": []},
        "decisionDraft": drafted,
    }
    assert await refusal(client, "ideaDecide", ideaId=asked, **given) == ("TAKEN", ["ideaId"])
    draft = await client.data(
        "query($id: ID!) { node(id: $id) { ... on Idea { decisionDraft { id } } } }", id=asked
    )
    uid = draft["node"]["decisionDraft"]["id"]
    edited = await make(
        client,
        "ideaDecisionEdit",
        draftId=uid,
        status="PLANNED",
        reason="So.",
        answer="Soon.",
        plannedFor=None,
    )
    assert edited == uid
    assert await publish(client, uid) == {"ideas": [{"title": "Decaf", "status": "PLANNED"}], "errors": []}
    again = await make(client, "ideaDecide", ideaId=asked, status="DELIVERED", reason="Done.", answer="Here.")
    await publish(client, again)
    history = [
        {
            "fromStatus": "PLANNED",
            "status": "DELIVERED",
            "reason": "Done.",
            "by": "test",
            "answer": {"version": 2},
        },
        {"fromStatus": "OPEN", "status": "PLANNED", "reason": "So.", "by": "test", "answer": {"version": 1}},
    ]
    found = await page(client, asked)
    assert found == {
        "status": "DELIVERED",
        "plannedFor": None,
        "shippedUrl": None,
        "answer": {"version": 2, "text": "Here.", "author": "test"},
        "answers": [{"version": 2, "text": "Here."}, {"version": 1, "text": "Soon."}],
        "statusHistory": {"totalCount": 2, "nodes": history},
        "decisionDraft": None,
    }


async def test_what_is_discarded_was_never_decided(client: Client) -> None:
    asked = await idea(client)
    draft = await make(client, "ideaDecide", ideaId=asked, status="DECLINED", **DECIDED)
    await make(client, "ideaDecisionDiscard", draftId=draft)
    assert await refusal(client, "ideaDecisionPublish", draftIds=[draft]) == ("NOT_FOUND", ["draftIds"])
    assert await refusal(client, "ideaDecisionDiscard", draftId=draft) == ("NOT_FOUND", ["draftId"])
    found = await page(client, asked)
    assert (found["status"], found["decisionDraft"]) == ("OPEN", None)


async def test_a_customer_sees_what_is_published_and_nothing_before(client: Client) -> None:
    asked, ada = await idea(client), await as_ada(client)
    draft = await make(client, "ideaDecide", ideaId=asked, status="PLANNED", **DECIDED)
    shown = "query($id: ID!) { node(id: $id) { ... on Idea { status answer { text author } } } }"
    assert await ada.data(shown, id=asked) == {"node": {"status": "OPEN", "answer": None}}
    drafted = "query($id: ID!) { node(id: $id) { ... on DecisionDraft { answer } } }"
    for query, given in ((drafted, draft), (shown.replace("status", "decisionDraft { id }"), asked)):
        assert code(await ada(query, id=given)) == "FORBIDDEN"
    reasons = shown.replace("status", "statusHistory { nodes { reason } }")
    assert code(await ada(reasons, id=asked)) == "FORBIDDEN"
    await publish(client, draft)
    answer = {"text": "We will roast it.", "author": "test"}
    assert await ada.data(shown, id=asked) == {"node": {"status": "PLANNED", "answer": answer}}


async def test_the_roadmap_goes_by_date(client: Client) -> None:
    drafts = []
    for title, status, day in (
        ("late", "PLANNED", "2026-09-01"),
        ("some day", "PLANNED", None),
        ("soon", "PLANNED", "2026-03-01"),
        ("no", "DECLINED", None),
    ):
        asked = await idea(client, title)
        drafts.append(
            await make(client, "ideaDecide", ideaId=asked, status=status, plannedFor=day, **DECIDED)
        )
    await idea(client, "open")
    await publish(client, *drafts)
    road = "query($filter: IdeaFilter) { roadmap(filter: $filter) { totalCount nodes { title } } }"

    async def titles(**filters: Any) -> list[str]:
        return [one["title"] for one in (await client.data(road, filter=filters))["roadmap"]["nodes"]]

    assert await titles() == ["soon", "late", "some day"]
    assert await titles(plannedFor={"from": "2026-03-01", "until": "2026-09-01"}) == ["soon"]
    assert await titles(status=["DELIVERED"]) == []
