"""An import keeps what is right, names what is wrong, and says the same when it runs again."""

import gzip
import lzma
import os
from pathlib import Path

import pytest

from graph.driver import Graph, Transaction
from graph.errors import Invalid
from graph.folders import import_folder
from graph.folders.report import WITHOUT
from tests.graph.folders.folder import Folder, snapshot, value
from tests.shared import SHARED

DATA = sorted(path for path in (SHARED / "data").glob("*") if path.is_dir()) if SHARED.is_dir() else []

WHOLE = {
    "customers": (
        "id,name,identities,email,phone,city,locale,birth_date,joined_at,kind,suspended,value\n"
        "c1,Ayşe Yılmaz,x:ayse|forum:ay:se,ayse@example.org,+90 212 555 00 00,İzmir,tr-TR,1990-05-17,"
        "2025-01-02T03:04:05.678901+03:00,,,12.5\n"
        "c2,Bob,x:bob,,,,,,,STAFF,true,\n"
        "c3,,,,,,,,,,,\n"
    ),
    "claims": "customer,identity\nc3,x:AYSE\n",
    "communities": "id,name,kind\ng1,Runners,\ng2,Found,DETECTED\n",
    "memberships": "customer,community,role,since\nc1,g1,LEADER,2025-01-01T00:00:00Z\nc2,g1,,\n",
    "follows": "follower,followed,since\nc1,c2,\nc2,c1,2025-03-01T00:00:00Z\n",
    "products": "id,name,category\np1,Shoe,wear\np2,Sock,wear\n",
    "purchases": (
        "order,customer,product,quantity,amount,currency,at\n"
        "o1,c1,p1,1,99.9,TRY,2025-02-01T00:00:00Z\no1,c1,p2,2,10,TRY,\no2,c1,p1,1,,,\n"
    ),
    "mentions": (
        "id,author,channel,text,at,in_reply_to,shares,names,community,products,url,sentiment\n"
        'm1,c1,x,"first\nline, ""quoted""",2025-02-02T10:00:00Z,m2,,c2|c3,g1,p1|p2,https://example.org/1,0.5\n'
        "m2,c2,x,second,2025-02-02T09:00:00Z,,m1,,,,,\n"
        "m3,,x,nobody's,,,,,,,,\n"
    ),
    "advocacy": (
        "id,from,to,kind,weight,at,product,outcome,outcome_at,value,referral_link\n"
        "a1,c1,c2,RATING,-0.5,2025-02-03T00:00:00Z,,,,,\n"
        "a2,c2,c3,REFERRAL,1,2025-02-04T00:00:00Z,p1,SALE,2025-02-09T00:00:00Z,19.5,ACDEFGHJK4\n"
    ),
    "referral_links": (
        "code,advocate,product,label,created_at,ends_at,window_days,switched_on,visits\n"
        "acdef-ghjk4,c2,p1,Işık,2025-01-01T00:00:00Z,2026-01-01T00:00:00Z,60,false,7\nACDEFGHJK6,c2,,,,,,,\n"
    ),
    "referral_joins": "customer,code,at\nc3,ACDEFGHJK4,2025-02-04T00:00:00Z\n",
    "programme": (
        "name,referral_points,answer_points,review_points,defence_points,idea_adopted_points\n"
        "programme,70,,,5,\n"
    ),
    "programme_members": "customer,state,state_at\nc1,LEFT,2025-05-01T00:00:00Z\nc3,ACTIVE,2025-01-02T00:00:00Z\n",
    "programme_steps": (
        "customer,at,state,channel,wording,proof\nc3,2025-01-01T00:00:00Z,INVITED,mail,Join us,\n"
        "c3,2025-01-02T00:00:00Z,ACTIVE,app,I join,form 9\nc1,2025-05-01T00:00:00Z,LEFT,,,\n"
    ),
    "programme_acts": (
        "id,customer,kind,state,at,mention,link,idea,evidence_gone,counterpart,outcome,value,points,reason,judged_by,"
        "judged_at,recorded_at,account_days\n"
        "d1,c3,IDEA_ADOPTED,ACCEPTED,2025-01-03T00:00:00Z,,,i1,,,,,40,Good,eva,2025-01-04T00:00:00Z,"
        "2025-01-03T12:00:00Z,2\n"
        "d2,c1,ANSWER,REVERSED,2025-02-02T10:00:00Z,m1,,,,c2,,,10,Copied,eva,,,\n"
        "d3,c1,REVIEW,RECORDED,2025-02-03T00:00:00Z,,a1,,,,SALE,3.5,,,,,,\n"
        "d4,c1,REVIEW,REFUSED,2025-02-03T00:00:00Z,,,,true,,,,,,,,,\n"
    ),
    "rewards": "id,name,points,stock,member_limit,limit_days\nw1,Kupa,10,3,1,30\nw2,Gift,25,,,\n",
    "redemptions": (
        "id,customer,reward,state,points,at,settled_at,settled_by,reason\n"
        "r1,c3,w1,FULFILLED,10,2025-02-01T00:00:00Z,2025-02-02T00:00:00Z,eva,\n"
        "r2,c3,w2,CANCELLED,25,2025-02-03T00:00:00Z,,,Gone\n"
    ),
    "ledger": (
        "customer,kind,act,redemption,at,earned,spendable,owed\n"
        "c3,EARN,d1,,2025-01-04T00:00:00Z,40,40,0\nc3,SPEND,,r1,2025-02-01T00:00:00Z,0,-10,0\n"
        "c3,SPEND,,r2,2025-02-03T00:00:00Z,0,-25,0\nc3,REVERSE,,r2,2025-02-04T00:00:00Z,0,25,0\n"
        "c1,EARN,d2,,2025-02-03T00:00:00Z,10,10,0\nc1,REVERSE,d2,,2025-02-04T00:00:00Z,-10,-7,3\n"
    ),
    "challenges": (
        "id,title,question,opens_at,closes_at,vote_at,decided_at,time_zone,kind,idea_limit,vote_limit,point_budget,"
        "hides_tally,categories,currency,cost_budget,moderation,untrusted_share\n"
        "h1,Parks,Where?,2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,2025-01-03T00:00:00Z,2025-03-01T00:00:00Z,"
        "Europe/Istanbul,POINTS,2,3,10,true,green|blue,TRY,5000,BEFORE,0.5\n"
    ),
    "ideas": (
        "id,challenge,author,title,body,at,category,cost,duplicate_of,links,status,planned_for,shipped_url,"
        "moderation,moderation_reason,appeal,appealed_at\n"
        "i1,h1,c3,Trees,More trees,,green,4000.0,i2,https://b.example|https://a.example,,,,"
        "HIDDEN,Off topic,It is not,2025-01-06T00:00:00Z\n"
        "i2,,,116,,,,,,,DELIVERED,2025-04-01,https://shop.example/116,,,,\n"
    ),
    "comments": (
        "id,idea,author,text,at,reply_to,state,links,edited_at,deleted_at,moderation_reason,appeal,appealed_at\n"
        "k2,i1,c1,I agree,2025-01-07T00:00:00Z,k1,HELD,,,,Why?,Because,2025-01-08T00:00:00Z\n"
        "k1,i1,c2,Yes,2025-01-06T00:00:00Z,k3,,https://a.example,2025-01-07T00:00:00Z,,,,\n"
        "k3,i1,,,2025-01-05T00:00:00Z,,DELETED,,,2025-01-09T00:00:00Z,,,\n"
    ),
    "idea_topics": "idea,topic\ni1,Green\ni2,green\n",
    "idea_revisions": (
        "idea,replaced_at,title,body,links,reason,by\n"
        "i1,2025-01-06T00:00:00Z,Tree,A tree,,Clearer,desk\ni1,2025-01-05T00:00:00Z,Tre,,https://a.example,,\n"
    ),
    "idea_moderation": (
        "idea,at,state,reason,appeal,by\ni1,2025-01-05T00:00:00Z,HIDDEN,Off topic,,desk\n"
        "i1,2025-01-06T00:00:00Z,HIDDEN,,It is not,app\n"
    ),
    "comment_moderation": "comment,at,state,reason,appeal,by\nk2,2025-01-08T00:00:00Z,HELD,Why?,,desk\n",
    "answers": (
        "idea,version,text,author,published_at\ni2,2,Here it is,team,2025-04-02T00:00:00Z\n"
        "i2,1,We will,team,2025-03-01T00:00:00Z\n"
    ),
    "decisions": (
        "idea,at,from,to,reason,by\ni2,2025-03-01T00:00:00Z,OPEN,PLANNED,Many want it,team\n"
        "i2,2025-04-02T00:00:00Z,PLANNED,DELIVERED,Done,team\ni2,2025-02-01T00:00:00Z,OPEN,OPEN,Later,\n"
    ),
    "idea_follows": "customer,idea,since,muted\nc1,i2,2025-01-05T00:00:00Z,true\nc3,i2,,\n",
    "consents": (
        "customer,channel,at,state,pace,wording,proof,by\n"
        "c1,EMAIL,2025-02-02T00:00:00Z,GIVEN,DAILY,Write to me,form 7,desk\n"
        "c1,EMAIL,2025-02-01T00:00:00Z,WITHDRAWN,,,,unsubscribe link\n"
        "c3,WEBHOOK,2025-02-01T00:00:00Z,GIVEN,IMMEDIATE,Call me,,\n"
        "c3,WEBHOOK,2025-02-03T00:00:00Z,WITHDRAWN,,,,\n"
    ),
    "votes": "voter,idea,value,at,points\nc1,i1,1,2025-01-05T00:00:00Z,7\nc2,i1,-1,,\nc3,i2,0,2025-03-05T00:00:00Z,\n",
}
ROWS = {"customers": 3, "communities": 2, "memberships": 2, "follows": 2, "products": 2, "purchases": 3}
ROWS |= {"claims": 1, "mentions": 3, "advocacy": 2, "challenges": 1, "ideas": 2, "votes": 3}
ROWS |= {"comments": 3, "idea_topics": 2, "idea_revisions": 2, "idea_moderation": 2, "comment_moderation": 1}
ROWS |= {"answers": 2, "decisions": 3, "idea_follows": 2, "consents": 4}
ROWS |= {"referral_links": 2, "referral_joins": 1, "programme": 1, "programme_members": 2}
ROWS |= {"programme_steps": 3, "programme_acts": 4, "rewards": 2, "redemptions": 2, "ledger": 6}


