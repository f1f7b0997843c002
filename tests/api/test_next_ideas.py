"""What to vote on next: what is left, by weight, the same for the same voter, and only for oneself."""

import hashlib
import math
from collections import Counter
from typing import Any

import numpy as np

from api.relay import from_global_id, to_global_id
from graph.driver import Transaction
from jobs.algorithms.routing import drawn, priority
from tests.api.calls import as_customer, call, code, make, person
from tests.api.conftest import Client

NOBODY = to_global_id("Customer")("none")
NEXT = """query($c: ID!, $v: ID!, $n: Int!) {
  ideasNext(challengeId: $c, voterId: $v, first: $n) { id title } }"""


def _expected(voter: str, ideas: dict[str, tuple[int, int, int, float]]) -> list[str]:
    """The same once more: an exponential clock for each idea, whose rate is its priority; the first to ring leads."""
    rings = {}
    for idea, (up, down, passed, extremity) in ideas.items():
        votes = up + down + passed
        rate = (1 - (passed + 1) / (votes + 2)) * (1 + extremity) * (up + 1) / (votes + 2)
        rate = (rate * (1 + 8 * 2 ** (-votes / 5))) ** 2
        digest = hashlib.blake2b(f"{voter}\n{idea}".encode(), digest_size=6).hexdigest()
        rings[idea] = -math.log((int(digest, 16) + 0.5) / 2**48) / rate
    return sorted(rings, key=rings.__getitem__)


async def test_what_is_left_comes_by_priority(client: Client) -> None:
    which, ada = await make(client, "challengeOpen", title="Which?"), await person(client, "Ada")
    made = {title: await make(client, "ideaSubmit", challengeId=which, title=title) for title in "ABCDEF"}
    uids = {title: from_global_id(given)[1] for title, given in made.items()}
    votes = {"A": (9, 1, 0, 0.5), "B": (1, 1, 30, 0.0), "C": (0, 0, 0, 0.0), "D": (50, 50, 0, 1.0)}

    async def publish(tx: Transaction) -> None:
        await tx.run("CREATE (:Publication {name: 'tally', slot: 'A', run: 'r', publishedAt: 'x'})")
        for title, (up, down, passed, divisive) in votes.items():
            own = {"upA": up, "downA": down, "passedA": passed, "divisiveA": divisive}
            await tx.run("MATCH (i:Idea {uid: $u}) SET i += $own", u=uids[title], own=own)
        await tx.run("MATCH (i:Idea {uid: $u}) SET i.status = 'DECLINED'", u=uids["F"])

    await client.graph.write(publish)
    await call(client, "ideaVote", "", ideaId=made["E"], voterId=ada, choice="PASS")
    voter = from_global_id(ada)[1]
    expected = _expected(voter, {uids[title]: each for title, each in votes.items()})
    for who in (client, await as_customer(client, "Ada")):
        found = (await who.data(NEXT, c=which, v=ada, n=20))["ideasNext"]
        assert [from_global_id(each["id"])[1] for each in found] == expected
        first = (await who.data(NEXT, c=which, v=ada, n=1))["ideasNext"]
        assert first == found[:1]
    await call(client, "challengeEdit", "", challengeId=which, hasHiddenTally=True)
    even = dict.fromkeys((uids[title] for title in votes), (0, 0, 0, 0.0))
    found = (await client.data(NEXT, c=which, v=ada, n=20))["ideasNext"]
    assert [from_global_id(each["id"])[1] for each in found] == _expected(voter, even)
    await call(client, "challengeAdvance", "", challengeId=which, phase="REVIEW")
    assert (await client.data(NEXT, c=which, v=ada, n=20))["ideasNext"] == []


async def test_a_customer_asks_only_for_themselves(client: Client) -> None:
    which, ada = await make(client, "challengeOpen", title="Which?"), await person(client, "Ada")
    await person(client, "Bob")
    asked: dict[str, Any] = {"c": which, "v": ada, "n": 1}
    assert code(await (await as_customer(client, "Bob"))(NEXT, **asked)) == "FORBIDDEN"


def test_what_is_drawn_is_as_likely_as_it_is_heavy() -> None:
    weights = np.array([1.0, 2.0, 5.0])
    first = Counter(drawn(["a", "b", "c"], weights, str(seed), 1)[0] for seed in range(8000))
    # four standard deviations of a share of 8,000 are .023
    assert all(abs(first[n] / 8000 - weights[n] / 8) < 0.023 for n in range(3))


def test_priority_falls_with_passes_and_votes_and_rises_with_extremity() -> None:
    up, down, passed = (np.array(each) for each in ([0, 20, 20, 20, 20], [0, 0, 0, 20, 0], [0, 0, 20, 0, 0]))
    new, liked, passed_over, even, parting = priority(up, down, passed, np.array([0, 0, 0, 0, 1.0]))
    assert new > liked > even > passed_over
    assert parting == 4 * liked


async def test_nobody_is_shown_ideas_that_they_may_not_vote_on(client: Client) -> None:
    audience = {"city": {"eq": "Ankara"}}
    which = await make(client, "challengeOpen", title="Which?", audience=audience)
    await make(client, "ideaSubmit", challengeId=which, title="A")
    ada, bob = await person(client, "Ada", city="Ankara"), await person(client, "Bob", city="Bursa")
    cem = await person(client, "Cem", city="Ankara", isSuspended=True)
    found = [(await client.data(NEXT, c=which, v=who, n=1))["ideasNext"] for who in (ada, bob, cem, NOBODY)]
    assert [[each["title"] for each in ideas] for ideas in found] == [["A"], [], [], []]
    await call(client, "challengeEdit", "", challengeId=which, audience=None)
    assert [each["title"] for each in (await client.data(NEXT, c=which, v=bob, n=1))["ideasNext"]] == ["A"]
