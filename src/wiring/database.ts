import type { Config } from '../config.ts';
import { causeOf } from '../shared/cause.ts';
import type { Logger } from '../shared/log.ts';
import { type Db, openPool } from '../store/db.ts';
import { startEmbedded } from '../store/embedded/server.ts';
import { migrate, WrongMigration } from '../store/migrate.ts';

export interface Database {
  url: string;
  db: Db;
  /** Connections of the receivers alone: work under way never keeps a sender waiting. */
  intake: Db;
  notes: string[];
  /** Resolves once the schema is there; tries again while the database cannot be reached. */
  ready: Promise<void>;
  /** Rejects while the database cannot be reached, or this program's schema is not there yet. */
  answers(): Promise<void>;
  close(): Promise<void>;
}

const POOL = 12;
/** A group commit has two lanes; a new day's partition may need a connection of its own. */
const INTAKE_POOL = 3;
/** Senders are answered after 4 s whatever happens; a commit that takes longer than this (ms) is no commit. */
const INTAKE_STATEMENT = 10_000;
const RETRY_EVERY = 1000;

/**
 * Opens the record. An embedded server is started here and must start; a server of the operator's own may be
 * down: then receivers answer 503, everything waits, and work begins when it comes up.
 */
export async function openDatabase(config: Config, logger: Logger): Promise<Database> {
  if (config.DATABASE_URL !== undefined) {
    return open(config.DATABASE_URL, [], async () => {}, logger);
  }
  const server = await startEmbedded({ dataDir: config.PQL_DATA_DIR });
  return open(server.url, server.notes, () => server.stop(), logger);
}

function open(url: string, notes: string[], stopServer: () => Promise<void>, logger: Logger): Database {
  const db = openPool(url, POOL);
  const intake = openPool(url, INTAKE_POOL, INTAKE_STATEMENT);
  const state = { closed: false, migrated: false };
  const ready = migrateWhenUp(db, state, logger).then(() => {
    state.migrated = true;
  });
  return {
    url,
    db,
    intake,
    notes,
    ready,
    answers: async () => {
      if (!state.migrated) {
        throw new Error('the schema is not there yet');
      }
      await db.query('SELECT 1');
    },
    close: async () => {
      state.closed = true;
      await Promise.all([db.end(), intake.end()]);
      await stopServer();
    },
  };
}

async function migrateWhenUp(db: Db, state: { closed: boolean }, logger: Logger): Promise<void> {
  for (let attempt = 1; !state.closed; attempt++) {
    try {
      const applied = await migrate(db);
      if (applied.length > 0) {
        logger.info({ applied }, 'schema migrated');
      }
      return;
    } catch (error) {
      if (state.closed) {
        return;
      }
      if (error instanceof WrongMigration) {
        throw error;
      }
      if (attempt === 1) {
        logger.warn({ reason: causeOf(error) }, 'database not ready; trying again');
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_EVERY));
    }
  }
}
