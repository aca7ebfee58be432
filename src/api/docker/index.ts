/** The front door that speaks the Docker Engine API. One file per resource; errors become statuses in one place. */
export { type DockerDoor, type DockerDoorDeps, openDockerDoor } from "./door.ts";
