import type { Policy } from '../../src/decide/decide.ts';
import { foldRules, loadMappings, type Mappings } from '../../src/mappings.ts';

/** Everything in `mappings/`, or in a copy of it. */
export function shippedMappings(dir = 'mappings'): Mappings {
  const mappings = loadMappings(dir);
  if (!mappings.ok) {
    throw new Error(JSON.stringify(mappings.error));
  }
  return mappings.value;
}

/** What the shipped files make of a score, for one CRM. */
export function shippedPolicy(mappings: Mappings = shippedMappings()): Policy {
  const { rules } = foldRules(mappings);
  return {
    model: mappings.champion,
    // As without Slack.
    handoff: { ...mappings.handoff, alerts: null },
    mappings: [mappings.salesforce],
    templates: mappings.templates,
    signals: mappings.signals.signals,
    isBuying: (signal) => mappings.signals.isBuying(signal),
    mail: rules,
    linkBase: 'http://127.0.0.1',
  };
}
