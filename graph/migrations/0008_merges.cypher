// Merges and splits of ideas.

CREATE CONSTRAINT ideaMerge_uid IF NOT EXISTS FOR (n:IdeaMerge) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT ideaSplit_uid IF NOT EXISTS FOR (n:IdeaSplit) REQUIRE n.uid IS UNIQUE;
