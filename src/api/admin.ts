import express, { Router } from 'express';
import type { ErrorDesk } from '../read-model/errors.ts';
import type { CrmSites } from '../read-model/feed.ts';
import type { ForgetDesk } from '../read-model/forget.ts';
import type { Recomputed } from '../read-model/recompute.ts';
import type { SuppressDesk } from '../read-model/suppress.ts';
import type { ReadModel } from '../read-model.ts';
import { errorRoutes } from './errors.ts';
import { getAccount } from './get-account.ts';
import { getAccounts } from './get-accounts.ts';
import { getActions } from './get-actions.ts';
import { getAudit } from './get-audit.ts';
import { getFeed } from './get-feed.ts';
import { getHistory } from './get-history.ts';
import { type AskSla, getSla } from './get-sla.ts';
import { getTimeline } from './get-timeline.ts';
import { adminGuard } from './guard.ts';
import { getForget, postForget } from './post-forget.ts';
import { postRecompute } from './post-recompute.ts';
import { type StatusSources, statusView } from './status-view.ts';
import { suppressionRoutes } from './suppressions.ts';

export interface AdminDeps {
  token: string | undefined;
  read: ReadModel;
  errors: ErrorDesk;
  forget: ForgetDesk;
  suppress: SuppressDesk;
  /** Promises of first contact. */
  sla: AskSla;
  /** Names of the models that keep scores now, the champion first. */
  models: () => readonly string[];
  status: StatusSources;
  recompute: (what: Recomputed, act: boolean) => Promise<number>;
  /** Where people look at the CRMs' records. */
  sites: CrmSites;
  /** Business time, ms. */
  now: () => number;
  realNow: () => number;
}

/** Everything below `/api/v1`. */
export function adminRoutes(deps: AdminDeps): Router {
  const router = Router();
  router.use(adminGuard(deps.token, deps.realNow));
  router.get('/accounts', getAccounts(deps.read, deps.models));
  router.get('/accounts/:key', getAccount(deps.read, deps.models));
  router.get('/accounts/:key/history', getHistory(deps.read, deps.models, deps.now));
  router.get('/accounts/:key/timeline', getTimeline(deps.read));
  router.get('/feed', getFeed(deps.read, deps.sites));
  router.get('/actions', getActions(deps.read));
  router.get('/sla', getSla(deps.sla, deps.now));
  router.get('/audit', getAudit(deps.read));
  router.post('/forget', express.json({ limit: '10kb' }), postForget(deps.forget));
  router.get('/forget/:id', getForget(deps.forget));
  router.use('/suppressions', suppressionRoutes(deps.suppress, deps.now));
  router.use('/errors', errorRoutes(deps.errors));
  router.get('/status', async (_request, response) => {
    response.json(await statusView(deps.status));
  });
  router.post('/recompute', express.json({ limit: '10kb' }), postRecompute(deps.recompute));
  return router;
}
