import { describe, expect, it } from 'vitest';
import { causeOf } from '../../../src/shared/cause.ts';

describe('why something failed, for the log', () => {
  it.each([
    [Object.assign(new Error('no pg_hba.conf entry for ada'), { code: '28000' }), '28000'],
    [new Error('Connection terminated unexpectedly'), 'Connection terminated unexpectedly'],
    [new Error('timeout exceeded when trying to connect'), 'timeout exceeded when trying to connect'],
    [new Error('the queue has not answered in time'), 'the queue has not answered in time'],
    [new TypeError("ada@acme.com can't be read"), 'TypeError'],
    ['thrown text', 'unknown'],
    [null, 'unknown'],
  ])('%s: says %s, and never what may be quoted', (error, word) => {
    expect(causeOf(error)).toBe(word);
  });
});
