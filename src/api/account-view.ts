import { textOf } from '../accounts/coerce.ts';
import type { Origin } from '../accounts/facts.ts';
import type { Standing } from '../decide/standing.ts';
import { routeWithOwner } from '../read-model/route.ts';
import type { ClockView } from '../read-model/sla.ts';
import type { ActionRow, CrmLink, ReadModel, StoredScore } from '../read-model.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Outlook } from '../score/outlook.ts';
import type { Json } from '../shared/json.ts';

/** One account as the API and the verbs show it. The score is the stored one, verbatim. */
export interface AccountView {
  account: {
    key: string;
    name: string | null;
    domain: string | null;
    people: number;
    /** Facts by name: traits that events, a CRM or a CSV say, and what is computed from them. Unknown ones are absent. */
    traits: Record<string, Json>;
    /** Where each of them comes from. */
    sources: Record<string, Origin>;
    /** false also while nobody knows. */
    customer: boolean;
  };
  score: (Evaluation & { computedAt: string; dataThrough: string }) | null;
  /**
   * The tier that the account holds, which hysteresis and cool-off may keep above that of the score. `waiting`: a crossing that is
   * held back, and by what. `plan`: the touches of the last crossing, when the next one is, or why no more follow.
   */
  standing: Pick<Standing, 'tier' | 'since' | 'waiting' | 'held' | 'plan' | 'wakeAt'> | null;
  /** Who wants it left alone, and why, until when; empty: nobody. */
  suppressed: Awaited<ReturnType<ReadModel['suppressionsOf']>>;
  route: Json;
  /** Promises of first contact, newest first, and how they stand. */
  clocks: ClockView[];
  /** What would carry it into a higher tier, and what will change with no event, seen from `computedAt`. */
  outlook: Outlook | null;
  crm: Record<string, Record<string, string | string[]>>;
  /** Each of these records: how it was found, since when, and which fields are left as others filled them. */
  links: CrmLink[];
  actions: Pick<ActionRow, 'id' | 'kind' | 'crm' | 'state' | 'reason' | 'crmId' | 'owner' | 'at'>[];
}

const ACTIONS_SHOWN = 100;
const CLOCKS_SHOWN = 10;

/** Gathers everything known of an account under one model. null: the key is unknown. */
export async function accountView(read: ReadModel, key: string, model: string): Promise<AccountView | null> {
  const account = await read.findAccount(key);
  if (account === null) {
    return null;
  }
  const [state, scores, links, clocks, actions, suppressed] = await Promise.all([
    read.loadState(account),
    read.loadScores(account),
    read.loadLinks(account),
    read.clocksOf(account, CLOCKS_SHOWN),
    read.listActions({ account: account.id, state: null, kind: null, crm: null, limit: ACTIONS_SHOWN }),
    read.suppressionsOf(account),
  ]);
  const { facts: traits, origins } = read.factsOf(state);
  const score = scores.find((one) => one.model === model);
  return {
    account: {
      key: account.key,
      name: account.name ?? nameOf(traits),
      domain: account.domain ?? textOf(traits.domain),
      people: state.parts.filter((part) => part.person !== null).length,
      traits,
      sources: origins,
      customer: traits.customer === true,
    },
    score: score === undefined ? null : withTimes(score),
    standing: score === undefined ? null : standingOf(score.standing),
    suppressed,
    route: routeWithOwner(score?.route ?? null, actions),
    clocks,
    outlook: score === undefined ? null : read.outlookOf(state, score),
    crm: crmIds(links.filter(({ crmId }) => crmId !== '')),
    links,
    actions: actions.map(({ id, kind, crm, state: at, reason, crmId, owner, at: when }) => ({
      id,
      kind,
      crm,
      state: at,
      reason,
      crmId,
      owner,
      at: when,
    })),
  };
}

function nameOf(traits: Record<string, Json>): string | null {
  return typeof traits.name === 'string' ? traits.name : null;
}

function withTimes({ evaluation, computedAt, dataThrough }: StoredScore): AccountView['score'] {
  return { ...evaluation, computedAt, dataThrough };
}

function standingOf({ tier, since, waiting, held, plan, wakeAt }: Standing): AccountView['standing'] {
  return {
    tier,
    since,
    ...(waiting === undefined ? {} : { waiting }),
    ...(held === undefined ? {} : { held }),
    ...(plan === undefined ? {} : { plan }),
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
}

/** HubSpot: company and contacts; Salesforce: account, and people who may be contacts or leads. */
function crmIds(links: readonly CrmLink[]): AccountView['crm'] {
  const shown: AccountView['crm'] = {};
  const words = { hubspot: ['company', 'contacts'], salesforce: ['account', 'people'] } as const;
  for (const { crm, object, crmId } of links) {
    const [one, many] = words[crm as keyof typeof words] ?? ['account', 'people'];
    const ids = shown[crm] ?? {};
    shown[crm] = ids;
    if (object === 'account') {
      ids[one] = crmId;
    } else {
      ids[many] = [...((ids[many] as string[] | undefined) ?? []), crmId];
    }
  }
  return shown;
}
