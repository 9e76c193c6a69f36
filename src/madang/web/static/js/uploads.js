// Large files of the form, sent by pieces: a line that breaks costs one piece, a reload nothing.
//
// The server's length is the truth (docs/formats/uploads.md): after every failure it is asked where to go on. This
// device remembers which file was on its way, so that the same file, chosen again after a reload, goes on from there.

const MB = 1024 * 1024;
const PIECES = { least: MB / 4, first: MB, most: 4 * MB };
const QUICK_MS = 3000; // a piece that took less may be followed by a larger one
const SILENT_MS = 45_000; // without a byte leaving: the line is dead, whatever the browser believes
const CHECK_MS = 600_000; // for the answer to the last piece: the file is looked at
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000, 30_000]; // after each failure in turn
const SAID_EVERY = 25; // hundredths, for a screen reader

/** What stopped an upload for good, in words. */
class Stopped extends Error {}

/**
 * `page`: facts, form, token() and token(new), place(key), attached(answer), count(+1 or -1).
 */
export class Pieces {
  constructor(page) {
    this.page = page;
    this.say = (name, values = {}) => page.facts.uploads.say[name].replace(/\{(\w+)\}/g, (_, word) => values[word] ?? "");
    this.memory = new Memory(`madang-upload/${page.facts.person}/${page.facts.draft}/`);
    this.running = new Set();
    this.left = new Map(); // address -> the box that offers to go on
  }

  /** Send this file into the place of this input; what this device knows of it goes on where it stopped. */
  async send(key, file) {
    const one = { key, file, name: file.name, size: file.size, offset: 0, failures: 0, piece: PIECES.first, said: 0 };
    one.cancel = new AbortController();
    this.running.add(one);
    this.page.count(1);
    this.#draw(one);
    this.#show(one);
    this.#note(key, "");
    try {
      one.head = await headOf(file);
      await held(lockOf(this.page.facts.draft, one), () => this.#go(one));
    } catch (error) {
      if (!one.cancel.signal.aborted) this.#note(key, error instanceof Stopped ? error.message : this.#failed(one, this.say("changed")));
    } finally {
      this.running.delete(one);
      this.page.count(-1);
      one.box.remove();
    }
  }

  /** Boxes of a place that was drawn anew. */
  placed(key) {
    for (const one of this.running) if (one.key === key) this.#put(key, one.box);
    for (const { box, kept } of this.left.values()) if (kept.key === key) this.#put(key, box);
  }

  /** What was on its way when the page was left: it is said where to go on, and how to give it up. */
  async offer() {
    const held = await heldNow();
    for (const kept of this.memory.all()) {
      if (kept.cancelled) this.#giveUp(kept.address);
      if (kept.cancelled || held.has(lockOf(this.page.facts.draft, kept))) continue;
      const asked = await this.#ask(kept.address).catch(() => null);
      if (asked && asked.state !== "open") this.memory.drop(kept.address);
      else if (this.page.place(kept.key)) this.#offer(kept, asked?.offset ?? kept.offset);
    }
  }

  #offer(kept, offset) {
    const box = make("div", "f-sending");
    const n = Math.floor((100 * offset) / kept.size), button = make("button", "f-link", this.say("forget"));
    button.type = "button";
    button.append(make("span", "sr-only", `: ${kept.name}`));
    button.addEventListener("click", () => {
      this.#forget(kept.address);
      this.#giveUp(kept.address);
      this.page.place(kept.key)?.querySelector("input[type=file]")?.focus();
    });
    box.append(make("p", "f-sending-left", this.say("left", { name: kept.name, n })), button);
    this.left.set(kept.address, { box, kept });
    this.#put(kept.key, box);
  }

