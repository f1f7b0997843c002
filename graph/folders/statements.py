"""The Cypher of every import file, as data: the import and the export run it.

Each file has a `state`: the stored values of a row as a list in the order of the file's columns. The import
asks for it to see what is new, changed or the same; the export writes it out. Lists, not maps: the embedded
engine loses keys of maps inside collect(). `$keys` holds ids, or lists of ids where a row has several.

Between two records, `create` makes what is missing and answers the state of what is there: both ends are
looked up once, and an entry is sent once, as the list of its values.
"""

from dataclasses import dataclass, field
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class Link:
    """Adds and drops the relationships that stand behind a column; `$pairs` holds [id, id of the other]."""

    add: LiteralString
    drop: LiteralString


@dataclass(frozen=True, slots=True)
class Statements:
    """What one file needs: the state of rows, how they are made and changed, and whose they are."""

    state: LiteralString
    create: LiteralString
    update: LiteralString
    owned: LiteralString
    page: LiteralString
    lock: LiteralString | None = None
    links: dict[str, Link] = field(default_factory=dict)
    # What follows from the rows: run for `$ids`, the owners of changed ones, if they changed these columns.
    after: tuple[LiteralString, ...] = ()
    after_of: tuple[str, ...] = ()
    leads: LiteralString | None = None  # where a column that leads to no circle leads from `$ids`
    create_by: LiteralString | None = None  # instead of create where a row has an author: one look-up less


def create(label: LiteralString) -> LiteralString:
    """Makes records of their properties."""
    return f"UNWIND $rows AS r CREATE (n:{label}) SET n = r.set"


def update(label: LiteralString) -> LiteralString:
    """Changes properties of records."""
    return f"UNWIND $rows AS r MATCH (n:{label} {{externalId: r.id}}) SET n += r.set"


def page(label: LiteralString, key: LiteralString = "externalId") -> LiteralString:
    """The ids of records behind one."""
    return f"""MATCH (n:{label}) WHERE n.{key} > $after
RETURN n.{key} AS id ORDER BY n.{key} LIMIT $limit"""


def lock(label: LiteralString) -> LiteralString:
    """Takes the write lock and leaves no trace: a pair that a mutation makes meanwhile is not made twice."""
    return f"UNWIND $ids AS id MATCH (n:{label} {{externalId: id}}) SET n.held = true REMOVE n.held"


def link(
    label: LiteralString,
    kind: LiteralString,
    other: LiteralString,
    *,
    back: bool = False,
    kept: LiteralString | None = None,
) -> Link:
    """A relationship from a record to another, or back from it; `kept` is where the record has its uid too."""
    left, right = ("<-", "-") if back else ("-", "->")
    add, drop = (f" SET n.{kept} = x.uid", f" REMOVE n.{kept}") if kept else ("", "")
    return Link(
        add=f"""UNWIND $pairs AS p MATCH (n:{label} {{externalId: p[0]}})
MATCH (x:{other} {{externalId: p[1]}})
CREATE (n){left}[:{kind}]{right}(x){add}""",
        drop=f"""UNWIND $pairs AS p
MATCH (n:{label} {{externalId: p[0]}}){left}[e:{kind}]{right}(x:{other} {{externalId: p[1]}}) DELETE e{drop}""",
    )


PAGE_CUSTOMERS = page("Customer")
PAGE_COMMUNITIES = page("Community")
PAGE_PRODUCTS = page("Product")
PAGE_MENTIONS = page("Mention")
PAGE_CHALLENGES = page("Challenge")
PAGE_IDEAS = page("Idea")

LOCK_CUSTOMERS = lock("Customer")
LOCK_COMMUNITIES = lock("Community")
LOCK_PRODUCTS = lock("Product")
LOCK_IDEAS = lock("Idea")

CUSTOMER_STATE: LiteralString = """UNWIND $keys AS key
MATCH (n:Customer {externalId: key})
RETURN collect([n.externalId, n.name,
  [(n)-[:IDENTIFIED_BY]->(i:Identity) | replace(i.channel, ':', '_') + ':' + i.handle],
  n.email, n.phone, n.city,
  n.locale, n.birthDate, n.joinedAt, n.kind, n.suspended, n.value]) AS rows"""
