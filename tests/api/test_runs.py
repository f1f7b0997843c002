"""Runs of jobs over HTTP: asked for, listed."""

import pytest

from graph.tokens import Role
from tests.api.calls import call, code, pages
from tests.api.conftest import Client

SHOWN = "run { kind status asOf startedAt finishedAt version message doneCount totalCount }"


RUNS = [("influenceRun", "INFLUENCE"), ("communityDetect", "COMMUNITIES"), ("tallyRun", "TALLY")]


@pytest.mark.parametrize(("name", "kind"), RUNS)
async def test_a_run_waits_for_a_worker(client: Client, name: str, kind: str) -> None:
    payload = await call(client, name, SHOWN, asOf="2026-01-01T03:00:00+03:00")
    expected = {
        "kind": kind,
        "status": "QUEUED",
        "asOf": "2026-01-01T00:00:00.000Z",
        "startedAt": None,
        "finishedAt": None,
        "version": None,
        "message": None,
        "doneCount": 0,
        "totalCount": None,
    }
    assert payload == {"run": expected, "errors": []}
    events = await client.graph.read("MATCH (e:Event) RETURN e.kind AS kind")
    assert len(events) == 1


@pytest.mark.parametrize(("name", "kind"), RUNS)
async def test_a_run_needs_no_input(client: Client, name: str, kind: str) -> None:
    found = await client.data(f"mutation {{ {name} {{ run {{ kind asOf queuedAt }} errors {{ code }} }} }}")
    run = found[name]["run"]
    assert (run["kind"], run["asOf"], run["queuedAt"][-1]) == (kind, None, "Z")


async def test_a_key_asks_for_one_run(client: Client) -> None:
    first = await call(client, "tallyRun", "run { id }", key="k")
    assert await call(client, "tallyRun", "run { id }", key="k") == first
    other = await call(client, "tallyRun", "run { id }", key="k", asOf="2026-01-01T00:00:00Z")
    assert other == {"run": None, "errors": [{"code": "CONFLICT", "field": ["idempotencyKey"]}]}
    assert await pages(client, "jobRuns", "id", "id") == [[first["run"]["id"]]]


async def test_runs_are_listed_newest_first(client: Client) -> None:
    for name in ("influenceRun", "tallyRun", "tallyRun"):
        await call(client, name, "")
    assert await pages(client, "jobRuns", "kind", "kind") == [["TALLY", "TALLY"], ["INFLUENCE"]]


async def test_an_agent_asks_for_no_run(client: Client) -> None:
    agent = await client.as_role(Role.AGENT)
    answer = await agent("mutation { influenceRun { run { id } } }")
    assert code(answer) == "FORBIDDEN"
    assert await client.graph.read("MATCH (r:JobRun) RETURN r") == []


async def test_a_change_and_a_later_one_of_the_same_document_are_done_in_order(client: Client) -> None:
    document = """mutation {
      a: challengeOpen(input: {externalId: "c", title: "A"}) { challenge { title } }
      b: challengeOpen(input: {externalId: "c", title: "B"}) { challenge { title ideaCount } errors { code } }
      c: challengeOpen(input: {title: ""}) { challenge { title } errors { code } }
    }"""
    found = await client.data(document)
    assert found == {
        "a": {"challenge": {"title": "A"}},
        "b": {"challenge": {"title": "B", "ideaCount": 0}, "errors": []},
        "c": {"challenge": None, "errors": [{"code": "INVALID"}]},
    }
