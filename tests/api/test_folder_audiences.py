"""The audience of a challenge goes with its folder, under the ids that the folder has."""

import csv
from pathlib import Path

import orjson

from api.audience import condition_of, kept
from api.folder_audiences import FolderAudiences
from api.relay import to_global_id
from graph.driver import Graph
from graph.folders import audience, export_folder, import_folder, one_challenge
from graph.tokens import Role
from tests.graph.folders.test_export import EMPTY, _run, read

WHO = (
    '{"band":["CHAMPION"],"joinedAt":{"from":"2025-01-01T00:00:00.000Z"},"memberOf":{"id":["g1"]},'
    '"not":{"and":[{"id":["c2"]},{"kind":["BOT"]}]},"owns":{"id":["p1"]},"wrote":{"author":{"id":["c1"]}}}'
)
WRONG = {
    "h2": ("{", "audience: it is not JSON: "),
    "h3": ("[]", "audience: it is no JSON object with conditions"),
    "h4": ('{"value":{"gte":"much"}}', "audience: value.gte: Float cannot represent non numeric value"),
    "h5": ('{"wrote":{"in":1}}', "audience: wrote: Expected value of type 'MentionFilter' not to include"),
    "h6": ('{"memberOf":{"id":["g1","g9"]}}', "audience: there is no community 'g9' in the folder or the gr"),
    "h7": ('{"and":[' * 20 + "{}" + "]}" * 20, "audience: A filter has at most 12 levels"),
    "h8": ('{"not":' * 900 + "{}" + "}" * 900, "audience: A filter has at most 12 levels"),
}
UIDS = "MATCH (n:{label}) RETURN n.externalId AS id, n.uid AS uid"


def _write(folder: Path, name: str, *rows: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


async def test_an_audience_goes_with_its_challenge(graph: Graph, tmp_path: Path) -> None:
    given, first, second = (tmp_path / name for name in ("given", "first", "second"))
    _write(given, "customers", ("id", "joined_at"), ("c1", "2025-02-01T00:00:00Z"), ("c2", ""))
    for name, key in (("communities", "g1"), ("products", "p1")):
        _write(given, name, ("id",), (key,))
    pretty = orjson.dumps(orjson.loads(WHO), option=orjson.OPT_INDENT_2).decode()
    _write(given, "challenges", ("id", "audience"), ("h1", pretty), ("h0", ""))
    words = FolderAudiences()
    for dry in (True, False):
        report = await import_folder(graph, given, dry_run=dry, audiences=words)
        assert (report.rejections, report.files[-1].written) == (0, 2)
    stored = await _stored(graph, "h1")
    ids = {
        row["id"]: to_global_id(label)(row["uid"])
        for label in ("Customer", "Community", "Product")
        for row in await graph.read(UIDS.format(label=label))
    }
    values = orjson.loads(WHO)
    values["memberOf"]["id"], values["owns"]["id"] = [ids["g1"]], [ids["p1"]]
    values["not"]["and"][0]["id"], values["wrote"]["author"]["id"] = [ids["c2"]], [ids["c1"]]
    assert stored == kept(values, Role.ADMINISTRATOR)  # as challengeEdit would have stored it
    assert (await import_folder(graph, given, audiences=words)).files[-1].unchanged == 2

    await export_folder(graph, first, audiences=words)
    with (first / "challenges.csv").open(encoding="utf-8", newline="") as file:
        assert {row["id"]: row["audience"] for row in csv.DictReader(file)} == {"h0": "", "h1": WHO}
    for folder in (first, second):
        await graph.write(_run, EMPTY)
        assert (await import_folder(graph, folder, audiences=words)).rejections == 0
        assert await _stored(graph, "h1") != stored  # of records that are new
        scope = await one_challenge(graph, "h1", words)
        written = (await export_folder(graph, second, scope=scope, audiences=words)).files
        named = ("customers.csv", "communities.csv", "products.csv", "challenges.csv")
        assert [written[name] for name in named] == [2, 1, 1, 1]
    assert read(second)["products.csv"] == read(first)["products.csv"]

    _write(given, "challenges", ("id", "audience"), *((key, cell) for key, (cell, _) in WRONG.items()))
    report = await import_folder(graph, given, audiences=words)
    reasons = [row["reason"] for row in _rejected(given)]
    assert [reason[: len(said)] for reason, (_, said) in zip(reasons, WRONG.values(), strict=True)] == [
        said for _, said in WRONG.values()
    ]
    assert [await _stored(graph, key) for key in WRONG] == [None] * len(WRONG)
    _write(given, "challenges", ("id", "audience"), ("h9", '{"id":["c2"]}'))
    assert (await import_folder(graph, given, audiences=None)).rejections == 1  # nothing is let in unread
    assert (await import_folder(graph, given, audiences=words)).rejections == 0
    await export_folder(graph, tmp_path / "who", scope=await audience(graph, "h9", condition_of))
    assert (tmp_path / "who" / "customers.csv").read_text(encoding="utf-8").splitlines()[1][:3] == "c2,"


def _rejected(folder: Path) -> list[dict[str, str]]:
    with (folder / "rejected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def _stored(graph: Graph, challenge: str) -> str | None:
    row = await graph.read_one(
        "MATCH (h:Challenge {externalId: $id}) RETURN h.audience AS audience", id=challenge
    )
    return row["audience"] if row else None
