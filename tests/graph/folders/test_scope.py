"""A challenge goes elsewhere with all it needs and nothing else; an audience is who may take part."""

from pathlib import Path

import pytest

from graph import comments, consents, decisions, follows, moderation
from graph.driver import Graph
from graph.errors import NotFound
from graph.folders import audience, export_folder, import_folder, one_challenge
from graph.ideas import IdeaStatus
from graph.known import Noun
from graph.participation import Condition
from graph.records import now
from tests.graph.folders.folder import Folder, value
from tests.graph.folders.test_export import EMPTY, _run, read
from tests.graph.folders.test_importer import WHOLE

# h2 has people, a community and comments of its own; c1 voted in both
OTHER = {
    "customers": "id,city,email\nc4,İzmir,c4@example.org\nc5,Bursa,\n",
    "communities": "id\ng4\n",
    "memberships": "customer,community\nc4,g4\n",
    "challenges": "id,title\nh2,Other\n",
    "ideas": "id,challenge,author,title,duplicate_of\ni4,h2,c4,Elsewhere,\ni5,h1,c3,Leads out,i4\n",
    "votes": "voter,idea,value\nc1,i4,1\nc5,i4,1\nc3,i5,1\n",
    "comments": "id,idea,author,text\nk9,i4,c5,Hm\n",
}


async def both(folder: Folder) -> None:
    """Two challenges."""
    assert await folder.write(**WHOLE).load() == []
    assert await folder.write(**OTHER).load() == []


async def test_a_challenge_is_exported_with_all_it_needs_and_nothing_else(
    folder: Folder, tmp_path: Path
) -> None:
    await both(folder)
    await folder.graph.write(
        _run,
        "MATCH (i:Idea {externalId: 'i1'}) SET i.upA = 1, i.downA = 1, i.passedA = 0",
        "CREATE (:Publication {name: 'tally', slot: 'A', publishedAt: '2025-05-05T00:00:00.000Z'})",
    )
    out = tmp_path / "out"
    report = await export_folder(folder.graph, out, scope=await one_challenge(folder.graph, "h1"))
    files = {name: (out / name).read_text(encoding="utf-8").splitlines()[1:] for name in report.files}
    assert {name[:-4]: len(lines) for name, lines in files.items()} == {
        **{"customers": 3, "claims": 1, "communities": 1, "challenges": 1, "memberships": 2, "ideas": 2},
        **{"votes": 3, "comments": 3, "idea_topics": 1, "idea_revisions": 2, "idea_moderation": 2},
        **{"comment_moderation": 1, "answers": 0, "decisions": 0, "tallies": 2},
    }
    assert files["customers.csv"][0] == (
        "c1,Ayşe Yılmaz,forum:ay:se|x:ayse,,,,,,2025-01-02T00:04:05.678Z,PERSON,false,"
    )
    assert [line.split(",")[:2] for line in files["votes.csv"]] == [["c1", "i1"], ["c2", "i1"], ["c3", "i5"]]
    assert "i4" not in "".join(files["ideas.csv"])  # what it is a duplicate of is of another challenge
    assert files["tallies.csv"] == ["i1,1,1,0,,,,,,", "i5,,,,,,,,,"]
    await folder.graph.write(_run, EMPTY)
    again = await import_folder(folder.graph, out)
    assert again.rejections == 0
    await export_folder(folder.graph, tmp_path / "two", scope=await one_challenge(folder.graph, "h1"))
    first, second = read(out), read(tmp_path / "two")
    assert {**first, "tallies.csv": b""} == {**second, "tallies.csv": b""}
    with pytest.raises(NotFound, match="no challenge h2"):
        await one_challenge(folder.graph, "h2")


