import type { QuarantinedEvent } from '../events/event.ts';
import { isoInstant } from '../shared/time.ts';
import { hashId, type Tx } from './db.ts';

const INSERT_QUARANTINED = `
  INSERT INTO quarantine (received_at, vendor, route, code, reason, message_id, raw, raw_hash)
  SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[])
  ON CONFLICT (code, raw_hash) DO UPDATE
    SET seen = quarantine.seen + 1, received_at = excluded.received_at`;

/** Keeps what could not be understood, each once with how often it came. */
export async function keepQuarantined(tx: Tx, quarantined: readonly QuarantinedEvent[]): Promise<void> {
  const byHash = new Map(quarantined.map((one) => [`${one.code} ${hashId(one.raw)}`, one]));
  const rows = [...byHash].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  if (rows.length === 0) {
    return;
  }
  await tx.query(INSERT_QUARANTINED, [
    rows.map((row) => isoInstant(row.receivedAt)),
    rows.map((row) => row.vendor),
    rows.map((row) => row.route),
    rows.map((row) => row.code),
    rows.map((row) => row.reason),
    rows.map((row) => row.id),
    rows.map((row) => row.raw),
    rows.map((row) => hashId(row.raw)),
  ]);
}
