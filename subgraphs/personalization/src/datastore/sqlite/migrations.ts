import type { SqliteMigration } from '@bulkhead/datastore/sqlite/open'
import { TREND_HALF_LIFE_MS, TREND_LANDMARK } from '../../domain/popularity.ts'
import { readModelVersion } from '../stored-json.ts'
import { INSERT_OUTBOX_ENTRY, modelEventEntries } from './pending-events.ts'

/**
 * The tables are STRICT: a column holds only values of its type, so the adapter need not check every row that it reads.
 * TEXT compares by its UTF-8 bytes, which is the order of code points.
 */
export const SQLITE_MIGRATIONS: readonly SqliteMigration[] = [
  {
    version: 1,
    name: 'catalogue, interactions, slates, outbox, models, snapshot',
    up: `
      CREATE TABLE items (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        title_folded TEXT NOT NULL,
        creator TEXT,
        categories TEXT NOT NULL,
        available INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        attributes TEXT
      ) STRICT;
      CREATE INDEX items_by_creator ON items (creator, id);

      CREATE TABLE item_categories (
        category TEXT NOT NULL,
        item_id TEXT NOT NULL REFERENCES items (id),
        PRIMARY KEY (category, item_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX item_categories_by_item ON item_categories (item_id);

      CREATE TABLE item_popularity (
        item_id TEXT PRIMARY KEY,
        interactions INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX item_popularity_by_interactions ON item_popularity (interactions DESC, item_id);

      CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      INSERT INTO counters (name, value) VALUES ('catalogue', 0);

      CREATE TABLE interactions (
        event_id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        item_id TEXT NOT NULL,
        type TEXT NOT NULL,
        slate_id TEXT,
        value REAL,
        occurred_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX interactions_by_user ON interactions (user_id, occurred_at, event_id);
      CREATE INDEX interactions_of_taste ON interactions (user_id, occurred_at, event_id, item_id, type)
        WHERE type IN ('CLICK', 'PLAY', 'LIKE', 'SKIP');
      CREATE INDEX interactions_that_block ON interactions (user_id, occurred_at, event_id, item_id, type)
        WHERE type IN ('DISLIKE', 'HIDE');
      CREATE INDEX interactions_for_training ON interactions (user_id, item_id, event_id);

      CREATE TABLE slates (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;

      CREATE TABLE outbox (
        id TEXT PRIMARY KEY,
        events TEXT NOT NULL,
        oldest INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        token TEXT
      ) STRICT;
      CREATE INDEX outbox_by_age ON outbox (oldest, id, due_at);

      CREATE TABLE dead_letters (
        event_id TEXT PRIMARY KEY,
        event TEXT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE model_versions (
        id TEXT PRIMARY KEY,
        model TEXT NOT NULL,
        stage TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        upload_id TEXT NOT NULL
      ) STRICT;
      CREATE INDEX model_versions_by_age ON model_versions (created_at, id);
      CREATE UNIQUE INDEX model_versions_in_production ON model_versions (model) WHERE stage = 'PRODUCTION';

      CREATE TABLE artefact_chunks (
        upload_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        uploaded_at INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (upload_id, position)
      ) STRICT;

      CREATE TABLE last_snapshot (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        version INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    version: 2,
    name: 'one version in production, whatever its model',
    // Until now a version was promoted only as it was made: the newest is the last that was promoted, and it served.
    up: `
      UPDATE model_versions SET
        stage = 'RETIRED',
        body = json_set(body, '$.stage', 'RETIRED', '$.stageHistory[#]', json_object(
          'from', 'PRODUCTION',
          'to', 'RETIRED',
          'at', CAST(unixepoch('subsec') * 1000 AS INTEGER),
          'by', 'schema migration 2',
          'reason', 'one version in production, whatever its model: a newer one was there'
        ))
      WHERE stage = 'PRODUCTION' AND id <> (
        SELECT id FROM model_versions WHERE stage = 'PRODUCTION' ORDER BY created_at DESC, id DESC LIMIT 1
      );
      DROP INDEX model_versions_in_production;
      CREATE UNIQUE INDEX model_version_in_production ON model_versions (stage) WHERE stage = 'PRODUCTION';
    `,
  },
  {
    version: 3,
    name: 'experimentation learns of every change of stage',
    up(db) {
      const insert = db.prepare(INSERT_OUTBOX_ENTRY)
      for (const { body } of db.prepare('SELECT body FROM model_versions').all()) {
        for (const entry of modelEventEntries(readModelVersion(String(body)), 0)) insert.run(...entry)
      }
    },
  },
  {
    version: 4,
    name: 'the change that each item was last written in',
    // Items of earlier releases are in no change; whoever wants them reads the whole catalogue. Titles are searched in
    // memory, so their folded form is not kept.
    up: `
      ALTER TABLE items DROP COLUMN title_folded;
      ALTER TABLE items ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX items_by_change ON items (changed, id);
    `,
  },
  {
    version: 5,
    name: 'erasures, and slates and dead letters by user and age',
    up: `
      ALTER TABLE slates ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
      ALTER TABLE slates ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
      UPDATE slates SET user_id = json_extract(body, '$.userId'), created_at = json_extract(body, '$.createdAt');
      CREATE INDEX slates_by_user ON slates (user_id, created_at);
      CREATE INDEX slates_by_age ON slates (created_at);

      ALTER TABLE dead_letters ADD COLUMN unit TEXT;
      UPDATE dead_letters SET unit = json_extract(event, '$.unit')
        WHERE json_extract(event, '$.kind') <> 'unitErased';
      CREATE INDEX dead_letters_by_unit ON dead_letters (unit, at) WHERE unit IS NOT NULL;
      CREATE INDEX dead_letters_by_age ON dead_letters (at, event_id);

      CREATE TABLE erasures (
        id TEXT PRIMARY KEY,
        user_id TEXT,
        user_hash TEXT NOT NULL,
        by TEXT NOT NULL,
        at INTEGER NOT NULL,
        interactions INTEGER NOT NULL,
        slates INTEGER NOT NULL,
        finished_at INTEGER
      ) STRICT;
      CREATE INDEX erasures_by_age ON erasures (at, id);
      CREATE INDEX erasures_open ON erasures (at, id) WHERE finished_at IS NULL;
    `,
  },
  {
    version: 6,
    name: 'hidden creators, and a window of history for each kind of interaction',
    up: `
      ALTER TABLE interactions ADD COLUMN hidden_creator TEXT;
      CREATE INDEX interactions_of_opinion
        ON interactions (user_id, occurred_at, event_id, item_id, type, hidden_creator)
        WHERE type IN ('LIKE', 'DISLIKE', 'HIDE');
      CREATE INDEX interactions_of_use ON interactions (user_id, occurred_at, event_id, item_id, type)
        WHERE type IN ('CLICK', 'PLAY');
      CREATE INDEX interactions_of_skips ON interactions (user_id, occurred_at, event_id, item_id, type)
        WHERE type IN ('SKIP');
      DROP INDEX interactions_of_taste;
      DROP INDEX interactions_that_block;
    `,
  },
  {
    version: 7,
    name: 'when and where items may be shown',
    up: `
      ALTER TABLE items ADD COLUMN available_from INTEGER;
      ALTER TABLE items ADD COLUMN available_until INTEGER;
      ALTER TABLE items ADD COLUMN markets TEXT NOT NULL DEFAULT '[]';
    `,
  },
  {
    version: 8,
    name: 'popularity by distinct listeners, and what is trending',
    up: `
      DROP TABLE item_popularity;
      CREATE TABLE item_popularity (
        item_id TEXT PRIMARY KEY,
        listeners INTEGER NOT NULL,
        trend REAL NOT NULL
      ) STRICT, WITHOUT ROWID;
      INSERT INTO item_popularity (item_id, listeners, trend)
        SELECT item_id, count(*), sum(pow(2, min(1000.0,
          (min(first_use, unixepoch('subsec') * 1000) - ${TREND_LANDMARK}) / ${TREND_HALF_LIFE_MS}.0)))
        FROM (
          SELECT item_id, min(occurred_at) AS first_use FROM interactions
          WHERE type IN ('CLICK', 'PLAY', 'LIKE') GROUP BY user_id, item_id
        )
        GROUP BY item_id;
      CREATE INDEX item_popularity_by_listeners ON item_popularity (listeners DESC, item_id);
      CREATE INDEX item_popularity_by_trend ON item_popularity (trend DESC, item_id);
    `,
  },
  {
    version: 9,
    name: 'erasures by user',
    up: 'CREATE INDEX erasures_by_user ON erasures (user_hash, at);',
  },
  {
    version: 10,
    name: 'evaluations of model versions',
    up: `
      CREATE TABLE model_evaluations (
        version_id TEXT NOT NULL,
        hash TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (version_id, hash)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 11,
    name: 'candidates of explored slates, for off-policy evaluation',
    up: `
      CREATE TABLE slate_candidates (slate_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
      CREATE TRIGGER slate_candidates_go_with_their_slate AFTER DELETE ON slates BEGIN
        DELETE FROM slate_candidates WHERE slate_id = OLD.id;
      END;
    `,
  },
  {
    version: 12,
    name: 'what models did in shadow',
    up: `
      CREATE TABLE shadow_parts (
        version_id TEXT NOT NULL,
        source TEXT NOT NULL,
        requests INTEGER NOT NULL,
        counts TEXT NOT NULL,
        PRIMARY KEY (version_id, source)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 13,
    name: 'how refreshes did in their canary',
    up: `
      CREATE TABLE canary_parts (
        version_id TEXT NOT NULL,
        source TEXT NOT NULL,
        lists INTEGER NOT NULL,
        counts TEXT NOT NULL,
        PRIMARY KEY (version_id, source)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 14,
    name: 'slates of a user are found by the beginning of their ids',
    up: 'DROP INDEX slates_by_user;',
  },
]
