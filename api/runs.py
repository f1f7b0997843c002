"""Runs of jobs, and the mutations that ask for one."""

from typing import Any

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Connected, Live, argument, connection, live, mutation, one, stored
from api.relay import Connection, from_global_id
from api.scalars import DateTime
from api.types import JobRun
from api.writes import IdempotencyKey, Left, UserError, given, perform
from graph import runs
from graph.driver import Transaction
from graph.live import INFLUENCE, Kind, Topic
from graph.records import now
from graph.selection import Order, Source


@strawberry.type
class RunQueries:
    """Runs of jobs."""

    job_runs: Connection[JobRun] = connection(
        Connected(Source("MATCH ({j}:JobRun)", ("j",)), {"NEWEST": Order("{j}.uid", descending=True)}),
        "Runs of jobs, newest first.",
    )


@strawberry.type(description="The scores that everybody sees now.")
class Publication:
    """The scores that everybody sees now."""

    published_at: DateTime = stored("{w}.publishedAt", "Since when.")
    as_of: DateTime | None = stored("{w}.asOf", "They count what was known at this instant.")
    run: JobRun | None = one(
        "WITH {w}.run AS {k} MATCH ({j}:JobRun {{uid: {k}}})", "k j", "The run that computed them."
    )


@strawberry.type
class RunSubscriptions:
    """Runs as they go on, and what they publish."""

    influence_published: Publication | None = live(
        Live(
            Source("MATCH ({w}:Publication {{name: 'influence'}}) WHERE {w}.slot IS NOT NULL", ("w",)),
            topic=lambda _: INFLUENCE,
        ),
        "The scores that are published, and again after each run; null before the first one.",
    )
    job_run_progress: JobRun | None = live(
        Live(
            Source("MATCH ({j}:JobRun {{uid: $id}})", ("j",)),
            {"id": "JobRun"},
            topic=lambda values: Topic(Kind.RUN, from_global_id(values["id"], "JobRun")[1]),
        ),
        "A run, and again as often as it moves.",
        id=argument(ID, "Id of a JobRun."),
    )


@strawberry.input(description="A run to ask for.")
class RunInput:
    """A run to ask for."""

    as_of: DateTime | None = strawberry.field(
        default=UNSET, description="Count what was known at this instant; the latest if left out."
    )


@strawberry.type(description="What came of influenceRun.")
class InfluenceRunPayload:
    """What came of influenceRun."""

    run: JobRun | None = strawberry.field(description="The run, waiting for a worker.")
    errors: list[UserError] = strawberry.field(description="Why none was asked for.")


@strawberry.type(description="What came of tallyRun.")
class TallyRunPayload:
    """What came of tallyRun."""

    run: JobRun | None = strawberry.field(description="The run, waiting for a worker.")
    errors: list[UserError] = strawberry.field(description="Why none was asked for.")


@strawberry.type(description="What came of communityDetect.")
class CommunityDetectPayload:
    """What came of communityDetect."""

    run: JobRun | None = strawberry.field(description="The run, waiting for a worker.")
    errors: list[UserError] = strawberry.field(description="Why none was asked for.")


async def _request(info: Info, kind: str, input: RunInput | None, key: str | None) -> Any:
    as_of = given(input.as_of) if input else None

    async def act(tx: Transaction) -> Left:
        asked = await runs.request(
            tx, kind=kind, now=now(), requested_by=info.context.caller.name, as_of=as_of
        )
        return {"run": asked.uid}

    return await perform(info, act, {"asOf": as_of}, key)


@strawberry.type
class RunMutations:
    """Asks for runs."""

    @mutation("Score every customer again.")
    async def influence_run(
        self, info: Info, input: RunInput | None = None, idempotency_key: IdempotencyKey = None
    ) -> InfluenceRunPayload:
        """Score every customer again."""
        payload: InfluenceRunPayload = await _request(info, "INFLUENCE", input, idempotency_key)
        return payload

    @mutation("Count all votes again.")
    async def tally_run(
        self, info: Info, input: RunInput | None = None, idempotency_key: IdempotencyKey = None
    ) -> TallyRunPayload:
        """Count all votes again."""
        payload: TallyRunPayload = await _request(info, "TALLY", input, idempotency_key)
        return payload

    @mutation("Find the communities in the ties again; they keep their names where they go on.")
    async def community_detect(
        self, info: Info, input: RunInput | None = None, idempotency_key: IdempotencyKey = None
    ) -> CommunityDetectPayload:
        """Find the communities in the ties again."""
        payload: CommunityDetectPayload = await _request(info, "COMMUNITIES", input, idempotency_key)
        return payload
