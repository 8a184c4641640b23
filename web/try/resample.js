// Arrays scaled by the kernels of the Python package's base/resample.py, to float32.

/**
 * Bilinear with a wider kernel when shrinking, as Pillow does it: columns first, then rows.
 *
 * @param {ArrayLike<number>} values height x width x channels, interleaved.
 * @param {[number, number]} from height and width.
 * @param {[number, number]} to wanted height and width.
 * @param {number} channels of a pixel.
 */
export function antialiased(values, from, to, channels) {
  const [height, width] = from;
  let found = values;
  if (to[1] !== width) found = alongRows(found, height, width, to[1], channels);
  if (to[0] !== height) found = alongColumns(found, height, to[1] * channels, to[0]);
  return found === values ? Float32Array.from(values) : found;
}

/**
 * Half-pixel centres, no smoothing before shrinking: rows first, then columns.
 *
 * @param {Float32Array} plane height x width.
 */
export function bilinear(plane, from, to) {
  const [height, width] = from;
  const tall = to[0] === height ? plane : new Float32Array(to[0] * width);
  if (tall !== plane) {
    places(height, to[0]).forEach(({ low, high, weight }, y) => {
      for (let x = 0; x < width; x++) {
        const below = plane[low * width + x];
        tall[y * width + x] = below + (plane[high * width + x] - below) * weight;
      }
    });
  }
  if (to[1] === width) return tall;
  const wide = new Float32Array(to[0] * to[1]);
  const columns = places(width, to[1]);
  for (let y = 0; y < to[0]; y++) {
    const row = y * width;
    for (let x = 0; x < to[1]; x++) {
      const { low, high, weight } = columns[x];
      const below = tall[row + low];
      wide[y * to[1] + x] = below + (tall[row + high] - below) * weight;
    }
  }
  return wide;
}

function places(n, wanted) {
  return Array.from({ length: wanted }, (_, k) => {
    const at = Math.min(Math.max(((k + 0.5) * n) / wanted - 0.5, 0), n - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, n - 1), weight: Math.fround(at - low) };
  });
}

/** Weights of a triangle as wide as the step between two outputs, at least two pixels. */
function triangles(n, wanted) {
  const step = n / wanted;
  const stretch = Math.max(step, 1);
  return Array.from({ length: wanted }, (_, k) => {
    const centre = (k + 0.5) * step;
    const first = Math.max(Math.trunc(centre - stretch + 0.5), 0);
    const last = Math.min(Math.trunc(centre + stretch + 0.5), n);
    const weights = Float64Array.from({ length: last - first }, (_, x) =>
      Math.max(1 - Math.abs((x + first - centre + 0.5) / stretch), 0),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((one) => one / sum) };
  });
}

function alongRows(values, height, width, wanted, channels) {
  const out = new Float32Array(height * wanted * channels);
  const kernels = triangles(width, wanted);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < wanted; x++) {
      const { first, weights } = kernels[x];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let place = (y * width + first) * channels + c;
        for (let k = 0; k < weights.length; k++, place += channels) sum += values[place] * weights[k];
        out[(y * wanted + x) * channels + c] = sum;
      }
    }
  }
  return out;
}

function alongColumns(values, height, stride, wanted) {
  const out = new Float32Array(wanted * stride);
  const sums = new Float64Array(stride);
  triangles(height, wanted).forEach(({ first, weights }, y) => {
    sums.fill(0);
    weights.forEach((weight, k) => {
      const row = (first + k) * stride;
      for (let x = 0; x < stride; x++) sums[x] += values[row + x] * weight;
    });
    out.set(sums, y * stride);
  });
  return out;
}
