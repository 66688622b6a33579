import { type Config, readEnvironment } from '../config.ts';
import { loadMappings, type Mappings } from '../mappings.ts';
import type { ReadModel } from '../read-model.ts';
import { formatProblem } from '../shared/config-file.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import type { Db } from '../store/db.ts';
import { postgresReadModel } from '../store/read/index.ts';
import { openDatabase } from '../wiring/database.ts';
import { ConfigurationError } from './command.ts';

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

export interface RecordContext {
  config: Config;
  mappings: Mappings;
  logger: Logger;
  db: Db;
  read: ReadModel;
}

/** Runs `work` beside the record: the running service's database, or the embedded one started for this run. */
export async function withRecord<T>(work: (context: RecordContext) => Promise<T>): Promise<T> {
  const config = configOrThrow();
  const mappings = mappingsOrThrow(config);
  const logger = createLogger(config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL);
  const database = await openDatabase(config, logger);
  try {
    await database.ready;
    const read = postgresReadModel(
      database.db,
      () => Date.now(),
      () => mappings.signals.hash,
    );
    return await work({ config, mappings, logger, db: database.db, read });
  } finally {
    await database.close();
  }
}
