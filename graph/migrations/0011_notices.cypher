// Notices of what became of an idea, who hears them, and what they consented to.
// Accounts that share an e-mail address are found by it: one letter to it ends for all of them.

CREATE CONSTRAINT consent_uid IF NOT EXISTS FOR (n:Consent) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT notice_uid IF NOT EXISTS FOR (n:Notice) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT notice_key IF NOT EXISTS FOR (n:Notice) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT inboxEntry_uid IF NOT EXISTS FOR (n:InboxEntry) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT inboxEntry_key IF NOT EXISTS FOR (n:InboxEntry) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT delivery_uid IF NOT EXISTS FOR (n:Delivery) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT delivery_key IF NOT EXISTS FOR (n:Delivery) REQUIRE n.key IS UNIQUE;

CREATE INDEX delivery_dueAt IF NOT EXISTS FOR (n:Delivery) ON (n.dueAt);
CREATE INDEX delivery_reason IF NOT EXISTS FOR (n:Delivery) ON (n.reason);
CREATE INDEX delivery_message IF NOT EXISTS FOR (n:Delivery) ON (n.message);
CREATE INDEX customer_email IF NOT EXISTS FOR (n:Customer) ON (n.email);
