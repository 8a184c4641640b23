// The page: a photograph comes in by choosing or dropping, its map, overlay and crop are shown.

const element = (name) => document.getElementById(`tool-${name}`);
const [input, aspect, status, results] = ["file", "aspect", "status", "results"].map(element);
const form = document.querySelector(".tool-drop");
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
let asked = 0; // messages to the worker
let turn = 0; // photographs taken
let shown = null;

worker.onmessage = ({ data: { id, found, failed } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (failed === undefined) resolve(found);
  else reject(new Error(failed));
};
worker.onerror = (event) => tell(`The tool could not start (${event.message ?? "worker.js"}).`);

function ask(kind, rest) {
  const id = ++asked;
  worker.postMessage({ id, kind, ...rest });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

function tell(text) {
  status.textContent = text;
}

async function take(file) {
  results.hidden = true;
  shown = null;
  tell(`Predicting where people look in ${file.name} …`);
  const mine = ++turn;
  try {
    const found = await ask("picture", { file });
    if (mine !== turn) return; // another photograph came meanwhile
    shown = { ...found, name: file.name.replace(/\.[^.]*$/, "") };
    const stops = found.colours.map((rgb) => `rgb(${rgb})`).join(", ");
    results.style.setProperty("--tool-colours", `linear-gradient(to right, ${stops})`);
    draw(element("map"), found.views.map, found.views.size);
    draw(element("overlay"), found.views.overlay, found.views.size);
    results.hidden = false;
    await crop();
  } catch (error) {
    if (mine === turn) tell(error.message);
  }
}

async function crop() {
  const current = shown;
  const window = await ask("crop", { aspect: aspect.value.split(":").map(Number) });
  if (current !== shown) return;
  const { size, views, peak } = current;
  const scale = views.size[1] / size[1];
  const canvas = element("crop");
  const [wide, tall] = [window.width, window.height].map((side) => Math.max(1, Math.round(side * scale)));
  const whole = draw(document.createElement("canvas"), views.picture, views.size);
  canvas.width = wide;
  canvas.height = tall;
  canvas.getContext("2d").drawImage(whole, -window.left * scale, -window.top * scale);
  const [x, y] = peak.map((share) => Math.round(100 * share));
  const most = `Most looked at: ${x} % from the left, ${y} % from the top.`;
  const part =
    `The crop ${aspect.value} holds ${Math.round(100 * window.share)} % of the looks: ` +
    `${window.width} × ${window.height} pixels, ${window.left} from the left, ${window.top} from the top.`;
  element("map").setAttribute("aria-label", `Map of ${current.name}. ${most}`);
  element("overlay").setAttribute("aria-label", `The map laid over ${current.name}. ${most}`);
  canvas.setAttribute("aria-label", part);
  tell(`${most} ${part}`);
}

function draw(canvas, pixels, [height, width]) {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}

const ENDINGS = { map: ".png", numbers: ".npy", overlay: "-overlay.png", crop: "-crop.png" };

async function save(what) {
  const link = document.createElement("a");
  link.download = shown.name + ENDINGS[what];
  tell(`Writing ${link.download} …`);
  try {
    const bytes = await ask("save", { what });
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.click();
    tell(`Saved ${link.download}.`);
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    tell(error.message);
  }
}

tell("");
input.addEventListener("change", () => input.files.length && take(input.files[0]));
aspect.addEventListener("change", () => shown && crop());
form.addEventListener("submit", (event) => event.preventDefault());
results.addEventListener("click", ({ target }) => target.dataset.save && save(target.dataset.save));
for (const kind of ["dragenter", "dragover"]) {
  form.addEventListener(kind, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
}
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file) take(file);
});
