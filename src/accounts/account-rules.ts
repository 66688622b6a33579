import type { ProductEvent } from '../events/event.ts';
import { type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { type AccountsConfig, accountsSchema } from './accounts-config.ts';
import { problemsOfAccounts } from './accounts-problems.ts';
import { eventKey } from './catalogue/event-key.ts';
import { type DomainKind, type DomainList, type MailRules, registrableDomain } from './domains.ts';
import { remembering } from './remembering.ts';

/** How events find their account where they do not name it: the operator's settings over the maintained lists. */
export interface AccountRules extends MailRules {
  /** Of several memberships in force, the one whose account gets an event that names none. */
  severalAccounts: AccountsConfig['several_accounts'];
  /** The event ends its person's membership: in the account that it names, else in all. */
  removes(event: ProductEvent): boolean;
}

/** `mappings/accounts.yaml` as text -> settings, or every problem with its line. */
export function readAccounts(file: string, text: string): Result<AccountsConfig, ConfigProblem[]> {
  // A file of comments only is fine: every key has a default.
  const isBare = text.split('\n').every((line) => /^\s*(#.*)?$/.test(line));
  return checked(readConfig(file, isBare ? '{}' : text, accountsSchema), ({ value, problem }) => {
    const problems = problemsOfAccounts(value).map(({ path, found, allowed }) =>
      problem(path, found, allowed),
    );
    return problems.length > 0 ? err(problems) : ok(value);
  });
}

/** Settings and maintained lists -> rules. What is listed in the settings wins over the lists, at any level. */
export function accountRules(config: AccountsConfig, list: DomainList): AccountRules {
  const main = new Map(
    Object.entries(config.domain_aliases).flatMap(([domain, others]) =>
      [domain, ...others].map((one) => [one, domain] as const),
    ),
  );
  const kinds = new Map<string, DomainKind>([
    ...[...main.keys()].map((domain) => [domain, 'work'] as const),
    ...config.work_mail.map((domain) => [domain, 'work'] as const),
    ...config.free_mail.map((domain) => [domain, 'free'] as const),
    ...config.disposable_mail.map((domain) => [domain, 'disposable'] as const),
    ...config.own_domains.map((domain) => [domain, 'own'] as const),
  ]);
  const removals = new Set(config.removed_by.map(eventKey));
  return {
    kind: remembering((host) => nearest(kinds, host.toLowerCase()) ?? list.kind(host)),
    companyDomain: (domain) => main.get(domain) ?? domain,
    severalAccounts: config.several_accounts,
    removes: ({ kind, name }) => kind === 'track' && name !== null && removals.has(eventKey(name)),
  };
}

/** Of a host and the domains above it, the first that is listed. */
function nearest(kinds: ReadonlyMap<string, DomainKind>, host: string): DomainKind | null {
  if (kinds.size === 0) {
    return null;
  }
  for (let name = host; name !== ''; name = name.slice(name.indexOf('.') + 1)) {
    const kind = kinds.get(name);
    if (kind !== undefined || !name.includes('.')) {
      return kind ?? null;
    }
  }
  return null;
}

/** The company's domain that a web site names; null for private mail services, own domains and nonsense. */
export function companyOfSite(rules: AccountRules, site: string): string | null {
  const domain = registrableDomain(site);
  return domain !== null && rules.kind(domain) === 'work' ? rules.companyDomain(domain) : null;
}
