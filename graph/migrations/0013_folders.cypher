// What an import folder names by an id that its owner gave; made here, it is known by its uid.
// Data is changed in pieces: a statement that answers with a number runs again until that is 0.

MATCH (n:Comment) WHERE n.externalId IS NULL
WITH n LIMIT 10000
SET n.externalId = n.uid
RETURN count(*) AS changed;

MATCH (n:ProgrammeAct) WHERE n.externalId IS NULL
WITH n LIMIT 10000
SET n.externalId = n.uid
RETURN count(*) AS changed;

MATCH (n:Redemption) WHERE n.externalId IS NULL
WITH n LIMIT 10000
SET n.externalId = n.uid
RETURN count(*) AS changed;

CREATE CONSTRAINT comment_externalId IF NOT EXISTS FOR (n:Comment) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT programmeAct_externalId IF NOT EXISTS FOR (n:ProgrammeAct) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT redemption_externalId IF NOT EXISTS FOR (n:Redemption) REQUIRE n.externalId IS UNIQUE;
