"""Answers documents the slow and plain way: the whole graph in Python lists, a function a field, graphql-core.

Nothing here comes from what it checks: no Cypher is built, and filters, orders and cursors are written again.
Only the words of a summary are the program's own.
"""

import base64
import json
import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from graphql import GraphQLSchema, build_schema, execute_sync, parse

from api.sentences import SENTENCES
from graph.driver import Graph
from graph.introductions import Bond
from graph.text import fold
from jobs.introductions import Step, in_english, in_turkish

Properties = Mapping[str, Any]


class Item(NamedTuple):
    """A value of a GraphQL type: its node or relationship, and what else its fields need."""

    kind: str
    own: Properties
    more: Any = None


class Link(NamedTuple):
    """A relationship with the uids of its ends."""

    start: str
    end: str
    own: Properties


@dataclass(slots=True)
class World:
    """All that the graph holds, and the slots that are published."""

    nodes: dict[str, Item] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[Item]:
        """All nodes of a kind."""
        return [item for item in self.nodes.values() if item.kind == kind]

    def out(self, item: Item, name: str) -> list[Item]:
        """What links of this name lead to."""
        return [self.nodes[x.end] for x in self.links.get(name, []) if x.start == item.own["uid"]]

    def into(self, item: Item, name: str) -> list[Item]:
        """What links of this name come from."""
        return [self.nodes[x.start] for x in self.links.get(name, []) if x.end == item.own["uid"]]

    def score(self, own: Properties, name: str) -> Any:
        """A derived value in the slot that is published."""
        publication = "tally" if name in TALLY else "communities" if name in COUNTERPART else "influence"
        return own.get(name + self.slots[publication])

    def memberships(self) -> list[Item]:
        """The memberships."""
        found = self.links.get("MEMBER_OF", [])
        return [Item("Membership", x.own, (self.nodes[x.start], self.nodes[x.end])) for x in found]

    def advocacy(self) -> list[Item]:
        """The advocacy links."""
        found = self.links.get("ADVOCATED", [])
        return [Item("AdvocacyLink", x.own, (self.nodes[x.start], self.nodes[x.end])) for x in found]

    def votes(self) -> list[Item]:
        """The votes."""
        found = self.links.get("VOTED", [])
        return [Item("Vote", x.own, (self.nodes[x.start], self.nodes[x.end])) for x in found]


TALLIED = (
    *("support", "supportHigh", "consensus", "bridging", "divisive", "rising"),
    *("effective", "forgotten"),
)
INTERVALS = tuple(
    f"{name}{end}" for name in ("consensus", "bridging", "divisive", "rising") for end in ("Low", "High")
)
GROUPS = {
    "OpinionGroup": {"label": "groupLabel", "voterCount": "groupSize"},
    "OpinionIdea": {"value": "groupIdeaValue", "share": "groupIdeaShare", "shareOfOthers": "groupIdeaOther"},
    "ConsensusView": {
        "by": "viewBy",
        "consensus": "viewConsensus",
        "consensusLow": "viewLow",
        "consensusHigh": "viewHigh",
    },
}
TALLY = {
    *(*INTERVALS, "marks", "viewUntil", "groupIdeaOf", "groupIdea", "opinionSeparation"),
    *(stored for names in GROUPS.values() for stored in names.values()),
    *("up", "down", "passed", "points", *TALLIED, "ringSize", "ringValue", "ringCounts", "ringReason"),
    *("shareOf", "shareUp", "shareDown", "sharePassed", "shareApproval", "shareCounted", "shareStance"),
}


HEALTH = {
    "memberCount": "members",
    "activeCount": "active",
    "busFactorCount": "busFactor",
    "questionCount": "questions",
    "firstAnswerSeconds": "firstAnswer",
    "cutOffCount": "cutOff",
    **{n: n for n in ("retention", "retentionBefore", "answeredByPeers", "density", "mood", "moodBefore")},
    "asOf": "healthAt",
}
# lists of a community, by the type that shows a place in them
LISTS = {
    "CommunityHealthPoint": {
        "memberCount": "runMembers",
        "activeCount": "runActive",
        "busFactorCount": "runBusFactor",
        "retention": "runRetention",
        "answeredByPeers": "runAnsweredByPeers",
        "density": "runDensity",
        "mood": "runMood",
        "warningCount": "runWarnings",
    },
    "CommunityWarning": {"kind": "warnKind", "reason": "warnReason", "reasonTurkish": "warnReasonTr"},
    "CommunityOverlap": {
        "memberCount": "overlapMembers",
        "share": "overlapShare",
        "shareOfOther": "overlapShareOfOther",
        "jaccard": "overlapJaccard",
    },
    "CommunityMood": {"since": "weekAt", "mood": "weekMood", "mentionCount": "weekMentions"},
    "CommunitySubject": {
        "memberCount": "subjectMembers",
        "mentionCount": "subjectMentions",
        "mood": "subjectMood",
    },
    "CommunityWish": {"support": "wishSupport", "upCount": "wishUp", "voteCount": "wishVotes"},
    "CollectiveAction": {
        "kind": "actionKind",
        "since": "actionSince",
        "lastAt": "actionUntil",
        "memberCount": "actionMembers",
        "usual": "actionUsual",
        "chance": "actionChance",
        "reason": "actionReason",
        "reasonTurkish": "actionReasonTr",
    },
}
COUNTERPART = {
    *("warned", "acting", "bridge", "runAt", "warnMembers", "overlapWith", "subject", "wish"),
    *("actionSubject", "actionExamples"),
    *HEALTH.values(),
    *(stored for names in LISTS.values() for stored in names.values()),
}


async def load(graph: Graph, slots: dict[str, str]) -> World:
    """The whole graph."""
    world = World(slots=slots)
    for row in await graph.read(
        "MATCH (n) WHERE n.uid IS NOT NULL RETURN labels(n) AS kind, properties(n) AS own"
    ):
        world.nodes[row["own"]["uid"]] = Item(row["kind"][0], row["own"])
    query = "MATCH (a)-[r]->(b) RETURN type(r) AS name, a.uid AS start, b.uid AS end, properties(r) AS own"
    for row in await graph.read(query):
        world.links.setdefault(row["name"], []).append(Link(row["start"], row["end"], row["own"]))
    return world


# Orders: the key of an item and the uid that parts ties, and whether the key falls.
Key = Callable[[World, Item], tuple[Any, str | None]]


LAST = chr(0x10FFFF)  # behind every text


def _customer_of(item: Item) -> Item:
    customer: Item = item.more[0]
    return customer


def _by(name: str, absent: Any) -> Key:
    def key(world: World, item: Item) -> tuple[Any, str | None]:
        value = item.own.get(name)
        return (absent if value is None else value), item.own["uid"]

    return key


def _by_score(name: str, absent: float) -> Key:
    def key(world: World, item: Item) -> tuple[Any, str | None]:
        value = world.score(item.own, name)
        return (absent if value is None else value), item.own["uid"]

    return key


def _idea_time(world: World, item: Item) -> tuple[Any, str | None]:
    return item.own.get("at") or item.own.get("createdAt") or "", item.own["uid"]


def _place(world: World, item: Item) -> tuple[Any, str | None]:
    return item.more[1].own.get("nameKey") or LAST, item.more[1].own["uid"]


def _inside(world: World, item: Item) -> tuple[Any, str | None]:
    value = world.score(item.own, "advocacy")
    return (-1.0 if value is None else value), _customer_of(item).own["uid"]


def _voted(world: World, item: Item) -> tuple[Any, str | None]:
    return item.own.get("at") or "", _customer_of(item).own["uid"]


def _rank(name: str) -> Key:
    def key(world: World, item: Item) -> tuple[Any, str | None]:
        return world.score(item.own, name), item.more.own["uid"]

    return key


def _uid(world: World, item: Item) -> tuple[Any, str | None]:
    return item.own["uid"], None


