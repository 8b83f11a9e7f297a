-- The words of each mail. Texts are not stored again: the index knows a mail by its id, and forgets it with its row.
-- One begun word is looked up in the lists of beginnings of two and three letters.
CREATE VIRTUAL TABLE search USING fts5 (
    sender, recipients, subject, content, files,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER message_forgotten AFTER DELETE ON message BEGIN
    DELETE FROM search WHERE rowid = old.id;
END;

-- What a search asks of a mail besides its words, so that it reads this and not the rows.
CREATE INDEX message_facts ON message (id, folder, received, read, flagged, attachments);

-- Mails whose words the index does not know as they are stored; they are indexed in steps beside everything else.
CREATE TABLE unindexed (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE
) STRICT;

INSERT INTO unindexed (message) SELECT id FROM message;
