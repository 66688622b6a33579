import type { SignalInfo } from '../../accounts/signal.ts';
import { traitValues } from '../../accounts/traits.ts';
import { accountTraits } from '../../accounts/views.ts';
import type { FactReader, Model } from '../model.ts';

/** null: signals.yaml is broken itself. Its own problems are told; which of its signals exist nobody can say. */
export type Catalogue = ReadonlyMap<string, SignalInfo> | null;

/** What a model file may name, beside itself. */
export interface Known {
  signals: Catalogue;
  facts: FactReader;
  /** Another model file by name; null: it is broken, undefined: there is none. */
  other(name: string): Model | null | undefined;
}

/** Traits as senders gave them, and nothing concluded. */
export const plainFacts: FactReader = {
  account: accountTraits,
  person: (part) => traitValues(part.traits),
  hash: 'plain',
};
