export type Values = Record<string, unknown>;

export interface Change {
  trait: string;
  op: 'set' | 'once' | 'unset';
  value: unknown;
}

/** One thing that happened or was said. */
export interface Fact {
  /** Vendor and message id: the same again is not counted again. */
  id: string;
  at: number;
  /** When the service first got it. */
  heard: number;
  /** Event name without case, blanks, underscores and a leading "User"; null: said, not done. */
  did: string | null;
  isActivity: boolean;
  properties: Values;
  user: string | null;
  device: string | null;
  account: string | null;
  aboutPerson: Change[];
  aboutAccount: Change[];
  declared: boolean;
}

export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^user[ _]/, '')
    .replace(/[ _]/g, '');
}

export function setAll(values: Values): Change[] {
  return Object.entries(values).map(([trait, value]) => ({ trait, op: 'set', value }));
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function object(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}
