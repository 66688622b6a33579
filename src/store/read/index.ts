import type { CrmLink, FoundAccount, ReadModel } from '../../read-model.ts';
import type { Db } from '../db.ts';
import { knownModels, scoreSpan } from '../history.ts';
import { listAccounts, loadScores, loadStates } from './accounts.ts';
import { listActions } from './actions.ts';
import { findAccount } from './find-account.ts';
import { listQuarantine, showQuarantined } from './quarantine.ts';
import { storeStatus } from './status.ts';
import { timelineOf } from './timeline.ts';

/** The read model on PostgreSQL. `now`: business time. `plan`: hash of the signal plan in force; null: unknown. */
export function postgresReadModel(db: Db, now: () => number, plan: () => string | null): ReadModel {
  return {
    listAccounts: (filter) => listAccounts(db, filter),
    findAccount: (key) => findAccount(db, key),
    loadState: async (account) =>
      (await loadStates(db, [account.id])).get(account.id) ?? { key: account.key, parts: [] },
    loadScores: (account) => loadScores(db, account.id),
    scoreSpan: (account, model, from, to) => scoreSpan(db, account.id, model, from, to),
    knownModels: () => knownModels(db),
    loadLinks: (account) => loadLinks(db, account),
    timeline: (account, limit) => timelineOf(db, account.id, limit),
    listActions: (filter) => listActions(db, filter),
    listQuarantine: (limit) => listQuarantine(db, limit),
    showQuarantined: (id) => showQuarantined(db, id),
    status: () => storeStatus(db, new Date(now()), plan()),
  };
}

async function loadLinks(db: Db, account: FoundAccount): Promise<CrmLink[]> {
  const rows = await db.query<CrmLink>(
    `SELECT crm, object, ref, crm_id AS "crmId" FROM crm_records JOIN connections USING (connection)
     WHERE account = $1 ORDER BY crm, object, ref`,
    [account.id],
  );
  return rows.rows;
}
