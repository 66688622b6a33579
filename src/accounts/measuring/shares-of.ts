import type { SignalInfo } from '../signal.ts';
import type { AccountState } from '../state.ts';
import { earliest, type Frame } from '../window.ts';
import { sharesCounted } from './counted.ts';
import { abandonedFlows, activeInvitees, completedSequences } from './instants.ts';
import { type Shares, sharesOfInstants } from './share.ts';

/** What each person gave of a signal inside the frame. k of n, ratio and trend have numbers and no shares. */
export function sharesOf(signal: SignalInfo, state: AccountState, frame: Frame): Shares {
  const { source } = signal;
  switch (source.kind) {
    case 'counted':
      return sharesCounted(source.tally, source.during, state, frame);
    case 'abandoned':
      return sharesOfInstants(abandonedFlows(source, state), frame);
    case 'sequence':
      return sharesOfInstants(completedSequences(source, state), frame);
    case 'became_active':
      return sharesOfInstants(activeInvitees(source, state), frame);
    case 'any_of':
      return source.signals
        .map((one) => sharesOf(one, state, frame))
        .reduce(together, { list: [], begins: null });
    default:
      return { list: [], begins: null };
  }
}

function together(a: Shares, b: Shares): Shares {
  return { list: [...a.list, ...b.list], begins: earliest(a.begins, b.begins) };
}
