import type { Policy } from '../decide/decide.ts';
import type { Stage, Wake } from '../jobs/stages.ts';
import { foldRules, type Mappings } from '../mappings.ts';
import type { DeliverPort } from '../pipeline.ts';
import { assess, deliver, ingest } from '../pipeline.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import { type AssessDeps, assessDirty, nextAssessment } from '../store/assess.ts';
import type { Db } from '../store/db.ts';
import type { Waits } from '../store/fold/accounts.ts';
import type { TierRank } from '../store/fold/forward.ts';
import { type FoldDeps, foldInbox, refoldStale } from '../store/fold/index.ts';
import { runForgettings } from '../store/forget/steps.ts';
import { noteTouches, tellMarks } from '../store/handoff/tell.ts';
import type { ReadAgain } from '../store/replay/quarantined.ts';
import { retain } from '../store/retention/index.ts';
import { wakeExpired, wakeOutdated } from '../store/wake.ts';
import type { ReadWork } from './crm-reads.ts';
import { factLookup } from './facts.ts';
import { type Orders, operatorsOrders } from './orders.ts';

export interface StageDeps {
  db: Db;
  clock: Clock;
  realNow: () => number;
  /** The configuration in force, asked once for each batch: it may be replaced between two. */
  mappings: () => Mappings;
  /** Leaves word of the models in force before anything is scored with them. */
  note: () => Promise<void>;
  /** Another process was given another champion later: it scores everybody again, and we would undo that for ever. */
  isBehind: () => Promise<boolean>;
  policy: () => Policy;
  wake: Wake;
  waits: Waits;
  /** Once stopping, a stage ends after the batch under way: what is left is found at the next start. */
  life: { readonly stopping: boolean };
  logger: Logger;
  /** Asked at each drain: CRMs are reached after the stages exist. */
  deliverTo: () => DeliverPort['deliverTo'];
  /** Reads a quarantined element with the rules of now. */
  readAgain: ReadAgain;
  /** How many days are kept: of the journal, and of every change of a score. */
  keep: { journal: number; history: number };
  /** Reads what is due from the CRMs: fields, deals, and what is ours there. */
  readBack: () => Promise<ReadWork>;
  /** Sends what is due of the day's mails. */
  sendDigests: () => Promise<void>;
  /** Sends alerts; null: there is nowhere to send them. */
  alert: (() => Promise<number | null>) | null;
}

/**
 * Sizes of one transaction: large enough to amortise it, small enough to commit within a second. A fold of many takes less per
 * event than several of few, because people and accounts come several times in it.
 */
const FOLD_BATCH = 10_000;
const ASSESS_BATCH = 200;
const REFOLD_BATCH = 200;

/** Over which everything below works; a fold's rules are asked for at each batch. */
interface Means {
  fold: () => FoldDeps;
  scoring: AssessDeps;
}

/** The stages of a worker, over the database. */
export function serviceStages(deps: StageDeps): { stages: Stage[] } & Orders {
  const means = { fold: foldOf(deps), scoring: scoringOf(deps) };
  return {
    stages: [
      ...flow(deps, means),
      clocksStage(deps),
      readBackStage(deps),
      refoldStage(deps, means),
      retainStage(deps),
      forgetStage(deps, means),
      digestStage(deps),
    ],
    ...operatorsOrders({ ...deps, ...means }),
  };
}

function foldOf({ db, clock, realNow, mappings, waits }: StageDeps): () => FoldDeps {
  return () => ({
    db,
    ...foldRules(mappings()),
    now: () => clock.now(),
    realNow,
    waits,
    tierRank: rankOf(mappings()),
  });
}

function scoringOf({ db, policy, mappings, clock, realNow, logger }: StageDeps): AssessDeps {
  return {
    db,
    policy,
    shadows: () => mappings().shadows,
    rules: () => foldRules(mappings()),
    facts: () => factLookup(mappings().facts),
    now: () => clock.now(),
    realNow,
    onUnscorable: (account, error) =>
      logger.error(
        { account, reason: error.message },
        'account not scored; it will be tried again in a minute',
      ),
  };
}

