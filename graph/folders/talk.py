"""The files of what became of ideas: words, comments, moderation, answers, decisions, who follows and who hears."""

from collections.abc import Sequence
from typing import Any, LiteralString

from graph.comments import DELETED
from graph.consents import Channel, ConsentState, Pace
from graph.folders import values
from graph.folders.history import IMPORTED, Steps, dated, statements_of
from graph.folders.shapes import Column, Missing, Table, end, first, own_id
from graph.folders.statements import (
    LOCK_CUSTOMERS,
    LOCK_IDEAS,
    PAGE_CUSTOMERS,
    PAGE_IDEAS,
    Statements,
    create,
    link,
    lock,
    page,
    update,
)
from graph.folders.values import Value
from graph.ideas import IdeaStatus
from graph.moderation import Moderation
from graph.records import new_uid
from graph.text import fold

PAGE_COMMENTS = page("Comment")
LOCK_COMMENTS = lock("Comment")

COMMENT_STATE: LiteralString = """UNWIND $keys AS key MATCH (n:Comment {externalId: key})
RETURN collect([n.externalId, [(n)-[:ON_IDEA]->(x:Idea) | x.externalId],
  [(n)<-[:COMMENTED]-(x:Customer) | x.externalId], n.text, n.at, [(n)-[:REPLIES_TO]->(x:Comment) | x.externalId],
  n.state, n.links, n.editedAt, n.deletedAt, n.moderationReason, n.appealText, n.appealedAt]) AS rows"""
# A comment that gets a place in a thread takes what answers it along.
COMMENT_DEPTH: LiteralString = """UNWIND $ids AS id
MATCH (n:Comment {externalId: id})<-[:REPLIES_TO*0..]-(d:Comment)
WITH DISTINCT d
MATCH path = (d)-[:REPLIES_TO*0..]->(:Comment)
WITH d, max(length(path)) AS depth
SET d.depth = depth"""
COMMENTS = Statements(
    state=COMMENT_STATE,
    create=create("Comment"),
    update=update("Comment"),
    owned=COMMENT_STATE,
    page=PAGE_COMMENTS,
    after=(COMMENT_DEPTH,),
    after_of=("reply_to",),
    leads="""UNWIND $ids AS id MATCH (n:Comment {externalId: id})-[:REPLIES_TO]->(x:Comment)
RETURN collect([id, x.externalId]) AS rows""",
    links={
        "idea": link("Comment", "ON_IDEA", "Idea"),
        "author": link("Comment", "COMMENTED", "Customer", back=True, kept="author"),
        "reply_to": link("Comment", "REPLIES_TO", "Comment"),
    },
)

# The last answer stands at the idea; what was published with a decision belongs to it.
LAST_ANSWER: LiteralString = """UNWIND $ids AS id
MATCH (i:Idea {externalId: id})-[:HAS_ANSWER]->(u:Answer)
WITH i, max(u.version) AS last SET i.answers = last
WITH i MATCH (i)-[:HAS_ANSWER]->(u:Answer) WHERE u.version = i.answers SET i.answer = u.uid"""
ANSWERED_WITH: LiteralString = """UNWIND $ids AS id
MATCH (i:Idea {externalId: id})-[:HAS_STATUS]->(s:StatusChange)
MATCH (i)-[:HAS_ANSWER]->(u:Answer) WHERE u.publishedAt = s.at
MERGE (s)-[:SAYS]->(u)"""

IDEA_FOLLOWS = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key[0]}) MATCH (b:Idea {externalId: key[1]})
MATCH (a)-[e:FOLLOWS_IDEA]->(b)
RETURN collect([a.externalId, b.externalId, e.since, e.muted]) AS rows""",
    create="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r[0]}) MATCH (b:Idea {externalId: r[1]})
OPTIONAL MATCH (a)-[e:FOLLOWS_IDEA]->(b)
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END |
  CREATE (a)-[:FOLLOWS_IDEA {since: r[2], muted: coalesce(r[3], false)}]->(b))
WITH a, b, e WHERE e IS NOT NULL
RETURN collect([a.externalId, b.externalId, e.since, e.muted]) AS rows""",
    update="""UNWIND $rows AS r
MATCH (a:Customer {externalId: r.key[0]}) MATCH (b:Idea {externalId: r.key[1]})
MATCH (a)-[e:FOLLOWS_IDEA]->(b) SET e += r.set""",
    owned="""UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[e:FOLLOWS_IDEA]->(b:Idea)
RETURN collect([a.externalId, b.externalId, e.since, e.muted]) AS rows""",
    page=PAGE_CUSTOMERS,
    lock=LOCK_CUSTOMERS,
)

