"""The Cypher of the files of the advocacy programme; see `graph.folders.statements`."""

from typing import LiteralString

from graph.folders.history import Steps
from graph.folders.statements import LOCK_CUSTOMERS, PAGE_CUSTOMERS, Link, Statements, create, page, update
from graph.programme import ActKind, points_key

PAGE_PROGRAMME = page("Programme", "name")
PAGE_ACTS = page("ProgrammeAct")
PAGE_REWARDS = page("Reward")
PAGE_REDEMPTIONS = page("Redemption")
PAGE_LINKS = page("ReferralLink", "code")

POINTS = [points_key(kind) for kind in ActKind]
PROGRAMME_STATE = f"""UNWIND $keys AS key MATCH (n:Programme {{name: key}})
RETURN collect([n.name, {", ".join(f"n.{name}" for name in POINTS)}]) AS rows"""
PROGRAMME = Statements(
    state=PROGRAMME_STATE,
    create="UNWIND $rows AS r CREATE (n:Programme) SET n = r.set REMOVE n.externalId",
    update="UNWIND $rows AS r MATCH (n:Programme {name: r.id}) SET n += r.set",
    owned=PROGRAMME_STATE,
    page=PAGE_PROGRAMME,
)

MEMBER_STATE: LiteralString = """UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[:IN_PROGRAMME]->(b:ProgrammeMember)
RETURN collect([a.externalId, b.state, b.stateAt]) AS rows"""
MEMBERS = Statements(
    state=MEMBER_STATE,
    create="""UNWIND $rows AS r MATCH (a:Customer {externalId: r.set.externalId})
CREATE (a)-[:IN_PROGRAMME]->(b:ProgrammeMember {uid: r.set.uid, customer: a.uid, earned: 0, spendable: 0, owed: 0})
SET b.state = r.set.state, b.stateAt = r.set.stateAt""",
    update="""UNWIND $rows AS r MATCH (a:Customer {externalId: r.id})-[:IN_PROGRAMME]->(b:ProgrammeMember)
SET b += r.set""",
    owned=MEMBER_STATE,
    page=PAGE_CUSTOMERS,
    lock=LOCK_CUSTOMERS,
)

STEPS = Steps(
    "Customer",
    "HAS_STEP",
    "ProgrammeStep",
    ("at", "state", "channel", "wording", "proof"),
    keys=2,
    through="-[:IN_PROGRAMME]->(b:ProgrammeMember)",
)

# No label on the ends, by WITH and never by null: else the embedded engine walks all customers for each row.
ACT_STATE: LiteralString = """UNWIND $keys AS key MATCH (n:ProgrammeAct {externalId: key})
OPTIONAL MATCH (n)<-[:DID]-()<-[:IN_PROGRAMME]-(c)
WITH n, c, coalesce(n.link, '') AS link, coalesce(n.counterpart, '') AS other
OPTIONAL MATCH (c)-[l:ADVOCATED]->() WHERE l.uid = link
OPTIONAL MATCH (x:Customer {uid: other})
RETURN collect([n.externalId, CASE WHEN c IS NULL THEN [] ELSE [c.externalId] END, n.kind, n.state, n.at,
  [(n)-[:SHOWN_BY]->(m:Mention) | m.externalId], CASE WHEN l IS NULL THEN [] ELSE [l.externalId] END,
  [(n)-[:SHOWN_BY]->(i:Idea) | i.externalId], n.evidenceGone, CASE WHEN x IS NULL THEN [] ELSE [x.externalId] END,
  n.outcome, n.value, n.points, n.reason, n.judgedBy, n.judgedAt, n.createdAt, n.accountDays]) AS rows"""
