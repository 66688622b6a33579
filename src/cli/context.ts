import { type Config, readEnvironment } from '../config.ts';
import { loadMappings, type Mappings } from '../mappings.ts';
import type { ReadModel } from '../read-model.ts';
import type { Model } from '../score/model.ts';
import { didYouMean, formatProblem } from '../shared/config-file.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import { within } from '../shared/within.ts';
import type { Db } from '../store/db.ts';
import { postgresReadModel } from '../store/read/index.ts';
import { openDatabase } from '../wiring/database.ts';
import { factLookup } from '../wiring/facts.ts';
import { ConfigurationError, UsageError } from './command.ts';
import { interrupted, untilStopped } from './service.ts';

/** The environment, checked; throws with every problem. */
export function configOrThrow(): Config {
  const config = readEnvironment(process.env);
  if (!config.ok) {
    throw new ConfigurationError(`The environment is not valid:\n  ${config.error.join('\n  ')}`);
  }
  return config.value;
}

/** The configuration folder, checked; throws with every problem. */
export function mappingsOrThrow(config: Config): Mappings {
  const mappings = loadMappings(config.MAPPINGS_DIR);
  if (!mappings.ok) {
    const lines = mappings.error.map(formatProblem);
    throw new ConfigurationError(
      `${lines.length === 1 ? '1 problem' : `${lines.length} problems`}:\n  ${lines.join('\n  ')}`,
    );
  }
  return mappings.value;
}

/** A verb prints its result; of the log only warnings, unless another level is asked for. */
export function verbLogger(config: Config): Logger {
  return createLogger(config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL);
}

/** A model that keeps scores; none named: the champion. */
export function modelOrThrow({ champion, shadows }: Mappings, name: string | boolean | undefined): Model {
  const models = [champion, ...shadows];
  const found = name === undefined ? champion : models.find(({ model }) => model === name);
  if (found === undefined) {
    const known = models.map(({ model }) => model);
    const nearest = didYouMean(String(name), known);
    throw new UsageError(`--model: found ${String(name)}; allowed: ${known.join(', ')}${nearest}`);
  }
  return found;
}

export interface DatabaseContext {
  config: Config;
  logger: Logger;
  db: Db;
  read: ReadModel;
}

export interface RecordContext extends DatabaseContext {
  mappings: Mappings;
}

/** Runs `work` beside the record, with the configuration of the folder. */
export function withRecord<T>(work: (context: RecordContext) => Promise<T>): Promise<T> {
  const mappings = mappingsOrThrow(configOrThrow());
  return withDatabase((context) => work({ ...context, mappings }), mappings);
}

/**
 * Runs `work` beside the record: the running service's database, or the embedded one started for this run. Without
 * `mappings` a broken folder is no hindrance.
 */
export async function withDatabase<T>(
  work: (context: DatabaseContext) => Promise<T>,
  mappings: Mappings | null = null,
): Promise<T> {
  const config = configOrThrow();
  const logger = verbLogger(config);
  const stopped = untilStopped();
  const database = await openDatabase(config, logger);
  try {
    await Promise.race([inTime(database.ready), stopped.then(interrupted)]);
    const read = postgresReadModel(
      database.db,
      () => Date.now(),
      () => mappings?.signals.hash ?? null,
      () => factLookup(mappings?.facts ?? null),
      () => mappings?.champion ?? null,
    );
    return await Promise.race([work({ config, logger, db: database.db, read }), stopped.then(interrupted)]);
  } finally {
    await database.close();
  }
}

/** How long (ms) a verb waits for a database that does not answer; the service would wait for ever. */
const DATABASE_PATIENCE = 15_000;

function inTime(ready: Promise<void>): Promise<void> {
  return within(DATABASE_PATIENCE, ready, () => {
    throw new Error('the database does not answer');
  });
}
