"""The programme comes by a folder as it was: no point more or less, and nothing booked twice."""

from pathlib import Path
from typing import Any

import pytest

from graph import acts, advocacy, customers, mentions, programme, referrals, rewards
from graph.driver import Graph
from graph.folders import export_folder, import_folder
from graph.programme import ActKind
from tests.graph.folders.folder import Folder, value
from tests.graph.folders.test_export import EMPTY, _run, read
from tests.graph.folders.test_importer import WHOLE

NOW, LATER = "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"
BALANCES = """
MATCH (c:Customer)-[:IN_PROGRAMME]->(b) OPTIONAL MATCH (b)-[:HAS_ENTRY]->(l)
WITH c, b, sum(l.earned) AS earned, sum(l.spendable) AS spendable, sum(l.owed) AS owed
RETURN c.externalId AS id, [b.earned, b.spendable, b.owed] AS held, [earned, spendable, owed] AS sums ORDER BY id
"""


async def balances(graph: Graph) -> dict[str, list[int]]:
    """The balances of each member, which are the sums of their entries."""
    rows = await graph.read(BALANCES)
    assert all(row["held"] == row["sums"] for row in rows)
    return {row["id"]: row["held"] for row in rows}


async def test_balances_are_the_sums_of_the_entries_and_entries_stay(folder: Folder) -> None:
    graph = folder.graph
    await folder.write(**WHOLE).load()
    whole = {"c1": [0, 3, 3], "c3": [40, 30, 0]}
    assert await balances(graph) == whole
    head = "customer,kind,act,redemption,at,earned,spendable,owed\n"
    folder.write(
        ledger=f"{head}c3,EARN,d1,,2025-01-04T00:00:00Z,99,99,0\n"
        "c3,EARN,d2,,2025-01-04T00:00:00Z,10,10,0\n"
        "c1,SPEND,,r1,2025-01-04T00:00:00Z,0,-10,0\n"
        "c2,EARN,d1,,2025-01-04T00:00:00Z,40,40,0\n"
        "c3,EARN,d9,,2025-01-04T00:00:00Z,40,40,0\n"
    )
    reasons = [(line, reason) for _, line, reason in await folder.load()]
    assert reasons == [
        ("2", "earned, spendable: it is booked otherwise, and never changed"),
        ("3", "act: d2 is not of customer c3"),
        ("4", "redemption: r1 is not of customer c1"),
        ("5", "customer: there is no member of the programme 'c2' in the folder or the graph"),
        ("6", "act: there is no act 'd9' in the folder or the graph"),
    ]
    assert await balances(graph) == whole


