// What takes long, beside the page: decoding, the network, files to save. One message at a time.
import { encode } from "fast-png";
import { grays, laidOver } from "./colours.js";
import { bestCrop } from "./crop.js";
import { density } from "./density.js";
import { framed } from "./frame.js";
import { openNetwork } from "./network.js";
import { npy } from "./npy.js";
import { readPicture } from "./picture.js";
import { antialiased, bilinear } from "./resample.js";

const SHOWN = 1280; // longest side of what is shown; files to save are whole
let network = null;
let current = null;

const answers = {
  async picture({ file }) {
    network ??= openNetwork();
    let opened;
    try {
      opened = await network;
    } catch (error) {
      network = null; // the next picture tries again
      throw error;
    }
    const { settings, scores } = opened;
    const { width, height, rgb } = await readPicture(file, settings.most_pixels);
    const size = [height, width];
    const frame = framed(size, settings.geometry);
    const found = await scores(antialiased(rgb, size, frame, 3), frame);
    current = { size, rgb, settings, density: density(found.values, found.grid, size, settings) };
    return { size, peak: peak(), views: views(), colours: settings.style.colours };
  },
  async crop({ aspect }) {
    current.crop = bestCrop(current.density, current.size, aspect);
    return current.crop;
  },
  async save({ what }) {
    return files[what]();
  },
};

const files = {
  map: () => png(grays(current.density), current.size, 1),
  numbers: () => npy(current.density, current.size),
  overlay: () => png(laidOver(current.rgb, current.density, current.settings.style), current.size, 3),
  crop() {
    const { left, top, width, height } = current.crop;
    const part = new Uint8Array(3 * width * height);
    for (let y = 0; y < height; y++) {
      const start = 3 * ((top + y) * current.size[1] + left);
      part.set(current.rgb.subarray(start, start + 3 * width), 3 * y * width);
    }
    return png(part, [height, width], 3);
  },
};

function png(data, [height, width], channels) {
  return encode({ width, height, data, channels, depth: 8 });
}

function peak() {
  const { density, size } = current;
  let best = 0;
  density.forEach((value, k) => {
    if (value > density[best]) best = k;
  });
  return [(best % size[1]) / size[1], Math.floor(best / size[1]) / size[0]];
}

/** Picture, map and overlay as RGBA of a size that a screen can show. */
function views() {
  const { size, rgb, density, settings } = current;
  const scale = Math.min(1, SHOWN / Math.max(...size));
  const shown = size.map((side) => Math.max(1, Math.round(side * scale)));
  const small = Uint8Array.from(antialiased(rgb, size, shown, 3), Math.round);
  const plane = bilinear(density, size, shown);
  return {
    size: shown,
    picture: rgba(small, 3),
    map: rgba(grays(plane), 1),
    overlay: rgba(laidOver(small, plane, settings.style), 3),
  };
}

function rgba(values, channels) {
  const pixels = values.length / channels;
  const out = new Uint8ClampedArray(4 * pixels).fill(255);
  for (let k = 0; k < pixels; k++) {
    for (let c = 0; c < 3; c++) out[4 * k + c] = values[channels * k + (channels === 3 ? c : 0)];
  }
  return out;
}

let last = Promise.resolve();
self.onmessage = ({ data: { id, kind, ...rest } }) => {
  last = last.then(async () => {
    try {
      self.postMessage({ id, found: await answers[kind](rest) });
    } catch (error) {
      self.postMessage({ id, failed: error.message });
    }
  });
};
