import { type Catalogue, type Known, plainFacts } from '../../src/score/compile/known.ts';

/** These signals, traits as they were sent, and no other model file. */
export function knownWith(signals: Catalogue): Known {
  return { signals, facts: plainFacts, other: () => undefined };
}
