import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../../src/accounts/zone.ts';
import { digestDay, readAddress } from '../../../../src/decide/handoff/digest.ts';
import { loadMappings } from '../../../../src/mappings.ts';
import { copyOfMappings } from '../../../support/folder.ts';

const berlin = {
  at: 8 * 60,
  timezone: 'Europe/Berlin',
  offset: clockOf('Europe/Berlin') ?? (() => 0),
  weekdays: new Set([0, 1, 2, 3, 4]),
  owners: true,
  addresses: [],
  from: { name: '', address: 'pql@acme.com' },
};

describe('S4-162: the day whose digest is to go out', () => {
  it.each([
    ['before its hour', '2026-03-02T06:59:59Z', null],
    ['from its hour on, by the clocks of the zone', '2026-03-02T07:00:00Z', '2026-03-02'],
    ['late in the day: a service that was down sends it still', '2026-03-02T22:59:59Z', '2026-03-02'],
    ['after midnight there: the next day has its own hour', '2026-03-02T23:00:00Z', null],
    ['on a Saturday', '2026-03-07T12:00:00Z', null],
    ['after the clocks went forward', '2026-03-30T06:00:00Z', '2026-03-30'],
  ])('%s', (_title, at, day) => {
    expect(digestDay(berlin, Date.parse(at))).toBe(day);
  });

  it('an hour that the clocks skip is when they are set', () => {
    const early = { ...berlin, at: 2 * 60 + 30, weekdays: new Set([6]) };
    expect(digestDay(early, Date.parse('2026-03-29T00:59:59Z'))).toBeNull();
    expect(digestDay(early, Date.parse('2026-03-29T01:00:00Z'))).toBe('2026-03-29');
  });
});

describe('an address', () => {
  it.each([
    ['ann@acme.com', { name: '', address: 'ann@acme.com' }],
    ['PQL Bridge <pql@acme.com>', { name: 'PQL Bridge', address: 'pql@acme.com' }],
    ['ann@acme.com, bo@acme.com', null],
    ['ann@acme.com\r\nBcc: bo@acme.com', null],
    ['PQL\nBcc: x <pql@acme.com>', null],
    ['ann', null],
    ['<ann@acme.com', null],
  ])('%j', (text, address) => {
    expect(readAddress(text)).toEqual(address);
  });
});

describe('the section digest of handoff.yaml', () => {
  const read = (digest: string) => {
    const folder = copyOfMappings();
    folder.write('handoff.yaml', `${folder.read('handoff.yaml')}\n${digest}\n`);
    const found = loadMappings(folder.dir);
    folder.remove();
    return found.ok
      ? found.value.handoff.digest
      : found.error.map(({ found: what, allowed }) => `${what}: ${allowed}`);
  };

  it('is read', () => {
    expect(
      read(
        'digest: { at: 08:00, timezone: Europe/Berlin, to: [owners, Head@acme.com], from: PQL <pql@acme.com> }',
      ),
    ).toMatchObject({
      at: 480,
      owners: true,
      addresses: ['head@acme.com'],
      weekdays: new Set([0, 1, 2, 3, 4]),
      from: { name: 'PQL', address: 'pql@acme.com' },
    });
  });

  it('names what is wrong', () => {
    expect(read('digest: { at: 08:00, timezone: Europe/Berlinn, to: [nobody], from: pql }')).toEqual([
      '"Europe/Berlinn": an IANA time zone, such as Europe/Berlin',
      '"pql": an address: pql@acme.com, or PQL <pql@acme.com>',
      '"nobody": an address such as ann@acme.com, or owners',
    ]);
    expect(read('digest: { at: 8, to: owners, from: pql@acme.com }')).toEqual([
      expect.stringContaining('08:00'),
    ]);
  });
});
