/**
 * The tables of `mail.db`, version 1. Message bytes are not here but in segments (decision 0001); a row of `blob`
 * says where. Counters are kept by the writes, never counted. Booleans are 0 and 1.
 */
export const SCHEMA_1 = `
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE domain (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login TEXT NOT NULL UNIQUE,
  domain TEXT NOT NULL REFERENCES domain (name),
  display_name TEXT NOT NULL,
  quota_octets INTEGER NOT NULL,
  used_octets INTEGER NOT NULL DEFAULT 0,
  disabled INTEGER NOT NULL DEFAULT 0,
  administrator INTEGER NOT NULL,
  scram_salt BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  -- the last modseq given out in this account
  mod_seq INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX account_by_domain ON account (domain);
CREATE TABLE address (
  domain TEXT NOT NULL REFERENCES domain (name),
  local_part TEXT NOT NULL,
  account_id INTEGER REFERENCES account (id),
  -- JSON array, where the address is an alias
  members TEXT,
  PRIMARY KEY (domain, local_part),
  CHECK ((account_id IS NULL) <> (members IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX address_by_account ON address (account_id);
CREATE TABLE credential (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account (id),
  kind TEXT NOT NULL CHECK (kind IN ('password', 'app')),
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  scram_iterations INTEGER,
  scram_stored_key BLOB,
  scram_server_key BLOB,
  scopes TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_used_ms INTEGER
) STRICT;
CREATE INDEX credential_by_account ON credential (account_id);
CREATE UNIQUE INDEX credential_one_password ON credential (account_id) WHERE kind = 'password';

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  special_use TEXT,
  uid_validity INTEGER NOT NULL UNIQUE,
  uid_next INTEGER NOT NULL DEFAULT 1,
  mod_seq INTEGER NOT NULL,
  messages INTEGER NOT NULL DEFAULT 0,
  unseen INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0,
  size_octets INTEGER NOT NULL DEFAULT 0,
  vanished INTEGER NOT NULL DEFAULT 0,
  -- tombstones up to this modseq are gone
  vanished_floor INTEGER NOT NULL DEFAULT 0,
  UNIQUE (account_id, name)
) STRICT;
CREATE TABLE subscription (
  account_id INTEGER NOT NULL REFERENCES account (id), name TEXT NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID;
-- first spelling of each keyword a mailbox has seen
CREATE TABLE keyword (
  mailbox_id INTEGER NOT NULL, folded TEXT NOT NULL, spelling TEXT NOT NULL,
  PRIMARY KEY (mailbox_id, folded)
) STRICT, WITHOUT ROWID;

-- No foreign key to mailbox: the messages of a removed one are buried step by step, see grave.
CREATE TABLE message (
  mailbox_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  -- the modseq it came with
  appeared INTEGER NOT NULL,
  system_flags INTEGER NOT NULL,
  -- JSON array or NULL
  keywords TEXT,
  internal_date_ms INTEGER NOT NULL,
  saved_ms INTEGER NOT NULL,
  size_octets INTEGER NOT NULL,
  email_id INTEGER NOT NULL,
  thread_id INTEGER NOT NULL,
  blob BLOB NOT NULL,
  PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_by_mod_seq ON message (mailbox_id, mod_seq);
CREATE INDEX message_unseen ON message (mailbox_id, uid) WHERE (system_flags & 1) = 0;
CREATE INDEX message_deleted ON message (mailbox_id, uid) WHERE (system_flags & 8) <> 0;
CREATE TABLE vanished (
  mailbox_id INTEGER NOT NULL, mod_seq INTEGER NOT NULL, uid INTEGER NOT NULL, appeared INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, mod_seq, uid)
) STRICT, WITHOUT ROWID;
-- which thread a Message-ID belongs to; hash: first 48 bits of its SHA-256
CREATE TABLE thread (
  account_id INTEGER NOT NULL, hash INTEGER NOT NULL, thread_id INTEGER NOT NULL,
  PRIMARY KEY (account_id, hash)
) STRICT, WITHOUT ROWID;
-- what is removed but not yet cleared away: kind 'mailbox' or 'account'
CREATE TABLE grave (
  kind TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE segment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- octets beyond are leftovers of a transaction that did not end
  used_octets INTEGER NOT NULL,
  dead_octets INTEGER NOT NULL
) STRICT;
-- hash: SHA-256; the outline as JSON lies directly behind the octets
CREATE TABLE blob (
  hash BLOB PRIMARY KEY,
  segment_id INTEGER NOT NULL,
  start INTEGER NOT NULL,
  size_octets INTEGER NOT NULL,
  outline_octets INTEGER NOT NULL,
  refs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_by_segment ON blob (segment_id, start);
-- while one is not over, no segment is removed
CREATE TABLE hold (id TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE queue_entry (
  id TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  smtp_utf8 INTEGER NOT NULL,
  body TEXT NOT NULL,
  ret TEXT,
  envid TEXT,
  created_ms INTEGER NOT NULL,
  submitter TEXT,
  blob BLOB NOT NULL,
  size_octets INTEGER NOT NULL,
  held INTEGER NOT NULL DEFAULT 0,
  leased_until_ms INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE queue_recipient (
  entry_id TEXT NOT NULL REFERENCES queue_entry (id),
  number INTEGER NOT NULL,
  address TEXT NOT NULL,
  notify TEXT,
  orcpt_type TEXT,
  orcpt_address TEXT,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_ms INTEGER NOT NULL,
  last_reply TEXT,
  last_host TEXT,
  delay_notice_sent INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (entry_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_due ON queue_recipient (next_attempt_ms) WHERE state = 'pending';
`;

