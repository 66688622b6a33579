/**
 * How the account's events reach the service and name their account:
 * - `segment`: webhooks with one event each; one group call per person, later events name no group;
 * - `segment-batch`: webhooks in batch mode; `context.groupId` on every event;
 * - `segment-sdk`: Segment's SDK pointed at the service;
 * - `amplitude`: event streaming; groups and their properties on every event, user properties as text;
 * - `amplitude-sdk`: Amplitude's SDK pointed at the service;
 * - `both`: the web app through Segment in batches, the rest through Amplitude's SDK;
 * - `mail`: Segment in batches, no group at all: known by the domain of the work mail only.
 */
export type Way =
  | 'segment'
  | 'segment-batch'
  | 'segment-sdk'
  | 'amplitude'
  | 'amplitude-sdk'
  | 'both'
  | 'mail';

/** How often people show up between the things that the plot names. */
export type Pace = 'daily' | 'often' | 'rarely' | 'never';

export interface Fit {
  /** Absent: free. */
  plan?: string;
  employees?: number | string;
  industry?: string;
  tech_stack?: string[];
}

/** One account: who they are and what they do on which day. */
export interface Story {
  /** The key under which the account ends. */
  key: string;
  name: string;
  /** Mail domain and web site. */
  domain: string;
  way: Way;
  fit: Fit;
  /** `Lena Ortiz | Head of Operations | Operations`: name, title, department. */
  people: [string, ...string[]];
  /** By day: `Lena invites 4; Omar configures a workflow`. The verbs are those of `deeds.ts`. */
  plot: Record<number, string>;
  pace: Pace;
  /** The last day on which anybody shows up outside the plot; the last of the demo when absent. */
  lastDay?: number;
  /** The day of the account's only group call; before it the account is known by its mail domain. */
  groupedOn?: number;
  /** What the story is in the demo for. */
  why?: string;
}