  #forget(address) {
    this.memory.drop(address);
    this.left.get(address)?.box.remove();
    this.left.delete(address);
  }

  // -- one file --

  async #go(one) {
    await this.#begin(one);
    for (;;) {
      one.cancel.signal.throwIfAborted();
      const begun = performance.now();
      const answer = await this.#sent(one);
      if (answer.status === 200 && answer.body.state === "done") {
        this.#forget(one.address);
        return this.page.attached(answer.body);
      }
      if (answer.status === 200) {
        one.offset = answer.body.offset;
        one.failures = 0;
        if (performance.now() - begun < QUICK_MS) one.piece = Math.min(one.piece * 2, PIECES.most);
        this.memory.keep(one);
        this.#show(one);
      } else await this.#mend(one, answer);
    }
  }

  /** Where to send to: the address that is remembered for this very file, or a new one. */
  async #begin(one) {
    const { key, name, size, head, file } = one;
    const known = this.memory.all().find((kept) =>
      kept.key === key && kept.name === name && kept.size === size && kept.modified === file.lastModified && kept.head === head && !kept.cancelled);
    if (known) {
      one.address = known.address;
      this.left.get(known.address)?.box.remove();
      this.left.delete(known.address);
      await this.#where(one);
      if (one.address) return;
    }
    const body = JSON.stringify({ key, name, size });
    for (;;) {
      const answer = await this.#request(one, "POST", this.page.facts.uploads.begin, body, { "Content-Type": "application/json" });
      if (answer.status === 201) {
        one.address = answer.body.address;
        one.offset = 0;
        this.memory.keep(one);
        return;
      }
      await this.#mend(one, answer);
    }
  }

  /** The next piece; where all of it is there already, only the end is asked for. */
  #sent(one) {
    const end = Math.min(one.offset + one.piece, one.size), whole = one.offset >= one.size;
    const range = whole ? `bytes */${one.size}` : `bytes ${one.offset}-${end - 1}/${one.size}`;
    const content = whole ? null : one.file.slice(one.offset, end);
    const address = `${one.address}?step=${encodeURIComponent(this.page.facts.step)}`;
    return this.#request(one, "PATCH", address, content, { "Content-Type": "application/octet-stream", "Content-Range": range });
  }

  /** What to do after anything but a good answer; throws `Stopped` where nothing helps. */
  async #mend(one, { status, body, after }) {
    one.failures += 1;
    if (status === 409 && Number.isInteger(body.offset) && body.offset !== one.offset) {
      one.offset = body.offset; // another tab, or an answer that was lost
      return this.#show(one);
    }
    if (status === 401) return this.#signedOut(one);
    if (status === 403 && one.failures < 4) return (await this.#renewed()) || this.#signedOut(one);
    if ((status === 410 || status === 404) && one.address && one.failures < 4) { // what was there is gone: from the start
      this.#forget(one.address);
      one.address = "";
      return this.#begin(one);
    }
    if (status === 0 || status >= 500 || (status === 429 && after)) {
      one.piece = Math.max(one.piece / 2, PIECES.least);
      await this.#wait(one, status ? "busy" : "waiting", after, body.reasons?.join(" "));
      if (one.address) await this.#where(one);
      if (!one.address) await this.#begin(one);
      return;
    }
    if (one.address) this.#forget(one.address);
    throw new Stopped(this.#failed(one, body.reasons?.join(" ") || this.say("changed")));
  }

  /** Where the server's file ends; its address is forgotten where it is under way no longer. */
  async #where(one) {
    for (;;) {
      const asked = await this.#ask(one.address).catch(() => null);
      if (asked?.state === "open" || asked?.state === "done") {
        one.offset = asked.offset;
        this.#show(one);
        return;
      }
      if (asked) {
        this.#forget(one.address);
        one.address = "";
        return;
      }
      one.failures += 1;
      await this.#wait(one, "waiting");
    }
  }

  async #signedOut(one) {
    for (;;) {
      this.#state(one, "signIn");
      await this.#pause(one, 5000);
      if (await this.#renewed()) break;
    }
    this.#state(one, "");
  }

  /** A new token, if there is a line, somebody is signed in, and it is still the same person. */
  async #renewed() {
    let found;
    try {
      const answer = await fetch(`${this.page.facts.changes}?token=1`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return false;
      found = await answer.json();
    } catch {
      return false;
    }
    if (found.person !== this.page.facts.person) throw new Stopped(this.say("otherPerson"));
    this.page.token(found.token);
    return true;
  }

  /** How it stands on the server. `gone` where the address leads nowhere; no answer throws. */
  async #ask(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (answer.status === 404 || answer.status === 410) return { state: "gone" };
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  #giveUp(address) {
    this.memory.cancelled(address); // until the server knows, it is told again at the next visit
    fetch(address, { method: "DELETE", keepalive: true, headers: { "X-CSRFToken": this.page.token() } })
      .then((answer) => { if (answer.ok || answer.status === 404 || answer.status === 409) this.memory.drop(address); }, () => {});
  }

  // -- the line --

  /** One request with its progress: `{status, body, after}`; status 0 where no answer came. */
  #request(one, method, address, content, headers) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch tells nothing of what has been sent
      let silence = 0;
      const within = (wait) => { clearTimeout(silence); silence = setTimeout(() => request.abort(), wait); };
      const cancel = () => request.abort();
      one.cancel.signal.addEventListener("abort", cancel);
      request.open(method, address);
      for (const [name, value] of Object.entries({ Accept: "application/json", "X-CSRFToken": this.page.token(), ...headers })) request.setRequestHeader(name, value);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded }) => {
        within(SILENT_MS);
        if (content instanceof Blob) this.#show(one, Math.min(loaded, content.size));
      };
      request.upload.onload = () => {
        within(CHECK_MS);
        if (content instanceof Blob && one.offset + content.size >= one.size) this.#state(one, "checking");
      };
      request.onloadend = () => {
        clearTimeout(silence);
        one.cancel.signal.removeEventListener("abort", cancel);
        if (one.cancel.signal.aborted) return reject(one.cancel.signal.reason);
        const body = request.response ?? {};
        if (request.status && request.status < 500) this.#state(one, "");
        resolve({ status: request.status, body, after: Number(request.getResponseHeader("Retry-After")) || 0 });
      };
      within(content === null ? CHECK_MS : SILENT_MS);
      // Read first: a file that has changed on the device would otherwise look like a line that broke.
      const ready = content instanceof Blob ? content.arrayBuffer() : Promise.resolve(content);
      ready.then((bytes) => request.send(bytes), reject);
    });
  }

  async #wait(one, state, seconds = 0, why = "") {
    this.#state(one, state, why);
    const wait = WAITS_MS[Math.min(one.failures - 1, WAITS_MS.length - 1)] ?? WAITS_MS[0];
    await this.#pause(one, Math.max(wait, 1000 * Math.min(seconds, 60)));
  }

  /** Until the time has passed, the line is back, or it is cancelled. */
  #pause(one, wait) {
    return new Promise((resolve, reject) => {
      const end = new AbortController();
      const over = (act) => { clearTimeout(timer); end.abort(); act(); };
      const timer = setTimeout(() => over(resolve), wait);
      addEventListener("online", () => over(resolve), { signal: end.signal });
      one.cancel.signal.addEventListener("abort", () => over(() => reject(one.cancel.signal.reason)), { signal: end.signal });
    });
  }

  // -- what is seen --

  #draw(one) {
    one.box = make("div", "f-sending");
    const line = make("p", "f-sending-line"), name = make("span", "f-sending-name", this.say("sending", { name: one.name }));
    one.percent = make("span", "f-sending-n");
    one.bar = make("progress");
    one.bar.max = 100;
    one.bar.setAttribute("aria-label", this.say("sending", { name: one.name }));
    one.told = make("p", "f-sending-told");
    one.told.setAttribute("role", "status");
    one.spoken = make("p", "sr-only");
    one.spoken.setAttribute("role", "status");
    const button = make("button", "f-link", this.say("cancel"));
    button.type = "button";
    button.setAttribute("aria-label", this.say("cancelOf", { name: one.name }));
    button.addEventListener("click", () => this.#cancel(one));
    line.append(name, one.percent, button);
    one.box.append(line, one.bar, one.told, one.spoken);
    this.#put(one.key, one.box);
  }

  #cancel(one) {
    one.cancel.abort();
    if (one.address) this.#giveUp(one.address);
    this.#note(one.key, this.say("cancelled", { name: one.name }));
    this.page.place(one.key)?.querySelector("input[type=file]")?.focus();
  }

  #put(key, box) {
    this.page.place(key)?.querySelector("[data-upload-state]")?.before(box);
  }

  #show(one, more = 0) {
    one.n = Math.floor((100 * Math.min(one.offset + more, one.size)) / one.size);
    one.bar.value = one.n;
    one.percent.textContent = `${one.n} %`;
    const said = Math.floor(one.n / SAID_EVERY) * SAID_EVERY;
    if (said > one.said) one.spoken.textContent = this.say("progress", { name: one.name, n: (one.said = said) });
  }

  #state(one, state, why = "") {
    one.box.dataset.state = state;
    const text = state ? this.say(state, { name: one.name, why, n: Math.floor((100 * one.offset) / one.size) }).trim() : "";
    if (one.told.textContent !== text) one.told.textContent = text;
  }

  #note(key, text) {
    const note = this.page.place(key)?.querySelector("[data-upload-state]");
    if (note) note.textContent = text;
  }

  #failed(one, why) {
    return this.say("failed", { name: one.name, why });
  }
}

