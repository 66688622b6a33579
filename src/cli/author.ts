import { userInfo } from 'node:os';
import type { Options } from './command.ts';

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
