"""The types that have an id, with the name each bears in a statement, and how a stored value is shown."""

from collections.abc import Callable
from typing import Any

from api.relay import to_global_id
from api.sentences import REASONS, SENTENCES

NODES = {
    "Customer": "c",
    "Community": "g",
    "Mention": "m",
    "Product": "p",
    "Topic": "o",
    "Challenge": "h",
    "Idea": "x",
    "IdeaMerge": "mg",
    "IdeaSplit": "sp",
    "Comment": "comment",
    "JobRun": "j",
    "ProgrammeMember": "b",
    "ProgrammeAct": "d",
    "LedgerEntry": "l",
    "Reward": "w",
    "Redemption": "r",
    "ReferralLink": "y",
    "Answer": "u",
    "StatusChange": "s",
    "DecisionDraft": "z",
    "Notice": "notice",
    "InboxEntry": "entry",
    "Consent": "consent",
}
SHAPES: dict[str, Callable[[Any], Any]] = (
    {f"id_{name}": to_global_id(name) for name in [*NODES, "AdvocacyLink"]} | SENTENCES | REASONS
)