/** Version 2: the journal, signing keys, access tables. */
export const SCHEMA_2 = `
-- body: see journal-rows.ts
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_time ON journal (at_ms);
CREATE INDEX journal_by_kind ON journal (kind, at_ms);
CREATE TABLE journal_key (
  key TEXT NOT NULL, at_ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (key, at_ms, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_key (
  domain TEXT NOT NULL REFERENCES domain (name),
  selector TEXT NOT NULL,
  algorithm TEXT NOT NULL CHECK (algorithm IN ('rsa-sha256', 'ed25519-sha256')),
  private_key TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  active_ms INTEGER NOT NULL,
  retired_ms INTEGER,
  PRIMARY KEY (domain, selector)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_entry (
  list TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  PRIMARY KEY (list, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_expiry ON access_entry (expires_ms) WHERE expires_ms IS NOT NULL;
`;

/** Version 3: what reports to other domains tell, and which were made. */
export const SCHEMA_3 = `
CREATE TABLE report (
  kind TEXT NOT NULL CHECK (kind IN ('dmarc', 'tls')),
  day TEXT NOT NULL,
  domain TEXT NOT NULL,
  row_count INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  -- NULL while it is still to be made
  settled_ms INTEGER,
  report_id TEXT,
  outcome TEXT,
  told INTEGER,
  -- JSON
  sent_to TEXT,
  PRIMARY KEY (kind, day, domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_due ON report (day, domain) WHERE settled_ms IS NULL;
CREATE TABLE report_row (
  kind TEXT NOT NULL, day TEXT NOT NULL, domain TEXT NOT NULL, facts TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (kind, day, domain, facts)
) STRICT, WITHOUT ROWID;
`;

/** Version 4: what readers do with delivered mail; see fates.ts. */
export const SCHEMA_4 = `
ALTER TABLE message ADD COLUMN origin TEXT;
ALTER TABLE message ADD COLUMN fates INTEGER NOT NULL DEFAULT 0;
`;

/** Version 5: whether queued mail travels over TLS with proven servers only (REQUIRETLS). */
export const SCHEMA_5 = `
ALTER TABLE queue_entry ADD COLUMN tls TEXT CHECK (tls IN ('required'));
`;

/** Version 6: whether an account's own password opens no mail protocol, only its app passwords do. */
export const SCHEMA_6 = `
ALTER TABLE account ADD COLUMN app_passwords_only INTEGER NOT NULL DEFAULT 0;
`;

/** Version 7: keys of the journal are written later than its records; all there are have been written. */
export const SCHEMA_7 = `
INSERT OR REPLACE INTO counter SELECT 'journal_indexed', coalesce(max(seq), 0) FROM journal;
`;

