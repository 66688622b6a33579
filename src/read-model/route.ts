import type { ActionRow } from '../read-model.ts';
import type { Json } from '../shared/json.ts';

/** The route of an account with who has the newest task, as it was chosen or passed on: the score itself does not know. */
export function routeWithOwner(route: Json, actions: readonly ActionRow[]): Json {
  const task = actions.find(({ kind, owner }) => ['task', 'note'].includes(kind) && owner !== null);
  return task === undefined || route === null || typeof route !== 'object' || Array.isArray(route)
    ? route
    : { ...route, owner: task.owner, ownerWhy: task.ownerWhy };
}
