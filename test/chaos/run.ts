import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectedOf } from './expected.ts';
import { type Found, lookAround } from './found.ts';
import { history } from './history.ts';
import { Inflictor } from './inflict.ts';
import { type Plan, type Planned, RECEIVERS, schedule, WORKERS, wordsOf } from './schedule.ts';
import { type SenderReport, sendAll } from './sender.ts';
import { type Check, verdict } from './verdict.ts';
import { startWorld, type World } from './world/world.ts';

const DAY = 86_400_000;

export interface RunOptions extends Plan {
  accounts: number;
  /** How long (ms) the deployment may take to come to rest after the last fault. */
  patience: number;
  /** Told each thing that happens. */
  say: (line: string) => void;
  /** Rejects when the run is to end at once; its processes are ended all the same. */
  stopped?: Promise<never>;
}

export interface RunReport {
  seed: number;
  backend: Plan['backend'];
  faults: number;
  events: number;
  requests: number;
  /** What the sender was answered, by kind. */
  answers: SenderReport['answers'];
  /** Percent of the CRM writes that were made while faults went on. */
  amid: number;
  seconds: { traffic: number; recovery: number };
  checks: Check[];
  passed: boolean;
  /** Logs and findings; kept when the run failed. */
  dir: string;
}

/** Traffic and faults at the same time; then peace, until nothing waits; then the verdict. */
export async function run(options: RunOptions): Promise<RunReport> {
  const world = await startWorld(options.backend);
  const never = new Promise<never>(() => {});
  try {
    return await Promise.race([play(world, options), options.stopped ?? never]);
  } finally {
    await world.stop();
  }
}

async function play(world: World, options: RunOptions): Promise<RunReport> {
  const { seed, accounts, backend, faults, say } = options;
  const past = history(seed, accounts, Math.floor(Date.now() / DAY) * DAY);
  say(
    `${backend}: seed ${seed}, ${past.messages.length} events of ${accounts} accounts; logs in ${world.dir}`,
  );
  await world.crms.seed(past.standing);
  for (const member of world.members) {
    member.start();
  }
  await until(() => world.api('/status'), START_PATIENCE);
  const started = Date.now();
  const progress = progressOf(options);
  const { receivers, secrets } = world;
  const sending = sendAll(past.messages, { receivers, secrets, passed: progress.passed, seed });
  const inflictor = new Inflictor(world);
  await inflictAll(schedule(options), { inflictor, world, say, progress });
  progress.end();
  const sent = await sending;
  const traffic = Date.now() - started;
  say(`sent: ${sent.acknowledged.length} requests in ${(traffic / 1000).toFixed(0)} s; now peace`);
  await makePeace(world);
  const stuck = await rest(world, options.patience, say);
  const recovery = Date.now() - started - traffic;
  const delivered = sent.acknowledged.map(({ delivery }) => delivery);
  const expected = expectedOf(delivered, past, Date.now());
  const found = await lookAround(world, [...expected.accounts.keys()]);
  const checks = verdict(expected, found, {
    events: past.messages.length,
    discarded: sent.discarded,
    deaths: world.deaths,
    stuck,
    migrations: { added: inflictor.added, applied: await applied(world) },
  });
  const report: RunReport = {
    seed,
    backend,
    faults,
    events: expected.events,
    requests: sent.acknowledged.length,
    answers: sent.answers,
    amid: amid(found, started + traffic),
    seconds: { traffic: Math.round(traffic / 1000), recovery: Math.round(recovery / 1000) },
    checks,
    passed: checks.every((check) => check.found.length === 0),
    dir: world.dir,
  };
  writeFileSync(join(world.dir, 'report.json'), JSON.stringify(report, null, 2));
  writeFileSync(join(world.dir, 'sent.json'), JSON.stringify(sent.acknowledged));
  writeFileSync(join(world.dir, 'found.json'), JSON.stringify({ ...found, accounts: [...found.accounts] }));
  return report;
}

/** Percent of what the CRMs were sent that they were sent while faults went on: a run that works only afterwards shows little. */
function amid({ crms }: Found, peace: number): number {
  const writes = [...crms.hubspot.writes, ...crms.salesforce.writes];
  const during = writes.filter(({ at }) => at < peace).length;
  return Math.round((100 * during) / Math.max(1, writes.length));
}

