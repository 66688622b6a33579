import { createHmac } from 'node:crypto';

/** The shared secret of all benchmarks that send signed events. */
export const SECRET = 'whsec_bench';

/** Companies and their people: events go round them, so that accounts are hit again and again as in life. */
export interface Population {
  accounts: number;
  peoplePerAccount: number;
  /** Every so many events one is a trigger of an account of its own, `hot-0`, `hot-1`, …; absent: none. */
  triggerEvery?: number;
}

/** What people do, most frequent first; the share is of 100. The last three are triggers of the shipped catalogue. */
const DEEDS: readonly [share: number, name: string, properties: (n: number) => Record<string, unknown>][] = [
  [30, 'Key Feature Used', () => ({ feature: 'reports', plan: 'free' })],
  [20, 'Signed In', () => ({ method: 'password' })],
  [20, 'Core Action Completed', () => ({ action: 'email_sent', plan: 'free' })],
  [10, 'Record Created', () => ({ kind: 'deal', plan: 'free' })],
  [6, 'API Calls Made', () => ({ count: 25 })],
  [6, 'Invite Sent', (n) => ({ invitee_email: `colleague-${n}@example.test` })],
  [5, 'Something Untracked', () => ({ colour: 'blue', size: 12 })],
  [1, 'API Integration Created', () => ({ integration: 'rest' })],
  [1, 'Workflow Configured', () => ({ workflow: 'onboarding' })],
  [1, 'Limit Breach Attempted', () => ({ limit: 'seats' })],
];

/** The nth event of a run as Segment's webhook sends it, about 600 bytes; no two have the same message id. */
export function eventText(run: string, n: number, at: number, population: Population): string {
  const people = population.accounts * population.peoplePerAccount;
  // A step without a common factor visits everybody once before anybody twice.
  const time = new Date(at).toISOString();
  const { name, properties, account, person } = deedOf(n, (n * 7919) % people, population);
  return JSON.stringify({
    type: 'track',
    event: name,
    properties,
    messageId: `ajs-next-${run}-${n}`,
    userId: person,
    anonymousId: null,
    timestamp: time,
    originalTimestamp: time,
    sentAt: time,
    receivedAt: time,
    context: {
      groupId: account,
      traits: { email: `${person}@${domainOf(account)}` },
      library: { name: 'analytics.js', version: 'next-1.84.3' },
      page: { path: '/reports', title: 'Reports', url: 'https://app.example.test/reports' },
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    },
    integrations: {},
    channel: 'browser',
    projectId: 'bench-project',
    version: 2,
  });
}

/** Every nth event sets off the score of an account that nothing was heard of before, where the population says so. */
function deedOf(n: number, place: number, { accounts, triggerEvery }: Population) {
  if (triggerEvery !== undefined && n % triggerEvery === 0) {
    const account = `hot-${n / triggerEvery}`;
    return { name: 'API Integration Created', properties: {}, account, person: `u-${account}` };
  }
  const account = `acct-${place % accounts}`;
  const person = `u-${place}`;
  // Of another order than the people's, so that everybody does everything.
  let left = Math.floor(n / 7) % 100;
  for (const [share, name, properties] of DEEDS) {
    if (left < share) {
      return { name, properties: properties(n), account, person };
    }
    left -= share;
  }
  return { name: 'Signed In', properties: {}, account, person };
}

/** The mail domain of an account's people, by which its company is found in the CRM. */
export function domainOf(account: string): string {
  return `${account}.example`;
}

export interface SignedBody {
  body: Buffer;
  signature: string;
}

/** One request: a single event, or an array of them, of which Segment signs the first. */
export function signedBody(events: readonly string[], isBatch: boolean): SignedBody {
  const [first = ''] = events;
  const signature = createHmac('sha1', SECRET).update(first).digest('hex');
  return { body: Buffer.from(isBatch ? `[${events.join(',')}]` : first), signature };
}
