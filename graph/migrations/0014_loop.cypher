// Challenges that the clock has decided are looked for by their instant.

CREATE INDEX challenge_decidedAt IF NOT EXISTS FOR (h:Challenge) ON (h.decidedAt);
