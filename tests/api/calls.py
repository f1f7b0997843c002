"""Mutations as functions, for tests that need records or look at refusals."""

from typing import Any

from graph.tokens import Role
from tests.api.conftest import Client

SELECTED = {
    "customerUpsert": ("customer", "CustomerUpsertInput"),
    "communityUpsert": ("community", "CommunityUpsertInput"),
    "mentionRecord": ("mention", "MentionRecordInput"),
    "advocacyRecord": ("link", "AdvocacyRecordInput"),
    "referralLinkUpsert": ("link", "ReferralLinkUpsertInput"),
    "challengeOpen": ("challenge", "ChallengeOpenInput"),
    "ideaSubmit": ("idea", "IdeaSubmitInput"),
    "ideaFollow": ("idea", "IdeaFollowInput"),
    "ideaUnfollow": ("idea", "IdeaUnfollowInput"),
    "consentGive": ("consent", "ConsentGiveInput"),
    "consentWithdraw": ("consent", "ConsentWithdrawInput"),
    "noticeRetry": ("notice", "NoticeRetryInput"),
    "ideaMerge": ("merge", "IdeaMergeInput"),
    "ideaSplit": ("split", "IdeaSplitInput"),
    "commentAdd": ("comment", "CommentAddInput"),
    "programmeInvite": ("member", "ProgrammeInviteInput"),
    "programmeJoin": ("member", "ProgrammeJoinInput"),
    "actRecord": ("act", "ActRecordInput"),
    "rewardUpsert": ("reward", "RewardUpsertInput"),
    "ideaDecide": ("draft", "IdeaDecideInput"),
    "ideaDecisionEdit": ("draft", "IdeaDecisionEditInput"),
    "ideaDecisionDiscard": ("idea", "IdeaDecisionDiscardInput"),
    "rewardRedeem": ("redemption", "RewardRedeemInput"),
}
GIVEN = {
    "communityJoin": "CommunityJoinInput",
    "communityLeave": "CommunityLeaveInput",
    "mentionDelete": "MentionDeleteInput",
    "advocacyRetract": "AdvocacyRetractInput",
    "referralVisit": "ReferralVisitInput",
    "referralJoin": "ReferralJoinInput",
    "referralConvert": "ReferralConvertInput",
    "ideaVote": "IdeaVoteInput",
    "challengeEdit": "ChallengeEditInput",
    "challengeAdvance": "ChallengeAdvanceInput",
    "ideaDecisionPublish": "IdeaDecisionPublishInput",
    "inboxRead": "InboxReadInput",
    "ideaMergeUndo": "IdeaMergeUndoInput",
    "ideaSplitUndo": "IdeaSplitUndoInput",
    "ideaEdit": "IdeaEditInput",
    "ideaClassify": "IdeaClassifyInput",
    "ideaModerate": "IdeaModerateInput",
    "ideaAppeal": "IdeaAppealInput",
    "commentEdit": "CommentEditInput",
    "commentDelete": "CommentDeleteInput",
    "commentModerate": "CommentModerateInput",
    "commentAppeal": "CommentAppealInput",
    "influenceRun": "RunInput",
    "communityDetect": "RunInput",
    "tallyRun": "RunInput",
    "programmeSet": "ProgrammeSetInput",
    "programmeDecline": "ProgrammeDeclineInput",
    "programmeLeave": "ProgrammeLeaveInput",
    "actJudge": "ActJudgeInput",
    "actReverse": "ActReverseInput",
    "redemptionFulfil": "RedemptionFulfilInput",
    "redemptionCancel": "RedemptionCancelInput",
} | {name: kind for name, (_, kind) in SELECTED.items()}


async def call(client: Client, name: str, shown: str, /, *, key: str | None = None, **given: Any) -> Any:
    """The payload of a mutation: what `shown` selects of it, and its errors by code and field."""
    document = f"""mutation($input: {GIVEN[name]}!, $key: String) {{
      {name}(input: $input, idempotencyKey: $key) {{ {shown} errors {{ code field }} }}
    }}"""
    return (await client.data(document, input=given, key=key))[name]


async def make(client: Client, name: str, /, **given: Any) -> str:
    """The id of a record made by a mutation that was not refused."""
    payload = await call(client, name, f"{SELECTED[name][0]} {{ id }}", **given)
    assert payload["errors"] == [], payload
    found: str = payload[SELECTED[name][0]]["id"]
    return found


async def refusal(client: Client, name: str, /, **given: Any) -> tuple[str, Any]:
    """Code and field of the one error with which a mutation is refused."""
    (error,) = (await call(client, name, "", **given))["errors"]
    return error["code"], error["field"]


async def person(client: Client, name: str, /, **more: Any) -> str:
    """The id of a customer whose external id is the name."""
    return await make(client, "customerUpsert", externalId=name, name=name, **more)


async def as_customer(client: Client, external: str) -> Client:
    """The same API as the customer of this external id."""
    rows = await client.graph.read("MATCH (c:Customer {externalId: $e}) RETURN c.uid AS uid", e=external)
    return await client.as_role(Role.CUSTOMER, rows[0]["uid"])


def code(answer: dict[str, Any]) -> str:
    """The code of the first top-level error."""
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


async def pages(client: Client, field: str, shown: str, key: str, arguments: str = "") -> list[list[Any]]:
    """All pages of two of a root connection, `key` of each node."""
    document = f"""query($after: String) {{
      {field}({arguments} first: 2, after: $after) {{
        totalCount nodes {{ {shown} }} edges {{ cursor }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
      }}
    }}"""
    found: list[list[Any]] = []
    after = None
    while True:
        page = (await client.data(document, after=after))[field]
        info = page["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert (info["startCursor"], info["endCursor"]) == (
            (cursors[0], cursors[-1]) if cursors else (None, None)
        )
        found.append([node[key] for node in page["nodes"]])
        if not info["hasNextPage"]:
            assert page["totalCount"] == sum(map(len, found))
            return found
        after = info["endCursor"]
