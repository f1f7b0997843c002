"""Who asks, and what each role may see and do: every field has a policy, or the schema does not build."""

from dataclasses import dataclass

from graph.tokens import Role

EVERYBODY = frozenset(Role)
STAFF = EVERYBODY - {Role.CUSTOMER}
MANAGERS = frozenset({Role.COMMUNITY_MANAGER, Role.PRODUCT_MANAGER, Role.ADMINISTRATOR})
COMMUNITY = frozenset({Role.COMMUNITY_MANAGER, Role.ADMINISTRATOR})
PRODUCT = frozenset({Role.PRODUCT_MANAGER, Role.ADMINISTRATOR})
CARE = frozenset({Role.AGENT, Role.COMMUNITY_MANAGER, Role.ADMINISTRATOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})

Policy = frozenset[Role]

# what staff knows of a community
COUNTERPART = (
    *("health", "healthHistory", "warnings", "overlaps", "moodByWeek", "subjects", "wishes"),
    *("collectiveActions", "mentions"),
)

# A type's line is the policy of all its fields; a line of a field is stricter or wider.
POLICIES: dict[str, Policy] = {
    "Query": STAFF,
    "Query.node": EVERYBODY,
    "Query.challenges": EVERYBODY,
    "Query.ideas": EVERYBODY,
    "Query.ideasNext": EVERYBODY,
    "Query.roadmap": EVERYBODY,
    "Query.ideasSimilar": EVERYBODY,
    "Query.communities": EVERYBODY,
    "Query.community": EVERYBODY,
    "Query.influenceWhatIf": COMMUNITY,
    "Query.jobRuns": MANAGERS,
    "Query.programme": EVERYBODY,
    "Query.rewards": EVERYBODY,
    "Query.leaderboard": EVERYBODY,
    "Query.programmeAccount": EVERYBODY,
    "Query.abuseSignals": COMMUNITY,
    "Query.inbox": EVERYBODY,
    "Mutation.customerUpsert": CARE,
    "Mutation.communityUpsert": COMMUNITY,
    "Mutation.communityJoin": EVERYBODY,
    "Mutation.communityLeave": EVERYBODY,
    "Mutation.mentionRecord": CARE,
    "Mutation.mentionDelete": CARE,
    "Mutation.advocacyRecord": CARE,
    "Mutation.advocacyRetract": CARE,
    "Mutation.referralLinkUpsert": EVERYBODY,
    "Mutation.referralVisit": EVERYBODY,
    "Mutation.referralJoin": EVERYBODY,
    "Mutation.referralConvert": CARE,
    "Mutation.challengeOpen": PRODUCT,
    "Mutation.challengeEdit": PRODUCT,
    "Mutation.challengeAdvance": PRODUCT,
    "Mutation.ideaSubmit": EVERYBODY,
    "Mutation.ideaEdit": CARE | PRODUCT | {Role.CUSTOMER},
    "Mutation.ideaClassify": MANAGERS,
    "Mutation.ideaModerate": MANAGERS,
    "Mutation.ideaAppeal": EVERYBODY,
    "Mutation.commentAdd": EVERYBODY,
    "Mutation.commentEdit": EVERYBODY,
    "Mutation.commentDelete": MANAGERS | {Role.CUSTOMER},
    "Mutation.commentModerate": MANAGERS,
    "Mutation.commentAppeal": EVERYBODY,
    "Mutation.ideaVote": EVERYBODY,
    "Mutation.ideaDecide": PRODUCT,
    "Mutation.ideaDecisionEdit": PRODUCT,
    "Mutation.ideaDecisionDiscard": PRODUCT,
    "Mutation.ideaDecisionPublish": PRODUCT,
    "Mutation.ideaFollow": EVERYBODY,
    "Mutation.ideaUnfollow": EVERYBODY,
    "Mutation.consentGive": CARE | {Role.CUSTOMER},
    "Mutation.consentWithdraw": CARE | {Role.CUSTOMER},
    "Mutation.inboxRead": CARE | {Role.CUSTOMER},
    "Mutation.noticeRetry": MANAGERS,
    "Mutation.ideaMerge": PRODUCT,
    "Mutation.ideaMergeUndo": PRODUCT,
    "Mutation.ideaSplit": PRODUCT,
    "Mutation.ideaSplitUndo": PRODUCT,
    "Mutation.influenceRun": COMMUNITY,
    "Mutation.communityDetect": COMMUNITY,
    "Mutation.tallyRun": MANAGERS,
    "Mutation.programmeSet": COMMUNITY,
    "Mutation.programmeInvite": COMMUNITY,
    "Mutation.programmeJoin": EVERYBODY,
    "Mutation.programmeDecline": EVERYBODY,
    "Mutation.programmeLeave": EVERYBODY,
    "Mutation.actRecord": CARE,
    "Mutation.actJudge": COMMUNITY,
    "Mutation.actReverse": COMMUNITY,
    "Mutation.rewardUpsert": COMMUNITY,
    "Mutation.rewardRedeem": EVERYBODY,
    "Mutation.redemptionFulfil": CARE,
    "Mutation.redemptionCancel": CARE,
    "Subscription.influencePublished": STAFF,
    "Subscription.jobRunProgress": MANAGERS,
    "Subscription.tallyChanged": EVERYBODY,
    "Subscription.inboxChanged": EVERYBODY,
    "Publication": STAFF,
    "Customer": STAFF,
    "Customer.id": EVERYBODY,
    "Customer.name": EVERYBODY,
    "Customer.kind": EVERYBODY,
    "Customer.memberships": EVERYBODY,
    "Customer.ideas": EVERYBODY,
    "Identity": STAFF,
    "Influence": STAFF,
    "InfluenceAct": STAFF,
    "InfluenceBecause": STAFF,
    "InfluenceChange": STAFF,
    "InfluenceChangePart": STAFF,
    "InfluenceOutlook": COMMUNITY,
    "InfluencePart": STAFF,
    "InfluencePoint": STAFF,
    "InfluenceScores": COMMUNITY,
    "InfluenceWhatIf": COMMUNITY,
    "Membership": EVERYBODY,
    "Membership.influence": STAFF,
    "Community": EVERYBODY,
    **{f"Community.{name}": STAFF for name in COUNTERPART},
    "CommunityHealth": STAFF,
    "CommunityHealthPoint": STAFF,
    "CommunityWarning": STAFF,
    "CommunityOverlap": STAFF,
    "CommunityMood": STAFF,
    "CommunitySubject": STAFF,
    "CommunityWish": STAFF,
    "CollectiveAction": STAFF,
    "Mention": STAFF,
    "Product": EVERYBODY,
    "Tie": STAFF,
    "Topic": EVERYBODY,
    "AdvocacyLink": STAFF,
    "ReferralLink": STAFF,
    "Introduction": STAFF,
    "IntroductionStep": STAFF,
    **dict.fromkeys(
        (f"ReferralLink.{name}" for name in ("id", "code", "label", "isSwitchedOn", "endsAt", "product")),
        EVERYBODY,
    ),
    "Challenge": EVERYBODY,
    "Challenge.audience": STAFF,
    "Challenge.notices": STAFF,
    "Idea": EVERYBODY,
    "Idea.moderationSteps": STAFF,
    "Idea.revisions": STAFF,
    "Idea.votes": STAFF,
    "Idea.supporters": STAFF,
    "IdeaSupporters": STAFF,
    "SupporterGroup": STAFF,
    "SupporterRevenue": STAFF,
    "Idea.decisionDraft": PRODUCT,
    "Answer": EVERYBODY,
    "StatusChange": EVERYBODY,
    "StatusChange.reason": STAFF,
    "StatusChange.by": STAFF,
    "DecisionDraft": PRODUCT,
    "Idea.notices": STAFF,
    "IdeaMerge": EVERYBODY,
    "IdeaMerge.by": STAFF,
    "IdeaMerge.undoneBy": STAFF,
    "IdeaSplit": EVERYBODY,
    "IdeaSplit.by": STAFF,
    "IdeaSplit.undoneBy": STAFF,
    "SimilarIdea": EVERYBODY,
    "IdeaRevision": STAFF,
    "Comment": EVERYBODY,
    "Comment.sentiment": STAFF,
    "Comment.sentimentLabel": STAFF,
    "Comment.moderationSteps": STAFF,
    "ModerationStep": STAFF,
    "Vote": STAFF,
    "VoteTally": EVERYBODY,
    **dict.fromkeys(("CommunityVotes", "ConsensusView", "OpinionGroup", "OpinionIdea"), EVERYBODY),
    "Notice": EVERYBODY,
    **{f"Notice.{name}Count": STAFF for name in ("heard", "sent", "waiting", "failed")},
    "Notice.undelivered": STAFF,
    "Undelivered": STAFF,
    "Inbox": STAFF,
    "InboxEntry": STAFF,
    "Consent": STAFF,
    "VoteRing": EVERYBODY,
    "JobRun": MANAGERS,
    "Programme": EVERYBODY,
    "ProgrammeMember": STAFF,
    "ProgrammeStep": STAFF,
    "ProgrammeAct": STAFF,
    "LedgerEntry": STAFF,
    "Reward": EVERYBODY,
    "Redemption": STAFF,
    "LeaderboardPlace": EVERYBODY,
    "AbuseSignal": COMMUNITY,
    # who may narrow by a field is who may read it; these are none, or say more
    "CommunityFilter.hasWarning": STAFF,
    "CommunityFilter.hasCollectiveAction": STAFF,
    "CustomerFilter.memberOf": EVERYBODY,
    "IdeaFilter.isDuplicate": EVERYBODY,
    "IdeaFilter.voter": STAFF,
    "UserError": EVERYBODY,
    "PageInfo": EVERYBODY,
}

# What a customer may read beneath something of their own, beside what everybody may.
OWNED = frozenset(
    {
        *("ProgrammeMember", "ProgrammeStep", "ProgrammeAct", "LedgerEntry", "Redemption"),
        *("Inbox", "InboxEntry", "Consent"),
    }
)


def policy_of(type_name: str, field: str) -> Policy:
    """Which roles may read a field.

    Raises
    ------
    KeyError
        When neither the field nor its type has a policy.
    """
    if type_name.endswith(("Connection", "Edge", "Payload")):
        return EVERYBODY
    return POLICIES[f"{type_name}.{field}"] if f"{type_name}.{field}" in POLICIES else POLICIES[type_name]


def policy_of_condition(filter_name: str, condition: str) -> Policy:
    """Which roles may narrow a list by a condition: those who may read what it compares."""
    named = f"{filter_name}.{condition}"
    return POLICIES[named] if named in POLICIES else policy_of(filter_name.removesuffix("Filter"), condition)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the key it came with, its role, and the customer it speaks for (its uid), if it is one."""

    key: str
    name: str
    role: Role
    customer: str | None = None
