import { diagnose, type Line } from '../../wiring/doctor.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { table } from '../table.ts';

export const doctor: Verb = {
  name: 'doctor',
  usage: '',
  summary:
    'Looks at configuration, database, queue and both CRMs, down to every mapped field, and changes nothing. Each line is green, or red with what to do.',
  options: {},
  help: {},
  run: async ({ json }) => {
    const lines = await diagnose(process.env);
    const bad = lines.filter(({ ok }) => !ok);
    if (json) {
      printJson({ ok: bad.length === 0, lines });
    } else {
      print(table(['', 'part', 'check', 'found'], lines.map(row)));
      print(bad.length === 0 ? 'all green' : `${bad.length} of ${lines.length} are red`);
    }
    if (bad.some(({ part }) => part === 'configuration')) {
      return EXIT.usage;
    }
    return bad.length === 0 ? EXIT.done : EXIT.failed;
  },
};

function row({ part, check, ok, detail, remedy }: Line): string[] {
  return [ok ? 'ok' : 'RED', part, check, ok ? detail : `${detail}; to do: ${remedy}`];
}
