import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../../src/accounts/zone.ts';
import { ALWAYS, type BusinessHours, type Span } from '../../../../src/decide/handoff/business-hours.ts';
import {
  advance,
  type Clock,
  nextMark,
  stateOf,
  stretch,
  type Touch,
} from '../../../../src/decide/handoff/clock.ts';
import { slaOf } from '../../../../src/decide/handoff/sla.ts';
import { HOUR, MINUTE } from '../../../../src/shared/time.ts';

const at = (text: string) => Date.parse(`${text}:00Z`);
const shown = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString().slice(0, 16));

function team(timezone: string, days: number[], span: Span, holidays: string[] = []): BusinessHours {
  return {
    id: 'team',
    timezone,
    offset: clockOf(timezone) ?? (() => Number.NaN),
    weekdays: Array.from({ length: 7 }, (_, day) => (days.includes(day) ? [span] : [])),
    holidays: new Set(holidays),
  };
}

const NEW_YORK = team('America/New_York', [0, 1, 2, 3, 4], { from: 540, to: 1020 }, ['2026-11-26']);
const KOLKATA = team('Asia/Kolkata', [0, 1, 2, 3, 4, 5], { from: 600, to: 1080 });
const BERLIN_NIGHT = team('Europe/Berlin', [5, 6], { from: 60, to: 240 });

/** A promise as it begins to run. */
function begun(hours: BusinessHours, within: number, after: number | null, crossedAt: number): Clock {
  const rule = {
    ...{ id: 'one', tiers: null, signals: null, routes: null, within, hours, warnAt: 0.5 },
    escalate: after === null ? null : { after, to: 'next_owner' },
  };
  const question = { tier: 'hot', route: 'AE', triggers: [], isBuying: () => false, at: crossedAt };
  const sla = slaOf([rule], question);
  return {
    crossedAt,
    warnAt: sla?.warn ?? 0,
    dueAt: sla?.due ?? 0,
    escalateAt: sla?.escalate?.at ?? null,
    ...{ warnedAt: null, breachedAt: null, escalatedAt: null, touchedAt: null, touch: null, repliedAt: null },
    ...{ endedAt: null, endedWhy: null },
  };
}

/** Everything that is told of it when somebody looks just when there is something to tell. */
function told(clock: Clock): (string | null)[][] {
  const marks: (string | null)[][] = [];
  let now = clock;
  for (let next = nextMark(now); next !== null; next = nextMark(now)) {
    expect(advance(now, [], next - 1).marks).toEqual([]);
    const advanced = advance(now, [], next);
    marks.push(...advanced.marks.map((mark) => [mark, shown(next)]));
    now = advanced.clock;
  }
  return marks;
}

/** Hours within, hours until it is passed on, the crossing; then due soon, breached and escalated. All worked out by hand. */
const TABLE: [string, BusinessHours, number, number, string, string, string, string][] = [
  [
    // Friday 15:00 EST: two hours. Monday 9:00 is 13:00 UTC, after the clocks went forward.
    'over the weekend on which the clocks go forward',
    ...([NEW_YORK, 8, 2, '2026-03-06T20:00'] as const),
    ...(['2026-03-09T15:00', '2026-03-09T19:00', '2026-03-09T21:00'] as const),
  ],
  [
    // Friday 15:00 EDT. Monday 9:00 is 14:00 UTC, after they went back.
    'over the weekend on which they go back',
    ...([NEW_YORK, 8, 2, '2026-10-30T19:00'] as const),
    ...(['2026-11-02T16:00', '2026-11-02T20:00', '2026-11-02T22:00'] as const),
  ],
  [
    // Wednesday 16:00: an hour. Thursday is a holiday; Friday's eight make nine; one is left for Monday.
    'over a holiday and a weekend',
    ...([NEW_YORK, 8, 2, '2026-11-25T21:00'] as const),
    ...(['2026-11-27T17:00', '2026-11-27T21:00', '2026-11-30T15:00'] as const),
  ],
  [
    'from a Saturday on: it begins on Monday morning, and is due as Monday ends',
    ...([NEW_YORK, 8, 2, '2026-03-14T12:00'] as const),
    ...(['2026-03-16T17:00', '2026-03-16T21:00', '2026-03-17T15:00'] as const),
  ],
  [
    'in a zone of half an hour, before work begins',
    ...([KOLKATA, 8, 2, '2026-03-03T04:00'] as const),
    ...(['2026-03-03T08:30', '2026-03-03T12:30', '2026-03-04T06:30'] as const),
  ],
  [
    // 1:00 to 4:00 lasts two hours in the night that skips one. The next shift begins on Friday at 23:00 UTC.
    'in the night that is an hour short',
    ...([BERLIN_NIGHT, 2, 1, '2026-03-28T12:00'] as const),
    ...(['2026-03-29T01:00', '2026-03-29T02:00', '2026-04-04T00:00'] as const),
  ],
  [
    // It lasts four in the night that has one twice.
    'in the night that is an hour long',
    ...([BERLIN_NIGHT, 2, 1, '2026-10-24T12:00'] as const),
    ...(['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'] as const),
  ],
  [
    'S4-71: where all hours count, the change of the clocks does not',
    ...([ALWAYS, 4, 2, '2026-03-08T06:30'] as const),
    ...(['2026-03-08T08:30', '2026-03-08T10:30', '2026-03-08T12:30'] as const),
  ],
];

