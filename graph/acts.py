"""Acts of members for the brand: recorded with evidence of this graph, judged by a person, paid by the ledger."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, LiteralString

from graph import ledger, validate
from graph.advocacy import AdvocacyKind
from graph.driver import Transaction
from graph.errors import Invalid, NotAllowed, NotFound, Taken
from graph.ideas import IdeaStatus
from graph.programme import ActKind, Member, hold, hold_active, points_of
from graph.records import new_uid, parse_instant
from graph.rows import one, run


class ActState(StrEnum):
    """How far an act has come."""

    RECORDED = "RECORDED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    REVERSED = "REVERSED"


class Form(StrEnum):
    """What an evidence is."""

    MENTION = "mention"
    LINK = "link"
    IDEA = "idea"


@dataclass(frozen=True, slots=True)
class Act:
    """Which act a write met, and how far it is now."""

    uid: str
    member: str
    kind: ActKind
    state: ActState


FORMS = {
    ActKind.REFERRAL: (Form.LINK,),
    ActKind.ANSWER: (Form.MENTION,),
    ActKind.REVIEW: (Form.MENTION, Form.LINK),
    ActKind.DEFENCE: (Form.LINK, Form.MENTION),
    ActKind.IDEA_ADOPTED: (Form.IDEA,),
}
LINKS = {
    ActKind.REFERRAL: {AdvocacyKind.REFERRAL},
    ActKind.REVIEW: {
        AdvocacyKind.RECOMMENDATION,
        AdvocacyKind.WARNING,
    },  # an honest word pays, whichever it is
    ActKind.DEFENCE: {AdvocacyKind.DEFENCE},
}

EVIDENCE: dict[Form, LiteralString] = {
    Form.MENTION: """
MATCH (m:Mention {uid: $uid})
OPTIONAL MATCH (c)-[:WROTE]->(m)
OPTIONAL MATCH (m)-[:IN_REPLY_TO]->(q)
OPTIONAL MATCH (o)-[:WROTE]->(q)
RETURN c.uid AS by, o.uid AS counterpart, m.at AS at, null AS kind, null AS outcome, null AS value
""",
    # no label on the ends: with one, the embedded engine walks all customers instead of the index of links
    Form.LINK: """
MATCH (c)-[l:ADVOCATED]->(o) WHERE l.uid = $uid
RETURN c.uid AS by, o.uid AS counterpart, l.at AS at, l.kind AS kind, l.outcome AS outcome, l.value AS value
""",
    Form.IDEA: """
MATCH (i:Idea {uid: $uid})
OPTIONAL MATCH (c)-[:PROPOSED]->(i)
RETURN c.uid AS by, null AS counterpart, i.at AS at, i.status AS kind, null AS outcome, null AS value
""",
}

RECORDED = """
MATCH (d:ProgrammeAct {evidence: $evidence})
RETURN d.uid AS uid, d.kind AS kind, d.state AS state
"""

RECORD = """
MATCH (b:ProgrammeMember {uid: $member})
CREATE (b)-[:DID]->(d:ProgrammeAct {uid: $uid, externalId: $uid, evidence: $evidence})
SET d += $properties
"""

SHOWN: dict[Form, LiteralString] = {
    Form.MENTION: """
MATCH (d:ProgrammeAct {uid: $act}), (m:Mention {uid: $uid}) CREATE (d)-[:SHOWN_BY]->(m)
""",
    Form.LINK: """
MATCH (d:ProgrammeAct {uid: $act}) SET d.link = $uid
""",
    Form.IDEA: """
