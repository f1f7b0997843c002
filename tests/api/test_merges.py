"""Ideas merged and split over HTTP, and what lists, counts and votes make of it."""

from typing import Any

import pytest

from api.relay import to_global_id
from graph.tokens import Role
from jobs.ideas import run_tally
from tests.api.calls import as_customer, call, code, make, person, refusal
from tests.api.conftest import Client

COUNTS = "votesMovedCount votesDroppedCount followersMovedCount toldCount"
VOTES = """query($id: ID!) { node(id: $id) { ... on Idea {
  title duplicateOf { title } duplicates { nodes { title } } tally { upCount downCount }
  votes { nodes { value voter { name } } } challenge { ideaCount }
  mergeHistory { nodes { reason by undoneBy original { title } duplicates { title } votesMovedCount } }
} } }"""


async def two(client: Client) -> tuple[str, str, dict[str, str]]:
    """An idea, another that says the same, and people: Ada for one, Bob for the other, Cem against, then for."""
    question = await make(client, "challengeOpen", title="Which?")
    first, second = [
        await make(client, "ideaSubmit", challengeId=question, title=title)
        for title in ("Decaf", "No caffeine")
    ]
    people = {name: await person(client, name) for name in ("Ada", "Bob", "Cem")}
    for name, idea, choice in (
        ("Ada", first, "UP"),
        ("Bob", second, "UP"),
        ("Cem", first, "DOWN"),
        ("Cem", second, "UP"),
    ):
        await call(client, "ideaVote", "", ideaId=idea, voterId=people[name], choice=choice)
    return first, second, people


async def shown(client: Client, idea: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(VOTES, id=idea))["node"]
    found["votes"] = {vote["voter"]["name"]: vote["value"] for vote in found["votes"]["nodes"]}
    return found


async def listed(client: Client, arguments: str) -> set[str]:
    nodes = (await client.data(f"{{ ideas({arguments}) {{ nodes {{ title }} }} }}"))["ideas"]["nodes"]
    return {node["title"] for node in nodes}


async def test_a_preview_counts_as_the_merge_does_and_the_original_has_each_vote_once(client: Client) -> None:
    first, second, people = await two(client)
    given: dict[str, Any] = {"duplicateIds": [second], "originalId": first, "reason": "the same"}
    counts = {"votesMovedCount": 1, "votesDroppedCount": 1, "followersMovedCount": 0, "toldCount": 3}
    preview = await call(client, "ideaMerge", f"merge {{ id }} {COUNTS}", **given, dryRun=True)
    assert preview == {"merge": None, **counts, "errors": []}
    assert (await shown(client, second))["votes"] == {"Bob": 1, "Cem": 1}
    merged = await call(client, "ideaMerge", f"merge {{ id }} {COUNTS}", **given, key="k")
    assert merged == {"merge": merged["merge"], **counts, "errors": []}
    again = await call(client, "ideaMerge", f"merge {{ id }} {COUNTS}", **given, key="k")
    assert again == merged

    original, duplicate = await shown(client, first), await shown(client, second)
    assert original["votes"] == {"Ada": 1, "Bob": 1, "Cem": 1}
    assert (original["duplicates"], duplicate["duplicateOf"]) == (
        {"nodes": [{"title": "No caffeine"}]},
        {"title": "Decaf"},
    )
    assert (duplicate["votes"], original["challenge"]) == ({}, {"ideaCount": 1})
    log: dict[str, Any] = {"reason": "the same", "by": "test", "undoneBy": None, "votesMovedCount": 1}
    log |= {"original": {"title": "Decaf"}, "duplicates": [{"title": "No caffeine"}]}
    assert original["mergeHistory"] == duplicate["mergeHistory"] == {"nodes": [log]}
    vote = {"ideaId": second, "voterId": people["Ada"], "choice": "DOWN"}
    assert await refusal(client, "ideaVote", **vote) == ("CLOSED", ["ideaId"])

    undone = await call(client, "ideaMergeUndo", "merge { undoneBy }", mergeId=merged["merge"]["id"])
    assert undone == {"merge": {"undoneBy": "test"}, "errors": []}
    assert (await shown(client, first))["votes"] == {"Ada": 1, "Cem": -1}
    back = await shown(client, second)
    assert (back["votes"], back["duplicateOf"], back["challenge"]) == (
        {"Bob": 1, "Cem": 1},
        None,
        {"ideaCount": 2},
    )