/** From the journal into the CRMs. */
function flow(deps: StageDeps, { fold, scoring }: Means): Stage[] {
  const { wake, waits, life } = deps;
  const wakeAlerts = alertWake(deps);
  const idle = { folded: 0, urgent: false };
  const foldBatch = async () => (life.stopping ? idle : foldInbox(fold(), FOLD_BATCH));
  const assessBatch = async () => {
    await deps.note();
    return life.stopping ? 0 : assessDirty(scoring, ASSESS_BATCH);
  };
  const nextDue = () => nextAssessment(scoring);
  return [
    {
      name: 'fold',
      drain: () => ingest({ foldBatch }, (urgent) => wake('assess', urgent ? waits.trigger : waits.ordinary)),
    },
    {
      name: 'assess',
      drain: () =>
        assess({ assessBatch, nextDue }, () => {
          wake('deliver');
          wakeAlerts(TASKS_FIRST);
        }),
    },
    {
      name: 'deliver',
      drain: async () => {
        const next = await deliver({ deliverTo: deps.deliverTo() });
        // An alert names who has the task, as the CRM has taken it.
        wakeAlerts();
        return next;
      },
    },
    { name: 'alert', drain: deps.alert ?? (async () => null) },
    {
      name: 'due',
      drain: async () => {
        if ((await wakeExpired(scoring)) > 0) {
          wake('assess');
        }
        return null;
      },
    },
  ];
}

/** How long (ms) alerts leave the CRMs to themselves, so that most find their task made. */
const TASKS_FIRST = 5000;

/** Without Slack nobody is woken for it: each wake-up is a job. */
function alertWake({ alert, wake }: StageDeps): (delayMs?: number) => void {
  return (delayMs) => {
    if (alert !== null) {
      wake('alert', delayMs);
    }
  };
}

/** Touches first: a promise that was met is not told to be broken. */
function clocksStage(deps: StageDeps): Stage {
  const { db, policy, clock, realNow, wake, life } = deps;
  const wakeAlerts = alertWake(deps);
  const telling = { db, policy, now: () => clock.now(), realNow };
  return {
    name: 'clocks',
    drain: async () => {
      let [more, acts] = [true, 0];
      while (more && !life.stopping) {
        more = await noteTouches(telling);
      }
      for (more = true; more && !life.stopping; ) {
        const told = await tellMarks(telling);
        more = told.more;
        acts += told.acts;
      }
      if (acts > 0) {
        wake('deliver');
        wakeAlerts();
      }
      return null;
    },
  };
}

function readBackStage({ readBack, wake }: StageDeps): Stage {
  return {
    name: 'facts',
    drain: async () => {
      const { toScore, toWrite } = await readBack();
      if (toScore > 0) {
        wake('assess');
      }
      if (toWrite > 0) {
        wake('deliver');
      }
      return null;
    },
  };
}

function refoldStage({ note, isBehind, wake, waits, life }: StageDeps, { fold, scoring }: Means): Stage {
  return {
    name: 'refold',
    drain: async () => {
      await note();
      while (!life.stopping && (await refoldStale(fold(), REFOLD_BATCH)) > 0) {
        wake('assess', waits.ordinary);
      }
      if (!life.stopping && !(await isBehind()) && (await wakeOutdated(scoring)) > 0) {
        wake('assess');
      }
      return null;
    },
  };
}

function retainStage({ db, clock, realNow, mappings, keep, life }: StageDeps): Stage {
  return {
    name: 'retain',
    drain: async () => {
      await retain({
        db,
        rules: () => foldRules(mappings()),
        now: () => clock.now(),
        realNow,
        days: keep.journal,
        historyDays: keep.history,
        life,
      });
      return null;
    },
  };
}

function forgetStage({ wake, waits, life, logger }: StageDeps, { fold }: Means): Stage {
  const onFailed = (forgetting: number, reason: string) =>
    logger.error({ forgetting, reason }, 'a person is not forgotten yet; it will be tried again');
  return {
    name: 'forget',
    drain: async () => {
      if (!life.stopping && (await runForgettings(fold(), null, onFailed)) > 0) {
        wake('refold');
        wake('assess', waits.ordinary);
        wake('deliver');
      }
      return null;
    },
  };
}

function digestStage({ sendDigests, life }: StageDeps): Stage {
  return {
    name: 'digest',
    drain: async () => {
      if (!life.stopping) {
        await sendDigests();
      }
      return null;
    },
  };
}

/** For standings that merge. */
export function rankOf({ champion, shadows }: Mappings): TierRank {
  return (model, tier) =>
    [champion, ...shadows].find((one) => one.model === model)?.tiers.findIndex(({ id }) => id === tier) ?? -1;
}
