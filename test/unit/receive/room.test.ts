import { describe, expect, it } from 'vitest';
import { createRoom } from '../../../src/receive/http/room.ts';

describe('room', () => {
  it('takes what fits and refuses what does not; what left makes room', () => {
    const room = createRoom(100);
    const first = room.enter('a');
    const second = room.enter('a');
    expect([first.take(60), second.take(40), second.take(1)]).toEqual([true, true, false]);
    first.leave();
    expect(second.take(60)).toBe(true);
  });

  it('one route full takes nothing from another', () => {
    const room = createRoom(100);
    expect(room.enter('a').take(100)).toBe(true);
    expect(room.enter('a').take(1)).toBe(false);
    expect(room.enter('b').take(100)).toBe(true);
  });

  it('a request that is alone always fits, so that none can be too large for ever', () => {
    const room = createRoom(100);
    const alone = room.enter('a');
    expect([alone.take(80), alone.take(80)]).toEqual([true, true]);
    expect(room.enter('a').take(1)).toBe(false);
    alone.leave();
    expect(room.enter('a').take(1)).toBe(true);
  });
});
