"""Similar ideas, edits, comments, topics and moderation over HTTP."""

import asyncio
from typing import Any

import pytest

from api.app import create_app
from api.relay import to_global_id
from api.settings import ApiSettings
from graph.driver import Graph
from graph.records import now
from graph.tokens import Role
from jobs.comments import analyse_comment
from jobs.similar import KNOWN
from tests.api.calls import as_customer, call, code, make, person, refusal
from tests.api.conftest import Client

SIMILAR = """query($text: String, $id: ID, $of: ID) {
  ideasSimilar(text: $text, ideaId: $id, challengeId: $of) { similarity words idea { title } }
}"""
TITLES = ("Sahile kesintisiz bisiklet yolu", "Parka köpek bahçesi", "Kafeinsiz Türk kahvesi", "Dark mode")


async def asked(client: Client, **more: Any) -> str:
    return await make(client, "challengeOpen", title="Which?", **more)


async def idea(client: Client, title: str, question: str | None = None, **more: Any) -> str:
    return await make(client, "ideaSubmit", challengeId=question or await asked(client), title=title, **more)


async def titles(client: Client, **given: Any) -> list[str]:
    """The titles of the ideas that are similar."""
    found = await client.data(SIMILAR, **given)
    return [each["idea"]["title"] for each in found["ideasSimilar"]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bisik", TITLES[0]),
        ("BİSKLET YOLLARI", TITLES[0]),
        ("kopek bahcesi olsun", TITLES[1]),
        ("turk kahvesinin kafeinsizi", TITLES[2]),
        ("dark theme", TITLES[3]),
    ],
)
async def test_similar_ideas_are_found_while_they_are_typed(
    client: Client, typed: str, expected: str
) -> None:
    question = await asked(client)
    for title in TITLES:
        await idea(client, title, question)
    for end in range(len(typed) - 2, len(typed) + 1):
        assert (await titles(client, text=typed[:end]))[0] == expected


async def test_the_words_are_read_before_anybody_types(client: Client, graph: Graph) -> None:
    await idea(client, TITLES[0], await asked(client))
    KNOWN.pop(graph, None)  # another test may have searched
    app, others = create_app(graph, None, ApiSettings()), asyncio.all_tasks()
    async with app.router.lifespan_context(app):
        await asyncio.gather(*(asyncio.all_tasks() - others))
    assert len(KNOWN[graph].uids) == 1


async def test_similar_ideas_are_of_one_challenge_and_say_what_is_similar(client: Client) -> None:
    one, other = await asked(client), await asked(client)
    here = await idea(client, TITLES[0], one)
    await idea(client, "Bisiklet yolu tamiri", other)
    text = "bisiklet yolları"
    assert len(await titles(client, text=text)) == 2
    found = (await client.data(SIMILAR, text=text, of=one))["ideasSimilar"]
    assert [each["idea"]["title"] for each in found] == [TITLES[0]]
    assert found[0]["words"] == ["bisiklet", "yolu"]
    assert 0.3 < found[0]["similarity"] <= 1
    assert await titles(client, id=here) == []
    await idea(client, "Sahil boyunca bisiklet", one)
    assert await titles(client, id=here) == ["Sahil boyunca bisiklet"]
    assert code(await client(SIMILAR)) == code(await client(SIMILAR, text=text, id=here)) == "BAD_ARGUMENT"
    assert await titles(client, text="?* AND ~[") == []


async def test_similar_ideas_follow_edits(client: Client) -> None:
    changed = await idea(client, TITLES[0])
    assert await titles(client, text="bisiklet") == [TITLES[0]]
    await call(client, "ideaEdit", "", ideaId=changed, title="Tramvay hattı", reason="Clearer.")
    assert await titles(client, text="bisiklet") == []
    assert await titles(client, text="tramvay") == ["Tramvay hattı"]


