import { invalid } from "../../base/errors.ts";
import {
  blockSize,
  decodeFrame,
  decodeHeader,
  decodePax,
  type Extensions,
  invalidHeader,
  padding,
  type TarEntry,
} from "./header.ts";

/** What passes in an archive, in order. The bytes of all events together are the archive. */
export type TarEvent =
  /** A member begins; `raw` is its header with the extensions before it. */
  | { readonly kind: "entry"; readonly entry: TarEntry; readonly raw: readonly Buffer[] }
  /** Content of the member that began last. */
  | { readonly kind: "data"; readonly data: Buffer }
  /** What fills the content up to whole blocks, and blocks without meaning. */
  | { readonly kind: "padding"; readonly data: Buffer }
  /** The marker of the end, and whatever follows it. */
  | { readonly kind: "end"; readonly data: Buffer };

// Longer names and attributes than this are an attack on memory.
const longestExtension = 1 << 20;

type State = "header" | "extension" | "sparse" | "data" | "padding" | "end";

/**
 * Reads a tar archive piece by piece without copying content. Throws, with Go's texts, invalid
 * `archive/tar: invalid tar header` and `unexpected EOF`.
 */
export class TarParser {
  #state: State = "header";
  /** Bytes still to come in this state. */
  #missing = blockSize;
  #pieces: Buffer[] = [];
  #raw: Buffer[] = [];
  #extensions: Extensions = { pax: new Map() };
  #extensionType = "";
  #extensionSize = 0;
  #entry: TarEntry | undefined;
  #hasZeroBlock = false;

  /** Whether the marker of the end was seen. */
  get isAtEnd(): boolean {
    return this.#state === "end";
  }

  /** Takes the next piece of the archive. */
  *push(chunk: Buffer): Generator<TarEvent, void, void> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === "end") {
        yield { kind: "end", data: chunk.subarray(at) };
        return;
      }
      const piece = chunk.subarray(at, at + this.#missing);
      at += piece.length;
      this.#missing -= piece.length;
      if (this.#state === "data" || this.#state === "padding") {
        yield { kind: this.#state, data: piece };
        if (this.#missing === 0) this.#afterContent();
        continue;
      }
      this.#pieces.push(piece);
      if (this.#missing > 0) continue;
      const block = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
      this.#pieces = [];
      yield* this.#takeBlock(block);
    }
  }

  /** To be called when the archive has ended: throws if it must go on. */
  finish(): void {
    const isBetween = this.#state === "header" && this.#missing === blockSize && this.#raw.length === 0;
    if (!isBetween && this.#state !== "end") throw invalid("unexpected EOF");
  }

  *#takeBlock(block: Buffer): Generator<TarEvent, void, void> {
    if (this.#state === "extension") {
      this.#raw.push(block);
      this.#takeExtension(block.subarray(0, this.#extensionSize));
      this.#expectHeader();
      return;
    }
    if (this.#state === "sparse") {
      this.#raw.push(block);
      yield* this.#afterHeader(block[504] === 1);
      return;
    }
    if (block[0] === 0 && block.every((byte) => byte === 0)) {
      const isEnd = this.#hasZeroBlock;
      this.#hasZeroBlock = true;
      this.#expectHeader();
      if (isEnd) this.#state = "end";
      yield { kind: "end", data: block };
      return;
    }
    if (this.#hasZeroBlock) throw invalidHeader();
    const { type, size } = decodeFrame(block);
    this.#raw.push(block);
    if (type === "x" || type === "g" || type === "L" || type === "K") {
      if (size > longestExtension) throw invalidHeader();
      this.#extensionType = type;
      this.#extensionSize = size;
      this.#missing = size + padding(size);
      this.#state = "extension";
      if (size === 0) this.#expectHeader();
      return;
    }
    this.#entry = decodeHeader(block, this.#extensions);
    yield* this.#afterHeader(type === "S" && block[482] === 1);
  }

  *#afterHeader(isMapContinued: boolean): Generator<TarEvent, void, void> {
    if (isMapContinued) {
      this.#state = "sparse";
      this.#missing = blockSize;
      return;
    }
    const entry = this.#entry!;
    const raw = this.#raw;
    this.#raw = [];
    this.#extensions = { pax: new Map() };
    this.#state = "data";
    this.#missing = entry.size;
    if (entry.size === 0) this.#expectHeader();
    yield { kind: "entry", entry, raw };
  }

  #takeExtension(body: Buffer): void {
    const end = body.indexOf(0);
    const name = body.toString("latin1", 0, end === -1 ? body.length : end);
    if (this.#extensionType === "x") decodePax(body, this.#extensions.pax);
    else if (this.#extensionType === "L") this.#extensions.longName = name;
    else if (this.#extensionType === "K") this.#extensions.longLink = name;
  }

  #afterContent(): void {
    const fill = this.#state === "data" ? padding(this.#entry!.size) : 0;
    if (fill === 0) {
      this.#expectHeader();
      return;
    }
    this.#state = "padding";
    this.#missing = fill;
  }

  #expectHeader(): void {
    this.#state = "header";
    this.#missing = blockSize;
  }
}
