"""The words of an idea after it was proposed: edited, with every former wording kept; and the topics it is on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph import validate
from graph.driver import Transaction
from graph.errors import Invalid, NotAllowed, NotFound
from graph.ideas import check_voice
from graph.known import Noun, require, require_all
from graph.moderation import ModeratedWhen, Moderation
from graph.records import new_uid
from graph.rows import one, run
from graph.text import fold

TOPICS = 20


@dataclass(frozen=True, slots=True)
class Revised:
    """An idea that was edited, and the number of wordings it had before; none is new if nothing changed."""

    uid: str
    changed: bool


# The idea is locked before it is looked at: of two edits each leaves the wording it replaced.
LOCK = """
MATCH (i:Idea {uid: $uid})
SET i.touched = coalesce(i.touched, 0) + 1
WITH i
OPTIONAL MATCH (i)<-[:PROPOSED]-(a:Customer)
OPTIONAL MATCH (i)<-[:VOTED]-(v:Customer) WHERE v.uid <> coalesce($editor, '')
RETURN i.title AS title, i.body AS body, i.links AS links, a.uid AS author, count(v) AS voters,
       coalesce(i.moderation, 'PUBLISHED') AS state, [(i)-[:IN_CHALLENGE]->(h) | h.moderation][0] AS moderated
"""

REVISE = """
MATCH (i:Idea {uid: $uid})
SET i += $now, i.wordedAt = $at
CREATE (i)-[:HAS_REVISION]->(r:IdeaRevision)
SET r += $before
"""


async def idea_edit(
    tx: Transaction,
    *,
    idea: str,
    editor: str | None,
    fields: Mapping[str, Any],
    by: str,
    now: str,
    reason: str | None = None,
) -> Revised:
    """Change title, body or links; what they were is kept as a revision.

    Its author (`editor`) may while nobody else has voted on it; staff (None) always, with a reason. Where a challenge
    is moderated before, what its author changed waits to be published again.
    """
    uid = validate.identifier(idea, "idea")
    why = None if reason is None else validate.prose(reason, "reason")
    row = await one(tx, LOCK, uid=uid, editor=editor)
    if row is None:
        raise NotFound(f"There is no idea {uid}: give the id of one.", field="idea")
    await _check_editor(tx, row, editor, why)
    before = {"title": row["title"], "body": row["body"], "links": row["links"] or []}
    after = {name: value for name, value in _checked(fields).items() if before[name] != value}
    if not after:
        return Revised(uid, changed=False)
    if "title" in after:
        after["titleKey"] = fold(after["title"])
    first = ModeratedWhen(row["moderated"] or ModeratedWhen.AFTER).first
    if editor is not None and row["state"] == Moderation.PUBLISHED and first is Moderation.PENDING:
        after["moderation"] = first.value
    kept = before | {"uid": new_uid(), "replacedAt": now, "by": by, "reason": why}
    await run(tx, REVISE, uid=uid, now=after, at=now, before=kept)
    return Revised(uid, changed=True)


async def _check_editor(
    tx: Transaction, row: Mapping[str, Any], editor: str | None, reason: str | None
) -> None:
    if editor is None:
        if reason is None:
            raise Invalid("Staff gives a reason for changing somebody's words.", field="reason")
        return
    if row["author"] != editor:
        raise NotAllowed("Only its author may edit an idea.", field="editor")
    if row["voters"]:
        raise NotAllowed(
            "Others have voted on these words: ask a product manager to change them.", field="idea"
        )
    await check_voice(tx, editor, "editor")


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "title" in fields:
        found["title"] = validate.line(fields["title"], "title")
    if "body" in fields:
        found["body"] = None if fields["body"] is None else validate.prose(fields["body"], "body")
    if "links" in fields:
        found["links"] = validate.links(fields["links"] or (), "links")
    return found


# The idea is locked before its topics are looked at: of two requests the later one takes those of the first away.
CLEAR = """
MATCH (i:Idea {uid: $uid})
SET i.touched = coalesce(i.touched, 0) + 1
WITH i MATCH (i)-[e:ON]->(:Topic) DELETE e
"""

ON = """
MATCH (i:Idea {uid: $uid})
UNWIND $topics AS topic
MATCH (o:Topic {uid: topic})
CREATE (i)-[:ON]->(o)
"""

MADE = """
UNWIND $rows AS row
MERGE (o:Topic {externalId: row.key})
ON CREATE SET o.uid = row.uid, o.name = row.name, o.nameKey = row.key
RETURN o.uid AS uid
"""


async def set_topics(tx: Transaction, *, idea: str, topics: Sequence[str], names: Sequence[str] = ()) -> str:
    """Put an idea on these topics and no others; a name that no topic has makes one."""
    uid = await require(tx, Noun.IDEA, idea, "idea")
    given = validate.several([*topics, *names], "topics", maximum=TOPICS)
    known = await require_all(tx, Noun.TOPIC, topics, "topics")
    for name in given[len(topics) :]:
        shown = validate.line(name, "names")
        rows = [{"key": fold(shown), "uid": new_uid(), "name": shown}]
        made = await one(tx, MADE, rows=rows)
        known += [made["uid"]] if made else []
    await run(tx, CLEAR, uid=uid)
    await run(tx, ON, uid=uid, topics=list(dict.fromkeys(known)))
    return uid
