import { describe, expect, it } from 'vitest';
import { type Asked, giveAll, type Ledger } from '../../../../src/decide/handoff/assign.ts';
import type { Team } from '../../../../src/decide/handoff/team.ts';
import { loads, MONDAY, mail, pool, question, team } from '../../../support/team.ts';

const EMPTY: Ledger = {
  now: MONDAY,
  held: new Map(),
  ...loads({}),
  elsewhere: new Set(),
  counted: new Map(),
};

function asked(of: Team, ...accounts: string[]): Asked[] {
  return accounts.map((account, i) => ({
    ...question({ team: of }),
    id: `task-${i}`,
    accountId: account,
    account,
  }));
}

const names = (of: Team, accounts: string[], ledger: Partial<Ledger> = {}) =>
  giveAll(asked(of, ...accounts), { ...EMPTY, ...ledger }).map(({ choice, assigned }) =>
    choice.found ? `${choice.owner.name.replace('@acme.example', '')}${assigned ? '' : ' keeps'}` : 'nobody',
  );

describe('tasks of one batch see what those before them were given', () => {
  it('round robin goes on from the last turn, over the end of the file', () => {
    const of = team([pool(['ann', 'bo', 'cy'])]);
    expect(names(of, ['a', 'b', 'c', 'd', 'e'])).toEqual(['ann', 'bo', 'cy', 'ann', 'bo']);
    expect(names(of, ['a', 'b'], loads({ ann: { turn: 11 }, bo: { turn: 12 }, cy: { turn: 10 } }))).toEqual([
      'cy',
      'ann',
    ]);
  });

  it('least loaded levels out', () => {
    const of = team([pool(['ann', 'bo', 'cy'], { pick: 'least_loaded' })]);
    expect(names(of, ['a', 'b', 'c', 'd'], loads({ ann: { open: 2 }, bo: { open: 1 } }))).toEqual([
      'cy',
      'bo',
      'cy',
      'ann',
    ]);
  });

  it('nobody gets more than their week takes; whoever is left over goes down the chain', () => {
    const of = team([pool(['ann', 'bo'], { aWeek: 2 })]);
    expect(names(of, ['a', 'b', 'c', 'd'], loads({ ann: { week: 1 } }))).toEqual([
      'ann',
      'bo',
      'bo',
      'nobody',
    ]);
  });

  it('two tasks of one account go to one person, and count twice', () => {
    const of = team([pool(['ann', 'bo'], { aWeek: 2 })]);
    expect(names(of, ['a', 'a', 'b', 'c', 'd'])).toEqual(['ann', 'ann keeps', 'bo', 'bo', 'nobody']);
  });

  it('a task that stands in another CRM already counts once', () => {
    const of = team([pool(['ann'], { aWeek: 1 })]);
    const held = new Map([
      ['a', new Map([['sdr', { person: mail('ann'), since: '2026-03-02', why: 'drawn' }]])],
    ]);
    const twin = { held, counted: new Map([['task-0', mail('ann')]]) };
    expect(names(of, ['a', 'b'], twin)).toEqual(['ann keeps', 'ann']);
  });

  it('changes nothing that it is given: the same question has the same answer', () => {
    const of = team([pool(['ann', 'bo'])]);
    expect(names(of, ['a', 'b', 'c'])).toEqual(names(of, ['a', 'b', 'c']));
    expect(EMPTY.held.size + EMPTY.loads.size + (EMPTY.turns.get('sdr')?.size ?? 0)).toBe(0);
  });
});
