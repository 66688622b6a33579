import { describe, expect, it } from 'vitest';
import { assess, type Occasion, type Previous } from '../../../../src/decide/assess.ts';
import type { Hold } from '../../../../src/decide/handoff/hold.ts';
import { manualHold, readKey, readReason, readUntil } from '../../../../src/decide/handoff/manual.ts';
import type { ProductEvent } from '../../../../src/events/event.ts';
import { DAY, HOUR } from '../../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../../support/event.ts';
import { shippedPolicy } from '../../../support/policy.ts';
import { stateOf } from '../../../support/state.ts';

const policy = shippedPolicy();
const SAID = { key: 'acct-7', reason: 'we talk to their board', author: 'ann', until: null };
const HELD = [manualHold(SAID, 'acct-7')];

const MQL: ProductEvent[] = [
  group('acct-7', { name: 'Initech', employees: 240, industry: 'Software' }, { userId: 'ann' }),
  identify({ email: 'ann@initech.example' }, { userId: 'ann', at: NOON - 80 * DAY }),
  ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) =>
    event({ userId: 'ann', name, at: NOON - HOUR }),
  ),
];

function look(now: number, suppressed: readonly Hold[], previous?: Previous, over: Partial<Occasion> = {}) {
  const occasion = { now, act: true, triggers: [], joined: [], suppressed, ...over };
  const result = assess(policy, stateOf('acct-7', MQL), previous, occasion);
  const acts = (result.decision?.acts ?? []).filter(({ kind }) => kind !== 'fields');
  return {
    ...result,
    kinds: acts.map(({ kind, skip }) => `${kind}${skip === null ? '' : ', left out'}`),
    acts,
  };
}

describe('S4-163: what somebody said, as a hold', () => {
  it.each([
    [{}, 'we talk to their board (by ann)'],
    [{ until: NOON }, 'we talk to their board (by ann, until 2026-03-02 12:00 UTC)'],
    [{ key: 'initech.example' }, 'we talk to their board (by ann, as initech.example)'],
  ])('%j', (over, why) => {
    expect(manualHold({ ...SAID, ...over }, 'acct-7')).toMatchObject({ id: 'manual', why });
  });
});

describe('S4-163: what somebody writes', () => {
  it.each([
    ['2026-03-02', '2026-03-03T00:00:00.000Z'],
    ['2026-03-02T13:00Z', '2026-03-02T13:00:00.000Z'],
    ['30 days', '2026-04-01T12:00:00.000Z'],
    ['1 hour', '2026-03-02T13:00:00.000Z'],
    ['2 weeks', '2026-03-16T12:00:00.000Z'],
    ['2026-03-01', null],
    ['2026-03-02T12:00Z', null],
    ['0 days', null],
    ['30', null],
    ['tomorrow', null],
  ])('until %s', (text, end) => {
    const at = readUntil(text, NOON);
    expect(at === null ? null : new Date(at).toISOString()).toBe(end);
  });

  it('a domain in any case, a key as it is, and a reason as one line', () => {
    expect(['Rival.Example', ' Acct-7 ', '', 'x'.repeat(501), 'a\0b'].map(readKey)).toEqual([
      'rival.example',
      'Acct-7',
      null,
      null,
      null,
    ]);
    expect([' a\n rival ', '\n', 'x'.repeat(301)].map(readReason)).toEqual(['a rival', null, null]);
  });
});

describe('S4-89, S4-163: an account that is suppressed', () => {
  it('is held back when it crosses, with the reason, and looked at again when that ends', () => {
    const until = NOON + 3 * DAY;
    const held = look(NOON, [manualHold({ ...SAID, until }, 'acct-7')]);
    expect(held.kinds).toEqual(['task, left out']);
    expect(held.route).toMatchObject({ held: ['manual'], sla: null });
    expect(held.route?.reason).toContain('held back: we talk to their board (by ann, until');
    expect(held.standing.wakeAt).toBe('2026-03-05T12:00:00.000Z');
    expect(look(until, [], held).kinds).toEqual(['task', 'campaign']);
  });

  it('has its open tasks closed, once, when it was handed over before (decision 14)', () => {
    const crossed = look(NOON, []);
    const closed = look(NOON + HOUR, HELD, crossed);
    expect(closed.kinds).toEqual(['close']);
    expect(closed.acts[0]?.reason).toContain(
      'not to be contacted any more (we talk to their board (by ann))',
    );
    expect(closed.standing.handed).toBeUndefined();
    expect(look(NOON + 2 * HOUR, HELD, closed).kinds).toEqual([]);
  });

  it('does nothing to tasks over what is no act, such as a merge, and closes them at the next score', () => {
    const crossed = look(NOON, []);
    const merged = look(NOON + HOUR, HELD, crossed, { act: false });
    expect(merged.kinds).toEqual([]);
    expect(look(NOON + 2 * HOUR, HELD, merged).kinds).toEqual(['close']);
  });
});

describe('S4-91: something holds an account after it was handed over', () => {
  const crossed = look(NOON, []);
  const busy = [...MQL, group('acct-7', { open_deal: true }, { userId: 'ann', at: NOON + HOUR })];
  const later = (events: readonly ProductEvent[], previous: Previous, now: number) =>
    assess(policy, stateOf('acct-7', events), previous, { now, act: true, triggers: [], joined: [] });

  it('the standing says so, for what is still on its way, and only as long as it lasts', () => {
    const held = later(busy, crossed, NOON + 2 * HOUR);
    expect(held.standing.held).toMatchObject([{ id: 'open_conversation' }]);
    expect(held.standing.handed).toMatchObject({ tier: 'mql' });
    const free = [...busy, group('acct-7', { open_deal: false }, { userId: 'ann', at: NOON + 3 * HOUR })];
    expect(later(free, held, NOON + 4 * HOUR).standing.held).toBeUndefined();
  });
});
