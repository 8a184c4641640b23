// A map in grays, and in colours over its picture, as the Python package's predict/overlay.py.

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
 * @param {{anchors: number[][], opacity: number, darkened: number}} style
 * @returns {Uint8Array} RGB.
 */
export function laidOver(picture, values, { anchors, opacity, darkened }) {
  const [low, high] = range(values);
  const spread = high > low ? high - low : Infinity;
  const out = new Uint8Array(picture.length);
  values.forEach((value, k) => {
    const share = (value - low) / spread;
    const gray = (darkened * (picture[3 * k] + picture[3 * k + 1] + picture[3 * k + 2])) / 3;
    const mixed = opacity * Math.sqrt(share);
    colour(share, anchors).forEach((ink, c) => {
      out[3 * k + c] = Math.floor((1 - mixed) * gray + mixed * ink + 0.5);
    });
  });
  return out;
}

function colour(share, anchors) {
  const at = share * (anchors.length - 1);
  const low = Math.min(Math.floor(at), anchors.length - 2);
  return anchors[low].map((ink, c) => Math.floor(ink + (anchors[low + 1][c] - ink) * (at - low) + 0.5));
}
