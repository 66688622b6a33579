import { ACTIVITY } from '../../accounts/state.ts';
import { mostPoints } from '../compile/points.ts';
import type { Micro } from '../exact.ts';
import type { Model, Rule } from '../model.ts';
import { signalIds } from './atoms.ts';
import { hint, ids, type Lint, warning } from './lint.ts';

/** Above this share of all points, coming back counts as much as doing something. */
const FREQUENCY_SHARE = 0.15;

export function frequencyShare(model: Model): Lint[] {
  const frequent = model.rules.filter((rule) => signalIds(rule).includes(ACTIVITY));
  const share = shareOf(frequent, model);
  return share > FREQUENCY_SHARE
    ? [
        warning(
          'frequency_share',
          ['rules'],
          `${percent(share)} of all points are for being active (${ids(frequent)}): more than ${percent(FREQUENCY_SHARE)} lets habit stand for value`,
        ),
      ]
    : [];
}

/** S1-29, S1-114: between 20 % and 40 %. */
export function ahaShare(model: Model): Lint[] {
  const aha = model.rules.filter((rule) => signalIds(rule).includes('aha'));
  const share = shareOf(aha, model);
  return aha.length === 0 || (share >= 0.2 && share <= 0.4)
    ? []
    : [
        warning(
          'aha_share',
          ['rules'],
          `the aha moment (${ids(aha)}) has ${percent(share)} of all points; 20 % to 40 % has proved right`,
        ),
      ];
}

/** S1-19, S1-115, S4-80. */
const SIGNALS_PER_GROUP = 3;
const SIGNALS_IN_ALL = 10;

export function tooManySignals(model: Model): Lint[] {
  const behaviour = model.rules.filter((rule) => signalIds(rule).length > 0);
  const crowded = model.groups
    .map(({ id }) => ({ id, count: behaviour.filter(({ group }) => group === id).length }))
    .filter(({ count }) => count > SIGNALS_PER_GROUP)
    .map(({ id, count }) =>
      hint(
        'many_signals',
        ['groups'],
        `"${id}" has ${count} signals: two or three per group are easier to trust`,
      ),
    );
  return behaviour.length > SIGNALS_IN_ALL
    ? [
        ...crowded,
        hint('many_signals', ['rules'], `${behaviour.length} signals in all: five to ten say as much`),
      ]
    : crowded;
}

/** Share of all that one account can be given, as a number from 0 to 1: the largest over the segments. */
function shareOf(rules: readonly Rule[], { groups, segments }: Model): number {
  const all = groups.reduce((sum, { most }) => sum + most, 0);
  const shares = (segments.length === 0 ? [null] : segments).map((segment) => {
    const own = rules.filter(({ only }) => only === null || (segment !== null && only.includes(segment.id)));
    return own.reduce<Micro>((sum, rule) => sum + mostPoints(rule.points, rule.looks), 0) / all;
  });
  return all === 0 ? 0 : Math.max(...shares);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
