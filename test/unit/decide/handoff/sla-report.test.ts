import { describe, expect, it } from 'vitest';
import { ALWAYS } from '../../../../src/decide/handoff/business-hours.ts';
import {
  figuresBy,
  figuresOf,
  inWords,
  type SlaClock,
  spanInWords,
} from '../../../../src/decide/handoff/sla-report.ts';
import { parseSince, slaReport } from '../../../../src/read-model/sla.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../../src/shared/time.ts';

/** Crossings are at 0; four hours are promised, and three pass before it is due soon. */
const NOW = 10 * HOUR;
const clock = (account: string, over: Partial<SlaClock> = {}): SlaClock => ({
  ...{ account, name: null, model: 'm', tier: 'hot', n: 1, rule: 'four', route: 'AE', owner: 'ann@acme.com' },
  ...{ crossedAt: 0, warnAt: 3 * HOUR, dueAt: 4 * HOUR, escalateAt: null },
  ...{ warnedAt: null, breachedAt: null, escalatedAt: null, touchedAt: null, touch: null, repliedAt: null },
  ...{ endedAt: null, endedWhy: null, receivedAt: -SECOND, madeAt: 9 * SECOND },
  ...over,
});
const touched = (account: string, after: number, over: Partial<SlaClock> = {}) =>
  clock(account, { touchedAt: after, touch: 'call', endedAt: after, endedWhy: 'touched', ...over });
const later = (account: string, crossedAt: number, over: Partial<SlaClock> = {}) =>
  clock(account, {
    crossedAt,
    warnAt: crossedAt + 3 * HOUR,
    dueAt: crossedAt + 4 * HOUR,
    receivedAt: null,
    madeAt: null,
    ...over,
  });

const CLOCKS = [
  touched('in 4 minutes', 4 * MINUTE),
  touched('in half an hour', 30 * MINUTE, { owner: 'bob@acme.com' }),
  touched('in 3 hours', 3 * HOUR, { tier: 'burning' }),
  touched('in 6 hours', 6 * HOUR),
  clock('never', { owner: null }),
  clock('bought in time', { endedAt: HOUR, endedWhy: 'bought' }),
  clock('cooled too late', { endedAt: 5 * HOUR, endedWhy: 'cooled' }),
  later('open', 9 * HOUR),
  later('due soon', 7 * HOUR),
];

describe('S2-96, S4-113: how promises came out', () => {
  const figures = figuresOf(CLOCKS, () => ALWAYS, NOW);

  it('by how they stand; what bought or cooled before the deadline is neither met nor broken', () => {
    expect(figures).toMatchObject({
      open: 1,
      dueSoon: 1,
      breached: 3,
      running: 1,
      met: 3,
      withdrawn: 1,
      metShare: 0.5,
    });
  });

  it('how long it took until somebody got in touch: median and ninety of a hundred, by nearest rank', () => {
    expect(figures.firstTouch).toEqual({
      count: 4,
      median: 1800,
      p90: 21_600,
      working: { count: 4, median: 1800, p90: 21_600 },
      buckets: { within5Minutes: 1, within1Hour: 1, within4Hours: 1, within24Hours: 1, later: 0, never: 2 },
    });
  });

  it('what we took and what people took apart', () => {
    expect(figures.systemDelay).toEqual({ count: 7, median: 10, p90: 10 });
    expect(figures.humanDelay).toMatchObject({ count: 4, median: 1791, p90: 21_591 });
  });

  it('of none there is no share and no median', () => {
    const none = figuresOf([], () => ALWAYS, NOW);
    expect([none.metShare, none.firstTouch.median, none.systemDelay.count]).toEqual([null, null, 0]);
  });

  it('by name; who is not known has a name of his own', () => {
    const byOwner = figuresBy(
      CLOCKS,
      ({ owner }) => owner,
      () => ALWAYS,
      NOW,
    );
    expect(Object.entries(byOwner).map(([name, { met, breached }]) => [name, met, breached])).toEqual([
      ['ann@acme.com', 2, 2],
      ['bob@acme.com', 1, 0],
      ['unknown', 0, 1],
    ]);
  });
});

it.each<[SlaClock, string]>([
  [later('a', 8 * HOUR + 20 * MINUTE), 'due in 2 h 20 min'],
  [clock('a'), '6 h late'],
  [touched('a', HOUR), 'call in time, 3 h left'],
  [touched('a', HOUR, { breachedAt: 4 * HOUR }), 'call in time, 3 h left, logged after the breach was told'],
  [touched('a', 5 * HOUR + 30 * MINUTE, { touch: 'claim' }), 'claim 1 h 30 min late'],
  [clock('a', { endedAt: HOUR, endedWhy: 'bought' }), 'bought before it was due'],
  [clock('a', { endedAt: 5 * HOUR, endedWhy: 'suppressed' }), 'suppressed, 1 h late'],
])('%# says in words how it stands', (one, words) => {
  expect(inWords(one, NOW)).toBe(words);
});

it.each([
  [30 * SECOND, '30 s'],
  [MINUTE, '1 min'],
  [HOUR + 5 * MINUTE, '1 h 5 min'],
  [DAY + 5 * MINUTE, '1 d'],
  [3 * DAY + 2 * HOUR, '3 d 2 h'],
])('%d ms are %s', (ms, words) => {
  expect(spanInWords(ms)).toBe(words);
});

describe('what is asked for', () => {
  const ask = (over: object = {}, reportByOwner = false) =>
    slaReport(
      async () => CLOCKS,
      { sla: [], reportByOwner },
      { owner: null, tier: null, state: null, since: 0, limit: 2, ...over },
      NOW,
    );

  it('lists what runs, what is due first first', async () => {
    const report = await ask();
    expect(report.clocks.map(({ account, state }) => [account, state])).toEqual([
      ['never', 'breached'],
      ['due soon', 'due_soon'],
    ]);
    expect(report.more).toBe(true);
  });

  it('or what stands so; the figures are of all', async () => {
    const report = await ask({ state: 'breached', limit: 10 });
    expect(report.clocks.map(({ account }) => account)).toEqual(['never', 'in 6 hours', 'cooled too late']);
    expect([report.more, report.figures?.met, Object.keys(report.byTier)]).toEqual([
      false,
      3,
      ['burning', 'hot'],
    ]);
  });

  it('people are compared only where report_by_owner says so', async () => {
    expect((await ask()).byOwner).toBeNull();
    expect(await ask({ owner: 'ann@acme.com' })).toMatchObject({ figures: null, byTier: {}, byPromise: {} });
    expect((await ask({ owner: 'ann@acme.com' }, true)).figures?.met).toBe(3);
    expect(Object.keys((await ask()).byPromise)).toEqual(['four']);
    expect(Object.keys((await ask({}, true)).byOwner ?? {})).toContain('bob@acme.com');
  });

  it.each([
    ['30d', 40 * DAY, 10 * DAY],
    ['2026-03-01', 0, Date.parse('2026-03-01T00:00:00Z')],
    ['0d', 0, null],
    ['soon', 0, null],
  ])('since %s', (text, now, since) => {
    expect(parseSince(text, now)).toBe(since);
  });
});
