import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readHandoff } from '../../../../src/decide/handoff/read.ts';
import { plainFacts } from '../../../../src/score/compile/known.ts';
import { formatProblem } from '../../../../src/shared/config-file.ts';
import { HOUR } from '../../../../src/shared/time.ts';
import { shippedSignals } from '../../../support/shipped.ts';

const REST = `
sla: [{ id: any, within: 24 hours }]
plays: [{ tier: any, template: mql, members: { active_within_days: 30, at_most: 25 } }]
`;
const ROUTES = 'routes: [{ id: rest, to: SDR, why: everybody else }]';

function read(head: string, routes = ROUTES) {
  return readHandoff('handoff.yaml', `${head}\n${routes}${REST}`, {
    tiers: ['mql'],
    others: [],
    templates: ['mql'],
    flags: [],
    segments: [],
    model: { signals: shippedSignals().signals, facts: plainFacts, other: () => undefined },
  });
}

function problems(head: string, routes = ROUTES): string[] {
  const result = read(head, routes);
  return result.ok ? [] : result.error.map(formatProblem);
}

const PEOPLE = `people:
  - { email: Ann@acme.example, name: Ann, manager: meg@acme.example, a_week: 10, out: [{ from: 2026-08-03, to: 2026-08-14 }], hours: office }
  - { email: meg@acme.example }
hours: { office: { timezone: Europe/Berlin, open: { mon-fri: 09:00-17:00 } } }
`;

it('people and pools are read, addresses in small letters, with the hours that they name', () => {
  const result = read(`${PEOPLE}pools:\n  sdr: { people: [ann@ACME.example], a_week: 50 }\n`);
  const handed = result.ok ? result.value.team : null;
  expect(handed?.pools.get('sdr')).toEqual({
    id: 'sdr',
    people: ['ann@acme.example'],
    pick: 'round_robin',
    aWeek: 50,
  });
  expect(handed?.people.get('ann@acme.example')).toMatchObject({
    name: 'Ann',
    manager: 'meg@acme.example',
    aWeek: 10,
    out: [{ from: '2026-08-03', to: '2026-08-14' }],
  });
  expect(handed?.people.get('ann@acme.example')?.hours.offset(Date.UTC(2026, 0, 1))).toBe(HOUR);
});

it('the examples in the comments of the shipped file are valid', () => {
  const shipped = readFileSync('mappings/handoff.yaml', 'utf8').split('\n');
  const begin = shipped.findIndex((line) => line.startsWith('#   people:'));
  const end = shipped.findIndex((line, i) => i > begin && !line.startsWith('#   '));
  const example = shipped.slice(begin, end).map((line) => line.slice('#   '.length));
  const hours = 'hours: { office: { timezone: UTC, open: { mon-fri: 09:00-17:00 } } }\n';
  const result = read(`${hours}${example.join('\n')}`);
  expect(result.ok ? [...result.value.team.people.keys()] : result.error.map(formatProblem)).toEqual([
    'ann@acme.com',
    'bo@acme.com',
    'meg@acme.com',
  ]);
});

it('without people a pool may name anybody, and a route a pool or somebody', () => {
  const pools = 'pools: { ae: { people: [zoe@acme.example], pick: least_loaded } }';
  const route = (owner: string) => `routes: [{ id: rest, to: SDR, why: everybody else, owner: ${owner} }]`;
  const owners = ['{ pool: ae }', 'zoe@acme.example'].map((owner) => {
    const result = read(pools, route(owner));
    return result.ok ? result.value.routes[0]?.owner : problems(pools, route(owner));
  });
  expect(owners).toEqual([{ pool: 'ae' }, 'zoe@acme.example']);
});

