import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../compose.ts';
import { type Config, readEnvironment } from '../../config.ts';
import type { Mappings } from '../../mappings.ts';
import { type MailServer, mailServer } from '../../sandbox/mail/index.ts';
import { type SlackSandbox, startSlackSandbox } from '../../sandbox/slack/index.ts';
import { hubspotSeeds, refusalRule, seedSalesforce } from '../../sandbox/traffic/crm-seeds.ts';
import { demoTraffic } from '../../sandbox/traffic/playbook.ts';
import { deliverAll, type Target } from '../../sandbox/traffic/send.ts';
import { ManualClock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { HOUR } from '../../shared/time.ts';
import { freePort } from '../../store/embedded/free-port.ts';
import { interrupted, startService } from '../service.ts';
import { progress } from './progress.ts';
import { claimNew } from './reps.ts';
import { REPS } from './team.ts';

/** Monday 2026-03-02, midnight UTC: day 0. The same every time, so that the outcome is. */
export const DEMO_START = Date.UTC(2026, 2, 2);
export const DEMO_DAYS = 14;
export const DEMO_SEED = 7;

export interface Played {
  service: Service;
  around: Around;
  /** The last instant of the demo, ms. */
  end: number;
  requests: number;
  seconds: number;
}

/** Stand-ins beside those of the CRMs, with what they were told. */
export interface Around {
  slack: SlackSandbox;
  mail: MailServer;
  close(): Promise<void>;
}

/** How long (ms) one day may take to settle before the demo gives up. */
const PATIENCE = 60_000;

/** How long (ms) after midnight the reps of the demo look at Slack. */
const ANSWERED = HOUR;

/**
 * Plays two weeks over real HTTP against the real service, on a clock of its own: each day its traffic, then
 * silence until all is idle, then midnight, when what has expired is scored again.
 */
export async function play(
  mappings: Mappings,
  logger: Logger,
  dataDir: string,
  port: number,
  stopped: Promise<NodeJS.Signals> = new Promise(() => {}),
): Promise<Played> {
  const started = Date.now();
  const clock = new ManualClock(DEMO_START);
  const around = await startAround(clock);
  // Links in tasks, in Slack and in mails name the port.
  const config = demoConfig(dataDir, port === 0 ? await freePort() : port, around);
  const waits = { trigger: 0, ordinary: 0 };
  const service = await startService({
    config,
    mappings,
    logger,
    role: 'all',
    clock,
    waits,
    slackEvery: 0,
  }).catch(async (error: Error) => {
    await around.close();
    throw error;
  });
  try {
    fillCrms(service);
    const played = playDays(service, around, targetOf(service, config, clock), clock);
    const requests = await Promise.race([played, stopped.then(interrupted)]);
    return { service, around, end: clock.now(), requests, seconds: (Date.now() - started) / 1000 };
  } catch (error) {
    await service.stop();
    await around.close();
    throw error;
  }
}

async function startAround(clock: ManualClock): Promise<Around> {
  const slack = await startSlackSandbox({ clock, settings: { users: REPS, limits: 'off' } });
  const mail = await mailServer();
  const close = async () => void (await Promise.all([slack.close(), mail.close()]));
  return { slack, mail, close };
}

/** Gives how many requests were sent. */
async function playDays(
  service: Service,
  { slack }: Around,
  target: Target,
  clock: ManualClock,
): Promise<number> {
  await leaveAlone(service);
  const days = demoTraffic({ start: DEMO_START, days: DEMO_DAYS, seed: DEMO_SEED });
  const bar = progress(DEMO_DAYS);
  const claimed = new Set<string>();
  for (const { day, end, deliveries } of days) {
    clock.set(end - 1);
    await deliverAll(deliveries, target);
    await settle(service);
    clock.set(end);
    await settle(service);
    clock.set(end + ANSWERED);
    await claimNew(slack, `${service.url}/slack/interactions`, claimed);
    await settle(service);
    bar.step(day + 1, `days, ${deliveries.length} requests on the last`);
  }
  bar.end();
  return days.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
}

/** Somebody has asked for it: by the way that operators use. */
async function leaveAlone({ url }: Service): Promise<void> {
  const body = JSON.stringify({
    key: 'acct-1017',
    why: 'asked to be left alone until summer',
    until: '2026-06-01',
    author: 'mia.lead@sandbox.example',
  });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/suppressions`, { method: 'POST', headers, body });
  if (!answer.ok) {
    throw new Error(`not suppressed: ${answer.status} ${await answer.text()}`);
  }
}

/** Nothing of the user's environment: no database, queue or CRM of theirs is touched. */
function demoConfig(dataDir: string, port: number, { slack, mail }: Around): Config {
  const secret = () => randomBytes(18).toString('base64url');
  const read = readEnvironment({
    PORT: String(port),
    PQL_DATA_DIR: dataDir,
    SEGMENT_WEBHOOK_SECRET: secret(),
    SEGMENT_WEBHOOK_TOKEN: secret(),
    SEGMENT_WRITE_KEYS: secret(),
    AMPLITUDE_WEBHOOK_TOKEN: secret(),
    AMPLITUDE_API_KEYS: secret(),
    SLACK_BOT_TOKEN: slack.token,
    SLACK_BASE_URL: slack.apiUrl,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
    SMTP_URL: mail.url,
  });
  if (!read.ok) {
    throw new Error(read.error.join('\n'));
  }
  return read.value;
}

function targetOf(service: Service, config: Config, clock: ManualClock): Target {
  return {
    baseUrl: service.url ?? '',
    segmentSecret: config.SEGMENT_WEBHOOK_SECRET ?? '',
    segmentToken: config.SEGMENT_WEBHOOK_TOKEN ?? '',
    segmentWriteKey: config.SEGMENT_WRITE_KEYS[0] ?? '',
    amplitudeToken: config.AMPLITUDE_WEBHOOK_TOKEN ?? '',
    amplitudeApiKey: config.AMPLITUDE_API_KEYS[0] ?? '',
    now: () => clock.now(),
  };
}

/** The CRMs have grown before: some companies and people are there, and one org rule refuses a record. */
function fillCrms({ crms: { sandboxes } }: Service): void {
  if (sandboxes !== null) {
    sandboxes.hubspot.seed(hubspotSeeds(DEMO_START));
    seedSalesforce(sandboxes.salesforce);
    sandboxes.salesforce.refuse(refusalRule);
  }
}

/** Waits until nothing is waiting: no event, score, action or CRM write. */
async function settle(service: Service): Promise<void> {
  const end = Date.now() + PATIENCE;
  do {
    await service.drain();
    const { idle } = await service.status();
    if (idle) {
      return;
    }
    await sleep(20);
  } while (Date.now() < end);
  throw new Error('the service did not come to rest within a minute');
}
