import { booleanOf, comparable, numberOf } from './coerce.ts';
import type { FactRules, Facts } from './fact-rules.ts';
import { type CompanyKind, DOMAIN_KINDS } from './facts-config.ts';
import { instantOf } from './signup.ts';
import { domainOf, mailSites, type Site, type SiteReader, siteOf } from './sites.ts';
import type { AccountState } from './state.ts';

/**
 * Facts that are made from others.
 *
 * @param facts what all sources say together
 * @param said what events say
 */
export function computedFacts(
  state: AccountState,
  rules: FactRules,
  sites: SiteReader,
  facts: Facts,
  said: Facts,
): Facts {
  const mail = mailSites(state, sites);
  const domain = domainOf(sites, said, mail) ?? siteOf(facts, sites);
  const kind = domain === null ? kindOfMost(mail) : (sites(domain)?.kind ?? null);
  const acv = Object.hasOwn(facts, 'acv_potential') ? null : estimate(rules.acv, facts);
  return {
    ...(domain === null ? {} : { domain, target_lists: listsWith(domain, rules) }),
    ...(kind === null ? {} : { domain_kind: kind }),
    ...customerFacts(state, rules, facts),
    ...(acv === null ? {} : { acv_potential: acv }),
  };
}

/** Without a domain of its own an account is of the kind that most of its people's addresses are; of a tie, `work` first. */
function kindOfMost(mail: readonly Site[]): CompanyKind | null {
  const counts = new Map<CompanyKind, number>();
  for (const { kind } of mail) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const order = ['work', ...DOMAIN_KINDS] as const;
  return order.find((kind) => counts.get(kind) === most) ?? null;
}

function listsWith(domain: string, { lists }: FactRules): string[] {
  return [...lists].filter(([, domains]) => domains.has(domain)).map(([name]) => name);
}

/** The first of trait, signals, plan and CRM that knows decides (S4-160). Time plays no part: what is folded has happened. */
function customerFacts(state: AccountState, { customer }: FactRules, facts: Facts): Facts {
  const cancelled = lastOf(state, customer.cancelled);
  const started = lastOf(state, customer.started);
  const bySignals = started === null && cancelled === null ? null : (started ?? 0) > (cancelled ?? 0);
  const plan = comparable(facts[customer.plan]);
  const byPlan = plan === null ? null : !customer.freePlans.has(plan);
  const is =
    booleanOf(facts[customer.trait]) ??
    bySignals ??
    byPlan ??
    customerOfCrm(booleanOf(facts[customer.crm]), facts);
  return {
    ...(is === null ? {} : { customer: is }),
    ...(cancelled === null ? {} : { churned_at: new Date(cancelled).toISOString() }),
  };
}

/** A deal that was won before they left makes nobody a customer. */
function customerOfCrm(said: boolean | null, facts: Facts): boolean | null {
  const left = instantOf(facts.churned_at ?? null);
  const won = instantOf(facts.last_won_at ?? null);
  return said === true && left !== null && (won === null || won <= left) ? false : said;
}

function lastOf(state: AccountState, signal: string): number | null {
  return state.parts.reduce<number | null>((latest, { signals }) => {
    const last = signals[signal]?.last;
    return last === undefined || (latest !== null && latest >= last) ? latest : last;
  }, null);
}

function estimate(acv: FactRules['acv'], facts: Facts): number | null {
  const size = acv === null ? null : numberOf(facts[acv.from]);
  return size === null ? null : (acv?.bands.findLast(({ from }) => size >= from)?.is ?? null);
}
