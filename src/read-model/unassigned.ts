/** Why nothing named a company for what somebody did, so that it stands in a personal account. */
export const UNASSIGNED = [
  'never_identified',
  'no_mail',
  'free_mail',
  'disposable_mail',
  'own_mail',
  'removed',
] as const;
export type Unassigned = (typeof UNASSIGNED)[number];

export interface UnassignedCount {
  why: Unassigned;
  people: number;
  /** Track, page and screen calls that stand there. */
  events: number;
}

export interface UnassignedPerson {
  account: string;
  person: string;
  why: Unassigned;
  email: string | null;
  events: number;
  lastSeen: string | null;
}

export interface UnassignedReport {
  counts: UnassignedCount[];
  /** Events with no id at all, in quarantine. */
  eventsWithoutIds: number;
  people: UnassignedPerson[];
  /** Mail domains that several group accounts have, with the people who stand in the domain's own account. */
  contestedDomains: { domain: string; accounts: string[]; people: number }[];
}

/** The same in figures that cost little: none is counted beyond `countedUpTo`. */
export interface UnassignedStatus {
  people: Record<Unassigned, number>;
  eventsWithoutIds: number;
  countedUpTo: number;
}
