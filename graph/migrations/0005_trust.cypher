// Rankings by trust. Ties are made again by the next run: each now says since when
// it is. Data is changed in pieces: a statement that answers with a number runs again until that is 0.

MATCH (c:Customer)-[t:TIE]->() WHERE t.days > 0 AND t.firstOn IS NULL AND c.tiesStale IS NULL
WITH DISTINCT c LIMIT 10000
SET c.tiesStale = true
RETURN count(*) AS changed;

CREATE INDEX customer_trustedAdvocacyA IF NOT EXISTS FOR (n:Customer) ON (n.trustedAdvocacyA); // DOUBLE
CREATE INDEX customer_trustedAdvocacyB IF NOT EXISTS FOR (n:Customer) ON (n.trustedAdvocacyB); // DOUBLE
CREATE INDEX customer_trustedHarmA IF NOT EXISTS FOR (n:Customer) ON (n.trustedHarmA); // DOUBLE
CREATE INDEX customer_trustedHarmB IF NOT EXISTS FOR (n:Customer) ON (n.trustedHarmB); // DOUBLE

// Indexes of two keys are for Neo4j alone: the embedded engine would not read a page from them.
CREATE INDEX memberOf_trustedAdvocacyA IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.trustedAdvocacyA);
CREATE INDEX memberOf_trustedAdvocacyB IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.trustedAdvocacyB);
CREATE INDEX memberOf_trustedHarmA IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.trustedHarmA);
CREATE INDEX memberOf_trustedHarmB IF NOT EXISTS FOR ()-[r:MEMBER_OF]-() ON (r.community, r.trustedHarmB);
