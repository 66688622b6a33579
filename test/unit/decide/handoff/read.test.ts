import { describe, expect, it } from 'vitest';
import { readHandoff } from '../../../../src/decide/handoff/read.ts';
import { plainFacts } from '../../../../src/score/compile/known.ts';
import { HOUR } from '../../../../src/shared/time.ts';
import { shippedSignals } from '../../../support/shipped.ts';

const KNOWS = {
  tiers: ['hot', 'burning'],
  others: ['mql'],
  templates: ['mql', 'limit', 'second'],
  flags: ['self_serve_only'],
  segments: ['enterprise'],
  model: { signals: shippedSignals().signals, facts: plainFacts, other: () => undefined },
};

const ROUTES = 'routes: [{ id: rest, to: SDR, why: everybody else }]\n';

const PLAYS = `plays:
  - { tier: any, template: mql, members: { active_within_days: 30, at_most: 25 } }
`;

const read = (head: string, knows: Partial<typeof KNOWS> = {}) =>
  readHandoff('handoff.yaml', `${head}${head.includes('routes:\n') ? '' : ROUTES}${PLAYS}`, {
    ...KNOWS,
    ...knows,
  });

/** `line path: found -> allowed` of each problem. */
function problems(head: string): string[] {
  const result = read(head);
  return result.ok
    ? []
    : result.error.map(({ line, path, found, allowed }) => `${line} ${path}: ${found} -> ${allowed}`);
}

describe('working hours', () => {
  it('are spans of each weekday, in order, by the clock of a zone', () => {
    const result = read(`hours:
  office:
    timezone: America/New_York
    open: { mon-fri: "13:00-17:30, 09:00-12:00", sun: 10:00-24:00 }
    holidays: [2026-12-25]
sla:
  - { id: any, within: 8 hours, hours: office, warn_at: 50 % }
`);
    const [rule] = result.ok ? result.value.sla : [];
    const weekday = [
      { from: 540, to: 720 },
      { from: 780, to: 1050 },
    ];
    expect(rule?.hours.weekdays).toEqual([
      ...Array.from({ length: 5 }, () => weekday),
      [],
      [{ from: 600, to: 1440 }],
    ]);
    expect([...(rule?.hours.holidays ?? [])]).toEqual(['2026-12-25']);
    expect(rule?.hours.offset(Date.parse('2026-01-01T00:00:00Z'))).toBe(-5 * HOUR);
    expect(rule).toMatchObject({ id: 'any', within: 8, warnAt: 0.5 });
  });

  it('over the weekend are named by their first and last day', () => {
    const result = read(`hours:
  night: { timezone: UTC, open: { fri-mon: 00:00-24:00 } }
sla: [{ id: any, within: 1 hour, hours: night }]
`);
    const open = result.ok ? result.value.sla[0]?.hours.weekdays.map((spans) => spans.length) : [];
    expect(open).toEqual([1, 0, 0, 0, 1, 1, 1]);
  });

  const office = (open: string, more = '') => `hours:
  office: { timezone: Europe/Berlin, open: ${open}${more} }
sla: [{ id: any, within: 8 hours, hours: office }]
`;
  it.each([
    ['a calendar without hours', office('{}'), 'no hours', 'some hours'],
    [
      'a zone that is none',
      office('{ mon: 09:00-17:00 }').replace('Berlin', 'Berlni'),
      'Europe/Berlni',
      'IANA',
    ],
    ['an end before its beginning', office('{ mon: 22:00-06:00 }'), '22:00-06:00', 'two parts of two days'],
    ['hours twice for one day', office('{ mon-fri: 09:00-17:00, wed: 16:00-20:00 }'), 'wed', 'no other line'],
    ['hours twice within a day', office('{ mon: "09:00-12:00, 11:00-17:00" }'), 'mon', 'no other line'],
    ['a time that is none', office('{ mon: 9-17 }'), '9-17', '09:00-17:30'],
    ['a day that is none', office('{ monday: 09:00-17:00 }'), 'monday', 'mon-fri'],
    [
      'a holiday that is none',
      office('{ mon: 09:00-17:00 }', ', holidays: [2026-02-30]'),
      '2026-02-30',
      'calendar has',
    ],
  ])('%s', (_title, head, found, allowed) => {
    const all = problems(head);
    expect(all).toHaveLength(1);
    expect(all[0]).toContain(found);
    expect(all[0]).toContain(allowed);
    expect(all[0]).toMatch(/^2 hours\.office/);
  });
});

