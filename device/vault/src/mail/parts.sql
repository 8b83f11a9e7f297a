-- What has come of attachments that are fetched in ranges; they are put together once everything is here.
CREATE TABLE attachment_part (
    attachment INTEGER NOT NULL REFERENCES attachment (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    size INTEGER NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (attachment, start)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER attachment_part_removed AFTER DELETE ON attachment_part BEGIN
    INSERT OR IGNORE INTO stale_file (file) VALUES (old.file);
END;
