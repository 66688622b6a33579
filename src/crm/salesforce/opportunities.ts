import { instantOf } from '../../accounts/signup.ts';
import type { Json } from '../../shared/json.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Deal } from '../../sync/crm-reads.ts';
import type { FeedCursor } from '../../sync/feed.ts';
import { inList, literal } from './soql.ts';

/** Asked of every opportunity: never its description. */
export const FIELDS = [
  'Id',
  'AccountId',
  'Name',
  'StageName',
  'IsClosed',
  'IsWon',
  'CloseDate',
  'OwnerId',
  'CreatedDate',
  'SystemModstamp',
  'IsDeleted',
];
/**
 * `CurrencyIsoCode` exists in orgs with several currencies only, and amounts may be hidden from the integration user:
 * asking for what is not there fails the query.
 */
const WHERE_DESCRIBED = ['Amount', 'CurrencyIsoCode', 'LastStageChangeDate'];

export const OPPORTUNITY_PAGE = 2000;

export type OpportunityRow = Record<string, Json>;

function select(described: ReadonlySet<string>): string {
  const fields = [...FIELDS, ...WHERE_DESCRIBED.filter((field) => described.has(field))];
  return `SELECT ${fields.join(', ')} FROM Opportunity`;
}

/** One page behind a cursor, deleted ones included where it is asked as `queryAll`. Pure. */
export function opportunitiesFrom({ at, id }: FeedCursor, described: ReadonlySet<string>): string {
  const when = isoInstant(at);
  const where =
    id === null
      ? `SystemModstamp >= ${when}`
      : `((SystemModstamp = ${when} AND Id > ${literal(id)}) OR SystemModstamp > ${when})`;
  return `${select(described)} WHERE ${where} ORDER BY SystemModstamp, Id LIMIT ${OPPORTUNITY_PAGE}`;
}

/** By id: the text before WHERE, and the condition for some of them. */
export function opportunitiesById(described: ReadonlySet<string>) {
  return { select: select(described), condition: (ids: readonly string[]) => inList('Id', ids) };
}

/** null: the row does not say when it last changed. Pure. */
export function opportunityOf(row: OpportunityRow): Deal | null {
  const text = (name: string) => (typeof row[name] === 'string' && row[name] !== '' ? row[name] : null);
  const modifiedAt = instantOf(text('SystemModstamp'));
  if (modifiedAt === null) {
    return null;
  }
  return {
    id: String(row.Id),
    name: text('Name'),
    account: text('AccountId'),
    pipeline: null,
    stage: text('StageName'),
    // Won implies closed. Names of stages are the org's own.
    state: row.IsWon === true ? 'won' : row.IsClosed === true ? 'lost' : 'open',
    amount: typeof row.Amount === 'number' ? String(row.Amount) : null,
    currency: text('CurrencyIsoCode'),
    homeAmount: null,
    owner: text('OwnerId'),
    createdAt: instantOf(text('CreatedDate')),
    closesAt: instantOf(text('CloseDate')),
    stageAt: instantOf(text('LastStageChangeDate')),
    modifiedAt,
    deleted: row.IsDeleted === true,
  };
}
