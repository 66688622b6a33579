import type { MailRules } from '../accounts/domains.ts';
import type { SignalInfo } from '../accounts/signal.ts';
import type { AccountState } from '../accounts/state.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import type { LeadStatusMove, TaskSpec } from './acts-mapping.ts';
import type { DesiredFields } from './desired.ts';
import type { AlertPayload } from './handoff/alerts.ts';
import type { ClockEnd, ClockStart } from './handoff/clock.ts';
import type { Hold } from './handoff/hold.ts';
import type { Handoff } from './handoff/read.ts';
import type { Mapping } from './mapping.ts';
import type { OwnerStep } from './owner.ts';
import type { Crossing, Standing, Step } from './standing.ts';
import type { TaskTemplate } from './texts/template.ts';

/** What an operator configured about acting. */
export interface Policy {
  model: Model;
  handoff: Handoff;
  mappings: Mapping[];
  templates: Record<string, TaskTemplate>;
  /** The catalogue, by id: texts measure in it. */
  signals: ReadonlyMap<string, SignalInfo>;
  isBuying: (signal: string) => boolean;
  mail: MailRules;
  /** Base URL under which an account can be looked at. */
  linkBase: string;
}

export interface TaskPayload {
  crmKey: string;
  subject: string;
  body: string;
  dueAt: number;
  priority: TaskSpec['priority'];
  type: TaskSpec['type'];
  /** Ref of the person the task is about. */
  person: string | null;
  /** Refs of those whom the text names: by them it is found when one of them is to be forgotten. */
  mentions: readonly string[];
  /** Tasks of one account and play belong together: the play's tier. */
  play: string;
  /** Set: while an earlier task of the account and play is open, this line joins it in place of a second task. */
  noteIfOpen: string | null;
  /** Who may get it, in this order; nobody: it has no owner. */
  owners: readonly OwnerStep[];
}

export interface MembershipPayload {
  crmKey: string;
  campaign: string;
  status: string | null;
  lifecycleStage: string | null;
  /** HubSpot; absent: left alone. */
  leadStatus?: LeadStatusMove;
  person: string;
}

/** One line that joins every open task of the account; `close` also closes them. */
export interface TaskChangePayload {
  crmKey: string;
  line: string;
  /** Who else gets the open tasks: an e-mail, or NEXT_OWNER of the chain that each task has; absent: they stay where they are. */
  handTo?: string;
}

/** One act that should happen in one CRM or in Slack, or its skip with the reason: plain data, to be printed, stored, applied. */
export type Act = {
  key: string;
  person: string | null;
  crossing: string | null;
  reason: string;
  /** Set when there is nothing to do, by rule. */
  skip: string | null;
} & (
  | ({ crm: Mapping['crm'] } & (
      | { kind: 'fields'; payload: DesiredFields }
      | { kind: 'task'; payload: TaskPayload }
      | { kind: 'campaign'; payload: MembershipPayload }
      | { kind: 'note' | 'close'; payload: TaskChangePayload }
    ))
  | { crm: 'slack'; kind: 'alert'; payload: AlertPayload }
);

/** Where a qualified account went, as it is kept and shown. */
export interface Route {
  to: string;
  owner: string | null;
  reason: string;
  /** Id of the route in handoff.yaml; absent on those from before there were several. */
  rule?: string;
  /** A reason that can be counted. */
  code?: string;
  /** What holds it back; absent: nothing. */
  held?: readonly string[];
  /** null: nobody was asked to get in touch. */
  sla: RouteSla | null;
}

/** By when somebody must get in touch. */
export interface RouteSla {
  /** ISO 8601. */
  due: string;
  /** Id of the promise in handoff.yaml; absent on routes from before there were several. */
  rule?: string;
}

export interface Decision {
  standing: Standing;
  crossing: Crossing | null;
  cooled: boolean;
  note: string | null;
  route: Route | null;
  /** The promise of first contact that begins to run; null: none does. */
  clock: ClockStart | null;
  /** What ends the promises that run for the account; null: nothing. */
  ended: Exclude<ClockEnd, 'touched'> | null;
  acts: Act[];
  /** Refs of people who opted out of e-mail, of an account that is contacted: what waits for them is not to be done. */
  unsubscribed: readonly string[];
}

/** What the CRMs, or a button, tell of an account that was handed over. */
export interface Heard {
  /** Newest of ours and of theirs, ms; null: never. */
  touched: number | null;
  replied: number | null;
}

export interface Situation {
  state: AccountState;
  evaluation: Evaluation;
  /** Where the account stands after this evaluation, and whether it crossed. */
  moved: Step;
  /** Route of the last crossing, kept until the next. */
  route: Decision['route'];
  /** Trigger signals since the last score. */
  triggers: readonly string[];
  /** false: a merge, a publication or a backfill, which ends and notes no task. */
  act: boolean;
  /** What holds the account back by somebody's word; absent: nothing. */
  suppressed?: readonly Hold[];
  /** When score, tier or reasons last changed, ISO 8601. */
  scoredAt: string;
  now: number;
  /** Who has been in touch, as the CRMs tell; absent: nobody can say. */
  heard?: Heard;
}
