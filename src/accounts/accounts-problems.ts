import type { AccountsConfig } from './accounts-config.ts';
import { eventKey } from './catalogue/event-key.ts';
import { registrableDomain } from './domains.ts';

/** Something that the shape allows and that makes no sense. */
interface Nonsense {
  path: PropertyKey[];
  found: unknown;
  allowed: string;
}

interface Named {
  path: PropertyKey[];
  name: string;
}

/** Everything wrong with `accounts.yaml` that its schema cannot say. */
export function problemsOfAccounts(config: AccountsConfig): Nonsense[] {
  return [
    ...listed(config).flatMap(unlessHost),
    ...companies(config).flatMap(unlessRegistrable),
    ...repeated([...listed(config), ...companies(config)]),
    ...removalNames(config),
  ];
}

const LISTS = ['own_domains', 'free_mail', 'disposable_mail', 'work_mail'] as const;

function listed(config: AccountsConfig): Named[] {
  return LISTS.flatMap((list) => config[list].map((name, i) => ({ path: [list, i], name })));
}

function companies({ domain_aliases: aliases }: AccountsConfig): Named[] {
  return Object.entries(aliases).flatMap(([main, others]) => [
    { path: ['domain_aliases', main], name: main },
    ...others.map((name, i) => ({ path: ['domain_aliases', main, i], name })),
  ]);
}

/** A host name in lower case below a public suffix: the form in which mail domains are compared. */
function unlessHost({ path, name }: Named): Nonsense[] {
  const domain = registrableDomain(name);
  if (domain === null) {
    return [{ path, found: name, allowed: 'a domain that a company can own, such as acme.com' }];
  }
  return /^[a-z0-9.-]+$/.test(name) && name.endsWith(domain)
    ? []
    : [{ path, found: name, allowed: `a host name, in lower case and ASCII: ${domain}` }];
}

function unlessRegistrable(named: Named): Nonsense[] {
  const domain = registrableDomain(named.name);
  return domain === null || domain === named.name
    ? unlessHost(named)
    : [
        {
          path: named.path,
          found: named.name,
          allowed: `the whole domain, ${domain}: sub-domains belong to it already`,
        },
      ];
}

/** A domain in two places would have two meanings. */
function repeated(names: readonly Named[]): Nonsense[] {
  const seen = new Map<string, string>();
  return names.flatMap(({ path, name }) => {
    const before = seen.get(name);
    seen.set(name, before ?? path.map(String).join('.'));
    return before === undefined
      ? []
      : [{ path, found: name, allowed: `a domain in one place only; it stands at ${before} already` }];
  });
}

function removalNames({ removed_by: names }: AccountsConfig): Nonsense[] {
  const keys = names.map(eventKey);
  return names.flatMap((name, i) =>
    keys[i] === '' || keys.indexOf(keys[i] ?? '') < i
      ? [
          {
            path: ['removed_by', i],
            found: name,
            allowed: 'a name, once: case, spaces and underscores do not count',
          },
        ]
      : [],
  );
}