@pytest.mark.parametrize("rows", [1, 5_000])
async def test_a_dry_run_sees_evidence_and_links_that_are_given_twice(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("graph.folders.entries.BATCH_ROWS", rows)
    folder.write(
        customers="id\nc1\nc2\n",
        mentions="id,author,text\nm1,c1,Good.\n",
        advocacy="id,from,to,kind\na1,c1,c2,DEFENCE\n",
        programme_members="customer,state\nc1,ACTIVE\n",
        programme_acts="id,customer,kind,state,at,mention,link\n"
        "d1,c1,REVIEW,RECORDED,2025-01-04T00:00:00Z,m1,\nd2,c1,REVIEW,RECORDED,2025-01-04T00:00:00Z,m1,\n"
        "d3,c1,DEFENCE,RECORDED,2025-01-04T00:00:00Z,,a1\nd4,c1,DEFENCE,RECORDED,2025-01-04T00:00:00Z,,a1\n",
        ledger="customer,kind,act,redemption,at,earned,spendable,owed\n"
        "c1,EARN,d1,,2025-01-04T00:00:00Z,1,1,0\nc1,EARN,d2,,2025-01-04T00:00:00Z,1,1,0\n",
        referral_links="code,advocate\nCCCC,c1\nDDDD,c1\n",
    )
    wanted = [
        ("referral_links.csv", "3", "code: customer c1 has the link CCCC for that product and label already"),
        ("programme_acts.csv", "3", "mention: m1 shows the act d1 already"),
        ("programme_acts.csv", "5", "link: a1 shows the act d3 already"),
        ("ledger.csv", "3", "act: there is no act 'd2' in the folder or the graph"),
    ]
    assert await folder.load(dry_run=True) == wanted
    assert await value(folder.graph, "MATCH (n) WHERE n.externalId IS NOT NULL RETURN count(n)") == 0
    assert await folder.load() == wanted


async def test_balances_below_zero_are_told_once_all_entries_are_there(folder: Folder) -> None:
    await folder.write(**WHOLE).load()
    assert folder.file("ledger.csv").notes == []
    (folder.path / "ledger.csv").unlink()
    head = "customer,kind,act,redemption,at,earned,spendable,owed\n"
    folder.write(
        redemptions="id,customer,reward,state,points,at\nr8,c3,w1,REQUESTED,35,2025-01-04T00:00:00Z\n",
        ledger=f"{head}c3,SPEND,,r8,2025-01-04T00:00:00Z,0,-35,0\n",
    )
    assert await folder.load() == []
    assert await balances(folder.graph) == {"c1": [0, 3, 3], "c3": [40, -5, 0]}
    assert folder.file("ledger.csv").notes == [
        "customer c3 has -5 points to spend and owes 0: an entry is wrong or missing"
    ]


async def test_evidence_shows_one_act_and_an_advocate_has_one_link_a_label(folder: Folder) -> None:
    graph = folder.graph
    await folder.write(**WHOLE).load()
    acts_head = "id,customer,kind,state,at,mention,link,idea\n"
    folder.write(
        programme_acts=f"{acts_head}d5,c3,ANSWER,RECORDED,2025-01-04T00:00:00Z,m1,,\n"
        "d6,c1,REVIEW,RECORDED,2025-01-04T00:00:00Z,,a2,\nd7,c1,REVIEW,RECORDED,2025-01-04T00:00:00Z,,a1,\n"
        "d8,c1,IDEA_ADOPTED,RECORDED,2025-01-04T00:00:00Z,,,i2\nd9,c1,IDEA_ADOPTED,RECORDED,2025-01-04T00:00:00Z,,,i2\n",
        ledger="customer,kind,act,redemption,at,earned,spendable,owed\nc1,EARN,d9,,2025-01-04T00:00:00Z,1,1,0\n",
        referral_links="code,advocate,product,label\nAAAA,c2,p1,ISIK\nCCCC,c1,,\nDDDD,c1,,\n",
    )
    assert [
        row
        for row in await folder.load()
        if row[0] in ("programme_acts.csv", "referral_links.csv", "ledger.csv")
    ] == [
        (
            "referral_links.csv",
            "2",
            "code: customer c2 has the link ACDEFGHJK4 for that product and label already",
        ),
        ("referral_links.csv", "4", "code: customer c1 has the link CCCC for that product and label already"),
        ("programme_acts.csv", "2", "mention: m1 shows the act d2 already"),
        ("programme_acts.csv", "3", "link: customer c1 gave no advocacy link a2"),
        ("programme_acts.csv", "4", "link: a1 shows the act d3 already"),
        ("programme_acts.csv", "6", "idea: i2 shows the act d8 already"),
        ("ledger.csv", "2", "act: there is no act 'd9' in the folder or the graph"),
    ]
    found = await graph.read_one(
        "MATCH (k:ReferralLink {code: 'ACDEFGHJK4'}) RETURN k.uid AS uid, k.value AS value, k.conversions AS n"
    )
    assert found is not None
    assert (found["value"], found["n"]) == (19.5, 1)
    advocate = await value(graph, "MATCH (c:Customer {externalId: 'c2'}) RETURN c.uid")
    product = await value(graph, "MATCH (p:Product {externalId: 'p1'}) RETURN p.uid")
    kept = await graph.write(referrals.keep, advocate=advocate, product=product, label="IŞIK", now=NOW)
    assert (kept.uid, kept.created) == (found["uid"], False)


BAD: list[tuple[str, str, str]] = [
    ("programme", "name\nother\n", "there is one programme"),
    ("programme", "name,referral_points\nprogramme,-1\n", "not between 0 and"),
    ("programme_members", "customer,state\nc9,ACTIVE\n", "no customer 'c9'"),
    ("programme_members", "customer,state\nc1,FAN\n", "none of INVITED"),
    (
        "programme_steps",
        "customer,at,state\nc1,2025-01-01T00:00:00Z,ACTIVE\n",
        "no member of the programme 'c1'",
    ),
    (
        "programme_acts",
        "id,customer,kind,state,at\n1,c1,REVIEW,RECORDED,2025-01-01T00:00:00Z\n",
        "shown by one",
    ),
    ("rewards", "id,name,points\n1,Cup,0\n", "not between 1 and"),
    ("rewards", "id,points\n1,5\n", "header lacks the column name"),
    (
        "redemptions",
        "id,customer,reward,state,points,at\n1,c1,w,LOST,1,2025-01-01T00:00:00Z\n",
        "none of REQUESTED",
    ),
    ("referral_links", "code,advocate\n- -,c1\n", "is no code"),
    ("referral_links", "code,advocate,window_days\nA,c1,366\n", "not between 1 and 365"),
    ("referral_joins", "customer,code,at\nc1,A,2025-01-01T00:00:00Z\n", "no referral link 'A'"),
    (
        "ledger",
        "customer,kind,act,redemption,at,earned,spendable,owed\nc1,EARN,d,r,{at},1,1,0\n",
        "one act or one",
    ),
    (
        "ledger",
        "customer,kind,act,redemption,at,earned,spendable,owed\nc1,EARN,,r,{at},1,1,0\n",
        "not booked for a",
    ),
    (
        "ledger",
        "customer,kind,act,redemption,at,earned,spendable,owed\nc1,SPEND,d,,{at},1,1,0\n",
        "not booked for an",
    ),
    (
        "ledger",
        "customer,kind,act,redemption,at,earned,spendable,owed\nc1,SPEND,,r,{at},0,5,0\n",
        "directions",
    ),
    (
        "ledger",
        "customer,kind,act,redemption,at,earned,spendable,owed\nc1,EARN,d,,{at},5,4,0\n",
        "spendable less owed",
    ),
    (
        "ledger",
        "customer,kind,act,redemption,at,earned,spendable,owed\nc1,REVERSE,,r,{at},5,5,0\n",
        "for a redemption",
    ),
]


async def test_bad_rows_of_the_programme_are_named_and_leave_nothing(folder: Folder) -> None:
    await folder.write(customers="id\nc1\n").load()
    for name, content, reason in BAD:
        folder.write(**{name: content.replace("{at}", "2025-01-01T00:00:00Z")})
        rejected = await folder.load(dry_run=True) or [("", "", "")]
        assert reason in rejected[0][2], (name, content)
        assert await folder.load() == rejected
        (folder.path / f"{name}.csv").unlink()
    assert await value(folder.graph, "MATCH (:Customer)-[e]-() RETURN count(e)") == 0


async def _run_programme(graph: Graph) -> None:
    """A member with acts of each form, a reward paid and one given back, a reversal that leaves them owing."""
    ann, bo, cy = [
        (await graph.write(customers.upsert, now=NOW, fields={"name": name}, external_id=name)).uid
        for name in ("Ann", "Bo", "Cy")
    ]
    for act in (programme.invite, programme.join):
        await graph.write(act, customer=ann, channel="app", wording="Join", now=NOW)
    await graph.write(programme.set_points, points={ActKind.REVIEW: 20})
    link = await graph.write(referrals.keep, advocate=ann, label="May", now=NOW)
    await graph.write(referrals.join, code=link.code, customer=bo, now=NOW)
    await graph.write(referrals.convert, customer=bo, value=12.0, now=NOW)
    said = [
        (await graph.write(mentions.record, author=ann, channel="x", text="Good.", at=NOW, now=NOW)).uid
        for _ in range(2)
    ]
    praise = await graph.write(
        advocacy.record, giver=ann, receiver=cy, kind="DEFENCE", weight=1.0, at=NOW, now=NOW
    )
    shown: list[dict[str, Any]] = [{"mention": said[0]}, {"mention": said[1]}, {"link": praise.uid}]
    for kind, evidence in zip(("REVIEW", "REVIEW", "DEFENCE"), shown, strict=True):
        await graph.write(acts.record, customer=ann, kind=kind, now=NOW, **evidence)
    first = await value(
        graph, "MATCH (d:ProgrammeAct {evidence: 'mention:' + $uid}) RETURN d.uid", uid=said[0]
    )
    await graph.write(acts.judge, act=first, accepted=True, by="eva", now=NOW)
    cup = (await graph.write(rewards.upsert, now=NOW, fields={"name": "Cup", "points": 15, "stock": 4})).uid
    await graph.write(rewards.redeem, customer=ann, reward=cup, now=LATER)
    await graph.write(acts.reverse, act=first, by="eva", reason="Copied", now=LATER)
    # its evidence is deleted
    await graph.write(advocacy.retract, uid=praise.uid)


async def test_a_programme_run_by_mutations_comes_back_as_it_was(folder: Folder, tmp_path: Path) -> None:
    graph = folder.graph
    await _run_programme(graph)
    before = await balances(graph)
    assert before == {"Ann": [0, 0, 15]}
    report = await export_folder(graph, tmp_path / "one")
    assert {name: report.files[f"{name}.csv"] for name in ("programme_acts", "ledger", "redemptions")} == {
        "programme_acts": 4,
        "ledger": 3,
        "redemptions": 1,
    }
    same = await import_folder(graph, tmp_path / "one")
    assert (same.rejections, sum(file.written for file in same.files)) == (0, 0)
    await graph.write(_run, EMPTY)
    again = await import_folder(graph, tmp_path / "one")
    assert again.rejections == 0
    assert await balances(graph) == before
    await export_folder(graph, tmp_path / "two")
    assert read(tmp_path / "two") == read(tmp_path / "one")
    # the same act is known by its evidence, the same customer is not converted again
    ann = await value(graph, "MATCH (c:Customer {externalId: 'Ann'}) RETURN c.uid")
    bo = await value(graph, "MATCH (c:Customer {externalId: 'Bo'}) RETURN c.uid")
    mention = await value(graph, "MATCH (d:ProgrammeAct {state: 'REVERSED'})-[:SHOWN_BY]->(m) RETURN m.uid")
    made = await graph.write(acts.record, customer=ann, kind="REVIEW", mention=mention, now=LATER)
    assert made.state == "REVERSED"
    assert not (await graph.write(referrals.convert, customer=bo, value=12.0, now=LATER)).created


VISITORS = """
MATCH (k:ReferralLink) RETURN k.visitsBefore AS before, COUNT { (k)<-[:VISITED]-() } AS known,
  COUNT { MATCH (:ReferralVisit) } AS strangers
"""


async def test_visits_come_as_a_number_that_holds_nothing_of_the_visitors(
    folder: Folder, tmp_path: Path
) -> None:
    graph = folder.graph
    ann = await graph.write(customers.upsert, now=NOW, fields={"name": "Ann"}, external_id="Ann")
    link = await graph.write(referrals.keep, advocate=ann.uid, now=NOW)
    for visitor in ("v1", "v2", "v1"):
        await graph.write(referrals.visit, code=link.code, visitor=visitor, now=NOW)
    await export_folder(graph, tmp_path / "one")
    text = (tmp_path / "one" / "referral_links.csv").read_text()
    assert [line.rsplit(",", 1)[1] for line in text.splitlines()] == ["visits", "2"]
    again = await import_folder(graph, tmp_path / "one")
    assert sum(file.written for file in again.files) == 0
    await graph.write(_run, EMPTY)
    await import_folder(graph, tmp_path / "one")
    assert [tuple(row) for row in await graph.read(VISITORS)] == [(2, 0, 0)]
    await graph.write(referrals.visit, code=link.code, visitor="v3", now=LATER)
    await export_folder(graph, tmp_path / "two")
    assert (tmp_path / "two" / "referral_links.csv").read_text() == text.replace(",2\n", ",3\n")
    for told, before in ((9, 8), (0, 0)):
        (tmp_path / "one" / "referral_links.csv").write_text(
            f"code,advocate,visits\n{link.code},Ann,{told}\n"
        )
        for written in (1, 0):
            report = await import_folder(graph, tmp_path / "one")
            assert [file.written for file in report.files if file.file == "referral_links.csv"] == [written]
            assert [tuple(row) for row in await graph.read(VISITORS)] == [(before, 1, 1)]
