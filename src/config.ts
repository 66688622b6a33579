import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_VERSION as HUBSPOT_VERSION, HUBSPOT_VERSIONS } from './crm/hubspot/api-paths.ts';
import { DEFAULT_VERSION as SALESFORCE_VERSION } from './crm/salesforce/api-version.ts';
import { HORIZON_DAYS } from './events/clock-rules.ts';
import { commaList } from './shared/comma-list.ts';
import { err, ok, type Result } from './shared/result.ts';
import { addressProblem } from './shared/safe-address.ts';

/** A comma inside a secret of before would make two of it, and a short one of them would open the door. */
const SECRET_MIN = 8;
const text = z.string().trim().min(1).optional();
/** One secret, or several while it is changed: the new one and the old one, separated by a comma. */
const secret = z
  .string()
  .trim()
  .min(1)
  .refine(
    (value) => !value.includes(',') || value.split(',').every((one) => one.trim().length >= SECRET_MIN),
    {
      error: `one secret, or several of at least ${SECRET_MIN} characters separated by commas`,
    },
  )
  .optional();
const list = z
  .string()
  .optional()
  .transform((value) => commaList(value ?? ''));

function url(protocols: string[]) {
  return z.string().refine((value) => protocols.some((protocol) => value.startsWith(`${protocol}://`)), {
    message: `a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  });
}

/** Where credentials are sent to. */
const crmAddress = z.string().superRefine((value, context) => {
  const message = addressProblem(value);
  if (message !== null) {
    context.addIssue({ code: 'custom', message });
  }
});

/** One URL, or cluster nodes separated by commas; every node with its scheme, all with the same. */
const redis = z.string().refine(
  (value) => {
    const nodes = value.split(',').map((node) => node.trim());
    return ['redis:', 'rediss:'].some((protocol) =>
      nodes.every((node) => URL.canParse(node) && new URL(node).protocol === protocol),
    );
  },
  { error: 'redis://HOST:PORT or rediss://HOST:PORT, or several of one kind separated by commas' },
);

/** Share of the day's calls that is kept for others; all of them would leave none for us. */
const percent = between(0, 95, 'a percentage from 0 to 95');

function days(least: number, most: number) {
  return wholeBetween(least, most, `a whole number of days from ${least} to ${most}`);
}

function between(least: number, most: number, error: string) {
  return z.coerce.number({ error }).min(least, { error }).max(most, { error });
}

function wholeBetween(least: number, most: number, error: string) {
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** Every setting of the environment. `secret` marks what must never be shown. */
const environment = z.object({
  PORT: z.coerce.number({ error: 'a port number' }).int().min(0).max(65535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  /** Under which address people reach the service: links in the CRMs begin with it. */
  PUBLIC_URL: url(['https', 'http'])
    .refine((value) => !value.includes('@'), { message: 'an address without user and password' })
    .optional(),
  DATABASE_URL: url(['postgres', 'postgresql']).optional(),
  PQL_DATA_DIR: z.string().default('.data'),
  REDIS_URL: redis.optional(),
  MAPPINGS_DIR: z.string().default('mappings'),
  ADMIN_TOKEN: secret,
  SEGMENT_WEBHOOK_SECRET: secret,
  SEGMENT_WEBHOOK_TOKEN: secret,
  SEGMENT_WRITE_KEYS: list,
  AMPLITUDE_WEBHOOK_TOKEN: secret,
  AMPLITUDE_API_KEYS: list,
  AMPLITUDE_GROUP_TYPE: z.string().trim().min(1).default('company'),
  HUBSPOT_ACCESS_TOKEN: text,
  HUBSPOT_BASE_URL: crmAddress.default('https://api.hubapi.com'),
  HUBSPOT_API_VERSION: z
    .enum(HUBSPOT_VERSIONS, { error: HUBSPOT_VERSIONS.join(' or ') })
    .default(HUBSPOT_VERSION),
  HUBSPOT_API_RESERVE: percent.default(5),
  SALESFORCE_LOGIN_URL: crmAddress.optional(),
  SALESFORCE_CLIENT_ID: text,
  SALESFORCE_CLIENT_SECRET: text,
  SALESFORCE_USERNAME: text,
  SALESFORCE_PRIVATE_KEY_FILE: text,
  SALESFORCE_API_VERSION: z
    .string()
    .regex(/^\d{2}\.\d$/, { error: 'a version such as 64.0' })
    .default(SALESFORCE_VERSION),
  /** How long events are kept, and can be told from their repeats; older ones are refused. */
  JOURNAL_DAYS: days(30, 3650).default(HORIZON_DAYS),
  /** How long every change of a score is kept; of older ones what calibration and operators need. */
  HISTORY_DAYS: days(7, 3650).default(90),
  /** `manual`: nothing is written to a CRM but by `pql sync`. */
  PQL_SYNC: z.enum(['auto', 'manual'], { error: 'auto or manual' }).default('auto'),
  SALESFORCE_API_RESERVE: percent.default(20),
  SALESFORCE_CALLS_AT_ONCE: wholeBetween(1, 25, 'a whole number from 1 to 25').default(5),
  SLACK_BOT_TOKEN: text,
  /** The address itself is the secret. */
  SLACK_WEBHOOK_URL: crmAddress.optional(),
  SLACK_SIGNING_SECRET: secret,
  SLACK_BASE_URL: crmAddress.default('https://slack.com/api/'),
  /** Where the digest goes out. */
  SMTP_URL: url(['smtp', 'smtps'])
    .refine((value) => URL.canParse(value) && new URL(value).hostname !== '', {
      message: 'smtp://USER:PASSWORD@HOST:PORT or smtps://…',
    })
    .optional(),
  /** Display only: dates in texts. Calculations are in UTC. */
  TZ: z.string().default('UTC'),
  /** Seconds for which a process that was told to stop still serves, and says on /readyz that it will not for long. */
  PQL_DRAIN_SECONDS: between(0, 300, 'seconds from 0 to 300').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

const SECRETS: readonly string[] = [
  'DATABASE_URL',
  'REDIS_URL',
  'ADMIN_TOKEN',
  'SEGMENT_WEBHOOK_SECRET',
  'SEGMENT_WEBHOOK_TOKEN',
  'SEGMENT_WRITE_KEYS',
  'AMPLITUDE_WEBHOOK_TOKEN',
  'AMPLITUDE_API_KEYS',
  'HUBSPOT_ACCESS_TOKEN',
  'SALESFORCE_CLIENT_ID',
  'SALESFORCE_CLIENT_SECRET',
  'SALESFORCE_PRIVATE_KEY_FILE',
  'SMTP_URL',
  'SLACK_BOT_TOKEN',
  'SLACK_WEBHOOK_URL',
  'SLACK_SIGNING_SECRET',
];

export type Config = z.infer<typeof environment>;

/**
 * Reads the environment once. An empty variable counts as unset. On failure: every problem, one line each,
 * naming the variable and what is allowed, never the value of a secret.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Result<Config, string[]> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    return err(
      parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        const found = SECRETS.includes(name) ? 'a value' : JSON.stringify(withoutPassword(given[name]));
        return `${name}: found ${found}; allowed: ${issue.message}`;
      }),
    );
  }
  const problems = contradictions(parsed.data);
  return problems.length > 0
    ? err(problems)
    : ok({ ...parsed.data, PQL_DATA_DIR: resolve(parsed.data.PQL_DATA_DIR) });
}

/** Addresses are shown, and somebody may have written a password into one. */
function withoutPassword(value: string | undefined): string | undefined {
  return value?.replace(/\/\/[^/]*@/, '//[hidden]@');
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  const salesforce = config.SALESFORCE_CLIENT_ID !== undefined;
  const { SALESFORCE_LOGIN_URL: login, SALESFORCE_CLIENT_SECRET: secret, SALESFORCE_USERNAME: name } = config;
  if (!salesforce && (login ?? secret ?? name) !== undefined) {
    problems.push(
      'SALESFORCE_CLIENT_ID: found nothing; allowed: the client id, since other SALESFORCE_ settings are set',
    );
  }
  const keyFile = config.SALESFORCE_PRIVATE_KEY_FILE;
  if (keyFile !== undefined && !isReadable(keyFile)) {
    problems.push(
      'SALESFORCE_PRIVATE_KEY_FILE: found a file that cannot be read; allowed: a private key in PEM form',
    );
  }
  if (salesforce && config.SALESFORCE_LOGIN_URL === undefined) {
    problems.push(
      'SALESFORCE_LOGIN_URL: found nothing; allowed: the My Domain URL, since SALESFORCE_CLIENT_ID is set',
    );
  }
  if (
    salesforce &&
    config.SALESFORCE_CLIENT_SECRET === undefined &&
    config.SALESFORCE_PRIVATE_KEY_FILE === undefined
  ) {
    problems.push(
      'SALESFORCE_CLIENT_SECRET: found nothing; allowed: the secret, or SALESFORCE_USERNAME with SALESFORCE_PRIVATE_KEY_FILE',
    );
  }
  if ((config.SALESFORCE_USERNAME === undefined) !== (config.SALESFORCE_PRIVATE_KEY_FILE === undefined)) {
    problems.push('SALESFORCE_USERNAME and SALESFORCE_PRIVATE_KEY_FILE: found one; allowed: both or neither');
  }
  const slack = slackContradiction(config);
  return slack === null ? problems : [...problems, slack];
}

/** Who sets both has something else in mind than what one of them does. */
function slackContradiction({ SLACK_BOT_TOKEN: token, SLACK_WEBHOOK_URL: url }: Config): string | null {
  return token !== undefined && url !== undefined
    ? 'SLACK_BOT_TOKEN and SLACK_WEBHOOK_URL: found both; allowed: one of them'
    : null;
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The start-up summary: every setting, secrets only as set or unset. */
export function describeConfig(config: Config): Record<string, string | number> {
  return Object.fromEntries(
    Object.keys(environment.shape).map((name) => {
      const value = config[name as keyof Config];
      const isSet = Array.isArray(value) ? value.length > 0 : value !== undefined;
      if (SECRETS.includes(name) || !isSet) {
        return [name, isSet ? 'set' : 'unset'];
      }
      return [name, Array.isArray(value) ? value.join(',') : (value ?? 'unset')];
    }),
  );
}
