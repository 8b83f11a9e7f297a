-- Meetings of which those who are invited were told, or have to be told, by mails of this device. `told` is what they know, as WBXML,
-- NULL if they know nothing; `deleted` is 1 if the person deleted the event. `owed` is 0 if they know all. `sequence` is that of the
-- next mail. The event may be gone, so that `entry` refers to nothing.
CREATE TABLE meeting (
    uid TEXT PRIMARY KEY,
    entry INTEGER NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    owed INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    told BLOB
) STRICT;

CREATE INDEX meeting_owed ON meeting (entry) WHERE owed = 1;
