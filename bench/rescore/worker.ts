import { keepHeapSmall } from '../../src/shared/heap.ts';
import { type Db, openPool } from '../../src/store/db.ts';
import { NOW } from '../account.ts';
import { mappingsOf, stagesOf } from './deps.ts';
import { readAndWriteBack } from './floor.ts';

/** What one process did, told to the process that started it. */
export interface Told {
  seconds: number;
  /** Processor time of this process, without the database's. Seconds. */
  processor: number;
  /** Most memory that this process ever held. MB. */
  memory: number;
}

const DAY = 86_400_000;

type Work = () => Promise<unknown>;

const WORK: Record<string, (db: Db) => Work> = {
  floor: (db) => () => readAndWriteBack(db),
  rescore: (db) => drain(db, NOW, ['refold', 'assess']),
  daily: (db) => drain(db, NOW + DAY, ['due', 'assess']),
};

/** What a worker of the service does when it is woken: the same stages, the same batches. */
function drain(db: Db, now: number, names: readonly string[]): Work {
  const { stages } = stagesOf(db, mappingsOf(true), now);
  return async () => {
    for (const name of names) {
      await stages.find((stage) => stage.name === name)?.drain();
    }
  };
}

const [, , url = '', work = ''] = process.argv;
keepHeapSmall();
const db = openPool(url, 12);
const start = WORK[work]?.(db);
await db.query('SELECT 1');
const began = { at: performance.now(), cpu: process.cpuUsage() };
await start?.();
const { user, system } = process.cpuUsage(began.cpu);
const told: Told = {
  seconds: (performance.now() - began.at) / 1000,
  processor: (user + system) / 1e6,
  memory: process.resourceUsage().maxRSS / 1024,
};
await db.end();
process.send?.(told);