describe('X-28, S4-151: what is told of a promise, and when', () => {
  it.each(TABLE)('%s', (_title, hours, within, after, crossed, warn, due, escalate) => {
    expect(told(begun(hours, within, after, at(crossed)))).toEqual([
      ['due_soon', warn],
      ['breached', due],
      ['escalated', escalate],
    ]);
  });

  it('S2-91: two hours for a buying signal; nothing is passed on where nobody asked for it', () => {
    expect(told(begun(ALWAYS, 2, null, at('2026-03-02T12:00')))).toEqual([
      ['due_soon', '2026-03-02T13:00'],
      ['breached', '2026-03-02T14:00'],
    ]);
  });

  it('passed on together with the breach, at 0 hours', () => {
    expect(told(begun(ALWAYS, 2, 0, at('2026-03-02T12:00'))).slice(1)).toEqual([
      ['breached', '2026-03-02T14:00'],
      ['escalated', '2026-03-02T14:00'],
    ]);
  });
});

const CROSSED = at('2026-03-02T12:00');
/** Due soon at 14:00, due at 16:00, passed on at 18:00. */
const CLOCK = begun(ALWAYS, 4, 2, CROSSED);
const ours = (time: string, kind = 'call'): Touch => ({ at: at(`2026-03-02T${time}`), side: 'ours', kind });
const theirs = (time: string): Touch => ({ ...ours(time, 'email'), side: 'theirs' });
const DUE = at('2026-03-02T16:00');

describe('each is told once', () => {
  it('I6: a second look tells nothing', () => {
    const first = advance(CLOCK, [], DUE);
    expect(first.marks).toEqual(['breached']);
    expect(advance(first.clock, [], DUE).marks).toEqual([]);
    expect(advance(first.clock, [], DUE + HOUR).marks).toEqual([]);
  });

  it('after a day of standing still, only what is true now: no warning after the fact', () => {
    const late = advance(CLOCK, [], DUE + 24 * HOUR);
    expect(late.marks).toEqual(['breached', 'escalated']);
    expect(late.clock.warnedAt).toBeNull();
    expect(nextMark(late.clock)).toBeNull();
  });
});

