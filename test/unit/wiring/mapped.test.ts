import { describe, expect, it } from 'vitest';
import type { SlaRule } from '../../../src/decide/handoff/sla.ts';
import type { Person } from '../../../src/decide/handoff/team.ts';
import type { Crm } from '../../../src/wiring/crms.ts';
import { peopleNamed } from '../../../src/wiring/mapped.ts';

describe('whom the doctor asks a CRM for', () => {
  const handoff = {
    team: { people: new Map([['ann@acme.com', {} as Person]]), pools: new Map() },
    sla: ['next_owner', 'manager', 'ann@acme.com', 'lead@acme.com'].map(
      (to) => ({ escalate: { after: 1, to } }) as SlaRule,
    ),
  };

  it('people, and whoever a broken promise goes to by e-mail, each once', () => {
    expect(peopleNamed({ sandbox: false } as Crm, handoff)).toEqual([
      { name: 'ann@acme.com', queue: false },
      { name: 'lead@acme.com', queue: false },
    ]);
  });

  it('nobody of a stand-in, which knows none of the operator’s people', () => {
    expect(peopleNamed({ sandbox: true } as Crm, handoff)).toEqual([]);
  });
});
