"""The whole public surface as one list of capabilities."""

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type
from strawberry import ID
from strawberry.schema.config import StrawberryConfig

from api import types
from api.acts import ActMutations
from api.advocacy import AdvocacyMutations, AdvocacyQueries
from api.auth import policy_of
from api.challenges import ChallengeMutations, ChallengeQueries
from api.comments import CommentMutations, CommentQueries
from api.communities import CommunityMutations, CommunityQueries
from api.customers import CustomerMutations, CustomerQueries
from api.decisions import DecisionMutations, DecisionQueries
from api.declare import KEY, Arguments, ToOne, argument, declarations, root
from api.ideas import IdeaMutations, IdeaQueries
from api.introductions import IntroductionQueries
from api.mentions import MentionMutations, MentionQueries
from api.merges import MergeMutations
from api.moderation import ModerationMutations
from api.next_ideas import NextIdeaQueries
from api.nodes import NODES
from api.notices import NoticeMutations, NoticeQueries, NoticeSubscriptions
from api.programme import ProgrammeMutations, ProgrammeQueries
from api.referrals import ReferralMutations, ReferralQueries
from api.relay import Node, from_global_id
from api.revisions import RevisionMutations
from api.rewards import RewardMutations
from api.runs import RunMutations, RunQueries, RunSubscriptions
from api.scalars import DATE, DATE_TIME, WALL_TIME, Date, DateTime, WallTime
from api.similar import SimilarQueries
from api.votes import VoteMutations, VoteSubscriptions
from api.what_if import WhatIfQueries
from graph.errors import Invalid
from graph.selection import Source

ADVOCACY_LINK = Source("MATCH ({f})-[{a}:ADVOCATED]->({t}) WHERE {a}.uid = $id", ("f", "a", "t"))


def _kind(arguments: Arguments) -> str:
    """The type that an id names; an unknown one is looked for as a customer, and not found."""
    try:
        kind = from_global_id(arguments["id"])[0]
    except Invalid:
        return "Customer"
    return kind if kind in NODES or kind == "AdvocacyLink" else "Customer"


def _place(arguments: Arguments) -> Source:
    kind = _kind(arguments)
    if kind == "AdvocacyLink":
        return ADVOCACY_LINK
    role = NODES[kind]
    return Source(f"MATCH ({{{role}}}:{kind} {{{{uid: $id}}}})", (role,))


@strawberry.type(description="What can be asked.")
class Query(
    CustomerQueries,
    CommunityQueries,
    MentionQueries,
    AdvocacyQueries,
    WhatIfQueries,
    ChallengeQueries,
    IdeaQueries,
    CommentQueries,
    NextIdeaQueries,
    DecisionQueries,
    NoticeQueries,
    SimilarQueries,
    ProgrammeQueries,
    ReferralQueries,
    IntroductionQueries,
    RunQueries,
):
    """What can be asked."""

    node: Node | None = root(
        ToOne(_place, {"id": None}, target=_kind), "Anything by its id.", id=argument(ID, "Any id.")
    )


@strawberry.type(description="What can be changed.")
class Mutation(
    CustomerMutations,
    CommunityMutations,
    MentionMutations,
    AdvocacyMutations,
    ChallengeMutations,
    IdeaMutations,
    DecisionMutations,
    RevisionMutations,
    CommentMutations,
    ModerationMutations,
    VoteMutations,
    NoticeMutations,
    MergeMutations,
    ProgrammeMutations,
    ActMutations,
    RewardMutations,
    ReferralMutations,
    RunMutations,
):
    """What can be changed."""


@strawberry.type(description="What can be watched; see the guide for frontends.")
class Subscription(RunSubscriptions, VoteSubscriptions, NoticeSubscriptions):
    """What can be watched."""


async def _read_root(source: Any, info: Any, **arguments: Any) -> Any:
    """A root field by itself, where graphql-core runs the rest (introspection beside it, for instance)."""
    from api.execute import compiler  # the executor builds on this module

    made = compiler(info.context, info.fragments, info.variable_values)
    field = made.field(info.parent_type, info.path.key, info.field_nodes)
    plan = made.plan([field])
    answer = (await info.context.run(plan, plan.parameters(info.variable_values)))[info.path.key]
    if info.field_name == "node" and answer is not None:
        answer["__typename"] = _kind(arguments)
    return answer


def pick(source: Any, info: Any, **arguments: Any) -> Any:
    """A value of what was read already: by response key from the compiled answer, else an attribute."""
    if isinstance(source, Mapping):
        return source[info.path.key]
    definition = info.parent_type.fields[info.field_name].extensions["strawberry-definition"]
    return getattr(source, definition.python_name)


def build() -> strawberry.Schema:
    """The schema; a field without a policy fails here."""
    built = strawberry.Schema(
        Query,
        Mutation,
        Subscription,
        types=[types.AdvocacyLink, types.Topic, types.Product],
        config=StrawberryConfig(
            scalar_map={DateTime: DATE_TIME, Date: DATE, WallTime: WALL_TIME}, disable_field_suggestions=True
        ),
    )
    for kind in built._schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType) and not kind.name.startswith("__"):
            kind.resolve_type = lambda value, *_: value["__typename"]
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__"):
            continue
        kind.is_type_of = None
        for name, described in kind.fields.items():
            policy_of(kind.name, name)
            for taken in described.args.values():
                taken.description = taken.description or getattr(
                    get_named_type(taken.type), "description", None
                )
            if kind.name in {"Query", "Subscription"}:
                if KEY in described.extensions["strawberry-definition"].metadata:
                    described.resolve = _read_root
            elif kind.name != "Mutation":
                described.resolve = pick
    return built


schema = build()
SCHEMA = schema._schema
DECLARED = declarations(SCHEMA)
