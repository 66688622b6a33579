/** One Slack channel, for the accounts that it fits; null fits all. */
export interface AlertChannel {
  channel: string;
  tiers: readonly string[] | null;
  routes: readonly string[] | null;
  /** Owners are named and not mentioned. */
  quiet: boolean;
}

/** The section `alerts` of handoff.yaml. */
export interface Alerts {
  /** The first that fits counts. */
  channels: readonly AlertChannel[];
  fallback: Pick<AlertChannel, 'channel' | 'quiet'>;
  /** Messages about new accounts, an hour and channel. */
  perHour: number;
  /** From so many on within so much time (ms) one message tells of all. */
  rollUp: { from: number; within: number };
  /** Slack users by e-mail in lower case. */
  owners: ReadonlyMap<string, string>;
}

/** What decided things an alert tells of. */
export type AlertWhat =
  | 'crossed'
  | 'due_soon'
  | 'breached'
  | 'escalated'
  | 'bought'
  | 'cooled'
  | 'suppressed';

/** What people did with the buttons of an alert, told in its thread. */
export type ClickWhat = 'claimed' | 'not_a_fit' | 'reminder';

/** What is known of an account when it crosses: data, put into words when it is sent. Names are one line each. */
export interface AlertCard {
  key: string;
  name: string;
  domain: string | null;
  /** Number of employees. */
  size: string | null;
  tier: string;
  score: number;
  /** Strongest first. */
  reasons: readonly string[];
  /** Who was active last; null: nobody is known. */
  who: { name: string | null; email: string | null; title: string | null } | null;
  /** Where it goes; null: unknown. */
  route: string | null;
  /** By when somebody must get in touch, ISO 8601. */
  due: string | null;
  /** Id of the promise that sets it. */
  sla: string | null;
  /** Where the account can be looked at. */
  link: string;
}

export interface AlertPayload {
  crmKey: string;
  what: AlertWhat | ClickWhat;
  channel: string;
  quiet: boolean;
  /** What is said beside the card, in words. */
  line: string;
  /** Who is to be told, by e-mail; null: whoever has the task. */
  owner: string | null;
  /** Slack user whose button it was. */
  by?: string;
  /** Ref of the person whom the card names; null: nobody, or somebody who was forgotten. */
  person: string | null;
  card: AlertCard;
}
