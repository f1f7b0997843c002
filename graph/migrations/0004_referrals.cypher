// Referral links, who visited them, and what they are ranked by.

CREATE CONSTRAINT referralLink_uid IF NOT EXISTS FOR (n:ReferralLink) REQUIRE n.uid IS UNIQUE;
CREATE CONSTRAINT referralLink_code IF NOT EXISTS FOR (n:ReferralLink) REQUIRE n.code IS UNIQUE;
CREATE CONSTRAINT referralLink_key IF NOT EXISTS FOR (n:ReferralLink) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT referralVisit_key IF NOT EXISTS FOR (n:ReferralVisit) REQUIRE n.key IS UNIQUE;

CREATE INDEX referralVisit_visitor IF NOT EXISTS FOR (n:ReferralVisit) ON (n.visitor);
CREATE INDEX referralLink_value IF NOT EXISTS FOR (n:ReferralLink) ON (n.value); // DOUBLE
CREATE INDEX referralLink_conversions IF NOT EXISTS FOR (n:ReferralLink) ON (n.conversions); // LONG
