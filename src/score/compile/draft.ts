import type { ConfigFile } from '../../shared/config-file.ts';
import type { Model } from '../model.ts';
import type { ModelConfig } from '../schema/model.ts';
import type { Complain } from './complain.ts';
import { groupIds } from './group-ids.ts';
import type { Known } from './known.ts';

export const LISTS = ['rules', 'milestones', 'gates', 'overrides', 'modifiers', 'segments', 'tiers'] as const;
export type List = (typeof LISTS)[number];

/** A model file on its way to a model. */
export interface Draft {
  config: ModelConfig;
  known: Known;
  complain: Complain;
  /** Ids of a list as the file has them, also of entries that the schema refused: naming one of those is no mistake. */
  ids: Readonly<Record<List | 'groups', readonly string[]>>;
  /** Nothing that gives points is missing: only then can something be out of reach. */
  complete: boolean;
  source: Model['source'];
}

export function draftOf(file: ConfigFile<ModelConfig>, known: Known, complain: Complain): Draft {
  const { value, lost, whole, lineOf } = file;
  const idsOf = (list: List) => [...value[list].map(({ id }) => id), ...lost([list])];
  const groups = [...groupIds({ groups: value.groups, milestones: [] }), ...lost(['groups'])];
  return {
    config: value,
    known,
    complain,
    ids: {
      groups,
      rules: idsOf('rules'),
      milestones: idsOf('milestones'),
      gates: idsOf('gates'),
      overrides: idsOf('overrides'),
      modifiers: idsOf('modifiers'),
      segments: idsOf('segments'),
      tiers: idsOf('tiers'),
    },
    source: { file: file.file, lineOf },
    complete: whole(['rules']) && whole(['milestones']) && whole(['groups']) && whole(['modifiers']),
  };
}

/** Ids of the list that stand above the entry at `index`, and those that nobody knows where they stood. */
export function idsAbove({ config, ids }: Draft, list: List, index: number): string[] {
  const written = config[list].map(({ id }) => id);
  return [...written.slice(0, index), ...ids[list].filter((id) => !written.includes(id))];
}
