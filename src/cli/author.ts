import { userInfo } from 'node:os';
import type { By } from '../store/fold/accounts.ts';
import { type Options, UsageError } from './command.ts';

/** Who decides: `--author`, else the user who runs the command. A container may have no name for its user. */
export function authorOf(options: Options): string {
  if (typeof options.author === 'string' && options.author.trim() !== '') {
    return options.author;
  }
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** Options of verbs that change something: who decides, and why. */
export const BY_OPTIONS = { author: { type: 'string' }, reason: { type: 'string' } } as const;
export const BY_HELP = {
  author: 'who decides (the user who runs the command); it stands in the audit',
  reason: 'why; it stands in the audit',
};

/** Who decides and why, where a reason is not asked for. */
export function byOf(options: Options): By {
  return { author: authorOf(options), reason: typeof options.reason === 'string' ? options.reason : '' };
}

/** Who decides and why, where there must be a reason. */
export function byWithReason(options: Options, allowed = 'why, in a few words: it stands in the audit'): By {
  const by = byOf(options);
  if (by.reason.trim() === '') {
    throw new UsageError(`--reason: found nothing; allowed: ${allowed}`);
  }
  return by;
}
