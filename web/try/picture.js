// A file's pixels: PNG by ourselves, everything else by the browser. Browsers differ in which kinds
// of files they turn by EXIF, so the tag is taken out first and the picture turned here.
import { exifOf } from "./exif.js";
import { takeOrientation, upright } from "./orientation.js";
import { decoded, rgbOf } from "./pixels.js";
import { isReadHere, pngSize, readPng } from "./png.js";

/**
 * @param {Blob} file
 * @param {number} most pixels that are taken.
 * @returns {Promise<{width: number, height: number, rgb: Uint8Array}>} upright, RGB.
 * @throws {Error} whose message tells a person what to do.
 */
export async function readPicture(file, most) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const orientation = takeOrientation(exifOf(bytes));
  const read = isReadHere(bytes) ? readStoredPng : readOther;
  return upright(await read(bytes, file.name, most), orientation);
}

function readStoredPng(bytes, name, most) {
  try {
    check(...pngSize(bytes), most);
    return readPng(bytes);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    throw new Error(`${name} is a damaged PNG (${error.message}). Save it again.`);
  }
}

async function readOther(bytes, name, most) {
  let bitmap;
  try {
    bitmap = await decoded(new Blob([bytes]));
  } catch {
    throw new Error(`${name} is no picture that this browser reads. Save it as PNG or JPEG.`);
  }
  const { width, height } = bitmap;
  check(width, height, most);
  const rgb = await rgbOf(bitmap);
  bitmap.close();
  return { width, height, rgb };
}

class TooLarge extends Error {}

function check(width, height, most) {
  if (width * height > most) {
    throw new TooLarge(`The picture has ${width} × ${height} pixels. Make it smaller first.`);
  }
}
