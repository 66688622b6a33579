import { type Config, readEnvironment } from '../config.ts';
import { green, red, SKEW_MAX } from '../crm/findings.ts';
import type { Alerts } from '../decide/handoff/alerts.ts';
import type { Handoff } from '../decide/handoff/read.ts';
import { pingRedis } from '../jobs/on-redis.ts';
import { smtpMailer } from '../mail/smtp.ts';
import { loadMappings, type Mappings } from '../mappings.ts';
import { formatProblem } from '../shared/config-file.ts';
import { openPool } from '../store/db.ts';
import { hasEmbedded, startEmbedded } from '../store/embedded/server.ts';
import { pendingMigrations } from '../store/migrate.ts';
import type { Finding } from '../sync/crm.ts';
import { reserveOf } from './budgets.ts';
import type { Crm } from './crms.ts';
import { slackFindings } from './doctor-slack.ts';
import {
  campaignsBefore,
  createdObjects,
  mappedFields,
  ownersNamed,
  peopleNamed,
  readFields,
  readsDeals,
} from './mapped.ts';
import { withCrms } from './with-crms.ts';

/** What the doctor looked at, and what it found. */
export interface Line extends Finding {
  part: 'configuration' | 'database' | 'queue' | 'hubspot' | 'salesforce' | 'mail' | 'slack';
}

/** How long (ms) the database and Redis may take to answer. */
const PATIENCE = 5000;

/**
 * Looks at everything that the service needs, and changes nothing anywhere: no migration, no field, no record. Each part
 * is looked at whatever the others say; a CRM that is down is a line.
 */
export async function diagnose(env: NodeJS.ProcessEnv): Promise<Line[]> {
  const config = readEnvironment(env);
  if (!config.ok) {
    return config.error.map((problem) => configured(problem));
  }
  const mappings = loadMappings(config.value.MAPPINGS_DIR);
  const folder = mappings.ok
    ? [line('configuration', green(config.value.MAPPINGS_DIR, 'no problems'))]
    : mappings.error.map((problem) => configured(formatProblem(problem)));
  const parts = await Promise.all([
    databaseLines(config.value),
    queueLines(config.value),
    mappings.ok ? crmLines(config.value, mappings.value) : [],
    mappings.ok ? mailLines(config.value, mappings.value) : [],
    slackLines(config.value, mappings.ok ? mappings.value.handoff.alerts : null),
  ]);
  return [...folder, ...parts.flat()];
}

function line(part: Line['part'], finding: Finding): Line {
  return { part, ...finding };
}

function configured(problem: string): Line {
  const remedy = 'correct it; pql check looks at the configuration alone';
  return line('configuration', red('problem', problem, remedy));
}

async function databaseLines(config: Config): Promise<Line[]> {
  if (config.DATABASE_URL !== undefined) {
    return lookAtDatabase(config.DATABASE_URL, 'start PostgreSQL, or correct DATABASE_URL');
  }
  if (!hasEmbedded(config.PQL_DATA_DIR)) {
    return [line('database', green('connection', 'embedded: made at the first start'))];
  }
  try {
    const server = await startEmbedded({ dataDir: config.PQL_DATA_DIR });
    try {
      return await lookAtDatabase(server.url, 'see its log');
    } finally {
      await server.stop();
    }
  } catch (error) {
    const { message } = error as Error;
    const remedy = 'see its log, or set DATABASE_URL to another PostgreSQL';
    return [line('database', red('connection', message, remedy))];
  }
}

async function lookAtDatabase(url: string, remedy: string): Promise<Line[]> {
  const pool = openPool(url, 1, PATIENCE);
  try {
    const sentAt = Date.now();
    const { rows } = await pool.query<{ at: Date; version: string }>(
      "SELECT clock_timestamp() AS at, current_setting('server_version') AS version",
    );
    const pending = await pendingMigrations(pool);
    const schema = pending.length === 0 ? 'up to date' : `${pending.length} steps at the next start`;
    return [
      line('database', green('connection', `PostgreSQL ${rows[0]?.version}`)),
      line('database', green('schema', schema)),
      line('database', clock(Number(rows[0]?.at) - sentAt)),
    ];
  } catch (error) {
    return [line('database', red('connection', wordsOf(error), remedy))];
  } finally {
    await pool.end();
  }
}

function clock(ahead: number): Finding {
  const detail = `the database is ${Math.round(Math.abs(ahead) / 1000)} s ${ahead < 0 ? 'behind' : 'ahead'}`;
  return Math.abs(ahead) <= SKEW_MAX
    ? green('clock', 'agree')
    : red('clock', detail, 'set the clocks of both machines by NTP');
}

async function queueLines({ REDIS_URL: url }: Config): Promise<Line[]> {
  if (url === undefined) {
    return [line('queue', green('connection', 'on PostgreSQL'))];
  }
  try {
    await pingRedis(url, PATIENCE);
    return [line('queue', green('connection', 'Redis answers'))];
  } catch (error) {
    const remedy = 'start Redis, or correct REDIS_URL; meanwhile work is found by sweeps, some seconds later';
    return [line('queue', red('connection', wordsOf(error), remedy))];
  }
}

/** Connects to the mail server and logs in; nothing is sent. */
async function mailLines({ SMTP_URL: url }: Config, { handoff }: Mappings): Promise<Line[]> {
  if (url === undefined) {
    return handoff.digest === null
      ? []
      : [
          line(
            'mail',
            red('connection', 'handoff.yaml has a digest, and SMTP_URL is not set', 'set SMTP_URL'),
          ),
        ];
  }
  const mailer = smtpMailer(url);
  try {
    const away = await mailer.check();
    return [
      line(
        'mail',
        away === null
          ? green('connection', handoff.digest === null ? 'answers; handoff.yaml has no digest' : 'answers')
          : red('connection', away, 'start the mail server, or correct SMTP_URL'),
      ),
    ];
  } finally {
    mailer.close();
  }
}

/** A connection that is refused on several addresses has no message, only a code. */
function wordsOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string };
  return message || (code ?? '');
}

async function slackLines(config: Config, alerts: Alerts | null): Promise<Line[]> {
  return (await slackFindings(config, alerts)).map((finding) => line('slack', finding));
}

/** Without any credentials the stand-ins are looked at, as the service would write to them. */
async function crmLines(config: Config, mappings: Mappings): Promise<Line[]> {
  return withCrms(config, mappings, null, async (crms) => {
    const found = await Promise.all(
      crms.map((crm) => lookAtCrm(crm, mappings.handoff, reserveOf(config, crm.name))),
    );
    const off = (['hubspot', 'salesforce'] as const)
      .filter((name) => !crms.some((crm) => crm.name === name))
      .map((name) => line(name, green('credentials', 'none set: off')));
    return [...found.flat(), ...off];
  });
}

async function lookAtCrm(crm: Crm, handoff: Handoff, reserve: number): Promise<Line[]> {
  const found = await crm.connector.examine({
    fields: [...mappedFields(crm.mapping), ...readFields(crm)],
    creates: createdObjects(crm),
    campaigns: campaignsBefore(crm.mapping, Date.now()),
    owners: [...ownersNamed(crm), ...peopleNamed(crm, handoff)],
    deals: readsDeals(crm.mapping),
    activities: crm.mapping.readActivitiesEvery !== null,
    reserve,
    sandbox: crm.sandbox,
  });
  const standIn = line(crm.name, green('stand-in', 'no CRM has credentials'));
  return [...(crm.sandbox ? [standIn] : []), ...found.map((finding) => line(crm.name, finding))];
}
