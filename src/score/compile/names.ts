import { type Draft, LISTS } from './draft.ts';
import { MILESTONES } from './group-ids.ts';

/** models.yaml names files, scores name models: one name for both, or a score could not be found again. */
export function checkName(file: string, { config, complain }: Draft): void {
  const name = file.replace(/^.*[\\/]/, '').replace(/\.yaml$/, '');
  if (name !== config.model) {
    complain(['model'], config.model, `${name}, the name of the file`);
  }
}

/** Ids are there once, and every group has points to count. */
export function checkIds({ config, ids, complete, complain }: Draft): void {
  for (const list of LISTS) {
    const written = config[list].map(({ id }) => id);
    written.forEach((id, i) => {
      if (written.indexOf(id) < i) {
        complain([list, i, 'id'], id, `an id that no other of the ${list} has`);
      }
    });
  }
  if (ids.rules.length + ids.milestones.length === 0) {
    complain(['rules'], 'none', 'at least one rule or milestone');
  }
  const groups = Array.isArray(config.groups) ? config.groups : Object.keys(config.groups);
  groups.forEach((group, i) => {
    // Named twice, its points would be added up twice.
    if (groups.indexOf(group) < i) {
      complain(['groups', i], group, 'a group that is not named before');
    }
    const ofMilestones = group === MILESTONES && ids.milestones.length > 0;
    if (complete && !ofMilestones && !config.rules.some((rule) => rule.group === group)) {
      complain(
        ['groups', Array.isArray(config.groups) ? i : group],
        group,
        'groups that a rule gives points to',
      );
    }
  });
}
