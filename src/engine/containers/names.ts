/** Names of containers: what is allowed, and made-up ones for those that have none. */
import { randomInt } from "node:crypto";
import { invalid } from "../../base/errors.ts";

const qualities =
  "amber agile brave bright calm clever cosmic crisp daring eager early fair fleet fond gentle glad golden happy honest humble jolly keen kind light lively lucid lucky mellow merry mighty modest neat nimble noble patient placid plucky polite proud quick quiet rapid rosy serene sharp shiny silent silver sleek smart snug solid sunny swift tidy tranquil trusty upbeat vivid warm wise witty young zesty";
const scientists =
  "ampere archimedes avicenna babbage bell bohr boole bose carson cerf chandrasekhar clarke curie dijkstra einstein erdos euler faraday fermat fermi feynman franklin galileo galois gauss germain goodall hamilton hawking heisenberg herschel hopper hypatia jemison johnson joliot kepler khorana knuth kovalevskaya lamarr leakey leavitt lovelace maxwell mcclintock meitner mendel mirzakhani moser nash newton nobel noether pascal pasteur pauling perlman planck ptolemy ramanujan ride ritchie rubin sagan shannon sinoussi spence tesla thompson torvalds turing volhard wiles wozniak wu yalow yonath";
const adjectives = qualities.split(" ");
const surnames = scientists.split(" ");

/** A made-up name that is not taken. */
export function makeUpName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const pair = `${adjectives[randomInt(adjectives.length)]}_${surnames[randomInt(surnames.length)]}`;
    const name = attempt < 6 ? pair : `${pair}${randomInt(10 ** Math.min(attempt - 5, 9))}`;
    if (!isTaken(name)) return name;
  }
}

/** The name without the slash that clients may put before it. Errors: invalid, with Docker's text. */
export function checkName(name: string): string {
  const bare = name.startsWith("/") ? name.slice(1) : name;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(bare)) {
    throw invalid(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  return bare;
}