MATCH (d:ProgrammeAct {uid: $act}), (i:Idea {uid: $uid}) CREATE (d)-[:SHOWN_BY]->(i)
""",
}


async def record(
    tx: Transaction,
    *,
    customer: str,
    kind: str,
    now: str,
    mention: str | None = None,
    link: str | None = None,
    idea: str | None = None,
    outcome: str | None = None,
    value: float | None = None,
) -> Act:
    """Record an act of a member with its one evidence, which is the member's own and serves no other act.

    Outcome and value are those of the advocacy link unless they are given.
    """
    act = validate.choice(ActKind, kind, "kind")
    form, uid = _evidence(act, {Form.MENTION: mention, Form.LINK: link, Form.IDEA: idea})
    given: dict[str, Any] = {}
    if outcome is not None:
        given["outcome"] = validate.line(outcome, "outcome")
    if value is not None:
        given["value"] = validate.number(value, "value")
    member = await hold_active(tx, customer)
    found = await one(tx, EVIDENCE[form], uid=uid)
    if found is None:
        raise NotFound(f"There is no {_NAMES[form]} {uid}: give the id of one.", field=form.value)
    _check_evidence(act, form, found, member)
    evidence = f"{form.value}:{uid}"
    if stored := await one(tx, RECORDED, evidence=evidence):
        return _again(stored, member, act, form)
    properties = await _properties(tx, act, member, found, now) | given
    made = new_uid()
    await run(tx, RECORD, member=member.uid, uid=made, evidence=evidence, properties=properties)
    await run(tx, SHOWN[form], act=made, uid=uid)
    return Act(made, member.uid, act, ActState.RECORDED)


JUDGE = """
MATCH (d:ProgrammeAct {uid: $uid})
SET d.state = $state, d.judgedAt = $now, d.judgedBy = $by, d.reason = $reason, d.points = $points
"""


async def judge(
    tx: Transaction, *, act: str, accepted: bool, by: str, now: str, reason: str | None = None
) -> Act:
    """Accept an act, which earns the declared points, or refuse it with a reason; a refusal may be mended."""
    why = None if reason is None else validate.line(reason, "reason")
    if not accepted and why is None:
        raise Invalid("A refusal needs a reason: the member will ask for it.", field="reason")
    member, kind, state, _ = await _held(tx, act)
    wanted = ActState.ACCEPTED if accepted else ActState.REFUSED
    if state is wanted:
        return Act(act, member.uid, kind, state)
    if state in {ActState.ACCEPTED, ActState.REVERSED}:
        raise NotAllowed(f"The act is {state}: reverse what was accepted; a reversal stands.", field="act")
    points = await points_of(tx, kind) if accepted else None
    await run(tx, JUDGE, uid=act, state=wanted.value, now=now, by=by, reason=why, points=points)
    if points is not None:
        await ledger.earn(tx, member, act=act, points=points, now=now)
    return Act(act, member.uid, kind, wanted)


async def reverse(tx: Transaction, *, act: str, by: str, reason: str, now: str) -> Act:
    """Take an accepted act back with its points, by an entry of its own."""
    why = validate.line(reason, "reason")
    member, kind, state, points = await _held(tx, act)
    if state is ActState.REVERSED:
        return Act(act, member.uid, kind, state)
    if state is not ActState.ACCEPTED:
        raise NotAllowed(f"The act is {state}: only one that was accepted can be reversed.", field="act")
    reversed_ = ActState.REVERSED
    await run(tx, JUDGE, uid=act, state=reversed_.value, now=now, by=by, reason=why, points=points)
    await ledger.take_back(tx, member, act=act, points=points, now=now)
    return Act(act, member.uid, kind, reversed_)


OWNER = "MATCH (b:ProgrammeMember)-[:DID]->(d:ProgrammeAct {uid: $uid}) RETURN b.customer AS customer"
STATE = "MATCH (d:ProgrammeAct {uid: $uid}) RETURN d.kind AS kind, d.state AS state, d.points AS points"


async def _held(tx: Transaction, act: str) -> tuple[Member, ActKind, ActState, int]:
    """The member of an act, held, and then the act: its kind, state and points."""
    uid = validate.identifier(act, "act")
    owner = await one(tx, OWNER, uid=uid)
    if owner is None:
        raise NotFound(f"There is no act {uid}: give the id of one.", field="act")
    member = await hold(tx, owner["customer"])
    row = await one(tx, STATE, uid=uid) or {}
    return member, ActKind(row["kind"]), ActState(row["state"]), row["points"] or 0


_NAMES = {Form.MENTION: "mention", Form.LINK: "advocacy link", Form.IDEA: "idea"}


def _evidence(kind: ActKind, given: dict[Form, str | None]) -> tuple[Form, str]:
    """The one evidence given, of a form that suits the act."""
    found = [(form, uid) for form, uid in given.items() if uid is not None]
    wanted = " or ".join(_NAMES[form] for form in FORMS[kind])
    if len(found) != 1 or found[0][0] not in FORMS[kind]:
        field = found[0][0].value if found else FORMS[kind][0].value
        raise Invalid(f"{kind} is shown by one {wanted}: give that and nothing else.", field=field)
    form, uid = found[0]
    return form, validate.identifier(uid, form.value)


def _check_evidence(kind: ActKind, form: Form, found: dict[str, Any], member: Member) -> None:
    if found["by"] != member.customer:
        raise Invalid(f"The {_NAMES[form]} is not by this member: give one that is.", field=form.value)
    if form is Form.LINK and found["kind"] not in LINKS[kind]:
        raise Invalid(
            f"The link is of the kind {found['kind']}, which does not show {kind}: give one that does.",
            field="link",
        )
    if form is Form.IDEA and not IdeaStatus(found["kind"] or IdeaStatus.OPEN).is_adopted:
        raise Invalid("The idea was not adopted: give one that is planned or further.", field="idea")
    if kind is ActKind.ANSWER and found["counterpart"] in {None, member.customer}:
        raise Invalid("The mention answers nobody else: give a reply to another customer.", field="mention")


def _again(stored: dict[str, Any], member: Member, kind: ActKind, form: Form) -> Act:
    """The act already recorded with this evidence, if it is this one."""
    if stored["kind"] != kind.value:
        raise Taken(
            f"The {_NAMES[form]} shows act {stored['uid']} ({stored['kind']}): give another.",
            field=form.value,
        )
    return Act(stored["uid"], member.uid, kind, ActState(stored["state"]))


JOINED = "MATCH (c:Customer {uid: $customer}) RETURN c.joinedAt AS joinedAt"


async def _properties(
    tx: Transaction, kind: ActKind, member: Member, found: dict[str, Any], now: str
) -> dict[str, Any]:
    """What is kept of an act, with what tells abuse later: whom it concerned, and how old the account was."""
    at = found["at"] or now
    row = await one(tx, JOINED, customer=member.customer)
    joined = row["joinedAt"] if row else None
    return {
        "kind": kind.value,
        "state": ActState.RECORDED.value,
        "at": at,
        "createdAt": now,
        "day": at[:10],
        "outcome": found["outcome"],
        "value": found["value"],
        "counterpart": found["counterpart"],
        "accountDays": None if joined is None else (parse_instant(at) - parse_instant(joined)).days,
    }
