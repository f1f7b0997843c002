"""Which records a role does not see: a condition that every source of such records gets, wherever it stands.

It holds for lists, counts, single hops and `node` alike, so that nothing tells of what is hidden. Authors see their
own, and why it is not shown.
"""

from dataclasses import replace

from graph.selection import Source
from graph.tokens import Role

# Those of a customer, by the role of the variable; `$caller` is the uid of the customer who asks.
CUSTOMERS = {
    "x": "(coalesce({x}.moderation, 'PUBLISHED') = 'PUBLISHED' OR "
    "EXISTS {{ MATCH ({x})<-[:PROPOSED]-(mine:Customer) WHERE mine.uid = $caller }})",
    "comment": "({comment}.author = $caller OR ({comment}.state IN ['PUBLISHED', 'DELETED'] AND "
    "EXISTS {{ MATCH ({comment})-[:ON_IDEA]->(shown:Idea) "
    "WHERE coalesce(shown.moderation, 'PUBLISHED') = 'PUBLISHED' }}))",
}


def visible(source: Source, role: Role) -> Source:
    """The source without what this role does not see."""
    if role is not Role.CUSTOMER:
        return source
    made = {each: source.keep.get(each, each) for each in CUSTOMERS}
    hidden = tuple(
        CUSTOMERS[each].replace(f"{{{each}}}", f"{{{name}}}")
        for each, name in made.items()
        if name in source.roles
    )
    return replace(source, where=(*source.where, *hidden)) if hidden else source
