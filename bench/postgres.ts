import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removePlaces } from '../src/store/embedded/places.ts';
import { startEmbedded } from '../src/store/embedded/server.ts';

/** A PostgreSQL of the benchmark's own, and its folder. Its commits reach the disk unless `settings` say otherwise. */
export async function startPostgres(
  settings: string[] = [],
): Promise<{ url: string; dir: string; stop(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'pql-bench-'));
  // As root, PostgreSQL runs as another user, who must be able to pass through.
  chmodSync(dir, 0o711);
  const server = await startEmbedded({ dataDir: dir, settings });
  return {
    url: server.url,
    dir,
    stop: async () => {
      await server.stop();
      removePlaces(dir);
    },
  };
}
