import { describe, expect, it } from 'vitest';
import {
  afterOrdered,
  afterSearched,
  type Changed,
  type FeedCursor,
  firstCursor,
  newest,
  OVERLAP,
} from '../../../src/sync/feed.ts';

const row = (modifiedAt: number, id: string): Changed => ({ modifiedAt, id });

describe('where a feed goes on', () => {
  it('at the newest change seen, less what an index may lag behind; from the beginning where nothing was seen', () => {
    expect(firstCursor(null)).toEqual({ at: 0, id: null });
    expect(firstCursor(10_000_000)).toEqual({ at: 10_000_000 - OVERLAP, id: null });
    expect(newest(5, [row(3, 'a')])).toBe(5);
    expect(newest(null, [row(3, 'a'), row(9, 'b'), row(7, 'c')])).toBe(9);
  });

  it.each<[string, FeedCursor, Changed[], boolean, FeedCursor | null]>([
    ['a last page ends the pass', { at: 0, id: null }, [row(1, '1')], false, null],
    ['an empty page ends it', { at: 0, id: null }, [], true, null],
    [
      'the next page begins at the newest change',
      { at: 0, id: null },
      [row(1, '1'), row(4, '2')],
      true,
      { at: 4, id: null },
    ],
    [
      'a page of one instant goes on by id, from the first',
      { at: 4, id: null },
      [row(4, '7'), row(4, '3')],
      true,
      { at: 4, id: '0' },
    ],
    [
      'by id it goes on behind the last one',
      { at: 4, id: '0' },
      [row(4, '3'), row(4, '7')],
      true,
      { at: 4, id: '7' },
    ],
    [
      'and after the last of that instant with what changed later',
      { at: 4, id: '7' },
      [row(4, '9')],
      false,
      { at: 5, id: null },
    ],
    ['also when nothing was left of it', { at: 4, id: '9' }, [], false, { at: 5, id: null }],
  ])('in a search: %s', (_, from, rows, more, next) => {
    expect(afterSearched(from, rows, more)).toEqual(next);
  });

  it('where a query orders by change and id it goes on behind the last row', () => {
    expect(afterOrdered([row(1, 'a'), row(4, 'b')], true)).toEqual({ at: 4, id: 'b' });
    expect(afterOrdered([row(4, 'b')], false)).toBeNull();
  });

  it('a record at the end of a page that shows a later time than its place lets nothing be passed over', () => {
    const rows = [...Array.from({ length: 39 }, (_, i) => row(10 + i, String(i))), row(9_999_999, '39')];
    expect(afterSearched({ at: 0, id: null }, rows, true)).toEqual({ at: 48, id: null });
  });

  it('a search read page by page gives every record once it has ended, however many changed at one instant', () => {
    const all = [
      ...Array.from({ length: 23 }, (_, i) => row(5, String(100 + i))),
      row(2, '7'),
      row(9, '3'),
      row(5, '4'),
    ];
    const seen = new Set<string>();
    let pages = 0;
    for (let from: FeedCursor | null = { at: 0, id: null }; from !== null && pages < 50; pages++) {
      const { rows, more } = search(all, from, 4);
      rows.forEach(({ id }) => void seen.add(id));
      from = afterSearched(from, rows, more);
    }
    expect(seen.size).toBe(all.length);
    expect(pages).toBeLessThan(15);
  });
});

/** A CRM that sorts by one property. */
function search(all: readonly Changed[], { at, id }: FeedCursor, size: number) {
  const hits =
    id === null
      ? all.filter((one) => one.modifiedAt >= at).sort((a, b) => a.modifiedAt - b.modifiedAt)
      : all
          .filter((one) => one.modifiedAt === at && Number(one.id) > Number(id))
          .sort((a, b) => Number(a.id) - Number(b.id));
  return { rows: hits.slice(0, size), more: hits.length > size };
}
