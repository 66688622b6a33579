import fc from 'fast-check';
import type { AccountsConfig } from '../../src/accounts/accounts-config.ts';
import type { ProductEvent, TraitChange } from '../../src/events/event.ts';
import { HOUR } from '../../src/shared/time.ts';
import { event, group, identify, NOON } from './event.ts';

/** A company with two domains, and one's own. */
export const COMPANIES: Partial<AccountsConfig> = {
  own_domains: ['ours.example'],
  domain_aliases: { 'initech.example': ['initech-labs.example'] },
};

const users = ['ann', 'bob', 'eve', 'kim'];
const emails = [
  'x@initech.example',
  'x@eu.initech-labs.example',
  'y@hooli.example',
  'z@gmail.com',
  'me@ours.example',
];
const sites = ['initech.example', 'https://www.initech-labs.example', 'hooli.example', 'ours.example'];

/** Everything by which an event finds, joins or leaves an account. */
export const anyIdentityEvent: fc.Arbitrary<ProductEvent> = fc
  .record({
    shape: fc.constantFrom(
      'deed',
      'deed',
      'identify',
      'identify',
      'group',
      'group',
      'named deed',
      'removed',
      'removed from all',
      'alias',
      'anonymous',
      'seen on a device',
      'of the account',
    ),
    user: fc.constantFrom(...users),
    other: fc.constantFrom(...users, 'a-1', 'a-2'),
    device: fc.constantFrom('a-1', 'a-2'),
    account: fc.constantFrom('acct-1', 'acct-2', 'acct-3', 'initech.example'),
    email: fc.constantFrom(...emails),
    site: fc.constantFrom(...sites, 'gmail.com', null, null),
    how: fc.constantFrom<TraitChange['op']>('set', 'set', 'set_once', 'unset'),
    declared: fc.boolean(),
    hour: fc.oneof(fc.constantFrom(-1, 0), fc.integer({ min: -48, max: 0 })),
    tie: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ shape, user, other, device, account, email, site, how, declared, hour, tie }) => {
    const base = { userId: user, at: NOON + hour * HOUR, id: `m-${tie}` };
    const value = how === 'unset' ? null : site;
    const accountTraits = site === null ? [] : [{ op: how, name: 'website', value }];
    switch (shape) {
      case 'identify':
        return identify({ email }, base);
      case 'group':
        return group(account, {}, { ...base, accountTraits, declared });
      case 'named deed':
        return event({ ...base, accountId: account });
      case 'removed':
        return event({ ...base, name: 'Account Removed User', accountId: account });
      case 'removed from all':
        return event({ ...base, name: 'Account Removed User' });
      case 'alias':
        return event({ ...base, kind: 'alias', name: null, previousId: other });
      case 'anonymous':
        return event({ ...base, userId: null, anonymousId: device });
      case 'seen on a device':
        return event({ ...base, anonymousId: device });
      case 'of the account':
        return group(account, {}, { ...base, accountTraits, declared, userId: null });
      default:
        return event(base);
    }
  });

const anySiteEvent: fc.Arbitrary<ProductEvent> = fc
  .record({
    user: fc.constantFrom('ann', 'bob', null),
    account: fc.constantFrom('acct-1', 'acct-1', 'acct-2'),
    site: fc.constantFrom(...sites, 'gmail.com'),
    name: fc.constantFrom('website', 'website', 'domain'),
    op: fc.constantFrom<TraitChange['op']>('set', 'set', 'set_once', 'unset'),
    declared: fc.boolean(),
    hour: fc.integer({ min: -3, max: 0 }),
    tie: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ user, account, site, name, op, declared, hour, tie }) => {
    const accountTraits = [{ op, name, value: op === 'unset' ? null : site }];
    const base = { userId: user, at: NOON + hour * HOUR, id: `m-${tie}`, declared };
    return group(account, {}, { ...base, accountTraits });
  });

/** Members of two groups who disagree about the web site, and somebody whose account hangs on it. */
export const siteHistories = fc
  .uniqueArray(anySiteEvent, { minLength: 2, maxLength: 10, selector: ({ id }) => id })
  .map((said) => [
    identify({ email: 'x@initech.example' }, { userId: 'kim', id: 'kim' }),
    identify({ email: 'y@hooli.example' }, { userId: 'eve', id: 'eve' }),
    ...said,
  ]);

/** Distinct events: of two with one id, only the first would count. */
export const identityHistories = (minLength: number, maxLength: number) =>
  fc.uniqueArray(anyIdentityEvent, { minLength, maxLength, selector: ({ id }) => id });
