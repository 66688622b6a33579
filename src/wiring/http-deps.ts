import { queueState, type StatusSources } from '../api/status-view.ts';
import type { Config } from '../config.ts';
import type { Journal, Written } from '../events/journal.ts';
import type { JobBackend } from '../jobs/backend.ts';
import type { Wake } from '../jobs/stages.ts';
import { chosenModels, type Mappings } from '../mappings.ts';
import type { Recomputed } from '../read-model/recompute.ts';
import { slaReport } from '../read-model/sla.ts';
import type { ReadModel } from '../read-model.ts';
import type { ReadingNow } from '../receive/again.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import { errorDesk } from '../store/errors.ts';
import { forgetDesk } from '../store/forget/index.ts';
import { notePresses } from '../store/handoff/clicks.ts';
import { suppressDesk } from '../store/handoff/suppressions.ts';
import { postgresJournal } from '../store/journal/index.ts';
import { crmSites } from './crm-sites.ts';
import type { Database } from './database.ts';
import type { HttpDeps } from './http.ts';
import { serviceMetrics } from './metrics.ts';

/** Where the status comes from. */
export function statusSources(read: ReadModel, backend: JobBackend): StatusSources {
  return {
    read,
    queueKind: backend.kind,
    queuePending: () => backend.pending(),
  };
}

interface Parts {
  config: Config;
  /** The configuration in force. */
  mappings: () => Mappings;
  configuration: () => 'ok' | 'degraded';
  stopping: () => boolean;
  clock: Clock;
  logger: Logger;
  database: Database;
  read: ReadModel;
  sources: StatusSources;
  recompute: (what: Recomputed, act: boolean) => Promise<number>;
  wake: Wake;
  realNow: () => number;
}

/** What the routes of senders, of operators and of probes work with. */
export function httpDeps(parts: Parts): HttpDeps {
  const { config, mappings, clock, logger, database, read, sources, recompute, wake, realNow } = parts;
  const models = () => chosenModels(mappings()).map(({ model }) => model);
  const metrics = serviceMetrics(read);
  return {
    receive: {
      journal: wakingForget(postgresJournal(database.intake), wake),
      clock,
      logger,
      config: receiveConfig(config, mappings),
      onAppended: () => wake('fold'),
      notePresses: async (presses) => {
        await notePresses(database.intake, presses, { now: clock.now(), realNow: realNow() });
        wake('alert');
      },
      metrics: metrics.receive,
    },
    health: {
      database: () => database.answers(),
      queue: () => queueState(sources),
      configuration: parts.configuration,
      stopping: parts.stopping,
      metrics: metrics.registry,
    },
    admin: {
      token: config.ADMIN_TOKEN,
      read,
      errors: errorDesk(database.db, realNow, () => {
        wake('deliver');
        wake('alert');
      }),
      forget: forgetDesk(
        database.db,
        () => clock.now(),
        () => wake('forget'),
      ),
      suppress: suppressDesk(
        database.db,
        () => ({ now: clock.now(), realNow: realNow() }),
        () => wake('assess'),
      ),
      sla: (question) => slaReport(read.listClocks, mappings().handoff, question, clock.now()),
      models,
      status: sources,
      recompute,
      sites: crmSites(config),
      now: () => clock.now(),
      realNow,
    },
  };
}

/** A delete is no event that is folded, so its wake-up is none of those for new events. */
export function wakingForget(journal: Journal, wake: Wake): Journal {
  const withDeletes = new WeakSet<Written>();
  return {
    write: (entries) => {
      const written = journal.write(entries);
      if (entries.some((entry) => entry.type === 'event' && entry.event.kind === 'delete')) {
        withDeletes.add(written);
      }
      return written;
    },
    append: async (written) => {
      const result = await journal.append(written);
      if (written.some((one) => withDeletes.has(one))) {
        wake('forget');
      }
      return result;
    },
  };
}

/** What receivers read with at present. */
export function readingNow(config: Config, mappings: Mappings): ReadingNow {
  return {
    segment: { accountPaths: mappings.accounts.account_id_at },
    amplitude: { groupType: config.AMPLITUDE_GROUP_TYPE },
    horizonDays: config.JOURNAL_DAYS,
  };
}

/** The places of account ids are asked for at each request: the configuration may have been replaced. */
function receiveConfig(config: Config, mappings: () => Mappings) {
  return {
    segmentSecret: config.SEGMENT_WEBHOOK_SECRET,
    segmentToken: config.SEGMENT_WEBHOOK_TOKEN,
    segmentWriteKeys: config.SEGMENT_WRITE_KEYS,
    amplitudeToken: config.AMPLITUDE_WEBHOOK_TOKEN,
    amplitudeApiKeys: config.AMPLITUDE_API_KEYS,
    slackSigningSecret: config.SLACK_SIGNING_SECRET,
    accountGroupType: config.AMPLITUDE_GROUP_TYPE,
    horizonDays: config.JOURNAL_DAYS,
    get accountPaths() {
      return mappings().accounts.account_id_at;
    },
  };
}
