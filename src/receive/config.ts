import type { Press } from '../alerts/press.ts';
import type { Journal } from '../events/journal.ts';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import type { GroupCommitOptions } from './group-commit.ts';

/** A receiver whose secret, token or keys are missing is off. */
export interface ReceiveConfig {
  segmentSecret?: string | undefined;
  segmentToken?: string | undefined;
  segmentWriteKeys: readonly string[];
  amplitudeToken?: string | undefined;
  amplitudeApiKeys: readonly string[];
  slackSigningSecret?: string | undefined;
  /** Amplitude's group type for accounts; `company` unless given. */
  accountGroupType?: string;
  /** Further places of the account id in Segment events, dotted, e.g. `properties.workspace_id`. */
  accountPaths?: readonly string[];
  /** Events older than this are refused; 400 days unless given. Must not exceed what the journal keeps. */
  horizonDays?: number;
  commit?: Partial<GroupCommitOptions>;
  /** Bytes that each route may hold in memory; 32 MB unless given. */
  roomBytes?: number;
}

/** Counters that `/metrics` shows. */
export interface ReceiveMetrics {
  /** One answered request and how long it took, in milliseconds of the service's clock. */
  request(route: string, status: number, ms: number): void;
  /** What an acknowledged request held. */
  accepted(route: string, events: number, quarantined: number): void;
  /** Identify operations that were journaled but not applied. */
  ignoredOperations(route: string, count: number): void;
}

export interface ReceiveDeps {
  journal: Journal;
  clock: Clock;
  logger: Logger;
  config: ReceiveConfig;
  /** After every commit that held new events. */
  onAppended?: () => void;
  /** Writes presses of Slack's buttons down; resolves when they are durable. */
  notePresses?: (presses: readonly Press[]) => Promise<void>;
  metrics?: ReceiveMetrics;
}
