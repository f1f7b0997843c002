"""Mutations that merge ideas and split them, with a preview each, and undo both."""

from contextlib import suppress

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import mutation
from api.idea_types import Idea
from api.merge_types import IdeaMerge, IdeaSplit
from api.writes import IdempotencyKey, Left, Then, UserError, given, perform, uid
from graph import merges, moving, splits
from graph.driver import Transaction
from graph.errors import Unavailable
from graph.records import now

PREVIEW = "Count only: nothing is written."
# as long as somebody waits for the answer of a call; a worker moves the rest
SECONDS = 5


def _settle(info: Info, course: moving.Course) -> Then:
    """Move the votes of what was begun."""

    async def settle(left: Left) -> None:
        if begun := left[course.name]:
            with suppress(Unavailable):  # what was begun stands, and a worker goes on
                await moving.settle(info.context.graph, course, uid=begun, seconds=SECONDS)

    return settle


@strawberry.input(description="Ideas of one challenge that say the same.")
class IdeaMergeInput:
    """Ideas of one challenge that say the same."""

    duplicate_ids: list[ID] = strawberry.field(
        description="The ideas to merge; what leads to them goes along."
    )
    original_id: ID = strawberry.field(description="The idea that stays.")
    reason: str = strawberry.field(description="Why they are the same, for all to read.")
    dry_run: bool = strawberry.field(default=False, description=PREVIEW)


@strawberry.type(description="What came of ideaMerge, or would.")
class IdeaMergePayload:
    """What came of ideaMerge, or would."""

    merge: IdeaMerge | None = strawberry.field(
        description="The merge, which may still be under way; null for a preview."
    )
    original: Idea | None = strawberry.field(description="The idea that stays.")
    votes_moved_count: int | None = strawberry.field(
        description="People who get a vote there by it, as it begins."
    )
    votes_dropped_count: int | None = strawberry.field(
        description="Votes of people who voted on several of the ideas, each but their latest."
    )
    followers_moved_count: int | None = strawberry.field(description="People who follow it by this.")
    told_count: int | None = strawberry.field(description="People whom it concerns.")
    errors: list[UserError] = strawberry.field(description="Why nothing was merged.")


@strawberry.input(description="A merge to undo.")
class IdeaMergeUndoInput:
    """A merge to undo."""

    merge_id: ID = strawberry.field(description="The merge; of several into one idea the last one first.")


@strawberry.type(description="What came of ideaMergeUndo.")
class IdeaMergeUndoPayload:
    """What came of ideaMergeUndo."""

    merge: IdeaMerge | None = strawberry.field(description="The merge, which may still be on its way back.")
    original: Idea | None = strawberry.field(description="The idea that had the votes.")
    errors: list[UserError] = strawberry.field(description="Why it was not undone.")


@strawberry.input(description="What becomes an idea of its own.")
class IdeaPartInput:
    """What becomes an idea of its own."""

    title: str = strawberry.field(description="Its title.")
    body: str | None = strawberry.field(default=UNSET, description="Its text.")
    category: str | None = strawberry.field(default=UNSET, description="Its category.")
    cost: float | None = strawberry.field(default=UNSET, description="What it would cost.")


@strawberry.input(description="An idea that says several things.")
class IdeaSplitInput:
    """An idea that says several things."""

    idea_id: ID = strawberry.field(description="The idea; it stays as one part, with its text and its votes.")
    parts: list[IdeaPartInput] = strawberry.field(description="The other parts, 1 to 20.")
    reason: str = strawberry.field(description="Why, for all to read.")
    copy_votes: bool = strawberry.field(
        default=False, description="Each vote counts for every part; else the parts begin without any."
    )
    dry_run: bool = strawberry.field(default=False, description=PREVIEW)


@strawberry.type(description="What came of ideaSplit, or would.")
class IdeaSplitPayload:
    """What came of ideaSplit, or would."""

    split: IdeaSplit | None = strawberry.field(
        description="The split, which may still be under way; null for a preview."
    )
    idea: Idea | None = strawberry.field(description="The idea that was split.")
    votes_copied_count: int | None = strawberry.field(description="Votes copied to the parts, as it begins.")
    followers_copied_count: int | None = strawberry.field(description="Followers the parts get.")
    told_count: int | None = strawberry.field(description="People whom it concerns.")
    errors: list[UserError] = strawberry.field(description="Why nothing was split.")


