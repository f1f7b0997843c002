"""The nouns of the advocacy programme; declared as in `api.types`.

`{b}` is a member, `{u}` a step of theirs, `{d}` an act, `{l}` an entry of the ledger, `{w}` a reward, `{r}` a
redemption, `{y}` the declared points, `{z}` a sign of abuse or a place on a leaderboard.
"""

from typing import Any

import strawberry
from strawberry import ID

from api.declare import Connected, connection, identity, one, seen, stored
from api.idea_types import Idea
from api.programme_enums import AbuseKind, ActKind, ActState, EntryKind, ProgrammeState, RedemptionState
from api.relay import Connection, Node
from api.scalars import DateTime
from api.types import AdvocacyLink, Customer, Mention
from graph import programme
from graph.programme import POINTS, points_key
from graph.selection import Order, Source

CUSTOMER = "MATCH ({c})-[:IN_PROGRAMME]->({b})"
ACTS = {"NEWEST": Order("{d}.uid", descending=True)}
REDEMPTIONS = {"NEWEST": Order("{r}.uid", descending=True)}


def _points(kind: programme.ActKind, what: str) -> Any:
    return stored(f"coalesce({{y}}.{points_key(kind)}, {POINTS[kind]})", f"For {what}, in points.")


@strawberry.type(description="What an accepted act earns from now on.")
class Programme:
    """What an accepted act earns from now on."""

    referral_points: int = _points(programme.ActKind.REFERRAL, "a referral")
    answer_points: int = _points(programme.ActKind.ANSWER, "an answer")
    review_points: int = _points(programme.ActKind.REVIEW, "a review")
    defence_points: int = _points(programme.ActKind.DEFENCE, "a defence")
    idea_adopted_points: int = _points(programme.ActKind.IDEA_ADOPTED, "an adopted idea")


@strawberry.type(description="A change of a member's state, and the words it rests on.")
class ProgrammeStep:
    """A change of a member's state, and the words it rests on."""

    state: ProgrammeState = stored("{u}.state", "What the member was from then on.")
    at: DateTime = stored("{u}.at", "When.")
    channel: str | None = stored("{u}.channel", "Where they were asked, or consented.")
    wording: str | None = stored("{u}.wording", "The words they were asked with, or consented to.")
    proof: str | None = stored("{u}.proof", "What proves the consent: a form, a message, a recording.")


@strawberry.type(description="An act of a member for the brand, with its evidence and its judgement.")
class ProgrammeAct(Node):
    """An act of a member for the brand, with its evidence and its judgement."""

    id: ID = identity("ProgrammeAct", "d")
    kind: ActKind = stored("{d}.kind", "What they did.")
    state: ActState = stored("{d}.state", "How far it has come.")
    at: DateTime = stored("{d}.at", "When they did it, as the evidence says; else when it was recorded.")
    outcome: str | None = stored("{d}.outcome", "What came of it.")
    value: float | None = stored("{d}.value", "What it was worth, in the brand's own unit.")
    points: int | None = stored("{d}.points", "What it earned when it was accepted, in points.")
    reason: str | None = stored("{d}.reason", "Why it was judged so.")
    judged_by: str | None = stored("{d}.judgedBy", "Who judged it last: the name of their token.")
    judged_at: DateTime | None = stored("{d}.judgedAt", "When it was judged last.")
    member: "ProgrammeMember | None" = one("MATCH ({b})-[:DID]->({d})", "b", "Whose act it is.")
    mention: Mention | None = one(
        "MATCH ({d})-[:SHOWN_BY]->({m}:Mention)", "m", "The mention that shows it, if one does."
    )
    link: AdvocacyLink | None = one(
        "WITH {d}.link AS {k} MATCH ({f})-[{a}:ADVOCATED]->({t}) WHERE {a}.uid = {k}",
        "k f a t",
        "The advocacy link that shows it, if one does.",
    )
    idea: Idea | None = one(
        "MATCH ({d})-[:SHOWN_BY]->({x}:Idea)", "x", "The idea that shows it, if one does."
    )


@strawberry.type(description="Something that members can have for points.")
class Reward(Node):
    """Something that members can have for points."""

    id: ID = identity("Reward", "w")
    external_id: str = stored("{w}.externalId", "Your own id for it.")
    name: str = stored("{w}.name", "Its name.")
    points: int = stored("{w}.points", "What it costs, in points.")
    stock_count: int | None = stored("{w}.stock", "How many are left; null: endless.")
    limit_count: int | None = stored("{w}.memberLimit", "How many a member may have; null: endless.")
    limit_day_count: int | None = stored(
        "{w}.limitDays", "The days in which a member may have so many; null: ever."
    )