/** Numbers of the migrations that left their mark. */
async function applied({ postgres }: World): Promise<number[]> {
  const [table] = await postgres.query<{ found: string | null }>(
    "SELECT to_regclass('chaos_migrations') AS found",
  );
  const rows =
    table?.found == null ? [] : await postgres.query<{ n: number }>('SELECT n FROM chaos_migrations');
  return rows.map(({ n }) => n);
}

/** How far a run is, from 0 to 1: by its faults, and between two of them by time. What is sent keeps step with it. */
function progressOf({ faults, pace }: Plan) {
  let done = 0;
  let since = Date.now();
  return {
    next: () => {
      done += 1;
      since = Date.now();
    },
    end: () => {
      done = faults + 1;
    },
    passed: () => (done + Math.min(1, (Date.now() - since) / pace)) / (faults + 1),
  };
}

interface Inflicting {
  inflictor: Inflictor;
  world: World;
  say: (line: string) => void;
  progress: ReturnType<typeof progressOf>;
}

/** How long (ms) the deployment may take to come up at first. */
const START_PATIENCE = 300_000;
/** How long (ms) a fault waits for those before it to be got over. */
const GOT_OVER = 60_000;

/** A fault comes when its time has come and something is at work that it can hit: on a slow machine, later. */
async function inflictAll(
  planned: readonly Planned[],
  { inflictor, world, say, progress }: Inflicting,
): Promise<void> {
  const running: Promise<void>[] = [];
  let before = 0;
  for (const [i, { at, fault }] of planned.entries()) {
    await sleep(Math.max(0, at - before));
    before = at;
    await until(async () => atWork(world), GOT_OVER).catch(() => say('nothing came back within a minute'));
    const line = `${new Date().toISOString().slice(11, 23)}  fault ${i + 1}/${planned.length}: ${wordsOf(fault)}`;
    say(line);
    appendFileSync(join(world.dir, 'logs', 'faults.log'), `${line}\n`);
    const done = inflictor.inflict(fault).catch((error: Error) => {
      // A queue that cannot be filled because the database is just gone is no finding.
      appendFileSync(join(world.dir, 'logs', 'faults.log'), `  could not: ${error.message}\n`);
    });
    running.push(done);
    progress.next();
  }
  await Promise.all(running);
}

function atWork({ members }: World): void {
  const isUp = (names: readonly string[]) => members.some(({ name, ready }) => ready && names.includes(name));
  if (!isUp(RECEIVERS) || !isUp(WORKERS)) {
    throw new Error('no receiver or no worker is up');
  }
}

/** Every clock right again, and both CRMs well. */
async function makePeace(world: World): Promise<void> {
  await world.crms.clearFaults();
  await Promise.all(world.members.map((member) => member.straighten()));
}

interface Status {
  idle: boolean;
  journal: { unfolded: number };
  accounts: { dirty: number; overdue: number; refold: number };
  crm: Record<string, { waiting: number; paused: string | null }>;
}

/** Waits until nothing waits, twice in a row; gives what still waited when patience was over. */
async function rest(world: World, patience: number, say: (line: string) => void): Promise<string | null> {
  const end = Date.now() + patience;
  let quiet = 0;
  let last = '';
  let told = Date.now();
  while (Date.now() < end) {
    await sleep(500);
    const status = await world.api<Status>('/status').catch(() => null);
    quiet = status?.idle === true ? quiet + 1 : 0;
    if (quiet === 3) {
      return null;
    }
    last = wordsOfStatus(status);
    if (Date.now() - told > 15_000) {
      told = Date.now();
      say(`waiting: ${last}`);
    }
  }
  return `after ${patience / 1000} s: ${last}`;
}

function wordsOfStatus(status: Status | null): string {
  if (status === null) {
    return 'no receiver answers';
  }
  const { journal, accounts, crm } = status;
  const acts = Object.entries(crm).map(
    ([name, { waiting, paused }]) => `${name} ${waiting} acts${paused === null ? '' : `, paused ${paused}`}`,
  );
  return `${journal.unfolded} events, ${accounts.dirty} accounts, ${accounts.overdue} overdue, ${acts.join(', ')}`;
}

async function until(holds: () => Promise<unknown>, patience: number): Promise<void> {
  for (const end = Date.now() + patience; ; await sleep(200)) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
    }
  }
}