def _earned(world: World, item: Item) -> tuple[Any, str | None]:
    return item.own["earnedPoints"], item.more.own["uid"]


def _sent(world: World, item: Item) -> tuple[Any, str | None]:
    return item.own["uid"], item.more.own["uid"]


def _signal(world: World, item: Item) -> tuple[Any, str | None]:
    return f"{item.more.own['uid']}:{item.own['kind']}", None


AT = {"NEWEST": (_by("at", ""), True), "OLDEST": (_by("at", LAST), False)}
ORDERS: dict[str, dict[str, tuple[Key, bool]]] = {
    "Query.customers": {
        "NEWEST": (_uid, True),
        "NAME": (_by("nameKey", LAST), False),
        "REACH": (_by_score("reach", -1.0), True),
    },
    "Query.communities": {"": (_by("nameKey", LAST), False)},
    "Query.mentions": AT,
    "Query.advocates": {"REACH": (_rank("advocacy"), True), "TRUST": (_rank("trustedAdvocacy"), True)},
    "Query.detractors": {"REACH": (_rank("harm"), True), "TRUST": (_rank("trustedHarm"), True)},
    "Query.challenges": {"": (_uid, True)},
    "Query.comments": {"": (_uid, False)},
    "Query.jobRuns": {"": (_uid, True)},
    "Query.ideas": {
        "POPULAR": (_by_score("support", -1.0), True),
        "BRIDGING": (_by_score("bridging", -1000.0), True),
        "DIVISIVE": (_by_score("divisive", -1.0), True),
        "EFFECTIVE": (_by_score("effective", -1.0e15), True),
        "FORGOTTEN": (_by_score("forgotten", -1.0), True),
        "RISING": (_by_score("rising", -1.0e15), True),
        "NEWEST": (_idea_time, True),
    },
    "Query.roadmap": {"": (_by("roadmapKey", None), False)},
    "Query.referralLinks": {
        "VALUE": (_by("value", None), True),
        "CONVERSIONS": (_by("conversions", None), True),
        "NEWEST": (_uid, True),
    },
    "Customer.otherAccounts": {"": (_uid, False)},
    "Customer.memberships": {"": (_place, False)},
    "Customer.mentions": AT,
    "Customer.advocated": {"": (_by("weight", None), True)},
    "Customer.advocatedBy": {"": (_by("weight", None), True)},
    "Customer.products": {"": (_by("nameKey", LAST), False)},
    "Customer.ideas": {"": (_idea_time, True)},
    "Customer.referralLinks": {"": (_uid, True)},
    "ReferralLink.conversions": {"": (_by("outcomeAt", ""), True)},
    "Community.members": {"": (_inside, True)},
    "Community.mentions": AT,
    "Mention.replies": {"": (_by("at", LAST), False)},
    **{name: {"": (_by("at", LAST), False)} for name in ("Comment.replies", "Idea.comments")},
    **{name: {"": (_uid, True)} for name in ("Comment.moderationSteps", "Idea.moderationSteps")},
    "Idea.revisions": {"": (_uid, True)},
    "Idea.votes": {"": (_voted, True)},
    "Idea.statusHistory": {"": (_uid, True)},
    **{f"{kind}.notices": {"": (_uid, True)} for kind in ("Idea", "Challenge")},
    "Notice.undelivered": {"": (_sent, True)},
    "Inbox.entries": {"": (_uid, True)},
    "Inbox.consents": {"": (_uid, True)},
    "Idea.duplicates": {"": (_idea_time, True)},
    **{f"Idea.{name}": {"": (_uid, True)} for name in ("mergeHistory", "splits")},
    "Query.programmeMembers": {"": (_uid, True)},
    "Query.programmeActs": {"": (_uid, True)},
    "Query.redemptions": {"": (_uid, True)},
    "Query.rewards": {"": (_by("nameKey", LAST), False)},
    "Query.leaderboard": {"": (_earned, True)},
    "Query.abuseSignals": {"": (_signal, True)},
    **{f"ProgrammeMember.{name}": {"": (_uid, True)} for name in ("steps", "acts", "ledger", "redemptions")},
}


def mark_of(name: str, arguments: Mapping[str, Any]) -> int:
    """What all cursors of a connection with these arguments bear."""
    own = {each: x for each, x in arguments.items() if each not in {"first", "after"} and x not in (None, {})}
    text = json.dumps(
        [name, own], separators=(",", ":"), ensure_ascii=False, sort_keys=True, default=lambda x: x.value
    )
    return zlib.crc32(text.encode())


