"""Notices reach inboxes, mailboxes and a webhook: all of them, once, in the reader's words."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import consents, deliveries, follows, votes
from graph import notices as graph_notices
from graph.consents import Channel
from graph.deliveries import Message, Told
from graph.driver import Graph
from graph.errors import Unavailable
from graph.notices import NoticeKind
from graph.records import new_uid, now
from jobs import doctor, notices
from jobs.letters import APPEALS, body, call_body, letter, subject
from jobs.links import key_of, unsubscribe_token, unsubscriber
from jobs.settings import JobSettings
from tests.graph.test_notices import YES, announced, answer, idea, merge, person, states, write
from tests.jobs.outside import Hook, MailServer, listening

SECRET = "whsec_" + base64.b64encode(b"a key of the hook").decode()


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with listening(MailServer()) as server:
        yield server


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    async with listening(Hook()) as server:
        yield server


@pytest.fixture
def ways(mail: MailServer, hook: Hook, home: Path) -> JobSettings:
    return JobSettings.model_validate(
        {
            "home": home,
            "smtp_url": f"smtp://127.0.0.1:{mail.port}",
            "smtp_from": "Kahve <ideas@brand.example>",
            "public_url": "https://brand.example/api/",
            "webhook_url": f"http://127.0.0.1:{hook.port}/told?by=muhatap",
            "webhook_secret": SECRET,
            "email_gap": 0,
            "send_timeout": 2,
            "send_delay": 0.001,
            "send_attempts": 3,
        }
    )


async def reader(graph: Graph, name: str, what: str, *channels: str, **fields: object) -> str:
    """A voter who consented to these channels."""
    who = await person(graph, name, **{"email": f"{name}@example.org", **fields})
    await graph.write(votes.cast_vote, idea=what, voter=who, value=1, now=now())
    for channel in channels:
        await graph.write(consents.give, customer=who, channel=channel, wording=YES, now=now())
    return who


async def heard(graph: Graph) -> list[tuple[str, int]]:
    query = """
    MATCH (c:Customer)-[:HEARS]->(e)-[:OF]->(n)
    RETURN c.externalId AS who, count(DISTINCT e) AS entries, count(*) AS ways ORDER BY who
    """
    rows = await graph.read(query)
    assert all(row["entries"] == row["ways"] for row in rows)
    return [(row["who"], row["entries"]) for row in rows]


async def test_an_answer_reaches_everybody_by_their_channels(
    graph: Graph, ways: JobSettings, mail: MailServer, hook: Hook
) -> None:
    decaf = await idea(graph)
    # no mutation takes such a title
    await write(
        graph, "MATCH (i:Idea {uid: $i}) SET i.title = 'Kafeinsiz\\r\\nBcc: all@example.org'", i=decaf
    )
    twin = await idea(graph)
    await answer(graph, decaf, "a1", "Evet, baharda.\n.\nTek nokta da metindir.")
    await reader(graph, "ayse", decaf, "EMAIL", locale="tr-TR")
    await reader(graph, "bob", twin, "EMAIL", "WEBHOOK", locale="en-GB")
    await merge(graph, twin, decaf)
    await reader(graph, "can", decaf)
    gone = await reader(graph, "dan", decaf, "EMAIL")
    await graph.write(follows.unfollow, idea=decaf, customer=gone, now=now())
    notice = await announced(graph, decaf, "a1")
    assert await notices.spread(graph, ways, notice=notice) == 3
    assert await notices.deliver(graph, ways) == 3
    # neither a second spreading nor a second sending tells anything again
    assert await notices.spread(graph, ways, notice=notice) == 0
    assert await notices.deliver(graph, ways) == 0
    assert await heard(graph) == [("ayse", 1), ("bob", 1), ("can", 1)]
    assert await states(graph) == [
        ("ayse", "EMAIL", "SENT", None),
        ("bob", "EMAIL", "SENT", None),
        ("bob", "WEBHOOK", "SENT", None),
        ("can", "EMAIL", "SKIPPED", "NO_CONSENT"),
        ("dan", "IN_APP", "SKIPPED", "MUTED"),
    ]
    first, second = sorted(mail.letters, key=lambda one: str(one["To"]))
    assert (first["To"], second["To"]) == ("ayse@example.org", "bob@example.org")
    assert first["Subject"] == "“Kafeinsiz Bcc: all@example.org” yanıtlandı"
    assert second["Subject"].endswith("has an answer")
    assert first["Bcc"] is None
    assert "Tek nokta da metindir." in first.get_content()
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = first["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://brand.example/api/unsubscribe?token=")
    assert link in first.get_content()
    who = unsubscriber(key_of(graph.settings), link.partition("=")[2])
    assert [tuple(row) for row in await graph.read("MATCH (c {uid: $u}) RETURN c.externalId", u=who)] == [
        ("ayse",)
    ]
    [(headers, body)] = hook.calls
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.digest(b"a key of the hook", signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    told = orjson.loads(body)
    assert (told["type"], told["data"]["customer"]["externalId"]) == ("idea.answered", "bob")


async def test_nothing_is_claimed_on_a_home_that_cannot_keep_the_key_of_links(
    graph: Graph, ways: JobSettings, mail: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decaf = await idea(graph)
    await answer(graph, decaf, "a1", "Evet.")
    await reader(graph, "ayse", decaf, "EMAIL")
    await notices.spread(graph, ways, notice=await announced(graph, decaf, "a1"))
    with monkeypatch.context() as patch:
        (tmp_path / "file").touch()
        settings = graph.settings.model_copy(update={"home": tmp_path / "file" / "home"})
        patch.setattr(graph, "settings", settings)
        said = f"kept in the home: {tmp_path}/file is a file; move that file away, or set MUHATAP_HOME"
        for _ in range(ways.send_attempts + 1):
            with pytest.raises(Unavailable, match=said):
                await notices.deliver(graph, ways)
    assert mail.letters == []
    assert await notices.deliver(graph, ways) == 1


async def test_a_spreading_goes_on_where_it_was_cut(
    graph: Graph, ways: JobSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "CHUNK", 2)
    decaf = await idea(graph)
    for n in range(7):
        await reader(graph, f"p{n}", decaf)
    notice = await announced(graph, decaf, "a1")
    enter, calls = graph_notices.enter, []

    async def cut(tx: Any, **given: Any) -> None:
        await enter(tx, **given)
        calls.append(given["people"])
        if len(calls) in {2, 4}:
            raise ZeroDivisionError

    monkeypatch.setattr(graph_notices, "enter", cut)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await notices.spread(graph, ways, notice=notice)
    await notices.spread(graph, ways, notice=notice)
    assert [len(people) for people in calls] == [2, 2, 2, 2, 2, 1]
    assert await heard(graph) == [(f"p{n}", 1) for n in range(7)]


async def test_several_accounts_of_one_address_get_one_letter_and_a_flood_becomes_one(
    graph: Graph, ways: JobSettings, mail: MailServer
) -> None:
    settings = ways.model_copy(update={"email_gap": 3600.0})
    ideas = [await idea(graph, title=f"Idea {n}") for n in range(4)]
    for n, what in enumerate(ideas):
        await reader(graph, "ada", what, "EMAIL")
        await reader(graph, "ada2", what, "EMAIL", email="ada@example.org")
        await notices.spread(graph, settings, notice=await announced(graph, what, f"a{n}"))
        if n == 0:
            assert await notices.deliver(graph, settings) == 1
    assert await notices.deliver(graph, settings) == 0
    await write(graph, "MATCH (d:Delivery {state: 'WAITING'}) SET d.dueAt = $now", now=now())
    await write(graph, "MATCH (c:Customer) SET c.mailedAt = '2026-01-01T00:00:00.000Z'")
    assert await notices.deliver(graph, settings) == 1
    first, digest = mail.letters
    assert (first["Subject"], digest["Subject"]) == ("“Idea 0” has an answer", "News of 3 ideas of yours")
    assert [f"Idea {n}" in digest.get_content() for n in range(4)] == [False, True, True, True]
    assert await heard(graph) == [("ada", 4), ("ada2", 4)]


async def test_what_is_refused_is_listed_and_what_may_pass_is_tried_again_under_one_id(
    graph: Graph, ways: JobSettings, mail: MailServer, hook: Hook
) -> None:
    decaf = await idea(graph)
    await reader(graph, "gone", decaf, "EMAIL")
    await reader(graph, "busy", decaf, "EMAIL")
    await reader(graph, "bob", decaf, "WEBHOOK")
    await reader(graph, "eve", decaf, "WEBHOOK")
    mail.refuse |= {"gone@example.org": 550, "busy@example.org": 451}
    hook.statuses, hook.location = [302, 500, 500, 500, 500, 500], f"http://127.0.0.1:{mail.port}/"
    await notices.spread(graph, ways, notice=await announced(graph, decaf, "a1"))
    for _ in range(20):
        await notices.deliver(graph, ways)
    assert await states(graph) == [
        ("bob", "EMAIL", "SKIPPED", "NO_CONSENT"),
        ("bob", "WEBHOOK", "FAILED", "GAVE_UP"),
        ("busy", "EMAIL", "FAILED", "GAVE_UP"),
        ("eve", "EMAIL", "SKIPPED", "NO_CONSENT"),
        ("eve", "WEBHOOK", "FAILED", "GAVE_UP"),
        ("gone", "EMAIL", "FAILED", "REFUSED"),
    ]
    assert mail.letters == []
    identities = [headers["webhook-id"] for headers, _ in hook.calls]
    assert sorted(map(identities.count, set(identities))) == [3, 3]
    # by hand, once the other side is well again
    mail.refuse.clear()
    [row] = await graph.read("MATCH (n:Notice) RETURN n.uid AS uid")
    assert await graph.write(deliveries.retry, notice=row["uid"], now=now()) == 4
    assert await notices.deliver(graph, ways) == 4
    assert {headers["webhook-id"] for headers, _ in hook.calls[6:]} == set(identities)


async def test_a_mail_server_that_is_away_costs_one_look_and_nothing_set_up_is_the_inbox_alone(
    graph: Graph, ways: JobSettings, home: Path
) -> None:
    decaf = await idea(graph)
    for n in range(3):
        await reader(graph, f"p{n}", decaf, "EMAIL")
    bare = JobSettings(home=home)
    await notices.spread(graph, bare, notice=await announced(graph, decaf, "a1"))
    assert (await states(graph), len(await heard(graph))) == ([], 3)
    away = JobSettings.model_validate(ways.model_dump() | {"smtp_url": "smtp://127.0.0.1:9"})
    await notices.spread(graph, away, notice=await announced(graph, decaf, "a2"))
    assert await notices.deliver(graph, away) == 0
    assert {state for _, _, state, _ in await states(graph)} == {"WAITING"}


def test_delays_grow_and_scatter(graph: Graph, ways: JobSettings) -> None:
    office = notices.Office(graph, ways.model_copy(update={"send_delay": 30.0}), None, None, b"")
    for attempts, most in ((1, 30), (2, 120), (4, 1920), (9, 8 * 3600)):
        drawn = [office.delay(attempts) for _ in range(50)]
        assert most / 2 <= min(drawn) < max(drawn) <= most


def message(title: str, address: str = "a@example.org", text: str | None = None) -> Message:
    uid = new_uid()
    told = Told(uid, "n", "ANSWERED", "2026-01-01T00:00:00.000Z", text, None, "i", "i", title)
    return Message(uid, Channel.EMAIL, "c", "c", address, None, 1, (told,))


def test_each_kind_has_its_words_and_an_author_reads_how_to_appeal() -> None:
    subjects, plain = set(), message("Decaf", text="Rude.")
    [answered] = plain.told
    for kind, state in [*((kind, "HIDDEN") for kind in NoticeKind), (NoticeKind.MODERATED, "PUBLISHED")]:
        told = replace(answered, kind=kind.value, status=state, comment="m1")
        appeal = APPEALS.get(kind) if state == "HIDDEN" else None
        for locale, word, offer in ((None, "hidden", "appeal:"), ("tr-TR", "gizlendi", "itiraz et")):
            made = replace(plain, told=(told,), locale=locale)
            subjects.add(subject(made))
            written = body(made, "https://b.example/u")
            assert "Rude." in written
            assert (word in written) == (state == "HIDDEN")
            assert (offer in written) == (appeal is not None)
        called = orjson.loads(call_body(made))
        about = "challenge" if kind is NoticeKind.CHALLENGE_DECIDED else "idea"
        assert called["type"].startswith(f"{about}.")
        assert called["data"][about]["title"] == "Decaf"
        assert called["data"]["comment"] == {"uid": "m1"}
        assert called["data"]["notice"]["appeal"] == appeal
    assert len(subjects) == 2 * len(NoticeKind)


@given(title=st.text(min_size=1), text=st.text())
def test_no_text_adds_a_header(title: str, text: str) -> None:
    made = letter(message(title, text=text), sender="Kahve <i@brand.example>", link="https://b.example/u")
    head = made.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if line[:1] not in {" ", "\t"}]
    assert sorted(names) == [
        *("Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "List-Unsubscribe"),
        *("List-Unsubscribe-Post", "MIME-Version", "Message-ID", "Subject", "To"),
    ]


def test_mail_programs_find_the_link_to_unsubscribe_as_it_is_written() -> None:
    """An encoded word in it is none to them (RFC 2369), however long the link is."""
    link = f"https://b.example/unsubscribe?token={'a1' * 60}"
    made = letter(message("Decaf"), sender="Kahve <i@brand.example>", link=link)
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in made.as_bytes()


@given(customer=st.text(min_size=1), other=st.text(), noise=st.binary(min_size=1, max_size=8))
def test_a_link_is_for_whom_it_was_made(customer: str, other: str, noise: bytes) -> None:
    token = unsubscribe_token(b"key", customer)
    assert unsubscriber(b"key", token) == customer
    assert unsubscriber(b"other key", token) is None
    assert unsubscriber(b"key", other) is None
    assert unsubscriber(b"key", unsubscribe_token(b"key", other).partition(".")[0] + "." + token) is None
    assert unsubscriber(b"key", token + base64.urlsafe_b64encode(noise).decode()) is None


def test_a_webhook_is_private_and_a_sender_an_address() -> None:
    for wrong in ("http://hook.example/", "ftp://127.0.0.1/", "https://", "file:///etc/passwd"):
        with pytest.raises(ValueError, match="https"):
            JobSettings.model_validate({"webhook_url": wrong})
    for wrong in ("", "Brand", "Brand <>", "@b.example", "a b@c.example\r\nBcc: d@e.example"):
        with pytest.raises(ValueError, match=r"Brand <ideas@example\.org>"):
            JobSettings.model_validate({"smtp_from": wrong})


async def test_the_doctor_says_whether_both_ways_out_answer(ways: JobSettings) -> None:
    def found(**changed: Any) -> list[tuple[bool, str]]:
        settings = JobSettings.model_validate(ways.model_dump() | changed)
        checks = [doctor.mail(settings), doctor.webhook(settings)]
        assert not any("secret" in f"{one.found} {one.fix}" for one in checks)
        return [(one.ok, one.found) for one in checks]

    for changed, expected in (
        ({}, [(True, "the mail server lets us in"), (True, "somebody listens")]),
        ({"smtp_url": None, "webhook_url": None}, [(True, "not set up"), (True, "not set up")]),
        (
            {"smtp_url": "smtp://me:secret@127.0.0.1:9", "webhook_url": "http://127.0.0.1:9/secret"},
            [
                (False, "no mail server answers: ConnectionRefusedError"),
                (False, "cannot be called: ConnectionRefusedError"),
            ],
        ),
        (
            {"public_url": None, "webhook_secret": None},
            [(False, "missing: MUHATAP_PUBLIC_URL"), (False, "missing: MUHATAP_WEBHOOK_SECRET")],
        ),
    ):
        assert await asyncio.to_thread(found, **changed) == expected
    _, (ok, said) = await asyncio.to_thread(found, webhook_secret="whsec_no base64")
    assert (ok, said) == (False, "cannot be called: no key of base64")
