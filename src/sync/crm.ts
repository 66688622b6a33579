import type { LeadStatusMove } from '../decide/acts-mapping.ts';
import type { FieldValue } from '../decide/desired.ts';
import type { CrmReads, FailedRead } from './crm-reads.ts';
import type { CrmTasks, OwnerName } from './crm-tasks.ts';
import type { Guard, Settlement } from './present.ts';

/**
 * The CRM port: what a connector (src/crm/hubspot, src/crm/salesforce) offers and what the delivery loop asks of it.
 *
 * Every batch call answers per record, in any order, by the record's own `key` (I9); a connector throws only
 * for a programming error. No status code or vendor error code passes this line: `crm/<vendor>/outcomes.ts`
 * is the one pure place that turns a reply into an `Outcome`.
 */

export type CrmName = 'hubspot' | 'salesforce';

export type { FieldValue };

/** What a record's outcome means for the work that asked for it. */
export type Outcome = Fate & {
  /** Whose outcome it is, when an act writes several records: the account's key or the person's ref. */
  ref?: string;
};

type Fate =
  /** Written (or found already so). `crmId` is the CRM's id of the record. */
  | ({ state: 'done'; crmId: string; created?: boolean; note?: string; how?: How } & Partial<
      Pick<Settlement, 'held' | 'restored'>
    >)
  /** Nothing to write, by a rule that the reason names. */
  | { state: 'skipped'; code: string; reason: string }
  /**
   * Try the same again, not before `afterMs` from now. The CRM has certainly not written it, or a repeat is harmless.
   * `patient`: the CRM itself was out of reach or too busy, which no record is to blame for.
   */
  | {
      state: 'retry';
      afterMs: number;
      code: string;
      reason: string;
      patient?: true;
      /** After so many attempts a person looks, with this remedy; absent: after the usual number. */
      atMost?: number;
      remedy?: string;
    }
  /** Perhaps written, perhaps not: must be looked up before it is written again. */
  | { state: 'uncertain'; code: string; reason: string; patient?: true }
  /**
   * The CRM refuses this record: kept with the CRM's own words until a person retries or dismisses it. `field`: the
   * field that it names, if it does. `ownerRefused`: only for its owner, and another may do.
   */
  | {
      state: 'parked';
      code: string;
      reason: string;
      remedy: string;
      field?: string;
      ownerRefused?: true;
    }
  /** The record behind the stored link is gone, merged or converted: forget the link and match again. */
  | { state: 'rematch'; code: string; reason: string }
  /** Nobody's record: the whole connection must pause (budget, credentials, maintenance). */
  | { state: 'halt'; afterMs: number; code: string; reason: string };

/** How a record that had no link was found. */
export type How = 'unique' | 'domain' | 'email' | 'created' | 'duplicate rule' | 'conversion' | 'merge';

export type Outcomes = Map<string, Outcome>;

/** What the outcome of a record that was written says beside its id. */
export type Beside = Omit<Extract<Outcome, { state: 'done' }>, 'state' | 'crmId'>;

/** Fields for one account: HubSpot company, Salesforce Account. */
export interface AccountChange {
  /** Our account key: the pairing key of the outcome, and the value of the unique field. */
  key: string;
  /** CRM id from the stored link, if we have one. */
  crmId: string | null;
  /** Work domain for matching, lower case, if known. */
  domain: string | null;
  /** Addresses of its people, of an account that may be made: what became of them in the CRM may lead to its record. */
  emails?: readonly string[];
  /** Whether a record may be created when nothing matches. */
  create: boolean;
  /** Mapped fields that differ from what the CRM last acknowledged, by CRM field name. */
  fields: Record<string, FieldValue>;
  /** Every mapped field, also the unchanged ones: written instead of `fields` when the record is created or newly matched. */
  allFields: Record<string, FieldValue>;
  /** Fields written on create only (name, domain, website …). */
  createFields: Record<string, FieldValue>;
  /** Set when a field's present value decides whether it is written: then the record is read first (`settleFields`). */
  guard?: Guard;
}

/** Fields for one person: HubSpot contact; Salesforce contact, unconverted lead, or new contact under the account. */
export interface PersonChange {
  /** Our person key within the account; pairing key, and the value of the unique field. */
  key: string;
  crmId: string | null;
  email: string | null;
  /** The account's CRM id, if it is linked (a new contact is put under it). */
  accountCrmId: string | null;
  create: boolean;
  fields: Record<string, FieldValue>;
  allFields: Record<string, FieldValue>;
  createFields: Record<string, FieldValue>;
  guard?: Guard;
}

/** One person into one campaign (Salesforce) or MANUAL list (HubSpot). A set: a repeat is success. */
export interface MembershipChange {
  /** Deterministic: the same membership always has the same key. */
  key: string;
  campaign: string;
  /** CRM id of the person's record. */
  personCrmId: string;
  /** Member status (Salesforce); a member who is there already only moves forward. */
  status: string | null;
  /** HubSpot: lifecycle stage to move the contact to, forward only; null leaves it. */
  lifecycleStage: string | null;
  /** HubSpot: lead status to give the contact, and from which ones; absent leaves it. */
  leadStatus?: LeadStatusMove;
  /** true when an earlier attempt ended `uncertain`. */
  uncertain: boolean;
}