/** Version 8: how many days a mailbox keeps its messages, and accounts of which nothing may be removed. */
export const SCHEMA_8 = `
ALTER TABLE mailbox ADD COLUMN keep_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN legal_hold INTEGER NOT NULL DEFAULT 0;
CREATE INDEX mailbox_expiring ON mailbox (account_id) WHERE keep_days > 0;
`;

/**
 * Version 9: arrivals are found by uid, which rises with the modseq they come with; by modseq only what was changed
 * since: a page and an eleventh of a delivery less.
 */
export const SCHEMA_9 = `
DROP INDEX message_by_mod_seq;
CREATE INDEX message_changed ON message (mailbox_id, mod_seq) WHERE mod_seq > appeared;
`;

/**
 * Version 10: message bytes are numbered as they come, so that their rows are appended instead of each lying on a page
 * of its own. By hash only those are found that may have a twin: what was appended to a mailbox, and everything older.
 */
export const SCHEMA_10 = `
CREATE TABLE blob_10 (
  -- never given out twice
  id INTEGER PRIMARY KEY,
  -- SHA-256 of the octets; the outline as JSON lies directly behind them
  hash BLOB NOT NULL,
  segment_id INTEGER NOT NULL,
  start INTEGER NOT NULL,
  size_octets INTEGER NOT NULL,
  outline_octets INTEGER NOT NULL,
  refs INTEGER NOT NULL,
  -- whether one that is alike is to share it
  shared INTEGER NOT NULL,
  -- whether it lies in another segment than it was born in
  moved INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO blob_10 (hash, segment_id, start, size_octets, outline_octets, refs, shared)
  SELECT hash, segment_id, start, size_octets, outline_octets, refs, 1 FROM blob ORDER BY segment_id, start;
DROP TABLE blob;
ALTER TABLE blob_10 RENAME TO blob;
CREATE UNIQUE INDEX blob_by_hash ON blob (hash) WHERE shared = 1;
CREATE INDEX blob_moved ON blob (segment_id) WHERE moved = 1;

-- numbers of what was born in it and may still lie there: from first_blob, below next_blob
ALTER TABLE segment ADD COLUMN first_blob INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segment ADD COLUMN next_blob INTEGER NOT NULL DEFAULT 0;
UPDATE segment SET first_blob = born.first, next_blob = born.last + 1 FROM
  (SELECT segment_id, min(id) AS first, max(id) AS last FROM blob GROUP BY segment_id) AS born
  WHERE born.segment_id = segment.id;
UPDATE segment SET (first_blob, next_blob) = (SELECT n, n FROM (SELECT coalesce(max(id), 0) + 1 AS n FROM blob))
  WHERE next_blob = 0;

ALTER TABLE message ADD COLUMN blob_id INTEGER NOT NULL DEFAULT 0;
UPDATE message SET blob_id = (SELECT id FROM blob WHERE hash = message.blob AND shared = 1);
ALTER TABLE message DROP COLUMN blob;
ALTER TABLE message RENAME COLUMN blob_id TO blob;
ALTER TABLE queue_entry ADD COLUMN blob_id INTEGER NOT NULL DEFAULT 0;
UPDATE queue_entry SET blob_id = (SELECT id FROM blob WHERE hash = queue_entry.blob AND shared = 1);
ALTER TABLE queue_entry DROP COLUMN blob;
ALTER TABLE queue_entry RENAME COLUMN blob_id TO blob;

-- the first unseen message is found by what a mailbox's summary remembers
DROP INDEX message_unseen;
`;

/** Version 11: the order of time of a kind of records is one of their keys, and written with them, many at once. */
export const SCHEMA_11 = `
INSERT OR IGNORE INTO journal_key SELECT char(1) || kind, at_ms, seq FROM journal
  WHERE seq <= (SELECT value FROM counter WHERE name = 'journal_indexed') ORDER BY kind, at_ms, seq;
DROP INDEX journal_by_time;
DROP INDEX journal_by_kind;
`;

/** Version 12: octets of the journal are counted when keys are written, a page less in every commit. */
export const SCHEMA_12 = `
UPDATE counter SET value = value - (SELECT coalesce(sum(length(body)), 0) FROM journal
    WHERE seq > (SELECT value FROM counter WHERE name = 'journal_indexed'))
  WHERE name = 'journal_octets';
`;
