import type { Config } from '../config.ts';
import { type JobBackend, openBackend } from '../jobs/backend.ts';
import { queueWake } from '../jobs/wake.ts';
import type { RunningWorker } from '../jobs/worker.ts';
import { type Mailer, smtpMailer } from '../mail/smtp.ts';
import type { Mappings } from '../mappings.ts';
import { causeOf } from '../shared/cause.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import { openBudgets } from './budgets.ts';
import type { Closing } from './closing.ts';
import { type Crms, openCrms } from './crms.ts';
import { type Database, openDatabase } from './database.ts';
import { type DatabaseTime, databaseTime } from './database-time.ts';

/** What a process is started with. */
export interface Given {
  config: Config;
  mappings: Mappings;
  logger: Logger;
  /** Business time. */
  clock: Clock;
}

/** What lies outside of a process: the record and its clock, the CRMs within their limits of calls. */
export interface Outside {
  database: Database;
  time: DatabaseTime;
  crms: Crms;
  /** null: there is no mail server. */
  mailer: Mailer | null;
}

export async function openOutside(
  { config, mappings, clock, logger }: Given,
  open: Closing,
): Promise<Outside> {
  const database = await openDatabase(config, logger);
  open.add('database', () => database.close());
  const time = databaseTime(database.db, logger);
  open.add('time', async () => time.close());
  const budgets = openBudgets(config, { db: database.db, logger, realNow: time.now });
  open.add('budgets', () => budgets.close());
  const crms = await openCrms(config, mappings, clock, budgets);
  open.add('crms', () => crms.close());
  const mailer = config.SMTP_URL === undefined ? null : smtpMailer(config.SMTP_URL);
  open.add('mail', async () => mailer?.close());
  return { database, time, crms, mailer };
}

/** How stages are told that there is work. */
export interface WakeUps {
  backend: JobBackend;
  wake: ReturnType<typeof queueWake>;
  /** The worker of this process, once it runs: it takes as timers what the queue does not take. */
  here: { worker: RunningWorker | null };
}

export function openWakeUps({ config, logger }: Given, { database, time }: Outside, open: Closing): WakeUps {
  const backend = queueOf(config, database, logger);
  const here: WakeUps['here'] = { worker: null };
  const wake = queueWake(backend, logger, time.now, (stage, delay) => here.worker?.drainLater(stage, delay));
  open.add('queue', async () => {
    await wake.flushed();
    await backend.close();
  });
  return { backend, wake, here };
}

function queueOf(config: Config, database: Database, logger: Logger): JobBackend {
  return openBackend(
    config.REDIS_URL === undefined
      ? { kind: 'postgres', url: database.url }
      : { kind: 'redis', url: config.REDIS_URL },
    (error) => logger.debug({ reason: causeOf(error) }, 'queue trouble'),
  );
}
