import type { Micro } from '../exact.ts';
import { micro } from '../exact.ts';
import type { Model, Segment } from '../model.ts';
import type { ModelConfig, SegmentConfig } from '../schema/model.ts';
import { below, type Complain, oneOf } from './complain.ts';
import { compileCondition } from './condition.ts';
import type { Draft } from './draft.ts';
import type { Known } from './known.ts';

export function compileSegments({ config, known, complain }: Draft, most: Micro): Segment[] {
  const compiled = config.segments.map((segment, i) => {
    const at = below(complain, 'segments', i);
    const last = i === config.segments.length - 1;
    if (last !== (segment.when === undefined)) {
      const allowed = last
        ? 'no condition in the last segment: it takes everybody else'
        : 'a condition: only the last segment takes everybody else';
      at(['when'], last ? 'when' : undefined, allowed);
    }
    return compileSegment(segment, config, known, most, at);
  });
  return compiled.filter((segment) => segment !== null);
}

function compileSegment(
  segment: SegmentConfig,
  config: ModelConfig,
  known: Known,
  most: Micro,
  complain: Complain,
): Segment | null {
  const nothing = { rules: [], gates: [] };
  const condition =
    segment.when === undefined
      ? null
      : compileCondition(segment.when, known, nothing, below(complain, 'when'));
  const model = segment.model === undefined ? null : otherModel(segment.model, config, known, complain);
  if (segment.model !== undefined && segment.tiers !== undefined) {
    complain(['tiers'], 'tiers', 'nothing beside model: the other model has its own');
  }
  checkThresholds(segment, config, most, complain);
  const thresholds = Object.entries(segment.tiers ?? {}).map(([tier, from]) => [tier, micro(from)] as const);
  const isWrong =
    (segment.when !== undefined && condition === null) || (segment.model !== undefined && model === null);
  return isWrong ? null : { id: segment.id, condition, thresholds: new Map(thresholds), model };
}

/** The tiers of this segment still stand lowest first, within reach. */
function checkThresholds(segment: SegmentConfig, config: ModelConfig, most: Micro, complain: Complain): void {
  const ids = config.tiers.map(({ id }) => id);
  for (const [tier, from] of Object.entries(segment.tiers ?? {})) {
    const i = ids.indexOf(tier);
    const lower = config.tiers[i - 1];
    const least = lower === undefined ? undefined : (segment.tiers?.[lower.id] ?? lower.from);
    if (i === -1) {
      complain(['tiers', tier], tier, oneOf(tier, ids));
    } else if (least === undefined) {
      complain(['tiers', tier], from, 'nothing: the lowest tier is for everybody');
    } else if (from <= least) {
      complain(['tiers', tier], from, `more than ${least}, where "${lower?.id}" begins`);
    } else if (most < micro(from)) {
      complain(['tiers', tier], from, `at most ${most / 1e6}, all that the rules can give`);
    }
  }
}

function otherModel(name: string, config: ModelConfig, known: Known, complain: Complain): Model | null {
  const other = name === config.model ? undefined : known.other(name);
  if (other === undefined) {
    return complain(
      ['model'],
      name,
      'the name of another file of models/ that has no segment with a model itself',
    );
  }
  if (other === null) {
    return null;
  }
  if (other.segments.some(({ model }) => model !== null)) {
    return complain(['model'], name, 'a model whose own segments name no model');
  }
  const [mine, theirs] = [config.tiers, other.tiers].map((tiers) => tiers.map(({ id }) => id).join(', '));
  return mine === theirs
    ? other
    : complain(['model'], name, `a model with the tiers ${mine}; it has ${theirs}`);
}
