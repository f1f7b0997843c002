"""Signs of abuse in the programme: read whenever somebody looks, shown with a reason, acted on by nobody.

An act keeps, from when it was recorded, whom it concerned (`counterpart`), the age of the member's account
(`accountDays`) and its day (UTC).
"""

from graph.driver import Transaction
from graph.rows import run

ACTS_A_DAY = 5
ACTS_FOR_ONE = 3
ACTS_BOTH_WAYS = 2
FRESH_DAYS = 30
POINTS_A_REACH = 200
POINTS_AT_LEAST = 100

# Over roles, for the compiler of reads: a member `{b}`, the customer `{c}`, and `{z}`: kind, measure.
SIGNALS = f"""
MATCH ({{b}}:ProgrammeMember)<-[:IN_PROGRAMME]-({{c}})
CALL ({{b}}) {{{{
  MATCH ({{b}})-[:DID]->(act)
  WITH act.day AS day, count(act) AS acts
  RETURN coalesce(max(acts), 0) AS burst
}}}}
CALL ({{b}}) {{{{
  MATCH ({{b}})-[:DID]->(act)
  RETURN count(act.counterpart) AS concerning, count(DISTINCT act.counterpart) AS people,
         sum(CASE WHEN act.accountDays < {FRESH_DAYS} THEN 1 ELSE 0 END) AS fresh,
         sum(CASE WHEN act.state = 'ACCEPTED' AND act.evidenceGone THEN 1 ELSE 0 END) AS gone
}}}}
CALL ({{b}}) {{{{
  MATCH ({{b}})-[:DID]->(act)
  MATCH (other:ProgrammeMember {{{{customer: act.counterpart}}}})-[:DID]->(back)
  WHERE back.counterpart = {{b}}.customer
  RETURN count(DISTINCT act) AS mutual
}}}}
WITH {{b}}, {{c}}, burst, concerning, people, fresh, gone, mutual,
     CASE WHEN {{b}}.earned > {POINTS_A_REACH} * {{c}}.reach@influence THEN {{b}}.earned ELSE 0 END AS beyond
UNWIND [
  ['BURST', burst, {ACTS_A_DAY}],
  ['ONE_PERSON', CASE WHEN people = 1 THEN concerning ELSE 0 END, {ACTS_FOR_ONE}],
  ['MUTUAL', mutual, {ACTS_BOTH_WAYS}],
  ['FRESH_ACCOUNT', fresh, 1],
  ['BEYOND_INFLUENCE', beyond, {POINTS_AT_LEAST}],
  ['EVIDENCE_GONE', gone, 1]
] AS {{z}}
WITH {{b}}, {{c}}, {{z}} WHERE {{z}}[1] >= {{z}}[2]
WITH {{b}}, {{c}}, {{z}}"""

GONE = "MATCH (d:ProgrammeAct {evidence: $evidence}) SET d.evidenceGone = true"


async def note_gone(tx: Transaction, *, evidence: str) -> None:
    """Note on the act that this evidence (`mention:…` or `link:…`) showed, if any, that it is deleted."""
    await run(tx, GONE, evidence=evidence)