async def test_what_mutations_wrote_comes_back_as_it_was(folder: Folder, tmp_path: Path) -> None:
    graph = folder.graph
    folder.write(customers="id,name\na,Ada\nb,Bo\n", ideas="id,author,title\ni,a,Refills\n")
    await folder.load()
    await _said(
        graph,
        *[str(await value(graph, f"MATCH (n {{externalId: '{each}'}}) RETURN n.uid")) for each in "abi"],
    )
    await export_folder(graph, tmp_path / "one")
    same = await import_folder(graph, tmp_path / "one")
    assert [file.written for file in same.files] == [0] * len(same.files)
    assert (same.rejections, sum(file.unchanged for file in same.files)) == (0, 16)
    await graph.write(_run, EMPTY)
    assert (await import_folder(graph, tmp_path / "one")).rejections == 0
    await export_folder(graph, tmp_path / "two")
    assert read(tmp_path / "two") == read(tmp_path / "one")
    idea = await graph.read_one(
        "MATCH (i:Idea) RETURN i.status AS status, i.roadmapKey AS key, i.answers AS answers"
    )
    assert idea is not None
    assert dict(idea) == {"status": "PLANNED", "key": "2030-01-01", "answers": 2}
    last = "MATCH (i:Idea) WITH i.answer AS uid MATCH (s)-[:SAYS]->(u:Answer {uid: uid}) RETURN u.text + s.reason"
    assert await value(graph, last) == "In MayLater"
    assert await value(graph, "MATCH (c:Comment) WHERE c.depth = 1 RETURN c.text") == "Me too"
    assert await value(graph, "MATCH (c:Customer {externalId: 'a'}) RETURN c.ideasByEmail") == "DAILY"
    assert await value(graph, "MATCH (c:Customer {externalId: 'b'}) RETURN c.ideasByEmail") is None


async def _said(graph: Graph, a: str, b: str, idea: str) -> None:
    first = await graph.write(comments.comment_add, idea=idea, author=a, text="Yes", now=now())
    await graph.write(comments.comment_add, idea=idea, author=b, text="Me too", reply_to=first.uid, now=now())
    for state in ("HELD", "PUBLISHED"):
        await graph.write(
            moderation.moderate, noun=Noun.IDEA, uid=idea, state=state, reason="Read", by="desk", now=now()
        )
    for reason, answer, day in (("Wanted", "We will", None), ("Later", "In May", "2030-01-01")):
        made = await graph.write(
            decisions.decide,
            idea=idea,
            status=IdeaStatus.PLANNED,
            reason=reason,
            answer=answer,
            planned_for=day,
            by="desk",
            now=now(),
        )
        await graph.write(decisions.publish, drafts=[made.uid], by="desk", now=now())
    await graph.write(follows.follow, idea=idea, customer=b, now=now())
    for pace in ("IMMEDIATE", "DAILY"):
        await graph.write(consents.give, customer=a, channel="EMAIL", wording="Write", pace=pace, now=now())
    await graph.write(consents.give, customer=b, channel="EMAIL", wording="Write", now=now())
    await graph.write(consents.withdraw, customer=b, channel="EMAIL", now=now())


async def test_an_audience_is_who_may_take_part(folder: Folder, tmp_path: Path) -> None:
    await both(folder)
    await folder.graph.write(
        _run,
        "MATCH (h:Challenge {externalId: 'h2'}) SET h.audience = 'izmir'",
        "MATCH (c:Customer {externalId: 'c5'}) SET c.suspended = true",
    )

    def admit(audience: str) -> Condition:
        return Condition("c.cityKey = $city AND coalesce(c.reach@influence, 0) = 0", {"city": audience})

    found = {}
    for challenge in ("h1", "h2"):
        scope = await audience(folder.graph, challenge, admit)
        report = await export_folder(folder.graph, tmp_path / challenge, scope=scope)
        assert list(report.files) == ["customers.csv"]
        lines = (tmp_path / challenge / "customers.csv").read_text(encoding="utf-8").splitlines()
        found[challenge] = [line.split(",")[0] for line in lines[1:]]
    assert found == {"h1": ["c1", "c3", "c4"], "h2": ["c1", "c4"]}
    with pytest.raises(NotFound, match="no challenge h9"):
        await audience(folder.graph, "h9", admit)