async def test_a_list_is_narrowed_by_words_whatever_their_suffixes(client: Client) -> None:
    question = await asked(client)
    known = [
        await idea(client, title, question, **more)
        for title, more in (
            ("Kafeinsiz Türk kahvesi", {}),
            ("Çay bahçesi", {"body": "Yanında kahve de olsun."}),
            ("No caffeine", {"body": "Decaf of Turkish coffee."}),
        )
    ]
    found = """query($t: String!) { ideas(list: NEWEST, filter: {text: $t, not: {text: "espresso"}}) {
      totalCount nodes { title } } }"""

    async def titles_of(text: str) -> list[str]:
        ideas = (await client.data(found, t=text))["ideas"]
        assert ideas["totalCount"] == len(ideas["nodes"])
        return [each["title"] for each in ideas["nodes"]]

    assert await titles_of("KAHVENİN") == ["Çay bahçesi", "Kafeinsiz Türk kahvesi"]
    assert await titles_of("kahve bahcelerde") == ["Çay bahçesi"]
    assert await titles_of("caylarinda") == ["Çay bahçesi"]
    assert await titles_of("turk kahvesi kafeinsz") == ["Kafeinsiz Türk kahvesi"]
    assert await titles_of("kahve ve espresso") == await titles_of("ve") == await titles_of("?* AND ~[") == []
    await call(client, "ideaMerge", "", duplicateIds=known[:1], originalId=known[2], reason="The same.")
    assert await titles_of("kafeinsiz") == await titles_of("decaf") == ["No caffeine"]


REVISIONS = """idea { title body links
  revisions { totalCount nodes { title body links reason editedBy replacedAt } } }"""


