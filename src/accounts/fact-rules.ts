import type { Json } from '../shared/json.ts';
import type { CompanyKinds } from './company-kind.ts';
import type { FactSource } from './facts-config.ts';
import type { Phrase, Seniority } from './titles.ts';

/** Facts by name. A fact that nobody knows is absent: never zero, never false, never an empty text. */
export type Facts = Record<string, Json>;

/** Where a fact comes from; `computed` is made from others. */
export type Origin = FactSource | 'computed';

/** `mappings/facts.yaml`, ready for use. */
export interface FactRules {
  hash: string;
  titleTraits: readonly string[];
  seniority: readonly { is: Seniority; phrases: readonly Phrase[] }[];
  buyers: readonly { seniority: readonly Seniority[]; phrases: readonly Phrase[] | null }[];
  /** Traits of a person that say that they want no e-mail. */
  unsubscribed: readonly string[];
  kinds: CompanyKinds;
  /** List name -> domains. */
  lists: ReadonlyMap<string, ReadonlySet<string>>;
  customer: {
    trait: string;
    started: string;
    cancelled: string;
    plan: string;
    freePlans: ReadonlySet<string>;
    crm: string;
  };
  acv: { from: string; bands: readonly { from: number; is: number }[] } | null;
  prefer: readonly FactSource[];
  preferFor: ReadonlyMap<string, readonly FactSource[]>;
}
