import { ACTIVITY } from '../../accounts/state.ts';
import { type Atom, ofCondition } from '../compile/atoms.ts';
import type { Model, Subject } from '../model.ts';
import { atomsOfRule } from './atoms.ts';
import { hint, ids, type Lint, warning } from './lint.ts';

/** S1-73, S1-116: points that never leave make last year's users this year's leads. */
export function nothingForgets({ rules, modifiers }: Model): Lint[] {
  const forever = rules.filter((rule) => rule.fade === null && atomsOfRule(rule).some(isForever));
  return modifiers.length > 0 || forever.length === 0
    ? []
    : [
        warning(
          'no_decay',
          ['modifiers'],
          `nothing lets points of ${ids(forever)} go: give them windows, or add a modifier`,
        ),
      ];
}

function isForever({ subject, test }: Atom): boolean {
  return subject.kind === 'signal'
    ? subject.window === 'lifetime'
    : subject.kind === 'last' && test?.kind === 'within' && test.window === 'lifetime';
}

/** each of these punishes silence, and together they punish it twice. */
export function stackedRecency({ modifiers, rules, gates, tiers }: Model): Lint[] {
  const required = new Set(tiers.flatMap(({ requires }) => requires));
  const mechanisms = [
    ...modifiers,
    ...rules.filter(
      ({ fade, looks }) => fade !== null || (looks.at === 'subject' && isOfActivity(looks.subject)),
    ),
    ...gates.filter(
      ({ id, test, zero }) =>
        (required.has(id) || zero) &&
        test.kind === 'condition' &&
        ofCondition(test.condition).some(asksForLately),
    ),
  ];
  return mechanisms.length > 1
    ? [
        warning(
          'recency_twice',
          ['modifiers'],
          `${ids(mechanisms)} each punish silence: one of them is enough`,
        ),
      ]
    : [];
}

function isOfActivity(subject: Subject): boolean {
  return subject.kind === 'last' && subject.signals.some(({ id }) => id === ACTIVITY);
}

/** A gate that closes within a month of silence. */
function asksForLately({ subject, test }: Atom): boolean {
  if (subject.kind !== 'last' || test?.kind !== 'within' || test.window === 'lifetime') {
    return false;
  }
  return 'hours' in test.window
    ? test.window.hours <= 31 * 24
    : 'days' in test.window && test.window.days <= 31;
}

/** What a model costs when nothing happens: every account above the floor is scored anew each day. */
export function movesEveryDay({ modifiers, rules }: Model): Lint[] {
  const daily = modifiers.flatMap(({ id, kind }, i) =>
    kind === 'half_life' ? [{ id, path: ['modifiers', i] }] : [],
  );
  const fading = rules.flatMap(({ id, fade }, i) => (fade !== null ? [{ id, path: ['rules', i] }] : []));
  return [...daily, ...fading].map(({ id, path }) =>
    hint(
      'moves_every_day',
      path,
      `"${id}" gives another number each day: every account that has it is scored daily, active or not`,
    ),
  );
}
