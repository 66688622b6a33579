import { describe, expect, it } from 'vitest';
import { canonicalUser, linksOf, ownerAt, personOf } from '../../../src/accounts/identity.ts';
import { event, NOON } from '../../support/event.ts';

const sighting = (userId: string, at: number) => event({ userId, anonymousId: 'a-1', at });

describe('whose an anonymous event is (decision 8)', () => {
  const links = linksOf('a-1', [sighting('bob', NOON + 10), sighting('ann', NOON)]);

  it.each<[string, number, string]>([
    ['before anybody was identified: the first who was, later', NOON - 5, 'ann'],
    ['at the very instant of an identification: that user', NOON, 'ann'],
    ['after one user and before another: the one who comes', NOON + 1, 'bob'],
    ['after all: the last', NOON + 11, 'bob'],
  ])('%s', (_title, at, owner) => {
    expect(ownerAt(links, at)).toBe(owner);
    const solo = event({ userId: null, anonymousId: 'a-1', at });
    expect(personOf(solo, [], () => links)).toBe(`u:${owner}`);
  });

  it('nobody, while nobody was identified on the id', () => {
    const solo = event({ userId: null, anonymousId: 'a-1' });
    expect(personOf(solo, [], () => [])).toBe('a:a-1');
  });

  it('an alias from the id is an identification too', () => {
    const alias = event({ kind: 'alias', name: null, userId: 'eve', previousId: 'a-1' });
    expect(ownerAt(linksOf('a-1', [alias]), NOON)).toBe('eve');
  });
});

describe('who stands for users that an alias joined', () => {
  const edge = (previous: string, user: string) => ({ previous, user });

  it.each<[string, { previous: string; user: string }[], string]>([
    ['the one that replaced the other', [edge('old', 'new')], 'new'],
    ['the end of a chain', [edge('old', 'mid'), edge('mid', 'new')], 'new'],
    ['the smallest of several that were not replaced', [edge('old', 'z'), edge('old', 'b')], 'b'],
    ['the smallest of a circle', [edge('old', 'z'), edge('z', 'old')], 'old'],
    ['itself, when others were joined', [edge('x', 'y')], 'old'],
  ])('%s', (_title, edges, user) => {
    expect(canonicalUser(edges, 'old')).toBe(user);
  });
});
