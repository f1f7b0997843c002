"""What an action would do, over HTTP."""

import pytest

from api.relay import to_global_id
from graph.tokens import Role
from tests.api.calls import code, make, person
from tests.api.conftest import Client

DOCUMENT = """query($id: ID!, $action: InfluenceAction!) {
  influenceWhatIf(actId: $id, action: $action) {
    asOf
    outlooks { who: customer { name } customer { id } before { standing band } after { voice stood: standing reach } }
  }
}"""


async def test_removing_a_link_takes_its_standing(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    day = "2026-01-01T00:00:00.000Z"
    link = await make(client, "advocacyRecord", giverId=ada, receiverId=bob, kind="RATING", weight=1, at=day)
    told = (await client.data(DOCUMENT, id=link, action="REMOVED"))["influenceWhatIf"]
    assert told["asOf"] == day
    found = {each["who"]["name"]: each for each in told["outlooks"]}
    assert [each["who"]["name"] for each in told["outlooks"]] == ["Ada", "Bob"]
    assert found["Bob"]["customer"] == {"id": bob}
    assert found["Bob"]["before"] == {"standing": 0.5, "band": None}
    after = found["Bob"]["after"]
    assert (after["voice"], after["stood"], after["reach"]) == (None, None, pytest.approx(1.0))


async def test_an_answered_mention_turns_the_voice(client: Client) -> None:
    ada = await person(client, "Ada")
    said = await make(client, "mentionRecord", authorId=ada, channel="app", text="t", sentiment=-0.5)
    for action, voice in (("REMOVED", None), ("NEUTRAL", None), ("POSITIVE", 0.5)):
        told = (await client.data(DOCUMENT, id=said, action=action))["influenceWhatIf"]
        assert told["asOf"] is None
        assert [each["after"]["voice"] for each in told["outlooks"]] == [voice]


async def test_who_may_ask_and_for_what(client: Client) -> None:
    ada = await person(client, "Ada")
    none = to_global_id("Mention")("none")
    assert await client.data(DOCUMENT, id=none, action="REMOVED") == {"influenceWhatIf": None}
    assert code(await client(DOCUMENT, id=ada, action="REMOVED")) == "INVALID"
    agent = await client.as_role(Role.AGENT)
    assert code(await agent(DOCUMENT, id=none, action="REMOVED")) == "FORBIDDEN"
    beside = DOCUMENT.replace("influenceWhatIf", "__schema { queryType { name } } influenceWhatIf")
    assert code(await agent(beside, id=none, action="REMOVED")) == "FORBIDDEN"
