// What is said of ideas: comments, revisions and moderation; `wordedAt` tells a search for similar ones what to read.
// Data is changed in pieces: a statement that answers with a number runs again until that is 0.

CREATE CONSTRAINT comment_uid IF NOT EXISTS FOR (n:Comment) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT ideaRevision_uid IF NOT EXISTS FOR (n:IdeaRevision) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT moderationStep_uid IF NOT EXISTS FOR (n:ModerationStep) REQUIRE n.uid IS UNIQUE;

CREATE INDEX idea_wordedAt IF NOT EXISTS FOR (n:Idea) ON (n.wordedAt);

MATCH (i:Idea) WHERE i.wordedAt IS NULL
WITH i LIMIT 10000
SET i.wordedAt = coalesce(i.createdAt, '2000-01-01T00:00:00.000Z')
RETURN count(*) AS changed;
