/** What differs between portals, or is not documented: a test may change any of these while the sandbox runs. */
export interface Settings {
  portalId: number;
  timeZone: string;
  /** Only this token is accepted; null: any. */
  accessToken: string | null;
  /** How long a write stays invisible to search, milliseconds. */
  indexLagMs: number;
  /** A lifecycle stage that would go backward: kept with 200, or refused with 400. */
  backwardStage: 'ignored' | 'refused';
  /** What a second record with the same unique value is answered: both have been seen. */
  uniqueClash: 'conflict' | 'validation';
  /** Whether trace ids switch on answers per record: documented for create only. */
  batchErrors: 'per_record' | 'whole_batch';
  /** Whether properties may be created on tasks. */
  taskProperties: 'allowed' | 'refused';
  /** Whether the portal has marketing campaigns (Marketing Hub Professional). */
  marketingHub: boolean;
  /** Whether the token may read owners. */
  ownersScope: boolean;
  /** Whether the token may read mails (`sales-email-read`). */
  emailScope: boolean;
  /** Calls a day; the next one is answered 429. */
  dailyLimit: number;
  /** Calls in ten seconds, as the headers say. */
  burstLimit: number;
  /** Searches in a second. */
  searchLimit: number;
  /** Whether calls past the burst and the search limit are refused, or only the headers speak of them. */
  limits: 'told' | 'enforced';
}

export const DEFAULT_SETTINGS: Settings = {
  portalId: 20_000_001,
  timeZone: 'America/New_York',
  accessToken: null,
  indexLagMs: 0,
  backwardStage: 'ignored',
  uniqueClash: 'conflict',
  batchErrors: 'per_record',
  taskProperties: 'allowed',
  marketingHub: true,
  ownersScope: true,
  emailScope: true,
  dailyLimit: 625_000,
  burstLimit: 190,
  searchLimit: 5,
  limits: 'told',
};
