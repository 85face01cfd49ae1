/* Whether somebody typed their own name. As is_same_name in attendance/signing/rules.py. */

const words = (text) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** Accents, capitals, order, a word left out or said by its first letter do not matter. */
export function isSameName(written, name) {
  const [typed, known] = [words(written), words(name)];
  return (
    typed.some((word) => known.includes(word)) &&
    typed.every((word) => known.some((one) => one === word || (word.length === 1 && one[0] === word)))
  );
}
