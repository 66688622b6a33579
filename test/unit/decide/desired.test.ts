import { describe, expect, it } from 'vitest';
import { desiredFields } from '../../../src/decide/desired.ts';
import type { AccountFacts } from '../../../src/decide/facts.ts';
import type { FieldSpec, Mapping } from '../../../src/decide/mapping.ts';
import type { Json } from '../../../src/shared/json.ts';
import { fieldSpec as spec } from '../../support/field-spec.ts';

const FACTS: AccountFacts = {
  key: 'acct-7',
  name: 'Initech',
  domain: 'initech.example',
  link: 'https://pql.example/acct-7',
  holdout: true,
  traits: {},
  people: [],
  reachable: [],
  score: {
    value: 85,
    tier: 'mql',
    reasons: 'many',
    at: '2026-03-02T10:00:00.000Z',
    raw: 90,
    flags: 'self_serve_only',
    segment: null,
  },
};

function mapping(fields: FieldSpec[], create: Mapping['account']['create'] = 'when_qualified'): Mapping {
  const record = { create, match: ['link' as const], fields };
  return {
    crm: 'hubspot',
    reads: [],
    personReads: [],
    readDealsEvery: null,
    readActivitiesEvery: null,
    reconcile: { every: null, calls: 50 },
    account: record,
    person: { ...record, fields: [] },
    campaign: {
      name: 'PQL MQL',
      timezone: 'UTC',
      key: null,
      status: null,
      statusByTier: {},
      statuses: [],
      type: null,
      lifecycleStage: null,
      leadStatus: null,
      marketingCampaign: null,
    },
    task: { key: 'pql_key', priority: 'high', type: 'todo', owner: [], closedStatus: null },
    allFields: fields,
    problemAt: () => ({ file: '', line: 1, path: '', found: '', allowed: '' }),
  };
}

function written(change: Partial<FieldSpec>, value: Json) {
  const facts = { ...FACTS, traits: { t: value } };
  return desiredFields(mapping([spec(change)]), facts, true).account.fields.f;
}

it('an account of the holdout can be marked in a field', () => {
  const fields = [spec({ from: 'account.holdout', type: 'boolean' })];
  const of = (holdout: boolean) =>
    desiredFields(mapping(fields), { ...FACTS, holdout }, true).account.fields.f;
  expect([of(true), of(false)]).toEqual([true, false]);
});

describe('the type of a field decides the form of its value', () => {
  it.each<[Partial<FieldSpec>, Json, unknown]>([
    [{ type: 'number' }, '1,240', 1240],
    [{ type: 'number' }, 'many', undefined],
    [{ type: 'datetime' }, '2026-03-02 10:00:00', '2026-03-02T10:00:00.000Z'],
    [{ type: 'datetime' }, 1_772_445_600, '2026-03-02T10:00:00.000Z'],
    [{ type: 'datetime' }, 1e300, undefined],
    [{ type: 'date' }, '2026-03-02T23:30:00-05:00', '2026-03-03'],
    [{ type: 'date' }, '2026-03-02', '2026-03-02'],
    [{ type: 'date' }, 'yesterday', undefined],
    [{ type: 'date', clear: true }, 'yesterday', null],
    [{ type: 'boolean' }, 'TRUE', true],
    [{ type: 'boolean' }, 'perhaps', undefined],
    [{ type: 'text', length: 5 }, 'abcdefgh', 'abc …'],
    [{ type: 'picklist' }, ' Software ', 'Software'],
  ])('%o of %o is %o', (change, value, expected) => {
    expect(written(change, value)).toBe(expected);
  });

  it('names the fields that only say when the score changed', () => {
    const fields = [
      spec({ field: 'score', from: 'score.value', type: 'number' }),
      spec({ field: 'at', from: 'score.at', type: 'datetime' }),
    ];
    expect(desiredFields(mapping(fields), FACTS, true).account.stamps).toEqual(['at']);
  });
});

describe('when a record may be created', () => {
  it.each([
    ['never', true, false],
    ['when_qualified', false, false],
    ['when_qualified', true, true],
    ['always', false, true],
  ] as const)('%s, qualified %s: %s', (policy, qualified, expected) => {
    expect(desiredFields(mapping([], policy), FACTS, qualified).account.create).toBe(expected);
  });
});

describe('S1-98: what a score carries beside its number is a field of its own', () => {
  it.each([
    ['score.flags', 'self_serve_only'],
    ['score.segment', undefined],
    ['score.raw', '90'],
  ])('%s', (from, expected) => {
    const { account } = desiredFields(mapping([spec({ from })]), FACTS, true);
    expect(account.fields.f).toBe(expected);
  });
});
