-- What a person does with mails: flags with a day, categories, deletions and moves that the server has not confirmed, and its
-- refusals; and the conversation a mail belongs to. Days are Julian day numbers.
ALTER TABLE message ADD COLUMN flag_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN flag_due INTEGER;
ALTER TABLE message ADD COLUMN flag_completed INTEGER;
ALTER TABLE message ADD COLUMN categories TEXT NOT NULL DEFAULT '[]';
ALTER TABLE message ADD COLUMN conversation BLOB;
ALTER TABLE message ADD COLUMN conversation_index BLOB;
ALTER TABLE message ADD COLUMN topic TEXT NOT NULL DEFAULT '';
-- The kind of change, a blank, and the code of the reason.
ALTER TABLE message ADD COLUMN refused TEXT;
-- `folder` is where the server has the mail, `shown` where it is shown: another folder while a move waits, nowhere while a
-- deletion does.
ALTER TABLE message ADD COLUMN shown INTEGER REFERENCES folder (id) ON DELETE SET NULL;
UPDATE message SET shown = folder;

DROP INDEX message_list;
CREATE INDEX message_list ON message (shown, received);
DROP INDEX message_facts;
CREATE INDEX message_facts ON message (id, shown, received, read, flagged, attachments);
CREATE INDEX message_conversation ON message (conversation) WHERE conversation IS NOT NULL;
CREATE INDEX message_topic ON message (topic) WHERE topic <> '';

DROP TRIGGER message_added;
CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    UPDATE folder SET total = total + 1, unread = unread + (new.read = 0) WHERE id = new.shown;
END;

DROP TRIGGER message_removed;
CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    UPDATE folder SET total = total - 1, unread = unread - (old.read = 0) WHERE id = old.shown;
END;

DROP TRIGGER message_read;
CREATE TRIGGER message_read AFTER UPDATE OF read, shown ON message
WHEN new.read <> old.read OR new.shown IS NOT old.shown BEGIN
    UPDATE folder SET total = total - 1, unread = unread - (old.read = 0) WHERE id = old.shown;
    UPDATE folder SET total = total + 1, unread = unread + (new.read = 0) WHERE id = new.shown;
END;

-- Marks are JSON. `place` is NULL, 'deleted', 'nowhere' or 'folder', which `place_folder` then names by the server's id, as
-- `attempt` does for a move that was begun; `stage` is 0 for sent, 1 for missing, 2 for left.
CREATE TABLE wanted (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    marks TEXT NOT NULL DEFAULT '{}',
    marks_before TEXT NOT NULL DEFAULT '{}',
    place TEXT,
    place_folder TEXT,
    attempt TEXT,
    stage INTEGER NOT NULL DEFAULT 0,
    landed TEXT,
    arriving INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO wanted (message, marks)
SELECT message, json_object('read', json(iif(read, 'true', 'false'))) FROM upload;
DROP TABLE upload;

-- Mails from before have no categories and no conversation: every folder is gone through once more.
UPDATE folder SET sync_key = '0', in_round = 0;
