"""Every query in the guides runs on the example data, and the README prints what the API answers."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.auth import Caller
from api.context import Context, Slots
from api.execute import Executor
from api.relay import from_global_id
from api.settings import ApiSettings
from graph import decisions, referrals
from graph.driver import Graph, Transaction
from graph.folders import import_folder
from graph.records import now
from graph.tokens import Role
from jobs.communities import run_communities
from jobs.ideas import run_tally
from jobs.influence import run_influence

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>graphql|json)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
QUERIES = [
    (page.name, block["body"])
    for page in PAGES
    for block in BLOCK.finditer(page.read_text())
    if block["language"] == "graphql"
]
ONE_IDEA = "query { ideas(list: NEWEST, first: 1, filter: %s) { nodes { id } } }"
OPEN = '{challenge: {title: {startsWith: "Ideas for every day"}}}'
ONE_DETRACTOR = "query { detractors(first: 1) { nodes { customer { id } } } }"
ONE_CUSTOMER = "query { customers(first: 1) { nodes { id identities { channel handle } } } }"

DRAFTED = "query { ideas(list: NEWEST, first: 100) { nodes { decisionDraft { id } } } }"

PROGRAMME = """query {
  mentions(first: 20, order: OLDEST, filter: {isReply: true}) {
    nodes { id author { id kind } inReplyTo { author { id } } }
  }
  programmeActs(first: 1) { nodes { id } }
  rewards(first: 1) { nodes { id } }
}"""


@pytest.fixture(scope="module")
async def example(opened: Graph, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Context]:
    """An administrator who asks about the example community, scored and tallied."""
    rejected = tmp_path_factory.mktemp("example") / "rejected.csv"
    await opened.write(_empty)
    report = await import_folder(opened, ROOT / "examples" / "kahve", rejected=rejected)
    assert report.rejections == 0
    await run_influence(opened)
    await run_tally(opened)
    await run_communities(opened)
    await _refer(opened)
    await _decide(opened)
    caller = Caller("guides", "guides", Role.ADMINISTRATOR, None)
    yield Context(opened, None, ApiSettings(), caller, Slots(opened))


async def _refer(graph: Graph) -> None:
    """One customer who came by the link of another, as the guides tell."""
    rows = await graph.read("MATCH (c:Customer {kind: 'PERSON'}) RETURN c.uid AS uid ORDER BY c.uid LIMIT 2")
    advocate, customer = (row["uid"] for row in rows)
    link = await graph.write(referrals.keep, advocate=advocate, now=now(), label="Spring")
    await graph.write(referrals.visit, code=link.code, visitor="cookie", now=now())
    await graph.write(referrals.join, code=link.code, customer=customer, now=now(), visitor="cookie")
    await graph.write(referrals.convert, customer=customer, now=now(), outcome="bought", value=40.0)


async def _decide(graph: Graph) -> None:
    """One idea that is planned, another about which a decision is drafted."""
    query = "MATCH (i:Idea) WHERE i.externalId IN $ids RETURN i.uid AS uid ORDER BY i.externalId"
    for row in await graph.read(query, ids=["refill", "premium-capsule"]):
        draft = await graph.write(
            decisions.decide,
            idea=row["uid"],
            status="PLANNED",
            reason="Wanted.",
            answer="Next year.",
            by="team",
            now=now(),
        )
    await graph.write(decisions.publish, drafts=[draft.uid], by="team", now=now())


async def _empty(tx: Transaction) -> None:
    await (await tx.run("MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock DETACH DELETE n")).consume()


async def _answer(context: Context, query: str, **variables: Any) -> dict[str, Any]:
    answer = await Executor(context.settings).answer(context, query, variables, None, live=True)
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


async def _variables(context: Context, query: str) -> dict[str, Any]:
    wanted = re.findall(r"\$(\w+): \[?\w+!", query.partition(")")[0])
    customer = (await _answer(context, ONE_CUSTOMER))["customers"]["nodes"][0]
    idea = (await _answer(context, ONE_IDEA % OPEN))["ideas"]["nodes"][0]
    detractor = (await _answer(context, ONE_DETRACTOR))["detractors"]["nodes"][0]["customer"]
    known: dict[str, Any] = {"voter": customer["id"], "detractor": detractor["id"], "idea": idea["id"]}
    known |= await _twins(context) | await _challenge(context)
    known |= {**customer["identities"][0], **await _programme(context)}
    return {name: known[name] for name in wanted if name in known}


async def _twins(context: Context) -> dict[str, str]:
    """Two ideas of one challenge."""
    nodes = (await _answer(context, ONE_IDEA.replace("first: 1", "first: 2") % OPEN))["ideas"]["nodes"]
    return {"original": nodes[0]["id"], "duplicate": nodes[1]["id"]}


async def _challenge(context: Context) -> dict[str, Any]:
    """A challenge that takes votes, and a decision that is not published."""
    found = await _answer(context, "query { challenges(first: 20) { nodes { id title } } }")
    open_one = next(one for one in found["challenges"]["nodes"] if one["title"].startswith("Ideas for every"))
    ideas = (await _answer(context, DRAFTED))["ideas"]["nodes"]
    return {
        "challenge": open_one["id"],
        "drafts": [i["decisionDraft"]["id"] for i in ideas if i["decisionDraft"]],
    }


async def _programme(context: Context) -> dict[str, str]:
    """Somebody who answered another customer, and what the programme holds so far."""
    found = await _answer(context, PROGRAMME)
    answered = next(
        one
        for one in found["mentions"]["nodes"]
        if one["author"]["kind"] == "PERSON" and one["author"]["id"] != one["inReplyTo"]["author"]["id"]
    )
    made = {"act": found["programmeActs"]["nodes"], "reward": found["rewards"]["nodes"]}
    ids = {name: nodes[0]["id"] for name, nodes in made.items() if nodes}
    return ids | {"member": answered["author"]["id"], "mention": answered["id"]}


async def test_the_readme_prints_what_the_api_answers(example: Context) -> None:
    query, printed = BLOCK.finditer((ROOT / "README.md").read_text())
    assert (query["language"], printed["language"]) == ("graphql", "json")
    assert {"data": await _answer(example, query["body"])} == json.loads(printed["body"])


@pytest.mark.parametrize("query", [body for _, body in QUERIES], ids=[page for page, _ in QUERIES])
async def test_every_query_in_the_guides_is_answered_with_something(example: Context, query: str) -> None:
    variables = await _variables(example, query)
    if "inboxChanged" in query:  # staff has none
        customer = (await _answer(example, ONE_CUSTOMER))["customers"]["nodes"][0]["id"]
        own = Caller("k", "test", Role.CUSTOMER, from_global_id(customer)[1])
        example = replace(example, caller=own)
    data = await _answer(example, query, **variables)
    assert all(data.values())
    shown = [found for found in data.values() if isinstance(found, dict)]
    assert [found for found in shown if found.get("nodes") == [] or found.get("errors")] == []


async def test_the_story_of_the_example_is_found(example: Context) -> None:
    labels = (ROOT / "examples" / "kahve" / "labels.csv").read_text().splitlines()[1:]
    truth = {(record, key): what for record, key, what in (line.split(",") for line in labels)}
    query = """query {
      advocates(first: 10) { nodes { customer { externalId } } }
      detractors(first: 8) { nodes { customer { externalId } } }
    }"""
    found = await _answer(example, query)
    ranked = {
        name: [truth.get(("customer", one["customer"]["externalId"])) for one in found[name]["nodes"]]
        for name in ("advocates", "detractors")
    }
    assert ranked == {"advocates": ["ADVOCATE"] * 10, "detractors": ["SPREADER"] * 8}


async def test_the_fault_of_the_example_is_a_collective_action(example: Context) -> None:
    labels = (ROOT / "examples" / "kahve" / "labels.csv").read_text()
    query = """query { communities(filter: {kind: [DECLARED]}, first: 20) { nodes {
      externalId collectiveActions { kind since product { externalId } examples { text } }
    } } }"""
    found = (await _answer(example, query))["communities"]["nodes"]
    actions = [(action, each["externalId"]) for each in found for action in each["collectiveActions"]]
    assert {(action["kind"], action["product"]["externalId"]) for action, _ in actions} == {
        ("COMPLAINT", "degirmen-2")
    }
    assert all(len(action["examples"]) == 3 for action, _ in actions)
    assert len(actions) == 6
    first = min(actions, key=lambda each: str(each[0]["since"]))[1]
    assert f"community,{first},FAULT_BEGINS" in labels
