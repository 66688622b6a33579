import type { Model } from '../score/model.ts';
import { isoDate } from '../shared/time.ts';
import type { Act, Decision, Policy, Situation } from './decision.ts';
import type { AccountFacts } from './facts.ts';
import { alertActs } from './handoff/alert.ts';
import type { AlertWhat } from './handoff/alerts.ts';
import { playOf } from './handoff/read.ts';
import { crmKey, crossingKey, followUpKey } from './keys.ts';
import type { Crossing, Handed, Standing } from './standing.ts';

/** What is to be said in the open tasks of an account, or why they are to be closed. */
interface Turn {
  kind: 'note' | 'close';
  /** Part of the key: the same turn of the same crossing happens once (I6). */
  why: string;
  line: string;
  /** What is told in Slack, and which of several times it is; absent: nothing. */
  told?: { what: AlertWhat; nth?: number };
}

/** Nobody is asked to get in touch any more. */
interface Ending extends Turn {
  why: 'bought' | 'suppressed';
}

/** What comes after a crossing was handed over. */
interface FollowUp {
  standing: Standing;
  acts: Act[];
  /** What ends the promises of first contact; null: nothing. */
  ended: Decision['ended'];
}

/**
 * What happens to the tasks of an account that was handed over: a purchase and a suppression close them, cooling adds
 * a note (decision 14). What the account was already when it was handed over changes nothing.
 *
 * @param crossing the one that is being handed over now; null: none
 */
export function followUp(
  policy: Policy,
  situation: Situation,
  facts: AccountFacts,
  crossing: Crossing | null,
): FollowUp {
  const { standing } = situation.moved;
  const suppressed = [...byHand(situation), ...failedSuppressions(policy.model, situation)];
  if (crossing !== null) {
    const was = { customer: facts.traits.customer === true, suppressed: suppressed.map(({ id }) => id) };
    return { standing: { ...standing, handed: { ...crossing, ...was, cooled: 0 } }, acts: [], ended: null };
  }
  const { handed, ...rest } = standing;
  if (handed === undefined || !situation.act) {
    return { standing, acts: [], ended: null };
  }
  const ended = endOf(handed, situation, facts, suppressed);
  if (ended !== null) {
    const { why } = ended;
    return { standing: rest, acts: actsOf(policy, situation, facts, handed, ended), ended: why };
  }
  return situation.moved.cooled
    ? cool(policy, situation, facts, { ...handed, cooled: handed.cooled + 1 })
    : { standing, acts: [], ended: null };
}

function endOf(
  handed: Handed,
  { now }: Situation,
  facts: AccountFacts,
  suppressed: readonly Suppression[],
): Ending | null {
  const day = isoDate(now);
  if (facts.traits.customer === true && !handed.customer) {
    return {
      kind: 'close',
      why: 'bought',
      line: `${day}: the account became a customer. Closed automatically.`,
      told: { what: 'bought' },
    };
  }
  const newly = suppressed.find(({ id }) => !handed.suppressed.includes(id));
  return newly === undefined
    ? null
    : {
        kind: 'close',
        why: 'suppressed',
        line: `${day}: not to be contacted any more (${newly.why}). Closed automatically.`,
        told: { what: 'suppressed' },
      };
}

/** Stays handed over: a purchase may still follow. */
function cool(policy: Policy, situation: Situation, facts: AccountFacts, handed: Handed): FollowUp {
  const standing = { ...situation.moved.standing, handed };
  const how = playOf(policy.handoff, handed.tier)?.when_cooled ?? 'nothing';
  if (how === 'nothing') {
    return { standing, acts: [], ended: 'cooled' };
  }
  const { now, evaluation } = situation;
  const fell = `${isoDate(now)}: cooled to ${standing.tier} with ${evaluation.value} points.`;
  const line = how === 'close' ? `${fell} Closed automatically.` : fell;
  const told = { what: 'cooled', nth: handed.cooled } as const;
  const turn: Turn = { kind: how, why: `cooled ${handed.cooled}`, line, told };
  return { standing, acts: actsOf(policy, situation, facts, handed, turn), ended: 'cooled' };
}

/** The same turn in every connected CRM, and in Slack. */
export function actsOf(
  policy: Policy,
  { evaluation, route }: Situation,
  facts: AccountFacts,
  handed: Crossing,
  { kind, why, line, told }: Turn,
): Act[] {
  const key = followUpKey(facts.key, evaluation.model, handed.tier, handed.n, why);
  const acts = policy.mappings.map(({ crm }) => ({
    crm,
    kind,
    key,
    person: null,
    crossing: crossingKey(handed),
    reason: line,
    skip: null,
    payload: { crmKey: crmKey(key), line },
  }));
  const { tier, n } = handed;
  const { model } = evaluation;
  const alerts =
    told === undefined ? [] : alertActs(policy, facts, model, { tier, n }, { ...told, line, route });
  return [...acts, ...alerts];
}

interface Suppression {
  id: string;
  why: string;
}

/** Under a name that no gate has. */
function byHand({ suppressed = [] }: Situation): Suppression[] {
  return suppressed.map(({ why }) => ({ id: '(by hand)', why }));
}

/** Gates of suppression that do not let the account pass, of the model that its segment uses. */
function failedSuppressions(model: Model, { evaluation }: Situation): Suppression[] {
  const segment = model.segments.find(({ id }) => id === evaluation.segment?.id);
  const gates = (segment?.model ?? model).gates.filter(({ kind }) => kind === 'suppression');
  const ids = new Set(gates.map(({ id }) => id));
  return evaluation.gates
    .filter(({ id, passed }) => !passed && ids.has(id))
    .map(({ id, why }) => ({ id, why }));
}
