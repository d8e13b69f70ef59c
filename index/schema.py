"""Tables of the library's one SQLite file. Everything else in the folder is derived from it.

`DERIVED` tables are made from the others when they are needed, so they do not change the format.
`KEPT` tables hold what people said of their documents and what happened to these; an older library
gets them when it is opened.
"""

FORMAT_VERSION = 1

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    title_start INTEGER, title_end INTEGER,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    n_chars INTEGER NOT NULL,
    date TEXT, date_start INTEGER, date_end INTEGER,
    status TEXT NOT NULL CHECK (status IN ('complete', 'partial')),
    notes TEXT NOT NULL DEFAULT '[]',
    added_at TEXT NOT NULL
);
CREATE INDEX documents_by_sha256 ON documents (sha256);
CREATE TABLE texts (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    sources BLOB NOT NULL,
    PRIMARY KEY (document_id, start)
);
CREATE TABLE blocks (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    role TEXT NOT NULL,
    level INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (document_id, start)
) WITHOUT ROWID;
CREATE TABLE speakers (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    PRIMARY KEY (document_id, start)
) WITHOUT ROWID;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    breadcrumb TEXT NOT NULL,
    role TEXT NOT NULL,
    section TEXT,
    speaker TEXT, speaker_start INTEGER, speaker_end INTEGER,
    date TEXT,
    n_tokens INTEGER NOT NULL
);
CREATE INDEX passages_by_document ON passages (document_id, start);
CREATE TABLE vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    vector BLOB NOT NULL
);
CREATE VIRTUAL TABLE passages_fts USING fts5 (
    breadcrumb, text, content='passages', content_rowid='id',
    tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER passages_fts_insert AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, breadcrumb, text) VALUES (new.id, new.breadcrumb, new.text);
END;
CREATE TRIGGER passages_fts_delete AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, breadcrumb, text)
    VALUES ('delete', old.id, old.breadcrumb, old.text);
END;
"""

DERIVED = """
CREATE TABLE IF NOT EXISTS facts (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    document_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    value REAL,
    norm TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS facts_by_passage ON facts (passage_id);
CREATE INDEX IF NOT EXISTS facts_by_kind ON facts (kind, norm);
CREATE TABLE IF NOT EXISTS shelf (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    path TEXT NOT NULL,
    sorted_by TEXT NOT NULL,
    words TEXT NOT NULL,
    kind TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS shelf_by_title ON shelf (sorted_by, path);
CREATE INDEX IF NOT EXISTS shelf_by_kind ON shelf (kind);
"""

KEPT = """
CREATE TABLE IF NOT EXISTS own_titles (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    found TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tags (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    folded TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (document_id, folded)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_name ON tags (folded, document_id);
CREATE TABLE IF NOT EXISTS missing (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    since TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS noticed (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    words TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    title TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('added', 'changed', 'removed')),
    at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS intake (
    path TEXT PRIMARY KEY,
    title TEXT NOT NULL DEFAULT '',
    reason TEXT,
    at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS watched (path TEXT PRIMARY KEY, since TEXT NOT NULL, looked_at TEXT);
CREATE TABLE IF NOT EXISTS watched_files (
    folder TEXT NOT NULL REFERENCES watched (path) ON DELETE CASCADE,
    path TEXT NOT NULL,
    mtime_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (folder, path)
) WITHOUT ROWID;
"""