describe('promises', () => {
  it.each([
    ['an unknown tier', '{ id: a, tiers: [hto], within: 1 hour }', 'sla.0.tiers.0: "hto" -> '],
    [
      'an unknown signal',
      '{ id: a, signals: [contact_sale], within: 1 hour }',
      'sla.0.signals.0: "contact_sale"',
    ],
    ['a place where no route goes', '{ id: a, routes: [AE], within: 1 hour }', 'sla.0.routes.0: "AE"'],
    ['hours that nobody wrote', '{ id: a, within: 1 hour, hours: office }', 'sla.0.hours: "office"'],
    ['an id that there is already', '{ id: any, within: 1 hour }', 'sla.1.id: "any"'],
    ['a share above all', '{ id: a, within: 1 hour, warn_at: 120 % }', 'sla.0.warn_at: "120 %"'],
    ['time without a unit', '{ id: a, within: 4 }', 'sla.0.within: 4'],
    [
      'passing on to a word that nobody knows',
      '{ id: a, within: 1 hour, escalate: { after: 1 hour, to: next owner } }',
      'sla.0.escalate.to: "next owner"',
    ],
    [
      'passing on at no time',
      '{ id: a, within: 1 hour, escalate: { to: next_owner } }',
      'sla.0.escalate.after',
    ],
  ])('%s is refused with its place', (_title, rule, expected) => {
    const any = '{ id: any, within: 24 hours }';
    const order = rule.includes('id: any') ? [any, rule] : [rule, any];
    const all = problems(`sla:\n${order.map((one) => `  - ${one}\n`).join('')}`);
    expect(all).toHaveLength(1);
    expect(all[0]).toContain(expected);
  });

  it('are passed on to the next owner or to somebody by e-mail, or not at all; owners are not compared unless asked for', () => {
    const result = read(`sla:
  - { id: a, within: 1 hour, escalate: { after: 0 hours, to: next_owner } }
  - { id: b, within: 2 hours, escalate: { after: 2 hours, to: lead@acme.com } }
  - { id: c, within: 3 hours }
`);
    const { sla, reportByOwner } = result.ok ? result.value : { sla: [], reportByOwner: null };
    expect(sla.map(({ escalate }) => escalate)).toEqual([
      { after: 0, to: 'next_owner' },
      { after: 2, to: 'lead@acme.com' },
      null,
    ]);
    expect(reportByOwner).toBe(false);
  });

  it('a tier for which only some signals have one is refused: its task would have no deadline', () => {
    expect(
      problems(`sla:
  - { id: buying, signals: buying, within: 2 hours }
  - { id: burning, tiers: [burning], within: 4 hours }
`),
    ).toEqual([
      '1 sla: "no promise for hot whatever set the crossing off" -> one without signals and routes for hot',
    ]);
  });

  it('tiers of other models may be named; where the champion is broken nobody knows', () => {
    expect(problems('sla: [{ id: a, tiers: [mql], within: 1 hour }, { id: b, within: 2 hours }]\n')).toEqual(
      [],
    );
    const broken = read('sla: [{ id: a, tiers: [nobody_knows], within: 1 hour }]\n', {
      tiers: null as never,
    });
    expect(broken.ok).toBe(true);
  });
});

