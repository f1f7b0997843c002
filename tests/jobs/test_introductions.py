"""The paths of most trust to a customer: from whom, through whom, and how sure each step is."""

import itertools
from typing import Any

import pytest

from graph import advocacy, customers, mentions
from graph.driver import Graph, Transaction
from graph.introductions import Bond
from graph.rows import run
from jobs.algorithms.paths import strength
from jobs.introductions import NEAREST, Introduction, Step, in_english, in_turkish, introductions

NOW = "2026-03-01T00:00:00.000Z"
OLD = "2025-12-31T00:00:00.000Z"  # 60 days before: worth half
FRESH = strength(1.0, 0.0)


class Village:
    """People by name, who respond to each other."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.uids: dict[str, str] = {}

    async def person(self, name: str, band: str | None = None, **fields: object) -> str:
        """Somebody of this band."""
        made = await self.graph.write(customers.upsert, now=NOW, fields={"name": name, **fields})
        self.uids[name] = made.uid
        await self.graph.write(_band, uid=made.uid, band=band)
        return made.uid

    async def respond(self, path: str, at: str | None = NOW, **given: Any) -> None:
        """Each of these responds to the next one, kindly or not."""
        names = path.split()
        for source, target in itertools.pairwise(names):
            await self.graph.write(
                mentions.record,
                author=self.uids[source],
                channel="x",
                text="hi",
                now=NOW,
                at=at,
                names=[self.uids[target]],
                **given,
            )

    async def rate(self, giver: str, receiver: str, weight: float, kind: str = "RATING") -> None:
        """One rates another."""
        source, target = self.uids[giver], self.uids[receiver]
        await self.graph.write(
            lambda tx: advocacy.record(
                tx, giver=source, receiver=target, kind=kind, weight=weight, at=NOW, now=NOW
            )
        )

    async def ways(self, name: str, count: int = 5) -> dict[str, float]:
        """The strengths of the paths to somebody, by the names of the people on them."""
        names = {uid: name for name, uid in self.uids.items()}
        found = await self.introductions(name, count)
        return {" ".join(names[uid] for uid in each.people): each.strength for each in found}

    async def introductions(self, name: str, count: int = 5) -> list[Introduction]:
        """The paths to somebody."""
        return await introductions(self.graph, customer=self.uids[name], count=count)


async def _band(tx: Transaction, *, uid: str, band: str | None) -> None:
    await run(tx, "MATCH (c:Customer {uid: $uid}) SET c.bandA = $band", uid=uid, band=band)


async def _published(tx: Transaction) -> None:
    await run(
        tx,
        "CREATE (:Publication {name: 'influence', slot: 'A', run: 'r', publishedAt: $at, asOf: $at})",
        at=NOW,
    )


@pytest.fixture
async def village(graph: Graph) -> Village:
    """Mert, whom somebody wants to meet; an advocate, a champion, staff, and people between."""
    await graph.write(_published)
    made = Village(graph)
    for name, band in (("mert", "DETRACTOR"), ("ayse", "ADVOCATE"), ("zeki", "CHAMPION")):
        await made.person(name, band)
    await made.person("desk", kind="STAFF")
    for name in ("ali", "can", "ece", "gul"):
        await made.person(name, "NEUTRAL")
    return made


async def test_the_strongest_path_of_each_who_may_begin_comes_first(village: Village) -> None:
    await village.respond("ayse ali mert")
    await village.respond("ali ayse")
    await village.respond("desk mert", at=OLD)
    await village.respond("zeki can ece gul mert")
    mutual, half = strength(1.0, 1.0), strength(0.5, 0.0)
    assert await village.ways("mert") == pytest.approx(
        {"ayse ali mert": mutual * FRESH, "desk mert": half, "zeki can ece gul mert": FRESH**4}
    )
    assert list(await village.ways("mert", count=1)) == ["ayse ali mert"]


async def test_five_steps_are_too_far(village: Village) -> None:
    await village.person("son")
    await village.respond("ayse ali can ece gul mert")
    await village.respond("mert son")
    assert list(await village.ways("mert")) == []
    assert list(await village.ways("gul")) == ["ayse ali can ece gul"]
    assert await village.ways("son") == {}


async def test_nobody_who_would_not_help_stands_on_a_path(village: Village) -> None:
    await village.person("cem", "DETRACTOR")
    await village.person("bot", kind="BOT")
    await village.person("ban", suspended=True)
    await village.person("gone", "ADVOCATE", suspended=True)
    for name in ("cem", "bot", "ban"):
        await village.respond(f"ayse {name} mert")
    await village.respond("gone mert")
    assert await village.ways("mert") == {}
    await village.respond("ayse ali mert")
    assert list(await village.ways("mert")) == ["ayse ali mert"]


@pytest.mark.parametrize("turned", [False, True])
async def test_a_bad_word_about_the_other_blocks_the_step(village: Village, turned: bool) -> None:
    await village.respond("ayse mert ayse mert")
    await village.respond("ayse ali can mert")
    await village.rate(*(("mert", "ayse") if turned else ("ayse", "mert")), -0.1)
    assert list(await village.ways("mert")) == ["ayse ali can mert"]


async def test_who_was_harsh_to_the_next_does_not_open_the_door(village: Village) -> None:
    await village.respond("ayse mert", sentiment=-0.5)
    await village.respond("ayse ali mert", sentiment=0.4)
    # what a detractor says is about the brand as often as about whom it is said to
    await village.respond("mert ali", sentiment=-0.9)
    assert list(await village.ways("mert")) == ["ayse ali mert"]
    await village.respond("ali mert", sentiment=-0.9, at=OLD)
    assert await village.ways("mert") == {}


async def test_a_step_says_why_it_is_trusted(village: Village) -> None:
    await village.respond("ayse mert", sentiment=0.5)
    await village.respond("ayse mert", at=OLD, sentiment=0.25)
    await village.respond("mert ayse", at=None)
    await village.rate("ayse", "mert", 0.5, kind="DEFENCE")
    (found,) = await village.introductions("mert")
    (step,) = found.steps
    assert step.bond == Bond(
        names=("ayse", "mert"),
        said=2,
        heard=1,
        weights=(pytest.approx(2.5), 1.0),  # type: ignore[arg-type]
        last_at=NOW,
        kinds=("DEFENCE",),
        mood=0.375,
    )
    assert step.strength == pytest.approx(strength(2.5, 1.0))
    assert (found.strength, found.cost) == pytest.approx((step.strength, 0.1398), abs=1e-4)
    assert in_english(found.steps) == (
        "Ask ayse to introduce you to mert: ayse responded to mert on 2 days, mert responded to ayse on 1 day, "
        "ayse stood up for mert, last on 2026-03-01."
    )
    assert in_turkish(found.steps) == (
        "mert ile tanıştırmasını ayse adlı kişiden isteyin: ayse, mert adlı kişiye 2 gün yanıt verdi, "
        "mert, ayse adlı kişiye 1 gün yanıt verdi, ayse, mert adlı kişiyi savundu, son: 2026-03-01."
    )


async def test_a_sentence_goes_along_the_path() -> None:
    def step(names: tuple[str, str]) -> Step:
        return Step("", "", 0.5, Bond(names, 3, 0, (1.0, 0.0), None, (), None))

    steps = [step(("Ayşe", "Mert")), step(("Mert", "Can"))]
    assert in_english(steps) == (
        "Ask Ayşe to introduce you to Can: Ayşe responded to Mert on 3 days; Mert responded to Can on 3 days."
    )


async def test_without_scores_staff_still_opens_doors_and_nobody_is_found_for_nobody(graph: Graph) -> None:
    village = Village(graph)
    await village.person("mert")
    await village.person("desk", kind="STAFF")
    await village.person("ayse", "ADVOCATE")
    await village.respond("desk mert")
    await village.respond("ayse mert")
    assert list(await village.ways("mert")) == ["desk mert"]
    assert await introductions(graph, customer="nobody", count=3) == []


CROWD = """
MATCH (h:Customer {uid: $hub})
UNWIND range(1, $n) AS k
CREATE (c:Customer {uid: $hub + k, externalId: $hub + k, kind: 'PERSON'})
CREATE (c)-[:TIE {weight: 0.0, undated: k, days: 0}]->(h)
"""


async def test_of_a_hub_the_strongest_ties_are_looked_at(village: Village) -> None:
    async def crowd(tx: Transaction, n: int) -> None:
        await run(tx, CROWD, hub=village.uids["ali"], n=n)

    await village.respond("ali mert")
    await village.respond("ayse ali", at=None)
    await village.graph.write(crowd, n=NEAREST - 1)
    assert list(await village.ways("mert")) == ["ayse ali mert"]
    await village.graph.write(_forget, hub=village.uids["ali"])
    await village.graph.write(crowd, n=NEAREST + 1)
    assert await village.ways("mert") == {}


async def _forget(tx: Transaction, *, hub: str) -> None:
    await run(
        tx, "MATCH (c:Customer) WHERE c.uid STARTS WITH $hub AND c.uid <> $hub DETACH DELETE c", hub=hub
    )
