import { accessSync, constants, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { MAX_BYTES, type YamlProblem } from './config-yaml.ts';
import { err, ok, type Result } from './result.ts';

/**
 * The text of a file of the configuration, null when there is none, or what is wrong with the file itself.
 * Never waits and never reads without end: folders, pipes and devices are refused unopened.
 */
export function configText(path: string): Result<string | null, YamlProblem> {
  const wrong = unreadable(path);
  if (wrong === ABSENT) {
    return ok(null);
  }
  if (wrong !== null) {
    return problem(wrong, 'a text file that may be read');
  }
  const { size } = statSync(path);
  if (size > MAX_BYTES) {
    return problem(`${size} bytes`, `at most ${MAX_BYTES} bytes`);
  }
  const bytes = readFileSync(path);
  const text = decoded(bytes);
  return text === null
    ? problem('bytes that are no text in UTF-8', 'UTF-8 without NUL', badLine(bytes))
    : ok(text);
}

export const ABSENT = 'no such file';
const FOLDER = 'a folder';

/** What stands at a path instead of a file that can be read; null when it is one. A link to nothing is not absent. */
export function unreadable(path: string): string | null {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      return ABSENT;
    }
    const there = statSync(path);
    accessSync(path, constants.R_OK);
    return there.isFile() ? null : there.isDirectory() ? FOLDER : 'no ordinary file';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return WORDS[code] ?? code;
  }
}

const WORDS: Record<string, string> = {
  ENOENT: 'a link to a file that is not there',
  ENOTDIR: ABSENT,
  ELOOP: 'links that lead in a circle',
  EACCES: 'a file that this user may not read',
};

function problem(found: string, allowed: string, line = 1): Result<never, YamlProblem> {
  return err({ line, path: [], found, allowed });
}

/** Null for what is no UTF-8: read anyway, it would hold other letters than somebody wrote. No text has a NUL. */
function decoded(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** A line feed is never part of another letter in UTF-8, so each line stands alone. */
function badLine(bytes: Buffer): number {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    if (decoded(bytes.subarray(start, end)) === null) {
      return line;
    }
    line += 1;
    start = end + 1;
  }
  return line;
}

/** Names in a folder, those of none where there is no such folder: the files that must be there are missed by name. */
export function namesIn(folder: string): string[] {
  return unreadable(folder) === FOLDER ? readdirSync(folder) : [];
}
