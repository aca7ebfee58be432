/** Columns of text, as Go's tabwriter aligns them. */

/** How wide a column is at least, and how many blanks stand after its widest cell. */
export interface TableLayout {
  readonly minWidth: number;
  readonly padding: number;
}

/** The layout of Docker's lists. */
export const listLayout: TableLayout = { minWidth: 10, padding: 3 };

/** How wide a text is on a terminal, counted in code points. */
function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;
}

/**
 * Aligns the cells of lines, which end in newlines and whose cells end in tabs; what follows a line's last tab is not
 * part of a column. A column is a run of lines that have a cell at the same place: a line without one ends it.
 */
export function alignTabs(text: string, layout: TableLayout): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const widths: number[][] = lines.map(() => []);
  const measure = (from: number, to: number, column: number): void => {
    let start = from;
    while (start < to) {
      if ((lines[start]?.length ?? 0) <= column + 1) {
        start++;
        continue;
      }
      let end = start;
      let width = layout.minWidth;
      while (end < to && (lines[end]?.length ?? 0) > column + 1) {
        const cell = widthOf(lines[end]?.[column] ?? "");
        width = Math.max(width, cell + layout.padding);
        end++;
      }
      for (let line = start; line < end; line++) widths[line]![column] = width;
      measure(start, end, column + 1);
      start = end;
    }
  };
  measure(0, lines.length, 0);
  return lines
    .map((cells, line) =>
      cells
        .map((cell, column) => {
          if (column === cells.length - 1) return cell;
          return cell + " ".repeat(Math.max(0, (widths[line]?.[column] ?? 0) - widthOf(cell)));
        })
        .join(""),
    )
    .join("\n");
}
