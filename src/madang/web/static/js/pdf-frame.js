// Inside the frame that shows a PDF: pages, drawn as they come into view, each with its text over it.
//
// This page has no origin (web/pdf_frame.py). It takes one message, from the page around it, with the bytes and a port;
// after that it listens to nobody else. Links of the document lead nowhere, its scripts and forms are not run: only
// their pictures are drawn.

const POINT = 96 / 72; // CSS pixels of a point at 100 %
const ZOOMS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const MOST_PAGES = 2000;
const MOST_PIXELS = 16_000_000; // of one page's picture: more is refused by phones
const GAP = 16;

const facts = document.body.dataset;
const words = JSON.parse(document.getElementById("p-words").textContent);
const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, word) => values[word]);
const [tools, note, box, number, of, zoomed] = [".p-tools", "[data-note]", "[data-pages]", "[data-page]", "[data-of]", "[data-zoom]"]
  .map((where) => document.querySelector(where));

if (parent === window) note.textContent = say("alone");
else {
  addEventListener("message", heard);
  parent.postMessage({ pdf: "ready" }, location.origin);
}

function heard(event) {
  if (event.source !== parent || event.origin !== location.origin) return;
  if (event.data?.pdf === "there?") parent.postMessage({ pdf: "ready" }, location.origin);
  if (event.data?.pdf !== "show" || !(event.data.bytes instanceof ArrayBuffer) || event.ports.length !== 1) return;
  removeEventListener("message", heard);
  const [port] = event.ports;
  show(event.data.bytes, port).then(
    (pages) => port.postMessage({ shown: pages }),
    (error) => port.postMessage({ failed: { PasswordException: "password", InvalidPDFException: "damaged" }[error?.name] ?? "failed" }),
  );
}

/** What pdf.js asks for: character maps and fonts, from the page around, which has a line. */
function askingThrough(port) {
  const waiting = new Map();
  let count = 0;
  port.onmessage = ({ data }) => {
    const settle = waiting.get(data.answer);
    waiting.delete(data.answer);
    if (data.bytes) settle?.resolve(new Uint8Array(data.bytes));
    else settle?.reject(new Error("not there"));
  };
  return class {
    fetch({ kind, filename }) {
      return new Promise((resolve, reject) => {
        waiting.set((count += 1), { resolve, reject });
        port.postMessage({ ask: count, kind, name: filename });
      });
    }
  };
}

/** A worker by way of a blob, or nothing where the browser does not let a page without origin have one. */
function workerOf(address) {
  return new Promise((resolve) => {
    try {
      const source = new Blob([`import ${JSON.stringify(address)};`], { type: "text/javascript" });
      const worker = new Worker(URL.createObjectURL(source), { type: "module" });
      worker.addEventListener("message", () => resolve(worker), { once: true });
      worker.addEventListener("error", () => resolve(null), { once: true });
    } catch {
      resolve(null);
    }
  });
}

async function show(bytes, port) {
  const here = (path) => new URL(path, location.href).href;
  const pdfjs = await import(here(facts.core));
  pdfjs.GlobalWorkerOptions.workerSrc = here(facts.worker); // without a worker of its own it is run in this page
  const own = await workerOf(here(facts.worker));
  const file = await pdfjs.getDocument({
    data: new Uint8Array(bytes),
    ...(own && { worker: pdfjs.PDFWorker.create({ port: own }) }),
    BinaryDataFactory: askingThrough(port),
    cMapUrl: "cmaps/", cMapPacked: true, standardFontDataUrl: "fonts/", wasmUrl: here(facts.parts),
    useWorkerFetch: false, useWasm: false, isEvalSupported: false, enableXfa: false,
    maxImageSize: 200_000_000, verbosity: pdfjs.VerbosityLevel.ERRORS,
  }).promise;
  const first = await file.getPage(1);
  new Viewer(pdfjs, file, first);
  return file.numPages;
}

