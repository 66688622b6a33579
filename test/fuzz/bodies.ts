import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listIdOf } from '../../src/receive/amplitude/lists.ts';
import { pick, type Random, whole } from '../../src/sandbox/traffic/random.ts';

/** The secrets that the target is started with. */
export const SECRETS = {
  SEGMENT_WEBHOOK_SECRET: 'fuzz-segment-secret',
  SEGMENT_WEBHOOK_TOKEN: 'fuzz-segment-token',
  SEGMENT_WRITE_KEYS: 'fuzz-write-key',
  AMPLITUDE_WEBHOOK_TOKEN: 'fuzz-amplitude-token',
  AMPLITUDE_API_KEYS: 'fuzz-api-key',
  SLACK_SIGNING_SECRET: 'fuzz-signing-secret',
};

/** How the sender of a route shows who it is. */
export type Auth = 'segment' | 'token' | 'basic' | 'inBody' | 'slack';

/** A sound request before anything is done to it. */
export interface Sound {
  method: string;
  path: string;
  auth: Auth;
  body: unknown;
}

type Maker = (mark: string, random: Random) => Omit<Sound, 'method'>;

const FIXTURES = join(import.meta.dirname, '../fixtures');
const fixturesOf = (vendor: string, pattern: RegExp) =>
  readdirSync(join(FIXTURES, vendor))
    .filter((name) => pattern.test(name))
    .map((name) => JSON.parse(readFileSync(join(FIXTURES, vendor, name), 'utf8')) as Record<string, unknown>);

const SEGMENT = fixturesOf('segment', /\.json$/) as [Record<string, unknown>];
const EVENTS = fixturesOf('amplitude', /^event.*\.json$/) as [Record<string, unknown>];
const COHORTS = fixturesOf('amplitude', /^cohort.*\.json$/) as [Record<string, unknown>];

/** The mark comes first, so that it also stands in what is cut off behind. */
const segmentCall = (mark: string, random: Random) => ({
  messageId: mark,
  ...without('messageId', pick(random, SEGMENT)),
});
const amplitudeEvent = (mark: string, random: Random) => {
  const { uuid: _, $insert_id: __, ...rest } = pick(random, EVENTS);
  return { uuid: mark, event_time: new Date().toISOString(), ...without('event_time', rest) };
};
const several = <T>(mark: string, random: Random, make: (mark: string, random: Random) => T) =>
  Array.from({ length: whole(random, 1, 4) }, (_, i) => make(`${mark}-${i}`, random));

const SINGLE: [string, string][] = [
  ['track', 't'],
  ['identify', 'i'],
  ['group', 'g'],
  ['page', 'p'],
  ['screen', 's'],
  ['alias', 'a'],
];

/** Every receiver's route, in every shape that its senders use. */
export const MAKERS: readonly [Maker, ...Maker[]] = [
  (mark, random) => ({ path: '/webhooks/segment', auth: 'segment', body: segmentCall(`${mark}-0`, random) }),
  (mark, random) => ({
    path: '/webhooks/segment',
    auth: 'segment',
    body: several(mark, random, segmentCall),
  }),
  (mark, random) => ({
    path: '/webhooks/segment',
    auth: 'segment',
    body: several(mark, random, segmentCall).map((json) => ({ json })),
  }),
  (mark, random) => ({
    path: '/webhooks/segment',
    auth: 'segment',
    body: { batch: several(mark, random, segmentCall), context: { groupId: 'acct-7' } },
  }),
  (mark, random) => ({
    path: '/webhooks/amplitude/events',
    auth: 'token',
    body: amplitudeEvent(`${mark}-0`, random),
  }),
  (mark, random) => ({
    path: '/webhooks/amplitude/events',
    auth: 'token',
    body: pick<unknown>(random, [
      several(mark, random, amplitudeEvent),
      { events: several(mark, random, amplitudeEvent) },
    ]),
  }),
  (mark, random) => ({
    path: '/webhooks/amplitude/cohorts',
    auth: 'token',
    body: {
      ...pick(random, COHORTS),
      message_id: mark,
      users: several(mark, random, (user_id) => ({ user_id })),
    },
  }),
  (mark, random) => ({
    path: `/amplitude/lists/${encodeURIComponent(listIdOf('c-1'))}/${pick(random, ['add', 'remove'])}`,
    auth: 'token',
    body: { userIds: several(mark, random, (id) => id) },
  }),
  (mark) => ({ path: '/amplitude/lists', auth: 'token', body: { name: `[Amplitude] Fuzz: ${mark}` } }),
  (mark, random) => {
    const [type, letter] = pick(random, SINGLE as [[string, string]]);
    const body = { writeKey: SECRETS.SEGMENT_WRITE_KEYS, ...segmentCall(`${mark}-0`, random), type };
    return { path: `/v1/${pick(random, [type, letter])}`, auth: 'basic', body };
  },
  (mark, random) => ({
    path: `/v1/${pick(random, ['batch', 'b', 'import'])}`,
    auth: 'inBody',
    body: {
      writeKey: SECRETS.SEGMENT_WRITE_KEYS,
      batch: several(mark, random, segmentCall),
      sentAt: new Date().toISOString(),
    },
  }),
  (mark, random) => ({
    path: pick(random, ['/2/httpapi', '/batch']),
    auth: 'inBody',
    body: { api_key: SECRETS.AMPLITUDE_API_KEYS, events: several(mark, random, amplitudeEvent) },
  }),
  (mark, random) => ({
    path: '/slack/interactions',
    auth: 'slack',
    body: {
      type: 'block_actions',
      team: { id: 'T0FUZZ0001', domain: mark },
      user: { id: 'U0FUZZ0001', name: mark },
      actions: several(mark, random, (value) => ({
        action_id: pick(random, ['pql_claim', 'pql_snooze', 'pql_not_a_fit', value]),
        action_ts: '1763800200.123456',
        value: pick(random, [`al_${'0af1'.repeat(8)}`, value]),
      })),
    },
  }),
];

function without(name: string, { [name]: _, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest;
}

/** Texts of one sound body that should be stored, whatever shape it has by now; found without any code of the receivers. */
export function marksIn(path: string, body: Buffer): Set<string> {
  const marks = new Set<string>();
  for (const element of elementsOf(path, parsed(body))) {
    const mark = markOf(element);
    if (mark !== null) {
      marks.add(mark);
    }
  }
  return marks;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}

function elementsOf(path: string, body: unknown): unknown[] {
  const fields = (body ?? {}) as Record<string, unknown>;
  const inside = /cohorts$/.test(path)
    ? fields.users
    : /lists/.test(path)
      ? fields.userIds
      : (fields.batch ?? fields.events);
  return Array.isArray(body) ? body : Array.isArray(inside) ? inside : [body];
}

const MARK = /^fz-\d+-\d+$/;

/** Of an element that is still whole enough to carry its own. */
function markOf(element: unknown): string | null {
  if (typeof element === 'string') {
    return MARK.test(element) ? element : null;
  }
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    return null;
  }
  const { json, ...own } = element as Record<string, unknown>;
  const fields = (json !== undefined && Object.keys(own).length === 0 ? json : own) as Record<
    string,
    unknown
  > | null;
  const mark = fields?.messageId ?? fields?.uuid ?? fields?.user_id;
  return typeof mark === 'string' && MARK.test(mark) ? mark : null;
}
