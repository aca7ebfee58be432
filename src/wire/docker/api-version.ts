/** The Engine API version that Escale announces, and the oldest that it accepts. */
export const apiVersion = "1.51";
export const oldestApiVersion = "1.24";
/** The Docker Engine release whose behaviour Escale follows; clients read it from `Server` and `/version`. */
export const dockerVersion = "28.5.2";
