import { join, relative } from 'node:path';
import { type ConfigProblem, didYouMean } from '../../shared/config-file.ts';
import { configText, namesIn } from '../../shared/config-text.ts';
import { err } from '../../shared/result.ts';
import { type ModelTests, readTests } from './read.ts';

export interface TestFiles {
  /** By the name of the model. */
  tests: Map<string, ModelTests>;
  problems: ConfigProblem[];
  /** Models without a file of tests. */
  untested: string[];
}

const SUFFIX = '.test.yaml';

/** Reads every `models/NAME.test.yaml` of a configuration folder. `models`: names of the models that there are. */
export function readTestFiles(dir: string, models: readonly string[]): TestFiles {
  const folder = join(dir, 'models');
  const names = namesIn(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort();
  const found: TestFiles = {
    tests: new Map(),
    problems: [],
    untested: models.filter((model) => !names.includes(model)),
  };
  for (const name of names) {
    const path = join(folder, `${name}${SUFFIX}`);
    const file = relative(process.cwd(), path);
    const text = configText(path);
    const read = text.ok ? readTests(file, text.value ?? '', name) : err([{ ...text.error, file, path: '' }]);
    if (!models.includes(name)) {
      const allowed = `a model of the same folder: ${models.join(', ')}${didYouMean(name, models)}`;
      found.problems.push({ file, line: 1, path: '', found: `tests of ${name}`, allowed });
    } else if (read.ok) {
      found.tests.set(name, read.value);
    } else {
      found.problems.push(...read.error);
    }
  }
  return found;
}
