import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { countsFor, definitionOf, reachOf } from '../../../src/accounts/signal-info.ts';
import { readSignals } from '../../../src/accounts/signal-plan.ts';
import { signalsSchema } from '../../../src/accounts/signals-config.ts';
import { FINE_DAYS, FINE_FIRST_DAYS, FIRST_DAYS_MAX } from '../../../src/accounts/state.ts';
import type { JsonObject } from '../../../src/shared/json.ts';
import { event } from '../../support/event.ts';
import { catalogue, signalIn, wrongs } from '../../support/measured.ts';
import { shippedSignals, shippedText } from '../../support/shipped.ts';

const A = 'a: { events: [A], count: each }';
const B = 'b: { events: [B], count: distinct value, of: mail }';

describe('names of events', () => {
  const gives = (signal: string, name: string | null, over: object = {}) =>
    catalogue(`s: ${signal}`)
      .matches(event({ name, ...over }))
      .some((hit) => hit.signal === 's');

  it.each([
    ['Limit *', 'Limit Reached', true],
    ['Limit *', 'user_limit_breach_attempted', true],
    ['Limit *', 'Unlimited', false],
    ['* Viewed', 'Pricing Page Viewed', true],
    ['* Viewed', 'Viewed Pricing', false],
    ['Report * Shared *', 'report_weekly_shared_externally', true],
    ['Report * Shared *', 'Report Shared', true],
    ['a*a', 'a', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*bc*bc', 'abc', false],
    ['*', 'Anything', true],
    ['A.C', 'ABC', false],
  ])('the pattern %j takes %j: %s', (pattern, name, taken) => {
    expect(gives(`{ events: [${JSON.stringify(pattern)}], count: each }`, name)).toBe(taken);
  });

  it.each([
    ['page', 'Pricing', {}, true],
    ['page', null, { path: '/pricing/teams' }, true],
    ['page', 'Home', { path: '/' }, false],
    ['track', 'Pricing', {}, false],
    ['track', 'Other', { path: '/pricing' }, false],
    ['identify', 'Pricing', {}, false],
  ] as const)(
    'a %s called %j with %j counts for pages by name or path: %s',
    (kind, name, properties, taken) => {
      const signal = '{ events: [Pricing, "/pricing*"], kinds: [page], count: each }';
      expect(gives(signal, name, { kind, properties })).toBe(taken);
    },
  );

  it('a page that fits by name and by path counts once', () => {
    const plan = catalogue('s: { events: [Pricing, "/pricing*"], kinds: [page, screen], count: each }');
    const page = event({ kind: 'page', name: 'Pricing', properties: { path: '/pricing' } });
    expect(plan.matches(page).filter(({ signal }) => signal === 's')).toHaveLength(1);
  });

  it('activity: true counts what counts as activity, and passes the same filters', () => {
    const text = [
      'activity: { ignore: [Heartbeat] }',
      'signals: { s: { activity: true, where: { app: { equals: web } }, count: distinct days } }',
    ].join('\n');
    const read = readSignals('s.yaml', text);
    const hits = (name: string, properties: JsonObject) =>
      read.ok && read.value.matches(event({ name, properties })).some(({ signal }) => signal === 's');
    expect([hits('X', { app: 'Web' }), hits('X', {}), hits('Heartbeat', { app: 'web' })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('property filters (S1-91)', () => {
  const passes = (filter: string, properties: JsonObject) =>
    catalogue(`s: { events: [X], count: each, where: { p: { ${filter} } } }`)
      .matches(event({ name: 'X', properties }))
      .some(({ signal }) => signal === 's');

  it.each<[string, JsonObject, boolean]>([
    ['at_most: 5', { p: 5 }, true],
    ['at_most: 5', { p: '5.1' }, false],
    ['at_most: 5', {}, false],
    ['between: [10, 50]', { p: 10 }, true],
    ['between: [10, 50]', { p: ' 50 ' }, true],
    ['between: [10, 50]', { p: 50.1 }, false],
    ['between: [10, 50]', { p: 'ten' }, false],
    ['not: { equals: free }', { p: 'Pro' }, true],
    ['not: { equals: free }', { p: ' FREE ' }, false],
    ['not: { equals: free }', {}, true],
    ['not: { in: [1, 2] }', { p: '2' }, false],
    ['not: { exists: true }', { p: null }, true],
    ['not: { between: [1, 2] }', { p: 3 }, true],
    ['matches: "^sso$"', { p: ' SSO ' }, true],
    ['matches: "^sso$"', { p: 'sso setup' }, false],
    ['matches: "sso|saml"', { p: 'Help with SAML' }, true],
    ['matches: "^4\\\\d\\\\d$"', { p: 404 }, true],
    ['matches: "true"', { p: true }, true],
    ['matches: "."', { p: ['a'] }, false],
    ['matches: "."', {}, false],
    ['not: { matches: "@gmail[.]com$" }', { p: 'ann@work.example' }, true],
  ])('%s over %j passes: %s', (filter, properties, expected) => {
    expect(passes(filter, properties)).toBe(expected);
  });

  it('S1-21: several properties must pass together', () => {
    const plan = catalogue(
      'tasks: { events: [Task Created], where: { assignee: { exists: true }, due: { exists: true } }, count: each }',
      'rich_dashboards: { events: [Dashboard Saved], where: { charts: { at_least: 3 } }, count: each }',
    );
    const hits = (name: string, properties: JsonObject) => plan.matches(event({ name, properties })).length;
    const [none] = [hits('Task Seen', {})];
    expect(hits('Task Created', { assignee: 'ann', due: '2026-04-01' })).toBe(none + 1);
    expect(hits('Task Created', { assignee: 'ann' })).toBe(none);
    expect(hits('Dashboard Saved', { charts: 3 })).toBe(none + 1);
    expect(hits('Dashboard Saved', { charts: 2 })).toBe(none);
  });

  it('a regular expression looks at the first 1,000 characters', () => {
    const text = `${'x'.repeat(999)}yz`;
    expect([passes('matches: y', { p: text }), passes('matches: z', { p: text })]).toEqual([true, false]);
  });

  it('an expression that would backtrack for ever elsewhere takes its time in line with the text', () => {
    const plan = catalogue('s: { events: [X], count: each, where: { p: { matches: "^(a+)+$" } } }');
    const evil = event({ name: 'X', properties: { p: `${'a'.repeat(900)}!` } });
    const start = performance.now();
    for (let i = 0; i < 50; i++) {
      expect(plan.matches(evil).some(({ signal }) => signal === 's')).toBe(false);
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it.each([
    [
      'matches: "(?=a)b"',
      'found "(?=a)b"',
      'without backreferences and lookaround (invalid or unsupported Perl syntax',
    ],
    [
      'matches: "(a)\\\\1"',
      'found "(a)\\\\1"',
      'without backreferences and lookaround (invalid escape sequence',
    ],
    ['matches: "(["', 'found "(["', 'missing closing ]'],
    ['matches: "(.{200}a){4}"', 'found "(.{200}a){4}"', 'a shorter expression: this one repeats too much'],
    ['not: { matches: "(?<!a)b" }', 'where.p.not.matches:', 'without backreferences and lookaround'],
    ['between: [5, 1]', 'where.p.between: found [5,1]', 'the smaller number first'],
    [
      'not: { equals: 1, in: [2] }',
      'where.p.not: found {"equals":1,"in":[2]}',
      'exactly one of equals, in, exists, at_least, at_most, between, matches',
    ],
    [
      'not: { not: { equals: 1 } }',
      'unknown key "not"',
      'equals, in, exists, at_least, at_most, between, matches',
    ],
    [`matches: ${'x'.repeat(201)}`, 'where.p.matches', 'at most 200 characters'],
  ])('%s is refused with its line and the reason', (filter, found, allowed) => {
    const [problem = '', ...more] = wrongs(
      'ok: { events: [Y], count: each }',
      `s: { events: [X], count: each, where: { p: { ${filter} } } }`,
    );
    expect(more).toEqual([]);
    expect(problem).toMatch(/^s\.yaml:3 signals\.s\.where\.p/);
    expect(problem).toContain(found);
    expect(problem).toContain(allowed);
  });
});

describe('what contradicts itself is refused, each with its line (I11)', () => {
  const SUM = 'total: { events: [A], count: sum, of: n }';
  const NUMBER = 'share: { ratio: { of: a, to: b } }';
  const rows: [string, string, string][] = [
    ['s: { events: [A] }', 'count: found nothing', 'once, each, distinct value'],
    [
      's: { any_of: [a, b] }',
      'count: found nothing',
      'once, each, distinct users, distinct days, consecutive days',
    ],
    [
      's: { any_of: [a, b], count: sum }',
      'count: found "sum"',
      'once, each, distinct users, distinct days, consecutive days',
    ],
    ['s: { became_active: { invited: b }, count: each }', 'count: found "each"', 'distinct users, once'],
    [
      's: { ratio: { of: a, to: b }, count: each }',
      'count: found "each"',
      'nothing: some_of, ratio and trend are numbers themselves',
    ],
    [
      's: { events: [A], any_of: [a, b], count: each }',
      'signals.s: found "a signal"',
      'exactly one of events, activity',
    ],
    ['s: { events: ["User *"], count: each }', 'events.0: found "User *"', 'letters beside the *'],
    ['s: { activity: true, kinds: [page], count: each }', 'kinds: found ["page"]', 'nothing beside activity'],
    ['s: { any_of: [a, b], recent: 20, count: each }', 'recent: found 20', 'nothing beside any_of'],
    ['s: { any_of: [a, b], of: mail, count: each }', 'of: found "mail"', 'nothing beside any_of'],
    [
      's: { some_of: [a, b], during: { from: "09:00", to: "10:00" } }',
      'during: found',
      'nothing beside some_of',
    ],
    ['s: { events: [A], recent: 501, count: each }', 'recent: found 501', 'at most 500'],
    [
      's: { events: [A], count: each, during: { from: "17:00", to: "09:00" } }',
      'during.to: found "09:00"',
      'a time after 17:00, up to "24:00"',
    ],
    [
      's: { events: [A], count: each, during: { from: "9", to: "10:00" } }',
      'during.from: found "9"',
      'a time of day on a quarter of an hour',
    ],
    [
      's: { events: [A], count: each, during: { from: "09:10", to: "10:00" } }',
      'during.from: found "09:10"',
      'a time of day on a quarter of an hour',
    ],
    [
      's: { events: [A], count: distinct value, of: x, during: { from: "09:00", to: "10:00" } }',
      'count: found "distinct value"',
      'another count beside during',
    ],
    [
      's: { sequence: { steps: [a, bb], within: 24 hours }, count: once }',
      'sequence.steps.1: found "bb"',
      'the id of a signal counted from events, without during: a, b, total, local, activity',
    ],
    [
      's: { sequence: { steps: [a, a], within: 24 hours }, count: once }',
      'sequence.steps.1: found "a"',
      'a signal that is not in the list already',
    ],
    [
      's: { sequence: { steps: [a], within: 24 hours }, count: once }',
      'sequence.steps: found ["a"]',
      'at least 2 signals',
    ],
    [
      's: { sequence: { steps: [a, b], within: 24 }, count: once }',
      'sequence.within: found 24',
      'a length of time with its unit',
    ],
    [
      's: { became_active: { invited: a }, count: once }',
      'became_active.invited: found "a"',
      'the id of a signal with count: distinct value: b',
    ],
    [
      's: { any_of: [a, total], count: each }',
      'any_of.1: found "total"',
      'the id of a signal that is no any_of, some_of, ratio or trend, and no sum',
    ],
    [
      's: { some_of: [a, share] }',
      'some_of.1: found "share"',
      'the id of a signal that is no some_of, ratio or trend',
    ],
    [
      's: { ratio: { of: share, to: a } }',
      'ratio.of: found "share"',
      'the id of a signal that is no some_of, ratio or trend',
    ],
    ['s: { ratio: { of: a, to: b, at_least_to: 0 } }', 'ratio.at_least_to: found 0', 'more than 0'],
    ['s: { trend: { of: b, days: 7 } }', 'trend.of: found "b"', 'and no distinct value'],
    [
      's: { trend: { of: a, days: 201 } }',
      'trend.days: found 201',
      'at most 200 days, twice of which is known',
    ],
    [
      's: { trend: { of: local, days: 47 } }',
      'trend.days: found 47',
      'at most 46 days, twice of which is known',
    ],
    [
      's: { any_of: [a, local], count: distinct days }',
      'any_of: found ["a","local"]',
      'signals that all count days of UTC, or all local ones',
    ],
    [
      's: { any_of: [a, b], count: distinct days, days: local }',
      'days: found "local"',
      'the days are those of the signals it is made of',
    ],
    [
      's: { any_of: [a, s], count: each }',
      'any_of.1: found "s"',
      'the id of a signal that is no any_of, some_of, ratio or trend',
    ],
    [
      's: { any_of: [a, constructor], count: each }',
      'any_of.1: found "constructor"',
      'the id of a signal that is no any_of',
    ],
  ];
  it.each(rows)('%s', (line, found, allowed) => {
    const [problem = '', ...more] = wrongs(
      A,
      B,
      SUM,
      NUMBER,
      'local: { events: [A], count: each, days: local }',
      line,
    );
    expect(more).toEqual([]);
    expect(problem).toMatch(/^s\.yaml:7 /);
    expect(problem).toContain(found);
    expect(problem).toContain(allowed);
  });

  it('signals that go in a circle are refused at both ends', () => {
    const problems = wrongs(
      'a: { any_of: [b, x], count: each }',
      'b: { any_of: [a, x], count: each }',
      'x: { events: [X], count: each }',
    );
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(';')))).toEqual([
      's.yaml:2 signals.a.any_of.0: found "b"',
      's.yaml:3 signals.b.any_of.0: found "a"',
    ]);
  });

  it('a signal counted in work hours is no step: its zone may be told after the events', () => {
    const work = 'w: { events: [W], count: each, during: { from: "09:00", to: "17:00" } }';
    expect(wrongs(A, work, 's: { sequence: { steps: [a, w], within: 1 day }, count: each }')).toHaveLength(1);
  });

  it('a file of 5 MB is not even parsed', () => {
    const start = performance.now();
    const problems = wrongs(A, `# ${'x'.repeat(5_000_000)}`);
    expect(problems).toEqual([expect.stringContaining('at most 1000000 bytes')]);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('anchors that multiply are refused', () => {
    const bomb = [
      'x: &x { events: [X], count: each }',
      ...Array.from({ length: 9 }, (_, i) => `y${i}: &y${i} [${'*x, '.repeat(9)}*x]`),
    ];
    expect(wrongs(...bomb).join()).toMatch(/at most 100 uses of anchors|a section with keys/);
    const nested = Array.from(
      { length: 12 },
      (_, i) =>
        `y${i}: &y${i} [${
          i === 0
            ? '"x"'
            : Array(9)
                .fill(`*y${i - 1}`)
                .join(', ')
        }]`,
    );
    expect(wrongs(...nested).join()).toContain('at most 100 uses of anchors');
  });

  it('hundreds of signals that refer to hundreds are read in a moment', () => {
    const counted = Array.from({ length: 300 }, (_, i) => `c${i}: { events: [E${i}], count: each }`);
    const list = counted.map((_, i) => `c${i}`).join(', ');
    const unions = Array.from({ length: 200 }, (_, i) => `u${i}: { any_of: [${list}], count: each }`);
    const start = performance.now();
    expect(wrongs(...counted, ...unions)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('what the compiler of models may rely on', () => {
  const plan = catalogue(
    'a: { events: [A], count: each, recent: 50 }',
    B,
    'total: { events: [A], count: sum, of: n }',
    'local: { events: [A], count: distinct days, days: local }',
    'work: { activity: true, count: distinct days, during: { from: "09:00", to: "17:00" } }',
    'path: { sequence: { steps: [b, a], within: 1 day }, count: each }',
    'both: { some_of: [a, local] }',
    'share: { ratio: { of: a, to: total } }',
    'growth: { trend: { of: local, days: 7 } }',
  );
  const of = (id: string) => signalIn(plan, id);
  const WHOLE = {
    days: 400,
    firstDays: FIRST_DAYS_MAX,
    hours: 9600,
    lifetime: true,
    inHours: Number.POSITIVE_INFINITY,
  };
  const FINE = { ...WHOLE, days: FINE_DAYS, firstDays: FINE_FIRST_DAYS, lifetime: false, inHours: 8 };

  it.each([
    ['a', { ...WHOLE, inHours: 50 }],
    ['total', { ...WHOLE, hours: 0, inHours: 8 }],
    ['local', FINE],
    ['work', { ...FINE, hours: 0 }],
    ['path', { ...WHOLE, inHours: 50 }],
    ['both', FINE],
    ['share', { ...WHOLE, hours: 0, inHours: 8 }],
    ['growth', WHOLE],
  ])('how far back %s is known exactly', (id, reach) => {
    expect(reachOf(of(id))).toEqual(reach);
  });

  it.each([
    ['a', ['once', 'each', 'distinct users', 'distinct days', 'consecutive days']],
    ['b', ['once', 'each', 'distinct users', 'distinct days', 'consecutive days', 'distinct value']],
    ['total', ['sum', 'once', 'distinct users', 'distinct days', 'consecutive days']],
    ['both', ['number']],
  ])('in which ways %s can be counted', (id, counts) => {
    expect(countsFor(of(id))).toEqual(counts);
  });

  it('activity is always a signal', () => {
    expect(catalogue(A).signals.get('activity')).toMatchObject({
      count: 'each',
      source: { kind: 'counted' },
    });
  });

  it('the definition of a signal holds all that changes its number, and nothing else', () => {
    const other = catalogue(
      'a: { events: [A], count: each, recent: 50, trigger: true }',
      'aa: { events: [A], count: distinct days, recent: 50 }',
      'b: { events: [B], count: distinct value, of: mail, buying: true }',
      'path: { sequence: { steps: [b, a], within: 1 day }, count: each }',
      'far: { sequence: { steps: [b, a], within: 2 days }, count: each }',
    );
    expect(definitionOf(signalIn(other, 'path'))).toEqual(definitionOf(of('path')));
    expect(definitionOf(signalIn(other, 'far'))).not.toEqual({
      ...Object(definitionOf(of('path'))),
      id: 'far',
    });
  });

  it('signals that differ only in how they are counted share one tally, whatever the order of the file', () => {
    const lines = [
      'z: { events: [A], count: each }',
      'y: { events: [A], count: distinct days }',
      'x: { events: [A], count: each, recent: 9 }',
    ];
    for (const plan of [catalogue(...lines), catalogue(...lines.toReversed())]) {
      const kept = plan.matches(event({ name: 'A' })).filter(({ shared }) => !shared);
      expect(kept.map(({ signal }) => signal).sort()).toEqual(['activity', 'x', 'y']);
    }
  });

  it('the sign-up keeps its own name, so that `first N days` finds it', () => {
    const plan = catalogue(
      'signed_up: { events: [S], count: once }',
      'a: { events: [S], count: distinct users }',
    );
    expect(plan.matches(event({ name: 'S' })).find(({ shared }) => shared)?.signal).toBe('a');
  });

  it('what completes a trigger is one too: each of a union, the last step of a sequence', () => {
    const plan = catalogue(
      A,
      B,
      'c: { events: [C], count: each }',
      'path: { sequence: { steps: [a, b], within: 1 day }, count: once, trigger: true }',
      'either: { any_of: [b, c], count: once, buying: true }',
    );
    const ids = [...plan.signals.keys()].sort();
    expect(ids.filter(plan.isTrigger)).toEqual(['b', 'path']);
    expect(ids.filter(plan.isBuying)).toEqual(['b', 'c', 'either']);
  });
});

describe('the published schema of signals.yaml', () => {
  const schema = z.toJSONSchema(signalsSchema, { io: 'input' }) as JsonObject;

  it('describes every key that a person can write', () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      const { properties = {}, additionalProperties, items } = (node ?? {}) as Record<string, object>;
      for (const [key, child] of Object.entries(properties)) {
        if (!('description' in (child as object))) {
          bare.push(`${path}.${key}`);
        }
        visit(child, `${path}.${key}`);
      }
      for (const inner of [additionalProperties, items]) {
        if (typeof inner === 'object') {
          visit(inner, `${path}[]`);
        }
      }
    };
    visit(schema, 'signals.yaml');
    expect(bare).toEqual([]);
  });

  it('says that a signal has exactly one source', () => {
    expect(JSON.stringify(schema)).toContain('"oneOf":[{"required":["events"]},{"required":["activity"]}');
  });
});

describe('the shipped catalogue', () => {
  it.each(['S2-20', 'S2-72', 'S2-77', 'S2-84', 'S1-28', 'S1-92', 'S3-9', 'S3-48', 'X-31'])(
    'names %s',
    (id) => {
      expect(shippedText('signals.yaml')).toContain(id);
    },
  );

  it('has an example of every kind of signal', () => {
    const kinds = new Set([...shippedSignals().signals.values()].map(({ source }) => source.kind));
    expect([...kinds].sort()).toEqual([
      'abandoned',
      'any_of',
      'became_active',
      'counted',
      'ratio',
      'sequence',
      'some_of',
      'trend',
    ]);
  });
});