# What is gone still has a name of its own: no other act is shown by it.
GONE: LiteralString = """UNWIND $ids AS id MATCH (n:ProgrammeAct {externalId: id}) WHERE n.evidence IS NULL
SET n.evidence = 'gone:' + n.uid"""
ACTS = Statements(
    state=ACT_STATE,
    create=create("ProgrammeAct"),
    update=update("ProgrammeAct"),
    owned=ACT_STATE,
    page=PAGE_ACTS,
    after=(GONE,),
    links={
        "customer": Link(
            add="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})
MATCH (:Customer {externalId: p[1]})-[:IN_PROGRAMME]->(b:ProgrammeMember)
CREATE (b)-[:DID]->(n)""",
            drop="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})<-[e:DID]-() DELETE e""",
        ),
        "mention": Link(
            add="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})
MATCH (x:Mention {externalId: p[1]})
CREATE (n)-[:SHOWN_BY]->(x) SET n.evidence = 'mention:' + x.uid""",
            drop="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})-[e:SHOWN_BY]->() DELETE e""",
        ),
        "link": Link(
            add="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})
MATCH (n)<-[:DID]-()<-[:IN_PROGRAMME]-(c)
MATCH (c)-[l:ADVOCATED]->() WHERE l.externalId = p[1]
SET n.link = l.uid, n.evidence = 'link:' + l.uid""",
            drop="UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]}) REMOVE n.link",
        ),
        "idea": Link(
            add="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})
MATCH (x:Idea {externalId: p[1]})
CREATE (n)-[:SHOWN_BY]->(x) SET n.evidence = 'idea:' + x.uid""",
            drop="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})-[e:SHOWN_BY]->() DELETE e""",
        ),
        "counterpart": Link(
            add="""UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]})
MATCH (x:Customer {externalId: p[1]}) SET n.counterpart = x.uid""",
            drop="UNWIND $pairs AS p MATCH (n:ProgrammeAct {externalId: p[0]}) REMOVE n.counterpart",
        ),
    },
)

REWARD_STATE: LiteralString = """UNWIND $keys AS key MATCH (n:Reward {externalId: key})
RETURN collect([n.externalId, n.name, n.points, n.stock, n.memberLimit, n.limitDays]) AS rows"""
REWARDS = Statements(
    state=REWARD_STATE,
    create=create("Reward"),
    update=update("Reward"),
    owned=REWARD_STATE,
    page=PAGE_REWARDS,
)

REDEMPTION_STATE: LiteralString = """UNWIND $keys AS key MATCH (n:Redemption {externalId: key})
OPTIONAL MATCH (n)<-[:REDEEMED]-()<-[:IN_PROGRAMME]-(c)
RETURN collect([n.externalId, CASE WHEN c IS NULL THEN [] ELSE [c.externalId] END,
  [(n)-[:OF]->(w:Reward) | w.externalId], n.state, n.points, n.at, n.settledAt, n.settledBy, n.reason]) AS rows"""
REDEMPTIONS = Statements(
    state=REDEMPTION_STATE,
    create=create("Redemption"),
    update=update("Redemption"),
    owned=REDEMPTION_STATE,
    page=PAGE_REDEMPTIONS,
    links={
        "customer": Link(
            add="""UNWIND $pairs AS p MATCH (n:Redemption {externalId: p[0]})
MATCH (:Customer {externalId: p[1]})-[:IN_PROGRAMME]->(b:ProgrammeMember)
CREATE (b)-[:REDEEMED]->(n)""",
            drop="UNWIND $pairs AS p MATCH (n:Redemption {externalId: p[0]})<-[e:REDEEMED]-() DELETE e",
        ),
        "reward": Link(
            add="""UNWIND $pairs AS p MATCH (n:Redemption {externalId: p[0]})
MATCH (x:Reward {externalId: p[1]})
CREATE (n)-[:OF]->(x)""",
            drop="UNWIND $pairs AS p MATCH (n:Redemption {externalId: p[0]})-[e:OF]->() DELETE e",
        ),
    },
)

# An entry is known by what it is for and its kind, as its unique key says; balances are the sums of all entries.
ENTRY_STATE: LiteralString = """RETURN collect([a.externalId, l.kind,
  CASE WHEN s:ProgrammeAct THEN s.externalId END, CASE WHEN s:Redemption THEN s.externalId END,
  l.at, l.earned, l.spendable, l.owed]) AS rows"""
