import { describe, expect, it } from 'vitest';
import { accountRules, companyOfSite, readAccounts } from '../../../src/accounts/account-rules.ts';
import { type AccountsConfig, defaultAccounts, foldHash } from '../../../src/accounts/accounts-config.ts';
import { type DomainKind, workDomain } from '../../../src/accounts/domains.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import { loadDomainLists } from '../../../src/shared/domain-lists.ts';
import { event } from '../../support/event.ts';
import { shippedText } from '../../support/shipped.ts';

const list = loadDomainLists();
const rulesOf = (over: Partial<AccountsConfig>) => accountRules({ ...defaultAccounts(), ...over }, list);

/** Each problem as the command prints it. */
function problems(text: string): string[] {
  const read = readAccounts('accounts.yaml', text);
  return read.ok ? [] : read.error.map(formatProblem);
}

describe('what mail says about a company, with the operator’s lists over the maintained ones (S2-121)', () => {
  const rules = rulesOf({
    own_domains: ['ours.example', 'staff.big.example'],
    free_mail: ['club.example'],
    disposable_mail: ['gone.example'],
    work_mail: ['gmail.com'],
    domain_aliases: { 'initech.example': ['initech.io', 'mailinator.com'] },
  });

  it.each<[string, DomainKind]>([
    ['ours.example', 'own'],
    ['EU.Ours.Example', 'own'],
    ['notours.example', 'work'],
    ['big.example', 'work'],
    ['staff.big.example', 'own'],
    ['mail.club.example', 'free'],
    ['gone.example', 'disposable'],
    ['gmail.com', 'work'],
    ['yahoo.co.uk', 'free'],
    ['mailinator.com', 'work'],
    ['', 'work'],
    ['example', 'work'],
  ])('mail of %j is %s', (host, kind) => {
    expect(rules.kind(host)).toBe(kind);
  });

  it.each<[string, string | null]>([
    ['ann@initech.example', 'initech.example'],
    ['ann@mail.eu.initech.io', 'initech.example'],
    ['ann@mailinator.com', 'initech.example'],
    ['ann@acme.github.io', 'acme.github.io'],
    ['ann@mail.acme.co.uk', 'acme.co.uk'],
    ['ann@acme.uk.com', 'acme.uk.com'],
    ['ann@github.io', null],
    ['ann@ours.example', null],
    ['ann@x.staff.big.example', null],
    ['ann@big.example', 'big.example'],
    ['x7@privaterelay.appleid.com', null],
  ])('X-10, S1-66: %s is of %s', (email, domain) => {
    expect(workDomain(email, rules)).toBe(domain);
  });

  it.each<[string, string | null]>([
    ['https://www.initech.io/x', 'initech.example'],
    ['ours.example', null],
    ['gmail.com', 'gmail.com'],
    ['yahoo.com', null],
    ['n/a', null],
  ])('the web site %s is of %s', (site, domain) => {
    expect(companyOfSite(rules, site)).toBe(domain);
  });
});

describe('what ends a membership', () => {
  it.each<[string, string | null, string[], boolean]>([
    ['the shipped name', 'Account Removed User', ['Account Removed User'], true],
    ['any spelling of it', 'account_removed_user', ['Account Removed User'], true],
    ['another name', 'Account Added User', ['Account Removed User'], false],
    ['nothing, when nothing is listed', 'Account Removed User', [], false],
    ['a name that the operator lists', 'Left Workspace', ['left workspace'], true],
  ])('%s', (_title, name, removed_by, expected) => {
    expect(rulesOf({ removed_by }).removes(event({ name }))).toBe(expected);
  });

  it('only a track event: a page of that name ends nothing', () => {
    expect(rulesOf({}).removes(event({ kind: 'page', name: 'Account Removed User' }))).toBe(false);
  });
});

describe('I11: accounts.yaml', () => {
  it('what is shipped is the default', () => {
    const read = readAccounts('accounts.yaml', shippedText('accounts.yaml'));
    expect(read.ok && read.value).toEqual(defaultAccounts());
  });

  it.each(['', '# nothing yet\n', '{}'])('%j is the default too', (text) => {
    const read = readAccounts('accounts.yaml', text);
    expect(read.ok && read.value).toEqual(defaultAccounts());
  });

  it('names every problem at once, with its line and what is allowed', () => {
    const text = [
      'own_domains: [Ours.example, co.uk]',
      'domain_aliases:',
      '  initech.example: [eu.initech.io, hooli.example]',
      '  hooli.example: [https://hooli.io]',
      'free_mail: [ann@club.example, 7]',
      'several_account: first declared',
    ].join('\n');
    expect(problems(text)).toEqual([
      'accounts.yaml:1 own_domains.0: found "Ours.example"; allowed: a host name, in lower case and ASCII: ours.example',
      'accounts.yaml:1 own_domains.1: found "co.uk"; allowed: a domain that a company can own, such as acme.com',
      'accounts.yaml:3 domain_aliases.initech.example.0: found "eu.initech.io"; allowed: the whole domain, initech.io: sub-domains belong to it already',
      'accounts.yaml:4 domain_aliases.hooli.example.0: found "https://hooli.io"; allowed: the whole domain, hooli.io: sub-domains belong to it already',
      'accounts.yaml:4 domain_aliases.hooli.example: found "hooli.example"; allowed: a domain in one place only; it stands at domain_aliases.initech.example.1 already',
      'accounts.yaml:5 free_mail.1: found 7; allowed: a domain name such as acme.com',
      'accounts.yaml:5 free_mail.0: found "ann@club.example"; allowed: a host name, in lower case and ASCII: club.example',
      expect.stringMatching(/accounts.yaml:6 several_account: .*did you mean "several_accounts"/),
    ]);
  });

  it.each([
    [
      'several_accounts: first declarred',
      'accounts.yaml:1 several_accounts: found "first declarred"; allowed: most recently declared, first declared (did you mean "first declared"?)',
    ],
    [
      'removed_by: [Left, left]',
      'accounts.yaml:1 removed_by.1: found "left"; allowed: a name, once: case, spaces and underscores do not count',
    ],
    [
      'removed_by: ["__"]',
      'accounts.yaml:1 removed_by.0: found "__"; allowed: a name, once: case, spaces and underscores do not count',
    ],
    [
      'account_id_at: [properties..id]',
      'accounts.yaml:1 account_id_at.0: found "properties..id"; allowed: a dotted path such as properties.workspace_id',
    ],
    [
      'free_mail: [gmail.example]\nwork_mail: [gmail.example]',
      'accounts.yaml:2 work_mail.0: found "gmail.example"; allowed: a domain in one place only; it stands at free_mail.0 already',
    ],
    [
      'domain_aliases: { initech.example: [] }',
      'accounts.yaml:1 domain_aliases.initech.example: found []; allowed: the other domains of the company, at least one',
    ],
  ])('refuses %j', (text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });

  it.each<[string, Partial<AccountsConfig>, boolean]>([
    ['an alias', { domain_aliases: { 'a.example': ['b.example'] } }, true],
    ['one’s own domain', { own_domains: ['a.example'] }, true],
    ['the rule for several accounts', { several_accounts: 'first declared' }, true],
    ['a removal', { removed_by: [] }, true],
    ['where ids are read from: settled when a call comes in', { account_id_at: ['properties.w'] }, false],
  ])('a change folds everybody again: %s', (_title, over, refolds) => {
    const before = foldHash('plan', defaultAccounts());
    expect(foldHash('plan', { ...defaultAccounts(), ...over }) !== before).toBe(refolds);
  });
});