class Viewer {
  constructor(pdfjs, file, first) {
    Object.assign(this, { pdfjs, file, zoom: null, at: 1, busy: null, seen: new Set() });
    const { width, height } = first.getViewport({ scale: 1 });
    this.count = Math.min(file.numPages, MOST_PAGES);
    this.pages = Array.from({ length: this.count }, (_, n) => this.#page(n + 1, width, height));
    this.#sized(this.pages[0], first);
    of.textContent = `/ ${file.numPages}`;
    number.maxLength = String(file.numPages).length;
    if (this.count < file.numPages) note.textContent = say("first", { n: this.count });
    tools.hidden = box.hidden = false;
    this.#layout();
    box.append(...this.pages.map((one) => one.box));
    this.#listen();
    this.#read();
  }

  // -- pages --

  #page(n, width, height) {
    const made = document.createElement("div");
    made.className = "p-page";
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", say("page", { n, all: this.file.numPages }));
    made.dataset.page = n;
    return { n, box: made, width, height, drawn: 0, proxy: null, text: "none" };
  }

  /** The true size of a page, once it is known. Sizes out of all reason are cut. */
  #sized(page, proxy) {
    const { width, height } = proxy.getViewport({ scale: 1 });
    Object.assign(page, { proxy, width: Math.min(Math.max(width, 10), 20_000), height: Math.min(Math.max(height, 10), 20_000) });
  }

  #scale(page) {
    if (this.zoom !== null) return this.zoom * POINT;
    return Math.max(box.clientWidth - 2 * GAP, 100) / page.width;
  }

  /** Every page's size on the screen; their pictures follow when they are seen. */
  #layout() {
    for (const page of this.pages) this.#place(page);
    const scale = this.#scale(this.pages[this.at - 1]) / POINT;
    zoomed.textContent = `${Math.round(100 * scale)} %`;
    document.querySelector("[data-do=fit]").setAttribute("aria-pressed", String(this.zoom === null));
  }

  #place(page) {
    const scale = this.#scale(page);
    page.box.style.setProperty("--total-scale-factor", scale);
    page.box.style.width = `${Math.floor(page.width * scale)}px`;
    page.box.style.height = `${Math.floor(page.height * scale)}px`;
  }

  // -- drawing: one page at a time, what is seen first --

  async #draw() {
    if (this.busy) return;
    const waiting = [...this.seen].filter((page) => page.drawn !== this.#scale(page));
    const [page] = waiting.sort((one, other) => Math.abs(one.n - this.at) - Math.abs(other.n - this.at));
    if (!page) return;
    this.busy = page;
    try {
      await this.#drawn(page);
    } catch (error) {
      if (error?.name !== "RenderingCancelledException") page.drawn = this.#scale(page); // it will not go better again
    }
    this.busy = null;
    this.#draw();
  }

  async #drawn(page) {
    if (!page.proxy) {
      this.#sized(page, await this.file.getPage(page.n));
      this.#place(page);
    }
    const scale = this.#scale(page), area = page.width * page.height * scale * scale;
    const ratio = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / area));
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    const viewport = page.proxy.getViewport({ scale: scale * ratio });
    canvas.width = Math.max(1, Math.floor(page.width * scale * ratio));
    canvas.height = Math.max(1, Math.floor(page.height * scale * ratio));
    page.task = page.proxy.render({ canvas, viewport });
    try {
      await page.task.promise;
    } finally {
      page.task = null;
    }
    page.canvas?.remove();
    page.canvas = canvas;
    page.drawn = scale;
    page.box.prepend(canvas);
    if (page.text !== "layer") await this.#layer(page, scale);
  }

  /** The text where it stands, so that it can be marked, found and read aloud. */
  async #layer(page, scale) {
    page.text = "layer";
    const layer = document.createElement("div");
    layer.className = "p-text";
    const textContentSource = page.proxy.streamTextContent({ includeMarkedContent: true, disableNormalization: true });
    await new this.pdfjs.TextLayer({ textContentSource, container: layer, viewport: page.proxy.getViewport({ scale }) }).render();
    page.box.querySelector(".p-text")?.remove();
    page.box.append(layer);
  }

  /** The text of the pages that nobody has seen yet, for the browser's search and for reading aloud. */
  async #read() {
    let letters = 0;
    for (const page of this.pages) {
      try {
        const proxy = page.proxy ?? await this.file.getPage(page.n);
        if (!page.proxy) {
          this.#sized(page, proxy);
          this.#place(page);
        }
        const { items } = await proxy.getTextContent();
        const text = items.map((one) => one.str + (one.hasEOL ? "\n" : "")).join("").trim();
        letters += text.length;
        if (page.text !== "none" || !text) continue;
        page.text = "plain";
        const plain = document.createElement("div");
        plain.className = "p-text p-plain";
        plain.textContent = text;
        page.box.append(plain);
      } catch { /* a page that cannot be read is told by its picture, or not at all */ }
    }
    if (!letters) note.textContent = say("pictures");
    document.body.dataset.read = "all";
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const page = this.pages[target.dataset.page - 1];
      if (isIntersecting) {
        this.seen.add(page);
        continue;
      }
      this.seen.delete(page);
      page.task?.cancel();
      page.canvas?.remove();
      Object.assign(page, { canvas: null, drawn: 0 });
      if (page !== this.busy) page.proxy?.cleanup();
    }
    this.#draw();
  }

  // -- going about --

  #listen() {
    const watch = new IntersectionObserver((entries) => this.#seen(entries), { root: box, rootMargin: "100% 0px" });
    for (const page of this.pages) watch.observe(page.box);
    box.addEventListener("scroll", () => requestAnimationFrame(() => this.#scrolled()), { passive: true });
    new ResizeObserver(() => { if (this.zoom === null) this.#kept(() => this.#layout()); }).observe(box);
    tools.addEventListener("click", (event) => this.#do(event.target.closest("[data-do]")?.dataset.do));
    box.addEventListener("keydown", (event) => this.#key(event));
    number.addEventListener("change", () => this.#asked());
    number.addEventListener("keydown", (event) => { if (event.key === "Enter") this.#asked(); });
    this.#told();
  }

  /** The page in the upper part of what is seen. */
  #scrolled() {
    const line = box.scrollTop + box.clientHeight / 3;
    let low = 0, high = this.count - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.pages[middle].box.offsetTop <= line) low = middle;
      else high = middle - 1;
    }
    const end = box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
    this.at = end ? this.count : low + 1;
    this.#told();
  }

  #told() {
    if (document.activeElement !== number) number.value = this.at;
    number.setAttribute("aria-label", say("page", { n: this.at, all: this.file.numPages }));
    for (const [what, off] of [["previous", this.at <= 1], ["next", this.at >= this.count]]) {
      document.querySelector(`[data-do=${what}]`).setAttribute("aria-disabled", String(off));
    }
  }

  #go(n) {
    this.at = Math.min(Math.max(n, 1), this.count);
    box.scrollTop = this.pages[this.at - 1].box.offsetTop - GAP;
    this.#told();
  }

  #asked() {
    const n = Number.parseInt(number.value, 10);
    if (Number.isFinite(n)) this.#go(n);
    number.value = this.at;
  }

  /** Changes the sizes and keeps what is read in its place. */
  #kept(change) {
    const { box: page } = this.pages[this.at - 1];
    const part = (box.scrollTop - page.offsetTop) / page.offsetHeight;
    change();
    box.scrollTop = page.offsetTop + part * page.offsetHeight;
    this.#draw();
  }

  #zoom(zoom) {
    this.#kept(() => {
      this.zoom = zoom;
      this.#layout();
    });
  }

  #do(what) {
    const now = this.zoom ?? this.#scale(this.pages[this.at - 1]) / POINT;
    if (what === "previous") this.#go(this.at - 1);
    else if (what === "next") this.#go(this.at + 1);
    else if (what === "smaller") this.#zoom(ZOOMS.findLast((one) => one < now - 0.01) ?? ZOOMS[0]);
    else if (what === "larger") this.#zoom(ZOOMS.find((one) => one > now + 0.01) ?? ZOOMS.at(-1));
    else if (what === "fit") this.#zoom(null);
    else return false;
    return true;
  }

  /** While the pages have the focus. Arrow keys and the space bar scroll, as everywhere. */
  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const doing = { PageUp: "previous", PageDown: "next", "+": "larger", "=": "larger", "-": "smaller", 0: "fit" }[event.key];
    if (event.key === "Home") this.#go(1);
    else if (event.key === "End") this.#go(this.count);
    else if (!this.#do(doing)) return;
    event.preventDefault();
  }
}
