/** What stands between commas, without blanks around it; nothing between two commas is no item. */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
