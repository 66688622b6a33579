import { describe, expect, it } from 'vitest';
import { calledName } from '../../../../src/decide/texts/first-name.ts';

describe('what a letter calls somebody', () => {
  it.each<[string | null, string | null, string | null]>([
    [null, 'Ann Lee', 'Ann'],
    ['Ann', 'Dr. Ann Lee', 'Ann'],
    [null, 'Lee, Ann', 'Ann'],
    [null, 'ann lee', 'Ann'],
    [null, 'ANN LEE', 'Ann'],
    [null, 'DJ Shah', 'DJ'],
    [null, 'McKenzie Ito', 'McKenzie'],
    [null, 'Jean-Luc Petit', 'Jean-Luc'],
    [null, '李 小龙', '李 小龙'],
    [null, 'Øyvind Dahl', 'Øyvind'],
    [null, 'Dr. Ann Lee', 'Dr. Ann Lee'],
    [null, 'A. Lee', 'A. Lee'],
    [null, 'ann.lee@initech.example', null],
    [null, 'user1234', null],
    [' ', null, null],
    [null, null, null],
  ])('first name %j, name %j: %j', (firstName, name, called) => {
    expect(calledName({ firstName, name })).toBe(called);
  });
});
