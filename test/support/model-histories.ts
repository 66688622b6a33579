import fc from 'fast-check';
import type { ProductEvent } from '../../src/events/event.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { event, group, identify, NOON } from './event.ts';

/** Whose an event is: users, somebody on a device who is never or sometimes known, nobody. */
const WHO = [
  { userId: 'u-1', anonymousId: null },
  { userId: 'u-2', anonymousId: null },
  { userId: 'u-3', anonymousId: 'a-2' },
  { userId: null, anonymousId: 'a-1' },
  { userId: null, anonymousId: 'a-2' },
  { userId: null, anonymousId: null },
];

const NAMES = [
  'Signed Up',
  'Key Feature Used',
  'user key_feature used',
  'Invite Sent',
  'API Calls Made',
  'Workflow Configured',
  'Report Shared',
  'Checkout Started',
  'Checkout Completed',
  'Ping',
];

const midnight = Math.floor(NOON / DAY) * DAY;

/** Late events too: anywhere in the last hundred days, on the hour, and exactly on a boundary of a day. */
const past = fc.oneof(
  fc.integer({ min: -100 * DAY, max: 0 }).map((ago) => NOON + ago),
  fc.integer({ min: -9 * 24, max: 0 }).map((hours) => NOON + hours * HOUR),
  fc
    .tuple(fc.integer({ min: -31, max: 0 }), fc.constantFrom(-1, 0, 1))
    .map(([days, ms]) => midnight + days * DAY + ms),
);
/**
 * A machine whose clock is ahead of ours. It tells of nobody who they are: whose an event is, a state knows for good.
 */
const ahead = fc.integer({ min: 1, max: 5000 }).map((ms) => NOON + ms);

const who = fc.constantFrom(...WHO);
const value = <T>(...values: T[]) => fc.constantFrom(...values);

const tracked = fc
  .record({
    who,
    name: value(...NAMES),
    at: fc.oneof({ weight: 8, arbitrary: past }, ahead),
    kind: fc.constantFrom('track' as const, 'track' as const, 'track' as const, 'page' as const),
    mail: value('a@x.example', ' A@x.example', 'b@x.example', 'c@x.example', '', null),
    count: value<unknown>(0.1, 0.2, 0.7, '0.7', 0, 100.000001, -3, 'many', null),
    external: value<unknown>(true, 'True', false, null),
  })
  .map(({ who, name, at, kind, mail, count, external }) =>
    made(at, (base) =>
      event({
        ...base,
        ...(at > NOON && who.userId !== null ? { ...who, anonymousId: null } : who),
        kind,
        name,
        properties: { invitee_email: mail, count, external } as ProductEvent['properties'],
      }),
    ),
  );

/** Many of one kind close together: more than states keep instants of. */
const burst = fc
  .record({
    who,
    name: value(...NAMES),
    start: past,
    length: fc.integer({ min: 9, max: 12 }),
    minutes: value(1, 20, 400),
  })
  .map(({ who, name, start, length, minutes }) =>
    Array.from({ length }, (_, i) => start - i * minutes * 60_000).map((at) =>
      event({
        at,
        ...who,
        name,
        accountId: 'acct-7',
        properties: { count: 0.3, invitee_email: `${at % 4}@x.example`, external: true },
      }),
    ),
  );

const employees = value<unknown>(
  100,
  101,
  500,
  0.3,
  '240',
  ' 240 ',
  '101-500',
  '101 to 200',
  '51-200',
  '1,001-5,000',
  '500+',
  'many',
  '',
  null,
  [240, 7],
);
const texts = value<unknown>('Software', 'healthcare ', 'Paper', true, 'true', '', null, ['Paper', 'IT']);
const tools = value<unknown>(['a', 'A ', 'b'], ['a', 'b', 'c', 'd'], [], 'Software', 'a, b', null);

const told = fc
  .record({
    who,
    at: past,
    employees: orLeft(employees),
    industry: orLeft(texts),
    tech_stack: orLeft(tools),
    created: orLeft(value<unknown>('2026-02-20', '2025-12-01T10:00:00Z')),
    renews: orLeft(value<unknown>('2026-02-28', '2026-03-04T10:00:00Z', '2026-03-13T12:00:00Z', 'soon', '')),
    declared: fc.boolean(),
  })
  .map(({ who, at, employees, industry, tech_stack, created, renews, declared }) =>
    made(at, (base) =>
      group('acct-7', clean({ employees, industry, tech_stack, created_at: created, renews_on: renews }), {
        ...base,
        ...who,
        declared,
      }),
    ),
  );

const identified = fc
  .record({
    who: value(...WHO.slice(0, 5)),
    at: past,
    department: orLeft(value<unknown>('Software', ' software', 'Paper', true, '', null)),
    level: orLeft(value<unknown>(240, '240', '101-500', 100, 'many', null)),
    email: orLeft(value<unknown>('ann@x.example')),
    created: orLeft(value<unknown>('2026-02-25')),
    declared: fc.boolean(),
  })
  .map(({ who, at, department, level, email, created, declared }) =>
    made(at, (base) =>
      identify(clean({ department, level, email, created_at: created }), { ...base, ...who, declared }),
    ),
  );

function made(at: number, build: (base: Partial<ProductEvent>) => ProductEvent): ProductEvent[] {
  return [build({ at, receivedAt: Math.max(at, NOON), accountId: 'acct-7' })];
}

function orLeft<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(arbitrary, fc.constant(undefined));
}

function clean(traits: Record<string, unknown>): never {
  return Object.fromEntries(Object.entries(traits).filter(([, one]) => one !== undefined)) as never;
}

/** What happened in one company. */
export const modelHistories: fc.Arbitrary<ProductEvent[]> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: tracked },
      { weight: 1, arbitrary: burst },
      { weight: 4, arbitrary: told },
      { weight: 4, arbitrary: identified },
    ),
    { minLength: 1, maxLength: 25 },
  )
  .map((lists) => lists.flat());
