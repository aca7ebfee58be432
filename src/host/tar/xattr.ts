import { type ForeignFunction, libc } from "../libc.ts";

/** lsetxattr(2): -1 when it fails. `path` may be a buffer that ends in NUL. */
export const setxattr: ForeignFunction = libc(
  "int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)",
);
