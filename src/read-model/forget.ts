/** How much went of one person, and what is left to the operator. */
export interface Removed {
  events: number;
  accounts: number;
  /** CRM records that stand for the person: they are not deleted from here. */
  crm: { connection: string; object: string; id: string }[];
}

export interface ForgetDone extends Removed {
  /** Records of others in which the person was replaced. */
  mentions: number;
  /** Rows that the last round still found: more than 0 needs a look with `pql forget --scan`. */
  left: number;
  ids: number;
  emails: number;
}

/** `asked`: nothing has happened; `removing`: later events are refused; `mentions`: their own rows are gone; `done`. */
export type ForgetStep = 'asked' | 'removing' | 'mentions' | 'done';

/** What became of one forgetting. Names nobody. Instants are ISO 8601. */
export interface Forgetting {
  id: number;
  step: ForgetStep;
  at: string;
  doneAt: string | null;
  author: string;
  /** Empty until it is done: it could name the person. */
  reason: string;
  /** Keyed hash of the id that was asked for. */
  person: string | null;
  done: Partial<ForgetDone>;
  /** Why it failed last, naming nobody; null: it did not, or is done. */
  failed: string | null;
  /** When it is tried again; null: at once. */
  nextTry: string | null;
}

/** Asking for people to be forgotten. */
export interface ForgetDesk {
  ask(who: { person: string; emails: readonly string[]; author: string; reason: string }): Promise<number>;
  /** null: no such number. */
  show(id: number): Promise<Forgetting | null>;
}
