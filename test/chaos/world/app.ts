import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CHECKOUT = resolve(import.meta.dirname, '../../..');

/** A copy of the program, so that a run can upgrade it: it is given migrations of its own. */
export interface App {
  /** The command, for Node. */
  program: string;
  mappings: string;
  /** Adds migration `n`; it takes a while, and can be seen to have been applied once. Gives its file's name. */
  addMigration(n: number): string;
}

/** The shipped configuration and one shadow model more, which counts what the rubric counts once or not at all. */
export function copyApp(dir: string): App {
  mkdirSync(dir, { recursive: true });
  for (const part of ['src', 'mappings', 'package.json']) {
    cpSync(join(CHECKOUT, part), join(dir, part), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(dir, 'node_modules'));
  const mappings = join(dir, 'mappings');
  withoutRollUps(join(mappings, 'handoff.yaml'));
  writeFileSync(join(mappings, 'models.yaml'), 'champion: mql-rubric\nshadows: [tally]\n');
  writeFileSync(join(mappings, 'models', 'tally.yaml'), TALLY);
  return {
    program: join(dir, 'src/cli/pql.ts'),
    mappings,
    addMigration: (n) => {
      const name = `9${String(n).padStart(3, '0')}_chaos.sql`;
      writeFileSync(join(dir, 'src/store/migrations', name), migration(n));
      return name;
    },
  };
}

/** Each account is told of by itself, so that what was told can be counted. */
function withoutRollUps(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('per_hour: 30', 'per_hour: 100000').replace('from: 6,', 'from: 100000,'));
}

/** Takes the locks that a real one takes, on tables that are in use, and cannot be applied twice without being seen. */
function migration(n: number): string {
  return `ALTER TABLE actions ADD COLUMN chaos_${n} integer;
ALTER TABLE people ADD COLUMN chaos_${n} integer;
CREATE TABLE IF NOT EXISTS chaos_migrations (n integer NOT NULL);
INSERT INTO chaos_migrations VALUES (${n});
SELECT pg_sleep(0.5);
`;
}

/** Every occurrence counts: an event that was folded twice, or never, makes another number. */
const TALLY = `model: tally
title: Every occurrence counts
weighting: raw
groups: [all]
rules:
  - id: features
    group: all
    signal: key_feature_used
    count: each
    window: 90 days
    points: 1 points each
    why: "{count} uses"
  - id: breaches
    group: all
    signal: limit_breach_attempt
    count: each
    window: 90 days
    points: 1000 points each
    why: "{count} breaches"
tiers:
  - { id: none, from: 0 }
`;