async def test_whole_folder_is_stored_and_again_changes_nothing(folder: Folder) -> None:
    assert await folder.write(**WHOLE).load() == []
    assert {file.file[:-4]: file.written for file in folder.report.files} == ROWS
    first = await snapshot(folder.graph)
    assert await folder.load() == []
    assert {file.file[:-4]: file.unchanged for file in folder.report.files} == ROWS
    assert await snapshot(folder.graph) == first
    assert folder.report.ties_rebuilt == 0


async def test_values_are_stored_as_the_model_says(folder: Folder) -> None:
    await folder.write(**WHOLE).load()
    read = folder.graph.read_one
    customer = await read("MATCH (c:Customer {externalId: 'c1'}) RETURN properties(c) AS p")
    assert customer is not None
    stored = customer["p"]
    assert stored["joinedAt"] == "2025-01-02T00:04:05.678Z"
    assert (stored["name"], stored["birthDate"]) == ("Ayşe Yılmaz", "1990-05-17")
    assert (stored["kind"], stored["suspended"]) == ("PERSON", False)
    assert {"nameKey", "cityKey", "uid", "createdAt"} <= stored.keys()
    assert await value(folder.graph, "MATCH (:Customer {externalId: 'c1'})-[:OWNS]->(p) RETURN count(p)") == 2
    mention = await read("MATCH (m:Mention {externalId: 'm1'}) RETURN properties(m) AS p")
    assert mention is not None
    assert mention["p"]["text"] == 'first\nline, "quoted"'
    assert (mention["p"]["givenSentiment"], mention["p"]["sentiment"]) == (0.5, 0.5)
    # by WITH: the embedded engine finds nothing when an indexed property is compared with a relationship's
    product = """
    MATCH ()-[a:ADVOCATED {externalId: 'a2'}]->() WITH a.product AS uid
    MATCH (p:Product {uid: uid}) RETURN p.externalId
    """
    assert await value(folder.graph, product) == "p1"
    idea = "MATCH (:Customer)-[:PROPOSED]->(i:Idea)-[:IN_CHALLENGE]->(:Challenge) RETURN i.status"
    assert await value(folder.graph, idea) == "OPEN"


