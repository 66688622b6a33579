import { clockView } from '../../read-model/sla.ts';
import type { ReadModel } from '../../read-model.ts';
import type { Model } from '../../score/model.ts';
import { outlookOf } from '../../score/outlook.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Db } from '../db.ts';
import type { FactLookup } from '../facts/attach.ts';
import { clocksOf, countClocks, listClocks } from '../handoff/read-clocks.ts';
import { suppressionsOf } from '../handoff/suppressions.ts';
import { knownModels, scoreSpan } from '../history.ts';
import { listAccounts, loadScores, loadStates } from './accounts.ts';
import { listActions } from './actions.ts';
import { listAudit } from './audit.ts';
import { feed } from './feed.ts';
import { findAccount } from './find-account.ts';
import { formerLinks, loadLinks } from './links.ts';
import { listQuarantine, showQuarantined } from './quarantine.ts';
import { COUNTED_UP_TO, storeStatus } from './status.ts';
import { timelineOf } from './timeline.ts';
import { unassignedReport } from './unassigned.ts';

function actingTiers({ tiers }: Model): string[] {
  return tiers.filter(({ acts }) => acts).map(({ id }) => id);
}

/**
 * The read model on PostgreSQL. `now`: business time. `plan`: hash of the signal plan in force; null: unknown. `champion`:
 * null while the configuration is unknown.
 */
export function postgresReadModel(
  db: Db,
  now: () => number,
  plan: () => string | null,
  facts: () => FactLookup,
  champion: () => Model | null,
): ReadModel {
  return {
    listAccounts: (filter) => listAccounts(db, filter),
    feed: async (filter) => {
      const model = champion();
      const ranked = model === null ? null : { model: model.model, tiers: actingTiers(model) };
      return ranked === null ? { feed: [], next: null } : feed(db, ranked, filter, now());
    },
    findAccount: (key) => findAccount(db, key),
    loadState: async (account) =>
      (await loadStates(db, [account.id], facts())).get(account.id) ?? { key: account.key, parts: [] },
    factsOf: (state) => {
      const { reader } = facts();
      return { facts: reader.account(state), origins: reader.origins(state) };
    },
    loadScores: (account) => loadScores(db, account.id),
    outlookOf: (state, { model, version, evaluation, computedAt }) => {
      const own = champion();
      return own?.model === model && own.version === version
        ? outlookOf(own, state, Date.parse(computedAt), evaluation)
        : null;
    },
    scoreSpan: (account, model, from, to) => scoreSpan(db, account.id, model, from, to),
    knownModels: () => knownModels(db),
    loadLinks: (account) => loadLinks(db, account.id),
    formerLinks: (account) => formerLinks(db, account.key),
    suppressionsOf: async (account) =>
      ((await suppressionsOf(db, [account], now())).get(account.id) ?? []).map(
        ({ key, reason, author, until }) => ({
          key,
          reason,
          author,
          until: until === null ? null : isoInstant(until),
        }),
      ),
    timeline: (account, limit) => timelineOf(db, account.id, limit),
    listActions: (filter) => listActions(db, filter),
    listQuarantine: (limit) => listQuarantine(db, limit),
    showQuarantined: (id) => showQuarantined(db, id),
    listAudit: (filter) => listAudit(db, filter),
    listUnassigned: (why, limit) => unassignedReport(db, why, limit),
    listClocks: (filter) => listClocks(db, filter),
    clocksOf: async (account, limit) =>
      (await clocksOf(db, account.id, limit)).map((clock) => clockView(clock, now())),
    countClocks: () => countClocks(db, now(), COUNTED_UP_TO),
    status: () => storeStatus(db, new Date(now()), plan()),
  };
}
