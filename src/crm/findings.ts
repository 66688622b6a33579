import type { Owner } from '../decide/owner.ts';
import { MINUTE } from '../shared/time.ts';
import type { Budget, Finding, MappedField, SchemaProblem } from '../sync/crm.ts';
import type { OwnerName } from '../sync/crm-tasks.ts';

/** Lines of `pql doctor`: how each is made, and those that both CRMs have in common. Pure. */

export function green(check: string, detail = ''): Finding {
  return { check, ok: true, detail, remedy: '' };
}

export function red(check: string, detail: string, remedy: string): Finding {
  return { check, ok: false, detail, remedy };
}

/** Further apart (ms), a signed login is refused and times that both sides write no longer agree. */
export const SKEW_MAX = MINUTE;

/** @param ahead by how much (ms) the other clock is ahead of ours; null: it was not told */
export function clockFinding(ahead: number | null, whose: string): Finding {
  if (ahead === null) {
    return green('clock', `${whose} does not tell the time`);
  }
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const detail = seconds === 0 ? 'agree' : `${whose} is ${seconds} s ${ahead > 0 ? 'ahead' : 'behind'}`;
  return Math.abs(ahead) <= SKEW_MAX
    ? green('clock', detail)
    : red('clock', detail, 'set the clock of this machine by NTP');
}

/** Below this share of the day's calls the doctor speaks up. */
const LITTLE = 0.05;

/** @param reserve share of the day's calls (0 to 1) that the configuration keeps for others */
export function limitFinding(
  { dailyRemaining: left, dailyMax: max }: Budget,
  reserve: number,
  more: string,
): Finding {
  const behind = more === '' ? '' : `; ${more}`;
  if (left === null || max === null) {
    return green('daily limit', `not told${behind}`);
  }
  const kept = Math.ceil(max * reserve);
  const ours = kept === 0 ? '' : `, ${Math.max(0, left - kept)} of them ours`;
  const detail = `${left} of ${max} calls left${ours}${behind}`;
  return left > LITTLE * max && left - kept > LITTLE * (max - kept)
    ? green('daily limit', detail)
    : red(
        'daily limit',
        detail,
        'wait: what is due waits too, tasks last; or find out which other app makes the calls',
      );
}

/** A mapped field as the schema check found it. */
export function fieldFinding(
  { object, field, type, unique }: MappedField,
  problem: SchemaProblem | undefined,
  sandbox: boolean,
): Finding {
  const check = `field ${object}.${field}`;
  if (problem === undefined) {
    return green(check, unique ? `${type}, unique` : type);
  }
  return sandbox && problem.absent === true
    ? green(check, 'the stand-in gets it at the next start')
    : red(check, problem.problem, problem.remedy);
}

/** What a new record lacks, as the schema check found it. */
export function requiredFinding({ object, field, problem, remedy }: SchemaProblem): Finding {
  return red(`field ${object}.${field}`, problem, remedy);
}

/** Owners that the configuration names: each must exist and be active, or its tasks would find nobody. */
export function ownerFindings(named: readonly OwnerName[], known: readonly Owner[]): Finding[] {
  return [...new Set(named.map(({ name }) => name))].map((name) => {
    const same = known.filter(({ names }) => names.includes(name.toLowerCase()));
    const found = same.find(({ active }) => active) ?? same[0];
    const check = `owner ${name}`;
    if (found === undefined) {
      return red(check, 'nobody has this address or id', 'name another owner, or add the user to the CRM');
    }
    return found.active
      ? green(check, found.id)
      : red(check, `${found.id} is inactive, or may own no tasks`, 'name another owner');
  });
}
