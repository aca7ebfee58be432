/** The version of Escale: the same as in package.json, which a bundle does not carry. */
export const escaleVersion = "0.1.0";
