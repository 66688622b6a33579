import type { Scene } from '../score/find/look.ts';
import { isoDate } from '../shared/time.ts';
import type { Act, Decision, Policy, Situation } from './decision.ts';
import type { AccountFacts } from './facts.ts';
import { actsOf } from './follow-up.ts';
import { touchActs } from './hand-over.ts';
import { playOf } from './handoff/read.ts';
import type { Crossing, Standing, TouchPlan } from './standing.ts';
import { beginPlan, fallOf, holdOn, lookAtPlan, replyTo } from './touches.ts';

/** What else this look at the account has come to. */
interface Look {
  standing: Standing;
  /** What was handed over just now, and the signal that its text is about; null: nothing. */
  handed: { crossing: Crossing; signal: string | null } | null;
  /** What became of what was handed over before; null: nothing new. */
  ended: Decision['ended'];
}

/**
 * Begins the plan of touches of what is handed over now, or goes on with the one that there is: its next touch, or its end, is
 * an act like any other. The standing wakes for the next touch.
 */
export function goOnTouching(
  policy: Policy,
  situation: Situation,
  scene: Scene,
  facts: AccountFacts,
  { standing: { plan: before, ...rest }, handed, ended }: Look,
): { standing: Standing; acts: Act[] } {
  const { touches } = policy.handoff;
  if (handed !== null) {
    const begun = beginPlan(touches, handed.crossing, handed.signal, situation.now);
    return { standing: begun === null ? rest : withPlan(rest, begun), acts: [] };
  }
  if (before === undefined) {
    return { standing: rest, acts: [] };
  }
  const { plan, due, stopped } = lookAtPlan(touches, before, situation, [
    () => endInWords(ended),
    () => (situation.moved.crossing === null ? null : 'crossed again'),
    () => replyTo(before, situation),
    () => fallOf(before, policy, situation),
    () => (facts.holdout ? 'drawn into the share that nobody contacts' : null),
    () => holdOn(before, policy, situation, scene),
  ]);
  const play = playOf(policy.handoff, plan.tier);
  const made =
    due === null || play === undefined ? [] : touchActs(policy, situation, scene, play, plan, facts);
  // A purchase, a fall and a new crossing have their own lines.
  const isTold = ended !== null || situation.moved.cooled || situation.moved.crossing !== null;
  const told = stopped === null || isTold ? [] : noted(policy, situation, facts, plan, stopped);
  return { standing: withPlan(rest, plan), acts: [...made, ...told] };
}

/** A fall is told with its numbers. */
function endInWords(ended: Look['ended']): string | null {
  switch (ended) {
    case 'bought':
      return 'they became a customer';
    case 'suppressed':
      return 'not to be contacted any more';
    default:
      return null;
  }
}

/** Instants of ISO 8601 compare as text. */
function withPlan(standing: Standing, plan: TouchPlan): Standing {
  const [wakeAt] = [standing.wakeAt, plan.next].filter((at) => at !== undefined).sort();
  return { ...standing, plan, ...(wakeAt === undefined ? {} : { wakeAt }) };
}

/** The rep who still has a task of it open is told that no letter follows. */
function noted(
  policy: Policy,
  situation: Situation,
  facts: AccountFacts,
  plan: TouchPlan,
  why: string,
): Act[] {
  const line = `${isoDate(situation.now)}: no further touches: ${why}.`;
  return actsOf(policy, situation, facts, plan, { kind: 'note', why: 'touches stopped', line });
}
