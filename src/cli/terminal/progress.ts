/** Progress streams (load, import, pull, bootstrap) as Docker shows them. */
import { humanSize } from "../../base/units.ts";
import { readJsonLines } from "../../client/index.ts";
import type { ProgressMessage } from "../../wire/docker/images.ts";
import { CommandFailure } from "../command.ts";
import type { Output } from "./streams.ts";

function bar(detail: NonNullable<ProgressMessage["progressDetail"]>, columns: number): string {
  const { current = 0, total = 0, hidecounts = false } = detail;
  if (current <= 0 && total <= 0) return "";
  if (total <= 0) return humanSize(current).padStart(8);
  const half = Math.min(50, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const box = columns > 110 ? `[${"=".repeat(half)}>${" ".repeat(50 - half)}] ` : "";
  if (hidecounts) return box;
  const count = humanSize(current).padStart(8);
  return box + (current > total ? count : `${count}/${humanSize(total)}`);
}

/** Shows one message. On a terminal, a bar replaces the line that stood there. */
function show(message: ProgressMessage, output: Output, columns: number): void {
  const progress = message.progressDetail === undefined ? "" : bar(message.progressDetail, columns);
  if (progress !== "" && !output.isTerminal) return;
  const isBar = message.progressDetail !== undefined && message.stream === undefined && output.isTerminal;
  let line = isBar ? "\u001b[2K\r" : "";
  if (message.id) line += `${message.id}: `;
  if (isBar) line += `${message.status ?? ""} ${progress}\r`;
  else if (message.stream) line += message.stream;
  else line += `${message.status ?? ""}\n`;
  output.write(line);
}

/**
 * Shows a stream of progress until its end. Messages with `aux` go to `onAux` instead. An error in the stream is
 * thrown as a failure with its text and exit code.
 */
export async function showProgress(
  body: AsyncIterable<Buffer>,
  output: Output,
  onAux: (aux: unknown) => void = () => undefined,
): Promise<void> {
  const lines = new Map<string, number>();
  const columns = output.size().columns || 200;
  for await (const line of readJsonLines(body)) {
    const message = JSON.parse(line) as ProgressMessage;
    if (message.aux !== undefined) {
      onAux(message.aux);
      continue;
    }
    if (message.errorDetail !== undefined || message.error !== undefined) {
      const { code = 1, message: text = message.error ?? "" } = message.errorDetail ?? {};
      throw new CommandFailure(code || 1, text);
    }
    let up = 0;
    if (message.id && message.progressDetail !== undefined) {
      if (!lines.has(message.id)) {
        lines.set(message.id, lines.size);
        if (output.isTerminal) output.write("\n");
      }
      up = lines.size - (lines.get(message.id) ?? 0);
      if (output.isTerminal) output.write(`\u001b[${up}A`);
    } else {
      lines.clear();
    }
    show(message, output, columns);
    if (up > 0 && output.isTerminal) output.write(`\u001b[${up}B`);
  }
}
