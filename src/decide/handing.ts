import type { Policy, Situation } from './decision.ts';
import type { AccountFacts } from './facts.ts';
import type { Routed } from './handoff/route.ts';
import type { Play } from './handoff/schema.ts';
import type { Sla } from './handoff/sla.ts';
import type { Crossing } from './standing.ts';
import type { Letter } from './texts/letter.ts';

/** What one crossing comes to, the same for every CRM. */
export interface Handing {
  policy: Policy;
  situation: Situation;
  play: Play;
  routed: Routed;
  crossing: Crossing;
  facts: AccountFacts;
  sla: Sla;
  why: string;
  letter: Letter;
  /** Which touch of the crossing it is. */
  touch: number;
}
