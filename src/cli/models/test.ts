import { loadMappings } from '../../mappings.ts';
import { readTestFiles } from '../../models/tests/files.ts';
import { type CaseResult, runTests } from '../../models/tests/run.ts';
import { failureText } from '../../models/tests/words.ts';
import { didYouMean, formatProblem } from '../../shared/config-file.ts';
import { ConfigurationError, EXIT, print, printJson, UsageError } from '../command.ts';

/** `pql models test [NAME…]`: needs no database, so that it can stand in the checks of a pull request. */
export function testModels(dir: string, names: readonly string[], json: boolean): number {
  const mappings = loadMappings(dir);
  const files = mappings.ok ? mappings.value.files : [];
  const known = files.map(({ model }) => model.model);
  const found = readTestFiles(dir, known);
  const problems = mappings.ok ? found.problems : mappings.error;
  if (!mappings.ok || problems.length > 0) {
    throw new ConfigurationError(problems.map(formatProblem).join('\n'));
  }
  for (const name of names.filter((one) => !known.includes(one))) {
    throw new UsageError(
      `models test: found ${name}; allowed: ${known.join(', ')}${didYouMean(name, known)}`,
    );
  }
  const asked = files.filter(({ model }) => names.length === 0 || names.includes(model.model));
  const results = asked.flatMap(({ model }) => {
    const tests = found.tests.get(model.model);
    return tests === undefined ? [] : runTests(mappings.value.signals, model, tests);
  });
  const untested = asked.map(({ model }) => model.model).filter((name) => found.untested.includes(name));
  const failed = results.filter(({ passed }) => !passed);
  // Somebody who names a model wants to see it tested: silence would look like success.
  const ok = failed.length === 0 && !(names.length > 0 && untested.length > 0);
  if (json) {
    printJson({ ok, cases: results, untested });
  } else {
    print(report(results, failed, untested));
  }
  return ok ? EXIT.done : EXIT.failed;
}

function report(
  results: readonly CaseResult[],
  failed: readonly CaseResult[],
  untested: readonly string[],
): string {
  return [
    ...failed.map((one) => `${failureText(one)}\n`),
    ...(untested.length === 0 ? [] : [`without tests: ${untested.join(', ')}`]),
    `${results.length - failed.length} passed, ${failed.length} failed`,
  ].join('\n');
}
