import { describe, expect, it } from 'vitest';
import { nextOf } from '../../../../src/decide/handoff/pick.ts';
import type { PickRule } from '../../../../src/decide/handoff/team.ts';
import { loads, mail, pool } from '../../../support/team.ts';

const ALL = ['ann', 'bo', 'cy'];

function next(pick: PickRule, able: string[], of: Parameters<typeof loads>[0] = {}, account = 'acct-7') {
  return (
    nextOf(pool(ALL, { pick }), able.map(mail), account, loads(of))?.replace('@acme.example', '') ?? null
  );
}

describe('round robin: whoever waited longest', () => {
  it.each<[string, string[], Parameters<typeof loads>[0], string | null]>([
    ['nobody had a turn yet: the first of the file', ALL, {}, 'ann'],
    ['whoever never had one comes before the others', ALL, { ann: { turn: 1 }, cy: { turn: 0 } }, 'bo'],
    ['the lowest turn', ALL, { ann: { turn: 7 }, bo: { turn: 5 }, cy: { turn: 6 } }, 'bo'],
    ['open tasks and the week do not count', ALL, { ann: { open: 9, week: 9 } }, 'ann'],
    ['only those who can', ['cy'], { cy: { turn: 9 } }, 'cy'],
    ['nobody, when nobody can', [], {}, null],
    ['the order of the file, in whatever order they are asked', ['cy', 'bo', 'ann'], {}, 'ann'],
  ])('%s', (_title, able, of, expected) => {
    expect(next('round_robin', able, of)).toBe(expected);
  });
});

describe('least loaded: whoever has the fewest open tasks', () => {
  it.each<[string, Parameters<typeof loads>[0], string]>([
    ['nobody has any: the first of the file', {}, 'ann'],
    ['the fewest', { ann: { open: 3 }, bo: { open: 2 }, cy: { open: 4 } }, 'bo'],
    ['whoever is missing has none', { ann: { open: 1 }, bo: { open: 1 } }, 'cy'],
    [
      'of two with as few, whoever waited longest',
      { ann: { open: 1, turn: 4 }, bo: { open: 1, turn: 3 }, cy: { open: 2, turn: 0 } },
      'bo',
    ],
    ['of two who waited as long, the first of the file', { cy: { open: 1, turn: 0 } }, 'ann'],
    ['the week does not count', { ann: { week: 9 } }, 'ann'],
  ])('%s', (_title, of, expected) => {
    expect(next('least_loaded', ALL, of)).toBe(expected);
  });
});

describe('steady: drawn by the key of the account', () => {
  const accounts = Array.from({ length: 300 }, (_, i) => `acct-${i}`);
  const draw = (able: string[]) => accounts.map((account) => next('steady', able, {}, account));

  it('gives the accounts out about evenly, whatever anybody has to do', () => {
    const counts = Object.values(Object.groupBy(draw(ALL), String)).map((group) => group?.length ?? 0);
    expect(counts).toHaveLength(3);
    expect(Math.min(...counts)).toBeGreaterThan(70);
    expect(next('steady', ALL, { ann: { open: 99 }, bo: { open: 99 }, cy: { open: 99 } })).toBe(
      next('steady', ALL),
    );
  });

  it('moves only the accounts of somebody who left', () => {
    const [before, after] = [draw(ALL), draw(['ann', 'cy'])];
    expect(new Set(before.filter((name, i) => name !== after[i]))).toEqual(new Set(['bo']));
  });
});
