-- Contacts, events, tasks and notes. What a person sees of them is in `document`, as WBXML; the other columns are drawn out of it,
-- so that lists and questions about times need not read it. Ids are never used twice. Moments are milliseconds since 1970 in UTC.
-- `server_id` is NULL until the server has taken a new entry in; `hidden` entries are deleted here and not yet there.
-- `starts` and `ends` enclose all that can take place of an event; `ends` is NULL if it has a start and goes on for ever.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    server_id TEXT,
    round INTEGER NOT NULL DEFAULT 0,
    class TEXT NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL DEFAULT '',
    sort TEXT NOT NULL DEFAULT '',
    complete INTEGER NOT NULL DEFAULT 0,
    starts INTEGER,
    ends INTEGER,
    uid TEXT,
    document BLOB NOT NULL,
    UNIQUE (folder, server_id)
) STRICT;

CREATE INDEX entry_list ON entry (class, hidden, complete, sort, id, folder);
CREATE INDEX entry_time ON entry (starts, ends, hidden, folder) WHERE starts IS NOT NULL;
CREATE INDEX entry_uid ON entry (uid) WHERE uid IS NOT NULL;

-- What the person wants of an entry and the server has not confirmed. `base` is NULL for a new entry, `document` if the entry is to
-- go. `sent`: 0 nothing was sent, 1 that it is to go, 2 `sent_document`.
CREATE TABLE edit (
    entry INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    base BLOB,
    document BLOB,
    sent INTEGER NOT NULL DEFAULT 0,
    sent_document BLOB,
    refused TEXT
) STRICT;

-- What the person wrote and the server's word stood against.
CREATE TABLE conflict (
    entry INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    mine BLOB NOT NULL
) STRICT;

-- The words of each entry; as with mails, the texts are not stored again.
CREATE VIRTUAL TABLE entry_words USING fts5 (
    title, people, content, categories,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER entry_forgotten AFTER DELETE ON entry BEGIN
    DELETE FROM entry_words WHERE rowid = old.id;
END;
