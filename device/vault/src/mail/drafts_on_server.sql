-- Drafts that the server keeps too. `revision` counts the person's changes, `settled` is the last one that the server has.
-- `deletion` is 0, 1 for a draft that is to go to the deleted mails, 2 for one that is to go for good. `base` is the draft as the
-- server has it, `sent` what may have been taken, both in JSON; `conflict` is 'changed', 'deleted_here' or 'deleted_there'.
ALTER TABLE draft ADD COLUMN importance INTEGER NOT NULL DEFAULT 1;
ALTER TABLE draft ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE draft ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE draft ADD COLUMN deletion INTEGER NOT NULL DEFAULT 0;
ALTER TABLE draft ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
ALTER TABLE draft ADD COLUMN message INTEGER REFERENCES message (id) ON DELETE SET NULL;
ALTER TABLE draft ADD COLUMN base TEXT;
ALTER TABLE draft ADD COLUMN sent TEXT;
ALTER TABLE draft ADD COLUMN refused TEXT;
ALTER TABLE draft ADD COLUMN conflict TEXT;
UPDATE draft SET client_id = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX draft_message ON draft (message) WHERE message IS NOT NULL;

-- A draft that is on the server only goes with it.
CREATE TRIGGER message_of_draft_removed BEFORE DELETE ON message BEGIN
    DELETE FROM draft WHERE message = old.id AND revision = settled;
END;

-- Files have what the server calls them, and no bytes until they were fetched.
CREATE TABLE draft_file_fetched (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    draft INTEGER NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    name TEXT NOT NULL DEFAULT '',
    media_type TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    file TEXT,
    reference TEXT
) STRICT;
INSERT INTO draft_file_fetched (id, draft, name, media_type, size, file)
SELECT id, draft, name, media_type, size, file FROM draft_file;
DROP TABLE draft_file;
ALTER TABLE draft_file_fetched RENAME TO draft_file;
CREATE INDEX draft_file_of ON draft_file (draft);

CREATE TRIGGER draft_file_removed AFTER DELETE ON draft_file WHEN old.file IS NOT NULL BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;

CREATE TRIGGER draft_file_forgotten AFTER UPDATE OF file ON draft_file
WHEN old.file IS NOT NULL AND old.file IS NOT new.file BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;
