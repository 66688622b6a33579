/**
 * Numbers of our advisory locks, which all processes on a database share: each is arbitrary and must not change. They stand
 * together so that no two of them come to be the same.
 */
export const LOCKS = {
  /** Migrations, one process at a time. */
  migrate: 7_215_001,
  /** Making a partition of the journal. */
  partition: 7_215_002,
  /** Folds share it; an alias, a merge and a forgetting keep them out. */
  identities: 7_215_003,
  /** One import of CSV files at a time. */
  facts: 7_215_004,
  /** With the number of a bucket: web sites of the accounts in it. Two numbers are never the same lock as one. */
  sites: 7_215_004,
  /** With the hash of a connection: one bulk job is begun at a time. */
  bulk: 7_215_008,
  /** Writers of what came from outside share it, in `forget_epoch()` of migration 0016; making tombstones keeps them out. */
  tombstones: 7_215_016,
  /** With the number of a forgetting: one process works on it. */
  forgetting: 7_215_017,
  /** Tasks are given to people one batch at a time. People are in several pools, and their week is one: so one lock for all. */
  owners: 7_215_031,
  /** Noting in the audit which files of the configuration changed. */
  configuration: 7_215_018,
  /** Files and rows of a publication change together. */
  publishing: 730_051_003,
} as const;
