"""What is decided about an idea: answers, changes of status and the draft before them; declared as in `api.types`."""

import strawberry
from strawberry import ID

from api.declare import identity, one, stored
from api.enums import IdeaStatus
from api.relay import Node
from api.scalars import Date, DateTime


@strawberry.type(description="An official answer to an idea; one that is changed is a new version.")
class Answer(Node):
    """An official answer to an idea."""

    id: ID = identity("Answer", "u")
    version: int = stored("{u}.version", "1 for the first answer to the idea, then one more each time.")
    text: str = stored("{u}.text", "What is answered.")
    author: str = stored("{u}.by", "Who published it: the name of their token.")
    published_at: DateTime = stored("{u}.publishedAt", "When.")


@strawberry.type(description="A decision about an idea that was published.")
class StatusChange(Node):
    """A decision about an idea that was published."""

    id: ID = identity("StatusChange", "s")
    from_status: IdeaStatus = stored("{s}.from", "The status before.")
    status: IdeaStatus = stored("{s}.to", "The status since; the same as before if only the answer is new.")
    reason: str = stored("{s}.reason", "Why, for the team.")
    by: str = stored("{s}.by", "Who published it: the name of their token.")
    at: DateTime = stored("{s}.at", "When.")
    answer: Answer | None = one("MATCH ({s})-[:SAYS]->({u})", "u", "What was answered with it.")


@strawberry.type(description="A decision that is not published: it can be edited and discarded.")
class DecisionDraft(Node):
    """A decision that is not published."""

    id: ID = identity("DecisionDraft", "z")
    from_status: IdeaStatus = stored("{z}.from", "The status it was made against.")
    status: IdeaStatus = stored("{z}.to", "The status it will lead to.")
    reason: str = stored("{z}.reason", "Why, for the team.")
    answer: str | None = stored("{z}.answer", "What will be answered.")
    planned_for: Date | None = stored("{z}.plannedFor", "When it will be done.")
    shipped_url: str | None = stored("{z}.shippedUrl", "Where what was done will be shown.")
    by: str = stored("{z}.by", "Who wrote it: the name of their token.")
    at: DateTime = stored("{z}.at", "When.")
