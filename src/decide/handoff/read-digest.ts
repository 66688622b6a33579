import { minutesOf } from '../../accounts/signal-info.ts';
import { clockOf } from '../../accounts/zone.ts';
import type { ConfigProblem } from '../../shared/config-file.ts';
import { type Digest, readAddress } from './digest.ts';
import type { HandoffFile } from './names.ts';
import { OWNERS, weekdaysOf } from './schema.ts';

/** The digest, if there is to be one and it is sound, and what is wrong with it. */
export function readDigest({ value, problem }: HandoffFile): {
  digest: Digest | null;
  problems: ConfigProblem[];
} {
  const { digest } = value;
  if (digest === undefined) {
    return { digest: null, problems: [] };
  }
  const offset = clockOf(digest.timezone);
  const from = readAddress(digest.from);
  const to = digest.to === OWNERS ? [OWNERS] : digest.to;
  const wrong = to.flatMap((one, i) =>
    one === OWNERS || readAddress(one)?.address === one
      ? []
      : [problem(['digest', 'to', i], one, `an address such as ann@acme.com, or ${OWNERS}`)],
  );
  const problems = [
    ...(offset === null
      ? [problem(['digest', 'timezone'], digest.timezone, 'an IANA time zone, such as Europe/Berlin')]
      : []),
    ...(from === null
      ? [problem(['digest', 'from'], digest.from, 'an address: pql@acme.com, or PQL <pql@acme.com>')]
      : []),
    ...wrong,
  ];
  if (offset === null || from === null || problems.length > 0) {
    return { digest: null, problems };
  }
  const { timezone } = digest;
  return {
    digest: {
      at: minutesOf(digest.at),
      timezone,
      offset,
      weekdays: new Set(weekdaysOf(digest.days)),
      owners: to.includes(OWNERS),
      addresses: to.filter((one) => one !== OWNERS).map((one) => one.toLowerCase()),
      from,
    },
    problems,
  };
}
