-- NULL means that there is none; every other column has a value. Moments are milliseconds since 1970 in UTC, people are JSON:
-- [["name", "address"], …]. Ids are never used twice, so that a screen that is a little behind cannot mean another row.

CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER,
    asked_at INTEGER,
    provisioned INTEGER NOT NULL DEFAULT 0,
    policy_key INTEGER NOT NULL DEFAULT 0,
    attachments_allowed INTEGER NOT NULL DEFAULT 1,
    largest_attachment INTEGER,
    oldest INTEGER NOT NULL DEFAULT 0,
    html_allowed INTEGER NOT NULL DEFAULT 1,
    tree_key TEXT NOT NULL DEFAULT '0',
    heartbeat INTEGER NOT NULL DEFAULT 0,
    longest_heartbeat INTEGER NOT NULL DEFAULT 0,
    most_watched INTEGER,
    last_success INTEGER,
    wipe_ordered TEXT
) STRICT;

-- The parent is a server's id, not a reference: parents may come after their children.
CREATE TABLE folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id TEXT NOT NULL UNIQUE,
    parent TEXT,
    name TEXT NOT NULL DEFAULT '',
    kind INTEGER NOT NULL DEFAULT 18,
    sync_key TEXT NOT NULL DEFAULT '0',
    synced INTEGER NOT NULL DEFAULT 0,
    in_round INTEGER NOT NULL DEFAULT 0,
    reset_at INTEGER,
    round INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    server_id TEXT NOT NULL,
    round INTEGER NOT NULL DEFAULT 0,
    received INTEGER NOT NULL DEFAULT 0,
    read INTEGER NOT NULL DEFAULT 0,
    flagged INTEGER NOT NULL DEFAULT 0,
    importance INTEGER NOT NULL DEFAULT 1,
    attachments INTEGER NOT NULL DEFAULT 0,
    body_state INTEGER NOT NULL DEFAULT 1,
    from_name TEXT NOT NULL DEFAULT '',
    from_address TEXT NOT NULL DEFAULT '',
    to_people TEXT NOT NULL DEFAULT '[]',
    subject TEXT NOT NULL DEFAULT '',
    preview TEXT NOT NULL DEFAULT '',
    class TEXT NOT NULL DEFAULT '',
    message_id TEXT,
    cc_people TEXT NOT NULL DEFAULT '[]',
    bcc_people TEXT NOT NULL DEFAULT '[]',
    reply_to_people TEXT NOT NULL DEFAULT '[]',
    UNIQUE (folder, server_id)
) STRICT;

-- Read backwards, this is the list of a folder: newest first, and the id, which ends every index, decides between equals.
CREATE INDEX message_list ON message (folder, received);
CREATE INDEX message_unfetched ON message (received) WHERE body_state = 1;

-- Texts lie apart, so that a list reads rows and not texts.
CREATE TABLE body (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    html INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    position INTEGER NOT NULL DEFAULT 0,
    reference TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    media_type TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    content_id TEXT,
    inline INTEGER NOT NULL DEFAULT 0,
    file TEXT,
    UNIQUE (message, reference)
) STRICT;

CREATE INDEX attachment_file ON attachment (file) WHERE file IS NOT NULL;

CREATE TABLE upload (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    read INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE candidate (
    server_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL DEFAULT 0,
    people TEXT NOT NULL DEFAULT '[]',
    subject TEXT NOT NULL DEFAULT '',
    state INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    file TEXT NOT NULL
) STRICT;

-- Files that no row names any more; they are removed after the commit.
CREATE TABLE stale_file (
    file TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    UPDATE folder SET total = total + 1, unread = unread + (new.read = 0) WHERE id = new.folder;
END;

CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    UPDATE folder SET total = total - 1, unread = unread - (old.read = 0) WHERE id = old.folder;
END;

CREATE TRIGGER message_read AFTER UPDATE OF read ON message WHEN new.read <> old.read BEGIN
    UPDATE folder SET unread = unread + (new.read = 0) - (old.read = 0) WHERE id = new.folder;
END;

CREATE TRIGGER attachment_removed AFTER DELETE ON attachment WHEN old.file IS NOT NULL BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;

CREATE TRIGGER attachment_replaced AFTER UPDATE OF file ON attachment
WHEN old.file IS NOT NULL AND old.file IS NOT new.file BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;

CREATE TRIGGER outgoing_removed AFTER DELETE ON outgoing BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;
