import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { domainToASCII } from 'node:url';
import { disposableEmailBlocklist } from 'disposable-email-domains-js';
import { type DomainKind, type DomainList, hostAndParents } from '../accounts/domains.ts';

/** Private mail and relay services that the maintained list lacks. All their users would make one company. */
const MORE_FREE = `
  addy.io aleeas.com anonaddy.me bluewin.ch btinternet.com daum.net disroot.org docomo.ne.jp duck.com
  ezweb.ne.jp gmx.ch hey.com kakao.com keemail.me mailbox.org mailfence.com mozmail.com passinbox.com
  passmail.net pm.me posteo.de posteo.net privaterelay.appleid.com proton.me riseup.net sfr.fr shaw.ca
  simplelogin.com skiff.com skynet.be slmail.me softbank.ne.jp startmail.com sympatico.ca talktalk.net
  telenet.be telus.net tuta.com tuta.io tutamail.com tutanota.com users.noreply.github.com virginmedia.com
  ymail.ne.jp zohomail.com zohomail.eu`;

/**
 * Loads the maintained lists of free and disposable mail domains: about 90,000 names, read once at start.
 *
 * @throws when a list's package is broken: without the lists every free-mail user would make an account
 */
export function loadDomainLists(): DomainList {
  const free = new Set([...load('free'), ...MORE_FREE.trim().split(/\s+/)]);
  const disposable = new Set([...load('disposable'), ...disposableEmailBlocklist()]);
  const kindOf = (name: string): DomainKind | null =>
    free.has(name) ? 'free' : disposable.has(name) ? 'disposable' : null;
  return {
    kind: (host) =>
      hostAndParents(host.toLowerCase())
        .map(kindOf)
        .find((kind) => kind !== null) ?? 'work',
  };
}

/** The same, read when first asked: `pql check` need not wait for 90,000 names. */
export function lazyDomainLists(): DomainList {
  let lists: DomainList | null = null;
  return {
    kind: (host) => {
      lists ??= loadDomainLists();
      return lists.kind(host);
    },
  };
}

function load(name: 'free' | 'disposable'): Set<string> {
  const file = createRequire(import.meta.url).resolve(`freemail/data/${name}.txt`);
  const names = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim().toLowerCase())
    .map((line) => (/^[\x21-\x7e]*$/.test(line) ? line : domainToASCII(line)));
  return new Set(names.filter((line) => line.includes('.')));
}
