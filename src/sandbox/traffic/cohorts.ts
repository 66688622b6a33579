import { DAY, HOUR } from '../../shared/time.ts';
import { castOf } from './cast.ts';
import type { Calendar } from './days.ts';
import type { Delivery } from './delivery.ts';
import { type Random, uuid } from './random.ts';
import type { Story } from './story.ts';

/**
 * Syncs of one Amplitude cohort: on day 3 all of Amplitude's people enter, on day 7 every third leaves
 * again.
 */
const SYNCS = [
  { day: 3, isIn: true, every: 1 },
  { day: 7, isIn: false, every: 3 },
] as const;

export function cohortSyncs(
  stories: readonly Story[],
  { start, days }: Calendar,
  random: Random,
): Delivery[] {
  const members = stories
    .filter(({ way }) => way === 'amplitude' || way === 'amplitude-sdk')
    .flatMap((story) => [...castOf(story).values()].map(({ id }) => ({ id, account: story.key })));
  return SYNCS.filter(({ day }) => day < days).map(({ day, isIn, every }) => {
    const at = start + day * DAY + 20 * HOUR;
    return {
      at,
      route: 'amplitude-cohort',
      body: {
        cohort_name: 'Used a key feature this week',
        cohort_id: 'k3x9q2ab',
        in_cohort: isIn,
        computed_time: String(at / 1000 - 30),
        message_id: `${uuid(random)}::${isIn ? 'enter' : 'exit'}::0`,
        users: members
          .filter((_, i) => i % every === 0)
          .map(({ id, account }) => ({ user_id: id, user_properties: { company_id: account } })),
      },
      repeats: 1,
      note: 'a cohort sync, sent again because the answer was lost',
    };
  });
}
