-- Mails that are being written, as they were typed: addresses are JSON lists of texts. `composition` is 0 for a new mail, 1 for
-- an answer, 2 for one that is sent on, 3 for an answer to all.
CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    saved INTEGER NOT NULL DEFAULT 0,
    to_typed TEXT NOT NULL DEFAULT '[]',
    cc_typed TEXT NOT NULL DEFAULT '[]',
    bcc_typed TEXT NOT NULL DEFAULT '[]',
    subject TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL DEFAULT '',
    composition INTEGER NOT NULL DEFAULT 0,
    original INTEGER REFERENCES message (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX draft_original ON draft (original) WHERE original IS NOT NULL;

CREATE TABLE draft_file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    draft INTEGER NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    name TEXT NOT NULL DEFAULT '',
    media_type TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    file TEXT NOT NULL
) STRICT;
CREATE INDEX draft_file_of ON draft_file (draft);

CREATE TRIGGER draft_file_removed AFTER DELETE ON draft_file BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;
