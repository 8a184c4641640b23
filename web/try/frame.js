// The size at which the network sees a picture: about as many pixels as its frame, aspect kept.

/** Python's round: halves go to the even neighbour. */
function round(value) {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

/**
 * @param {[number, number]} picture height and width.
 * @param {{frame: [number, number], multiple: number, least: number, longest: number}} geometry
 * @returns {[number, number]} height and width in the frame, multiples of `multiple`.
 */
export function framed(picture, { frame, multiple, least, longest }) {
  const scale = ((frame[0] * frame[1]) / (picture[0] * picture[1])) ** 0.5;
  const side = (pixels) =>
    Math.max(multiple, least, round(Math.min(pixels * scale, longest * Math.max(...frame)) / multiple) * multiple);
  return [side(picture[0]), side(picture[1])];
}
