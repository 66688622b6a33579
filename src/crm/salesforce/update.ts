import type { Beside, Outcomes } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, writeCollection } from './collections.ts';
import type { Fields } from './describe.ts';
import { type Existing, readPresent, settled } from './present.ts';
import { shaped } from './shape.ts';

/** Only for records that are known: a rule that merely warns must not stop an update. */
const ALLOW_DUPLICATES = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };

/** A record of the org that is one of ours, and how that was found. */
export interface KnownRecord extends Existing {
  /** What it gets beside the mapped fields: our key. */
  extra?: Record<string, string>;
  beside?: Beside;
}

export interface Target {
  sobject: string;
  /** As described; null: not known, and values go as they are. */
  fields: Fields;
  /** Our unique field. */
  keyField?: string;
  /** The record that takes the write in place of one, and what its fields are called there. */
  instead?: (id: string, values: Row['record']) => { id: string; values: Row['record'] };
}

/** Updates records that are there: each gets what its rules let through, and its key. Nothing to write costs no call. */
export async function updateRecords(
  client: SalesforceClient,
  target: Target,
  known: readonly KnownRecord[],
  writeTo = target.sobject,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const present = await readPresent(client, target.sobject, target.fields, known);
  const rows: Row[] = [];
  const ids = new Map(known.map(({ change, id }) => [change.key, id]));
  const beside = new Map<string, Beside>();
  for (const record of known) {
    const { key, guard } = record.change;
    const fate = settled(record, target.fields, present);
    if ('state' in fate) {
      outcomes.set(key, fate);
      continue;
    }
    const { write, held, restored } = fate;
    const silent = guard === undefined && Object.keys(held).length === 0;
    beside.set(key, { ...record.beside, ...(silent ? {} : { held, restored }) });
    const values = { ...shaped(target.fields, write), ...record.extra };
    const to = target.instead?.(record.id, values) ?? { id: record.id, values };
    if (Object.keys(to.values).length === 0) {
      outcomes.set(key, { state: 'done', crmId: record.id, ...beside.get(key) });
    } else {
      rows.push({ key, record: { Id: to.id, ...to.values }, parent: parentOf(record.change) });
    }
  }
  const mode = { kind: 'update', sobject: writeTo } as const;
  for (const written of await writeCollection(client, mode, rows, ALLOW_DUPLICATES)) {
    const outcome = toOutcome(written, 'harmless', target.keyField);
    const crmId = ids.get(written.key);
    outcomes.set(
      written.key,
      outcome.state === 'done' && crmId !== undefined
        ? { ...outcome, crmId, ...beside.get(written.key) }
        : outcome,
    );
  }
  return outcomes;
}

/** Records of one parent stand together: an account's row is locked while its contacts are written. */
function parentOf(change: KnownRecord['change']): string | null {
  return 'accountCrmId' in change ? change.accountCrmId : null;
}