IDEA_TOPICS = Statements(
    state="""UNWIND $keys AS key
MATCH (a:Idea {externalId: key[0]})-[:ON]->(b:Topic) WHERE b.name = key[1]
RETURN collect([a.externalId, b.name]) AS rows""",
    create="""UNWIND $rows AS r MATCH (a:Idea {externalId: r[0]})
MERGE (b:Topic {externalId: r[2]}) ON CREATE SET b.uid = r[3], b.name = r[1], b.nameKey = r[2]
WITH r, a, b OPTIONAL MATCH (a)-[e:ON]->(b)
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END | CREATE (a)-[:ON]->(b))
WITH r, a, e WHERE e IS NOT NULL
RETURN collect([a.externalId, r[1]]) AS rows""",
    update="",
    owned="""UNWIND $keys AS key
MATCH (a:Idea {externalId: key})-[:ON]->(b:Topic) WHERE b.name IS NOT NULL
RETURN collect([a.externalId, b.name]) AS rows""",
    page=PAGE_IDEAS,
    lock=LOCK_IDEAS,
)

REVISIONS = Steps(
    "Idea", "HAS_REVISION", "IdeaRevision", ("replacedAt", "title", "body", "links", "reason", "by")
)
IDEA_MODERATION = Steps(
    "Idea", "HAS_MODERATION", "ModerationStep", ("at", "state", "reason", "appeal", "by"), keys=2
)
COMMENT_MODERATION = Steps(
    "Comment", "HAS_MODERATION", "ModerationStep", ("at", "state", "reason", "appeal", "by"), keys=2
)
ANSWERS = Steps(
    "Idea",
    "HAS_ANSWER",
    "Answer",
    ("version", "text", "by", "publishedAt"),
    fixed="state: 'PUBLISHED'",
)
DECISIONS = Steps("Idea", "HAS_STATUS", "StatusChange", ("at", "from", "to", "reason", "by"), keys=3)
CONSENTS = Steps(
    "Customer",
    "GAVE",
    "Consent",
    ("channel", "at", "state", "pace", "wording", "proof", "by"),
    keys=3,
    fixed="purpose: 'IDEAS'",
)
# What holds is what the last step on a channel says.
HOLDS: tuple[LiteralString, ...] = (
    """UNWIND $ids AS id MATCH (c:Customer {externalId: id})-[:GAVE]->(k:Consent) WHERE k.channel = 'EMAIL'
WITH c, max(k.uid) AS last MATCH (k:Consent {uid: last})
SET c.ideasByEmail = CASE WHEN k.state = 'GIVEN' THEN k.pace END""",
    """UNWIND $ids AS id MATCH (c:Customer {externalId: id})-[:GAVE]->(k:Consent) WHERE k.channel = 'WEBHOOK'
WITH c, max(k.uid) AS last MATCH (k:Consent {uid: last})
SET c.ideasByWebhook = CASE WHEN k.state = 'GIVEN' THEN k.pace END""",
)


def _unread(_: str) -> dict[str, Any]:
    # what was read out of another text no longer holds
    return {"language": None, "sentiment": None, "sentimentLabel": None}


def _comment(row: Sequence[Value | None]) -> None:
    if row[0] == first(row[5]):
        raise ValueError("a comment cannot reply to itself")
    if row[6] == DELETED and row[3] is not None:
        raise ValueError("a deleted comment has no text")


def _consent(row: Sequence[Value | None]) -> None:
    if row[1] == Channel.IN_APP:
        raise ValueError("channel: the inbox needs no consent")
    if (row[4] is None) == (row[3] == ConsentState.GIVEN):
        raise ValueError("pace: a consent that is given has one, IMMEDIATE or DAILY; a withdrawal has none")


def _on_topic(row: Sequence[Value | None], _: str) -> Sequence[Value | None]:
    return [*row, fold(str(row[1])), new_uid()]


def _moderated(owner: str, label: str, steps: Steps, page: LiteralString, lock: LiteralString) -> Table:
    return Table(
        f"{owner}_moderation",
        (
            end(owner, label),
            Column("at", values.instant, needed=True, stored="at"),
            Column("state", values.choice(Moderation), needed=True, stored="state"),
            Column("reason", values.text, stored="reason"),
            Column("appeal", values.text, stored="appeal"),
            Column("by", stored="by"),
        ),
        statements_of(steps, page, lock),
        key=3,
        complete=dated(1, (5, IMPORTED)),
    )


