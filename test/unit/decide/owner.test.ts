import { describe, expect, it } from 'vitest';
import { NO_TEAM } from '../../../src/decide/handoff/team.ts';
import {
  chooseOwner,
  type Owner,
  type OwnerQuestion,
  type OwnerStep,
  ownersInWords,
} from '../../../src/decide/owner.ts';

function owner(name: string, over: Partial<Owner> = {}): Owner {
  return {
    id: `id-${name}`,
    names: [`${name}@acme.example`],
    label: `${name}@acme.example`,
    active: true,
    ...over,
  };
}

const DIRECTORY = [
  owner('ann'),
  owner('bo'),
  owner('cy'),
  owner('gone', { active: false }),
  owner('robot', { ourselves: true }),
  owner('queue', { names: ['sdr queue'], label: 'SDR Queue' }),
];

const ACCOUNT_OWNER: OwnerStep = { kind: 'account_owner' };
const people = (...names: string[]): OwnerStep => ({
  kind: 'people',
  names: names.map((name) => `${name}@acme.example`),
  why: 'pool',
});
const fallback = (name: string): OwnerStep => ({ kind: 'fallback', name });

function choose(steps: OwnerStep[], over: Partial<OwnerQuestion> = {}) {
  return chooseOwner({
    steps,
    account: 'acct-7',
    accountOwner: null,
    directory: DIRECTORY,
    refused: new Set(),
    team: NO_TEAM,
    now: Date.UTC(2026, 2, 2),
    held: new Map(),
    loads: { loads: new Map(), turns: new Map() },
    elsewhere: new Set(),
    ...over,
  });
}

function idOf(choice: ReturnType<typeof choose>) {
  return choice.found ? choice.owner.id : null;
}

describe('the first of the chain who is active gets the task (what users ask for, 20)', () => {
  it.each<[string, OwnerStep[], Partial<OwnerQuestion>, string | null]>([
    ['the owner of the account', [ACCOUNT_OWNER, people('bo')], { accountOwner: 'id-ann' }, 'id-ann'],
    ['whoever comes next, when the account has none', [ACCOUNT_OWNER, people('bo')], {}, 'id-bo'],
    [
      'whoever comes next, when that one has left',
      [ACCOUNT_OWNER, people('bo')],
      { accountOwner: 'id-gone' },
      'id-bo',
    ],
    [
      'whoever comes next, when the CRM no longer knows that one',
      [ACCOUNT_OWNER, people('bo')],
      { accountOwner: 'id-x' },
      'id-bo',
    ],
    ['never the user that we write as', [ACCOUNT_OWNER, people('bo')], { accountOwner: 'id-robot' }, 'id-bo'],
    ['nobody inactive of a pool', [people('gone', 'bo')], {}, 'id-bo'],
    ['nobody unknown of a pool', [people('typo', 'bo')], {}, 'id-bo'],
    ['a rule that names nobody is passed over', [people(), people('bo')], {}, 'id-bo'],
    ['the fallback, by e-mail in any case', [people('gone'), fallback('Ann@Acme.example')], {}, 'id-ann'],
    ['the fallback, by the name of a queue', [fallback('SDR Queue')], {}, 'id-queue'],
    ['nobody, when all have left', [people('gone')], {}, null],
    [
      'not whom the CRM refused a moment ago',
      [people('ann', 'bo')],
      { refused: new Set(['id-ann']) },
      'id-bo',
    ],
    [
      'the account owner without a directory',
      [ACCOUNT_OWNER],
      { accountOwner: 'id-y', directory: null },
      'id-y',
    ],
    [
      'no account owner whom the CRM refused',
      [ACCOUNT_OWNER],
      { accountOwner: 'id-y', directory: null, refused: new Set(['id-y']) },
      null,
    ],
    ['nobody by e-mail without a directory', [people('ann')], { directory: null }, null],
  ])('%s', (_title, steps, over, expected) => {
    expect(idOf(choose(steps, over))).toBe(expected);
  });

  it('says who and why, and who was passed over', () => {
    expect(choose([ACCOUNT_OWNER, people('bo')], { accountOwner: 'id-gone' })).toEqual({
      found: true,
      owner: {
        id: 'id-bo',
        name: 'bo@acme.example',
        person: 'bo@acme.example',
        why: 'pool; the owner of the account, gone@acme.example, is inactive',
      },
    });
  });

  it('a chain that ends in a fallback must find somebody; another need not', () => {
    expect(choose([people('gone')])).toMatchObject({ found: false, must: false });
    expect(choose([people('gone'), fallback('typo@acme.example')])).toMatchObject({
      found: false,
      must: true,
    });
  });
});

describe('a pool', () => {
  const pool = people('ann', 'bo', 'cy');
  const accounts = Array.from({ length: 300 }, (_, i) => `acct-${i}`);
  const shares = (directory: Owner[]) =>
    accounts.map((account) => idOf(choose([pool], { account, directory })));

  it('gives the same account always to the same person, in whatever order the CRM lists them', () => {
    expect(shares([...DIRECTORY].reverse())).toEqual(shares(DIRECTORY));
  });

  it('shares the accounts about evenly', () => {
    const counts = Object.values(Object.groupBy(shares(DIRECTORY), String)).map(
      (group) => group?.length ?? 0,
    );
    expect(counts).toHaveLength(3);
    expect(Math.min(...counts)).toBeGreaterThan(70);
  });

  it('moves only the accounts of somebody who left', () => {
    const before = shares(DIRECTORY);
    const after = shares(DIRECTORY.map((one) => (one.id === 'id-bo' ? { ...one, active: false } : one)));
    const moved = before.filter((id, i) => id !== after[i]);
    expect(new Set(moved)).toEqual(new Set(['id-bo']));
    expect(after).not.toContain('id-bo');
  });

  it('of several users with one e-mail takes one who is active', () => {
    const twins = [owner('dee', { id: 'old', active: false }), owner('dee', { id: 'new' })];
    expect(idOf(choose([people('dee')], { directory: twins }))).toBe('new');
  });
});

it.each<[string, OwnerStep[]]>([
  ['nobody', []],
  ['the owner of the account', [{ kind: 'account_owner' }]],
  [
    'the owner of the account, else one of ann@acme.example, bo@acme.example (region EU), else cy@acme.example (all), else one of the pool sdr, else one of the pool ae (owner of the route enterprise), else SDR Queue (fallback)',
    [
      { kind: 'account_owner' },
      { kind: 'people', names: ['ann@acme.example', 'bo@acme.example'], why: 'region EU' },
      { kind: 'people', names: ['cy@acme.example'], why: 'all' },
      { kind: 'pool', pool: 'sdr', why: '' },
      { kind: 'pool', pool: 'ae', why: 'owner of the route enterprise' },
      { kind: 'fallback', name: 'SDR Queue' },
    ],
  ],
])('a plan tells the chain in words: %s', (words, steps) => {
  expect(ownersInWords(steps)).toBe(words);
});
