// Where the containers of pictures keep EXIF.

const NONE = new Uint8Array(0);
const KINDS = [
  [[0x89, 0x50, 0x4e, 0x47], ofPng],
  [[0xff, 0xd8], ofJpeg],
  [[0x52, 0x49, 0x46, 0x46], ofWebp],
];

/** EXIF of a file from its TIFF header on, a part of the same bytes; empty where there is none. */
export function exifOf(bytes) {
  const kind = KINDS.find(([start]) => start.every((byte, k) => bytes[k] === byte));
  const exif = kind ? kind[1](bytes) : NONE;
  return text(exif, 0, 4) === "Exif" ? exif.subarray(6) : exif;
}

function ofPng(bytes) {
  return chunk(bytes, 8, "eXIf", (view, place) => [view.getUint32(place), place + 4, 4]);
}

function ofWebp(bytes) {
  return chunk(bytes, 12, "EXIF", (view, place) => {
    const length = view.getUint32(place + 4, true);
    return [length, place, length & 1];
  });
}

/** The data of the first chunk of a name; `read` gives its length, where its name is, what follows. */
function chunk(bytes, start, name, read) {
  const view = viewOf(bytes);
  for (let place = start; place + 8 <= bytes.length; ) {
    const [length, named, after] = read(view, place);
    if (text(bytes, named, 4) === name) return bytes.subarray(place + 8, place + 8 + length);
    place += 8 + length + after;
  }
  return NONE;
}

function ofJpeg(bytes) {
  const view = viewOf(bytes);
  for (let place = 2; place + 4 <= bytes.length && bytes[place] === 0xff; ) {
    const marker = bytes[place + 1];
    if (marker === 0xff) {
      place += 1; // a filling byte
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break; // pixels begin, or nothing more comes
    const length = view.getUint16(place + 2);
    if (marker === 0xe1 && text(bytes, place + 4, 4) === "Exif") {
      return bytes.subarray(place + 4, place + 2 + length);
    }
    place += 2 + length;
  }
  return NONE;
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function text(bytes, from, length) {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}