TALK: tuple[Table, ...] = (
    Table(
        "comments",
        (
            own_id(),
            Column("idea", values.identifier, needed=True, refers="Idea", linked=True),
            Column("author", values.identifier, refers="Customer", linked=True),
            Column("text", values.text, stored="text", derive=_unread),
            Column("at", values.instant, stored="at"),
            Column(
                "reply_to",
                values.identifier,
                refers="Comment",
                missing=Missing.LATER,
                linked=True,
                acyclic=True,
            ),
            Column("state", values.word(*Moderation, DELETED), stored="state"),
            Column("links", values.secure, stored="links", many=True),
            Column("edited_at", values.instant, stored="editedAt"),
            Column("deleted_at", values.instant, stored="deletedAt"),
            Column("moderation_reason", values.text, stored="moderationReason"),
            Column("appeal", values.text, stored="appealText"),
            Column("appealed_at", values.instant, stored="appealedAt"),
        ),
        COMMENTS,
        label="Comment",
        check=_comment,
        defaults={"state": "PUBLISHED", "depth": 0, "links": []},
    ),
    Table(
        "idea_topics",
        (end("idea", "Idea"), Column("topic", needed=True)),
        IDEA_TOPICS,
        key=2,
        complete=_on_topic,
    ),
    Table(
        "idea_revisions",
        (
            end("idea", "Idea"),
            Column("replaced_at", values.instant, needed=True, stored="replacedAt"),
            Column("title", stored="title"),
            Column("body", values.text, stored="body"),
            Column("links", values.secure, stored="links", many=True),
            Column("reason", values.text, stored="reason"),
            Column("by", stored="by"),
        ),
        statements_of(REVISIONS, PAGE_IDEAS, LOCK_IDEAS),
        key=2,
        complete=dated(1, (4, []), (6, IMPORTED)),
    ),
    _moderated("idea", "Idea", IDEA_MODERATION, PAGE_IDEAS, LOCK_IDEAS),
    _moderated("comment", "Comment", COMMENT_MODERATION, PAGE_COMMENTS, LOCK_COMMENTS),
    Table(
        "answers",
        (
            end("idea", "Idea"),
            Column("version", values.integer(1, 2**31), needed=True, stored="version"),
            Column("text", values.text, needed=True, stored="text"),
            Column("author", stored="by"),
            Column("published_at", values.instant, needed=True, stored="publishedAt"),
        ),
        statements_of(ANSWERS, PAGE_IDEAS, LOCK_IDEAS, (LAST_ANSWER, ANSWERED_WITH)),
        key=2,
        complete=dated(4, (3, IMPORTED)),
    ),
    Table(
        "decisions",
        (
            end("idea", "Idea"),
            Column("at", values.instant, needed=True, stored="at"),
            Column("from", values.choice(IdeaStatus), needed=True, stored="from"),
            Column("to", values.choice(IdeaStatus), needed=True, stored="to"),
            Column("reason", values.text, needed=True, stored="reason"),
            Column("by", stored="by"),
        ),
        statements_of(DECISIONS, PAGE_IDEAS, LOCK_IDEAS, (ANSWERED_WITH,)),
        key=4,
        complete=dated(1, (5, IMPORTED)),
    ),
    Table(
        "idea_follows",
        (
            end("customer", "Customer"),
            end("idea", "Idea"),
            Column("since", values.instant, stored="since"),
            Column("muted", values.boolean, stored="muted"),
        ),
        IDEA_FOLLOWS,
        key=2,
    ),
    Table(
        "consents",
        (
            end("customer", "Customer"),
            Column("channel", values.choice(Channel), needed=True, stored="channel"),
            Column("at", values.instant, needed=True, stored="at"),
            Column("state", values.choice(ConsentState), needed=True, stored="state"),
            Column("pace", values.choice(Pace), stored="pace"),
            Column("wording", values.text, stored="wording"),
            Column("proof", stored="proof"),
            Column("by", stored="by"),
        ),
        statements_of(CONSENTS, PAGE_CUSTOMERS, LOCK_CUSTOMERS, HOLDS),
        key=4,
        check=_consent,
        complete=dated(2),
    ),
)
