// Lists by the votes after the discount of rings, and of good ideas with few votes.

CREATE INDEX idea_effectiveA IF NOT EXISTS FOR (n:Idea) ON (n.effectiveA); // DOUBLE
CREATE INDEX idea_effectiveB IF NOT EXISTS FOR (n:Idea) ON (n.effectiveB); // DOUBLE
CREATE INDEX idea_forgottenA IF NOT EXISTS FOR (n:Idea) ON (n.forgottenA); // DOUBLE
CREATE INDEX idea_forgottenB IF NOT EXISTS FOR (n:Idea) ON (n.forgottenB); // DOUBLE
