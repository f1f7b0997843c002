"""A decision as the team makes one: drafted, then published."""

from graph import decisions
from graph.driver import Graph

NOW = "2026-01-02T00:00:00.000Z"


async def decided(graph: Graph, idea: str, status: str) -> None:
    """Decide about an idea and publish it."""
    given = {"idea": idea, "status": status, "reason": "Because.", "answer": "So it is.", "by": "team"}
    draft = await graph.write(decisions.decide, **given, now=NOW)
    await graph.write(decisions.publish, drafts=[draft.uid], by="team", now=NOW)
