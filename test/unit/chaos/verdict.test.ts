import { describe, expect, it } from 'vitest';
import type { Expected, ExpectedAccount } from '../../chaos/expected.ts';
import type { Found, FoundCrm } from '../../chaos/found.ts';
import { type Around, verdict } from '../../chaos/verdict.ts';

const EMAIL = 'u0@a.example';

const account: ExpectedAccount = {
  key: 'acct-a',
  name: 'Company A',
  domain: 'a.example',
  standing: { score: 90, tier: 'mql', points: {}, hasDepth: true },
  tally: 1003,
  reasons: ['240 employees (+15)'],
  qualified: true,
  people: [EMAIL],
  members: { must: [EMAIL], may: [EMAIL] },
};
const expected: Expected = { events: 5, accounts: new Map([['acct-a', account]]) };
const around: Around = {
  events: 5,
  discarded: [],
  deaths: [],
  stuck: null,
  migrations: { added: 1, applied: [1] },
};

function crm(): FoundCrm {
  const numbers = { score: 90, tier: 'mql' };
  return {
    companies: [
      {
        id: '1',
        key: 'acct-a',
        domain: 'a.example',
        name: 'Company A',
        reasons: '240 employees (+15)',
        ...numbers,
      },
    ],
    people: [{ id: '2', email: EMAIL, person: 'u0', ...numbers }],
    tasks: [{ key: 'pql-1', subject: 'Company A: ran into a plan limit' }],
    members: [{ campaign: 'PQL MQL', email: EMAIL }],
    writes: [{ at: 0, op: 'create', object: 'tasks', id: '3', fields: { pql_key: 'pql-1' } }],
  };
}

const ACT = { state: 'done', reason: 'crossed', code: null, account: 'acct-a', sends: 0, what: null };

function found(): Found {
  return {
    events: 5,
    quarantined: 0,
    accounts: new Map([['acct-a', { score: 90, tier: 'mql', tally: 1003 }]]),
    crms: { hubspot: crm(), salesforce: crm() },
    acts: [
      { ...ACT, crm: 'hubspot', kind: 'task' },
      { ...ACT, crm: 'slack', kind: 'alert', what: 'crossed', sends: 1 },
    ],
    alerts: ['Company A: mql, 90 points'],
  };
}

/** Names of the checks that something was found by. */
function broken(change: (all: Found) => void, more: Partial<Around> = {}): string[] {
  const all = found();
  change(all);
  return verdict(expected, all, { ...around, ...more })
    .filter((check) => check.found.length > 0)
    .map(({ name }) => name);
}

const first = <T>(list: T[]): T => list[0] as T;
const nothing = () => {};

describe('the verdict of a run', () => {
  it('finds nothing where all is as it must be', () => {
    expect(broken(nothing)).toEqual([]);
  });

  it('takes a second message for what it is where the answer to the first was lost, and one that nobody answered twice', () => {
    const again = ({ acts, alerts }: Found) => {
      Object.assign(acts[1] ?? {}, { sends: 2, state: 'parked', code: 'uncertain_alert' });
      alerts.push(first(alerts));
    };
    expect(broken(again)).toEqual([]);
    expect(broken((all) => [again(all), all.alerts.splice(0)])).toEqual([]);
    expect(broken((all) => [again(all), all.alerts.push(first(all.alerts))])).toEqual([
      'I6 alerts missing, unasked, or twice without doubt',
    ]);
  });

  it.each<[string, string, (all: Found) => void]>([
    [
      'I1',
      'an event that was acknowledged is not in the journal',
      (all) => void Object.assign(all, { events: 4 }),
    ],
    [
      'I2',
      'an event counted twice',
      (all) => void all.accounts.set('acct-a', { score: 90, tier: 'mql', tally: 1004 }),
    ],
    [
      'I3, I4',
      'a score is wrong',
      (all) => void all.accounts.set('acct-a', { score: 89, tier: 'mql', tally: 1003 }),
    ],
    [
      'I8',
      'a company holds an old score',
      ({ crms }) => void Object.assign(first(crms.hubspot.companies), { score: 65 }),
    ],
    [
      'I8',
      'a reason of it is old',
      ({ crms }) => void Object.assign(first(crms.salesforce.companies), { reasons: '' }),
    ],
    [
      'I8',
      'a person holds an old tier',
      ({ crms }) => void Object.assign(first(crms.salesforce.people), { tier: 'none' }),
    ],
    [
      'I6 records',
      'a company was made twice',
      ({ crms }) => void crms.hubspot.companies.push(first(crms.hubspot.companies)),
    ],
    [
      'I6 records',
      'a task was made twice and one deleted',
      ({ crms }) => void crms.hubspot.writes.push(first(crms.hubspot.writes)),
    ],
    ['I6 tasks', 'a task is missing', ({ crms }) => void crms.hubspot.tasks.pop()],
    [
      'I6 tasks',
      'there are two',
      ({ crms }) => void crms.salesforce.tasks.push(first(crms.salesforce.tasks)),
    ],
    ['I6 memberships', 'a member is missing', ({ crms }) => void crms.hubspot.members.pop()],
    [
      'I6 memberships',
      'one is there twice',
      ({ crms }) => void crms.hubspot.members.push(first(crms.hubspot.members)),
    ],
    ['I6 alerts', 'nobody was told in Slack', ({ alerts }) => void alerts.pop()],
    [
      'I6 alerts',
      'somebody was told twice after one sending',
      ({ alerts }) => void alerts.push(first(alerts)),
    ],
    ['I9', 'an act still waits', ({ acts }) => void Object.assign(first(acts), { state: 'waiting' })],
    ['I9', 'an act has no reason', ({ acts }) => void Object.assign(first(acts), { reason: ' ' })],
    ['acts', 'an act was given up', ({ acts }) => void Object.assign(first(acts), { state: 'parked' })],
  ])('%s: sees that %s', (check, _what, change) => {
    const [only, ...others] = broken(change);
    expect(only).toMatch(new RegExp(`^${check} `));
    expect(others).toEqual([]);
  });

  it.each<[string, Partial<Around>]>([
    ['I1', { events: 6 }],
    ['I7', { stuck: 'after 60 s: 3 acts' }],
    ['events', { discarded: ['segment: 400'] }],
    ['processes', { deaths: ['worker-1 ended by itself (1)'] }],
    ['migrations', { migrations: { added: 2, applied: [1] } }],
    ['migrations', { migrations: { added: 1, applied: [1, 1] } }],
  ])('%s: sees what the sender and the deployment noticed: %o', (check, more) => {
    expect(broken(nothing, more)).toEqual([expect.stringMatching(new RegExp(`^${check} `))]);
  });
});