@pytest.mark.parametrize("order", ["NEWEST", "POPULAR"])
async def test_a_merged_idea_is_listed_only_when_asked_for(client: Client, order: str) -> None:
    first, second, _ = await two(client)
    await run_tally(client.graph)
    assert (await shown(client, second))["tally"] == {"upCount": 2, "downCount": 0}
    await make(client, "ideaMerge", duplicateIds=[second], originalId=first, reason="the same")
    for _ in range(2):  # each of the two slots
        await run_tally(client.graph)
        assert await listed(client, f"list: {order}") == {"Decaf"}
    assert await listed(client, f"list: {order}, withDuplicates: true") == {"Decaf", "No caffeine"}
    only = "withDuplicates: true, filter: { isDuplicate: true }"
    assert await listed(client, f"list: {order}, {only}") == {"No caffeine"}
    assert (await shown(client, second))["tally"] is None
    assert (await shown(client, first))["tally"] == {"upCount": 3, "downCount": 0}


async def test_parts_begin_without_votes_and_go_until_somebody_takes_them_up(client: Client) -> None:
    first, _, people = await two(client)
    given: dict[str, Any] = {
        "ideaId": first,
        "reason": "two things",
        "parts": [{"title": "Cups"}, {"title": "Beans", "cost": 2}],
    }
    counts = "votesCopiedCount followersCopiedCount toldCount"
    preview = await call(client, "ideaSplit", f"split {{ id }} {counts}", **given, dryRun=True)
    assert preview["split"] is None
    parts = "split { id parts { title cost splitFrom { title } votes { totalCount } } } idea { splits { totalCount } }"
    made = await call(client, "ideaSplit", f"{parts} {counts}", **given)
    assert {name: made[name] for name in counts.split()} == {name: preview[name] for name in counts.split()}
    part = {"splitFrom": {"title": "Decaf"}, "votes": {"totalCount": 0}}
    assert made["split"]["parts"] == [
        {"title": "Cups", "cost": None} | part,
        {"title": "Beans", "cost": 2.0} | part,
    ]
    assert made["idea"] == {"splits": {"totalCount": 1}}
    undo = {"splitId": made["split"]["id"]}
    undone = await call(client, "ideaSplitUndo", "split { undoneBy parts { title } }", **undo)
    assert undone["split"] == {"undoneBy": "test", "parts": []}
    assert await listed(client, "list: NEWEST") == {"Decaf", "No caffeine"}

    copied = await call(
        client, "ideaSplit", "votesCopiedCount split { id parts { id } }", **given, copyVotes=True
    )
    assert copied["votesCopiedCount"] == 4
    beans = copied["split"]["parts"][1]["id"]
    assert (await shown(client, beans))["votes"] == {"Ada": 1, "Cem": -1}
    await call(client, "ideaVote", "", ideaId=beans, voterId=people["Bob"], choice="UP")
    assert await refusal(client, "ideaSplitUndo", splitId=copied["split"]["id"]) == (
        "NOT_ALLOWED",
        ["splitId"],
    )
    merge = await call(
        client,
        "ideaMerge",
        "votesMovedCount",
        duplicateIds=[beans],
        originalId=first,
        reason="one thing after all",
    )
    assert merge["votesMovedCount"] == 1


