import { expect, it } from 'vitest';
import { markActs } from '../../../../src/decide/handoff/mark-acts.ts';
import { actMark } from '../../../../src/decide/keys.ts';
import type { Mapping } from '../../../../src/decide/mapping.ts';

const told = {
  ...{ account: 'acct-7', model: 'm', tier: 'hot', n: 2, escalateTo: 'lead@acme.com' },
  dueAt: Date.parse('2026-03-03T15:00:00Z'),
};
const mappings = [{ crm: 'hubspot' }, { crm: 'salesforce' }] as Mapping[];
const acts = (mark: Parameters<typeof markActs>[2]) =>
  markActs({ mappings }, told, mark, Date.parse('2026-03-04T10:00:00Z'));

it('a mark is a line in every connected CRM, under a key that names crossing and mark (I6)', () => {
  expect(acts('breached').map(({ crm, kind, key }) => [crm, kind, key])).toEqual([
    ['hubspot', 'note', 'x:["acct-7","m","hot",2,"breached"]'],
    ['salesforce', 'note', 'x:["acct-7","m","hot",2,"breached"]'],
  ]);
  expect(acts('breached')[0]).toMatchObject({
    crossing: 'hot#2',
    payload: { line: '2026-03-04: no contact was seen in the CRM by the deadline, 2026-03-03 15:00 UTC.' },
  });
});

it('only passing on names another owner; each mark has a word of its own in the text', () => {
  const payloads = (['due_soon', 'breached', 'escalated'] as const).map((mark) => acts(mark)[0]?.payload);
  expect(payloads.map((payload) => payload && 'handTo' in payload)).toEqual([false, false, true]);
  expect(payloads[2]).toMatchObject({ handTo: 'lead@acme.com' });
  const marks = payloads.map((payload) => actMark((payload as { crmKey: string }).crmKey));
  expect(new Set(marks).size).toBe(3);
});
