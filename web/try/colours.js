// A map in grays, and in colours over its picture, as the Python package's imaging/laid_over.py.

/** Least and greatest value. */
export function range(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Gray levels as `salbench predict` writes them: the ceiling of the min-max scaled map times 255. */
export function grays(values) {
  const [low, high] = range(values);
  const spread = high > low ? high - low : Infinity;
  return Uint8Array.from(values, (value) => Math.ceil(((value - low) / spread) * 255));
}

/**
 * @param {Uint8Array} picture RGB.
 * @param {Float32Array} values of its pixels, any scale.
 * @param {{colours: number[][], gray: number[], opacity: number}} style
 * @returns {Uint8Array} RGB.
 */
export function laidOver(picture, values, { colours, gray, opacity }) {
  const [low, high] = range(values);
  const spread = high > low ? high - low : Infinity;
  const out = new Uint8Array(picture.length);
  values.forEach((value, k) => {
    const step = Math.min(Math.floor(((value - low) / spread) * colours.length), colours.length - 1);
    const [red, green, blue] = picture.subarray(3 * k, 3 * k + 3);
    const ground = gray[0] * red + gray[1] * green + gray[2] * blue;
    colours[step].forEach((ink, c) => {
      out[3 * k + c] = Math.floor((1 - opacity) * ground + opacity * ink + 0.5);
    });
  });
  return out;
}
