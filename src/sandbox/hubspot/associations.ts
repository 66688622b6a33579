import type { ObjectName } from './definitions.ts';
import { ENGAGEMENT_LINKS, ENGAGEMENT_REVERSE } from './engagements.ts';

/** Default association types by direction, as HubSpot numbers them. */
const DEFAULT_TYPES: Record<string, number> = {
  'contacts>companies': 279,
  'companies>contacts': 280,
  'tasks>companies': 192,
  'companies>tasks': 191,
  'tasks>contacts': 204,
  'contacts>tasks': 203,
  'deals>companies': 341,
  'companies>deals': 342,
  'deals>contacts': 3,
  'contacts>deals': 4,
  ...ENGAGEMENT_LINKS,
};

const REVERSE: Record<number, number> = {
  1: 2,
  2: 1,
  279: 280,
  280: 279,
  192: 191,
  191: 192,
  204: 203,
  203: 204,
  5: 6,
  6: 5,
  341: 342,
  342: 341,
  3: 4,
  4: 3,
  ...ENGAGEMENT_REVERSE,
};
const CONTACT_TO_PRIMARY = 1;
const DEAL_TO_PRIMARY = 5;
const isPrimary = (typeId: number) => typeId === CONTACT_TO_PRIMARY || typeId === DEAL_TO_PRIMARY;

export interface Link {
  from: ObjectName;
  fromId: string;
  to: ObjectName;
  toId: string;
  typeIds: number[];
}

/** Which record belongs to which; every link is kept in both directions, under its own end. */
export class Associations {
  private byRecord = new Map<string, Map<string, Link>>();

  load(links: Link[]): void {
    this.byRecord = new Map();
    for (const link of links) {
      this.put(link);
    }
  }

  all(): Link[] {
    return [...this.byRecord.values()].flatMap((links) => [...links.values()]);
  }

  of(from: ObjectName, fromId: string, to?: ObjectName): Link[] {
    const links = [...(this.byRecord.get(`${from}/${fromId}`)?.values() ?? [])];
    return links.filter((link) => to === undefined || link.to === to);
  }

  defaultType(from: ObjectName, to: ObjectName): number | undefined {
    return DEFAULT_TYPES[`${from}>${to}`];
  }

  /**
   * A set: a repeat changes nothing. The first company of a contact, or of a deal, becomes its primary one. There is one
   * primary: whoever is given another keeps the old company without that label.
   */
  add(from: ObjectName, fromId: string, to: ObjectName, toId: string, typeIds: number[]): void {
    const types = [...typeIds];
    if (from === 'contacts' && to === 'companies' && this.primaryCompany(fromId) === undefined) {
      types.push(CONTACT_TO_PRIMARY);
    }
    if (from === 'deals' && to === 'companies' && this.of(from, fromId, to).length === 0) {
      types.push(DEAL_TO_PRIMARY);
    }
    if (types.some((id) => isPrimary(id) || isPrimary(REVERSE[id] ?? 0))) {
      types.push(DEFAULT_TYPES[`${from}>${to}`] ?? 0);
    }
    const back = types.flatMap((id) => REVERSE[id] ?? []);
    if (types.some(isPrimary)) {
      this.demote(from, fromId);
    }
    if (back.some(isPrimary)) {
      this.demote(to, toId);
    }
    this.put({ from, fromId, to, toId, typeIds: types });
    this.put({ from: to, fromId: toId, to: from, toId: fromId, typeIds: back });
  }

  primaryCompany(contactId: string): string | undefined {
    const companies = this.of('contacts', contactId, 'companies');
    return companies.find(({ typeIds }) => typeIds.includes(CONTACT_TO_PRIMARY))?.toId;
  }

  /** A record that is deleted leaves nothing hanging on it: a contact of a deleted company has none. */
  drop(object: ObjectName, id: string): void {
    const end = `${object}/${id}`;
    for (const { to, toId } of this.of(object, id)) {
      this.byRecord.get(`${to}/${toId}`)?.delete(end);
    }
    this.byRecord.delete(end);
  }

  /** Takes the label of the primary company from those that a record has; the plain association stays. */
  private demote(object: ObjectName, id: string): void {
    for (const link of this.of(object, id, 'companies')) {
      const back = this.of('companies', link.toId, object).filter(({ toId }) => toId === id);
      for (const one of [link, ...back]) {
        one.typeIds = one.typeIds.filter((type) => !isPrimary(type) && !isPrimary(REVERSE[type] ?? 0));
      }
    }
  }

  private put(link: Link): void {
    const end = `${link.from}/${link.fromId}`;
    const links = this.byRecord.get(end) ?? new Map<string, Link>();
    const other = `${link.to}/${link.toId}`;
    const typeIds = [...new Set([...(links.get(other)?.typeIds ?? []), ...link.typeIds])];
    links.set(other, { ...link, typeIds });
    this.byRecord.set(end, links);
  }
}
