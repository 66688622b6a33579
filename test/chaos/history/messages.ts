import type { Route } from '../../../src/sandbox/traffic/delivery.ts';
import type { Standing } from '../world/crms.ts';

/** One call of a sender. */
export interface Message {
  route: Route;
  body: Record<string, unknown>;
  account: string;
  /** Where in the run it is sent first, from 0 to 1. */
  due: number;
  /** `last`: sent only when all of its account's `first` have been acknowledged. */
  part: 'first' | 'some' | 'last';
}

/** Someone whom the driver knows. */
export interface Person {
  id: string;
  email: string;
  lastName: string;
  account: string;
  /** Known and active before the account's last deed can be sent: joins the campaign if it crosses. */
  early: boolean;
}

export interface History {
  messages: Message[];
  people: Person[];
  /** Name by key. */
  companies: Map<string, { name: string; domain: string }>;
  /** What the CRMs knew before. */
  standing: Standing;
}
