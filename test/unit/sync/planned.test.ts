import { expect, it } from 'vitest';
import type { DesiredRecord } from '../../../src/decide/desired.ts';
import type { Outcome } from '../../../src/sync/crm.ts';
import type { FieldsItem, Link, LinkChange } from '../../../src/sync/outbox.ts';
import { noteLink, plan, sort } from '../../../src/sync/planned.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

function record(over: Partial<DesiredRecord> = {}): DesiredRecord {
  return {
    ref: 'acme',
    lookup: 'acme.example',
    create: false,
    fields: { score: 20 },
    onCreate: {},
    stamps: [],
    ...over,
  };
}

const item = {
  id: 'act',
  account: 'account',
  accountKey: 'acme',
  kind: 'fields',
  payload: { account: record(), people: [] },
  rev: 1,
  attempts: 0,
  uncertain: false,
  firstTriedAt: null,
} satisfies FieldsItem;

/** The link that an outcome leaves behind. */
function after(desired: DesiredRecord, link: Link | undefined, outcome: Outcome): Link {
  const links: LinkChange[] = [];
  noteLink('account', plan(item, desired, link, desired.create === true), outcome, links);
  const [kept] = links;
  return { object: 'account', ref: desired.ref, crmId: '', acknowledged: {}, at: NOW, ...kept } as Link;
}

const MISSED: Outcome = { state: 'skipped', code: 'no_match', reason: 'no company matches' };
const calls = (desired: DesiredRecord, link: Link | undefined, now: number) =>
  sort([plan(item, desired, link, desired.create === true)], now).writes.length;

it.each<[string, Partial<DesiredRecord>, Partial<DesiredRecord>, number, number]>([
  ['asked for again within a day', {}, {}, 23, 0],
  ['asked for again after a day', {}, {}, 25, 1],
  ['without a domain, and still without', { lookup: null }, { lookup: null }, 1, 0],
  ['without a domain, which is known now', { lookup: null }, {}, 1, 1],
  ['under another domain', { lookup: 'old.example' }, {}, 1, 1],
  ['not to be made then, and now it is', {}, { create: true }, 1, 1],
])('a record that the CRM did not have, %s', (_case, then, now, hours, expected) => {
  const link = after(record(then), undefined, MISSED);
  expect(calls(record({ fields: { score: 35 }, ...now }), link, NOW + hours * HOUR)).toBe(expected);
});

it('what was asked for is no field that the CRM acknowledged', () => {
  const missed = after(record(), undefined, MISSED);
  const found = after(record(), missed, { state: 'done', crmId: '1' });
  expect(found).toMatchObject({ crmId: '1', acknowledged: { score: 20 } });
  expect(Object.keys(found.acknowledged)).toEqual(['score']);
});

it('I8: a linked record costs a call only when a field differs from what was acknowledged', () => {
  const found = after(record(), undefined, { state: 'done', crmId: '1' });
  expect(calls(record(), found, NOW + HOUR)).toBe(0);
  expect(calls(record({ fields: { score: 35 } }), found, NOW + HOUR)).toBe(1);
});