async def test_ties_are_rebuilt_from_imported_acts(folder: Folder) -> None:
    await folder.write(**WHOLE).load()
    ties = "MATCH (a)-[t:TIE]->(b) RETURN a.externalId + b.externalId AS tie, t.days AS days ORDER BY tie"
    rows = [(row["tie"], row["days"]) for row in await folder.graph.read(ties)]
    # c1 replied to, named and rated c2; c1 named c3; c2 shared c1; c3 was referred by c2
    assert rows == [("c1c2", 2), ("c1c3", 1), ("c2c1", 1), ("c3c2", 1)]
    folder.write(mentions="id,author,at\nm1,c3,\n")
    await folder.load()
    rows = [(row["tie"], row["days"]) for row in await folder.graph.read(ties)]
    assert rows == [("c1c2", 1), ("c2c3", 1), ("c3c2", 2)]


async def test_an_empty_cell_keeps_what_is_there_and_a_full_one_replaces_it(folder: Folder) -> None:
    await folder.write(**WHOLE).load()
    folder.write(
        customers="id,name,city\nc1,,Ankara\n",
        mentions="id,text,names,products,in_reply_to\nm1,new,c3,,\n",
        ideas="id,author\ni1,c1\n",
    )
    assert await folder.load() == []
    assert folder.file("customers.csv").written == 1
    c1 = await folder.graph.read_one(
        "MATCH (c:Customer {externalId: 'c1'}) RETURN c.name AS name, c.city AS city"
    )
    assert c1 is not None
    assert (c1["name"], c1["city"]) == ("Ayşe Yılmaz", "Ankara")
    links = "MATCH (:Mention {externalId: 'm1'})-[e]->(x) RETURN type(e) + x.externalId AS link ORDER BY link"
    found = [row["link"] for row in await folder.graph.read(links)]
    assert found == ["ABOUTp1", "ABOUTp2", "IN_REPLY_TOm2", "INg1", "NAMESc3"]
    proposed = "MATCH (c)-[:PROPOSED]->(:Idea {externalId: 'i1'}) RETURN collect(c.externalId)"
    assert await value(folder.graph, proposed) == ["c1"]


async def test_a_mention_that_gets_another_author_is_read_among_theirs(folder: Folder) -> None:
    people = "id,name\na,Ada\nb,Bo\n"
    for author in ("a", "b"):
        mention = f"id,author,channel,text,at\nm,{author},x,Hi,2026-01-01T00:00:00Z\n"
        assert await folder.write(customers=people, mentions=mention).load() == []
        await snapshot(folder.graph)
        query = "MATCH (m:Mention) MATCH (c:Customer {uid: m.author}) RETURN c.externalId"
        assert await value(folder.graph, query) == author


