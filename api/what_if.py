"""What an action would do to the scores: computed when it is asked, since no stored value can tell."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import strawberry
from graphql import FieldNode
from strawberry import ID, Info

from api.auth import policy_of
from api.declare import argument, computed
from api.enums import Band
from api.plan import Compiler, refused
from api.relay import from_global_id
from api.scalars import DateTime
from api.types import Customer
from graph import deeds
from graph.errors import Invalid, NotFound
from graph.selection import Order, Page, Source
from jobs.influence.what_if import Action, Outlook, what_if


@strawberry.enum(description="What would happen to an act.")
class InfluenceAction(Enum):
    """What would happen to an act."""

    REMOVED = strawberry.enum_value("REMOVED", description="It is retracted or deleted.")
    NEUTRAL = strawberry.enum_value(
        "NEUTRAL", description="A mention is answered so that its mood no longer counts."
    )
    POSITIVE = strawberry.enum_value(
        "POSITIVE", description="A mention is answered so well that its mood turns as good as it was bad."
    )


@strawberry.type(description="The scores of a customer at one time.")
class InfluenceScores:
    """The scores of a customer at one time."""

    reach: float = strawberry.field(description="Reach, from 0 upwards, mean 1.0.")
    standing: float | None = strawberry.field(description="Standing, −1 to 1; null if nobody says anything.")
    voice: float | None = strawberry.field(description="Voice, −1 to 1; null if they say nothing.")
    advocacy: float | None = strawberry.field(description="Advocacy, from 0 upwards; null without a voice.")
    harm: float | None = strawberry.field(description="Harm, from 0 upwards; null without a voice.")
    band: Band | None = strawberry.field(description="Their band; null without a voice.")


@strawberry.type(description="A customer's scores as they are, and as they would be.")
class InfluenceOutlook:
    """A customer's scores as they are, and as they would be."""

    customer: Customer | None = strawberry.field(description="Whose scores they are.")
    before: InfluenceScores = strawberry.field(description="As a run would find them now.")
    after: InfluenceScores = strawberry.field(description="As a run would find them after the action.")


@strawberry.type(description="What an action on one act would do to overall scores; nothing is written.")
class InfluenceWhatIf:
    """What an action on one act would do to overall scores; nothing is written."""

    as_of: DateTime | None = strawberry.field(
        description="The instant both count until, that of the latest act; null: there is none."
    )
    outlooks: list[InfluenceOutlook] = strawberry.field(
        description="Whom the act concerns first, then those whose scores would move most: twenty at most."
    )


@strawberry.type
class WhatIfQueries:
    """What an action would do."""

    @computed(
        "What an action would do: two whole runs computed over what is known, so that nothing is held "
        "fixed but the instant, and nothing is written. Mentions that wait for their analysis have no mood in "
        "either. Null: there is no such act. A large graph is refused."
    )
    async def influence_what_if(
        self,
        info: Info,
        act_id: argument(ID, "Id of a Mention or an AdvocacyLink."),  # type: ignore[valid-type]
        action: argument(InfluenceAction, "What would happen to it; a link can only be removed."),  # type: ignore[valid-type]
    ) -> InfluenceWhatIf | None:
        """What an action would do."""
        context = info.context
        # the compiler may have given up on the document before it came to this field
        if context.caller.role not in policy_of("Query", info.field_name):
            raise refused("FORBIDDEN", f"Query.{info.field_name} is not for the role {context.caller.role}.")
        kind, uid = from_global_id(act_id)
        if kind not in {"Mention", "AdvocacyLink"}:
            raise Invalid("Give the id of a Mention or an AdvocacyLink.", field="actId")
        try:
            deed = await (deeds.mention if kind == "Mention" else deeds.link)(context.graph, uid)
        except NotFound:
            return None
        found = await what_if(context.graph, deed, Action(action.value))
        return await _Answer(info).shaped(found.as_of, found.outlooks)  # type: ignore[return-value]


class _Answer:
    """Shapes what was computed as it was asked for, the customers read by one statement of the compiler."""

    def __init__(self, info: Info) -> None:
        from api.execute import compiler  # the executor builds on the schema, and the schema on this

        self.raw, self.context = info._raw_info, info.context
        self.made: Compiler = compiler(info.context, self.raw.fragments, self.raw.variable_values)

    async def shaped(self, as_of: str | None, outlooks: Sequence[Outlook]) -> Mapping[str, Any]:
        """The answer by response key."""
        asked = self._asked("InfluenceWhatIf", self.raw.field_nodes)
        answer: dict[str, Any] = {}
        for key, nodes in asked.items():
            plain = nodes[0].name.value != "outlooks"
            answer[key] = as_of if plain else await self._outlooks(nodes, outlooks)
        return answer

    async def _outlooks(
        self, nodes: Sequence[FieldNode], outlooks: Sequence[Outlook]
    ) -> list[dict[str, Any]]:
        asked = self._asked("InfluenceOutlook", nodes)
        people = {key: below for key, below in asked.items() if below[0].name.value == "customer"}
        known = await self._customers(people, [each.customer for each in outlooks]) if people else {}
        rows = []
        for each in outlooks:
            row = dict(known.get(each.customer, {}))
            for key, below in asked.items():
                if (name := below[0].name.value) in {"before", "after"}:
                    row[key] = self._scores(below, getattr(each, name))
            rows.append(row)
        return rows

    def _scores(self, nodes: Sequence[FieldNode], scores: Mapping[str, Any]) -> dict[str, Any]:
        asked = self._asked("InfluenceScores", nodes)
        return {key: scores.get(below[0].name.value) for key, below in asked.items()}

    async def _customers(
        self, asked: Mapping[str, Sequence[FieldNode]], uids: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """What was asked of each customer, by uid."""
        source = Source("UNWIND $uids AS {k} MATCH ({c}:Customer {{uid: {k}}})", ("k", "c"))
        parts = tuple(("nodes", key, self.made.below("Customer", nodes)) for key, nodes in asked.items())
        page = Page("found", source, Order("{c}.uid"), "p", parts, lambda env: None, after=False)
        plan = self.made.plan([page])
        parameters = plan.parameters(self.raw.variable_values)
        parameters |= {"uids": list(uids), "p_first": len(uids), "p_limit": len(uids)}
        answer = (await self.context.run(plan, parameters))["found"]
        return {uid: {key: answer[key][at] for key in asked} for at, uid in enumerate(sorted(set(uids)))}

    def _asked(self, kind: str, nodes: Sequence[FieldNode]) -> dict[str, list[FieldNode]]:
        sets = [node.selection_set for node in nodes if node.selection_set]
        return self.made.collect(self.made.object_type(kind), sets)
