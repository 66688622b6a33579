import { describe, expect, it } from 'vitest';
import {
  cohortOfList,
  cohortToList,
  listIdOf,
  translateListCall,
} from '../../../src/receive/amplitude/lists.ts';
import { arrival, eventsIn, quarantinedIn, traitsOf } from '../../support/arrival.ts';
import { NOON } from '../../support/event.ts';

describe('the cohort that a list is created for', () => {
  const rows: [string, unknown, string | null][] = [
    ['Amplitude’s default name', { name: '[Amplitude] Power users: k3x9q2ab' }, 'k3x9q2ab'],
    ['a colon in the cohort’s name', { name: '[Amplitude] Risk: high: k3x9q2ab' }, 'k3x9q2ab'],
    ['an explicit cohort id first', { cohort_id: 'k1', name: '[Amplitude] Power users: k2' }, 'k1'],
    ['another template', { name: 'Power users' }, 'Power users'],
    ['a name that ends in a colon', { name: 'Power users: ' }, 'Power users: '],
    ['no name', {}, null],
    ['a blank name', { name: '  ' }, null],
    ['no object', 'Power users', null],
    ['an endless name', { name: 'x'.repeat(501) }, null],
  ];
  it.each(rows)('%s', (_title, body, expected) => {
    expect(cohortToList(body)).toBe(expected);
  });
});

describe('list ids', () => {
  it('the same cohort always has the same list: create is idempotent without a memory', () => {
    expect(listIdOf('k3x9')).toBe(listIdOf('k3x9'));
    expect(listIdOf('k3x9')).not.toBe(listIdOf('k3x8'));
  });

  it.each(['k3x9', 'Büro ☕', 'a/b?c&d', 'x'.repeat(500)])(
    'carries its cohort and fits into a path: %s',
    (cohort) => {
      expect(cohortOfList(listIdOf(cohort))).toBe(cohort);
      expect(encodeURIComponent(listIdOf(cohort))).toBe(listIdOf(cohort));
    },
  );

  it.each(['lst_81', '', 'lst_azN4OQ.000000000000', `x${listIdOf('k')}`])(
    'made-up ids are known: %j',
    (id) => {
      expect(cohortOfList(id)).toBeNull();
    },
  );
});

describe('add and remove', () => {
  const listId = listIdOf('k3x9');
  const call = (body: unknown, operation: 'add' | 'remove' = 'add', id = listId, receivedAt = NOON) => {
    const came = arrival({ vendor: 'amplitude', route: 'amplitude.lists', receivedAt });
    return translateListCall(id, operation, body, came, { groupType: 'company' });
  };

  it.each<['add' | 'remove', boolean]>([
    ['add', true],
    ['remove', false],
  ])('%s sets the cohort’s trait of each user', (operation, isIn) => {
    const events = eventsIn(call({ userIds: ['u-1', 'u-2'] }, operation));
    expect(events.map(({ userId, kind, at }) => ({ userId, kind, at }))).toEqual([
      { userId: 'u-1', kind: 'cohort', at: NOON },
      { userId: 'u-2', kind: 'cohort', at: NOON },
    ]);
    expect(events.map(({ personTraits }) => traitsOf(personTraits))).toEqual([
      { 'cohort:k3x9': isIn },
      { 'cohort:k3x9': isIn },
    ]);
  });

  it('items may be objects that hold the id', () => {
    const users = [{ user_id: 'a' }, { userId: 'b' }, { id: 'c' }];
    expect(eventsIn(call({ userIds: users })).map(({ userId }) => userId)).toEqual(['a', 'b', 'c']);
  });

  it('adding again after a removal is another event', () => {
    const ids = [NOON, NOON + 5].flatMap((at) =>
      eventsIn(call({ userIds: ['u-1'] }, 'add', listId, at)).map(({ id }) => id),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it.each<[string, unknown, string, string]>([
    ['an unknown list', { userIds: ['u-1'] }, 'lst_81', 'unknown_list'],
    ['no user ids', { users: ['u-1'] }, listId, 'no_membership'],
    ['no object', 'u-1', listId, 'no_membership'],
  ])('%s is quarantined', (_title, body, id, code) => {
    expect(quarantinedIn(call(body, 'add', id))).toMatchObject([{ code, route: 'amplitude.lists' }]);
  });
});
