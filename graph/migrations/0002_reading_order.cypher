// What ended is a relationship of its own; mentions and memberships carry the key by which their pages are read
// in order. Data is changed in pieces: a statement that answers with a number runs again until that is 0.

MATCH (c:Customer)-[m:MEMBER_OF]->(g:Community) WHERE m.until IS NOT NULL
WITH c, m, g LIMIT 10000
CREATE (c)-[w:WAS_MEMBER_OF {until: m.until}]->(g)
SET w.role = m.role, w.since = m.since
DELETE m
RETURN count(*) AS changed;

MATCH (:Customer)-[m:MEMBER_OF]->(g:Community) WHERE m.community IS NULL
WITH m, g LIMIT 50000
SET m.community = g.uid
RETURN count(*) AS changed;

MATCH (c:Customer)-[:WROTE]->(m:Mention) WHERE m.author IS NULL
WITH c, m LIMIT 50000
SET m.author = c.uid
RETURN count(*) AS changed;

// Indexes of two keys are for Neo4j alone: the embedded engine would not read a page from them.
CREATE INDEX mention_author_at IF NOT EXISTS FOR (n:Mention) ON (n.author, n.at);
CREATE INDEX memberOf_advocacyA IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.advocacyA);
CREATE INDEX memberOf_advocacyB IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.advocacyB);
CREATE INDEX memberOf_harmA IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.harmA);
CREATE INDEX memberOf_harmB IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.harmB);
