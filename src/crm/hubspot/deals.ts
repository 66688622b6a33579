import { instantOf } from '../../accounts/signup.ts';
import type { Deal } from '../../sync/crm-reads.ts';
import type { FeedCursor } from '../../sync/feed.ts';
import type { CrmRecord } from './reply.ts';

/** What is asked of a deal: never its description, notes or bodies. */
export const DEAL_PROPERTIES = [
  'dealname',
  'pipeline',
  'dealstage',
  'amount',
  'amount_in_home_currency',
  'deal_currency_code',
  'closedate',
  'createdate',
  'hs_lastmodifieddate',
  'hs_is_closed',
  'hs_is_closed_won',
  'hubspot_owner_id',
];

/** A deal as a search or a batch read gives it; null: it does not say when it last changed. Pure. */
export function dealOf({ id, properties }: CrmRecord): Deal | null {
  const text = (name: string) => properties[name]?.trim() || null;
  const modifiedAt = instantOf(text('hs_lastmodifieddate'));
  if (modifiedAt === null) {
    return null;
  }
  return {
    id,
    name: text('dealname'),
    account: null,
    pipeline: text('pipeline'),
    stage: text('dealstage'),
    state: stateOf(text('hs_is_closed'), text('hs_is_closed_won'), text('dealstage')),
    amount: decimal(text('amount')),
    currency: text('deal_currency_code'),
    homeAmount: decimal(text('amount_in_home_currency')),
    owner: text('hubspot_owner_id'),
    createdAt: instantOf(text('createdate')),
    closesAt: instantOf(text('closedate')),
    stageAt: null,
    modifiedAt,
    deleted: false,
  };
}

/**
 * By HubSpot's own calculation: the stages `closedwon` and `closedlost` exist only in the pipeline that every portal
 * begins with. They are asked where a portal does not calculate.
 */
function stateOf(closed: string | null, won: string | null, stage: string | null): Deal['state'] {
  if (closed === null && won === null) {
    return stage === 'closedwon' ? 'won' : stage === 'closedlost' ? 'lost' : 'open';
  }
  return won === 'true' ? 'won' : closed === 'true' ? 'lost' : 'open';
}

function decimal(text: string | null): string | null {
  return text !== null && /^-?\d{1,15}(\.\d+)?$/.test(text) ? text : null;
}

const CHANGED = 'hs_lastmodifieddate';

/** The search for one page behind a cursor. HubSpot sorts by one property. Pure. */
export function dealSearch({ at, id }: FeedCursor) {
  const filters =
    id === null
      ? [{ propertyName: CHANGED, operator: 'GTE', value: String(at) }]
      : [
          { propertyName: CHANGED, operator: 'GTE', value: String(at) },
          { propertyName: CHANGED, operator: 'LTE', value: String(at) },
          { propertyName: 'hs_object_id', operator: 'GT', value: id },
        ];
  const propertyName = id === null ? CHANGED : 'hs_object_id';
  return { filterGroups: [{ filters }], sorts: [{ propertyName, direction: 'ASCENDING' }] };
}

/** Association type of a deal's primary company. */
const PRIMARY = 5;

export interface Associated {
  toObjectId: string;
  associationTypes: { typeId: number }[];
}

/** The company of a deal: the primary one; without one the smallest id, so that every reading picks the same. Pure. */
export function companyOf(companies: readonly Associated[]): string | null {
  const primary = companies.find(({ associationTypes }) =>
    associationTypes.some(({ typeId }) => typeId === PRIMARY),
  );
  const ids = companies.map(({ toObjectId }) => toObjectId);
  return primary?.toObjectId ?? ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
}
