import { describe, expect, it } from 'vitest';
import { withChoice } from '../../../src/models/models-file.ts';

const TEXT = `# Which models run.
champion: old # agreed in March
# Shadows only keep scores.
shadows:
  - calm # for the EU team
  - next
`;

describe('models.yaml with another choice in it', () => {
  it('comments stay where they are, and names that stay keep theirs', () => {
    expect(withChoice(TEXT, { champion: 'next', shadows: ['calm', 'old'] })).toBe(`# Which models run.
champion: next # agreed in March
# Shadows only keep scores.
shadows:
  - calm # for the EU team
  - old
`);
  });

  it('a list in one line stays in one line', () => {
    expect(withChoice('champion: a\nshadows: []\n', { champion: 'b', shadows: ['a'] })).toBe(
      'champion: b\nshadows: [a]\n',
    );
  });

  it('a missing list is made only when it is needed', () => {
    expect(withChoice('champion: a\n', { champion: 'b', shadows: [] })).toBe('champion: b\n');
    expect(withChoice('champion: a\n', { champion: 'b', shadows: ['a'] })).toBe(
      'champion: b\nshadows: [a]\n',
    );
  });

  it('the same choice changes nothing', () => {
    expect(withChoice(TEXT, { champion: 'old', shadows: ['calm', 'next'] })).toBe(TEXT);
  });
});
