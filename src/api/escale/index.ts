/** The front door of Escale's own operations. */
export { type EscaleDoorDeps, escaleDoor } from "./door.ts";
