/** Events: what happened, told once. Entry point of the noun. */
export { type Events, openEvents } from "./events.ts";
