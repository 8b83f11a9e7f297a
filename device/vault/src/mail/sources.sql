-- Mails that are signed or encrypted, as they came: each is a file of the mailbox. What is decrypted is never written.
CREATE TABLE source (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    file TEXT NOT NULL
) STRICT;

CREATE TRIGGER source_removed AFTER DELETE ON source BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;

CREATE TRIGGER source_replaced AFTER UPDATE OF file ON source WHEN old.file IS NOT new.file BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;

-- Of those from before there is only what the server made of them.
UPDATE message SET body_state = 1 WHERE class LIKE 'IPM.Note.SMIME%';
