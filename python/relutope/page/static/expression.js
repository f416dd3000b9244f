// @ts-check
// Functions typed by the reader: numbers, x, y, pi, + - * / ^, comparisons, and the functions below. Parsed into a tree of closures;
// nothing is ever evaluated as code.

/** @typedef {(x: number, y: number) => number} Formula */

/** @type {Map<string, (...args: number[]) => number>} */
const FUNCTIONS = new Map(Object.entries({
  abs: Math.abs, sin: Math.sin, cos: Math.cos, tan: Math.tan, exp: Math.exp, log: Math.log, sqrt: Math.sqrt, tanh: Math.tanh,
  sign: Math.sign, min: Math.min, max: Math.max, relu: (t) => Math.max(t, 0), floor: Math.floor,
}));
const BINARY = /** @type {[string, (a: number, b: number) => number][][]} */ ([
  [["<", (a, b) => Number(a < b)], [">", (a, b) => Number(a > b)]],
  [["+", (a, b) => a + b], ["-", (a, b) => a - b]],
  [["*", (a, b) => a * b], ["/", (a, b) => a / b]],
]);
const LONGEST = 200;

/** @param {string} text @returns {Formula} */
export function parseFormula(text) {
  if (text.length > LONGEST) throw new Error(`a function may have ${LONGEST} characters`);
  const tokens = text.match(/\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|[a-z]+|\S/gi) ?? [];
  let at = 0;
  const fail = () => new Error(tokens[at] === undefined ? "the function ends too early" : `"${tokens[at]}" is not understood here`);
  const expect = (/** @type {string} */ token) => {
    if (tokens[at++] !== token) throw (at--, fail());
  };
  /** @param {number} level @returns {Formula} */
  const chain = (level) => {
    if (level === BINARY.length) return unary();
    let left = chain(level + 1);
    for (;;) {
      const found = BINARY[level].find(([name]) => name === tokens[at]);
      if (!found) return left;
      at++;
      const [a, b] = [left, chain(level + 1)];
      left = (x, y) => found[1](a(x, y), b(x, y));
    }
  };
  /** @returns {Formula} */
  const unary = () => {
    if (tokens[at] === "-") {
      at++;
      const inner = unary();
      return (x, y) => -inner(x, y);
    }
    const base = primary();
    if (tokens[at] !== "^") return base;
    at++;
    const power = unary();
    return (x, y) => base(x, y) ** power(x, y);
  };
  /** @returns {Formula} */
  const primary = () => {
    const token = tokens[at++];
    if (token === "(") {
      const inner = chain(0);
      expect(")");
      return inner;
    }
    if (token !== undefined && /^[\d.]/.test(token)) return () => Number(token);
    if (token === "x") return (x) => x;
    if (token === "y") return (_, y) => y;
    if (token === "pi") return () => Math.PI;
    const apply = FUNCTIONS.get(token ?? "");
    if (!apply) throw (at--, fail());
    expect("(");
    const args = [chain(0)];
    while (tokens[at] === ",") [at++, args.push(chain(0))];
    expect(")");
    return (x, y) => apply(...args.map((arg) => arg(x, y)));
  };
  const formula = chain(0);
  if (at < tokens.length) throw fail();
  return formula;
}
