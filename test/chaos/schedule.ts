import { pick, type Random, repeatable, shuffled, whole } from '../../src/sandbox/traffic/random.ts';

export type Backend = 'redis' | 'postgres';
export type CrmName = 'hubspot' | 'salesforce';
/** What is called and is not ours. */
export type Outside = CrmName | 'slack';

/** What a CRM does to the calls that hit a fault. */
export const CRM_WAYS = [
  'too many requests',
  'error 500',
  'error 503',
  'html',
  'empty answer',
  'empty success',
  'reset before',
  'reset after',
  'lost answer',
  'silence',
] as const;
export type CrmWay = (typeof CRM_WAYS)[number];

/** One thing that goes wrong. Durations in milliseconds. */
export type Fault =
  | { kind: 'kill'; who: string; downFor: number }
  | { kind: 'kill all'; downFor: number }
  | { kind: 'freeze'; who: string; for: number }
  | { kind: 'skew'; who: string; by: number }
  | { kind: 'stop database'; how: 'immediate' | 'kill'; downFor: number }
  | { kind: 'cut database' }
  | { kind: 'empty queue' }
  | { kind: 'stop redis'; downFor: number }
  | { kind: 'cut redis' }
  | { kind: 'fill queue'; jobs: number }
  | { kind: 'crm'; crm: Outside; way: CrmWay; times: number }
  | { kind: 'crm away'; crm: Outside; way: CrmWay; for: number }
  | { kind: 'expire sessions' }
  | { kind: 'upgrade'; killAfter: number };

export interface Planned {
  /** Milliseconds after the first event was sent. */
  at: number;
  fault: Fault;
}

export const RECEIVERS = ['receiver-1', 'receiver-2'] as const;
export const WORKERS = ['worker-1', 'worker-2'] as const;
export const SCHEDULER = 'scheduler';

/** Skews (ms) on both sides of what matters: a minute that senders' clocks may differ by, and a lease of 90 seconds. */
const SKEWS = [-300_000, -120_000, -30_000, 30_000, 120_000, 300_000] as const;

export interface Plan {
  seed: number;
  faults: number;
  backend: Backend;
  /** Mean time (ms) from one fault to the next. */
  pace: number;
  /** Short outages, no frozen process and no large skew: for a run whose recovery must be short too. */
  mild: boolean;
}

/** Which faults, and when: the same for the same plan. Each kind comes before any comes again. */
export function schedule(plan: Plan): Planned[] {
  const random = repeatable(plan.seed);
  const planned: Planned[] = [];
  let bag: Maker[] = [];
  for (let i = 0; i < plan.faults; i++) {
    bag = bag.length > 0 ? bag : shuffled(random, makers(plan));
    const make = bag.pop();
    if (make !== undefined) {
      planned.push({ at: Math.round((i + 0.5 + random() * 0.8) * plan.pace), fault: make(random) });
    }
  }
  return planned;
}

type Maker = (random: Random) => Fault;

/** One bag of faults. What happens more often in life stands in it more often. */
function makers({ backend, mild }: Plan): Maker[] {
  const longest = mild ? 1500 : 5000;
  const down = (random: Random) => whole(random, 200, longest);
  const skews = mild ? ([-30_000, 30_000] as const) : SKEWS;
  const skew = (who: readonly [string, ...string[]]): Maker => {
    return (random) => ({ kind: 'skew', who: pick(random, who), by: pick(random, skews) });
  };
  const kill = (who: readonly [string, ...string[]]): Maker => {
    return (random) => ({ kind: 'kill', who: pick(random, who), downFor: down(random) });
  };
  const crm: Maker = (random) => ({
    kind: 'crm',
    crm: pick(random, ['hubspot', 'salesforce', 'slack']),
    way: pick(random, CRM_WAYS),
    times: whole(random, 1, mild ? 2 : 5),
  });
  const away: Maker = (random) => ({
    kind: 'crm away',
    crm: pick(random, ['hubspot', 'salesforce', 'slack']),
    way: pick(random, CRM_WAYS),
    for: whole(random, 1000, mild ? 2000 : 15_000),
  });
  const freeze: Maker = (random) => ({
    kind: 'freeze',
    who: pick(random, [...RECEIVERS, ...WORKERS]),
    for: whole(random, 2000, 9000),
  });
  return [
    kill(RECEIVERS),
    kill(WORKERS),
    kill(WORKERS),
    kill([SCHEDULER]),
    (random) => ({ kind: 'kill all', downFor: down(random) }),
    ...(mild ? [] : [freeze, skew(RECEIVERS), skew([SCHEDULER])]),
    skew(WORKERS),
    (random) => ({ kind: 'stop database', how: pick(random, ['immediate', 'kill']), downFor: down(random) }),
    () => ({ kind: 'cut database' }),
    () => ({ kind: 'empty queue' }),
    (random) => ({ kind: 'fill queue', jobs: whole(random, 500, mild ? 1000 : 4000) }),
    ...(backend === 'redis' ? [stopRedis(down), cutRedis] : []),
    crm,
    crm,
    crm,
    away,
    () => ({ kind: 'expire sessions' }),
    (random) => ({ kind: 'upgrade', killAfter: whole(random, 100, 2500) }),
  ];
}

function stopRedis(down: (random: Random) => number): Maker {
  return (random) => ({ kind: 'stop redis', downFor: down(random) });
}

const cutRedis: Maker = () => ({ kind: 'cut redis' });

/** In a few words, for the log of a run. */
export function wordsOf(fault: Fault): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  switch (fault.kind) {
    case 'kill':
      return `SIGKILL of ${fault.who}, back after ${seconds(fault.downFor)}`;
    case 'kill all':
      return `SIGKILL of every process, back after ${seconds(fault.downFor)}`;
    case 'freeze':
      return `${fault.who} stands still for ${seconds(fault.for)}`;
    case 'skew':
      return `${fault.who} restarts with a clock ${seconds(Math.abs(fault.by))} ${fault.by < 0 ? 'behind' : 'ahead'}`;
    case 'stop database':
      return `PostgreSQL stopped (${fault.how}), back after ${seconds(fault.downFor)}`;
    case 'cut database':
      return 'every connection to PostgreSQL cut';
    case 'empty queue':
      return 'every job of the queue gone';
    case 'stop redis':
      return `Redis killed, back and empty after ${seconds(fault.downFor)}`;
    case 'cut redis':
      return 'every connection to Redis cut';
    case 'fill queue':
      return `${fault.jobs} junk jobs in the queue`;
    case 'crm':
      return `${fault.crm}: ${fault.way} to the next ${fault.times} calls`;
    case 'crm away':
      return `${fault.crm}: ${fault.way} to every call for ${seconds(fault.for)}`;
    case 'expire sessions':
      return 'every session of Salesforce expired';
    case 'upgrade':
      return `a new migration, its process killed after ${seconds(fault.killAfter)}`;
  }
}
