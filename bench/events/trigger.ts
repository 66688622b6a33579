import { table, whole } from '../timing.ts';
import { machine } from './machine.ts';
import { startLoad } from './programs.ts';
import { get, startWorld } from './world.ts';

const PER_SECOND = 500;
const SECONDS = 30;
const TRIGGER_EVERY = 25;
const EVENTS = PER_SECOND * SECONDS;
const CONNECTIONS = 64;
/** The first seconds, in which the service warms up, are not counted. */
const WARM_UP = 5;

interface Write {
  at: number;
  object: string;
  fields: { pql_account_id?: unknown };
}

/**
 * From the 200 for a trigger to the CRM's taking the write of its account, while 500 events/s come in, one a request; every
 * 25th is a trigger of an account that was not heard of before. The CRM answers at once.
 */
export async function trigger(): Promise<void> {
  const hot = Math.ceil(EVENTS / TRIGGER_EVERY);
  const world = await startWorld({ acct: 1000, hot });
  const load = startLoad();
  try {
    await world.idle(0);
    const population = { accounts: 1000, peoplePerAccount: 4, triggerEvery: TRIGGER_EVERY };
    await load.prepare({ run: 'trigger', from: 0, requests: EVENTS, batch: 1, population });
    const sent = await load.send({ url: world.service.url, connections: CONNECTIONS, perSecond: PER_SECOND });
    await world.idle(EVENTS);
    const written = firstWrites(await get<Write[]>(`${world.crm.url}/__sandbox/writes`));
    const waits = Array.from({ length: hot }, (_, i) => {
      const at = written.get(`hot-${i}`);
      return at === undefined ? Number.POSITIVE_INFINITY : at - (sent.answered[i * TRIGGER_EVERY] ?? 0);
    }).slice((WARM_UP * PER_SECOND) / TRIGGER_EVERY);
    waits.sort((a, b) => a - b);
    const at = (share: number) =>
      whole(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0);
    console.log(
      table([
        ['from 200 to CRM write, ms', 'triggers', 'p50', 'p99', 'longest', 'events/s sent'],
        ['', whole(waits.length), at(0.5), at(0.99), at(1), whole(EVENTS / sent.seconds)],
      ]),
    );
    console.log(machine());
  } finally {
    await load.stop();
    await world.stop();
  }
}

/** When the CRM first took a write for each account, ms. */
function firstWrites(writes: readonly Write[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { at, fields } of writes) {
    const key = String(fields.pql_account_id ?? '');
    if (!first.has(key)) {
      first.set(key, at);
    }
  }
  return first;
}
