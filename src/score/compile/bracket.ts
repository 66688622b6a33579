import type { Bracket } from '../../accounts/measure.ts';
import type { Micro } from '../exact.ts';
import type { Points, Test } from '../model.ts';

/** Amounts have at most six decimals: this is the next one above another. */
const STEP = 1e-6;

/** Which amounts come to the same for all of some tests. */
export function bracketOfTests(tests: readonly Test[]): Bracket {
  const breaks = tests
    .flatMap((test) => (test.kind === 'number' ? [test.least, test.most + STEP] : []))
    .filter(Number.isFinite)
    .sort((a, b) => b - a);
  return (amount) => breaks.find((least) => least <= amount) ?? Number.NEGATIVE_INFINITY;
}

/** Which amounts give the same points. */
export function bracketOfPoints(points: Points, fades: boolean): Bracket {
  switch (points.kind) {
    case 'once':
      return bracketOfTests([points.test]);
    case 'steps':
      return bracketOfTests(points.steps.map(({ test }) => test));
    case 'each':
      return fades ? (amount) => amount : bracketOfEach(points.amount, points.cap);
  }
}

/** Every award counts until the cap is reached; what is beyond it may come and go. */
function bracketOfEach(amount: Micro, cap: Micro | null): Bracket {
  const most = cap === null ? Number.POSITIVE_INFINITY : Math.ceil(cap / Math.abs(amount));
  return (found) => (found < 1 ? Number.NEGATIVE_INFINITY : Math.min(Math.floor(found), most));
}
