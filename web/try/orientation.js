// EXIF orientation: read from EXIF bytes, and how a stored grid is turned to be seen upright.

const TAG = 0x0112;
const LONG = 4; // the type that some programs write it in

/**
 * The orientation that EXIF states, which is set to upright in place: whoever decodes the file
 * afterwards turns nothing.
 *
 * @param {Uint8Array} exif that begins with its TIFF header.
 * @returns {number} 1 (upright) to 8; damaged EXIF counts as upright.
 */
export function takeOrientation(exif) {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  if (exif.length < 8) return 1;
  const little = exif[0] === 0x49;
  const start = view.getUint32(4, little);
  if (start + 2 > exif.length) return 1;
  const entries = view.getUint16(start, little);
  for (let k = 0; k < entries; k++) {
    const place = start + 2 + 12 * k;
    if (place + 12 > exif.length) return 1;
    if (view.getUint16(place, little) !== TAG) continue;
    const long = view.getUint16(place + 2, little) === LONG;
    const found = long ? view.getUint32(place + 8, little) : view.getUint16(place + 8, little);
    if (long) view.setUint32(place + 8, 1, little);
    else view.setUint16(place + 8, 1, little);
    return found >= 1 && found <= 8 ? found : 1;
  }
  return 1;
}

/**
 * @param {{width: number, height: number, rgb: Uint8Array}} picture as stored.
 * @param {number} orientation 1 to 8.
 */
export function upright(picture, orientation) {
  if (orientation === 1) return picture;
  const { width, height, rgb } = picture;
  const swapped = orientation >= 5;
  const [tall, wide] = swapped ? [width, height] : [height, width];
  const out = new Uint8Array(rgb.length);
  const mirrored = [2, 3, 6, 7].includes(orientation); // columns run backwards in what is seen
  const flipped = [3, 4, 7, 8].includes(orientation); // rows do
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const row = flipped ? tall - 1 - y : y;
      const column = mirrored ? wide - 1 - x : x;
      const from = 3 * (swapped ? column * width + row : row * width + column);
      const to = 3 * (y * wide + x);
      out[to] = rgb[from];
      out[to + 1] = rgb[from + 1];
      out[to + 2] = rgb[from + 2];
    }
  }
  return { width: wide, height: tall, rgb: out };
}
