"""An export says all the columns know, in one order, and imports as the same graph."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.driver import Graph, Transaction
from graph.errors import Invalid
from graph.folders import export_folder, import_folder
from graph.folders.values import joined, split
from tests.graph.folders.folder import Folder, snapshot, value
from tests.graph.folders.test_importer import ROWS, WHOLE
from tests.shared import SHARED

EMPTY = "MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock DETACH DELETE n"


async def _run(tx: Transaction, *queries: Any) -> None:
    for query in queries:
        await (await tx.run(query)).consume()


def read(folder: Path) -> dict[str, bytes]:
    """The files of a folder, without what an import adds."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "rejected.csv"}


async def test_an_export_imported_into_an_empty_graph_exports_the_same_bytes(
    folder: Folder, tmp_path: Path
) -> None:
    await folder.write(**WHOLE).load()
    before = await snapshot(folder.graph)
    report = await export_folder(folder.graph, tmp_path / "first" / "deep")
    assert {name[:-4]: count for name, count in report.files.items() if name[:-4] in ROWS} == ROWS
    await folder.graph.write(_run, EMPTY)
    again = await import_folder(folder.graph, tmp_path / "first" / "deep")
    assert (again.rejections, await snapshot(folder.graph)) == (0, before)
    await export_folder(folder.graph, tmp_path / "second")
    assert read(tmp_path / "second") == read(tmp_path / "first" / "deep")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets are not here")
@pytest.mark.parametrize("name", ["polis-london.youth.policing", "pabulib-zurich-d10"])
async def test_real_folders_come_back_as_they_were(graph: Graph, tmp_path: Path, name: str) -> None:
    report = await import_folder(graph, SHARED / "data" / name, rejected=tmp_path / "rejected.csv")
    assert report.rejections == 0
    before = await snapshot(graph)
    await export_folder(graph, tmp_path / "out")
    await graph.write(_run, EMPTY)
    await import_folder(graph, tmp_path / "out")
    assert await snapshot(graph) == before


async def test_text_survives_whatever_it_holds(folder: Folder, tmp_path: Path) -> None:
    texts = [
        "a\rb",
        "a\r\nb\n",
        'say "hi", then',
        "  kept blanks ",
        "İıŞ 👍🏽 \u200d",
        "\ufefflead",
        "=1+1",
        "'",
    ]
    rows = "".join('m{},"{}"\n'.format(n, text.replace('"', '""')) for n, text in enumerate(texts))
    folder.write(mentions=f"id,text\n{rows}")
    assert await folder.load() == []
    before = await snapshot(folder.graph)
    await export_folder(folder.graph, tmp_path / "out")
    await folder.graph.write(_run, EMPTY)
    await import_folder(folder.graph, tmp_path / "out")
    assert await snapshot(folder.graph) == before
    with (tmp_path / "out" / "mentions.csv").open(newline="", encoding="utf-8") as file:
        assert [row["text"] for row in csv.DictReader(file)] == texts


PARTS = st.lists(st.text(st.sampled_from("|\\:a\n\"'ı ")), min_size=1)


@settings(max_examples=500)
@given(PARTS)
def test_a_list_survives_its_cell(parts: list[str]) -> None:
    assert split(joined(parts)) == parts


async def test_handles_and_ids_survive_the_signs_of_a_list(folder: Folder, tmp_path: Path) -> None:
    handles = ["a|b", "a\\", "|", "\\|c", "d\\\\e", 'f"|']
    rows = json.dumps({"id": "c|1", "identities": [f"x:{each}" for each in handles]})
    (folder.path / "customers.jsonl").write_text(f'{rows}\n{{"id": "c\\\\2"}}\n')
    folder.write(mentions="id,names\nm1,c\\|1|c\\\\2\nm2,c\\2\n")
    assert await folder.load() == []
    kept = "MATCH (i:Identity) WITH i.handle AS handle ORDER BY handle RETURN collect(handle)"
    assert await value(folder.graph, kept) == sorted(handles)
    named = "MATCH (:Mention)-[:NAMES]->(c) WITH c.externalId AS id ORDER BY id RETURN collect(id)"
    assert await value(folder.graph, named) == ["c\\2", "c\\2", "c|1"]
    before = await snapshot(folder.graph)
    await export_folder(folder.graph, tmp_path / "out")
    await folder.graph.write(_run, EMPTY)
    again = await import_folder(folder.graph, tmp_path / "out")
    assert (again.rejections, await snapshot(folder.graph)) == (0, before)


