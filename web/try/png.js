// PNG pixels as they are stored. A browser would multiply colours by their transparency, apply
// gamma and profiles.
import { decode } from "fast-png";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file is a PNG that `readPng` reads: fast-png takes interlaced pixels for whole bytes. */
export function isReadHere(bytes) {
  const [depth, interlaced] = [bytes[24], bytes[28] === 1];
  return SIGNATURE.every((byte, k) => bytes[k] === byte) && !(interlaced && depth < 8);
}

/** Width and height that the header promises. */
export function pngSize(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [view.getUint32(16), view.getUint32(20)];
}

/** @returns {{width: number, height: number, rgb: Uint8Array}} as stored, transparency left out. */
export function readPng(bytes) {
  const found = decode(bytes);
  const { width, height } = found;
  const rgb = new Uint8Array(3 * width * height);
  const value = samples(found);
  const coloured = found.channels >= 3;
  for (let k = 0; k < width * height; k++) {
    const first = k * found.channels;
    const entry = found.palette?.[value(first)];
    if (found.palette && !entry) throw new Error("a colour that its palette lacks");
    for (let c = 0; c < 3; c++) rgb[3 * k + c] = entry ? entry[c] : value(first + (coloured ? c : 0));
  }
  return { width, height, rgb };
}

/** Sample k in 8 bits; indices of a palette stay as they are. */
function samples({ data, depth, width, channels, palette }) {
  if (depth === 8) return (k) => data[k];
  if (depth === 16) return (k) => Math.floor((data[k] + 128) / 257);
  const line = Math.ceil((width * channels * depth) / 8);
  const white = palette ? 1 : 255 / (2 ** depth - 1);
  return (k) => {
    const [y, x] = [Math.floor(k / width), k % width];
    const bit = x * depth;
    const byte = data[y * line + (bit >> 3)];
    return ((byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1)) * white;
  };
}
