import type { Db } from '../../src/store/db.ts';

/** What events, and what is decided about them, leave behind. */
const RECORD = [
  ...[
    'event_keys',
    'events',
    'inbox_runs',
    'event_ids',
    'user_aliases',
    'anonymous_ids',
    'people',
    'accounts',
  ],
  ...['former_keys', 'parts', 'domains', 'domain_evidence', 'dirty_accounts', 'audit', 'quarantine'],
  ...['account_merges', 'scores', 'score_history', 'actions', 'crm_records'],
  ...['assignments', 'owner_sightings', 'touches'],
];

/**
 * As if nothing had ever come. By DELETE: a TRUNCATE makes new files for each table and each index, which takes many times as
 * long where a test left a few rows, and properties do it hundreds of times.
 */
export async function emptyRecord(db: Db): Promise<void> {
  await db.query(RECORD.map((table) => `DELETE FROM ${table}`).join('; '));
}
