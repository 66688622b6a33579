import { Liquid } from 'liquidjs';

/** No file access, no unknown names or filters, bounded work: a template cannot reach beyond its facts. */
export const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  // `{% if trigger %}` with an empty text would be true, and leave "set off by: ." in the rep's task.
  jsTruthy: true,
  lenientIf: true,
  templates: {},
  parseLimit: 100_000,
  renderLimit: 1000,
  memoryLimit: 1_000_000,
});
