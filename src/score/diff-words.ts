import type { Differences, GateChange, NumberChange } from './diff.ts';
import { byWeight, isSame } from './diff.ts';

/** The differences of two scores in sentences, for a person: the number and the tier first, then what made them. */
export function differenceWords(found: Differences): string[] {
  if (isSame(found)) {
    return ['nothing changed'];
  }
  const { model, version, value, tier, numbers, gates } = found;
  return [
    ...(model === null ? [] : [`the model changed: ${model.from} to ${model.to}`]),
    ...(version === null ? [] : [`the model changed: version ${version.from} to ${version.to}`]),
    value.delta === 0
      ? `the score stayed ${value.to}`
      : `the score ${value.delta > 0 ? 'rose' : 'fell'} from ${value.from} to ${value.to} (${signed(value.delta)})`,
    ...(tier === null ? [] : [`the tier changed: ${tier.from} to ${tier.to}`]),
    ...numbers.map(numberWords),
    ...gates.map(gateWords),
  ];
}

/** The main reasons for a move in one line: what weighs most first, gates where they changed. */
export function mainReason({ numbers, gates }: Differences, most = 2): string {
  const short = byWeight(numbers).map(({ id, from, to }) => `${id} ${from ?? 'absent'} -> ${to ?? 'absent'}`);
  const shown = short.slice(0, most);
  const left = short.length - shown.length;
  const moved = gates.map((gate) => `gate ${gate.id} ${verdict(gate.to)}`);
  return [...shown, ...(left > 0 ? [`${left} more`] : []), ...moved].join('; ');
}

function numberWords({ kind, id, from, to, delta, whyFrom, whyTo }: NumberChange): string {
  const name = kind === 'rule' ? id : kind === 'modifier' ? `modifier ${id}` : 'what no line explains';
  const sentences =
    whyFrom === whyTo ? whyTo : `${whyFrom ?? 'not in the model'} -> ${whyTo ?? 'not in the model'}`;
  return `${signed(delta)}  ${name}: ${from ?? 0} to ${to ?? 0}${sentences === null ? '' : ` (${sentences})`}`;
}

function gateWords({ id, from, to, whyFrom, whyTo }: GateChange): string {
  const why = to === null ? whyFrom : whyTo;
  return `gate ${id}: ${verdict(from)} before, ${verdict(to)} now (${why})`;
}

function verdict(passed: boolean | null): string {
  return passed === null ? 'not in the model' : passed ? 'passed' : 'failed';
}

function signed(delta: number): string {
  return delta > 0 ? `+${delta}` : String(delta);
}
