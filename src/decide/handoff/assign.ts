import { isoDate } from '../../shared/time.ts';
import { chooseOwner, type Held, type OwnerChoice, type OwnerQuestion } from '../owner.ts';
import type { Load, Loads } from './pick.ts';

/** What is known of people and accounts when a batch of tasks is given to people. */
export interface Ledger extends Loads {
  /** Business time, ms. */
  now: number;
  /** By account id and pool: who has the account. */
  held: ReadonlyMap<string, ReadonlyMap<string, Held>>;
  /** E-mails whom another CRM was last seen to lack. */
  elsewhere: ReadonlySet<string>;
  /** By id of a task: who was given another task of the same crossing, so that it counts once in their week. */
  counted: ReadonlyMap<string, string>;
}

/** A task that somebody is to get. */
export interface Asked extends Omit<OwnerQuestion, keyof Loads | 'now' | 'held' | 'loads' | 'elsewhere'> {
  /** Id of the task's act. */
  id: string;
  /** Id of the account. */
  accountId: string;
}

/** Who gets a task. `assigned`: the account is theirs from now on. */
export interface Given {
  id: string;
  accountId: string;
  choice: OwnerChoice;
  assigned: boolean;
}

/** Gives tasks to people one after the other: each sees what those before it were given. */
export function giveAll(asked: readonly Asked[], ledger: Ledger): Given[] {
  const known = copied(ledger);
  return asked.map((one) => {
    const held = known.held.get(one.accountId) ?? new Map<string, Held>();
    const { now, elsewhere } = ledger;
    const choice = chooseOwner({ ...one, now, elsewhere, held, loads: known });
    const { person, pool, why } = choice.found ? choice.owner : { why: choice.why };
    const assigned = pool !== undefined && person !== undefined && held.get(pool)?.person !== person;
    if (person !== undefined && ledger.counted.get(one.id) !== person) {
      addTask(known.loads, person);
    }
    if (assigned) {
      const turns = known.turns.get(pool) ?? new Map<string, number>();
      known.turns.set(pool, turns.set(person, Math.max(-1, ...turns.values()) + 1));
      known.held.set(one.accountId, new Map(held).set(pool, { person, since: isoDate(now), why }));
    }
    return { id: one.id, accountId: one.accountId, choice, assigned };
  });
}

function copied({ loads, turns, held }: Ledger) {
  return {
    loads: new Map<string, Load>(loads),
    turns: new Map([...turns].map(([pool, of]) => [pool, new Map(of)])),
    held: new Map<string, ReadonlyMap<string, Held>>(held),
  };
}

function addTask(loads: Map<string, Load>, person: string): void {
  const { open, week } = loads.get(person) ?? { open: 0, week: 0 };
  loads.set(person, { open: open + 1, week: week + 1 });
}
