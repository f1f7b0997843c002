// Keys, order and search of the whole model.
// A comment behind an index is the type of its property on the embedded engine, STRING if there is none:
// that engine serves a range or an order only from a property whose type was declared before its index.

CREATE CONSTRAINT customer_uid IF NOT EXISTS FOR (n:Customer) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT customer_externalId IF NOT EXISTS FOR (n:Customer) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT identity_uid IF NOT EXISTS FOR (n:Identity) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT identity_key IF NOT EXISTS FOR (n:Identity) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT community_uid IF NOT EXISTS FOR (n:Community) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT community_externalId IF NOT EXISTS FOR (n:Community) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT product_uid IF NOT EXISTS FOR (n:Product) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT product_externalId IF NOT EXISTS FOR (n:Product) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT mention_uid IF NOT EXISTS FOR (n:Mention) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT mention_externalId IF NOT EXISTS FOR (n:Mention) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT topic_uid IF NOT EXISTS FOR (n:Topic) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT topic_externalId IF NOT EXISTS FOR (n:Topic) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT challenge_uid IF NOT EXISTS FOR (n:Challenge) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT challenge_externalId IF NOT EXISTS FOR (n:Challenge) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT idea_uid IF NOT EXISTS FOR (n:Idea) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT idea_externalId IF NOT EXISTS FOR (n:Idea) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT advocated_uid IF NOT EXISTS FOR ()-[r:ADVOCATED]-() REQUIRE r.uid IS UNIQUE;
CREATE CONSTRAINT advocated_externalId IF NOT EXISTS FOR ()-[r:ADVOCATED]-() REQUIRE r.externalId IS UNIQUE;

CREATE CONSTRAINT publication_name IF NOT EXISTS FOR (n:Publication) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT jobRun_uid IF NOT EXISTS FOR (n:JobRun) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT jobRun_claim IF NOT EXISTS FOR (n:JobRun) REQUIRE n.claim IS UNIQUE;
CREATE CONSTRAINT event_uid IF NOT EXISTS FOR (n:Event) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT event_pendingKey IF NOT EXISTS FOR (n:Event) REQUIRE n.pendingKey IS UNIQUE;
CREATE CONSTRAINT idempotency_key IF NOT EXISTS FOR (n:Idempotency) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT apiKey_uid IF NOT EXISTS FOR (n:ApiKey) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT apiKey_hash IF NOT EXISTS FOR (n:ApiKey) REQUIRE n.hash IS UNIQUE;

CREATE INDEX customer_nameKey IF NOT EXISTS FOR (n:Customer) ON (n.nameKey);
CREATE INDEX customer_cityKey IF NOT EXISTS FOR (n:Customer) ON (n.cityKey);
CREATE INDEX customer_tiesStale IF NOT EXISTS FOR (n:Customer) ON (n.tiesStale); // BOOLEAN
CREATE INDEX customer_reachA IF NOT EXISTS FOR (n:Customer) ON (n.reachA); // DOUBLE
CREATE INDEX customer_reachB IF NOT EXISTS FOR (n:Customer) ON (n.reachB); // DOUBLE
CREATE INDEX customer_standingA IF NOT EXISTS FOR (n:Customer) ON (n.standingA); // DOUBLE
CREATE INDEX customer_standingB IF NOT EXISTS FOR (n:Customer) ON (n.standingB); // DOUBLE
CREATE INDEX customer_voiceA IF NOT EXISTS FOR (n:Customer) ON (n.voiceA); // DOUBLE
CREATE INDEX customer_voiceB IF NOT EXISTS FOR (n:Customer) ON (n.voiceB); // DOUBLE
CREATE INDEX customer_advocacyA IF NOT EXISTS FOR (n:Customer) ON (n.advocacyA); // DOUBLE
CREATE INDEX customer_advocacyB IF NOT EXISTS FOR (n:Customer) ON (n.advocacyB); // DOUBLE
CREATE INDEX customer_harmA IF NOT EXISTS FOR (n:Customer) ON (n.harmA); // DOUBLE
CREATE INDEX customer_harmB IF NOT EXISTS FOR (n:Customer) ON (n.harmB); // DOUBLE
CREATE INDEX community_name IF NOT EXISTS FOR (n:Community) ON (n.name);
CREATE INDEX community_nameKey IF NOT EXISTS FOR (n:Community) ON (n.nameKey);
CREATE INDEX product_nameKey IF NOT EXISTS FOR (n:Product) ON (n.nameKey);
CREATE INDEX mention_at IF NOT EXISTS FOR (n:Mention) ON (n.at);
CREATE INDEX idea_at IF NOT EXISTS FOR (n:Idea) ON (n.at);
CREATE INDEX idea_supportA IF NOT EXISTS FOR (n:Idea) ON (n.supportA); // DOUBLE
CREATE INDEX idea_supportB IF NOT EXISTS FOR (n:Idea) ON (n.supportB); // DOUBLE
CREATE INDEX idea_bridgingA IF NOT EXISTS FOR (n:Idea) ON (n.bridgingA); // DOUBLE
CREATE INDEX idea_bridgingB IF NOT EXISTS FOR (n:Idea) ON (n.bridgingB); // DOUBLE
CREATE INDEX idea_divisiveA IF NOT EXISTS FOR (n:Idea) ON (n.divisiveA); // DOUBLE
CREATE INDEX idea_divisiveB IF NOT EXISTS FOR (n:Idea) ON (n.divisiveB); // DOUBLE
CREATE INDEX idea_risingA IF NOT EXISTS FOR (n:Idea) ON (n.risingA); // DOUBLE
CREATE INDEX idea_risingB IF NOT EXISTS FOR (n:Idea) ON (n.risingB); // DOUBLE
CREATE INDEX event_createdAt IF NOT EXISTS FOR (n:Event) ON (n.createdAt);
CREATE INDEX event_doneAt IF NOT EXISTS FOR (n:Event) ON (n.doneAt);
CREATE INDEX jobRun_queuedAt IF NOT EXISTS FOR (n:JobRun) ON (n.queuedAt);
CREATE INDEX idempotency_createdAt IF NOT EXISTS FOR (n:Idempotency) ON (n.createdAt);

// The embedded engine names a full-text index after its property, so both engines are asked by that name.
CREATE FULLTEXT INDEX `Mention[textKey]` IF NOT EXISTS FOR (n:Mention) ON EACH [n.textKey];
CREATE FULLTEXT INDEX `Idea[titleKey]` IF NOT EXISTS FOR (n:Idea) ON EACH [n.titleKey];