NOTHING = to_global_id("Idea")("none")


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("ideaMerge", {"duplicateIds": [NOTHING]}, ("NOT_FOUND", ["duplicateIds"])),
        ("ideaMerge", {"duplicateIds": []}, ("INVALID", ["duplicateIds"])),
        ("ideaMerge", {"originalId": NOTHING}, ("NOT_FOUND", ["originalId"])),
        ("ideaMerge", {"reason": ""}, ("INVALID", ["reason"])),
        ("ideaMergeUndo", {"mergeId": to_global_id("IdeaMerge")("none")}, ("NOT_FOUND", ["mergeId"])),
        ("ideaSplit", {"parts": []}, ("INVALID", ["parts"])),
        ("ideaSplit", {"parts": [{"title": "x", "cost": -1}]}, ("INVALID", ["parts", "0", "cost"])),
        ("ideaSplitUndo", {"splitId": to_global_id("IdeaSplit")("none")}, ("NOT_FOUND", ["splitId"])),
    ],
)
async def test_a_wrong_input_is_refused_beside_its_field(
    client: Client, name: str, given: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    first, second, _ = await two(client)
    sent = given
    if name == "ideaMerge":
        sent = {"duplicateIds": [second], "originalId": first, "reason": "the same"} | given
    if name == "ideaSplit":
        sent = {"ideaId": first, "reason": "two things"} | given
    assert await refusal(client, name, **sent) == expected


async def test_ideas_are_merged_by_product_teams_and_everybody_reads_why(client: Client) -> None:
    first, second, _ = await two(client)
    given: dict[str, Any] = {"duplicateIds": [second], "originalId": first, "reason": "the same"}
    document = "mutation($input: IdeaMergeInput!) { ideaMerge(input: $input) { toldCount } }"
    ada, manager = await as_customer(client, "Ada"), await client.as_role(Role.PRODUCT_MANAGER)
    assert code(await ada(document, input=given)) == "FORBIDDEN"
    assert (await manager.data(document, input=given))["ideaMerge"] == {"toldCount": 3}
    history = "{ ideas(list: NEWEST) { nodes { mergeHistory { nodes { reason %s } } } } }"
    found = await ada.data(history % "")
    assert found["ideas"]["nodes"] == [{"mergeHistory": {"nodes": [{"reason": "the same"}]}}]
    assert code(await ada(history % "by")) == "FORBIDDEN"


TALK = """query($id: ID!) { node(id: $id) { ... on Idea { commentCount comments { totalCount nodes {
  text idea { title } replies { nodes { text idea { title } } } } } } } }"""


async def test_an_original_shows_what_was_said_of_its_duplicates_until_the_merge_is_undone(
    client: Client,
) -> None:
    first, second, people = await two(client)
    ada, bob = people["Ada"], people["Bob"]

    async def talk(idea: str) -> tuple[int, list[tuple[Any, ...]]]:
        found = (await client.data(TALK, id=idea))["node"]
        nodes = found["comments"]["nodes"]
        assert found["comments"]["totalCount"] == len(nodes)
        return found["commentCount"], [
            (one["text"], one["idea"]["title"], [(each["text"], each["idea"]["title"]) for each in below])
            for one in nodes
            for below in [one["replies"]["nodes"]]
        ]

    await make(client, "commentAdd", ideaId=first, authorId=ada, text="Yes.")
    there = await make(client, "commentAdd", ideaId=second, authorId=bob, text="Ja.")
    before = [await talk(idea) for idea in (first, second)]
    given: dict[str, Any] = {"duplicateIds": [second], "originalId": first, "reason": "the same"}
    made = await call(client, "ideaMerge", "merge { id }", **given)
    assert await talk(first) == (2, [("Yes.", "Decaf", []), ("Ja.", "No caffeine", [])])
    assert await talk(second) == before[1]
    for where, text in ((first, "Evet."), (second, "Oui.")):
        await make(client, "commentAdd", ideaId=where, authorId=ada, text=text, replyToId=there)
    thread = ("Ja.", "No caffeine", [("Evet.", "No caffeine"), ("Oui.", "No caffeine")])
    assert await talk(first) == (4, [("Yes.", "Decaf", []), thread])
    about = await client.graph.read(
        "MATCH (n:Notice {kind: 'COMMENTED'})-[:ABOUT_IDEA]->(i) RETURN i.title AS title ORDER BY n.uid"
    )
    assert [row["title"] for row in about] == ["Decaf", "No caffeine", "Decaf", "Decaf"]
    await call(client, "ideaModerate", "", ideaId=second, state="HIDDEN", reason="Rude.")
    reader = await as_customer(client, "Ada")
    found = (await reader.data(TALK, id=first))["node"]
    assert (found["commentCount"], found["comments"]["totalCount"]) == (1, 1)
    await call(client, "ideaMergeUndo", "", mergeId=made["merge"]["id"])
    assert await talk(first) == before[0]
    assert await talk(second) == (3, [thread])


async def test_what_is_shown_is_merged_into_nothing_that_is_not(client: Client) -> None:
    first, second, _ = await two(client)
    given: dict[str, Any] = {"duplicateIds": [second], "originalId": first, "reason": "the same"}
    for state in ("HELD", "HIDDEN"):
        await call(client, "ideaModerate", "", ideaId=first, state=state, reason="A name is in it.")
        for dry in (True, False):
            assert await refusal(client, "ideaMerge", **given, dryRun=dry) == ("NOT_ALLOWED", ["originalId"])
    found = await shown(client, second)
    assert (found["duplicateOf"], found["votes"]) == (None, {"Bob": 1, "Cem": 1})
    await call(client, "ideaModerate", "", ideaId=second, state="HELD", reason="Here, too.")
    assert (await call(client, "ideaMerge", "original { title }", **given))["original"] == {"title": "Decaf"}
