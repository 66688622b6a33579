import { RE2JS } from 're2js';
import { err, ok, type Result } from '../../shared/result.ts';
import { PATTERN_TEXT_MAX } from './filter-config.ts';

/**
 * Regular expressions of strangers' texts run in RE2: time grows with the length of text times the size of the
 * expression, never faster. Both are bounded, so the worst is some milliseconds. What RE2 lacks for that
 * (backreferences, lookaround) is refused when the file is read.
 */
const PROGRAM_MAX = 400;

/** The expression as a test of a text, or what is wrong with it in words. */
export function compilePattern(pattern: string): Result<(text: string) => boolean, string> {
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
    return compiled.programSize() > PROGRAM_MAX
      ? err('a shorter expression: this one repeats too much to be tested on every event')
      : ok((text) => compiled.matcher(text.slice(0, PATTERN_TEXT_MAX)).find());
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '');
    return err(`a regular expression of RE2, without backreferences and lookaround (${reason})`);
  }
}