def cursor_of(key: tuple[Any, str | None], marked: int) -> str:
    """The cursor of an item with this key in a connection with this mark."""
    text = json.dumps([*key, marked], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _behind(key: tuple[Any, Any], text: str, descending: bool) -> bool:
    after = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if key[0] != after[0]:
        return bool(key[0] < after[0]) if descending else bool(key[0] > after[0])
    return after[1] is not None and bool(key[1] > after[1])


def _sorted(
    items: list[tuple[tuple[Any, Any], Item]], descending: bool
) -> list[tuple[tuple[Any, Any], Item]]:
    by_tie = sorted(items, key=lambda each: each[0][1] or "")
    return sorted(by_tie, key=lambda each: each[0][0], reverse=descending)


def page(world: World, name: str, items: Iterable[Item], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """One page of a connection."""
    chosen = arguments.get("order") or arguments.get("list") or ""
    key, descending = ORDERS[name][chosen]
    everything = _sorted([(key(world, item), item) for item in items], descending)
    after = arguments.get("after")
    rest = [each for each in everything if after is None or _behind(each[0], after, descending)]
    shown = rest[: arguments["first"]]
    marked = mark_of(name, arguments)
    cursors = [cursor_of(each[0], marked) for each in shown]
    return {
        "nodes": [item for _, item in shown],
        "edges": [{"cursor": place, "node": item} for place, (_, item) in zip(cursors, shown, strict=True)],
        "totalCount": len(everything),
        "pageInfo": {
            "hasNextPage": len(rest) > len(shown),
            "hasPreviousPage": after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


# Filters, each as a function of the item; what is absent satisfies no comparison.
Test = Callable[[World, Item, Any], bool]
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda x, y: bool(x == y),
    "in": lambda x, y: x in y,
    "gte": lambda x, y: bool(x >= y),
    "gt": lambda x, y: bool(x > y),
    "lte": lambda x, y: bool(x <= y),
    "lt": lambda x, y: bool(x < y),
    "from": lambda x, y: bool(x >= y),
    "until": lambda x, y: bool(x < y),
    "contains": lambda x, y: y in x,
    "startsWith": lambda x, y: bool(x.startswith(y)),
}


def _compared(value: Any, operators: Mapping[str, Any], shape: Callable[[Any], Any] = lambda x: x) -> bool:
    asked = {name: given for name, given in operators.items() if given is not None}
    return all(value is not None and COMPARISONS[name](value, shape(given)) for name, given in asked.items())


def _value(name: str) -> Test:
    return lambda world, item, given: _compared(item.own.get(name), given)


def _text(name: str) -> Test:
    return lambda world, item, given: _compared(item.own.get(name), given, fold)


def _score(name: str) -> Test:
    return lambda world, item, given: _compared(world.score(item.own, name), given)


def _one_of(name: str, default: str | None = None) -> Test:
    return lambda world, item, given: item.own.get(name, default) in given


def _some(kind: str, hop: Callable[[World, Item], list[Item]]) -> Test:
    return lambda world, item, given: any(satisfies(world, kind, other, given) for other in hop(world, item))


def _says(idea: Item, given: str) -> bool:
    """Of words that have their letters in common with no others: `fold` is enough."""
    said = fold(f"{idea.own.get('title', '')} {idea.own.get('body', '')}").split()
    return all(word in said for word in fold(given).split())


def _identified(world: World, item: Item, given: list[str]) -> bool:
    return item.own["uid"] in [base64.b64decode(text).decode().partition(":")[2] for text in given]


def _joined(world: World, item: Item) -> list[Item]:
    return [each.more[1] for each in world.memberships() if each.more[0].own["uid"] == item.own["uid"]]


def _phase(world: World, item: Item, arguments: Mapping[str, Any]) -> str:
    present = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    opened, voting, closed, decided = (
        item.own.get(name, absent) <= present
        for name, absent in (("opensAt", ""), ("voteAt", ""), ("closesAt", LAST), ("decidedAt", LAST))
    )
    open_ = "OPEN" if "voteAt" not in item.own else "VOTE" if voting else "COLLECT"
    return "DECIDED" if decided else "REVIEW" if closed else open_ if opened else "UPCOMING"


TESTS: dict[str, dict[str, Test]] = {
    "Community": {
        "externalId": _value("externalId"),
        "name": _text("nameKey"),
        "kind": _one_of("kind"),
        "hasWarning": lambda world, item, given: bool(world.score(item.own, "warned")) is given,
        "hasCollectiveAction": lambda world, item, given: bool(world.score(item.own, "acting")) is given,
    },
    "Product": {
        "externalId": _value("externalId"),
        "name": _text("nameKey"),
        "category": _value("category"),
    },
    "Mention": {
        "externalId": _value("externalId"),
        "text": _text("textKey"),
        "channel": _value("channel"),
        "language": _value("language"),
        "at": _value("at"),
        "sentiment": _value("sentiment"),
        "sentimentLabel": _one_of("sentimentLabel"),
        "isReply": lambda world, item, given: bool(world.out(item, "IN_REPLY_TO")) is given,
        "author": _some("Customer", lambda world, item: world.into(item, "WROTE")),
        "names": _some("Customer", lambda world, item: world.out(item, "NAMES")),
        "product": _some("Product", lambda world, item: world.out(item, "ABOUT")),
        "community": _some("Community", lambda world, item: world.out(item, "IN")),
    },
    "Customer": {
        "externalId": _value("externalId"),
        "name": _text("nameKey"),
        "city": _text("cityKey"),
        "locale": _value("locale"),
        "kind": _one_of("kind", "PERSON"),
        "isSuspended": lambda world, item, given: item.own.get("suspended", False) is given,
        "joinedAt": _value("joinedAt"),
        "value": _value("value"),
        **{name: _score(name) for name in ("reach", "standing", "voice", "advocacy", "harm")},
        **{name: _score(name) for name in ("trust", "vouched")},
        "hasDoubtfulReach": lambda world, item, given: bool(world.score(item.own, "doubtfulReach")) is given,
        "band": lambda world, item, given: world.score(item.own, "band") in given,
        "memberOf": _some("Community", _joined),
        "owns": _some("Product", lambda world, item: world.out(item, "OWNS")),
        "wrote": _some("Mention", lambda world, item: world.out(item, "WROTE")),
    },
    "ReferralLink": {
        "label": _text("labelKey"),
        "isSwitchedOn": lambda world, item, given: item.own["switchedOn"] is given,
        "advocate": _some("Customer", lambda world, item: world.into(item, "OFFERS")),
        "product": _some("Product", lambda world, item: world.out(item, "PROMOTES")),
    },
    "Challenge": {
        "externalId": _value("externalId"),
        "title": _text("titleKey"),
        "closesAt": _value("closesAt"),
        "phase": lambda world, item, given: _phase(world, item, {}) in given,
        "kind": _one_of("kind", "UP_DOWN_PASS"),
    },
    "Topic": {"name": _text("nameKey")},
    "Comment": {
        "state": _one_of("state"),
        "appeal": lambda world, item, given: ("appealText" in item.own) is given,
        "at": _value("at"),
        "idea": _some("Idea", lambda world, item: world.out(item, "ON_IDEA")),
    },
    "Idea": {
        "externalId": _value("externalId"),
        "title": _text("titleKey"),
        "text": lambda world, item, given: any(
            _says(each, given) for each in [item, *world.into(item, "DUPLICATE_OF")]
        ),
        "category": _value("category"),
        "status": _one_of("status", "OPEN"),
        "moderation": _one_of("moderation", "PUBLISHED"),
        "appeal": lambda world, item, given: ("appealText" in item.own) is given,
        "topics": _some("Topic", lambda world, item: world.out(item, "ON")),
        "at": _value("at"),
        "plannedFor": _value("plannedFor"),
        "support": _score("support"),
        "consensus": _score("consensus"),
        "isDuplicate": lambda world, item, given: bool(world.out(item, "DUPLICATE_OF")) is given,
        "challenge": _some("Challenge", lambda world, item: world.out(item, "IN_CHALLENGE")),
        "author": _some("Customer", lambda world, item: world.into(item, "PROPOSED")),
        "voter": _some("Customer", lambda world, item: world.into(item, "VOTED")),
    },
    "ProgrammeMember": {
        "state": _one_of("state"),
        "earnedPoints": _value("earned"),
        "customer": _some("Customer", lambda world, item: world.into(item, "IN_PROGRAMME")),
    },
    "ProgrammeAct": {
        "kind": _one_of("kind"),
        "state": _one_of("state"),
        "at": _value("at"),
        "member": _some("ProgrammeMember", lambda world, item: world.into(item, "DID")),
    },
    "Redemption": {
        "state": _one_of("state"),
        "at": _value("at"),
        "member": _some("ProgrammeMember", lambda world, item: world.into(item, "REDEEMED")),
    },
}


def satisfies(world: World, kind: str, item: Item, given: Mapping[str, Any] | None) -> bool:
    """Whether an item satisfies a filter."""
    for name, value in (given or {}).items():
        if value is None:
            continue
        if name == "and":
            holds = all(satisfies(world, kind, item, each) for each in value)
        elif name == "or":
            holds = any(satisfies(world, kind, item, each) for each in value)
        elif name == "not":
            holds = not satisfies(world, kind, item, value)
        elif name == "id":
            holds = _identified(world, item, value)
        else:
            holds = TESTS[kind][name](world, item, value)
        if not holds:
            return False
    return True


# Fields whose value is a property of another name, or a default for an absent one.
PROPERTIES: dict[str, tuple[str, Any]] = {
    "Customer.isSuspended": ("suspended", False),
    "Customer.bornOn": ("birthDate", None),
    "Mention.sentimentBecause": ("sentimentWhy", None),
    "Idea.status": ("status", "OPEN"),
    "Challenge.timeZone": ("timeZone", "UTC"),
    "Challenge.kind": ("kind", "UP_DOWN_PASS"),
    "Challenge.moderation": ("moderation", "AFTER"),
    "Challenge.ideaLimitCount": ("ideaLimit", None),
    "Challenge.voteLimitCount": ("voteLimit", None),
    "Challenge.budgetPoints": ("pointBudget", None),
    "Challenge.hasHiddenTally": ("hidesTally", False),
    "Challenge.categories": ("categories", []),
    "Answer.author": ("by", None),
    **{
        f"{kind}.{name}": (stored, None)
        for kind in ("StatusChange", "DecisionDraft")
        for name, stored in (("fromStatus", "from"), ("status", "to"))
    },
    "Undelivered.attemptCount": ("attempts", None),
    "Idea.moderation": ("moderation", "PUBLISHED"),
    "Idea.appeal": ("appealText", None),
    "Comment.appeal": ("appealText", None),
    "IdeaRevision.editedBy": ("by", None),
    "ModerationStep.moderatedBy": ("by", None),
    "JobRun.doneCount": ("done", None),
    **{
        f"Idea{kind}.{name}Count": (name, None)
        for kind, names in {
            "Merge": ("votesMoved", "votesDropped", "followersMoved", "told"),
            "Split": ("votesCopied", "followersCopied", "told"),
        }.items()
        for name in names
    },
    "IdeaMerge.isMoving": ("moving", False),
    "IdeaSplit.isMoving": ("moving", False),
    "JobRun.totalCount": ("total", None),
    "Programme.referralPoints": ("referralPoints", 50),
    "Programme.answerPoints": ("answerPoints", 10),
    "Programme.reviewPoints": ("reviewPoints", 15),
    "Programme.defencePoints": ("defencePoints", 10),
    "Programme.ideaAdoptedPoints": ("ideaAdoptedPoints", 40),
    **{
        f"{kind}.{account}Points": (account, None)
        for kind in ("ProgrammeMember", "LedgerEntry")
        for account in ("earned", "spendable", "owed")
    },
    "Reward.stockCount": ("stock", None),
    "Reward.limitCount": ("memberLimit", None),
    "Reward.limitDayCount": ("limitDays", None),
    "ReferralLink.isSwitchedOn": ("switchedOn", None),
    "ReferralLink.windowDayCount": ("windowDays", None),
    "ReferralLink.conversionCount": ("conversions", None),
}
INFLUENCE = (
    *("reach", "standing", "voice", "advocacy", "harm"),
    *("reachMargin", "standingMargin", "voiceMargin", "advocacyMargin", "harmMargin"),
    *("trust", "vouched", "trustedAdvocacy", "trustedHarm", "reachPercentile", "trustPercentile"),
)
SCORES = {
    "VoteTally.upCount": "up",
    "VoteTally.downCount": "down",
    "VoteTally.passedCount": "passed",
    "VoteTally.givenPoints": "points",
    **{f"VoteTally.{n}": n for n in (*TALLIED, *INTERVALS)},
    **{f"Influence.{n}": n for n in INFLUENCE},
    **{f"InfluenceChange.{n}": n for n in ("reachBefore", "standingBefore", "voiceBefore")},
    "Influence.standingPeopleCount": "standingPeople",
    "Influence.voiceActCount": "voiceActs",
    "Influence.hasDoubtfulReach": "doubtfulReach",
    "Customer.band": "band",
    "Challenge.opinionSeparation": "opinionSeparation",
    **{f"CommunityHealth.{name}": stored for name, stored in HEALTH.items()},
}
PARTS = {
    "InfluencePart.score": "partScore",
    "InfluencePart.kind": "partKind",
    "InfluencePart.value": "partValue",
    "InfluencePart.share": "partShare",
    "InfluenceChangePart.score": "changeScore",
    "InfluenceChangePart.kind": "changeKind",
    "InfluenceChangePart.value": "changeValue",
    "InfluenceAct.score": "actScore",
    "InfluenceAct.kind": "actKind",
    "InfluenceAct.value": "actValue",
    "InfluencePoint.reach": "pastReach",
    "InfluencePoint.standing": "pastStanding",
    "InfluencePoint.voice": "pastVoice",
    "CommunityVotes.upCount": "shareUp",
    "CommunityVotes.downCount": "shareDown",
    "CommunityVotes.passedCount": "sharePassed",
    "CommunityVotes.approval": "shareApproval",
    "CommunityVotes.isCounted": "shareCounted",
    "CommunityVotes.stance": "shareStance",
    "VoteRing.voteCount": "ringSize",
    "VoteRing.value": "ringValue",
    "VoteRing.countsAs": "ringCounts",
    "VoteRing.reason": "ringReason",
    **{f"{kind}.{name}": stored for kind, names in GROUPS.items() for name, stored in names.items()},
    **{f"{kind}.{name}": stored for kind, names in LISTS.items() for name, stored in names.items()},
}
UNKNOWN = -2
ACTS = {
    "InfluenceAct.weight": "actWeight",
    "InfluenceAct.remaining": "actLeft",
    "InfluenceAct.fairness": "actFairness",
}
Resolve = Callable[[World, Item, dict[str, Any]], Any]


def _first(items: list[Item]) -> Item | None:
    return items[0] if items else None


def _by_uid(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.own["uid"])


def _influence(bearer: Item, customer: Item) -> Resolve:
    return lambda world, item, arguments: (
        None if world.score(bearer.own, "reach") is None else Item("Influence", bearer.own, customer)
    )


def _parts(kind: str, name: str) -> Resolve:
    def resolve(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
        return [Item(kind, item.own, at) for at in range(len(world.score(item.own, name) or []))]

    return resolve


def _origin(name: str) -> Resolve:
    return lambda world, item, arguments: world.nodes.get(world.score(item.own, name)[item.more])


def _named(name: str, kind: str) -> Resolve:
    def resolve(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
        found = world.nodes.get(world.score(item.own, name)[item.more])
        return found if found and found.kind == kind else None

    return resolve


def _act(world: World, item: Item, name: str) -> Any:
    return world.score(item.own, name)[item.more]


def _acted(kinds: tuple[str, ...], found: Callable[[World], list[Item]]) -> Resolve:
    def resolve(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
        if _act(world, item, "actKind") not in kinds:
            return None
        key, owner = _act(world, item, "actOf"), _owner(world, item)
        named = [each for each in found(world) if each.own["externalId"] == key]
        # a link is told of whom it goes out from, or to
        return _first([each for each in named if not each.more or owner in each.more])

    return resolve


def _all_named(name: str) -> Resolve:
    return lambda world, item, arguments: [
        world.nodes[uid] for uid in world.score(item.own, name)[item.more].split(" ") if uid in world.nodes
    ]


def _health(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
    return None if world.score(item.own, "members") is None else Item("CommunityHealth", item.own)


def _time_line(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    if arguments["said"] == "IN_PLACE":
        said = world.into(item, "IN")
    else:
        said = [
            m for each in _mine(World.memberships, 1)(world, item) for m in world.out(each.more[0], "WROTE")
        ]
    return [each for each in said if satisfies(world, "Mention", each, arguments.get("filter"))]


def _owner(world: World, item: Item) -> Item:
    """Whose scores these are."""
    bearers = [(each, each) for each in world.of("Customer")]
    bearers += [(each, each.more[0]) for each in world.memberships()]
    [owner] = [customer for bearer, customer in bearers if bearer.own is item.own]
    return owner


def _tied(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
    pair = (world.score(item.own, "partFrom")[item.more], _owner(world, item).own["uid"])
    return _first([Item("Tie", x.own) for x in world.links["TIE"] if (x.start, x.end) == pair])


def _summary(world: World, item: Item, arguments: dict[str, Any]) -> str:
    """The words are tested by themselves; here, that they are told of the right values and names."""
    names = ("reach", "standing", "voice", "advocacy", "harm", "standingPeople", "voiceActs")
    values = [world.score(item.more.own, "band"), *(world.score(item.own, name) for name in names)]
    columns = (world.score(item.own, f"part{name}") or [] for name in ("Score", "Kind", "Value", "From"))
    parts = []
    for score, kind, value, uid in zip(*columns, strict=True):
        own = world.nodes[uid].own if uid in world.nodes else {}
        parts.append([score, kind, value, own.get("name") or own.get("externalId")])
    told: str = SENTENCES[f"summary_{arguments['locale']}"]([values, parts])
    return told


def _viewed(world: World, item: Item, view: int) -> list[Item]:
    """The parts of the votes in one view; those of a tally before views are all in the first."""
    ends = [0, *(world.score(item.own, "viewUntil") or [len(world.score(item.own, "shareOf") or [])])]
    return [Item("CommunityVotes", item.own, at) for at in range(ends[view], ends[view + 1])]


def _letter(world: World, item: Item, arguments: dict[str, Any]) -> str | None:
    name: str = world.score(item.own, "shareOf")[item.more]
    return name.removeprefix("opinion:") if name.startswith("opinion:") else None


def _telling(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    of = world.score(item.own, "groupIdeaOf")
    return [Item("OpinionIdea", item.own, at) for at, group in enumerate(of) if group == item.more]


def _mine(found: Callable[[World], list[Item]], end: int) -> Callable[[World, Item], list[Item]]:
    return lambda world, item: [each for each in found(world) if each.more[end].own["uid"] == item.own["uid"]]


def _node(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
    kind, _, uid = base64.b64decode(arguments["id"]).decode().partition(":")
    if kind == "AdvocacyLink":
        return _first([each for each in world.advocacy() if each.own["uid"] == uid])
    found = world.nodes.get(uid)
    return found if found and found.kind == kind else None


def _by_identity(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
    key = f"{fold(arguments['channel'])}:{fold(arguments['handle'].removeprefix('@'))}"
    return _first(
        [c for i in world.of("Identity") if i.own["key"] == key for c in world.into(i, "IDENTIFIED_BY")]
    )


def _conversions(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    owners = world.into(item, "OFFERS")
    uid = item.own["uid"]
    return [
        each
        for each in world.advocacy()
        if each.more[0] in owners and each.own.get("referralLink", "") == uid
    ]


# 158 half-lives of 60 days after 2000-01-01: what an act weighs then is a power of two, and exact.
AS_OF = "2025-12-15T00:00:00.000Z"
UNIT = 2.0**158
LONGEST = 4


@dataclass(frozen=True, slots=True)
class _Web:
    """Who is tied to whom, and what stands between them."""

    world: World

    def tie(self, source: str, target: str) -> Properties:
        """The tie from one to the other."""
        found = [x.own for x in self.world.links.get("TIE", []) if (x.start, x.end) == (source, target)]
        return found[0] if found else {"weight": 0.0, "undated": 0, "days": 0}

    def weight(self, source: str, target: str) -> float:
        """What it weighs at the as-of."""
        tie = self.tie(source, target)
        return float(tie["weight"] / UNIT + tie["undated"])

    def strength(self, source: str, target: str) -> float:
        """What a step is worth."""
        w = (math.sqrt(self.weight(source, target)) + math.sqrt(self.weight(target, source))) ** 2
        return w / (w + 1.0)

    def given(self, source: str, target: str) -> list[Properties]:
        """What the one did for or against the other."""
        return [x.own for x in self.world.links.get("ADVOCATED", []) if (x.start, x.end) == (source, target)]

    def mood(self, source: str, target: str) -> float | None:
        """The mean mood of what the one said to the other."""
        world = self.world
        said: list[float] = []
        for mention in world.out(world.nodes[source], "WROTE"):
            answered = world.out(mention, "IN_REPLY_TO") + world.out(mention, "SHARES")
            heard = [c for each in answered for c in world.into(each, "WROTE")] + world.out(mention, "NAMES")
            if target in [c.own["uid"] for c in heard] and mention.own.get("sentiment") is not None:
                said.append(mention.own["sentiment"])
        return math.fsum(said) / len(said) if said else None

    def trusted(self, source: str, target: str) -> bool:
        """Neither spoke against the other, nor the first harshly to the second."""
        between = self.given(source, target) + self.given(target, source)
        return (self.mood(source, target) or 0.0) >= 0 and not any(each["weight"] < 0 for each in between)

    def begins(self, uid: str) -> bool:
        """Staff, and advocates."""
        own = self.world.nodes[uid].own
        return own.get("kind") == "STAFF" or self.world.score(own, "band") in {"ADVOCATE", "CHAMPION"}

    def helps(self, uid: str) -> bool:
        """May stand on a path."""
        own = self.world.nodes[uid].own
        out = own.get("suspended", False) or own.get("kind") == "BOT"
        return not out and self.world.score(own, "band") != "DETRACTOR"

    def paths(self, uids: tuple[str, ...], worth: float) -> list[tuple[float, int, tuple[str, ...]]]:
        """Every path that goes on from here to somebody who begins."""
        found: list[tuple[float, int, tuple[str, ...]]] = []
        for other in (each.own["uid"] for each in self.world.of("Customer")):
            step = self.strength(other, uids[-1])
            if other in uids or not step or not self.helps(other) or not self.trusted(other, uids[-1]):
                continue
            longer = (*uids, other)
            if self.begins(other):
                found.append((-worth * step, len(longer), longer))
            elif len(longer) <= LONGEST:
                found += self.paths(longer, worth * step)
        return found

    def step(self, source: str, target: str) -> Item:
        """A step as it is shown."""
        there, back = self.tie(source, target), self.tie(target, source)
        names = [self.world.nodes[uid].own for uid in (source, target)]
        days = [max(tie["days"], min(1, tie["undated"])) for tie in (there, back)]
        weights = self.weight(source, target), self.weight(target, source)
        last = max((tie["lastAt"] for tie in (there, back) if tie.get("lastAt")), default=None)
        kinds = sorted({each["kind"] for each in self.given(source, target)})
        mood = self.mood(source, target)
        shown = [own.get("name") or own["externalId"] for own in names]
        bond = Bond((shown[0], shown[1]), days[0], days[1], weights, last, tuple(kinds), mood)
        worth = self.strength(source, target)
        own = {"strength": worth, "lastAt": last, "advocacyKinds": kinds, "mood": mood}
        own |= {"givenWeight": weights[0], "receivedWeight": weights[1]}
        own |= {"givenDayCount": days[0], "receivedDayCount": days[1]}
        own |= {"introducer": self.world.nodes[source], "introduced": self.world.nodes[target]}
        return Item("IntroductionStep", own, Step(source, target, worth, bond))


def _introductions(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    web = _Web(world)
    customer = _node(world, item, {"id": arguments["customerId"]})
    every = web.paths((customer.own["uid"],), 1.0) if customer else []
    best: dict[str, tuple[float, int, tuple[str, ...]]] = {}
    for path in sorted(every):
        best.setdefault(path[2][-1], path)
    shown: list[Item] = []
    for worth, _, uids in sorted(best.values())[: arguments["first"]]:
        walked = uids[::-1]
        steps = [web.step(*pair) for pair in pairwise(walked)]
        worded = [step.more for step in steps]  # the wording alone is not written again
        own = {"strength": -worth, "cost": -math.log(-worth), "steps": steps}
        own |= {"inEnglish": in_english(worded), "inTurkish": in_turkish(worded)}
        shown.append(Item("Introduction", own | {"people": [world.nodes[uid] for uid in walked]}))
    return shown


def _same_person(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    first = world.nodes.get(world.score(item.own, "person"))
    named = world.score(first.own, "accounts") or [] if first else []
    return [world.nodes[uid] for uid in named if uid in world.nodes and uid != item.own["uid"]]


def _answer(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
    whose = [*world.out(item, "DUPLICATE_OF"), item]
    return _first([world.nodes[each.own["answer"]] for each in whose if "answer" in each.own])


def _places(world: World, voter: Item, by: str) -> list[tuple[Any, str | None, Item | None]]:
    """Where a voter counts: key, name and community of each group."""
    if by == "communities":
        found = _joined(world, voter)
        return [(each.own["uid"], each.own.get("name"), each) for each in found] or [(None, None, None)]
    key = {"cities": voter.own.get("cityKey"), "bands": world.score(voter.own, "band"), "": None}[by]
    return [(key, key, None)]


def _called(group: Mapping[str, Any]) -> str:
    return (group["name"] or "") + (group["community"].own["uid"] if group["community"] else "")


def _paid(world: World, voter: Item) -> dict[str, float]:
    found: dict[str, float] = {}
    for each in world.links.get("PURCHASED", []):
        if each.start == voter.own["uid"] and "amount" in each.own:
            found[each.own["currency"]] = found.get(each.own["currency"], 0.0) + each.own["amount"]
    return found


def _groups(by: str) -> Resolve:
    def resolve(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
        groups: dict[Any, dict[str, Any]] = {}
        for vote in _mine(World.votes, 1)(world, item):
            count = {1: "upCount", -1: "downCount", 0: "passedCount"}[vote.own["value"]]
            worth = {1: "upValue", -1: "downValue", 0: None}[vote.own["value"]]
            for key, name, place in _places(world, vote.more[0], by):
                zero = dict.fromkeys(("upCount", "downCount", "passedCount"), 0)
                group = groups.setdefault(
                    key, {"name": name, "community": place, "upValue": 0.0, "downValue": 0.0} | zero
                )
                group[count] += 1
                if worth:
                    group[worth] += vote.more[0].own.get("value", 0.0)
        shown = sorted(groups.values(), key=lambda each: (-each["upCount"], _called(each)))
        return [Item("SupporterGroup", each) for each in shown]

    return resolve


def _revenue(by: str) -> Resolve:
    def resolve(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
        groups: dict[Any, dict[str, Any]] = {}
        for vote in _mine(World.votes, 1)(world, item):
            side = {1: "upAmount", -1: "downAmount", 0: None}[vote.own["value"]]
            for key, name, place in _places(world, vote.more[0], by):
                for currency, amount in _paid(world, vote.more[0]).items():
                    own = {"name": name, "community": place, "currency": currency}
                    group = groups.setdefault((key, currency), own | {"upAmount": 0.0, "downAmount": 0.0})
                    if side:
                        group[side] += amount
        shown = sorted(
            groups.values(), key=lambda each: (-each["upAmount"], _called(each) + each["currency"])
        )
        return [Item("SupporterRevenue", each) for each in shown]

    return resolve


def _road(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    return [each for each in _listed("Idea")(world, item, arguments) if "roadmapKey" in each.own]


def _ranked(reaching: str, trusted: str) -> Callable[[World, Item, dict[str, Any]], list[Item]]:
    def items(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
        name = trusted if arguments["order"] == "TRUST" else reaching
        inside = arguments.get("communityId")
        if inside is None:
            bearers = [(each, each) for each in world.of("Customer")]
        else:
            place = _node(world, item, {"id": inside})
            bearers = [(each, each.more[0]) for each in world.memberships() if each.more[1] == place]
        return [
            Item("Influence", bearer.own, customer)
            for bearer, customer in bearers
            if (world.score(bearer.own, name) or 0) > 0
            and satisfies(world, "Customer", customer, arguments.get("filter"))
        ]

    return items


def _board(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    since, until = arguments.get("since") or "", arguments.get("until") or LAST
    if month := arguments.get("month"):
        since, until = f"{month}-01", f"{month}-32"
    found = world.of("ProgrammeMember")
    if inside := arguments.get("communityId"):
        place = _node(world, item, {"id": inside})
        found = [each for each in found if place in _joined(world, world.into(each, "IN_PROGRAMME")[0])]
    places = []
    for each in found:
        entries = [one.own for one in world.out(each, "HAS_ENTRY")]
        points = sum(one["earned"] for one in entries if since <= one["at"] < until)
        if points > 0 and each.own["state"] == "ACTIVE":
            customer = world.into(each, "IN_PROGRAMME")[0]
            places.append(Item("LeaderboardPlace", {"earnedPoints": points}, customer))
    return places


def _signals(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    return [
        Item("AbuseSignal", {"kind": kind, "value": value, **_reasons(kind, value, text)}, member)
        for member in world.of("ProgrammeMember")
        for kind, value, least, text in _measures(world, member)
        if value >= least
    ]


def _reasons(kind: str, value: int, text: str) -> dict[str, str]:
    one = text.replace("# acts were", "# act was").replace("# accepted acts", "# accepted act")
    english, turkish = one if value == 1 else text, ABUSE_TURKISH[kind]
    return {
        "reason": english.replace("#", str(value)),
        "reasonTurkish": turkish.replace("#", str(value)),
    }


ABUSE_TURKISH = {
    "BURST": "Bir günde # eylem yapıldı.",
    "ONE_PERSON": "Birini ilgilendiren # eylemin hepsi aynı kişiyle ilgili.",
    "MUTUAL": "Bu üye için eylem yapan üyelerle ilgili # eylemi var.",
    "FRESH_ACCOUNT": "Hesabın ilk 30 gününde # eylem yapıldı.",
    "BEYOND_INFLUENCE": "# puan, erişimin her birimi için 200 puanı aşıyor.",
    "EVIDENCE_GONE": "Kabul edilmiş # eylemin kanıtı artık yok.",
}


def _measures(world: World, member: Item) -> list[tuple[str, int, int, str]]:
    acts = [act.own for act in world.out(member, "DID")]
    days = [act["day"] for act in acts]
    about = [act["counterpart"] for act in acts if "counterpart" in act]
    backers = {
        other.own["customer"]
        for other in world.of("ProgrammeMember")
        for act in world.out(other, "DID")
        if act.own.get("counterpart") == member.own["customer"]
    }
    reach = world.score(world.nodes[member.own["customer"]].own, "reach")
    earned = member.own["earned"]
    beyond = earned if reach is not None and earned > 200 * reach else 0
    return [
        ("BURST", max(map(days.count, days), default=0), 5, "# acts were done on one day."),
        (
            "ONE_PERSON",
            len(about) if len(set(about)) == 1 else 0,
            3,
            "All # acts that concern somebody concern the same person.",
        ),
        (
            "MUTUAL",
            sum(one in backers for one in about),
            2,
            "# acts are for members whose acts are for this member.",
        ),
        (
            "FRESH_ACCOUNT",
            sum(act.get("accountDays", 30) < 30 for act in acts),
            1,
            "# acts were done in the first 30 days of the account.",
        ),
        ("BEYOND_INFLUENCE", beyond, 100, "# points are more than 200 for each unit of reach."),
        (
            "EVIDENCE_GONE",
            sum(act["state"] == "ACCEPTED" and act.get("evidenceGone", False) for act in acts),
            1,
            "The evidence of # accepted acts is gone.",
        ),
    ]


def _undelivered(world: World, item: Item, arguments: dict[str, Any]) -> list[Item]:
    sent = [each for each in world.into(item, "TELLS") if each.own["state"] in {"FAILED", "SKIPPED"}]
    return [Item("Undelivered", each.own, c) for each in sent for c in world.into(each, "IS_SENT")]


def _told(state: str) -> Resolve:
    return lambda world, item, arguments: [x.own["state"] for x in world.into(item, "TELLS")].count(state)


def _among(kind: str, name: str) -> Resolve:
    return lambda world, item, arguments: _first([x for x in world.out(item, name) if x.kind == kind])


def _linked(world: World, item: Item, arguments: dict[str, Any]) -> Item | None:
    return _first([each for each in world.advocacy() if each.own["uid"] == item.own.get("link")])


def _listed(kind: str) -> Callable[[World, Item, dict[str, Any]], list[Item]]:
    return lambda world, item, arguments: [
        each for each in world.of(kind) if satisfies(world, kind, each, arguments.get("filter"))
    ]


CONNECTIONS: dict[str, Callable[[World, Item, dict[str, Any]], list[Item]]] = {
    "Query.customers": _listed("Customer"),
    "Query.communities": _listed("Community"),
    "Query.mentions": _listed("Mention"),
    "Query.challenges": _listed("Challenge"),
    "Query.comments": _listed("Comment"),
    "Query.ideas": lambda w, item, a: [
        each for each in _listed("Idea")(w, item, a) if a["withDuplicates"] or not w.out(each, "DUPLICATE_OF")
    ],
    "Query.roadmap": _road,
    "Query.jobRuns": _listed("JobRun"),
    "Query.referralLinks": _listed("ReferralLink"),
    "Query.advocates": _ranked("advocacy", "trustedAdvocacy"),
    "Query.detractors": _ranked("harm", "trustedHarm"),
    "Customer.otherAccounts": _same_person,
    "Customer.memberships": lambda w, item, a: _mine(World.memberships, 0)(w, item),
    "Customer.mentions": lambda w, item, a: [
        each for each in w.out(item, "WROTE") if satisfies(w, "Mention", each, a.get("filter"))
    ],
    "Customer.advocated": lambda w, item, a: _mine(World.advocacy, 0)(w, item),
    "Customer.advocatedBy": lambda w, item, a: _mine(World.advocacy, 1)(w, item),
    "Customer.products": lambda w, item, a: w.out(item, "OWNS"),
    "Customer.ideas": lambda w, item, a: w.out(item, "PROPOSED"),
    "Customer.referralLinks": lambda w, item, a: w.out(item, "OFFERS"),
    "ReferralLink.conversions": _conversions,
    "Community.members": lambda w, item, a: _mine(World.memberships, 1)(w, item),
    "Community.mentions": _time_line,
    "Mention.replies": lambda w, item, a: w.into(item, "IN_REPLY_TO"),
    "Idea.statusHistory": lambda w, item, a: w.out(item, "HAS_STATUS"),
    "Comment.replies": lambda w, item, a: w.into(item, "REPLIES_TO"),
    "Idea.comments": lambda w, item, a: [
        each
        for idea in [item, *w.into(item, "DUPLICATE_OF")]
        for each in w.into(idea, "ON_IDEA")
        if each.own["depth"] == 0
    ],
    "Idea.revisions": lambda w, item, a: w.out(item, "HAS_REVISION"),
    **{
        f"{kind}.moderationSteps": lambda w, item, a: w.out(item, "HAS_MODERATION")
        for kind in ("Idea", "Comment")
    },
    "Idea.votes": lambda w, item, a: _mine(World.votes, 1)(w, item),
    "Idea.notices": lambda w, item, a: w.into(item, "ABOUT_IDEA"),
    "Challenge.notices": lambda w, item, a: w.into(item, "ABOUT_CHALLENGE"),
    "Notice.undelivered": _undelivered,
    "Inbox.entries": lambda w, item, a: w.out(item, "HEARS"),
    "Inbox.consents": lambda w, item, a: w.out(item, "GAVE"),
    "Idea.duplicates": lambda w, item, a: w.into(item, "DUPLICATE_OF"),
    "Idea.mergeHistory": lambda w, item, a: w.into(item, "MERGED") + w.into(item, "MERGED_INTO"),
    "Idea.splits": lambda w, item, a: w.into(item, "SPLIT"),
    "Query.programmeMembers": _listed("ProgrammeMember"),
    "Query.programmeActs": _listed("ProgrammeAct"),
    "Query.redemptions": _listed("Redemption"),
    "Query.rewards": _listed("Reward"),
    "Query.leaderboard": _board,
    "Query.abuseSignals": _signals,
    "ProgrammeMember.steps": lambda w, item, a: w.out(item, "HAS_STEP"),
    "ProgrammeMember.acts": lambda w, item, a: w.out(item, "DID"),
    "ProgrammeMember.ledger": lambda w, item, a: w.out(item, "HAS_ENTRY"),
    "ProgrammeMember.redemptions": lambda w, item, a: w.out(item, "REDEEMED"),
}
FIELDS: dict[str, Resolve] = {
    "Query.node": _node,
    "Query.customer": _node,
    "Query.community": _node,
    "Query.introductions": _introductions,
    "Query.customerByIdentity": _by_identity,
    "Query.referralLink": lambda w, item, a: _first(
        [
            each
            for each in w.of("ReferralLink")
            if each.own["code"] == a["code"].strip().upper().replace("-", "")
        ]
    ),
    "Customer.identities": lambda w, item, a: sorted(
        w.out(item, "IDENTIFIED_BY"), key=lambda each: str(each.own["key"])
    ),
    "Customer.influenceHistory": _parts("InfluencePoint", "pastAt"),
    "InfluencePoint.asOf": lambda w, item, a: w.score(item.own, "pastAt")[item.more] or None,
    "Customer.influence": lambda w, item, a: _influence(item, item)(w, item, a),
    "Membership.customer": lambda w, item, a: item.more[0],
    "Membership.community": lambda w, item, a: item.more[1],
    "Membership.influence": lambda w, item, a: _influence(item, item.more[0])(w, item, a),
    "Influence.customer": lambda w, item, a: item.more,
    "Influence.parts": _parts("InfluencePart", "partValue"),
    "Influence.change": lambda w, item, a: None if w.score(item.own, "changeSince") is None else item,
    "InfluenceChange.since": lambda w, item, a: w.score(item.own, "changeSince") or None,
    "InfluenceChange.parts": _parts("InfluenceChangePart", "changeValue"),
    "InfluenceChangePart.customer": _origin("changeFrom"),
    "Influence.summary": _summary,
    "Influence.because": lambda w, item, a: item,
    "InfluenceBecause.people": _parts("InfluencePart", "partValue"),
    "InfluenceBecause.acts": _parts("InfluenceAct", "actValue"),
    "InfluencePart.tie": _tied,
    "InfluenceAct.at": lambda w, item, a: _act(w, item, "actAt") or None,
    "InfluenceAct.mention": _acted(("REPLY", "NAMING", "MOOD"), lambda w: w.of("Mention")),
    "InfluenceAct.advocacyLink": _acted(("RATING", "WARNING"), World.advocacy),
    "Tie.dayCount": lambda w, item, a: item.own["days"],
    "InfluencePart.customer": _origin("partFrom"),
    "Community.memberCount": lambda w, item, a: len(_mine(World.memberships, 1)(w, item)),
    "Community.health": _health,
    "Community.healthHistory": _parts("CommunityHealthPoint", "runAt"),
    "Community.warnings": _parts("CommunityWarning", "warnKind"),
    "Community.overlaps": _parts("CommunityOverlap", "overlapWith"),
    "Community.moodByWeek": _parts("CommunityMood", "weekAt"),
    "Community.subjects": _parts("CommunitySubject", "subject"),
    "Community.wishes": _parts("CommunityWish", "wish"),
    "Community.collectiveActions": _parts("CollectiveAction", "actionKind"),
    "CommunityHealth.bridge": lambda w, item, a: w.nodes.get(w.score(item.own, "bridge") or ""),
    "CommunityHealthPoint.asOf": lambda w, item, a: w.score(item.own, "runAt")[item.more] or None,
    "CommunityWarning.members": _all_named("warnMembers"),
    "CommunityOverlap.community": _origin("overlapWith"),
    "CommunitySubject.product": _named("subject", "Product"),
    "CommunitySubject.topic": _named("subject", "Topic"),
    "CommunityWish.idea": _origin("wish"),
    "CollectiveAction.product": _named("actionSubject", "Product"),
    "CollectiveAction.topic": _named("actionSubject", "Topic"),
    "CollectiveAction.examples": _all_named("actionExamples"),
    "Mention.author": lambda w, item, a: _first(w.into(item, "WROTE")),
    "Mention.inReplyTo": lambda w, item, a: _first(w.out(item, "IN_REPLY_TO")),
    "Mention.shares": lambda w, item, a: _first(w.out(item, "SHARES")),
    "Mention.names": lambda w, item, a: _by_uid(w.out(item, "NAMES")),
    "Mention.products": lambda w, item, a: _by_uid(w.out(item, "ABOUT")),
    "Mention.topics": lambda w, item, a: _by_uid(w.out(item, "ON")),
    "Mention.community": lambda w, item, a: _first(w.out(item, "IN")),
    "AdvocacyLink.giver": lambda w, item, a: item.more[0],
    "AdvocacyLink.receiver": lambda w, item, a: item.more[1],
    "AdvocacyLink.product": lambda w, item, a: w.nodes.get(item.own.get("product", "")),
    "AdvocacyLink.referralLink": lambda w, item, a: w.nodes.get(item.own.get("referralLink", "")),
    "ReferralLink.advocate": lambda w, item, a: _first(w.into(item, "OFFERS")),
    "ReferralLink.product": lambda w, item, a: _first(w.out(item, "PROMOTES")),
    "ReferralLink.visitCount": lambda w, item, a: (
        item.own.get("visitsBefore", 0) + len(w.into(item, "VISITED"))
    ),
    "ReferralLink.signUpCount": lambda w, item, a: len(w.into(item, "CAME_BY")),
    "Challenge.phase": lambda w, item, a: _phase(w, item, a),
    "Challenge.ideaCount": lambda w, item, a: sum(
        each.own.get("moderation", "PUBLISHED") == "PUBLISHED" and not w.out(each, "DUPLICATE_OF")
        for each in w.into(item, "IN_CHALLENGE")
    ),
    "Idea.duplicateOf": lambda w, item, a: _first(w.out(item, "DUPLICATE_OF")),
    "Idea.splitFrom": lambda w, item, a: _first(w.out(item, "SPLIT_FROM")),
    "IdeaMerge.original": lambda w, item, a: _first(w.out(item, "MERGED_INTO")),
    "IdeaMerge.duplicates": lambda w, item, a: _by_uid(w.out(item, "MERGED")),
    "IdeaSplit.idea": lambda w, item, a: _first(w.out(item, "SPLIT")),
    "IdeaSplit.parts": lambda w, item, a: _by_uid(w.out(item, "INTO_PART")),
    "Idea.topics": lambda w, item, a: _by_uid(w.out(item, "ON")),
    "Idea.commentCount": lambda w, item, a: sum(
        each.own["state"] == "PUBLISHED"
        for idea in [item, *w.into(item, "DUPLICATE_OF")]
        if idea is item or idea.own.get("moderation", "PUBLISHED") == "PUBLISHED"
        for each in w.into(idea, "ON_IDEA")
    ),
    "Comment.author": lambda w, item, a: _first(w.into(item, "COMMENTED")),
    "Comment.idea": lambda w, item, a: _first(w.out(item, "ON_IDEA")),
    "Comment.inReplyTo": lambda w, item, a: _first(w.out(item, "REPLIES_TO")),
    "Idea.author": lambda w, item, a: _first(w.into(item, "PROPOSED")),
    "Idea.supporters": lambda w, item, a: item,
    **{f"IdeaSupporters.{by}": _groups(by) for by in ("communities", "cities", "bands")},
    "IdeaSupporters.revenue": _revenue(""),
    "IdeaSupporters.revenueByCommunity": _revenue("communities"),
    "IdeaSupporters.revenueByCity": _revenue("cities"),
    "IdeaSupporters.revenueByBand": _revenue("bands"),
    "Idea.answer": _answer,
    "Idea.answers": lambda w, item, a: sorted(
        w.out(item, "HAS_ANSWER"), key=lambda each: -int(each.own["version"])
    ),
    "Idea.decisionDraft": lambda w, item, a: _first(w.out(item, "HAS_DRAFT")),
    "StatusChange.answer": lambda w, item, a: _first(w.out(item, "SAYS")),
    "Idea.challenge": lambda w, item, a: _first(w.out(item, "IN_CHALLENGE")),
    "Idea.tally": lambda w, item, a: None if w.score(item.own, "up") is None else Item("VoteTally", item.own),
    "VoteTally.marks": lambda w, item, a: w.score(item.own, "marks") or [],
    "VoteTally.communities": lambda w, item, a: _viewed(w, item, 0),
    "VoteTally.consensusBy": _parts("ConsensusView", "viewBy"),
    "ConsensusView.parts": lambda w, item, a: _viewed(w, item, item.more),
    "CommunityVotes.opinionGroup": _letter,
    "Challenge.opinionGroups": _parts("OpinionGroup", "groupLabel"),
    "OpinionGroup.ideas": _telling,
    "OpinionIdea.idea": _origin("groupIdea"),
    "VoteTally.rings": _parts("VoteRing", "ringSize"),
    "CommunityVotes.community": _origin("shareOf"),
    "Vote.voter": lambda w, item, a: item.more[0],
    "Idea.followerCount": lambda w, item, a: len(
        [x for x in w.links["FOLLOWS_IDEA"] if x.end == item.own["uid"] and not x.own["muted"]]
    ),
    "Notice.idea": lambda w, item, a: _first(w.out(item, "ABOUT_IDEA")),
    "Notice.comment": lambda w, item, a: _first(w.out(item, "ABOUT_COMMENT")),
    "Notice.challenge": lambda w, item, a: _first(w.out(item, "ABOUT_CHALLENGE")),
    "Notice.heardCount": lambda w, item, a: len(w.into(item, "OF")),
    "Notice.sentCount": _told("SENT"),
    "Notice.waitingCount": _told("WAITING"),
    "Notice.failedCount": _told("FAILED"),
    "Undelivered.customer": lambda w, item, a: item.more,
    "Customer.inbox": lambda w, item, a: Item("Inbox", item.own),
    "Query.inbox": lambda w, item, a: None,  # an administrator asks
    "Inbox.unreadCount": lambda w, item, a: len([x for x in w.out(item, "HEARS") if "readAt" not in x.own]),
    "InboxEntry.notice": lambda w, item, a: _first(w.out(item, "OF")),
    "Query.programme": lambda w, item, a: _first(w.of("Programme")),
    "Query.programmeAccount": lambda w, item, a: None,  # an administrator asks
    "Customer.programme": lambda w, item, a: _first(w.out(item, "IN_PROGRAMME")),
    "ProgrammeMember.customer": lambda w, item, a: _first(w.into(item, "IN_PROGRAMME")),
    "ProgrammeAct.member": lambda w, item, a: _first(w.into(item, "DID")),
    "ProgrammeAct.mention": _among("Mention", "SHOWN_BY"),
    "ProgrammeAct.idea": _among("Idea", "SHOWN_BY"),
    "ProgrammeAct.link": _linked,
    "Redemption.reward": lambda w, item, a: _first(w.out(item, "OF")),
    "Redemption.member": lambda w, item, a: _first(w.into(item, "REDEEMED")),
    "LedgerEntry.act": _among("ProgrammeAct", "FOR"),
    "LedgerEntry.redemption": _among("Redemption", "FOR"),
    "LeaderboardPlace.customer": lambda w, item, a: item.more,
    "AbuseSignal.member": lambda w, item, a: item.more,
}


def _resolve(source: Any, info: Any, **arguments: Any) -> Any:
    world: World = info.context
    if isinstance(source, dict):
        return source[info.field_name]
    name = f"{info.parent_type.name}.{info.field_name}"
    item = source if source is not None else Item("Query", {})
    if name in CONNECTIONS:
        return page(world, name, CONNECTIONS[name](world, item, arguments), arguments)
    if name in FIELDS:
        return FIELDS[name](world, item, arguments)
    if name in SCORES:
        return world.score(item.own, SCORES[name])
    if name in ACTS:
        return None if _act(world, item, "actKind") == "OTHERS" else _act(world, item, ACTS[name])
    if name in PARTS:
        value = world.score(item.own, PARTS[name])[item.more]
        return None if value == UNKNOWN else value
    if info.field_name == "id":
        return base64.b64encode(f"{info.parent_type.name}:{item.own['uid']}".encode()).decode()
    stored, default = PROPERTIES.get(name, (info.field_name, None))
    value = item.own.get(stored)
    return default if value is None else value


@dataclass(frozen=True, slots=True)
class Oracle:
    """Answers documents over a world."""

    world: World
    schema: GraphQLSchema

    def answer(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a document that has no errors."""
        result = execute_sync(
            self.schema,
            parse(document),
            context_value=self.world,
            variable_values=dict(variables),
            field_resolver=_resolve,
            type_resolver=lambda value, *_: value.kind,
        )
        assert not result.errors, result.errors
        assert result.data is not None
        return result.data


def oracle(world: World, printed: str) -> Oracle:
    """An oracle over the printed schema."""
    return Oracle(world, build_schema(printed))
