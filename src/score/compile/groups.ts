import { type Micro, micro } from '../exact.ts';
import type { Group } from '../model.ts';
import type { GroupConfig, ModelConfig } from '../schema/model.ts';
import type { Complain } from './complain.ts';
import type { Draft } from './draft.ts';
import { groupIds, MILESTONES } from './group-ids.ts';
import type { Compiled } from './rule.ts';

/** What rules can give when some of them are broken: nothing is out of reach then. */
const UNKNOWN = Number.MAX_VALUE;

export function compileGroups({ config, complete, complain }: Draft, rules: readonly Compiled[]): Group[] {
  const segments = config.segments.map((segment) => segment.id);
  const compiled = groupIds(config).map((id) =>
    compileGroup(id, config, complete ? pointsOf(rules, id, segments) : UNKNOWN, complain),
  );
  const total = compiled.reduce((sum, { weight }) => sum + weight, 0);
  if (config.weighting !== 'raw' && total !== 1_000_000) {
    complain(['groups'], `${total / 10_000} %`, 'weights of all groups that make 100 %');
  }
  return compiled;
}

function compileGroup(id: string, config: ModelConfig, ofRules: Micro, complain: Complain): Group {
  const special: GroupConfig = Array.isArray(config.groups) ? {} : (config.groups[id] ?? {});
  const own = ofRules + (id === MILESTONES ? milestonePoints(config) : 0);
  const cap = special.cap === undefined ? null : micro(special.cap);
  const floor = special.floor === undefined ? null : micro(special.floor);
  const earned = Math.min(own, cap ?? own);
  checkSpecial(id, special, config, complain);
  if (cap !== null && floor !== null && floor > cap) {
    complain(['groups', id, 'floor'], `${special.floor} points`, `at most the cap, ${special.cap} points`);
  }
  const full = special.full === undefined ? earned : micro(special.full);
  if (config.weighting === 'normalised' && (full <= 0 || !Number.isFinite(full))) {
    complain(['groups', id], full / 1e6, 'full: the points at which it counts as 100');
  }
  return {
    id,
    weight: micro(special.weight ?? '0') / 100,
    full,
    cap,
    floor,
    most: Math.max(earned, floor ?? earned),
  };
}

function checkSpecial(
  id: string,
  special: GroupConfig,
  { weighting }: ModelConfig,
  complain: Complain,
): void {
  if (weighting !== 'raw' && special.weight === undefined) {
    complain(
      ['groups', id, 'weight'],
      undefined,
      'a share such as "60 %": without it the group counts for nothing',
    );
  }
  if (weighting === 'raw' && special.weight !== undefined) {
    complain(['groups', id, 'weight'], `${special.weight} %`, 'nothing while weighting is raw');
  }
  if (weighting !== 'normalised' && special.full !== undefined) {
    complain(['groups', id, 'full'], `${special.full} points`, 'nothing unless weighting is normalised');
  }
}

/** The most that rules of a group can give to one account: in one segment, since no account is in two. */
function pointsOf(rules: readonly Compiled[], group: string, segments: readonly string[]): Micro {
  const own = rules.filter((rule) => rule.group === group);
  const totals = (segments.length === 0 ? [null] : segments).map((segment) =>
    own
      .filter(({ only }) => only === null || (segment !== null && only.includes(segment)))
      .reduce((sum, { most }) => sum + most, 0),
  );
  return Math.max(...totals);
}

function milestonePoints({ milestones }: ModelConfig): Micro {
  return milestones.reduce((sum, { points }) => sum + micro(points ?? '1'), 0);
}

/** The most that the number can be before its clamp. */
export function mostTotal(groups: readonly Group[], weighting: ModelConfig['weighting']): Micro {
  switch (weighting) {
    case 'raw':
      return groups.reduce((sum, { most }) => sum + most, 0);
    case 'multiplier':
      return groups.reduce((sum, { most, weight }) => sum + (weight === 0 ? 0 : (most * weight) / 1e6), 0);
    case 'normalised':
      return groups.reduce(
        (sum, { most, weight, full }) => sum + (100 * weight * Math.min(most, full)) / full,
        0,
      );
  }
}
