#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node cannot read the TypeScript, and must still be able to say so. It takes the
// Node that `npm ci` brought, when there is one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const own = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const program = fileURLToPath(new URL('./pql.ts', import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  await import('./pql.ts');
} else if (existsSync(own)) {
  const child = spawn(own, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends SIGINT to both; the others come to this process alone.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  process.stderr.write(
    `pql needs Node ${NEEDED} or newer and runs on ${process.versions.node}. Run npm ci here (it brings Node ${NEEDED}), or install it.\n`,
  );
  process.exitCode = 2;
}
