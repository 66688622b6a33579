import type { Examination, Finding } from '../../src/sync/crm.ts';

/** What the doctor is asked to look at: nothing but what is given. */
export function examination(over: Partial<Examination> = {}): Examination {
  return {
    fields: [],
    creates: [],
    campaigns: [],
    owners: [],
    deals: false,
    activities: false,
    reserve: 0,
    sandbox: false,
    ...over,
  };
}

export function red<Found extends Finding>(findings: readonly Found[]): Found[] {
  return findings.filter(({ ok }) => !ok);
}
