/** The text cut to `width` characters, the last of which is an ellipsis when something was cut off. */
export function ellipsis(text: string, width: number): string {
  if (width <= 0) return "";
  const characters = [...text];
  if (characters.length <= width) return text;
  return width === 1 ? (characters[0] ?? "") : `${characters.slice(0, width - 1).join("")}\u2026`;
}