@strawberry.input(description="A split to undo.")
class IdeaSplitUndoInput:
    """A split to undo."""

    split_id: ID = strawberry.field(description="The split.")


@strawberry.type(description="What came of ideaSplitUndo.")
class IdeaSplitUndoPayload:
    """What came of ideaSplitUndo."""

    split: IdeaSplit | None = strawberry.field(description="The split, which may still be on its way back.")
    idea: Idea | None = strawberry.field(description="The idea, whole again.")
    errors: list[UserError] = strawberry.field(description="Why it was not undone.")


@strawberry.type
class MergeMutations:
    """Merges and splits ideas, and undoes it."""

    @mutation("Merge ideas into one that says the same: each person's vote counts once, the latest.")
    async def idea_merge(
        self, info: Info, input: IdeaMergeInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaMergePayload:
        """Merge ideas."""

        async def act(tx: Transaction) -> Left:
            made = await merges.merge(
                tx,
                duplicates=[uid(each, "Idea", "duplicateIds") for each in input.duplicate_ids],
                original=uid(input.original_id, "Idea", "originalId"),
                reason=input.reason,
                by=info.context.caller.name,
                now=now(),
                dry_run=input.dry_run,
            )
            return {
                "merge": made.uid,
                "original": made.original,
                "votesMovedCount": made.votes_moved,
                "votesDroppedCount": made.votes_dropped,
                "followersMovedCount": made.followers_moved,
                "toldCount": made.told,
            }

        payload: IdeaMergePayload = await perform(
            info, act, input, idempotency_key, _settle(info, moving.MERGE)
        )
        return payload

    @mutation("Undo a merge: what nobody has changed since is exactly as it was.")
    async def idea_merge_undo(
        self, info: Info, input: IdeaMergeUndoInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaMergeUndoPayload:
        """Undo a merge."""

        async def act(tx: Transaction) -> Left:
            merge = uid(input.merge_id, "IdeaMerge", "mergeId")
            original = await merges.undo(tx, merge=merge, by=info.context.caller.name, now=now())
            return {"merge": merge, "original": original}

        payload: IdeaMergeUndoPayload = await perform(
            info, act, input, idempotency_key, _settle(info, moving.MERGE)
        )
        return payload

    @mutation(
        "Make ideas of their own out of the parts of one; its author is theirs, its followers follow them."
    )
    async def idea_split(
        self, info: Info, input: IdeaSplitInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaSplitPayload:
        """Split an idea."""

        async def act(tx: Transaction) -> Left:
            idea = uid(input.idea_id, "Idea", "ideaId")
            made = await splits.split(
                tx,
                idea=idea,
                parts=[
                    splits.Part(part.title, given(part.body), given(part.category), given(part.cost))
                    for part in input.parts
                ],
                reason=input.reason,
                by=info.context.caller.name,
                now=now(),
                copy_votes=input.copy_votes,
                dry_run=input.dry_run,
            )
            return {
                "split": made.uid,
                "idea": idea,
                "votesCopiedCount": made.votes_copied,
                "followersCopiedCount": made.followers_copied,
                "toldCount": made.told,
            }

        payload: IdeaSplitPayload = await perform(
            info, act, input, idempotency_key, _settle(info, moving.SPLIT)
        )
        return payload

    @mutation("Undo a split: the parts go, unless people have taken them up since.")
    async def idea_split_undo(
        self, info: Info, input: IdeaSplitUndoInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaSplitUndoPayload:
        """Undo a split."""

        async def act(tx: Transaction) -> Left:
            split = uid(input.split_id, "IdeaSplit", "splitId")
            idea = await splits.undo(tx, split=split, by=info.context.caller.name, now=now())
            return {"split": split, "idea": idea}

        payload: IdeaSplitUndoPayload = await perform(
            info, act, input, idempotency_key, _settle(info, moving.SPLIT)
        )
        return payload
