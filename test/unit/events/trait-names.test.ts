import { describe, expect, it } from 'vitest';
import { traitChanges } from '../../../src/events/trait-names.ts';
import type { JsonObject } from '../../../src/shared/json.ts';

describe('traits under the tracking plan’s names', () => {
  const rows: ['person' | 'account', JsonObject, JsonObject][] = [
    ['person', { firstName: 'Ada', lastName: 'L' }, { first_name: 'Ada', last_name: 'L' }],
    ['person', { createdAt: '2026-01-01' }, { created_at: '2026-01-01' }],
    ['person', { 'First Name': 'Ada', Email: 'a@b.example' }, { first_name: 'Ada', email: 'a@b.example' }],
    ['person', { jobTitle: 'Ops lead' }, { title: 'Ops lead' }],
    ['person', { companyId: 7 }, { company_id: 7 }],
    ['person', { favouriteColour: 'red' }, { favouriteColour: 'red' }],
    ['person', { employees: 5, employeeCount: 5 }, { employees: 5, employeeCount: 5 }],
    ['account', { employee_count: 40 }, { employees: 40 }],
    ['account', { techStack: ['Slack'], isCustomer: false }, { tech_stack: ['Slack'], is_customer: false }],
    ['account', { 'ACV Potential': 9 }, { acv_potential: 9 }],
    ['account', { firstName: 'Ada' }, { firstName: 'Ada' }],
    ['account', { createdAt: 'new', created_at: 'plan' }, { created_at: 'plan' }],
    ['account', { created_at: 'plan', createdAt: 'new' }, { created_at: 'plan' }],
  ];
  it.each(rows)('%s: %j', (owner, traits, expected) => {
    const changes = traitChanges(owner, traits);
    expect(Object.fromEntries(changes.map(({ name, value }) => [name, value]))).toEqual(expected);
  });

  it('null unsets', () => {
    expect(traitChanges('person', { title: null })).toEqual([{ op: 'unset', name: 'title', value: null }]);
  });

  it('the operation is kept; "unset" has no value; "set once to nothing" changes nothing', () => {
    const once = { op: 'set_once', name: 'plan', value: 'free' };
    expect(traitChanges('account', { plan: 'free', csm: null }, 'set_once')).toEqual([once]);
    const unset = { op: 'unset', name: 'plan', value: null };
    expect(traitChanges('account', { plan: '-' }, 'unset')).toEqual([unset]);
  });
});
