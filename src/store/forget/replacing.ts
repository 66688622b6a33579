import type { Replace } from '../../events/forgotten.ts';
import { type Needles, needlesReplaced, patternOf, tellingOf } from '../../events/needles.ts';
import { hashId } from '../db.ts';
import { personalAccounts } from './remove.ts';
import { refsOf, type Who } from './resolve.ts';

/** What is needed to replace a person in the records of others. */
export interface Replacing {
  who: Who;
  key: string;
  /** For PostgreSQL: finds what others said. Null: nothing can be looked for there. */
  pattern: string | null;
  /** The same, and the plain hashes of their ids, as audit lines and rows of ours hold them. */
  ours: string;
  /** Their ids, addresses and names: for a record that names them. */
  replace: Replace;
}

export function replacing(who: Who, key: string): Replacing | null {
  const hashes = [...refsOf(who).map(hashId), ...personalAccounts(who)];
  const all: Needles = { ...who, anonymous: [...who.anonymous, ...hashes] };
  const ours = patternOf(tellingOf(all));
  const replace = needlesReplaced(key, all, true);
  return ours === null ? null : { who, key, pattern: patternOf(tellingOf(who)), ours, replace };
}
