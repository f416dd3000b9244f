// @ts-check
// Work that follows the picture and may lag behind it.

/**
 * A function that has `act` done soon, but at most once in `pause` milliseconds, however often it is called.
 * @param {() => void} act @param {number} pause
 */
export function paced(act, pause) {
  let last = -Infinity;
  /** @type {number | undefined} */
  let timer;
  return () => {
    timer ??= window.setTimeout(() => {
      timer = undefined;
      act();
      last = performance.now();
    }, Math.max(0, last + pause - performance.now()));
  };
}
