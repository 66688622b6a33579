import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeParts } from '../../src/accounts/fold.ts';
import { distinctCount } from '../../src/accounts/members.ts';
import { HORIZON_DAYS } from '../../src/accounts/signal-plan.ts';
import {
  FINE_DAYS,
  FINE_FIRST_DAYS,
  FIRST_DAYS_MAX,
  MEMBER_LENGTH,
  MEMBERS_MAX,
  type Part,
} from '../../src/accounts/state.ts';
import { stableJson } from '../../src/shared/stable-json.ts';
import { DAY, MINUTE } from '../../src/shared/time.ts';
import { event, NOON } from '../support/event.ts';
import { catalogue } from '../support/measured.ts';
import { partOf as fold, tallyIn } from '../support/tally.ts';

const bytes = (part: Part) => stableJson(part);

const traitChange = fc.record({
  op: fc.constantFrom('set' as const, 'set_once' as const, 'unset' as const),
  name: fc.constantFrom('title', 'plan', 'cohort:k3'),
  value: fc.constantFrom('a', 'b', 1, true, false),
});

const anyEvent = fc
  .record({
    name: fc.constantFrom('Invite Sent', 'Key Feature Used', 'API Calls Made', 'Signed In'),
    at: fc.integer({ min: -420, max: 0 }).map((days) => NOON + days * DAY * 0.99),
    member: fc.constantFrom('a@x.example', 'b@x.example', 'c@x.example'),
    count: fc.double({ min: 0, max: 100, noNaN: true }),
    declared: fc.boolean(),
    personTraits: fc.array(traitChange, { maxLength: 2 }),
    accountTraits: fc.array(traitChange, { maxLength: 2 }),
  })
  .map(({ member, count, ...over }) =>
    event({
      ...over,
      at: Math.floor(over.at),
      properties: { invitee_email: member, count, feature: member },
    }),
  );

describe('I3: order does not matter', () => {
  it('any order of the same events gives the same bytes', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (events, ranks) => {
        const shuffled = events
          .map((one) => ({ one, rank: ranks.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ one }) => one);
        expect(bytes(fold(shuffled))).toBe(bytes(fold(events)));
      }),
    );
  });

  it('merge(fold(A), fold(B)) = fold(A ∪ B), in either direction', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 25 }), fc.array(anyEvent, { maxLength: 25 }), (a, b) => {
        const whole = bytes(fold([...a, ...b]));
        expect(bytes(mergeParts(fold(a), fold(b)))).toBe(whole);
        expect(bytes(mergeParts(fold(b), fold(a)))).toBe(whole);
      }),
    );
  });

  it('more distinct values than are kept: the same sample in any order, and a close estimate', () => {
    const invites = Array.from({ length: 4000 }, (_, i) =>
      event({ name: 'Invite Sent', at: NOON + i, properties: { invitee_email: `p${i}@x.example` } }),
    );
    const forwards = fold(invites);
    const backwards = mergeParts(fold(invites.slice(2000)), fold(invites.slice(0, 2000).reverse()));
    expect(bytes(backwards)).toBe(bytes(forwards));
    const tally = tallyIn(forwards, 'seats_invited');
    const kept = new Set(Object.keys(tally.members ?? {}));
    expect(kept.size).toBe(MEMBERS_MAX);
    expect(Math.abs(distinctCount([tally], kept) - 4000) / 4000).toBeLessThan(0.1);
  });

  it('any batching: parts of shards, merged in any order, are the whole', () => {
    const sharded = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 3 })), { maxLength: 40 });
    fc.assert(
      fc.property(sharded, fc.boolean(), (events, backwards) => {
        const shards = [0, 1, 2, 3].map((shard) =>
          fold(events.filter(([, own]) => own === shard).map(([one]) => one)),
        );
        const parts = backwards ? shards.reverse() : shards;
        expect(bytes(parts.reduce(mergeParts))).toBe(bytes(fold(events.map(([one]) => one))));
      }),
    );
  });
});

describe('I3 and bounds, for all that a signal may ask the fold to keep', () => {
  const plan = catalogue(
    'local: { events: [A, B], count: distinct days, days: local }',
    'work: { events: [A], count: each, during: { from: "09:00", to: "17:00" } }',
    'steps: { events: [B], count: each, recent: 3 }',
    'spent: { events: [A], count: sum, of: n, days: local, recent: 40 }',
    'named: { activity: true, where: { p: { matches: "^x+$" } }, count: distinct value, of: p }',
  );
  const foldAll = (events: Parameters<typeof fold>[0]) => fold(events, plan);

  /** Over four years: days and quarters between the kept ends have to go. */
  const longEvent = fc
    .record({
      name: fc.constantFrom('A', 'B'),
      days: fc.oneof(fc.integer({ min: -1500, max: 0 }), fc.integer({ min: -40, max: 0 })),
      minutes: fc.integer({ min: 0, max: 24 * 60 - 1 }),
      p: fc.constantFrom('x', 'xx', 'y', 'x'.repeat(500)),
      n: fc.integer({ min: 0, max: 50 }),
    })
    .map(({ name, days, minutes, p, n }) =>
      event({ name, at: NOON + days * DAY + minutes * MINUTE, properties: { p, n } }),
    );

  it('any batching in any order gives the same bytes', () => {
    const sharded = fc.array(fc.tuple(longEvent, fc.integer({ min: 0, max: 3 })), { maxLength: 60 });
    fc.assert(
      fc.property(sharded, fc.boolean(), (events, backwards) => {
        const all = events.map(([one]) => one);
        const shards = [0, 1, 2, 3].map((shard) =>
          foldAll(events.filter(([, own]) => own === shard).map(([one]) => one)),
        );
        const merged = (backwards ? shards.reverse() : shards).reduce(mergeParts);
        expect(bytes(merged)).toBe(bytes(foldAll(all)));
        expect(bytes(foldAll(all.toReversed()))).toBe(bytes(foldAll(all)));
      }),
      { numRuns: 200 },
    );
  });

  it('a state stays within its bounds, whatever comes and however long', () => {
    const one = (i: number, name: string) =>
      event({
        name,
        at: NOON - 1500 * DAY + i * 20 * MINUTE,
        properties: { n: 1, p: `x${'x'.repeat(i % 3000)}` },
      });
    const part = foldAll(Array.from({ length: 110_000 }, (_, i) => one(i, i % 2 === 0 ? 'A' : 'B')));
    const { local, work, steps, spent, named } = part.signals;
    expect(local?.days.length).toBe(2 * (HORIZON_DAYS + FIRST_DAYS_MAX));
    for (const tally of [local, work, spent]) {
      const quarters = (tally?.quarters?.length ?? 0) / 2;
      expect(quarters).toBeLessThanOrEqual((FINE_DAYS + FINE_FIRST_DAYS + 4) * 96);
      expect(quarters).toBeGreaterThan((FINE_DAYS + FINE_FIRST_DAYS) * 30);
    }
    expect([local, steps, spent].map((tally) => tally?.recent.length)).toEqual([8, 3, 40]);
    const members = Object.keys(named?.members ?? {});
    expect(members).toHaveLength(MEMBERS_MAX);
    expect(Math.max(...members.map((member) => member.length))).toBe(MEMBER_LENGTH);
  });
});
