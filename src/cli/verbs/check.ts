import { readEnvironment } from '../../config.ts';
import { loadMappings } from '../../mappings.ts';
import { readTestFiles } from '../../models/tests/files.ts';
import { formatLint, lintsOf, staleCalibration } from '../../score/lints/index.ts';
import type { Model } from '../../score/model.ts';
import { formatProblem } from '../../shared/config-file.ts';
import { type Asked, askCrms } from '../../wiring/check-crms.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';

export const check: Verb = {
  name: 'check',
  usage: '',
  summary:
    'Checks the environment and every file of the configuration folder; each problem with file and line, and advice on valid models. CRMs that have credentials are asked whether they can take what the mappings write.',
  options: {},
  help: {},
  run: async ({ json }) => {
    const config = readEnvironment(process.env);
    const dir = config.ok ? config.value.MAPPINGS_DIR : (process.env.MAPPINGS_DIR ?? 'mappings');
    const mappings = loadMappings(dir);
    const names = mappings.ok ? mappings.value.files.map(({ model }) => model.model) : [];
    const tests = mappings.ok ? readTestFiles(dir, names) : null;
    const untested = tests?.untested ?? [];
    const environment = config.ok ? [] : config.error;
    const crms = config.ok && mappings.ok ? await askCrms(config.value, mappings.value) : NOBODY;
    const files = mappings.ok ? [...(tests?.problems ?? []), ...crms.problems] : mappings.error;
    const advice = mappings.ok ? mappings.value.files.flatMap(({ model }) => adviceOn(model)) : [];
    const ok = environment.length + files.length === 0;
    if (json) {
      printJson({ ok, environment, problems: files, advice, untested, crms: crms.notes });
    } else {
      const lines = [...environment, ...files.map(formatProblem)];
      print(
        ok
          ? [
              `${dir}: no problems`,
              ...crms.notes.map((note) => `  ${note}`),
              ...untested.map((name) => `  ${name} has no tests`),
              ...advice.map((line) => `  ${line}`),
            ].join('\n')
          : [`${lines.length} problem${lines.length === 1 ? '' : 's'}:`, ...lines].join('\n  '),
      );
    }
    return ok ? EXIT.done : EXIT.usage;
  },
};

const NOBODY: Asked = { problems: [], notes: [] };

/** Advice changes nothing: a model that somebody would regret is valid all the same. */
function adviceOn(model: Model): string[] {
  return [...lintsOf(model), ...staleCalibration(model, Date.now())].map((lint) => formatLint(model, lint));
}
