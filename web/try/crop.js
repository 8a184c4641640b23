// The largest window of an aspect that fits into the picture, placed where most looks are expected.

/**
 * @param {Float32Array} density height x width.
 * @param {[number, number]} size height and width.
 * @param {[number, number]} aspect width and height, in any unit.
 * @returns {{left: number, top: number, width: number, height: number, share: number}} pixels, and
 *   the share of the looks inside. Of windows with equal sums the one nearest to the centre.
 */
export function bestCrop(density, [height, width], aspect) {
  const scale = Math.min(width / aspect[0], height / aspect[1]);
  const wide = Math.min(width, Math.max(1, Math.round(scale * aspect[0])));
  const tall = Math.min(height, Math.max(1, Math.round(scale * aspect[1])));
  // the window is as wide or as high as the picture, so it moves along one axis
  const sideways = wide < width;
  const lines = sideways ? columnSums(density, height, width) : rowSums(density, height, width);
  const [length, window] = sideways ? [width, wide] : [height, tall];
  const before = new Float64Array(length + 1);
  lines.forEach((sum, k) => (before[k + 1] = before[k] + sum));
  const total = before[length];
  const middle = (length - window) / 2;
  let best = 0;
  let most = -Infinity;
  for (let start = 0; start + window <= length; start++) {
    const inside = before[start + window] - before[start];
    // sums of equal windows differ in their last bits
    const equal = Math.abs(inside - most) <= 1e-12 * total;
    const nearer = Math.abs(start - middle) < Math.abs(best - middle);
    if (equal ? nearer : inside > most) {
      best = start;
      most = Math.max(inside, most);
    }
  }
  const place = sideways ? { left: best, top: 0 } : { left: 0, top: best };
  return { ...place, width: wide, height: tall, share: most / total };
}

function columnSums(density, height, width) {
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) sums[x] += density[y * width + x];
  return sums;
}

function rowSums(density, height, width) {
  const sums = new Float64Array(height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) sums[y] += density[y * width + x];
  return sums;
}
