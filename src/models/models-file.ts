import { isScalar, isSeq, parseDocument, type Scalar, type YAMLSeq } from 'yaml';

/** What models.yaml is to say. */
export interface Choice {
  champion: string;
  shadows: readonly string[];
}

/** The text of models.yaml with another choice in it. Comments stay where they are. The text must be a sound one. */
export function withChoice(text: string, { champion, shadows }: Choice): string {
  const document = parseDocument(text);
  const named = document.get('champion', true);
  if (isScalar(named)) {
    named.value = champion;
  } else {
    document.set('champion', champion);
  }
  const list = document.get('shadows', true);
  if (isSeq(list)) {
    replaceItems(list, shadows, (name) => document.createNode(name));
  } else if (shadows.length > 0) {
    document.set('shadows', document.createNode([...shadows], { flow: true }));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Names that stay keep their place and their comment. */
function replaceItems(list: YAMLSeq, names: readonly string[], make: (name: string) => Scalar): void {
  const nameOf = (item: unknown) => (isScalar(item) ? String(item.value) : '');
  const kept = list.items.filter((item) => names.includes(nameOf(item)));
  const there = kept.map(nameOf);
  list.items = [...kept, ...names.filter((name) => !there.includes(name)).map(make)];
  // "[]" is written in one line; names added to it stay readable so.
  list.flow = list.flow === true || list.items.length === 0;
}
