/** The front door that speaks the Docker Engine API. One file per resource; errors become statuses in one place. */
export { type DockerDoor, type DockerDoorDeps, dockerDoor, openDockerDoor } from "./door.ts";
