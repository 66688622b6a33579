import type { Json } from '../shared/json.ts';
import type { Drift } from './drift.ts';

/** What was found of one record: fields that differ, or that it is gone. */
export interface Finding<R> {
  record: R;
  drifts: Drift[];
  gone: 'gone' | 'merged' | null;
  /** The record that it was merged into. */
  mergedInto: string | null;
}

/** Of the records that were looked at, those with which something is not as it should be. */
export function findingsOf<R extends { crmId: string }>(
  records: readonly R[],
  answer: {
    records: ReadonlyMap<string, Record<string, Json>>;
    merged: ReadonlyMap<string, string>;
  },
  drifts: (record: R, found: Record<string, Json>) => Drift[],
): Finding<R>[] {
  return records.flatMap((record): Finding<R>[] => {
    const found = answer.records.get(record.crmId);
    if (found === undefined) {
      const mergedInto = answer.merged.get(record.crmId) ?? null;
      return [{ record, drifts: [], gone: mergedInto === null ? 'gone' : 'merged', mergedInto }];
    }
    const differing = drifts(record, found);
    return differing.length === 0 ? [] : [{ record, drifts: differing, gone: null, mergedInto: null }];
  });
}