@strawberry.type(description="A reward that a member paid for.")
class Redemption(Node):
    """A reward that a member paid for."""

    id: ID = identity("Redemption", "r")
    state: RedemptionState = stored("{r}.state", "How far it has come.")
    points: int = stored("{r}.points", "What was paid, in points.")
    at: DateTime = stored("{r}.at", "When it was asked for.")
    settled_at: DateTime | None = stored("{r}.settledAt", "When it was fulfilled or cancelled.")
    settled_by: str | None = stored("{r}.settledBy", "Who did that: the name of their token.")
    reason: str | None = stored("{r}.reason", "Why it was cancelled.")
    reward: Reward | None = one("MATCH ({r})-[:OF]->({w})", "w", "What it is.")
    member: "ProgrammeMember | None" = one("MATCH ({b})-[:REDEEMED]->({r})", "b", "Whose it is.")


@strawberry.type(
    description="An entry of the ledger: it is never changed, and all of them add up to the balances."
)
class LedgerEntry(Node):
    """An entry of the ledger: it is never changed, and all of them add up to the balances."""

    id: ID = identity("LedgerEntry", "l")
    kind: EntryKind = stored("{l}.kind", "What it books.")
    at: DateTime = stored("{l}.at", "When it was booked.")
    earned_points: int = stored("{l}.earned", "What it adds to the points earned.")
    spendable_points: int = stored("{l}.spendable", "What it adds to the points that can be spent.")
    owed_points: int = stored("{l}.owed", "What it adds to the points owed.")
    act: ProgrammeAct | None = one(
        "MATCH ({l})-[:FOR]->({d}:ProgrammeAct)", "d", "The act it is for, if one."
    )
    redemption: Redemption | None = one(
        "MATCH ({l})-[:FOR]->({r}:Redemption)", "r", "The redemption it is for, if one."
    )


@strawberry.type(description="A customer's place in the programme, with consent, points, acts and rewards.")
class ProgrammeMember(Node):
    """A customer's place in the programme, with consent, points, acts and rewards."""

    id: ID = identity("ProgrammeMember", "b")
    customer: Customer | None = one(CUSTOMER, "c", "Who it is.")
    state: ProgrammeState = stored("{b}.state", "How they stand to the programme.")
    state_at: DateTime | None = stored("{b}.stateAt", "Since when.")
    earned_points: int = stored("{b}.earned", "Points earned in all, for the rank: spending leaves them.")
    spendable_points: int = stored("{b}.spendable", "Points that can be spent, 0 upwards.")
    owed_points: int = stored("{b}.owed", "Points spent before they were reversed: earnings pay them first.")
    steps: Connection[ProgrammeStep] = connection(
        Connected(
            Source("MATCH ({b})-[:HAS_STEP]->({u})", ("u",)), {"NEWEST": Order("{u}.uid", descending=True)}
        ),
        "Invitation, consent and leave, newest first.",
    )
    acts: Connection[ProgrammeAct] = connection(
        Connected(Source("MATCH ({b})-[:DID]->({d})", ("d",)), ACTS), "Their acts, recorded last first."
    )
    ledger: Connection[LedgerEntry] = connection(
        Connected(
            Source("MATCH ({b})-[:HAS_ENTRY]->({l})", ("l",)), {"NEWEST": Order("{l}.uid", descending=True)}
        ),
        "Every entry of their ledger, newest first.",
    )
    redemptions: Connection[Redemption] = connection(
        Connected(Source("MATCH ({b})-[:REDEEMED]->({r})", ("r",)), REDEMPTIONS),
        "What they redeemed, newest first.",
    )


@strawberry.type(description="A place on a leaderboard.")
class LeaderboardPlace:
    """A place on a leaderboard."""

    customer: Customer = seen("Whose it is.", c="{c}")
    earned_points: int = stored("{z}", "Points earned in the period, reversals taken off.")


@strawberry.type(description="Something about a member that looks like abuse, for a person to look at.")
class AbuseSignal:
    """Something about a member that looks like abuse, for a person to look at."""

    kind: AbuseKind = stored("{z}[0]", "What it is.")
    value: int = stored("{z}[1]", "How many acts or points it is about.")
    reason: str = stored("{z}", "It in a sentence.", shape="abuse_EN")
    reason_turkish: str = stored("{z}", "It as a sentence in Turkish.", shape="abuse_TR")
    member: ProgrammeMember = seen("Whose it is.", b="{b}", c="{c}")