describe('S3-30: the first touch of ours ends it', () => {
  const moments = (touches: Touch[], now = DUE + 3 * HOUR, clock = CLOCK) => {
    const { clock: after, marks } = advance(clock, touches, now);
    const { touchedAt, repliedAt, endedAt, endedWhy, touch } = after;
    const times = [touchedAt, repliedAt, endedAt].map((ms) => shown(ms)?.slice(11) ?? null);
    return [...times, touch, endedWhy, stateOf(after, now), marks];
  };

  it.each<[string, Touch[], unknown[]]>([
    ['in time', [ours('15:59')], ['15:59', null, '15:59', 'call', 'touched', 'met', []]],
    ['at the deadline itself', [ours('16:00')], ['16:00', null, '16:00', 'call', 'touched', 'met', []]],
    ['too late', [ours('16:01')], ['16:01', null, '16:01', 'call', 'touched', 'breached', []]],
    [
      'the first of several',
      [ours('15:00'), ours('13:00', 'email')],
      ['13:00', null, '13:00', 'email', 'touched', 'met', []],
    ],
    [
      'a claim in Slack is one, and is called so',
      [ours('12:05', 'claim')],
      ['12:05', null, '12:05', 'claim', 'touched', 'met', []],
    ],
    [
      'in the moment of the crossing',
      [ours('12:00')],
      ['12:00', null, '12:00', 'call', 'touched', 'met', []],
    ],
    [
      'not one from before the crossing',
      [ours('11:59')],
      [null, null, null, null, null, 'breached', ['breached', 'escalated']],
    ],
    [
      'not what the buyer writes',
      [theirs('13:00')],
      [null, '13:00', null, null, null, 'breached', ['breached', 'escalated']],
    ],
    [
      'a reply beside it is kept',
      [theirs('15:00'), theirs('14:00'), ours('13:00')],
      ['13:00', '14:00', '13:00', 'call', 'touched', 'met', []],
    ],
  ])('%s', (_title, touches, expected) => {
    expect(moments(touches)).toEqual(expected);
  });

  it('a call that is logged after the breach was told: told stays told, and the promise was met', () => {
    const told = advance(CLOCK, [], DUE).clock;
    const { clock, marks } = advance(told, [ours('15:30')], DUE + HOUR);
    expect([shown(clock.breachedAt), shown(clock.touchedAt)]).toEqual([
      '2026-03-02T16:00',
      '2026-03-02T15:30',
    ]);
    expect([stateOf(clock, DUE + HOUR), marks, nextMark(clock)]).toEqual(['met', [], null]);
  });

  it('one that happened earlier and is logged later counts; a later one changes nothing', () => {
    const called = advance(CLOCK, [ours('15:00')], DUE).clock;
    expect(advance(called, [ours('15:00'), ours('13:00', 'email')], DUE).clock).toMatchObject({
      touchedAt: at('2026-03-02T13:00'),
      endedAt: at('2026-03-02T13:00'),
      touch: 'email',
    });
    expect(advance(called, [ours('15:30'), ours('15:00')], DUE).clock).toEqual(called);
  });

  it('one that turns out to be none ended nothing: the promise runs on, and what is due is told', () => {
    const called = advance(CLOCK, [ours('13:00'), theirs('13:30')], DUE - HOUR).clock;
    expect(advance(called, [], DUE - HOUR)).toEqual({
      clock: { ...CLOCK, warnedAt: DUE - HOUR },
      marks: ['due_soon'],
    });
    expect(advance(called, [ours('16:30')], DUE + HOUR).clock).toMatchObject({
      touchedAt: DUE + 30 * MINUTE,
    });
  });

  it('a month later it stays as it was: touches leave the record by age', () => {
    const called = advance(CLOCK, [ours('13:00'), theirs('13:30')], DUE).clock;
    const month = at('2026-04-01T13:00');
    expect(advance(called, [], month + 1)).toEqual({ clock: called, marks: [] });
    expect(advance(called, [], month).clock.touchedAt).toBeNull();
  });

  it('what ended by a purchase stays so, and a call from before it is known all the same', () => {
    const bought: Clock = { ...CLOCK, endedAt: at('2026-03-02T14:30'), endedWhy: 'bought' };
    expect(stateOf(bought, DUE + HOUR)).toBe('withdrawn');
    expect(advance(bought, [], DUE + HOUR).marks).toEqual([]);
    expect(moments([ours('13:00')], DUE + HOUR, bought)).toEqual([
      '13:00',
      null,
      '14:30',
      'call',
      'bought',
      'met',
      [],
    ]);
  });

  it('one that is bought or cools after the deadline was broken', () => {
    const cooled: Clock = { ...CLOCK, endedAt: DUE + HOUR, endedWhy: 'cooled' };
    expect(stateOf(cooled, DUE + 9 * HOUR)).toBe('breached');
  });
});

it.each([
  [-1, 'open'],
  [0, 'due_soon'],
  [2 * HOUR - 1, 'due_soon'],
  [2 * HOUR, 'breached'],
] as const)('%d ms after the warning it is %s', (after, state) => {
  expect(stateOf(CLOCK, CLOCK.warnAt + after)).toBe(state);
});

it('a stretch is told by the wall clock and in working time; what ended before it began took none', () => {
  // Friday 16:30 to Monday 9:30 in New York, over the change of the clocks.
  const [friday, monday] = [at('2026-03-06T21:30'), at('2026-03-09T13:30')];
  expect(stretch(NEW_YORK, friday, monday)).toEqual({ wall: 64 * HOUR, working: 60 * MINUTE });
  expect(stretch(NEW_YORK, monday, friday)).toEqual({ wall: 0, working: 0 });
  expect(stretch(NEW_YORK, null, friday)).toBeNull();
});