async def test_an_author_edits_until_others_vote_and_every_wording_is_kept(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    it = await idea(client, "Decaf", authorId=ada, body="Please.", links=["https://example.org/a"])
    await call(client, "ideaVote", "", ideaId=it, voterId=ada, choice="UP")
    edit = {"ideaId": it, "editorId": ada}
    shown = (await call(client, "ideaEdit", REVISIONS, **edit, title="Decaf beans", body=None))["idea"]
    assert (shown["title"], shown["body"], shown["links"]) == ("Decaf beans", None, ["https://example.org/a"])
    (first,) = shown["revisions"]["nodes"]
    assert (first["title"], first["body"], first["reason"], first["editedBy"]) == (
        *("Decaf", "Please."),
        *(None, "test"),
    )
    assert (await call(client, "ideaEdit", REVISIONS, **edit, title="Decaf beans"))["idea"] == shown
    assert await refusal(client, "ideaEdit", **(edit | {"editorId": bob}), title="Mine") == (
        "NOT_ALLOWED",
        ["editorId"],
    )
    await call(client, "ideaVote", "", ideaId=it, voterId=bob, choice="UP")
    assert await refusal(client, "ideaEdit", **edit, title="Tea") == ("NOT_ALLOWED", ["ideaId"])
    assert await refusal(client, "ideaEdit", ideaId=it, title="Tea") == ("INVALID", ["reason"])
    payload = await call(client, "ideaEdit", REVISIONS, ideaId=it, links=[], reason="A dead link.")
    assert [each["title"] for each in payload["idea"]["revisions"]["nodes"]] == ["Decaf beans", "Decaf"]
    assert payload["idea"]["revisions"]["nodes"][0]["reason"] == "A dead link."
    wrong = await refusal(client, "ideaEdit", ideaId=it, links=["http://example.org"], reason="x")
    assert wrong == ("INVALID", ["links"])


async def test_an_idea_is_put_on_topics(client: Client) -> None:
    it, other = await idea(client, "Decaf"), await idea(client, "Tea")
    shown = "idea { topics { id name } }"
    payload = await call(client, "ideaClassify", shown, ideaId=it, topicIds=[], names=["İçecek", "Menu"])
    topics = {each["name"]: each["id"] for each in payload["idea"]["topics"]}
    assert set(topics) == {"İçecek", "Menu"}
    payload = await call(
        client, "ideaClassify", shown, ideaId=it, topicIds=[topics["Menu"]], names=["içecek"]
    )
    assert {each["name"]: each["id"] for each in payload["idea"]["topics"]} == topics
    payload = await call(client, "ideaClassify", shown, ideaId=other, topicIds=[topics["Menu"]])
    assert payload["idea"]["topics"] == [{"id": topics["Menu"], "name": "Menu"}]
    listed = '{ ideas(list: NEWEST, filter: {topics: {name: {eq: "ICECEK"}}}) { nodes { title } } }'
    assert (await client.data(listed))["ideas"]["nodes"] == [{"title": "Decaf"}]
    missing = [to_global_id("Topic")("none")]
    assert await refusal(client, "ideaClassify", ideaId=it, topicIds=missing) == ("NOT_FOUND", ["topicIds"])


THREAD = """query($id: ID!) { node(id: $id) { ... on Idea { commentCount comments { totalCount nodes {
  text state author { name } replies { totalCount nodes { text inReplyTo { text } idea { title } } }
} } } } }"""


async def test_comments_are_answered_changed_and_taken_back(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    it = await idea(client, "Decaf")
    said = await make(client, "commentAdd", ideaId=it, authorId=ada, text="Bu fikir harika!")
    reply = await make(client, "commentAdd", ideaId=it, authorId=bob, text="Yes.", replyToId=said)
    thread = (await client.data(THREAD, id=it))["node"]
    assert (thread["commentCount"], thread["comments"]["totalCount"]) == (2, 1)
    (top,) = thread["comments"]["nodes"]
    assert (top["text"], top["author"]) == ("Bu fikir harika!", {"name": "Ada"})
    answer = {"text": "Yes.", "inReplyTo": {"text": "Bu fikir harika!"}, "idea": {"title": "Decaf"}}
    assert top["replies"] == {"totalCount": 1, "nodes": [answer]}
    for _ in range(2):
        reply = await make(client, "commentAdd", ideaId=it, authorId=ada, text="And?", replyToId=reply)
    deep = await refusal(client, "commentAdd", ideaId=it, authorId=ada, text="?", replyToId=reply)
    assert deep == ("INVALID", ["replyToId"])
    elsewhere = await idea(client, "Tea")
    astray = await refusal(client, "commentAdd", ideaId=elsewhere, authorId=ada, text="?", replyToId=said)
    assert astray == ("NOT_FOUND", ["replyToId"])
    theirs = await refusal(client, "commentEdit", commentId=said, authorId=bob, text="Mine")
    assert theirs == ("NOT_ALLOWED", ["authorId"])
    rows = await client.graph.read("MATCH (n:Comment {depth: 0}) RETURN n.uid AS uid")
    await analyse_comment(client.graph, rows[0]["uid"])
    mood = "query($id: ID!) { node(id: $id) { ... on Comment { sentiment sentimentLabel text editedAt } } }"
    felt = (await client.data(mood, id=said))["node"]
    assert (felt["sentimentLabel"], felt["editedAt"]) == ("POSITIVE", None)
    await call(client, "commentEdit", "", commentId=said, authorId=ada, text="Hm.")
    edited = (await client.data(mood, id=said))["node"]
    assert (edited["text"], edited["sentiment"], edited["editedAt"] is None) == ("Hm.", None, False)
    await call(client, "commentDelete", "", commentId=said)
    (gone,) = (await client.data(THREAD, id=it))["node"]["comments"]["nodes"]
    assert (gone["text"], gone["state"], gone["replies"]["totalCount"]) == (None, "DELETED", 1)
    again = await refusal(client, "commentDelete", commentId=said)
    assert again == ("NOT_FOUND", ["commentId"])


LEAKS = """query($idea: ID!, $comment: ID!, $question: ID!, $author: ID!) {
  ideas(list: NEWEST) { totalCount nodes { title } }
  popular: ideas(list: POPULAR, filter: {moderation: [HIDDEN, HELD, PUBLISHED]}) { totalCount nodes { title } }
  node(id: $idea) { id ... on Idea { title comments { totalCount } } }
  said: node(id: $comment) { id ... on Comment { text idea { title } } }
  challenge: node(id: $question) { ... on Challenge { ideaCount } }
  author: node(id: $author) { ... on Customer { ideas { totalCount nodes { title } } } }
  ideasSimilar(text: "decaf") { idea { title } }
}"""


async def test_what_is_hidden_shows_nowhere_but_to_staff_and_its_author(client: Client) -> None:
    ada, _ = await person(client, "Ada"), await person(client, "Bob")
    question = await asked(client)
    it = await idea(client, "Decaf", question, authorId=ada)
    said = await make(client, "commentAdd", ideaId=it, authorId=ada, text="Mine.")
    given = {"idea": it, "comment": said, "question": question, "author": ada}
    owner, other = await as_customer(client, "Ada"), await as_customer(client, "Bob")
    before = await other.data(LEAKS, **given)
    assert before["ideas"]["totalCount"] == before["challenge"]["ideaCount"] == 1
    for state in ("HELD", "HIDDEN"):
        payload = await call(
            client, "ideaModerate", "idea { moderation }", ideaId=it, state=state, reason="Rude."
        )
        assert payload["idea"] == {"moderation": state}
        nothing: dict[str, Any] = {"totalCount": 0, "nodes": []}
        assert await other.data(LEAKS, **given) == {
            "ideas": nothing,
            "popular": nothing,
            "node": None,
            "said": None,
            "challenge": {"ideaCount": 0},
            "author": {"ideas": nothing},
            "ideasSimilar": [],
        }
        for seeing in (owner, client):
            found = await seeing.data(LEAKS, **given)
            assert found["ideas"]["totalCount"] == found["popular"]["totalCount"] == 1
            assert found["node"]["title"] == found["said"]["idea"]["title"] == "Decaf"
    bob = (await client.data('{ customers(filter: {name: {eq: "bob"}}) { nodes { id } } }'))["customers"]
    bob = bob["nodes"][0]["id"]
    for name, more in (("ideaVote", {"voterId": bob, "choice": "UP"}), ("commentAdd", {"authorId": bob})):
        text = {"text": "?"} if name == "commentAdd" else {}
        assert await refusal(client, name, ideaId=it, **more, **text) == ("NOT_FOUND", ["ideaId"])


async def test_a_hidden_comment_shows_only_to_staff_and_its_author(client: Client) -> None:
    ada, _ = await person(client, "Ada"), await person(client, "Bob")
    it = await idea(client, "Decaf")
    said = await make(client, "commentAdd", ideaId=it, authorId=ada, text="Rude.")
    reply = await make(client, "commentAdd", ideaId=it, authorId=ada, text="Ruder.", replyToId=said)
    owner, other = await as_customer(client, "Ada"), await as_customer(client, "Bob")
    await call(client, "commentModerate", "", commentId=reply, state="HIDDEN", reason="Rude.")
    for seeing, count in ((client, 1), (owner, 1), (other, 0)):
        thread = (await seeing.data(THREAD, id=it))["node"]
        assert thread["comments"]["nodes"][0]["replies"]["totalCount"] == count
        assert thread["commentCount"] == 1


APPEALS = "idea { moderation moderationReason appeal moderationSteps { nodes { state reason appeal } } }"


async def test_an_author_appeals_once_and_is_answered(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    it = await idea(client, "Decaf", authorId=ada)
    appeal = {"ideaId": it, "authorId": ada, "text": "It is polite."}
    assert await refusal(client, "ideaAppeal", **appeal) == ("CLOSED", ["ideaId"])
    await call(client, "ideaModerate", "", ideaId=it, state="HIDDEN", reason="Rude.")
    theirs = await refusal(client, "ideaAppeal", **(appeal | {"authorId": bob}))
    assert theirs == ("NOT_ALLOWED", ["authorId"])
    mine = await as_customer(client, "Ada")
    sent = """mutation($input: IdeaAppealInput!) {
      ideaAppeal(input: $input) { idea { moderation moderationReason appeal } errors { code } }
    }"""
    payload = (await mine.data(sent, input=appeal))["ideaAppeal"]
    shown = {"moderation": "HIDDEN", "moderationReason": "Rude.", "appeal": "It is polite."}
    assert payload == {"idea": shown, "errors": []}
    assert await refusal(client, "ideaAppeal", **appeal) == ("CLOSED", ["ideaId"])
    waiting = "{ ideas(list: NEWEST, filter: {appeal: true}) { totalCount } }"
    assert (await client.data(waiting))["ideas"]["totalCount"] == 1
    answered = await call(client, "ideaModerate", APPEALS, ideaId=it, state="PUBLISHED", reason="It is.")
    assert answered["idea"] == {
        "moderation": "PUBLISHED",
        "moderationReason": None,
        "appeal": None,
        "moderationSteps": {
            "nodes": [
                {"state": "PUBLISHED", "reason": "It is.", "appeal": None},
                {"state": "HIDDEN", "reason": None, "appeal": "It is polite."},
                {"state": "HIDDEN", "reason": "Rude.", "appeal": None},
            ]
        },
    }
    assert (await client.data(waiting))["ideas"]["totalCount"] == 0


QUEUE = """{
  ideas(list: NEWEST, filter: {moderation: [PENDING]}) { nodes { id } }
  comments(filter: {state: [PENDING], idea: {title: {eq: "Decaf"}}}) { nodes { id } }
  told: comments { totalCount }
}"""


async def test_where_a_challenge_is_moderated_before_what_is_new_waits_for_a_moderator(
    client: Client,
) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    owner, other = await as_customer(client, "Ada"), await as_customer(client, "Bob")
    question = await asked(client, moderation="BEFORE")
    assert (await client.data("{ challenges { nodes { moderation } } }"))["challenges"]["nodes"] == [
        {"moderation": "BEFORE"}
    ]
    await idea(client, "Tea", question)  # the brand's own

    async def waiting() -> tuple[list[str], list[str]]:
        found = await client.data(QUEUE)
        ideas, comments = ([each["id"] for each in found[name]["nodes"]] for name in ("ideas", "comments"))
        return ideas, comments

    async def seen(by: Client) -> list[str]:
        found = await by.data("{ ideas(list: NEWEST) { nodes { title moderation } } }")
        return [f"{each['title']} {each['moderation']}" for each in found["ideas"]["nodes"]]

    it = await idea(client, "Decaf", question, authorId=ada)
    assert await waiting() == ([it], [])
    assert await seen(owner) == ["Decaf PENDING", "Tea PUBLISHED"]
    assert await seen(other) == ["Tea PUBLISHED"]
    assert await titles(other, text="decaf") == []
    next_ = "query($q: ID!, $v: ID!) { ideasNext(challengeId: $q, voterId: $v, first: 9) { title } }"
    assert (await client.data(next_, q=question, v=bob))["ideasNext"] == [{"title": "Tea"}]
    assert await refusal(client, "ideaVote", ideaId=it, voterId=bob, choice="UP") == ("NOT_FOUND", ["ideaId"])
    early = await refusal(client, "ideaAppeal", ideaId=it, authorId=ada, text="Please.")
    assert early == ("CLOSED", ["ideaId"])
    back = await refusal(client, "ideaModerate", ideaId=it, state="PENDING", reason="?")
    assert back == ("INVALID", ["state"])
    await call(client, "ideaModerate", "", ideaId=it, state="PUBLISHED", reason="Fine.")
    assert await seen(other) == ["Decaf PUBLISHED", "Tea PUBLISHED"]

    said = await make(client, "commentAdd", ideaId=it, authorId=bob, text="Yes.")
    assert await waiting() == ([], [said])
    for by, count in ((owner, 0), (other, 1), (client, 1)):
        thread = (await by.data(THREAD, id=it))["node"]
        assert (thread["comments"]["totalCount"], thread["commentCount"]) == (count, 0)
    heard = "MATCH (n:Notice)-[:ABOUT_IDEA]->(i) RETURN n.kind AS kind, n.status AS status ORDER BY n.uid"
    told = [("MODERATED", "PUBLISHED"), ("COMMENT_MODERATED", "PUBLISHED"), ("COMMENTED", None)]
    assert [tuple(row) for row in await client.graph.read(heard)] == told[:1]
    for _ in range(2):  # published, and published again once its author has changed it
        await call(client, "commentModerate", "", commentId=said, state="PUBLISHED", reason="Fine.")
        assert (await owner.data(THREAD, id=it))["node"]["commentCount"] == 1
        await call(client, "commentEdit", "", commentId=said, authorId=bob, text="Yes!")
        assert await waiting() == ([], [said])
    assert [tuple(row) for row in await client.graph.read(heard)] == [*told, told[1]]
    await call(owner, "ideaEdit", "", ideaId=it, editorId=ada, body="No caffeine.")
    assert await waiting() == ([it], [said])
    assert "FORBIDDEN" in str(await other(QUEUE))


async def test_what_is_not_ones_own_is_refused(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    it = await idea(client, "Decaf", authorId=bob)
    said = await make(client, "commentAdd", ideaId=it, authorId=bob, text="Mine.")
    mine, agent = await as_customer(client, "Ada"), await client.as_role(Role.AGENT)
    for name, given in (
        ("ideaEdit", f'ideaId: "{it}", editorId: "{bob}", title: "x"'),
        ("ideaEdit", f'ideaId: "{it}", title: "x", reason: "x"'),
        ("ideaModerate", f'ideaId: "{it}", state: HIDDEN, reason: "x"'),
        ("ideaClassify", f'ideaId: "{it}", topicIds: []'),
        ("commentAdd", f'ideaId: "{it}", authorId: "{bob}", text: "x"'),
        ("commentDelete", f'commentId: "{said}"'),
        ("commentModerate", f'commentId: "{said}", state: HIDDEN, reason: "x"'),
    ):
        assert (
            code(await mine(f"mutation {{ {name}(input: {{{given}}}) {{ errors {{ code }} }} }}"))
            == "FORBIDDEN"
        )
    edit = (
        f'mutation {{ ideaEdit(input: {{ideaId: "{it}", title: "x", reason: "x"}}) {{ errors {{ code }} }} }}'
    )
    assert code(await agent(edit)) == "FORBIDDEN"
    for hidden in ("revisions { totalCount }", "moderationSteps { totalCount }"):
        asked_for = f'{{ node(id: "{it}") {{ ... on Idea {{ {hidden} }} }} }}'
        assert code(await mine(asked_for)) == "FORBIDDEN"
    assert ada


async def test_words_that_were_changed_while_a_moderator_read_them_are_not_published_unread(
    client: Client,
) -> None:
    ada = await person(client, "Ada")
    question = await asked(client, moderation="BEFORE")
    it = await idea(client, "Decaf", question, authorId=ada)
    brand = await idea(client, "Tea", question)
    said = await make(client, "commentAdd", ideaId=brand, authorId=ada, text="Yes!")
    read = now()
    await call(client, "ideaEdit", "", ideaId=it, editorId=ada, title="Cheap pills")
    await call(client, "commentEdit", "", commentId=said, authorId=ada, text="Cheap pills!")
    for name, of in (("idea", it), ("comment", said)):
        given = {f"{name}Id": of, "state": "PUBLISHED", "reason": "Fine."}
        late = await refusal(client, f"{name}Moderate", **given, readAt=read)
        assert late == ("CONFLICT", ["readAt"])
    waiting = await client.data("{ ideas(list: NEWEST, filter: {moderation: [PENDING]}) { totalCount } }")
    assert waiting["ideas"]["totalCount"] == 1
    for name, of in (("idea", it), ("comment", said)):
        given = {f"{name}Id": of, "state": "PUBLISHED", "reason": "Read."}
        await asyncio.sleep(0.002)
        await call(client, f"{name}Moderate", "", **given, readAt=now())
