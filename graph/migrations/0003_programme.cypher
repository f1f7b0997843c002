// The advocacy programme: its members, their acts, ledger and rewards.

CREATE CONSTRAINT programme_name IF NOT EXISTS FOR (n:Programme) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT programmeMember_uid IF NOT EXISTS FOR (n:ProgrammeMember) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT programmeMember_customer IF NOT EXISTS FOR (n:ProgrammeMember) REQUIRE n.customer IS UNIQUE;
CREATE CONSTRAINT programmeStep_uid IF NOT EXISTS FOR (n:ProgrammeStep) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT programmeAct_uid IF NOT EXISTS FOR (n:ProgrammeAct) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT programmeAct_evidence IF NOT EXISTS FOR (n:ProgrammeAct) REQUIRE n.evidence IS UNIQUE;
CREATE CONSTRAINT ledgerEntry_uid IF NOT EXISTS FOR (n:LedgerEntry) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT ledgerEntry_key IF NOT EXISTS FOR (n:LedgerEntry) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT reward_uid IF NOT EXISTS FOR (n:Reward) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT reward_externalId IF NOT EXISTS FOR (n:Reward) REQUIRE n.externalId IS UNIQUE;
CREATE CONSTRAINT redemption_uid IF NOT EXISTS FOR (n:Redemption) REQUIRE n.uid IS UNIQUE;

CREATE INDEX programmeMember_state IF NOT EXISTS FOR (n:ProgrammeMember) ON (n.state);
CREATE INDEX programmeAct_state IF NOT EXISTS FOR (n:ProgrammeAct) ON (n.state);
CREATE INDEX reward_nameKey IF NOT EXISTS FOR (n:Reward) ON (n.nameKey);
CREATE INDEX redemption_state IF NOT EXISTS FOR (n:Redemption) ON (n.state);