describe('holds', () => {
  it.each([
    ['two of one id', '{ id: a, why: a, when: { trait: x, equals: 1 } }', 'holds.1.id: "a"'],
    ['an unknown signal', '{ id: b, why: b, when: { last: nobody, within: 3 days } }', 'holds.1.when.last'],
    ['a gate of a model', '{ id: b, why: b, when: { gate: icp } }', 'holds.1.when.gate'],
    ['no condition', '{ id: b, why: b }', 'holds.1.when'],
    [
      'the id of the holdout',
      '{ id: holdout, why: b, when: { trait: x, equals: 1 } }',
      'holds.1.id: "holdout"',
    ],
  ])('%s: refused with its place', (_title, hold, expected) => {
    const all = problems(`sla: [{ id: any, within: 24 hours }]
holds:
  - { id: a, why: a, when: { trait: customer, equals: true } }
  - ${hold}
`);
    expect(all.map((one) => one.split(' -> ')[0])).toEqual([expect.stringContaining(expected)]);
  });
});

describe('routes', () => {
  const SLA = 'sla: [{ id: any, within: 24 hours }]\n';
  const rest = '{ id: rest, to: SDR, why: rest }';
  const routes = (...lines: string[]) => `${SLA}routes:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
  const first = (asks: string) => [`{ id: a, to: AE, why: a, ${asks} }`, rest];

  it.each([
    [
      'two of one id',
      [...first('tiers: [hot]').slice(0, 1), '{ id: a, to: SDR, why: a }'],
      'routes.1.id: "a"',
    ],
    ['an unknown tier', first('tiers: [hto]'), 'routes.0.tiers.0: "hto"'],
    ['an unknown flag', first('flags: [icp]'), 'routes.0.flags.0: "icp"'],
    ['an unknown flag that must be absent', first('without_flags: [icp]'), 'routes.0.without_flags.0: "icp"'],
    ['an unknown segment', first('segments: [smb]'), 'routes.0.segments.0: "smb"'],
    ['an unknown signal', first('signals: [limit]'), 'routes.0.signals.0: "limit"'],
    [
      'an unknown signal in a condition',
      first('when: { signal: limit, window: 7 days }'),
      'routes.0.when.signal',
    ],
    [
      'a rule of a model, which other models lack',
      first('when: { rule: company_size }'),
      'routes.0.when.rule',
    ],
    ['one above others that asks for nothing', [rest, '{ id: a, to: AE, why: a }'], 'routes.0: "rest"'],
    ['none for everybody else', first('tiers: [hot]').slice(0, 1), 'routes.0: "a"'],
    ['no reason', ['{ id: a, to: AE, tiers: [hot] }', rest], 'routes.0.why'],
  ])('%s: refused with its place', (_title, lines, expected) => {
    const all = problems(routes(...lines));
    expect(all.map((one) => one.split(' -> ')[0])).toEqual([expect.stringContaining(expected)]);
  });
});

describe('texts (S2-127)', () => {
  const SLA = 'sla: [{ id: any, within: 24 hours }]\n';
  const by = (rule: string) => `${SLA}texts:\n  by:\n    - ${rule}\n`;

  it.each([
    [
      'a template that is not there',
      by('{ template: limt, signals: buying }'),
      '4 texts.by.0.template: "limt"',
    ],
    ['an unknown signal', by('{ template: limit, signals: [limit] }'), '4 texts.by.0.signals.0: "limit"'],
    ['a place where no route goes', by('{ template: limit, routes: [CSM] }'), '4 texts.by.0.routes.0: "CSM"'],
    ['an unknown tier', by('{ template: limit, tiers: [hto] }'), '4 texts.by.0.tiers.0: "hto"'],
    ['a word of ours without a name', `${SLA}texts: { our: { Upgrade Link: x } }\n`, '2 texts.our'],
    [
      'two plans of one id',
      `${SLA}texts: { plans: [{ id: Pro, name: A }, { id: pro, name: B }] }\n`,
      '2 texts.plans.1.id: "pro"',
    ],
    ['a plan without a name', `${SLA}texts: { plans: [{ id: pro }] }\n`, '2 texts.plans.0.name'],
  ])('%s: refused with its place', (_title, head, expected) => {
    expect(problems(head).map((one) => one.split(' -> ')[0])).toEqual([expect.stringContaining(expected)]);
  });

  it('are none, and a crossing has one touch, where the file says nothing of them', () => {
    const result = read(SLA);
    expect(result.ok && result.value).toMatchObject({
      texts: { our: {}, names: {}, plans: [], by: [] },
      touches: [{ after: 0, template: null }],
    });
  });
});

describe('touches (X-40)', () => {
  const SLA = 'sla: [{ id: any, within: 24 hours }]\n';
  const touches = (...lines: string[]) => `${SLA}touches:\n${lines.map((one) => `  - ${one}\n`).join('')}`;
  const FIRST = '{ after: 0 days }';

  it.each([
    ['none', `${SLA}touches: []\n`, 'touches: '],
    ['a first one that waits', touches('{ after: 1 day }'), 'touches.0.after: "1 days"'],
    [
      'a first one with a text of its own',
      touches('{ after: 0 days, template: mql }'),
      'touches.0.template: "mql"',
    ],
    ['two at once', touches(FIRST, '{ after: 0 days, template: second }'), 'touches.1.after: "0 days"'],
    ['a later one without a text', touches(FIRST, '{ after: 3 days }'), 'touches.1: "no template"'],
    [
      'a text that is not there',
      touches(FIRST, '{ after: 3 days, template: secnd }'),
      'touches.1.template: "secnd"',
    ],
    ['a time without a unit', touches(FIRST, '{ after: 3, template: second }'), 'touches.1.after: '],
    [
      'ten',
      touches(FIRST, ...Array.from({ length: 9 }, () => '{ after: 3 days, template: second }')),
      'touches: ',
    ],
  ])('%s: refused with its place', (_title, head, expected) => {
    expect(problems(head).map((one) => one.split(' -> ')[0])).toEqual([expect.stringContaining(expected)]);
  });
});

describe('alerts', () => {
  const SLA = 'sla: [{ id: any, within: 8 hours }]\n';

  it('are off without a section, and have limits without being asked', () => {
    const off = read(SLA);
    expect(off.ok && off.value.alerts).toBeNull();
    const on = read(`${SLA}alerts: { default: C0123456789, owners: { Ann@Crm.Example: U0123456789 } }\n`);
    expect(on.ok && on.value.alerts).toEqual({
      channels: [],
      fallback: { channel: 'C0123456789', quiet: false },
      perHour: 30,
      rollUp: { from: 6, within: 600_000 },
      owners: new Map([['ann@crm.example', 'U0123456789']]),
    });
  });

  it.each([
    ['{ default: "#sales" }', 'alerts.default: "#sales" -> The id of a channel'],
    ['{ default: C0123456789, channels: [{ id: a, channel: C0123456780, tiers: [hott] }] }', '"hott"'],
    ['{ default: C0123456789, channels: [{ id: a, channel: C0123456780, routes: [AEE] }] }', '"AEE"'],
    [
      '{ default: C0123456789, channels: [{ id: a, channel: C0123456780 }, { id: a, channel: C0123456781 }] }',
      'an id that no other channel has',
    ],
    ['{ default: C0123456789, owners: { Ann: U0123456789 } }', 'the e-mail address of an owner'],
    ['{ default: C0123456789, owners: { a@b.example: ann } }', 'The id of a Slack user'],
    ['{ default: C0123456789, roll_up: { from: 1, within: 10 minutes } }', 'alerts.roll_up.from'],
    ['{ default: C0123456789, roll_up: { from: 6, within: soon } }', 'In how many minutes'],
  ])('%s is refused with its line', (section, words) => {
    const found = problems(`${SLA}alerts: ${section}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(words);
    expect(found[0]).toMatch(/^2 /);
  });
});
