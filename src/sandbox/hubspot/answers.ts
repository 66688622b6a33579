import type { Fault } from '../faults.ts';
import { DAILY_LIMIT } from './gate.ts';

/** Answers that a real portal gives on a bad day, ready for `faults.add`. Times as in `Fault`: 1 unless said. */
export type Bad = Pick<Fault, 'reply' | 'replyAfter' | 'reset' | 'hang'>;

const json = (status: number, body: object, headers: Record<string, string> = {}): Bad => ({
  reply: { status, headers, body },
});

const error = (category: string, message: string, more: object = {}) => ({
  status: 'error',
  category,
  message,
  correlationId: 'aeb5f871-7f07-4993-9211-075dc63e7cbf',
  ...more,
});

export const badAnswers = {
  dailyLimit: (): Bad => json(429, DAILY_LIMIT),
  /** As recorded on search: no policyName. */
  secondlyLimit: (): Bad => json(429, error('RATE_LIMITS', 'You have reached your secondly limit.')),
  tenSecondlyLimit: (): Bad =>
    json(429, {
      ...error('RATE_LIMITS', 'You have reached your ten_secondly_rolling limit.'),
      policyName: 'TEN_SECONDLY_ROLLING',
    }),
  /** `seconds`: what Retry-After says; without it there is none. */
  locked: (seconds?: number): Bad =>
    json(
      423,
      error('LOCKED', 'The resource is locked.'),
      seconds === undefined ? {} : { 'retry-after': String(seconds) },
    ),
  migrating: (seconds: number): Bad =>
    json(477, error('MIGRATION_IN_PROGRESS', 'This account is being moved.'), {
      'retry-after': String(seconds),
    }),
  missingScopes: (scope: string): Bad =>
    json(
      403,
      error('MISSING_SCOPES', 'This app lacks the required scopes.', {
        errors: [
          {
            message: 'One or more of these scopes are required.',
            context: { requiredGranularScopes: [scope] },
          },
        ],
      }),
    ),
  internalError: (): Bad => json(500, error('INTERNAL_ERROR', 'internal error')),
  badGateway: (): Bad => ({
    reply: {
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<html><h1>502 Bad Gateway</h1></html>',
    },
  }),
  /** The official client cannot parse this and loses the status. */
  unavailableWithoutType: (): Bad => ({ reply: { status: 503, body: '' } }),
  /** A success that did nothing and says nothing. */
  emptySuccess: (status: 200 | 201 | 207): Bad =>
    json(status, {
      status: 'COMPLETE',
      results: [],
      errors: [],
      startedAt: '2026-01-01T00:00:00Z',
      completedAt: '2026-01-01T00:00:00Z',
    }),
  lostBefore: (): Bad => ({ reset: 'before' }),
  /** The write is done, its answer never arrives. */
  lostAfter: (): Bad => ({ reset: 'after' }),
  silence: (): Bad => ({ hang: true }),
};
