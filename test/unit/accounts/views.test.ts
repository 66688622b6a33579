import { describe, expect, it } from 'vitest';
import type { MailRules } from '../../../src/accounts/domains.ts';
import type { AccountState } from '../../../src/accounts/state.ts';
import { accountDomain, accountTraits, people } from '../../../src/accounts/views.ts';
import type { ProductEvent } from '../../../src/events/event.ts';
import { event, group, identify, NOON } from '../../support/event.ts';
import { accountOf } from '../../support/tally.ts';

type Traits = Parameters<typeof identify>[0];
const rules: MailRules = {
  kind: (host) => (host === 'gmail.com' ? 'free' : 'work'),
  companyDomain: (domain) => domain,
};

function personOf(traits: Traits) {
  const [person] = people(accountOf({ 'u:ann': [identify(traits)] }));
  return person;
}

describe('people', () => {
  it('stand in the order of their refs; the remainder is nobody', () => {
    const state = accountOf({ 'u:b': [event()], 'a:z': [event()], 'u:a': [event()], 'g:acct-7': [event()] });
    const parts = state.parts.map((part) => (part.person === 'g:acct-7' ? { ...part, person: null } : part));
    expect(people({ ...state, parts }).map(({ ref, id }) => [ref, id])).toEqual([
      ['a:z', 'z'],
      ['u:a', 'a'],
      ['u:b', 'b'],
    ]);
  });

  const rows: [string, Traits, object][] = [
    ['name from its parts', { first_name: ' Ann ', last_name: 'Lee' }, { name: 'Ann Lee', firstName: 'Ann' }],
    ['name as declared', { name: 'Ann L.', first_name: 'Ann' }, { name: 'Ann L.', lastName: null }],
    ['half a name', { last_name: 'Lee' }, { name: 'Lee', firstName: null }],
    ['nothing', {}, { name: null, email: null, title: null, department: null, role: null }],
    ['lower-case e-mail', { email: ' Ann@X.Example ' }, { email: 'ann@x.example' }],
    ['no e-mail in nonsense', { email: 'none' }, { email: null, traits: { email: 'none' } }],
    [
      'work',
      { title: 'CTO', department: 'IT', role: 'admin' },
      { title: 'CTO', department: 'IT', role: 'admin' },
    ],
    ['no unset traits', { plan: null, seats: 3 }, { traits: { seats: 3 } }],
  ];
  it.each(rows)('%s', (_, traits, view) => {
    expect(personOf(traits)).toMatchObject(view);
  });

  it('were last active at their newest activity, which an identify is not (decision 10)', () => {
    const [person] = people(
      accountOf({ 'u:ann': [event({ at: NOON }), event({ at: NOON - 9 }), identify({}, { at: NOON + 9 })] }),
    );
    expect(person?.lastActive).toBe(NOON);
    expect(personOf({})?.lastActive).toBeNull();
  });
});

describe('accountTraits: the winner over all people, however they share the events (I3)', () => {
  const LATER = NOON + 1;
  const once = (value: string, over: Partial<ProductEvent>) =>
    event({ accountTraits: [{ op: 'set_once', name: 'source', value }], ...over });
  const rows: [string, ProductEvent[], object][] = [
    [
      'the later',
      [group('a', { plan: 'free' }), group('a', { plan: 'pro' }, { at: LATER })],
      { plan: 'pro' },
    ],
    [
      'declared over a newer snapshot',
      [group('a', { plan: 'pro' }), group('a', { plan: 'free' }, { at: LATER, declared: false })],
      { plan: 'pro' },
    ],
    ['without the unset', [group('a', { plan: 'pro' }), group('a', { plan: null }, { at: LATER })], {}],
    [
      'the earliest set_once, declared or not',
      [once('search', { declared: false }), once('ads', { declared: true, at: LATER })],
      { source: 'search' },
    ],
    ['of different names both', [group('a', { b: 1 }), group('a', { a: [''] })], { a: [''], b: 1 }],
  ];
  it.each(rows)('%s', (_, events, traits) => {
    const [first, second] = events.map((one) => [one]);
    const shares: AccountState[] = [
      accountOf({ 'u:1': events }),
      accountOf({ 'u:1': first ?? [], 'u:2': second ?? [] }),
      accountOf({ 'u:1': second ?? [], 'u:2': first ?? [] }),
    ];
    expect(shares.map((state) => JSON.stringify(accountTraits(state)))).toEqual(
      shares.map(() => JSON.stringify(traits)),
    );
  });
});

describe('accountDomain', () => {
  const ann = (email: string) => identify({ email });
  const rows: [string, Record<string, ProductEvent[]>, string | null][] = [
    [
      'its domain trait',
      { 'u:1': [group('a', { domain: 'WWW.Initech.example', website: 'x.example' })] },
      'initech.example',
    ],
    ['its website', { 'u:1': [group('a', { website: 'https://initech.example/about' })] }, 'initech.example'],
    [
      'its website, where the domain says nothing',
      { 'u:1': [group('a', { domain: 'n/a', website: 'initech.example' })] },
      'initech.example',
    ],
    [
      'a trait over mail',
      { 'u:1': [group('a', { domain: 'initech.example' }), ann('a@other.example')] },
      'initech.example',
    ],
    [
      'the mail domain that its people share',
      {
        'u:1': [ann('a@eu.initech.example')],
        'u:2': [ann('b@initech.example')],
        'u:3': [ann('c@gmail.com')],
      },
      'initech.example',
    ],
    ['nothing of two mail domains', { 'u:1': [ann('a@x.example')], 'u:2': [ann('b@y.example')] }, null],
    ['nothing of free mail', { 'u:1': [ann('a@gmail.com')] }, null],
    ['nothing of nobody', {}, null],
  ];
  it.each(rows)('is %s', (_, members, domain) => {
    expect(accountDomain(accountOf(members), rules)).toBe(domain);
  });

  it('goes by traits alone where nobody can tell work mail', () => {
    expect(accountDomain(accountOf({ 'u:1': [ann('a@initech.example')] }))).toBeNull();
  });
});
