import { ALWAYS } from '../../src/decide/handoff/business-hours.ts';
import type { Loads } from '../../src/decide/handoff/pick.ts';
import type { Person, Pool, Team } from '../../src/decide/handoff/team.ts';
import type { Owner, OwnerQuestion } from '../../src/decide/owner.ts';

/** `ann` -> `ann@acme.example` */
export const mail = (name: string) => `${name}@acme.example`;

export function person(name: string, over: Partial<Person> = {}): Person {
  return { email: mail(name), name: null, manager: null, aWeek: null, out: [], hours: ALWAYS, ...over };
}

/** A pool `sdr` of these people. */
export function pool(names: readonly string[], over: Partial<Pool> = {}): Pool {
  return { id: 'sdr', people: names.map(mail), pick: 'round_robin', aWeek: null, ...over };
}

export function team(pools: readonly Pool[], people: readonly Person[] = []): Team {
  const members = pools.flatMap((one) => one.people.map((email) => person('', { email })));
  return {
    people: new Map([...members, ...people].map((one) => [one.email, one])),
    pools: new Map(pools.map((one) => [one.id, one])),
  };
}

/** Somebody of a CRM. */
export function owner(name: string, over: Partial<Owner> = {}): Owner {
  return { id: `id-${name}`, names: [mail(name)], label: mail(name), active: true, ...over };
}

/** `{ ann: { open: 2, week: 1, turn: 4 } }` of the pool `sdr`. */
export function loads(of: Record<string, { open?: number; week?: number; turn?: number }>): Loads {
  const entries = Object.entries(of);
  return {
    loads: new Map(entries.map(([name, { open = 0, week = 0 }]) => [mail(name), { open, week }])),
    turns: new Map([
      [
        'sdr',
        new Map(entries.flatMap(([name, { turn }]) => (turn === undefined ? [] : [[mail(name), turn]]))),
      ],
    ]),
  };
}

/** A Monday. */
export const MONDAY = Date.UTC(2026, 2, 2, 12);

/** A task of `acct-7` that goes to the pool `sdr`. */
export function question(over: Partial<OwnerQuestion> & Pick<OwnerQuestion, 'team'>): OwnerQuestion {
  return {
    steps: [{ kind: 'pool', pool: 'sdr', why: '' }],
    account: 'acct-7',
    accountOwner: null,
    directory: ['ann', 'bo', 'cy'].map((name) => owner(name)),
    refused: new Set(),
    now: MONDAY,
    held: new Map(),
    loads: loads({}),
    elsewhere: new Set(),
    ...over,
  };
}
