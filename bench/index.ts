import { fold } from './fold.ts';
import { measuring } from './measure.ts';
import { score } from './score.ts';

/** Benchmarks by name: `npm run bench` runs all, `npm run bench -- fold` one. Each prints ratios to baselines of its own run. */
const BENCHES: Record<string, () => void | Promise<void>> = { fold, measure: measuring, score };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const [name, run] of Object.entries(BENCHES)) {
    if (asked.length === 0 || asked.includes(name)) {
      console.log(`\n${name}`);
      await run();
    }
  }
}
