/** libnftables(3) in-process: a transaction takes some hundredths of a millisecond instead of a process. */
import koffi, { type LibraryHandle } from "koffi";
import { messageOf, unavailable } from "../../base/errors.ts";

const LIBRARY = "libnftables.so.1";
const NFT_CTX_OUTPUT_HANDLE = 1 << 3;
const NFT_CTX_OUTPUT_TERSE = 1 << 11;

/** nft refused commands; the message is its own. */
export class NftablesError extends Error {
  override readonly name = "NftablesError";
  /** ENOENT when something named does not exist. */
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = message.includes("No such file or directory") ? "ENOENT" : "EINVAL";
  }
}

/** A connection to the kernel's nftables, in the network namespace in which it was opened. */
export interface Nftables extends Disposable {
  /** Runs commands in nft(8)'s language as one transaction: all or nothing. Errors: {@link NftablesError}. */
  run(commands: string): void;
  /** Runs one `list` command and gives what it prints: with rule handles, without the elements of sets. */
  list(command: string): string;
}

/** Opens libnftables. Errors: unavailable when the library is not installed. */
export function openNftables(): Nftables {
  const call = load();
  // One context serves all: it keeps no rules between commands (tried: 10,000 transactions add 6 MB once, then none).
  const context: unknown = call.open(0);
  call.bufferOutput(context);
  call.bufferError(context);
  call.setOutputFlags(context, NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_TERSE);
  let isOpen = true;
  const run = (commands: string): void => {
    if (call.run(context, commands) !== 0) throw new NftablesError(call.error(context).trim());
  };
  return {
    run,
    list: (command) => {
      run(command);
      return call.output(context);
    },
    [Symbol.dispose]: () => {
      if (isOpen) call.free(context);
      isOpen = false;
    },
  };
}

interface Calls {
  open(flags: number): unknown;
  free(context: unknown): void;
  bufferOutput(context: unknown): number;
  bufferError(context: unknown): number;
  setOutputFlags(context: unknown, flags: number): void;
  run(context: unknown, commands: string): number;
  output(context: unknown): string;
  error(context: unknown): string;
}

let calls: Calls | undefined;

function load(): Calls {
  if (calls !== undefined) return calls;
  let library: LibraryHandle;
  try {
    library = koffi.load(LIBRARY);
  } catch (error) {
    throw unavailable(`cannot load ${LIBRARY}: ${messageOf(error)}`, {
      cause: error,
      hint: "install the package nftables (or libnftables1)",
    });
  }
  calls = {
    open: library.func("void *nft_ctx_new(uint32_t flags)"),
    free: library.func("void nft_ctx_free(void *context)"),
    bufferOutput: library.func("int nft_ctx_buffer_output(void *context)"),
    bufferError: library.func("int nft_ctx_buffer_error(void *context)"),
    setOutputFlags: library.func("void nft_ctx_output_set_flags(void *context, unsigned int flags)"),
    run: library.func("int nft_run_cmd_from_buffer(void *context, const char *commands)"),
    output: library.func("const char *nft_ctx_get_output_buffer(void *context)"),
    error: library.func("const char *nft_ctx_get_error_buffer(void *context)"),
  };
  return calls;
}
