/** What one message says: blocks, and the text for notifications and screen readers. */
export interface Message {
  text: string;
  blocks: Block[];
}

/** A block of Slack's Block Kit, as far as it is used here. */
export type Block =
  | { type: 'header'; text: Plain }
  | { type: 'section'; text: Plain | Marked; fields?: undefined }
  | { type: 'section'; fields: Plain[]; text?: undefined }
  | { type: 'context'; elements: (Plain | Marked)[] }
  | { type: 'actions'; block_id: string; elements: Button[] };

interface Plain {
  type: 'plain_text';
  text: string;
  /** `:smile:` in a company's name stays what it is. */
  emoji: false;
}

interface Marked {
  type: 'mrkdwn';
  text: string;
  /** Names in it are not turned into links. */
  verbatim: true;
}

export interface Button {
  type: 'button';
  action_id: string;
  text: Plain;
  value: string;
  style?: 'primary' | 'danger';
}

/** Text of others: no mark of Slack's works in it. */
export function plain(text: string): Plain {
  return { type: 'plain_text', text: filled(text), emoji: false };
}

/** Text of ours with marks. What comes from others must be escaped in it. */
export function marked(text: string): Marked {
  return { type: 'mrkdwn', text: filled(text), verbatim: true };
}

/** Slack refuses a text of nothing. */
export function filled(text: string): string {
  return text.trim() === '' ? '–' : text;
}

/** A line of ours with marks. */
export function section(text: string): Block {
  return { type: 'section', text: marked(text) };
}

/** A small line of ours. */
export function context(text: string): Block {
  return { type: 'context', elements: [marked(text)] };
}

/** Characters of all blocks together. */
export function lengthOf(blocks: readonly Block[]): number {
  const texts = blocks.flatMap((block) => {
    switch (block.type) {
      case 'header':
        return [block.text.text];
      case 'section':
        return block.fields === undefined ? [block.text.text] : block.fields.map(({ text }) => text);
      default:
        return block.elements.map((one) => (one.type === 'button' ? one.text.text : one.text));
    }
  });
  return texts.reduce((sum, text) => sum + text.length, 0);
}
