/** Advice about a model that is valid: what users of such models regret later, with the reason. */
export interface Lint {
  id: string;
  /** `warning`: likely wrong. `hint`: fine if meant. */
  level: 'warning' | 'hint';
  /** Where in the file. */
  path: readonly PropertyKey[];
  /** What is there and why it hurts. */
  message: string;
}

/** Likely wrong. */
export function warning(id: string, path: readonly PropertyKey[], message: string): Lint {
  return { id, level: 'warning', path, message };
}

/** Fine if meant. */
export function hint(id: string, path: readonly PropertyKey[], message: string): Lint {
  return { id, level: 'hint', path, message };
}

/** Names of rules and other parts, for a message. */
export function ids(rules: readonly { id: string }[]): string {
  return rules.map(({ id }) => id).join(', ');
}
