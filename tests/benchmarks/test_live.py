"""The live comparison compares like with like, and reads its instruments right."""

import json
import os
import socket
from collections import Counter

import pytest

from benchmarks.live.community import community
from benchmarks.live.compare import SERVERS, check
from benchmarks.live.load import Figure
from benchmarks.live.processes import cpu_ms, free_port, listener
from benchmarks.live.queries import READS, Answer, Dialect, answer, request
from benchmarks.live.report import table
from benchmarks.live.servers import DIALECTS, NAMES, Server

MUHATAP_SMALL = {"customer": {"name": "Ada", "city": "İzmir", "influence": {"advocacy": 2.5}}}
PEER_SMALL = {"customers": [{"name": "Ada", "city": "İzmir", "advocacy": 2.5}]}


def body(data: object) -> bytes:
    return json.dumps({"data": data}).encode()


def test_equal_answers_are_equal_in_every_dialect() -> None:
    ours = answer(Dialect.MUHATAP, "small", body(MUHATAP_SMALL))
    assert ours == answer(Dialect.NEO4J_GRAPHQL, "small", body(PEER_SMALL))
    assert ours == answer(Dialect.BARE, "small", body(PEER_SMALL["customers"][0]))


def test_an_answer_with_errors_is_no_answer() -> None:
    with pytest.raises(ValueError, match="Forbidden"):
        answer(Dialect.MUHATAP, "small", b'{"data": null, "errors": [{"message": "Forbidden"}]}')


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("read", READS)
def test_every_server_is_asked_every_read(name: str, read: str) -> None:
    path, text = request(DIALECTS[name], read, "0190")
    assert path.startswith("/")
    assert json.loads(text)


def test_a_server_that_answers_otherwise_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(self: Server, read: str, uid: str) -> Answer:
        return [{"name": "Ada"}, {"name": self.name}]

    monkeypatch.setattr(Server, "ask", ask)
    with pytest.raises(RuntimeError, match="page: yoga differs from bare at /1/name: 'yoga', not 'bare'"):
        check([Server("bare", 1, 1), Server("yoga", 2, 2)], "page", "0190")


def test_the_community_is_the_same_each_time_and_its_best_advocates_are_the_busiest() -> None:
    rows = community(200)
    assert rows == community(200)
    assert (len(rows.mentions), len(rows.advocacy), len(rows.memberships)) == (2000, 1000, 600)
    mentions = Counter(row["author"] for row in rows.mentions)
    assert mentions[rows.customers[0]["uid"]] > 3 * mentions[rows.customers[-1]["uid"]]


def test_the_best_of_two_rounds_is_taken_value_by_value() -> None:
    one = Figure("bare", "page", 8, 100, 5, 20, 1.5, 9)
    other = Figure("bare", "page", 8, 90, 6, 10, 2.5, 8)
    assert one.better(other) == Figure("bare", "page", 8, 100, 5, 10, 1.5, 8)


def test_the_table_has_a_row_a_server_the_fastest_first() -> None:
    slow, fast = (
        Figure("yoga", "page", 8, 40, 190, 327, 24.7, 20.1),
        Figure("bare", "page", 8, 167, 48, 89, 2.46, 9.2),
    )
    assert table([slow, fast]).splitlines()[2:] == [
        f"| {NAMES['bare']} | 167 | 48.0 / 89 | 2.46 | 9.20 |",
        f"| {NAMES['yoga']} | 40 | 190.0 / 327 | 24.70 | 20.10 |",
    ]


def test_the_process_behind_a_port_is_found_with_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert listener(server.getsockname()[1]) == os.getpid()
    assert listener(free_port()) is None
    assert cpu_ms(os.getpid()) > 0


def test_the_embedded_graph_is_compared_with_all_that_can_ask_it() -> None:
    assert set(SERVERS["embedded"]) < set(SERVERS["neo4j"]) == set(NAMES)
