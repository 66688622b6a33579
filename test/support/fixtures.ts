import { readFileSync } from 'node:fs';

/** One wire body as its sender writes it: the bytes without the file's last line break. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8').trimEnd();
}
