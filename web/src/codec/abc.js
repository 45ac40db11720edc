/** Tunes in ABC notation: what a prompt for one needs. Tunes themselves are read in Python alone. */

/** How the fields are called in messages and flags. */
export const FIELDS = new Map(
  Object.entries({ T: "title", R: "rhythm", M: "metre", L: "length", Q: "tempo", K: "key" }),
);
