import { posix } from "node:path";
import { Readable } from "node:stream";
import { readTar } from "./entries.ts";
import { encodeHeader, type NewEntry, padding, type TarEntry } from "./header.ts";
import { packTar } from "./pack.ts";

const opaqueKey = "SCHILY.xattr.trusted.overlay.opaque";
const overlayKeys = "SCHILY.xattr.trusted.overlay.";

function isWhiteout({ type, device }: TarEntry): boolean {
  return type === "3" && device[0] === 0 && device[1] === 0;
}

function whiteout(name: string, { mtime }: TarEntry): Buffer {
  return encodeHeader({ name, type: "0", size: 0, mode: 0o600, mtime: Math.floor(mtime) });
}

async function* asLayer(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  for await (const { entry, body } of readTar(archive)) {
    if (isWhiteout(entry)) {
      yield whiteout(posix.join(posix.dirname(entry.name), `.wh.${posix.basename(entry.name)}`), entry);
      continue;
    }
    const pax = new Map([...entry.pax].filter(([key]) => !key.startsWith(overlayKeys)));
    yield encodeHeader({ ...entry, pax } satisfies NewEntry);
    let length = 0;
    for await (const piece of body) {
      length += piece.length;
      yield piece;
    }
    yield Buffer.alloc(padding(length));
    if (entry.pax.get(opaqueKey) === "y") yield whiteout(posix.join(entry.name, ".wh..wh..opq"), entry);
  }
  yield Buffer.alloc(1024);
}

/** A tar of an overlay's writable tree as a layer: what it hides becomes the whiteout files of the OCI image format. */
export function packLayer(upper: string, signal?: AbortSignal): Readable {
  const archive = packTar(upper, { isBare: true, isLive: true, keepsOverlay: true, ...(signal && { signal }) });
  return Readable.from(asLayer(archive), { objectMode: false, highWaterMark: 1 << 18 });
}
