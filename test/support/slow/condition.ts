import { entriesOf, peopleCount, signalCount } from './count.ts';
import type { PlainCondition } from './plain.ts';
import { countPasses, valuePasses } from './tests.ts';
import { listOf } from './units.ts';
import { accountTrait, instantOf, isIn, newestOf, signupOf, type World } from './world.ts';

/** True, false, or null: unknown. */
export type Truth = boolean | null;

/** What rules and gates above have come to: whether the rule gave something, whether the gate passes. */
export interface Above {
  rules: Record<string, boolean>;
  gates: Record<string, boolean>;
}

export function holds(world: World, condition: PlainCondition, above: Above): Truth {
  const each = (list: PlainCondition[]) => list.map((one) => holds(world, one, above));
  if (condition.all !== undefined) {
    const all = each(condition.all);
    return all.includes(false) ? false : all.includes(null) ? null : true;
  }
  if (condition.any !== undefined) {
    const any = each(condition.any);
    return any.includes(true) ? true : any.includes(null) ? null : false;
  }
  if (condition.of !== undefined) {
    return enough(each(condition.of), condition.at_least ?? 1);
  }
  if (condition.not !== undefined) {
    const inner = holds(world, condition.not, above);
    return inner === null ? null : !inner;
  }
  return atomHolds(world, condition, above);
}

/** k of n: true with k true ones, false when not even the unknown ones could make k. */
function enough(of: Truth[], atLeast: number): Truth {
  const trues = of.filter((one) => one === true).length;
  const unknown = of.filter((one) => one === null).length;
  return trues >= atLeast ? true : trues + unknown < atLeast ? false : null;
}

function atomHolds(world: World, atom: PlainCondition, above: Above): Truth {
  if (atom.rule !== undefined) {
    return above.rules[atom.rule] ?? fail(`no rule above: ${atom.rule}`);
  }
  if (atom.gate !== undefined) {
    return above.gates[atom.gate] ?? fail(`no gate above: ${atom.gate}`);
  }
  if (atom.people !== undefined) {
    return peopleCount(world, atom.people).gte(atom.people.at_least ?? 1);
  }
  if (atom.entries !== undefined) {
    const count = entriesOf(world, atom.trait ?? '');
    return count === null ? null : countPasses(atom, count);
  }
  if (atom.trait !== undefined) {
    return valuePasses(atom, accountTrait(world, atom.trait));
  }
  if (atom.date !== undefined) {
    const at = instantOf(accountTrait(world, atom.date));
    return at === null ? null : at <= world.now && isIn(world, atom.within ?? 'lifetime', at);
  }
  if (atom.signed_up_within !== undefined) {
    const signup = signupOf(world);
    return signup === null ? null : isIn(world, atom.signed_up_within, signup);
  }
  if (atom.last !== undefined) {
    const newest = newestOf(world, listOf(atom.last));
    return newest !== null && isIn(world, atom.within ?? 'lifetime', newest);
  }
  const count = signalCount(world, atom);
  return count === null ? null : countPasses(atom, count);
}

function fail(reason: string): never {
  throw new Error(reason);
}
