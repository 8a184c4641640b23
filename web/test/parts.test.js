// The pure parts of the page: `npm test`. What they give must be Python's, which tests/browser holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { grays, laidOver } from "../try/colours.js";
import { bestCrop } from "../try/crop.js";
import { density } from "../try/density.js";
import { exifOf } from "../try/exif.js";
import { framed } from "../try/frame.js";
import { npy } from "../try/npy.js";
import { takeOrientation, upright } from "../try/orientation.js";
import { antialiased, bilinear } from "../try/resample.js";

const GEOMETRY = { frame: [384, 512], multiple: 32, least: 64, longest: 3 };
const close = (found, wanted, by = 1e-6) => {
  assert.equal(found.length, wanted.length);
  wanted.forEach((value, k) => assert.ok(Math.abs(found[k] - value) <= by, `${k}: ${found[k]} is not ${value}`));
};

test("a picture is framed at about as many pixels as the frame, sides are multiples of 32", () => {
  assert.deepEqual(framed([480, 640], GEOMETRY), [384, 512]);
  assert.deepEqual(framed([640, 480], GEOMETRY), [512, 384]);
  assert.deepEqual(framed([1, 90], GEOMETRY), [64, 1536]);
  // halves go to the even neighbour, as Python rounds: 2.5 and 1.5 times 32
  assert.deepEqual(framed([80, 48], { ...GEOMETRY, frame: [80, 48], least: 1 }), [64, 64]);
});

test("shrinking by two weighs four pixels, at the edge three", () => {
  close(antialiased([0, 0, 8, 0, 0, 0], [1, 6], [1, 3], 1), [8 / 7, 3, 0]);
  const upright = antialiased([0, 0, 8, 0, 0, 0], [6, 1], [3, 1], 1);
  close(upright, [8 / 7, 3, 0]);
});

test("a constant stays constant in every channel", () => {
  const found = antialiased(new Uint8Array(7 * 5 * 3).map((_, k) => [10, 20, 255][k % 3]), [7, 5], [3, 11], 3);
  found.forEach((value, k) => assert.ok(Math.abs(value - [10, 20, 255][k % 3]) < 1e-4));
});

test("bilinear has half-pixel centres and repeats the edge", () => {
  close(bilinear(Float32Array.of(0, 4), [1, 2], [1, 4]), [0, 1, 3, 4]);
  close(bilinear(Float32Array.of(0, 4), [2, 1], [4, 1]), [0, 1, 3, 4]);
});

test("a density sums to one and follows scores and centre bias", () => {
  const settings = {
    calibration: { sigma: 0.5, prior_weight: 1, gain: 2 },
    prior: { size: [1, 2], values: [0, 1] },
    finer: 2,
  };
  const found = density(Float32Array.of(0, 0, 0, 5), [2, 2], [6, 8], settings);
  assert.ok(Math.abs(found.reduce((a, b) => a + b, 0) - 1) < 1e-5);
  assert.equal(found.indexOf(Math.max(...found)), 5 * 8 + 7);
  assert.ok(found[7] > found[0]); // the centre bias of this test prefers the right
});

test("a crop is the largest window of its aspect, where the sum is greatest", () => {
  const plane = new Float32Array(4 * 10);
  plane[2 * 10 + 8] = 1;
  const found = bestCrop(plane, [4, 10], [1, 1]);
  assert.deepEqual([found.width, found.height, found.top, found.share], [4, 4, 0, 1]);
  assert.equal(found.left, 5); // of 5 and 6, which both hold it, the one nearer to the centre
  const tall = bestCrop(plane, [4, 10], [16, 9]);
  assert.deepEqual([tall.width, tall.height], [7, 4]);
});

test("a crop of a flat map lies in the middle, one of the picture's own aspect is all of it", () => {
  const flat = new Float32Array(30 * 20).fill(1 / 600);
  assert.equal(bestCrop(flat, [30, 20], [1, 1]).top, 5);
  const all = bestCrop(flat, [30, 20], [2, 3]);
  assert.deepEqual([all.left, all.top, all.width, all.height], [0, 0, 20, 30]);
  assert.ok(Math.abs(all.share - 1) < 1e-6);
});

