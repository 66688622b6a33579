import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of the shipped configuration that a test may change. */
export interface Folder {
  dir: string;
  read(name: string): string;
  write(name: string, text: string): void;
  /** Replaces text that must be there. */
  edit(name: string, from: string, to: string): void;
  remove(): void;
}

export function copyOfMappings(): Folder {
  const dir = mkdtempSync(join(tmpdir(), 'pql-mappings-'));
  cpSync('mappings', dir, { recursive: true });
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  return {
    dir,
    read,
    write,
    edit: (name, from, to) => {
      const text = read(name);
      if (!text.includes(from)) {
        throw new Error(`${name} does not say ${from}`);
      }
      write(name, text.replace(from, to));
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
}
