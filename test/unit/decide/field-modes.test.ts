import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { desiredFields } from '../../../src/decide/desired.ts';
import type { AccountFacts } from '../../../src/decide/facts.ts';
import { type FieldSpec, type Mapping, readMapping } from '../../../src/decide/mapping.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import type { Json } from '../../../src/shared/json.ts';
import { inZone } from '../../../src/sync/local-days.ts';
import { fieldSpec } from '../../support/field-spec.ts';

function desired(change: Partial<FieldSpec>, value: Json, person: Mapping['person']['create'] = 'never') {
  const record = { create: 'never', match: ['link'], fields: [] };
  const mapping = {
    account: { ...record, fields: [fieldSpec({ type: 'picklist', ...change })] },
    person: { ...record, create: person },
  } as unknown as Mapping;
  const facts = { key: 'a', domain: null, traits: { t: value }, people: [] } as unknown as AccountFacts;
  return desiredFields(mapping, facts, true, 3);
}

describe('a picklist gets the value that the mapping names', () => {
  const values = { mql: 'Hot', stage_1: 'Warm' };
  it.each<[Partial<FieldSpec>, Json, unknown]>([
    [{ values }, 'mql', 'Hot'],
    [{ values }, ' mql ', 'Hot'],
    [{ values }, 'stage_2', undefined],
    [{ values, otherwise: 'skip' }, 'stage_2', undefined],
    [{ values, otherwise: 'Cold' }, 'stage_2', 'Cold'],
    [{ values, otherwise: 'Cold' }, null, undefined],
    [{ values, otherwise: 'Cold', clear: true }, null, null],
    [{ values: { 1: 'One' } }, 1, 'One'],
    [{ values }, 'toString', undefined],
    [{}, 'mql', 'mql'],
    [{ values }, ['mql', 'stage_1', 'stage_2', 'mql'], 'Hot;Warm'],
    [{ values, otherwise: 'Cold' }, ['mql', 'stage_2'], 'Hot;Cold'],
    [{}, ['a', 7], 'a;7'],
    [{ values }, ['stage_2'], undefined],
    [{ type: 'text' }, ['a', 7], '["a",7]'],
  ])('%o of %o is %o', (change, value, expected) => {
    expect(desired(change, value).account.fields.f).toBe(expected);
  });
});

describe('a value that does not fit', () => {
  it('an address is never cut, for it would lead elsewhere: whether it fits is known where the field is', () => {
    const long = `https://x.example/${'a'.repeat(300)}`;
    expect(desired({ type: 'url', length: 255 }, long).account.fields).toEqual({ f: long });
  });
});

describe('a date', () => {
  it.each<[Json, string, string]>([
    ['2026-03-03T03:00:00Z', 'America/New_York', '2026-03-02'],
    ['2026-03-03T03:00:00Z', 'UTC', '2026-03-03'],
    ['2026-03-02T23:30:00Z', 'Asia/Tokyo', '2026-03-03'],
    ['2026-03-03', 'America/New_York', '2026-03-03'],
    [1_772_506_800, 'America/New_York', '2026-03-02'],
    ['2026-03-03T03:00:00Z', 'Nowhere/Land', '2026-03-03'],
  ])('of %o in %s is %s', (value, zone, day) => {
    expect(inZone(desired({ type: 'date' }, value).account, zone).fields.f).toBe(day);
  });
});

describe('what a payload carries', () => {
  it('no rules while no field needs to know what the record holds, so that the default costs no call', () => {
    expect(desired({ by_hand: 'restore' }, 'x').account).not.toHaveProperty('rules');
    expect(desired({}, 'x').account.rules).toEqual({
      f: { type: 'picklist', write: 'always', byHand: 'leave' },
    });
    expect(desired({ write: 'on_create' }, 'x').account).not.toHaveProperty('rules');
  });

  it('the count of crossings where contacts are made for members: each brings new ones', () => {
    expect(desired({}, 'x', 'for_members').members).toBe(3);
    expect(desired({}, 'x', 'when_qualified')).not.toHaveProperty('members');
  });

  it.each(['hubspot', 'salesforce'] as const)('%s as shipped needs no read before a write (I8)', (crm) => {
    const file = `mappings/${crm}.yaml`;
    const read = readMapping(crm, file, readFileSync(file, 'utf8'));
    if (!read.ok) {
      throw new Error('the shipped mapping is refused');
    }
    const traits = { name: 'Initech', website: 'https://initech.example' };
    const score = {
      value: 85,
      tier: 'mql',
      reasons: 'r',
      at: '2026-03-02T10:00:00Z',
      raw: 1,
      flags: null,
      segment: null,
    };
    const ada = {
      ref: 'u:ada',
      id: 'ada',
      email: 'ada@initech.example',
      name: 'Ada L',
      title: null,
      traits: {},
    };
    const facts = { key: 'a', name: 'n', domain: 'd', link: 'l', traits, people: [ada], score };
    const { account, people } = desiredFields(read.value, facts as unknown as AccountFacts, true);
    expect([account, ...people].map((record) => 'rules' in record)).toEqual([false, false]);
  });
});

describe('keys of one field that contradict each other are told, each at its line (I11)', () => {
  const SHIPPED = readFileSync('mappings/hubspot.yaml', 'utf8');
  const told = (field: string) => {
    const text = SHIPPED.replace('    pql_link:', `    ${field}\n    pql_link:`);
    const read = readMapping('hubspot', 'hubspot.yaml', text);
    return read.ok ? [] : read.error.map(formatProblem);
  };
  const at = 'account.traits.x';
  it.each([
    [
      `x: { from: ${at}, type: text, write: only_increase }`,
      /x\.write: found "only_increase"; .*numbers and dates/,
    ],
    [
      `x: { from: ${at}, type: text, write: fill_if_empty, clear: true }`,
      /x\.clear: found true; .*never empties/,
    ],
    [`x: { from: ${at}, type: text, write: on_create, by_hand: leave }`, /x\.by_hand: found "leave"/],
    [`x: { from: ${at}, type: number, values: { a: b } }`, /x\.values: .*only a picklist or a text/],
    [
      `x: { from: ${at}, type: picklist, otherwise: b }`,
      /x\.otherwise: found "b"; allowed: `values` beside it/,
    ],
    [`x: { from: ${at}, type: number, length: 3 }`, /x\.length: found 3; allowed: nothing for a number/],
    [`createdate: { from: ${at}, type: datetime }`, /createdate: .*hubspot fills this one itself/],
    [`x: { from: account.key, type: text, unique: true, write: on_create }`, /x\.write: .*found again/],
  ])('%s', (field, expected) => {
    expect(told(field)).toEqual([expect.stringMatching(expected)]);
    const line = SHIPPED.split('\n').findIndex((text) => text.startsWith('    pql_link:')) + 1;
    expect(told(field)[0]).toMatch(new RegExp(`^hubspot\\.yaml:${line} `));
  });
});
