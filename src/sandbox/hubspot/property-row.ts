/** A property that every portal has, as the stand-in lists it. */
export type Row = [
  name: string,
  type: string,
  fieldType: string,
  more?: { readOnly?: true; options?: string[] },
];
