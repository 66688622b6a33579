import { describe, expect, it } from 'vitest';
import {
  type DomainKind,
  emailDomain,
  registrableDomain,
  workDomain,
} from '../../../src/accounts/domains.ts';
import { loadDomainLists } from '../../../src/shared/domain-lists.ts';

const lists = loadDomainLists();
const rules = { ...lists, companyDomain: (domain: string) => domain };

describe('emailDomain', () => {
  const rows: [string, string | null][] = [
    ['ann@initech.example', 'initech.example'],
    ['Ann@INITECH.Example', 'initech.example'],
    ['ann@mail.eu.initech.co.uk', 'initech.co.uk'],
    ['ann@initech.example.', 'initech.example'],
    ['"a@b"@initech.example', 'initech.example'],
    ['ann@bücher.example', 'xn--bcher-kva.example'],
    ['ann@192.0.2.7', null],
    ['ann@localhost', null],
    ['ann@co.uk', null],
    ['ann@', null],
    ['@initech.example', null],
    ['ann', null],
    ['', null],
  ];
  it.each(rows)('of %j is %j', (email, domain) => {
    expect(emailDomain(email)).toBe(domain);
  });
});

describe('registrableDomain', () => {
  const rows: [string, string | null][] = [
    ['https://www.initech.co.uk/pricing?a=1#b', 'initech.co.uk'],
    ['http://user:secret@app.initech.example:8080', 'initech.example'],
    ['  WWW.Initech.Example ', 'initech.example'],
    ['initech.example/', 'initech.example'],
    ['https://bücher.example', 'xn--bcher-kva.example'],
    ['https://[2001:db8::1]/', null],
    ['Initech', null],
    ['n/a', null],
    ['', null],
  ];
  it.each(rows)('of %j is %j', (site, domain) => {
    expect(registrableDomain(site)).toBe(domain);
  });
});

describe('the maintained lists', () => {
  const rows: [string, DomainKind][] = [
    ['initech.example', 'work'],
    ['gmail.com', 'free'],
    ['GoogleMail.com', 'free'],
    ['yahoo.co.uk', 'free'],
    ['proton.me', 'free'],
    ['mailinator.com', 'disposable'],
    ['deep.below.mailinator.com', 'disposable'],
    ['mail.gmail.com', 'free'],
    ['privaterelay.appleid.com', 'free'],
    ['appleid.com', 'work'],
    ['internode.on.net', 'free'],
    ['notgmail.com', 'work'],
    ['initech.web.id', 'work'],
    ['co.uk', 'work'],
    ['', 'work'],
  ];
  it.each(rows)('take %j for %s mail', (domain, kind) => {
    expect(lists.kind(domain)).toBe(kind);
  });
});

describe('workDomain: free and disposable mail never name a company', () => {
  const rows: [string, string | null][] = [
    ['ann@eu.initech.example', 'initech.example'],
    ['ann@gmail.com', null],
    ['ann@x.mailinator.com', null],
    ['x7@privaterelay.appleid.com', null],
    ['ann@internode.on.net', null],
    ['tim@appleid.com', 'appleid.com'],
    ['ann', null],
  ];
  it.each(rows)('of %j is %j', (email, domain) => {
    expect(workDomain(email, rules)).toBe(domain);
  });
});