const make = (tag, name = "", text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });

/** The SHA-256 of the first megabyte; empty where the page is not served in a way that lets a browser compute it. */
async function headOf(file) {
  if (!globalThis.crypto?.subtle) return "";
  const digest = await crypto.subtle.digest("SHA-256", await file.slice(0, MB).arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const lockOf = (draft, { key, name, size }) => `madang-upload ${JSON.stringify([draft, key, name, size])}`;

/** While `act` runs, other tabs can see that somebody is at it. */
const held = (lock, act) => (navigator.locks ? navigator.locks.request(lock, { mode: "shared" }, act) : act());

async function heldNow() {
  const { held: locks = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(locks.map(({ name }) => name));
}

/** What this device knows of uploads under way, for this person and this draft alone. */
class Memory {
  constructor(prefix) {
    this.prefix = prefix;
  }

  keep({ key, name, size, offset, head, file, address }) {
    this.#write(address, { key, name, size, offset, head, modified: file.lastModified, address });
  }

  cancelled(address) {
    const known = this.all().find((kept) => kept.address === address);
    if (known) this.#write(address, { ...known, cancelled: true });
  }

  drop(address) {
    try { localStorage.removeItem(this.prefix + address); } catch { /* a browser that keeps nothing */ }
  }

  all() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.prefix)).map((key) => JSON.parse(localStorage.getItem(key)));
    } catch {
      return [];
    }
  }

  #write(address, kept) {
    try { localStorage.setItem(this.prefix + address, JSON.stringify(kept)); } catch { /* then a reload begins anew */ }
  }
}