SUMS: LiteralString = """UNWIND $ids AS id
MATCH (:Customer {externalId: id})-[:IN_PROGRAMME]->(b:ProgrammeMember)
OPTIONAL MATCH (b)-[:HAS_ENTRY]->(l:LedgerEntry)
WITH b, sum(coalesce(l.earned, 0)) AS earned, sum(coalesce(l.spendable, 0)) AS spendable,
  sum(coalesce(l.owed, 0)) AS owed
SET b.earned = earned, b.spendable = spendable, b.owed = owed"""
LEDGER = Statements(
    state=f"""UNWIND $keys AS key
MATCH (a:Customer {{externalId: key[0]}})-[:IN_PROGRAMME]->(b:ProgrammeMember)
MATCH (b)-[:DID|REDEEMED]->(s) WHERE s.externalId = coalesce(key[2], key[3])
MATCH (s)<-[:FOR]-(l:LedgerEntry) WHERE l.kind = key[1] {ENTRY_STATE}""",
    create=f"""UNWIND $rows AS r
MATCH (a:Customer {{externalId: r[0]}})-[:IN_PROGRAMME]->(b:ProgrammeMember)
MATCH (b)-[:DID|REDEEMED]->(s)
WHERE (s:ProgrammeAct AND s.externalId = r[2]) OR (s:Redemption AND s.externalId = r[3])
OPTIONAL MATCH (s)<-[:FOR]-(l:LedgerEntry) WHERE l.kind = r[1]
FOREACH (new IN CASE WHEN l IS NULL THEN [1] ELSE [] END |
  CREATE (b)-[:HAS_ENTRY]->(:LedgerEntry {{kind: r[1], at: r[4], earned: r[5], spendable: r[6], owed: r[7],
    uid: r[8], key: r[1] + ':' + s.uid}})-[:FOR]->(s))
WITH a, s, l WHERE l IS NOT NULL {ENTRY_STATE}""",
    update="",
    owned=f"""UNWIND $keys AS key
MATCH (a:Customer {{externalId: key}})-[:IN_PROGRAMME]->(b:ProgrammeMember)
MATCH (b)-[:HAS_ENTRY]->(l:LedgerEntry)-[:FOR]->(s) {ENTRY_STATE}""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_CUSTOMERS,
    after=(SUMS,),
)

LINK_STATE: LiteralString = """UNWIND $keys AS key MATCH (n:ReferralLink {code: key})
WITH n, COUNT { (n)<-[:VISITED]-() } AS known
WITH n, known, coalesce(n.visitsBefore, 0) + known AS visits
RETURN collect([n.code, [(n)<-[:OFFERS]-(x:Customer) | x.externalId], [(n)-[:PROMOTES]->(x:Product) | x.externalId],
  n.label, n.createdAt, n.endsAt, n.windowDays, n.switchedOn, <visits>]) AS rows"""
# As `graph.referrals` has it: an advocate has one link a product and label.
LINK_KEY: LiteralString = """UNWIND $ids AS id MATCH (n:ReferralLink {code: id})<-[:OFFERS]-(a)
OPTIONAL MATCH (n)-[:PROMOTES]->(p:Product)
SET n.key = a.uid + CASE WHEN p IS NULL THEN '' ELSE ':' + p.uid END + '::' + coalesce(n.labelKey, '')"""
LINKS = Statements(
    state=LINK_STATE.replace("<visits>", "[visits, known]"),
    create="UNWIND $rows AS r CREATE (n:ReferralLink) SET n = r.set REMOVE n.externalId",
    # visits that are told are those before the ones that this graph knows
    update="""UNWIND $rows AS r MATCH (n:ReferralLink {code: r.id})
WITH r, n, COUNT { (n)<-[:VISITED]-() } AS known
SET n += r.set
FOREACH (told IN CASE WHEN r.set.visitsBefore IS NULL THEN [] ELSE [r.set.visitsBefore] END |
  SET n.visitsBefore = CASE WHEN told > known THEN told - known ELSE 0 END)""",
    owned=LINK_STATE.replace("<visits>", "visits"),
    page=PAGE_LINKS,
    after=(LINK_KEY,),
    after_of=("advocate", "product", "label"),
    links={
        "advocate": Link(
            add="""UNWIND $pairs AS p MATCH (n:ReferralLink {code: p[0]})
MATCH (x:Customer {externalId: p[1]})
CREATE (x)-[:OFFERS]->(n)""",
            drop="UNWIND $pairs AS p MATCH (n:ReferralLink {code: p[0]})<-[e:OFFERS]-() DELETE e",
        ),
        "product": Link(
            add="""UNWIND $pairs AS p MATCH (n:ReferralLink {code: p[0]})
MATCH (x:Product {externalId: p[1]})
CREATE (n)-[:PROMOTES]->(x)""",
            drop="UNWIND $pairs AS p MATCH (n:ReferralLink {code: p[0]})-[e:PROMOTES]->() DELETE e",
        ),
    },
)
JOINS = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[0]}) MATCH (b:ReferralLink {code: key[1]})
MATCH (a)-[e:CAME_BY]->(b)
RETURN collect([a.externalId, b.code, e.at]) AS rows""",
    create="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r[0]}) MATCH (b:ReferralLink {code: r[1]})
OPTIONAL MATCH (a)-[e:CAME_BY]->(b)
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END | CREATE (a)-[:CAME_BY {at: r[2]}]->(b))
WITH a, b, e WHERE e IS NOT NULL
RETURN collect([a.externalId, b.code, e.at]) AS rows""",
    update="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r.key[0]}) MATCH (b:ReferralLink {code: r.key[1]})
MATCH (a)-[e:CAME_BY]->(b) SET e += r.set""",
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[e:CAME_BY]->(b:ReferralLink)
RETURN collect([a.externalId, b.code, e.at]) AS rows""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_CUSTOMERS,
)
