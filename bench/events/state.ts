import { table, whole } from '../timing.ts';
import { machine } from './machine.ts';
import { startLoad } from './programs.ts';
import { db1 } from './rounds.ts';
import { eventText } from './traffic.ts';
import { sendAll, startWorld } from './world.ts';

const POPULATION = { accounts: 1000, peoplePerAccount: 3 };
const BATCH = 100;
const REQUESTS = 500;
const EVENTS = BATCH * REQUESTS;

/** What stands on disk, indexes included, by what it grows with. */
const TABLES = {
  journal: ['events', 'event_keys', 'event_ids'],
  states: ['accounts', 'people', 'parts', 'domains', 'domain_evidence', 'anonymous_ids'],
  scores: ['scores', 'score_history'],
  crm: ['actions', 'crm_records'],
};

/** Bytes on disk per event and per account of three people after 50 events each, beside the JSON that was sent. */
export async function state(): Promise<void> {
  const world = await startWorld({ acct: POPULATION.accounts });
  const load = startLoad();
  try {
    await load.prepare({ run: 'state', from: 0, requests: REQUESTS, batch: BATCH, population: POPULATION });
    await sendAll(load, world.service.url, 4);
    await world.idle(EVENTS);
    await db1(world.postgres.url, 'VACUUM');
    const raw = Buffer.byteLength(eventText('state', 12_345, Date.now(), POPULATION));
    const rows = [['on disk', 'bytes', 'per account', 'per million events', 'to the JSON sent']];
    for (const [name, tables] of Object.entries(TABLES)) {
      const bytes = await sizeOf(world.postgres.url, tables);
      const perEvent = bytes / EVENTS;
      rows.push([
        name,
        whole(bytes),
        name === 'journal' ? '' : whole(bytes / POPULATION.accounts),
        name === 'journal' ? `${whole(perEvent * 1e6)}` : '',
        name === 'journal' ? (perEvent / raw).toFixed(2) : '',
      ]);
    }
    console.log(table(rows));
    console.log(
      `${whole(EVENTS)} events of ${raw} bytes, ${whole(POPULATION.accounts)} accounts. ${machine()}`,
    );
  } finally {
    await load.stop();
    await world.stop();
  }
}

/** With the partitions of a partitioned table. */
async function sizeOf(url: string, tables: readonly string[]): Promise<number> {
  const rows = await db1(
    url,
    `SELECT sum(pg_total_relation_size(relid))::float8 AS bytes
     FROM unnest($1::text[]) AS name, pg_partition_tree(name::regclass)`,
    [tables],
  );
  const plain = await db1(
    url,
    `SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0)::float8 AS bytes FROM unnest($1::text[]) AS name
     WHERE NOT EXISTS (SELECT 1 FROM pg_partition_tree(name::regclass))`,
    [tables],
  );
  return (rows[0]?.bytes ?? 0) + (plain[0]?.bytes ?? 0);
}
