-- A subscription names the channel by which its letters travel. What was there before went by mail.
ALTER TABLE subscription ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
DROP INDEX subscription_once;
CREATE UNIQUE INDEX subscription_once ON subscription (channel, lower(address), query);