async def test_a_new_text_is_to_be_analysed_again(folder: Folder) -> None:
    folder.write(mentions="id,text\nm1,good\nm2,bad\n")
    await folder.load()
    await folder.graph.write(_analysed)
    await folder.write(mentions="id,text,channel\nm1,good,x\nm2,worse,x\n").load()
    left = "MATCH (m:Mention) WHERE m.analysedBy IS NULL RETURN collect(m.externalId)"
    assert await value(folder.graph, left) == ["m2"]


async def _analysed(tx: Transaction) -> None:
    await (await tx.run("MATCH (m:Mention) SET m.analysedBy = 'v1'")).consume()


BAD = [
    ("customers", "id\n,\n", "2 cells"),
    ("customers", "id,name\n,x\n", "id is empty"),
    ("customers", "id,name\n \t,x\n", "id is empty"),
    ("customers", f"id\n{'x' * 201}\n", "201 characters are too many"),
    ("customers", f"id,name\n1,{'n' * 10_000_000}\n", "10,000,000 characters are too many"),
    ("customers", "id,identities\n1,bob\n", "channel:handle"),
    ("customers", "id,identities\n1,x:\n", "channel:handle"),
    ("customers", "id,identities\n1,x:@ ＠\n", "identities: handle is empty but for @"),
    ("customers", "id,identities\n1,x:b\u202eob\n", "U+202E"),
    ("customers", "id,email\n1,nobody\n", "not an e-mail address"),
    ("customers", "id,phone\n1,call me\n", "not a telephone number"),
    ("customers", "id,birth_date\n1,17.05.1990\n", "not a date"),
    ("customers", "id,birth_date\n1,2025-02-30\n", "not a date"),
    ("customers", "id,joined_at\n1,2025-01-01T00:00:00\n", "not an instant with a zone"),
    ("customers", "id,joined_at\n1,2025-02-29\n", "not an instant with a zone"),
    ("customers", "id,joined_at\n1,yesterday\n", "not an instant with a zone"),
    ("customers", "id,kind\n1,ALIEN\n", "none of PERSON, STAFF, BOT"),
    ("customers", "id,suspended\n1,maybe\n", "neither true nor false"),
    ("mentions", "id,sentiment\n1,1.01\n", "not between -1 and 1"),
    ("mentions", "id,sentiment\n1,nan\n", "not a number"),
    ("mentions", "id,url\n1,javascript:alert(1)\n", "not a web address"),
    ("mentions", "id,author\n1,ghost\n", "no customer 'ghost'"),
    ("challenges", "id,opens_at,closes_at\n1,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z\n", "before opens_at"),
    ("challenges", "id,vote_at,closes_at\n1,2025-02-01T00:00:00Z,2025-01-01T00:00:00Z\n", "before vote_at"),
    ("challenges", "id,time_zone\n1,Mars/Base\n", "no time zone"),
    ("challenges", "id,kind\n1,LOUD\n", "none of APPROVAL"),
    ("ideas", "id,cost\n1,-5\n", "not 0 or more"),
    ("ideas", "id,duplicate_of\n1,1\n", "no duplicate of itself"),
    ("ideas", "id,links\n1,http://a.example\n", "does not begin with https://"),
    ("ideas", "id,status\n1,LATER\n", "none of OPEN"),
    ("ideas", "id,status,planned_for\n1,DECLINED,2025-01-01\n", "has no planned date"),
    ("ideas", "id,status,shipped_url\n1,PLANNED,https://a.example\n", "has no link to what was shipped"),
    ("comments", "id,idea,text\n1,,x\n", "idea is empty"),
    ("comments", "id,idea\n1,ghost\n", "no idea 'ghost'"),
    ("comments", "id,idea,reply_to\n1,i,1\n", "cannot reply to itself"),
    ("comments", "id,idea,state,text\n1,i,DELETED,x\n", "a deleted comment has no text"),
    ("ideas", "id,challenge\n1,ghost\n", "no challenge 'ghost'"),
]


@pytest.mark.parametrize(("name", "content", "reason"), BAD)
async def test_a_bad_row_is_rejected_with_its_reason(
    folder: Folder, name: str, content: str, reason: str
) -> None:
    rejected = await folder.write(**{name: content}).load()
    assert [(file, line) for file, line, _ in rejected] == [(f"{name}.csv", "2")]
    assert reason in rejected[0][2]
    assert await value(folder.graph, "MATCH (n) WHERE n.externalId IS NOT NULL RETURN count(n)") == 0
    assert (folder.file(f"{name}.csv").read, folder.file(f"{name}.csv").rejected) == (1, 1)


