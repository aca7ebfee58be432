/**
 * Blobs: immutable content, named by its digest. On disk:
 *
 *     blobs/sha256/<hex>     whole and verified
 *     blobs/tmp/<random>     being written; deleted by the next sweep
 *
 * A blob appears by a rename of a file that is complete and on disk: what is killed meanwhile leaves only a file in tmp/.
 */
import type { Readable } from "node:stream";

/** A blob's name and its size in bytes. */
export interface BlobInfo {
  readonly digest: string;
  readonly size: number;
}

/** Content on its way into the store. */
export interface BlobWriter {
  /** Takes the next piece, which must not be changed afterwards; wait for it before giving the next. */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes the blob visible; one that is there already is kept. Errors: invalid when size or digest are not those
   * expected, after which nothing is left.
   */
  commit(expected?: { digest?: string; size?: number }): Promise<BlobInfo>;
  /** Throws away what was written; after a commit it does nothing. */
  abort(): Promise<void>;
}

/** An open store of blobs. */
export interface Blobs {
  has(digest: string): boolean;
  /** Errors: not-found. */
  size(digest: string): Promise<number>;
  /** Where the content lies, for programs that read files. It may be absent. */
  path(digest: string): string;
  /** Reads `length` bytes from `offset`, by default all. Errors: not-found. */
  open(digest: string, range?: { offset?: number; length?: number }): Promise<Readable>;
  /** With `isHashed` the caller computes the digest itself and gives the true one to the commit. */
  writer(options?: { isHashed?: boolean }): Promise<BlobWriter>;
  /** Stores a whole stream; see {@link BlobWriter.commit} for `expected` and errors. */
  put(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    expected?: { digest?: string; size?: number },
  ): Promise<BlobInfo>;
  /** Deletes; absent is no error. */
  delete(digest: string): Promise<void>;
  list(): AsyncIterable<BlobInfo>;
  /** Deletes what writers that no longer live have left; only while none is at work. */
  sweep(): Promise<void>;
}
