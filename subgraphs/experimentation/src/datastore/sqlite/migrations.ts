import { foldCase } from '@bulkhead/datastore/fold-case'
import type { SqliteMigration } from '@bulkhead/datastore/sqlite/open'
import { baselineEntries } from '../baseline.ts'
import { readExperiment } from '../stored-json.ts'
import { auditColumns, INSERT_AUDIT_ENTRY } from './audit.ts'
import { moveEvents } from './move-events.ts'

export const SQLITE_MIGRATIONS: readonly SqliteMigration[] = [
  {
    version: 1,
    name: 'experiments, snapshots, events',
    up: `
      CREATE TABLE experiments (
        key TEXT PRIMARY KEY,
        name_folded TEXT NOT NULL,
        owner TEXT NOT NULL,
        status TEXT NOT NULL,
        revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        started_at INTEGER,
        model_version_ids TEXT NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX experiments_by_creation ON experiments (created_at, key);
      CREATE INDEX experiments_by_start ON experiments (started_at, key);
      CREATE INDEX experiments_by_status ON experiments (status, key);

      CREATE TABLE snapshots (
        version INTEGER PRIMARY KEY,
        body TEXT NOT NULL
      ) STRICT;

      -- AUTOINCREMENT, so that no position is ever given a second time, whatever is deleted one day.
      CREATE TABLE events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        producer TEXT NOT NULL,
        recorded_at INTEGER NOT NULL,
        occurred_at INTEGER NOT NULL,
        counted_for TEXT,
        variant_key TEXT,
        day INTEGER NOT NULL,
        surface TEXT,
        rung TEXT,
        unit TEXT,
        body TEXT NOT NULL
      ) STRICT;
      -- Answers every exposure count without reading the table.
      CREATE INDEX events_counted ON events (counted_for, variant_key, day, surface, rung, unit)
        WHERE counted_for IS NOT NULL;

      CREATE TABLE rejections (
        id INTEGER PRIMARY KEY,
        event_id TEXT UNIQUE,
        producer TEXT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        body TEXT NOT NULL,
        rejected_at INTEGER NOT NULL
      ) STRICT;
    `,
  },
  {
    version: 2,
    name: 'names folded as @bulkhead/datastore/fold-case does it',
    up(db) {
      const update = db.prepare('UPDATE experiments SET name_folded = ? WHERE key = ?')
      for (const { key, name } of db.prepare("SELECT key, body ->> 'name' AS name FROM experiments").all()) {
        update.run(foldCase(String(name)), String(key))
      }
    },
  },
  {
    version: 3,
    name: 'model versions that personalization has told of',
    up: `
      CREATE TABLE model_versions (
        id TEXT PRIMARY KEY,
        stage TEXT NOT NULL,
        change INTEGER NOT NULL,
        artefact_hash TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    version: 4,
    name: 'audit log, metrics, decisions',
    up(db) {
      db.exec(`
        CREATE TABLE audit (
          sequence INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          author TEXT NOT NULL,
          action TEXT NOT NULL,
          subject TEXT NOT NULL,
          body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_by_subject ON audit (subject, sequence);
        CREATE INDEX audit_by_author ON audit (author, sequence);

        CREATE TABLE metrics (
          key TEXT PRIMARY KEY,
          version INTEGER NOT NULL,
          body TEXT NOT NULL
        ) STRICT;

        ALTER TABLE experiments ADD COLUMN decided_at INTEGER;
        ALTER TABLE experiments ADD COLUMN decision_outcome TEXT;
        ALTER TABLE experiments ADD COLUMN decided_by TEXT;
        ALTER TABLE experiments ADD COLUMN decision_model TEXT;
        CREATE INDEX experiments_by_decision ON experiments (decided_at, key) WHERE decided_at IS NOT NULL;
      `)
      const rows = db.prepare('SELECT body FROM experiments ORDER BY key').all()
      const insert = db.prepare(INSERT_AUDIT_ENTRY)
      for (const entry of baselineEntries(rows.map(({ body }) => readExperiment(String(body))))) {
        insert.run(...auditColumns(entry))
      }
    },
  },
  {
    version: 5,
    name: 'events in blocks, and stored counters of exposures',
    up(db) {
      db.exec(`
        -- One row for each event, by the hash of its id: makes it idempotent, and answers for its exposure.
        CREATE TABLE event_ids (
          key BLOB PRIMARY KEY,
          occurred_at INTEGER NOT NULL,
          recorded_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event_blocks (
          first INTEGER PRIMARY KEY,
          count INTEGER NOT NULL,
          kind TEXT NOT NULL,
          producer TEXT NOT NULL,
          recorded_at INTEGER NOT NULL,
          rows TEXT NOT NULL
        ) STRICT;
        -- One row: the highest position that was ever given.
        CREATE TABLE ingest_head (position INTEGER NOT NULL) STRICT;

        CREATE TABLE exposure_counts (
          experiment_key TEXT NOT NULL,
          grouping INTEGER NOT NULL,
          -- JSON text of the values that are grouped by.
          cell TEXT NOT NULL,
          units INTEGER NOT NULL,
          exposures INTEGER NOT NULL,
          PRIMARY KEY (experiment_key, grouping, cell)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE exposure_units (
          experiment_key TEXT NOT NULL,
          unit TEXT NOT NULL,
          cells TEXT NOT NULL,
          PRIMARY KEY (experiment_key, unit)
        ) STRICT, WITHOUT ROWID;
        -- One row: how far exposures are counted.
        CREATE TABLE counted_through (position INTEGER NOT NULL, as_of INTEGER NOT NULL) STRICT;
        INSERT INTO counted_through (position, as_of) VALUES (0, 0);
      `)
      moveEvents(db)
    },
  },
  {
    version: 6,
    name: 'layers, holdouts, saved groups',
    up: `
      CREATE TABLE targeting (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (kind, key)
      ) STRICT;
      ALTER TABLE experiments ADD COLUMN layer TEXT;
      CREATE INDEX experiments_by_layer ON experiments (layer, key) WHERE layer IS NOT NULL;
    `,
  },
  {
    version: 7,
    name: 'units that are erased',
    up: `
      CREATE TABLE erasures (
        unit_hash TEXT PRIMARY KEY,
        -- Only until it is erased everywhere.
        unit TEXT,
        occurred_at INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        progress TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX erasures_waiting ON erasures (recorded_at, unit_hash) WHERE unit IS NOT NULL;
      -- How many of the block's events are erased.
      ALTER TABLE event_blocks ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX event_blocks_erased ON event_blocks (first, count, erased) WHERE erased > 0;
    `,
  },
  {
    version: 8,
    name: 'events by kind, refused events by age',
    up: `
      -- In the order of their positions within a kind, because the position is the rowid.
      CREATE INDEX event_blocks_by_kind ON event_blocks (kind);
      CREATE INDEX rejections_by_age ON rejections (rejected_at);
    `,
  },
  {
    version: 9,
    name: 'stored analyses',
    up: `
      CREATE TABLE analyses (
        id TEXT PRIMARY KEY,
        experiment_key TEXT NOT NULL,
        segment TEXT,
        cutoff INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      -- In the order of pages.
      CREATE INDEX analyses_by_experiment ON analyses (experiment_key, cutoff DESC, created_at DESC, id DESC);
      CREATE INDEX analyses_by_segment
        ON analyses (experiment_key, segment, cutoff DESC, created_at DESC, id DESC);
    `,
  },
  {
    version: 10,
    name: 'the lease of the analyst, what is asked of it, and what it has to tell',
    up: `
      -- One row.
      CREATE TABLE analyst_lease (
        id INTEGER PRIMARY KEY,
        holder TEXT,
        beat INTEGER NOT NULL,
        through INTEGER NOT NULL,
        caught_up_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE log_identity (id TEXT NOT NULL) STRICT;
      INSERT INTO log_identity (id) VALUES (lower(hex(randomblob(16))));
      CREATE TABLE analysis_requests (
        id TEXT PRIMARY KEY,
        experiment_key TEXT NOT NULL,
        cutoff INTEGER,
        requested_by TEXT NOT NULL,
        requested_at INTEGER NOT NULL,
        outcome TEXT
      ) STRICT;
      CREATE INDEX analysis_requests_waiting ON analysis_requests (requested_at, id) WHERE outcome IS NULL;
      CREATE TABLE notifications (
        id TEXT NOT NULL,
        receiver TEXT NOT NULL,
        body TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        due_at INTEGER,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (id, receiver)
      ) STRICT;
      CREATE INDEX notifications_due ON notifications (due_at, id, receiver) WHERE due_at IS NOT NULL;
      CREATE INDEX erasures_by_arrival ON erasures (recorded_at, unit_hash);
    `,
  },
  {
    version: 11,
    name: 'exports that retention waits for',
    up: `
      CREATE TABLE archives (
        name TEXT PRIMARY KEY,
        export_id TEXT NOT NULL,
        through INTEGER NOT NULL,
        erasures_from INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 12,
    name: 'looks that were told',
    up: `
      CREATE TABLE told_looks (
        experiment_key TEXT NOT NULL,
        cutoff INTEGER NOT NULL,
        analysis_id TEXT NOT NULL,
        PRIMARY KEY (experiment_key, cutoff)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 13,
    name: 'decisions that live model versions need',
    up: `
      CREATE TABLE bootstraps (
        model_version_id TEXT PRIMARY KEY,
        revision INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      ALTER TABLE model_versions ADD COLUMN rolled_back_at INTEGER;
      CREATE INDEX model_versions_by_stage ON model_versions (stage, id);
      CREATE INDEX experiments_shipped ON experiments (decision_model, decided_at, key) WHERE decision_outcome = 'SHIP';
    `,
  },
]