describe('what cannot be meant is refused with file, line, what was found and what is allowed (I11)', () => {
  const pools = (inside: string) => `${PEOPLE}pools:\n  sdr: ${inside}\n`;
  it.each<[string, string, string, string]>([
    [
      'somebody of a pool who is not one of people',
      pools('{ people: [anne@acme.example] }'),
      'pools.sdr.people.0: found "anne@acme.example"; allowed: one of people',
      'did you mean "ann@acme.example"',
    ],
    ['a pool with nobody in it', pools('{ people: [] }'), 'pools.sdr.people: found', 'at least one entry'],
    [
      'somebody twice in a pool, in whatever case',
      pools('{ people: [ann@acme.example, ANN@acme.example] }'),
      'pools.sdr.people.1: found "ANN@acme.example"',
      'does not name before',
    ],
    [
      'no room for a single task',
      pools('{ people: [ann@acme.example], a_week: 0 }'),
      'pools.sdr.a_week: found 0',
      'from 1',
    ],
    [
      'an unknown way to pick',
      pools('{ people: [ann@acme.example], pick: random }'),
      'pools.sdr.pick: found "random"',
      'steady',
    ],
    [
      'a name that no mapping could say',
      `${PEOPLE}pools:\n  S-DR: { people: [ann@acme.example] }\n`,
      'S-DR',
      'a name under',
    ],
    [
      'somebody twice among people',
      'people: [{ email: ann@acme.example }, { email: Ann@acme.example }]\n',
      'people.1.email: found "Ann@acme.example"',
      'not named before',
    ],
    [
      'a manager who is not one of people',
      'people: [{ email: ann@acme.example, manager: boss@acme.example }]\n',
      'people.0.manager: found "boss@acme.example"',
      'one of people',
    ],
    [
      'a manager of themselves',
      'people: [{ email: ann@acme.example, manager: ANN@acme.example }]\n',
      'people.0.manager: found "ANN@acme.example"',
      'somebody else',
    ],
    [
      'a last day before the first',
      'people: [{ email: ann@acme.example, out: [{ from: 2026-08-14, to: 2026-08-03 }] }]\n',
      'people.0.out.0.to: found "2026-08-03"',
      'not before the first, 2026-08-14',
    ],
    [
      'a day that the calendar lacks',
      'people: [{ email: ann@acme.example, out: [{ from: 2026-02-30, to: 2026-03-01 }] }]\n',
      'people.0.out.0.from: found "2026-02-30"',
      'calendar',
    ],
    [
      'hours that nobody wrote',
      'people: [{ email: ann@acme.example, hours: ofice }]\nhours: { office: { timezone: UTC, open: { mon: 09:00-17:00 } } }\n',
      'people.0.hours: found "ofice"',
      'did you mean "office"',
    ],
    [
      'an address that is none',
      'people: [{ email: ann }]\n',
      'people.0.email: found "ann"',
      'an e-mail address',
    ],
    [
      'no tasks a week',
      'people: [{ email: ann@acme.example, a_week: 0 }]\n',
      'people.0.a_week: found 0',
      'from 1',
    ],
  ])('%s', (_title, head, found, allowed) => {
    const all = problems(head);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatch(/^handoff\.yaml:\d+ /);
    expect(all[0]).toContain(found);
    expect(all[0]).toContain(allowed);
  });

  it.each([
    [
      'a pool that there is none of',
      '{ pool: sdrs }',
      'routes.0.owner.pool: found "sdrs"',
      'did you mean "sdr"',
    ],
    [
      'somebody who is not one of people',
      'zoe@acme.example',
      'routes.0.owner: found "zoe@acme.example"',
      'one of people',
    ],
    ['neither', 'sdr', 'routes.0.owner: found "sdr"', '{ pool: sdr }'],
  ])('a route to %s', (_title, owner, found, allowed) => {
    const routes = `routes: [{ id: rest, to: SDR, why: everybody else, owner: ${owner} }]`;
    const all = problems(pools('{ people: [ann@acme.example] }'), routes);
    expect(all).toHaveLength(1);
    expect(all[0]).toContain(found);
    expect(all[0]).toContain(allowed);
  });
});