async def test_a_channel_with_a_colon_comes_back_as_the_same_account(folder: Folder, tmp_path: Path) -> None:
    await folder.write(customers="id,identities\nc1,a:b\n").load()
    await folder.graph.write(_run, "MATCH (i:Identity) SET i.channel = 'x:y', i.key = 'x_y:b'")
    await export_folder(folder.graph, tmp_path / "out")
    await folder.graph.write(_run, EMPTY)
    await import_folder(folder.graph, tmp_path / "out")
    assert await value(folder.graph, "MATCH (i:Identity) RETURN collect([i.key, i.handle])") == [
        ["x_y:b", "b"]
    ]


async def test_published_numbers_lie_beside_the_data(folder: Folder, tmp_path: Path) -> None:
    await folder.write(**WHOLE).load()
    await folder.graph.write(
        _run,
        "MATCH (c:Customer {externalId: 'c1'}) SET c.reachB = 1.5, c.voiceB = -0.25, c.reachA = 9.0",
        "MATCH (c:Customer {externalId: 'c1'}) SET c.voiceMarginB = 0.5, c.bandB = 'AT_RISK', c.bandA = 'NEUTRAL'",
        "MATCH (c:Customer {externalId: 'c1'}) SET c.trustB = 0.75, c.vouchedB = -0.5, c.trustA = 9.0",
        "MATCH (:Customer {externalId: 'c1'})-[m:MEMBER_OF]->() SET m.reachB = 1.0",
        "MATCH (:Customer {externalId: 'c2'})-[m:MEMBER_OF]->() SET m.reachA = 1.0",
        "MATCH (i:Idea {externalId: 'i1'}) SET i.upA = 1, i.downA = 1, i.passedA = 0, i.supportA = 0.125",
        "MATCH (m:Mention {externalId: 'm1'}) SET m.language = 'en', m.sentimentLabel = 'POSITIVE'",
        "MATCH (m:Mention {externalId: 'm1'}) SET m.noise = false",
        "MATCH (m:Mention {externalId: 'm1'}) CREATE (m)-[:ON]->(:Topic {uid: 't1', externalId: 'price'})",
        "MATCH (c:Customer {externalId: 'c3'}), (g {externalId: 'g2'}) CREATE (c)-[:MEMBER_OF]->(g)",
        "CREATE (:Publication {name: 'influence', slot: 'B', publishedAt: '2025-05-05T00:00:00.000Z'})",
        "CREATE (:Publication {name: 'tally', slot: 'A', publishedAt: '2025-05-05T00:00:00.000Z'})",
    )
    await export_folder(folder.graph, tmp_path / "out")
    lines = {
        path.name: path.read_text(encoding="utf-8").splitlines() for path in (tmp_path / "out").iterdir()
    }
    at = "2025-05-05T00:00:00.000Z"
    assert lines["scores.csv"] == [
        "customer,community,reach,standing,voice,advocacy,harm,computed_at,"
        "reach_margin,standing_margin,voice_margin,advocacy_margin,harm_margin,band,trust,vouched",
        f"c1,,1.5,,-0.25,,,{at},,,0.5,,,AT_RISK,0.75,-0.5",
        f"c1,g1,1,,,,,{at},,,,,,,,",
        f"c2,,,,,,,{at},,,,,,,,",
        f"c3,,,,,,,{at},,,,,,,,",
    ]
    assert (
        lines["tallies.csv"][0] == "idea,up,down,passed,support,consensus,bridging,divisive,rising,effective"
    )
    assert lines["tallies.csv"][1:] == ["i1,1,1,0,0.125,,,,,", "i2,,,,,,,,,"]
    assert lines["analysis.csv"][:3] == [
        "mention,language,sentiment,label,topics,noise",
        "m1,en,0.5,POSITIVE,price,false",
        "m2,,,,,",
    ]
    assert lines["communities_detected.csv"] == ["customer,community", "c3,g2"]


async def test_nothing_published_exports_empty_numbers(folder: Folder, tmp_path: Path) -> None:
    folder.write(customers="id\nc1\n")
    await folder.load()
    report = await export_folder(folder.graph, tmp_path / "out")
    assert (tmp_path / "out" / "scores.csv").read_text().splitlines()[1:] == ["c1,,,,,,,,,,,,,,,"]
    assert (report.files["scores.csv"], report.files["tallies.csv"]) == (1, 0)
    assert not list((tmp_path / "out").glob("*.part"))


async def test_a_folder_that_cannot_be_made_is_named(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match="cannot be made"):
        await export_folder(graph, tmp_path / "file")