PAIRS = [
    ("advocacy", "id,from,to,kind,weight\n1,c1,c1,RATING,1\n", "nobody advocates themselves"),
    ("advocacy", "id,from,to,kind,weight\n1,c1,c2,RATING,-1.5\n", "not between -1 and 1"),
    ("advocacy", "id,from,to,kind\n1,c1,c2,PRAISE\n", "none of RECOMMENDATION"),
    ("advocacy", "id,from,to\n1,c1,ghost\n", "no customer 'ghost'"),
    ("advocacy", "id,from,to\n1,,c2\n", "from is empty"),
    ("follows", "follower,followed\nc1,c1\n", "nobody follows themselves"),
    ("memberships", "customer,community\nc1,ghost\n", "no community 'ghost'"),
    ("purchases", "order,customer,product\n,c1,p1\n", "order is empty"),
    ("purchases", "order,customer,product,quantity\no,c1,p1,-1\n", "not 0 or more"),
    ("comments", "id,idea,author\nk1,i1,ghost\n", "no customer 'ghost'"),
    ("idea_topics", "idea,topic\ni1,\n", "topic is empty"),
    ("idea_revisions", "idea,replaced_at\ni1,\n", "replaced_at is empty"),
    ("idea_moderation", "idea,at,state\ni1,2025-01-01T00:00:00Z,GONE\n", "none of PUBLISHED"),
    ("comment_moderation", "comment,at,state\nk9,2025-01-01T00:00:00Z,HELD\n", "no comment 'k9'"),
    ("answers", "idea,version,text,published_at\ni1,0,x,2025-01-01T00:00:00Z\n", "not between 1 and"),
    ("answers", "idea,version,text,published_at\ni1,1,,2025-01-01T00:00:00Z\n", "text is empty"),
    ("decisions", "idea,at,from,to,reason\ni9,2025-01-01T00:00:00Z,OPEN,OPEN,x\n", "no idea 'i9'"),
    ("decisions", "idea,at,from,to,reason\ni1,2025-01-01T00:00:00Z,OPEN,,x\n", "to is empty"),
    ("idea_follows", "customer,idea,muted\nc1,i1,perhaps\n", "neither true nor false"),
    ("consents", "customer,channel,at,state\nc1,IN_APP,2025-01-01T00:00:00Z,GIVEN\n", "needs no consent"),
    ("consents", "customer,channel,at,state\nc1,EMAIL,2025-01-01T00:00:00Z,GIVEN\n", "pace: a consent"),
    ("votes", "voter,idea,value\nc1,i1,2\n", "not between -1 and 1"),
    ("votes", "voter,idea,value\nc1,i1,0.5\n", "not a whole number"),
    ("votes", "voter,idea,value\nc1,i1,\n", "value is empty"),
    ("votes", "voter,idea,value\nc1,ghost,1\n", "no idea 'ghost'"),
    ("votes", "voter,idea,value\nc1,i1,yes\n", "not a number"),
]


async def test_bad_links_are_rejected_and_leave_nothing(folder: Folder) -> None:
    folder.write(customers="id\nc1\nc2\n", communities="id\ng1\n", products="id\np1\n", ideas="id\ni1\n")
    await folder.load()
    for name, content, reason in PAIRS:
        rejected = await folder.write(**{name: content}).load()
        assert [(file, line) for file, line, _ in rejected] == [(f"{name}.csv", "2")]
        assert reason in rejected[0][2]
        (folder.path / f"{name}.csv").unlink()
    assert await value(folder.graph, "MATCH (n:Customer)-[e]-() RETURN count(e)") == 0


CIRCLES = [
    # a row further down, in the same batch and beyond it; a circle of three; the closing row alone is refused
    ("i1,i2\ni2,i1\ni3,\n", ["3", "2"], {}),
    ("i1,i2\ni2,i3\ni3,i1\ni4,i3\n", ["4", "3", "5"], {"i1": "i2"}),
    ("i1,i2\ni2,\ni2,i3\ni3,\ni4,i1\n", [], {"i1": "i2", "i2": "i3", "i4": "i1"}),
]


@pytest.mark.parametrize("rows", [1, 5_000])
@pytest.mark.parametrize(("lines", "refused", "left"), CIRCLES)
async def test_no_idea_is_a_duplicate_of_itself_through_others(
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    lines: str,
    refused: list[str],
    left: dict[str, str],
    rows: int,
) -> None:
    monkeypatch.setattr("graph.folders.entries.BATCH_ROWS", rows)
    folder.write(ideas=f"id,duplicate_of\n{lines}")
    tried = await folder.load(dry_run=True)
    rejected = await folder.load()
    assert sorted(tried) == sorted(rejected)
    assert sorted(line for _, line, _ in rejected) == sorted(refused)
    assert not refused or "leads back to" in rejected[0][2]
    query = "MATCH (a:Idea)-[:DUPLICATE_OF]->(b) RETURN a.externalId AS a, b.externalId AS b"
    assert {row["a"]: row["b"] for row in await folder.graph.read(query)} == left