CUSTOMERS = Statements(
    state=CUSTOMER_STATE,
    create="""UNWIND $rows AS r CREATE (n:Customer) SET n = r.set
FOREACH (i IN r.identities | CREATE (n)-[:IDENTIFIED_BY]->
  (:Identity {uid: i.uid, key: i.key, channel: i.channel, handle: i.handle}))""",
    update="UNWIND $rows AS r MATCH (n:Customer {externalId: r.id}) SET n += r.set",
    owned=CUSTOMER_STATE,
    page=PAGE_CUSTOMERS,
)

# Somebody else may hold the handle, or nobody.
CLAIMS = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[0]})-[:CLAIMED]->(i:Identity {key: key[1]})
RETURN collect([a.externalId, i.key]) AS rows""",
    create="""UNWIND $rows AS r MATCH (a:Customer {externalId: r[0]})
MERGE (i:Identity {key: r[1]}) ON CREATE SET i.uid = r[2], i.channel = r[3], i.handle = r[4]
WITH a, i OPTIONAL MATCH (a)-[e:CLAIMED]->(i)
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END | CREATE (a)-[:CLAIMED]->(i))
WITH a, i, e WHERE e IS NOT NULL
RETURN collect([a.externalId, i.key]) AS rows""",
    update="",
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[:CLAIMED]->(i:Identity)
RETURN collect([a.externalId, i.key]) AS rows""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_CUSTOMERS,
)

COMMUNITY_STATE: LiteralString = """UNWIND $keys AS key
MATCH (n:Community {externalId: key}) RETURN collect([n.externalId, n.name, n.kind]) AS rows"""
COMMUNITIES = Statements(
    state=COMMUNITY_STATE,
    create=create("Community"),
    update=update("Community"),
    owned=COMMUNITY_STATE,
    page=PAGE_COMMUNITIES,
)

MEMBERSHIPS = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[0]}) MATCH (b:Community {externalId: key[1]})
MATCH (a)-[e:MEMBER_OF]->(b)
RETURN collect([a.externalId, b.externalId, e.role, e.since]) AS rows""",
    create="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r[0]}) MATCH (b:Community {externalId: r[1]})
OPTIONAL MATCH (a)-[e:MEMBER_OF]->(b)
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END |
  CREATE (a)-[:MEMBER_OF {role: r[2], since: r[3], community: b.uid}]->(b))
WITH a, b, e WHERE e IS NOT NULL
RETURN collect([a.externalId, b.externalId, e.role, e.since]) AS rows""",
    update="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r.key[0]}) MATCH (b:Community {externalId: r.key[1]})
MATCH (a)-[e:MEMBER_OF]->(b) SET e += r.set""",
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[e:MEMBER_OF]->(b:Community)
RETURN collect([a.externalId, b.externalId, e.role, e.since]) AS rows""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_COMMUNITIES,
)

FOLLOWS = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[0]}) MATCH (b:Customer {externalId: key[1]})
MATCH (a)-[e:FOLLOWS]->(b)
RETURN collect([a.externalId, b.externalId, e.since]) AS rows""",
    create="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r[0]}) MATCH (b:Customer {externalId: r[1]})
OPTIONAL MATCH (a)-[e:FOLLOWS]->(b)
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END | CREATE (a)-[:FOLLOWS {since: r[2]}]->(b))
WITH a, b, e WHERE e IS NOT NULL
RETURN collect([a.externalId, b.externalId, e.since]) AS rows""",
    update="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r.key[0]}) MATCH (b:Customer {externalId: r.key[1]})
MATCH (a)-[e:FOLLOWS]->(b) SET e += r.set""",
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[e:FOLLOWS]->(b:Customer)
RETURN collect([a.externalId, b.externalId, e.since]) AS rows""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_CUSTOMERS,
)

PRODUCT_STATE: LiteralString = """UNWIND $keys AS key
MATCH (n:Product {externalId: key}) RETURN collect([n.externalId, n.name, n.category]) AS rows"""
PRODUCTS = Statements(
    state=PRODUCT_STATE,
    create=create("Product"),
    update=update("Product"),
    owned=PRODUCT_STATE,
    page=PAGE_PRODUCTS,
)

PURCHASES = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[1]}) MATCH (b:Product {externalId: key[2]})
MATCH (a)-[e:PURCHASED]->(b) WHERE e.order = key[0]
RETURN collect([e.order, a.externalId, b.externalId, e.quantity, e.amount, e.currency, e.at]) AS rows""",
    create="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r[1]}) MATCH (b:Product {externalId: r[2]})