test("a crop equals the best of all windows", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const [height, width] = [9, 13];
  const plane = Float32Array.from({ length: height * width }, random);
  const found = bestCrop(plane, [height, width], [2, 3]);
  let most = 0;
  for (let left = 0; left + found.width <= width; left++) {
    let sum = 0;
    for (let y = 0; y < height; y++) for (let x = 0; x < found.width; x++) sum += plane[y * width + left + x];
    most = Math.max(most, sum);
  }
  const total = plane.reduce((a, b) => a + b, 0);
  assert.equal(found.height, 9);
  assert.ok(Math.abs(found.share - most / total) < 1e-6);
});

test("gray levels are the ceiling of the scaled map, a flat map is black", () => {
  assert.deepEqual([...grays(Float32Array.of(0, 0.001, 1))], [0, 1, 255]);
  assert.deepEqual([...grays(Float32Array.of(2, 2))], [0, 0]);
});

test("an overlay mixes the first colour where nobody looks and the last where most do", () => {
  const style = { colours: [[0, 0, 0], [200, 100, 50]], gray: [0.5, 0.25, 0.25], opacity: 0.5 };
  const found = laidOver(Uint8Array.of(80, 40, 120, 8, 8, 8), Float32Array.of(0, 1), style);
  assert.deepEqual([...found], [40, 40, 40, 104, 54, 29]);
});

function exif(orientation, little, type = 3) {
  const bytes = new Uint8Array(26);
  const view = new DataView(bytes.buffer);
  bytes.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 1, little);
  view.setUint16(10, 0x0112, little);
  view.setUint16(12, type, little);
  view.setUint32(14, 1, little);
  if (type === 4) view.setUint32(18, orientation, little);
  else view.setUint16(18, orientation, little);
  return bytes;
}

test("an orientation is read in both byte orders and taken out", () => {
  for (const little of [true, false]) {
    for (const type of [3, 4]) {
      const bytes = exif(6, little, type);
      assert.equal(takeOrientation(bytes), 6);
      assert.equal(takeOrientation(bytes), 1);
    }
  }
  assert.equal(takeOrientation(exif(9, true)), 1);
  assert.equal(takeOrientation(exif(6, true).subarray(0, 15)), 1);
  assert.equal(takeOrientation(new Uint8Array(0)), 1);
});

test("EXIF is found in a JPEG, behind other segments, and damaged files have none", () => {
  const inner = [0x45, 0x78, 0x69, 0x66, 0, 0, ...exif(3, false)];
  const segment = [0xff, 0xe1, 0, inner.length + 2, ...inner];
  const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...segment, 0xff, 0xda]);
  assert.equal(takeOrientation(exifOf(jpeg)), 3);
  assert.equal(exifOf(jpeg.subarray(0, 9)).length, 0);
  assert.equal(exifOf(Uint8Array.of(1, 2, 3)).length, 0);
});

test("a turned picture is seen upright", () => {
  const stored = { width: 2, height: 1, rgb: Uint8Array.of(1, 1, 1, 2, 2, 2) };
  const firsts = (orientation) => {
    const { width, height, rgb } = upright(stored, orientation);
    return [width, height, rgb[0], rgb[3]];
  };
  assert.deepEqual(firsts(1), [2, 1, 1, 2]);
  assert.deepEqual(firsts(2), [2, 1, 2, 1]);
  assert.deepEqual(firsts(3), [2, 1, 2, 1]);
  assert.deepEqual(firsts(4), [2, 1, 1, 2]);
  assert.deepEqual(firsts(5), [1, 2, 1, 2]);
  assert.deepEqual(firsts(6), [1, 2, 1, 2]);
  assert.deepEqual(firsts(7), [1, 2, 2, 1]);
  assert.deepEqual(firsts(8), [1, 2, 2, 1]);
});

test("a .npy file has an aligned head and little-endian floats", () => {
  const bytes = npy(Float32Array.of(1.5, -2), [1, 2]);
  const start = bytes.length - 8;
  assert.equal(start % 64, 0);
  assert.equal(new DataView(bytes.buffer).getFloat32(start, true), 1.5);
  assert.match(String.fromCharCode(...bytes.subarray(10, start)), /'shape': \(1, 2\)/);
});
