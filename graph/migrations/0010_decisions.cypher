// Decisions about ideas, and the roadmap.

CREATE CONSTRAINT decisionDraft_uid IF NOT EXISTS FOR (n:DecisionDraft) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT decisionDraft_idea IF NOT EXISTS FOR (n:DecisionDraft) REQUIRE n.idea IS UNIQUE;
CREATE CONSTRAINT statusChange_uid IF NOT EXISTS FOR (n:StatusChange) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT answer_uid IF NOT EXISTS FOR (n:Answer) REQUIRE n.uid IS UNIQUE;

CREATE INDEX idea_roadmapKey IF NOT EXISTS FOR (n:Idea) ON (n.roadmapKey);