/** One task for a rep. */
export interface TaskChange {
  /** Deterministic and unique for ever: `PQL_Key__c` / `pql_key`. */
  key: string;
  subject: string;
  /** Plain text with line breaks; the connector escapes it where the CRM renders HTML. */
  body: string;
  /** Due instant, ms since 1970. */
  dueAt: number;
  priority: 'high' | 'normal' | 'low';
  type: 'todo' | 'call' | 'email';
  accountCrmId: string | null;
  personCrmId: string | null;
  ownerId: string | null;
  /** When the first attempt began (ms), null on the first attempt. */
  firstTriedAt: number | null;
  /** true when an earlier attempt ended `uncertain`: look before writing. */
  uncertain: boolean;
  /** Set: it is not to be made any more, for this reason. Only what an earlier attempt may have made is looked for. */
  unwanted?: string;
}

/** A problem of a mapping against the CRM's real schema, before anything is written. */
export interface SchemaProblem {
  object: string;
  field: string;
  /** What was found, what is allowed. */
  problem: string;
  /** What to do, e.g. the command that creates it. */
  remedy: string;
  /** The CRM has no such field, or hides it. */
  absent?: true;
  /** The field is too narrow for some values: setup widens it where it made it itself. */
  narrow?: true;
  /** The service can start with it: only some values will be cut or refused. */
  minor?: true;
}

/** A field that a mapping writes, for the schema check and for setup. */
export interface MappedField {
  /** CRM object in the mapping's words: `company`, `contact`, `task` / `Account`, `Contact`, `Lead`, `Task`, `CampaignMember`. */
  object: string;
  field: string;
  type: 'text' | 'long_text' | 'number' | 'datetime' | 'date' | 'boolean' | 'picklist' | 'url';
  /** The record is found by it. */
  unique: boolean;
  /** Only read: it must be there, of whatever type, and is never made by setup. */
  readOnly?: true;
  /** Written into new records only: it need not take updates. */
  createOnly?: true;
  /** The longest text that is written, in characters; absent: as the CRM likes. */
  length?: number;
  /** Every value that it can get, where the mapping names them. */
  values?: readonly string[];
}

/** One thing that the mapping needs: as `pql crm setup` found it, or has made it. */
export interface SetupStep {
  what: string;
  /** `missing`: would be made, or must be made by hand, as `detail` says. `failed`: not made, or not ours to change. */
  state: 'present' | 'missing' | 'created' | 'changed' | 'failed';
  detail: string;
  /** It failed for a reason that passes: asked again, it may succeed. */
  passing?: true;
}

/** One line of `pql doctor`: green, or red with what to do. */
export interface Finding {
  check: string;
  ok: boolean;
  /** What was found. */
  detail: string;
  /** '' when `ok`. */
  remedy: string;
}

/** What the doctor is to look for beside the connection itself. */
export interface Examination {
  fields: MappedField[];
  /** Objects that may be created, in the mapping's words: what they require must be mapped. */
  creates: readonly string[];
  campaigns: string[];
  /** Owners that the configuration names, by e-mail or id. */
  owners: OwnerName[];
  /** Whether deals (opportunities) are read back. */
  deals: boolean;
  /** Whether activities around accounts that were handed over are read. */
  activities: boolean;
  /** Share of the day's calls (0 to 1) that is kept for others. */
  reserve: number;
  /** A stand-in of ours: what is absent there is made at the next start, by nobody's hand. */
  sandbox: boolean;
}

export interface Budget {
  /** Calls left today as the CRM last said, null if it never said. */
  dailyRemaining: number | null;
  dailyMax: number | null;
}

export interface CrmConnector {
  readonly name: CrmName;
  /** Proves the credentials and names the portal or org: links and acknowledged values belong to it. Throws `CrmUnreachable`. */
  connect(): Promise<{ connection: string }>;
  /** `creates`: the objects that may be created, whose required fields must be mapped. */
  checkSchema(fields: MappedField[], creates?: readonly string[]): Promise<SchemaProblem[]>;
  /** IANA time zone whose days the CRM's dates are, as far as it has said so by now; UTC before. */
  zone(): string;
  /**
   * Shows, and with `apply` makes, what the mapping needs. Without `apply` nothing is written. Throws `CrmUnreachable`.
   *
   * @param deals whether deals are read back: the right to is part of it, where set-up gives rights. Default: they are not.
   */
  setup(fields: MappedField[], campaigns: string[], apply: boolean, deals?: boolean): Promise<SetupStep[]>;
  /** What comes back from the CRM. */
  readonly reads: CrmReads;
  /** Looks at everything that a delivery will need, by reading only. Never throws: a CRM that is away is a finding. */
  examine(examination: Examination): Promise<Finding[]>;
  writeAccounts(changes: AccountChange[]): Promise<Outcomes>;
  writePeople(changes: PersonChange[]): Promise<Outcomes>;
  addMembers(changes: MembershipChange[]): Promise<Outcomes>;
  createTasks(changes: TaskChange[]): Promise<Outcomes>;
  /** Owners, and what happens to tasks after they were made. */
  readonly tasks: CrmTasks<Outcome>;
  /** One cheap call for the sake of what its headers tell of the day's calls. Never throws. */
  askBudget(): Promise<void>;
  close(): Promise<void>;
}

/** The CRM could not be reached or refused the credentials; `permanent` when waiting will not help. */
export class CrmUnreachable extends Error {
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean) {
    super(message);
    this.name = 'CrmUnreachable';
    this.permanent = permanent;
  }
}

const LATER = 3_600_000;

/** A failed read by what its outcome means: a retry when the CRM says so, anything for a person to mend in an hour. */
export function failedRead(outcome: Outcome): FailedRead {
  const { code, reason } = { code: 'unreadable', reason: 'the answer holds nothing', ...outcome };
  const afterMs = 'afterMs' in outcome ? outcome.afterMs : LATER;
  return { state: 'failed', afterMs, pause: outcome.state === 'halt', code, reason };
}