OPTIONAL MATCH (a)-[e:PURCHASED]->(b) WHERE e.order = r[0]
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END |
  MERGE (a)-[:OWNS]->(b)
  CREATE (a)-[:PURCHASED {order: r[0], quantity: r[3], amount: r[4], currency: r[5], at: r[6]}]->(b))
WITH a, b, e WHERE e IS NOT NULL
RETURN collect([e.order, a.externalId, b.externalId, e.quantity, e.amount, e.currency, e.at]) AS rows""",
    update="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r.key[1]}) MATCH (b:Product {externalId: r.key[2]})
MATCH (a)-[e:PURCHASED]->(b) WHERE e.order = r.key[0] SET e += r.set""",
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[e:PURCHASED]->(b:Product)
RETURN collect([e.order, a.externalId, b.externalId, e.quantity, e.amount, e.currency, e.at]) AS rows""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_PRODUCTS,
)

MENTION_STATE: LiteralString = """UNWIND $keys AS key
MATCH (n:Mention {externalId: key})
RETURN collect([n.externalId, [(n)<-[:WROTE]-(x:Customer) | x.externalId], n.channel, n.text, n.at,
  [(n)-[:IN_REPLY_TO]->(x:Mention) | x.externalId], [(n)-[:SHARES]->(x:Mention) | x.externalId],
  [(n)-[:NAMES]->(x:Customer) | x.externalId], [(n)-[:IN]->(x:Community) | x.externalId],
  [(n)-[:ABOUT]->(x:Product) | x.externalId], n.url, n.givenSentiment]) AS rows"""
MENTIONS = Statements(
    state=MENTION_STATE,
    create=create("Mention"),
    update=update("Mention"),
    owned=MENTION_STATE,
    create_by="""UNWIND $rows AS r
MATCH (x:Customer {externalId: r.author}) CREATE (x)-[:WROTE]->(n:Mention) SET n = r.set SET n.author = x.uid""",
    page=PAGE_MENTIONS,
    links={
        "author": link("Mention", "WROTE", "Customer", back=True, kept="author"),
        "in_reply_to": link("Mention", "IN_REPLY_TO", "Mention"),
        "shares": link("Mention", "SHARES", "Mention"),
        "names": link("Mention", "NAMES", "Customer"),
        "community": link("Mention", "IN", "Community"),
        "products": link("Mention", "ABOUT", "Product"),
    },
)

# As `graph.advocacy` has it: what a referral link brought is counted again.
BROUGHT: LiteralString = """UNWIND $ids AS id MATCH (a:Customer {externalId: id})-[:OFFERS]->(k:ReferralLink)
OPTIONAL MATCH (a)-[l:ADVOCATED]->(:Customer) WHERE l.referralLink = k.uid
WITH k, count(l) AS conversions, sum(coalesce(l.value, 0.0)) AS value
SET k.conversions = conversions, k.value = toFloat(value)"""
# An advocacy link is found by its end points: the embedded engine scans all links when asked by externalId.
ADVOCACY = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[1]}) MATCH (b:Customer {externalId: key[2]})
MATCH (a)-[e:ADVOCATED]->(b) WHERE e.externalId = key[0]
RETURN collect([e.externalId, a.externalId, b.externalId,
  e.kind, e.weight, e.at, e.product, e.outcome, e.outcomeAt, e.value, e.referralLink]) AS rows""",
    create="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r[1]}) MATCH (b:Customer {externalId: r[2]})
OPTIONAL MATCH (a)-[e:ADVOCATED]->(b) WHERE e.externalId = r[0]
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END |
  CREATE (a)-[:ADVOCATED {externalId: r[0], kind: r[3], weight: r[4], at: r[5], product: r[6], outcome: r[7],
    outcomeAt: r[8], value: r[9], referralLink: r[10], uid: r[11], createdAt: r[12]}]->(b))
WITH a, b, e WHERE e IS NOT NULL
RETURN collect([e.externalId, a.externalId, b.externalId,
  e.kind, e.weight, e.at, e.product, e.outcome, e.outcomeAt, e.value, e.referralLink]) AS rows""",
    update="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r.key[1]}) MATCH (b:Customer {externalId: r.key[2]})
