// Challenges that the clock has decided are looked for by their instant.

CREATE INDEX challenge_decidedAt IF NOT EXISTS FOR (n:Challenge) ON (n.decidedAt);
