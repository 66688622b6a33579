import { DAY } from '../../shared/time.ts';
import type { Model } from '../model.ts';
import { hint, type Lint, warning } from './lint.ts';

/** S1-75, S1-117, S2-107: the student who uses everything. */
export function noFitGate({ tiers, gates }: Model): Lint[] {
  const fit = new Set(gates.filter(({ kind }) => kind === 'fit').map(({ id }) => id));
  return tiers.flatMap((tier, i) =>
    tier.acts && !tier.requires.some((gate) => fit.has(gate))
      ? warning(
          'no_fit_gate',
          ['tiers', i],
          `"${tier.id}" acts for companies of any kind: require a gate of kind fit`,
        )
      : [],
  );
}

/** an override beats usage; nothing says here that it must not lift a competitor. */
export function overridesSkipSuppression({ overrides, tiers, gates }: Model): Lint[] {
  const suppressing = new Set(gates.filter(({ kind }) => kind === 'suppression').map(({ id }) => id));
  return overrides.flatMap(({ id, kind, tier }, i) => {
    const requires = tiers.find((one) => one.id === tier)?.requires ?? [];
    return kind === 'combination' || requires.some((gate) => suppressing.has(gate))
      ? []
      : warning(
          'override_skips_suppression',
          ['overrides', i],
          `"${id}" lifts competitors and students too: let "${tier}" require a gate of kind suppression`,
        );
  });
}

/** S4-141. */
export function tooTight({ tiers, gates }: Model): Lint[] {
  const usage = new Set(gates.filter(({ kind }) => kind === 'usage').map(({ id }) => id));
  return tiers.flatMap((tier, i) =>
    tier.requires.filter((gate) => usage.has(gate)).length > 2
      ? hint(
          'too_tight',
          ['tiers', i],
          `"${tier.id}" requires three gates of usage at once: few accounts will pass them all`,
        )
      : [],
  );
}

/** S2-108. */
export function treatedAlike({ tiers }: Model): Lint[] {
  return tiers.length === 2
    ? [
        hint(
          'treated_alike',
          ['tiers'],
          'one line between all and nothing: tiers let reps begin with the best',
        ),
      ]
    : [];
}

/** S2-113. */
export function oneDefinition({ segments }: Model): Lint[] {
  return segments.length === 0
    ? [
        hint(
          'one_definition',
          ['segments'],
          'small and large companies are measured alike: segments give them their own thresholds',
        ),
      ]
    : [];
}

/** S1-72, S1-113, X-20. */
export function neverCalibrated({ config }: Model): Lint[] {
  return config.calibrated === undefined
    ? [
        hint(
          'never_calibrated',
          [],
          'no backtest stands behind these numbers: say `calibrated: <day>` after one',
        ),
      ]
    : [];
}

/** How long a calibration is trusted, in days. */
const CALIBRATION_DAYS = 184;

/** Advice that depends on the day. @param now ms since 1970, UTC */
export function staleCalibration({ config }: Model, now: number): Lint[] {
  const age = config.calibrated === undefined ? 0 : Math.floor((now - Date.parse(config.calibrated)) / DAY);
  if (age < 0) {
    return [hint('never_calibrated', ['calibrated'], 'a backtest cannot stand in the future: say its day')];
  }
  return age > CALIBRATION_DAYS
    ? [
        hint(
          'stale_calibration',
          ['calibrated'],
          `${age} days since the last backtest: behaviour drifts in half a year`,
        ),
      ]
    : [];
}