MATCH (a)-[e:ADVOCATED]->(b) WHERE e.externalId = r.key[0] SET e += r.set""",
    after=(BROUGHT,),
    after_of=("referral_link", "value"),
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[e:ADVOCATED]->(b:Customer)
RETURN collect([e.externalId, a.externalId, b.externalId,
  e.kind, e.weight, e.at, e.product, e.outcome, e.outcomeAt, e.value, e.referralLink]) AS rows""",
    page=PAGE_CUSTOMERS,
)

CHALLENGE_STATE: LiteralString = """UNWIND $keys AS key MATCH (n:Challenge {externalId: key})
RETURN collect([n.externalId, n.title, n.question, n.opensAt, n.closesAt, n.voteAt, n.decidedAt, n.timeZone, n.kind,
  n.ideaLimit, n.voteLimit, n.pointBudget, n.hidesTally, n.categories, n.currency, n.costBudget, n.moderation,
  n.untrustedShare, n.audience]) AS rows"""
CHALLENGES = Statements(
    state=CHALLENGE_STATE,
    create=create("Challenge"),
    update=update("Challenge"),
    owned=CHALLENGE_STATE,
    page=PAGE_CHALLENGES,
)

IDEA_STATE: LiteralString = """UNWIND $keys AS key MATCH (n:Idea {externalId: key})
RETURN collect([n.externalId, [(n)-[:IN_CHALLENGE]->(x:Challenge) | x.externalId],
  [(n)<-[:PROPOSED]-(x:Customer) | x.externalId], n.title, n.body, n.at, n.category, n.cost,
  [(n)-[:DUPLICATE_OF]->(x:Idea) | x.externalId], n.links, n.status, n.plannedFor, n.shippedUrl,
  n.moderation, n.moderationReason, n.appealText, n.appealedAt]) AS rows"""
# As `graph.decisions` has it: adopted ideas by their date, one without a date last.
ROADMAP: LiteralString = """UNWIND $ids AS id MATCH (i:Idea {externalId: id})
SET i.roadmapKey = CASE WHEN i.status IN ['PLANNED', 'IN_PROGRESS', 'DELIVERED']
  THEN coalesce(i.plannedFor, '9999-12-31') END"""
IDEAS = Statements(
    state=IDEA_STATE,
    create=create("Idea"),
    update=update("Idea"),
    owned=IDEA_STATE,
    page=PAGE_IDEAS,
    after=(ROADMAP,),
    after_of=("status", "planned_for"),
    leads="""UNWIND $ids AS id MATCH (n:Idea {externalId: id})-[:DUPLICATE_OF]->(x:Idea)
RETURN collect([id, x.externalId]) AS rows""",
    links={
        "challenge": link("Idea", "IN_CHALLENGE", "Challenge"),
        "author": link("Idea", "PROPOSED", "Customer", back=True),
        "duplicate_of": link("Idea", "DUPLICATE_OF", "Idea"),
    },
)

VOTES = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[0]}) MATCH (b:Idea {externalId: key[1]})
MATCH (a)-[e:VOTED]->(b)
RETURN collect([a.externalId, b.externalId, e.value, e.at, e.points]) AS rows""",
    create="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r[0]}) MATCH (b:Idea {externalId: r[1]})
OPTIONAL MATCH (a)-[e:VOTED]->(b)
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END |
  CREATE (a)-[:VOTED {value: r[2], at: r[3], points: r[4]}]->(b))
WITH a, b, e WHERE e IS NOT NULL
RETURN collect([a.externalId, b.externalId, e.value, e.at, e.points]) AS rows""",
    update="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r.key[0]}) MATCH (b:Idea {externalId: r.key[1]})
MATCH (a)-[e:VOTED]->(b) SET e += r.set""",
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[e:VOTED]->(b:Idea)
RETURN collect([a.externalId, b.externalId, e.value, e.at, e.points]) AS rows""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_IDEAS,
)
