// From the network's scores to the density of the next fixation: the Python package's
// lite/calibration.py.
import { bilinear } from "./resample.js";

/**
 * @param {Float32Array} scores rows x columns, on the grid of the network's stride.
 * @param {[number, number]} grid rows and columns.
 * @param {[number, number]} picture height and width.
 * @param {{calibration: {sigma: number, prior_weight: number, gain: number},
 *   prior: {size: [number, number], values: number[]}, finer: number}} settings
 * @returns {Float32Array} height x width, its sum is one.
 */
export function density(scores, grid, picture, { calibration, prior, finer }) {
  const fine = [finer * grid[0], finer * grid[1]];
  const plane = blurred(bilinear(scores, grid, fine), fine, calibration.sigma);
  const large = bilinear(plane, fine, picture);
  const bias = bilinear(Float32Array.from(prior.values), prior.size, picture);
  const logs = (k) => calibration.gain * large[k] + calibration.prior_weight * bias[k];
  let most = -Infinity;
  for (let k = 0; k < large.length; k++) most = Math.max(most, logs(k));
  let sum = 0;
  for (let k = 0; k < large.length; k++) sum += Math.exp(logs(k) - most);
  const shift = most + Math.log(sum);
  return large.map((_, k) => Math.exp(logs(k) - shift));
}

/** A Gaussian over rows and columns; what lies outside does not count. */
function blurred(plane, [rows, columns], sigma) {
  const down = kernel(rows, sigma);
  const across = kernel(columns, sigma);
  const half = new Float32Array(rows * columns);
  const out = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += down[y * rows + k] * plane[k * columns + x];
      half[y * columns + x] = sum;
    }
  }
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += half[y * columns + k] * across[x * columns + k];
      out[y * columns + x] = sum;
    }
  }
  return out;
}

function kernel(cells, sigma) {
  const weights = new Float32Array(cells * cells);
  for (let y = 0; y < cells; y++) {
    const row = Float64Array.from({ length: cells }, (_, x) => Math.exp(-0.5 * ((y - x) / sigma) ** 2));
    const sum = row.reduce((a, b) => a + b, 0);
    weights.set(row.map((one) => one / sum), y * cells);
  }
  return weights;
}
