import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, giveAll, type Ledger } from '../../src/decide/handoff/assign.ts';
import type { Load } from '../../src/decide/handoff/pick.ts';
import type { Team } from '../../src/decide/handoff/team.ts';
import type { Held } from '../../src/decide/owner.ts';
import { MONDAY, mail, owner, pool, question, team } from '../support/team.ts';

/** What the record would say after every task so far: worked out here, apart from what chooses. */
class Record {
  readonly held = new Map<string, Map<string, Held>>();
  readonly turns = new Map([['sdr', new Map<string, number>()]]);
  readonly loads = new Map<string, Load>();

  ledger(): Ledger {
    const { held, turns, loads } = this;
    return { now: MONDAY, held, turns, loads, elsewhere: new Set(), counted: new Map() };
  }

  note(account: string, person: string, assigned: boolean): void {
    const { open, week } = this.loads.get(person) ?? { open: 0, week: 0 };
    this.loads.set(person, { open: open + 1, week: week + 1 });
    if (assigned) {
      const turns = this.turns.get('sdr') ?? new Map<string, number>();
      turns.set(person, Math.max(-1, ...turns.values()) + 1);
      this.held.set(account, new Map([['sdr', { person, since: '2026-03-02', why: 'drawn' }]]));
    }
  }
}

const NAMES = ['ann', 'bo', 'cy'];
const batches = fc.array(fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 5 }), {
  maxLength: 12,
});
const anyPool = fc.record({
  pick: fc.constantFrom('round_robin' as const, 'least_loaded' as const, 'steady' as const),
  aWeek: fc.option(fc.integer({ min: 1, max: 4 })),
});

/** Gives batch after batch, and tells of each task who got it: account, person, and whether they had it already. */
function played(
  of: Team,
  tasks: readonly number[][],
): [account: string, person: string | null, kept: boolean][] {
  const record = new Record();
  const directory = NAMES.map((name) => owner(name));
  return tasks.flatMap((batch, i) => {
    const asked = batch.map((n, j): Asked => {
      const account = `acct-${n}`;
      return { ...question({ team: of, directory }), id: `${i}-${j}`, accountId: account, account };
    });
    return giveAll(asked, record.ledger()).map(({ accountId, choice, assigned }) => {
      const person = choice.found ? (choice.owner.person ?? null) : null;
      if (person !== null) {
        record.note(accountId, person, assigned);
      }
      return [accountId, person, person !== null && !assigned];
    });
  });
}

describe('who gets the accounts of a pool', () => {
  it('an account keeps its person while nothing about it changes, whatever else is given out', () => {
    fc.assert(
      fc.property(anyPool, batches, (rules, tasks) => {
        const first = new Map<string, string>();
        for (const [account, person] of played(team([pool(NAMES, rules)]), tasks)) {
          if (person !== null) {
            expect(first.get(account) ?? person).toBe(person);
            first.set(account, person);
          }
        }
      }),
    );
  });

  it('nobody is given a new account once their week is full, and none is left over before all are', () => {
    fc.assert(
      fc.property(anyPool, batches, ({ pick, aWeek }, tasks) => {
        const had = new Map<string, number>(NAMES.map((name) => [mail(name), 0]));
        for (const [, person, kept] of played(team([pool(NAMES, { pick, aWeek })]), tasks)) {
          const before = had.get(person ?? '') ?? 0;
          const most = aWeek ?? Number.POSITIVE_INFINITY;
          expect(person === null ? Math.min(...had.values()) >= most : kept || before < most).toBe(true);
          if (person !== null) {
            had.set(person, before + 1);
          }
        }
      }),
    );
  });

  it('round robin without limits gives new accounts out as evenly as can be', () => {
    fc.assert(
      fc.property(batches, (tasks) => {
        const fresh = played(team([pool(NAMES)]), tasks).filter(([, , kept]) => !kept);
        const counts = NAMES.map((name) => fresh.filter(([, person]) => person === mail(name)).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