@pytest.mark.parametrize("rows", [1, 5_000])
async def test_a_duplicate_of_nothing_gives_up_what_others_have_come_to_rely_on(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("graph.folders.entries.BATCH_ROWS", rows)
    await folder.write(ideas="id,duplicate_of\ni1,i2\ni2,\ni3,\ni4,i2\n").load()
    # while i1 waits for no1, i3 may lead to it; with what i1 was a duplicate of, that is a circle
    folder.write(ideas="id,duplicate_of\ni1,no1\ni4,no2\ni2,i3\ni3,i1\n")
    wanted = [
        ("ideas.csv", line, f"duplicate_of: there is no idea '{no}' in the folder or the graph; {WITHOUT}")
        for line, no in (("2", "no1"), ("3", "no2"))
    ]
    for dry in (True, False):
        assert sorted(await folder.load(dry_run=dry)) == wanted
    query = "MATCH (a:Idea)-[:DUPLICATE_OF]->(b) RETURN a.externalId AS a, b.externalId AS b"
    found = {row["a"]: row["b"] for row in await folder.graph.read(query)}
    assert found == {"i2": "i3", "i3": "i1", "i4": "i2"}


async def test_a_circle_through_ideas_that_are_there_is_refused(folder: Folder) -> None:
    await folder.write(ideas="id,duplicate_of\ni1,i2\ni2,i3\ni3,\n").load()
    before = await snapshot(folder.graph)
    folder.write(ideas="id,title,duplicate_of\ni3,New,i1\n")
    reason = "duplicate_of: 'i1' leads back to 'i3', in a circle"
    for dry in (True, False):
        assert await folder.load(dry_run=dry) == [("ideas.csv", "2", reason)]
    assert await snapshot(folder.graph) == before
    # what leads elsewhere by then closes nothing
    assert await folder.write(ideas="id,duplicate_of\ni1,i3\ni2,i1\n").load() == []
    folder.write(comments="id,idea,reply_to\nk1,i1,k2\nk2,i1,k3\nk3,i1,k1\n")
    assert [row[:2] for row in await folder.load()][-1] == ("comments.csv", "3")


async def test_an_unknown_reference_costs_the_reference_not_the_row(folder: Folder) -> None:
    folder.write(
        customers="id\nc1\nc2\n",
        mentions="id,author,in_reply_to,names,community,products\nm1,c1,m9,c2|c9,g9,p9\nm2,c2,m1,,,\n",
        advocacy="id,from,to,product\na1,c1,c2,p9\n",
    )
    rejected = await folder.load()
    assert [(file, line, reason.partition(":")[0]) for file, line, reason in rejected] == [
        ("mentions.csv", "2", "community"),
        ("mentions.csv", "2", "names"),
        ("mentions.csv", "2", "products"),
        ("mentions.csv", "2", "in_reply_to"),
        ("advocacy.csv", "2", "product"),
    ]
    assert all("imported without it" in reason for *_, reason in rejected)
    links = "MATCH (:Mention)-[e]->(x) RETURN type(e) + x.externalId AS link ORDER BY link"
    assert [row["link"] for row in await folder.graph.read(links)] == ["IN_REPLY_TOm1", "NAMESc2"]


async def test_a_mention_that_answers_itself_keeps_its_text(folder: Folder) -> None:
    folder.write(
        customers="id\nc1\n",
        mentions="id,author,text,in_reply_to,shares\nm1,c1,Good.,m1,m1\nm2,c1,So it is.,m1,\n",
    )
    reason = "'m1' is the mention itself; the row is imported without it"
    wanted = [("mentions.csv", "2", f"{column}: {reason}") for column in ("in_reply_to", "shares")]
    assert await folder.load(dry_run=True) == wanted
    assert await folder.load() == wanted
    texts = await folder.graph.read("MATCH (m:Mention) RETURN m.text AS text ORDER BY m.externalId")
    assert [row["text"] for row in texts] == ["Good.", "So it is."]
    links = "MATCH (a:Mention)-[:IN_REPLY_TO|SHARES]->(b) RETURN a.externalId AS a, b.externalId AS b"
    assert [tuple(row) for row in await folder.graph.read(links)] == [("m2", "m1")]


async def test_a_handle_stays_with_its_holder(folder: Folder) -> None:
    folder.write(customers="id,identities\nc1,x:Bob\nc2,x:bob|y:two\nc3,x:BOB\n")
    rejected = await folder.load()
    assert [line for _, line, _ in rejected] == ["3", "4"]
    assert "x:bob belongs to customer c1; c2 is imported without it" in rejected[0][2]
    held = "MATCH (c:Customer)-[:IDENTIFIED_BY]->(i) RETURN c.externalId + i.channel AS held ORDER BY held"
    assert [row["held"] for row in await folder.graph.read(held)] == ["c1x", "c2y"]
    await folder.write(customers="id,identities\nc4,y:two\nc1,z:one\n").load()
    assert [row["held"] for row in await folder.graph.read(held)] == ["c1x", "c1z", "c2y"]


async def test_who_else_has_a_handle_is_remembered(folder: Folder) -> None:
    claims = "MATCH (c)-[:CLAIMED]->(i) RETURN c.externalId + i.key AS claim ORDER BY claim"
    folder.write(customers="id,identities\nc2,x:bob\nc1,x:Bob|y:two\n")
    assert len(await folder.load(dry_run=True)) == 1
    assert await folder.graph.read(claims) == []
    assert len(await folder.load()) == 1
    assert [row["claim"] for row in await folder.graph.read(claims)] == ["c1x:bob"]
    assert (len(await folder.load()), folder.file("customers.csv").unchanged) == (1, 2)
    folder.write(customers="id\nc3\n", claims="customer,identity\nc3,y:TWO\nc3,z:nobody\nc9,y:two\n")
    rejected = await folder.load()
    assert [(file, line) for file, line, _ in rejected] == [("claims.csv", "4")]
    found = [row["claim"] for row in await folder.graph.read(claims)]
    assert found == ["c1x:bob", "c3y:two", "c3z:nobody"]
    await folder.write(customers="id,identities\nc4,z:nobody\n").load()
    assert (
        await value(folder.graph, "MATCH (c)-[:IDENTIFIED_BY]->({key: 'z:nobody'}) RETURN c.externalId")
        == "c4"
    )


async def test_the_later_vote_counts_whatever_the_order_of_rows_and_runs(folder: Folder) -> None:
    folder.write(
        customers="id\nc1\nc2\nc3\nc4\n",
        ideas="id\ni1\n",
        votes=(
            "voter,idea,value,at\n"
            "c1,i1,1,2025-01-02\nc1,i1,-1,2025-01-01T23:59:59.999Z\n"
            "c2,i1,1,2025-01-02T00:00:00Z\nc2,i1,-1,2025-01-02T00:00:00Z\n"
            "c3,i1,1,2025-01-02T00:00:00Z\nc3,i1,-1,\n"
            "c4,i1,1,\nc4,i1,0,\n"
        ),
    )
    votes = "MATCH (c)-[v:VOTED]->() RETURN v.value AS value, v.at AS at ORDER BY c.externalId"
    assert await folder.load() == []
    stored = await folder.graph.read(votes)
    assert [row["value"] for row in stored] == [1, -1, 1, 0]
    assert stored[0]["at"] == "2025-01-02T00:00:00.000Z"  # a plain date is the start of its day
    await folder.load()
    assert [row["value"] for row in await folder.graph.read(votes)] == [1, -1, 1, 0]
    later = (
        "voter,idea,value,at\nc1,i1,-1,2025-01-01T23:59:59Z\n"
        "c2,i1,0,2025-01-02T03:00:00.001+03:00\nc4,i1,1,2020-01-01T00:00:00Z\n"
    )
    await folder.write(votes=later).load()
    assert [row["value"] for row in await folder.graph.read(votes)] == [1, 0, 1, 1]
    assert folder.file("votes.csv").written == 2


async def test_a_later_row_adds_to_an_earlier_one_of_the_same_id(folder: Folder) -> None:
    folder.write(
        customers="id,name,city\nc1,Old,İzmir\nc1,New,\n",
        products="id\np1\n",
        purchases="order,customer,product,amount\no1,c1,p1,1\no1,c1,p1,2\no2,c1,p1,3\n",
    )
    assert await folder.load() == []
    row = await folder.graph.read_one("MATCH (c:Customer) RETURN c.name AS name, c.city AS city")
    assert row is not None
    assert (row["name"], row["city"]) == ("New", "İzmir")
    amounts = "MATCH ()-[p:PURCHASED]->() RETURN p.amount AS amount ORDER BY p.order"
    assert [row["amount"] for row in await folder.graph.read(amounts)] == [2, 3]


async def test_a_batch_of_old_and_new_pairs_makes_only_the_new(folder: Folder) -> None:
    heads = {
        "memberships": ("customer,community\n", "c1,g1\n", "c2,g1\n"),
        "follows": ("follower,followed\n", "c1,c2\n", "c2,c1\n"),
        "purchases": ("order,customer,product\n", "o1,c1,p1\n", "o2,c1,p1\n"),
        "advocacy": ("id,from,to\n", "a1,c1,c2\n", "a2,c1,c2\n"),
        "votes": ("voter,idea,value\n", "c1,i1,1\n", "c2,i1,-1\n"),
    }
    folder.write(customers="id\nc1\nc2\n", communities="id\ng1\n", products="id\np1\n", ideas="id\ni1\n")
    folder.write(**{name: head + old for name, (head, old, _) in heads.items()})
    assert await folder.load() == []
    folder.write(**{name: head + new + old for name, (head, old, new) in heads.items()})
    for written, dry in ((1, True), (1, False), (0, False)):
        assert await folder.load(dry_run=dry) == []
        reports = [folder.file(f"{name}.csv") for name in heads]
        assert [(each.written, each.unchanged) for each in reports] == [(written, 2 - written)] * 5
    kinds = await folder.graph.read("MATCH (:Customer)-[e]->() RETURN type(e) AS kind, count(*) AS n")
    assert {row["kind"]: row["n"] for row in kinds if not row["kind"].startswith("TIE")} == {
        "MEMBER_OF": 2,
        "FOLLOWS": 2,
        "OWNS": 1,
        "PURCHASED": 2,
        "ADVOCATED": 2,
        "VOTED": 2,
    }


async def test_an_advocacy_id_belongs_to_one_pair(folder: Folder) -> None:
    head = "id,from,to,kind\n"
    folder.write(customers="id\nc1\nc2\nc3\n", advocacy=f"{head}a1,c1,c2,RATING\na1,c1,c3,RATING\n")
    rejected = await folder.load()
    assert [row[:2] for row in rejected] == [("advocacy.csv", "3")]
    rejected = await folder.write(advocacy=f"{head}a1,c3,c2,RATING\na2,c3,c2,RATING\n").load()
    assert [row[:2] for row in rejected] == [("advocacy.csv", "2")]
    assert "a1 is the id of a link from c1 to c2" in rejected[0][2]
    pairs = "MATCH (a)-[l:ADVOCATED]->(b) RETURN l.externalId + a.externalId + b.externalId AS x ORDER BY x"
    assert [row["x"] for row in await folder.graph.read(pairs)] == ["a1c1c2", "a2c3c2"]


async def test_control_characters_are_stripped_and_counted(folder: Folder) -> None:
    folder.write(mentions='id,text\nm\x001,"a\x00b\x07\tc\r\nd\x1b\x85"\n')
    assert await folder.load() == []
    assert await value(folder.graph, "MATCH (m:Mention {externalId: 'm1'}) RETURN m.text") == "ab\tc\r\nd"
    assert folder.file("mentions.csv").notes == ["control characters stripped: 5"]


async def test_forms_notes_and_unknown_columns(folder: Folder) -> None:
    path = folder.path
    (path / "customers.jsonl").write_text(
        '{"id": "c1", "name": "Ada", "identities": ["x:1", "y:1"], "age": 3}\n'
    )
    (path / "products.csv.gz").write_bytes(gzip.compress(b"id,colour\np1,red\n"))
    (path / "ideas.jsonl.xz").write_bytes(lzma.compress(b'{"id": 7, "cost": 12.5}\n'))
    folder.write(labels="mention,sentiment\n", scores="customer\n", other="x\n", rejected="old\n")
    assert await folder.load() == []
    assert folder.file("customers.jsonl").notes == ["unknown columns passed over: age"]
    assert folder.file("products.csv.gz").notes == ["unknown columns passed over: colour"]
    assert folder.report.notes == [
        "labels.csv: passed over",
        "other.csv: passed over, it is no import file",
        "scores.csv: passed over, it is computed and never imported",
    ]
    assert await value(folder.graph, "MATCH (i:Idea {externalId: '7'}) RETURN i.cost") == 12.5
    assert (path / "rejected.csv").read_text() == "file,line,reason\n"


async def test_a_dry_run_reports_and_writes_nothing(folder: Folder) -> None:
    folder.write(**WHOLE, labels="x\n")
    folder.write(votes="voter,idea,value\nc1,i1,1\nc9,i1,1\n")
    rejected = await folder.load(dry_run=True)
    assert [(file, line) for file, line, _ in rejected] == [("votes.csv", "3")]
    assert folder.file("mentions.csv").written == 3
    assert await value(folder.graph, "MATCH (n) WHERE n.externalId IS NOT NULL RETURN count(n)") == 0


async def test_where_rejected_rows_cannot_be_written_nothing_is_imported(
    folder: Folder, tmp_path: Path
) -> None:
    folder.write(customers="id\nc1\n,\n")
    (folder.path / "rejected.csv").mkdir()
    with pytest.raises(Invalid, match="--rejected"):
        await import_folder(folder.graph, folder.path)
    assert await value(folder.graph, "MATCH (c:Customer) RETURN count(c)") == 0
    report = await import_folder(folder.graph, folder.path, rejected=tmp_path / "bad.csv")
    assert (report.rejections, len((tmp_path / "bad.csv").read_text().splitlines())) == (1, 2)


async def test_a_missing_folder_and_an_unreadable_file_are_named(folder: Folder) -> None:
    with pytest.raises(Invalid, match="is not a folder"):
        await import_folder(folder.graph, folder.path / "nowhere")
    (folder.path / "customers.csv").mkdir()
    assert await folder.load() == [("customers.csv", "", "is not a file")]
    if os.geteuid():  # root reads everything
        (folder.path / "products.csv").touch(mode=0)
        assert ("products.csv", "", "cannot be read: permission denied") in await folder.load()


async def test_progress_ends_at_the_end_of_each_file(graph: Graph, folder: Folder) -> None:
    seen: list[tuple[str, int, float]] = []
    folder.write(customers="id\nc1\nc2\n")
    await import_folder(graph, folder.path, progress=lambda *step: seen.append(step))
    assert seen[-1] == ("customers.csv", 2, 1.0)


@pytest.mark.parametrize("data", DATA, ids=lambda path: path.name)
async def test_real_folders_hold_no_row_that_is_rejected(graph: Graph, tmp_path: Path, data: Path) -> None:
    report = await import_folder(graph, data, dry_run=True, rejected=tmp_path / "rejected.csv")
    assert report.rejections == 0
    assert sum(file.written for file in report.files) > 0
