import { describe, expect, it } from 'vitest';
import {
  eventReplaced,
  type Forgotten,
  forgottenBy,
  isForgotten,
  isTelling,
  mentionsReplaced,
  nobody,
  pseudonymOf,
  replacedIn,
  seedOf,
  sieveOf,
  tombstoneOf,
  tombstonesOf,
  withTombstones,
} from '../../../src/events/forgotten.ts';
import { mentions, NO_NEEDLES, needlesReplaced } from '../../../src/events/needles.ts';
import { event } from '../../support/event.ts';

const KEY = '9f3c'.repeat(16);
const known = (...names: string[]): Forgotten => withTombstones(nobody(KEY), tombstonesOf(KEY, names));
const as = (text: string) => pseudonymOf(KEY, text);

describe('I12: an event is a forgotten person’s', () => {
  it.each([
    ['by its user id', { userId: 'u-42' }, ['u:u-42'], true],
    ['by an alias that names them as the former id', { userId: 'u-1', previousId: 'u-42' }, ['u:u-42'], true],
    ['by its anonymous id, when it names no user', { userId: null, anonymousId: 'a-9' }, ['a:a-9'], true],
    [
      'not by the anonymous id, when another user is on the device',
      { userId: 'u-1', anonymousId: 'a-9' },
      ['a:a-9'],
      false,
    ],
    [
      'by their own address, whatever id they use now',
      { userId: 'u-new', email: 'bo@x.example' },
      ['m:bo@x.example'],
      true,
    ],
    ['not by an id of another kind', { userId: 'a-9' }, ['a:a-9'], false],
  ])('%s', (_title, over, names, theirs) => {
    expect(forgottenBy(known(...names), event(over)) !== null).toBe(theirs);
  });

  it('another key makes other hashes: without it nobody can be recognised', () => {
    expect(tombstoneOf('other', 'u:u-42')).not.toBe(tombstoneOf(KEY, 'u:u-42'));
    expect(as('u-42')).toMatch(/^forgotten-[0-9a-f]{24}$/);
  });
});

describe('I12: the sieve before the hashes', () => {
  const names = Array.from({ length: 2000 }, (_, i) => `t:user-${i}`);
  it('holds no forgotten name back, and nearly every other', () => {
    const all = known(...names);
    expect(names.every((name) => isForgotten(all, name))).toBe(true);
    const others = names.map((name) => name.replace('user', 'other'));
    const seed = seedOf(KEY);
    expect(others.filter((name) => all.sieve.has(sieveOf(seed, name))).length).toBeLessThan(10);
  });

  it('a name with the number of a forgotten one is not taken for it', () => {
    const one = known('t:user-1');
    const sieve = new Set(Array.from({ length: 2000 }, (_, i) => sieveOf(seedOf(KEY), `t:other-${i}`)));
    expect(names.filter((name) => isForgotten({ ...one, sieve }, name))).toEqual([]);
  });

  it('is begun with the key', () => {
    expect(sieveOf(seedOf('00000001'), 'u:x')).not.toBe(sieveOf(seedOf('00000002'), 'u:x'));
  });
});

describe('I12: what others say later of a forgotten person', () => {
  const replace = mentionsReplaced(known('m:bo@x.example', 't:u-42', 't:auth0|bo'));
  it.each([
    ['an id as a whole value', 'u-42', as('u-42')],
    ['an id in a sentence', 'asked u-42, twice', `asked ${as('u-42')}, twice`],
    ['an id at the end of a sentence', 'asked u-42.', `asked ${as('u-42')}.`],
    [
      'an id in the address of a page',
      'https://a.example/u/u-42?x=1',
      `https://a.example/u/${as('u-42')}?x=1`,
    ],
    ['an id with signs of its own', 'by auth0|bo now', `by ${as('auth0|bo')} now`],
    ['an address in any case', 'to Bo@X.example!', `to ${as('bo@x.example')}!`],
    ['an address as a page’s address spells it', '?m=bo%40x.example', `?m=${as('bo@x.example')}`],
    ['no longer id that begins with it', 'u-421 and u-42-b', 'u-421 and u-42-b'],
    ['no longer address that ends with it', 'to jim.bo@x.example', 'to jim.bo@x.example'],
    ['no host that goes on', 'bo@x.example.org', 'bo@x.example.org'],
  ])('%s', (_title, said, kept) => {
    expect(replace(said)).toBe(kept);
  });

  it('is replaced in keys, lists and numbers too, and what says nothing of them stays the same object', () => {
    const digits = mentionsReplaced(known('t:1234567'));
    expect(replacedIn({ 1234567: [{ by: 1234567 }], n: 3 }, digits)).toEqual({
      [as('1234567')]: [{ by: as('1234567') }],
      n: 3,
    });
    const clean = event({ properties: { a: ['x', { b: 1 }] } });
    expect(eventReplaced(clean, replace)).toBe(clean);
  });

  it.each(['7', 'bo', '123', '12345'])(
    '%s is too much like any word or number to be looked for in texts',
    (id) => {
      expect(isTelling(id)).toBe(false);
    },
  );
});

describe('I12: while a person is being forgotten', () => {
  const who = {
    ...NO_NEEDLES,
    users: ['u-42', 'a"b\\c-1'],
    emails: ['bo@x.example'],
    words: ['Bo Bergström'],
  };
  const replace = needlesReplaced(KEY, who, true);
  it.each([
    ['ids, as JSON spells them', '{"by":"a\\"b\\\\c-1"}', `{"by":"${as('a"b\\c-1')}"}`],
    ['our own refs', 'u:u-42 of person:u-42', `u:${as('u-42')} of person:${as('u-42')}`],
    ['addresses in any case', 'BO@x.example', as('bo@x.example')],
    ['names', 'Talk to Bo Bergström (Ops)', `Talk to ${as('Bo Bergström')} (Ops)`],
    ['no part of another word', 'Bo Bergströms, xu-42, u-42é', 'Bo Bergströms, xu-42, u-42é'],
  ])('%s are replaced', (_title, text, next) => {
    expect(replace(text)).toBe(next);
  });

  it('a name alone is no mention: it may be somebody else’s', () => {
    expect(mentions(who)('Bo Bergström')).toBe(false);
    expect(mentions(who)('Bo Bergström u-42')).toBe(true);
  });
});
