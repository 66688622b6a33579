import type { Policy } from '../../src/decide/decide.ts';
import { foldRules, loadMappings, type Mappings } from '../../src/mappings.ts';
import { loadDomainLists } from '../../src/shared/domain-lists.ts';

/** Everything in `mappings/`. */
export function shippedMappings(): Mappings {
  const mappings = loadMappings('mappings');
  if (!mappings.ok) {
    throw new Error(JSON.stringify(mappings.error));
  }
  return mappings.value;
}

/** What the shipped files make of a score, for one CRM. */
export function shippedPolicy(mappings: Mappings = shippedMappings()): Policy {
  const { rules } = foldRules(mappings, loadDomainLists());
  return {
    model: mappings.champion,
    handoff: mappings.handoff,
    mappings: [mappings.salesforce],
    templates: mappings.templates,
    isBuying: (signal) => mappings.signals.isBuying(signal),
    mail: rules,
    linkBase: 'http://127.0.0.1',
  };
}
