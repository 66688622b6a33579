import { describe, expect, it } from 'vitest';
import type { OwnerRule } from '../../../src/decide/acts-schema.ts';
import type { AccountFacts } from '../../../src/decide/facts.ts';
import { ownersInWords } from '../../../src/decide/owner.ts';
import { ownerSteps } from '../../../src/decide/owner-steps.ts';

const FACTS: AccountFacts = {
  key: 'acct-7',
  name: 'Initech',
  domain: null,
  link: '',
  holdout: false,
  traits: { region: 'EMEA' },
  people: [],
  score: { value: 85, raw: 85, tier: 'mql', reasons: '', at: '', flags: [], segment: null },
} as unknown as AccountFacts;
const SDR = { owner: null, rule: 'mql_queue', to: 'SDR' };

/** The chain in words: a table that one can read. */
const words = (rules: OwnerRule[], route: Parameters<typeof ownerSteps>[1] = SDR) =>
  ownersInWords(ownerSteps(rules, route, FACTS));

describe('the owner chain of one account (S4-81, S3-25)', () => {
  it.each<[string, OwnerRule[], string]>([
    ['a pool of handoff.yaml', [{ pool: 'sdr' }], 'one of the pool sdr'],
    ['people of the mapping', [{ pool: ['a@x.y', 'b@x.y'] }], 'one of a@x.y, b@x.y (of a pool of 2)'],
    [
      'a pool by the route, in whatever case',
      [{ by: 'route', owners: { sdr: { pool: 'sdr' }, AE: { pool: 'ae' } } }],
      'one of the pool sdr (route is SDR)',
    ],
    [
      'a pool or somebody by a trait',
      [{ by: 'account.traits.region', owners: { EMEA: 'ann@x.y', US: { pool: 'us' } } }],
      'ann@x.y (account.traits.region is EMEA)',
    ],
    [
      'all of it, in order',
      ['account_owner', { pool: 'sdr' }, { fallback: 'SDR Queue' }],
      'the owner of the account, else one of the pool sdr, else SDR Queue (fallback)',
    ],
  ])('%s', (_title, rules, expected) => {
    expect(words(rules)).toBe(expected);
  });

  it.each([
    [{ pool: 'ae' }, 'one of the pool ae (owner of the route enterprise), else the owner of the account'],
    ['zoe@x.y', 'zoe@x.y (owner of the route enterprise), else the owner of the account'],
  ])('whoever the route names comes first', (owner, expected) => {
    expect(words(['account_owner'], { owner, rule: 'enterprise', to: 'senior_AE' })).toBe(expected);
  });
});
