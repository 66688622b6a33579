import type { ModelConfig } from '../schema/model.ts';

/** Where points of milestones are counted. A file names this group only to give it a weight, a cap or a floor. */
export const MILESTONES = 'milestones';

/** Ids of all groups that points are counted in. */
export function groupIds({ groups, milestones }: Pick<ModelConfig, 'groups' | 'milestones'>): string[] {
  const named = Array.isArray(groups) ? groups : Object.keys(groups);
  return milestones.length > 0 && !named.includes(MILESTONES) ? [...named, MILESTONES] : named;
}
