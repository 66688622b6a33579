import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../compose.ts';
import { type Config, readEnvironment } from '../../config.ts';
import type { Mappings } from '../../mappings.ts';
import { type SlackSandbox, startSlackSandbox } from '../../sandbox/slack/index.ts';
import { hubspotSeeds, refusalRule, seedSalesforce } from '../../sandbox/traffic/crm-seeds.ts';
import { demoTraffic } from '../../sandbox/traffic/playbook.ts';
import { deliverAll, type Target } from '../../sandbox/traffic/send.ts';
import { ManualClock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { interrupted, startService } from '../service.ts';
import { progress } from './progress.ts';

/** Monday 2026-03-02, midnight UTC: day 0. The same every time, so that the outcome is. */
export const DEMO_START = Date.UTC(2026, 2, 2);
export const DEMO_DAYS = 14;
export const DEMO_SEED = 7;

export interface Played {
  service: Service;
  /** The stand-in of Slack, with what it was told. */
  slack: SlackSandbox;
  /** The last instant of the demo, ms. */
  end: number;
  requests: number;
  seconds: number;
}

/** How long (ms) one day may take to settle before the demo gives up. */
const PATIENCE = 60_000;

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
  const slack = await startSlackSandbox({ clock });
  const config = demoConfig(dataDir, port, slack);
  const waits = { trigger: 0, ordinary: 0 };
  const service = await startService({ config, mappings, logger, role: 'all', clock, waits }).catch(
    async (error: Error) => {
      await slack.close();
      throw error;
    },
  );
  try {
    fillCrms(service);
    const played = playDays(service, targetOf(service, config, clock), clock);
    const requests = await Promise.race([played, stopped.then(interrupted)]);
    return { service, slack, end: clock.now(), requests, seconds: (Date.now() - started) / 1000 };
  } catch (error) {
    await service.stop();
    await slack.close();
    throw error;
  }
}

/** Gives how many requests were sent. */
async function playDays(service: Service, target: Target, clock: ManualClock): Promise<number> {
  const days = demoTraffic({ start: DEMO_START, days: DEMO_DAYS, seed: DEMO_SEED });
  const bar = progress(DEMO_DAYS);
  for (const { day, end, deliveries } of days) {
    clock.set(end - 1);
    await deliverAll(deliveries, target);
    await settle(service);
    clock.set(end);
    await settle(service);
    bar.step(day + 1, `days, ${deliveries.length} requests on the last`);
  }
  bar.end();
  return days.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
}

/** Nothing of the user's environment: no database, queue or CRM of theirs is touched. */
function demoConfig(dataDir: string, port: number, slack: SlackSandbox): Config {
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
