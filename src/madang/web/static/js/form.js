// The form while somebody writes in it. Every page works without this file; with it nothing typed is ever lost.
//
// What is typed goes into this device's own store at once, to the server after a short rest, and again with growing
// waits while the line is down. What others write arrives every few seconds. Nobody's words are overwritten unseen:
// where two wrote the same place, both versions stand beside each other until somebody chooses.

// --- Counting, as core/form/count.py counts -------------------------------------------------------------------------

const TWO = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u30FC";
const FOUR = "\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const ENDS = /^\p{White_Space}+|\p{White_Space}+$/gu;
const APART = /[\p{White_Space}\u200B]+/u;
const STRETCH = new RegExp(`(?<two>[${TWO}]+)|(?<four>[${FOUR}]+)|(?<other>[^${TWO}${FOUR}]+)`, "gu");
const LETTER = /[\p{L}\p{N}]/gu;
const clusters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The text that counts: line ends as one character, nothing blank at either end. */
export const tidy = (text) => text.replace(/\r\n?/g, "\n").replace(ENDS, "");

/** What a reader takes for one character. */
export function characters(text) {
  let count = 0;
  for (const _ of clusters.segment(tidy(text))) count += 1;
  return count;
}

/** Runs between spaces; of scripts without spaces two (Han, kana) or four letters (Thai, Lao, Khmer, Burmese). */
export const words = (text) =>
  tidy(text).split(APART).filter(Boolean).reduce((sum, run) => sum + ofRun(run), 0);

function ofRun(run) {
  const parts = [...run.matchAll(STRETCH)].map((found) => found.groups);
  if (parts.every((part) => part.other)) return 1;
  return parts.reduce((sum, { two, four, other }) => {
    if (two) return sum + Math.ceil([...two].length / 2);
    if (four) return sum + Math.ceil((four.match(LETTER)?.length ?? 0) / 4);
    return sum + (other.match(LETTER) ? 1 : 0);
  }, 0);
}

// --- Money, as core/form/read.py reads and words/money.py writes ----------------------------------------------------

/** Whole won of what was typed in units of `won`, as a BigInt; null where nothing exact stands there. */
export function wonOf(typed, won) {
  const text = typed.replace(/[０-９．，]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).trim();
  const plain = /^\d{1,3}([, ])\d{3}(\1\d{3})*(\.\d+)?$/.test(text) ? text.replace(/[, ]/g, "") : text;
  const found = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(plain);
  if (!found) return null;
  const decimals = found[2] ?? "";
  const scaled = BigInt(found[1] + decimals) * BigInt(won), one = 10n ** BigInt(decimals.length);
  return scaled % one ? null : scaled / one;
}

const UNITS = {
  ko: [[10n ** 8n, "억 원"], [10n ** 6n, "백만 원"], [1n, "원"]],
  en: [[10n ** 9n, " billion"], [10n ** 6n, " million"], [1n, ""]],
};

/** The amount in the largest unit that needs at most two decimals: `42억 원`, `KRW 4.2 billion`. */
export function inWords(won, language) {
  const [unit, name] = UNITS[language].find(([size]) => size === 1n || (won >= size && (won * 100n) % size === 0n));
  const whole = (won / unit).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = unit === 1n ? "" : ((won % unit) * 100n / unit).toString().padStart(2, "0").replace(/0+$/, "");
  const digits = rest ? `${whole}.${rest}` : whole;
  return language === "ko" ? `${digits}${name}` : `KRW ${digits}${name}`;
}

// --- The store of this device -----------------------------------------------------------------------------------------

/** What has not reached the server, one record a place, for this draft and this person alone. */
export class Kept {
  constructor(draft, person) {
    this.prefix = `${person}/${draft}/`;
    this.open = new Promise((resolve, reject) => {
      const asked = indexedDB.open("madang-form", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("unsent");
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async #run(mode, act) {
    const transaction = (await this.open).transaction("unsent", mode, { durability: "strict" });
    const asked = act(transaction.objectStore("unsent"));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  put(key, one) {
    return this.#run("readwrite", (store) => store.put({ key, ...one }, this.prefix + key));
  }

  drop(key) {
    return this.#run("readwrite", (store) => store.delete(this.prefix + key));
  }

  all() {
    return this.#run("readonly", (store) => store.getAll(IDBKeyRange.bound(this.prefix, this.prefix + "\uffff")));
  }
}

// --- The page ---------------------------------------------------------------------------------------------------------

const REST_MS = 600; // of quiet before what was typed is sent
const POLL_MS = 4000; // between two questions for what others wrote
const WAITS_MS = [1000, 2000, 4000, 8000, 15000, 30000]; // after each failure in turn
const told = document.getElementById("f-script");
if (told) start(JSON.parse(told.textContent));

function start(facts) {
  const form = document.querySelector("[data-form]");
  const say = (name, values = {}) => facts.say[name].replace(/\{(\w+)\}/g, (_, word) => values[word] ?? "");
  const kept = new Kept(facts.draft, facts.person);
  const unsent = new Map(); // key -> {typed, base, count}: typed here and not yet answered
  const conflicts = new Map(); // key -> the version of somebody else
  let revision = facts.revision, csrf = form.elements.csrfmiddlewaretoken.value;
  let running = null, failures = 0, timer = 0, state = "saved", stuck = "", keeping = true, elsewhere = "", uploads = 0;
  form.dataset.live = "";

  // -- places and what stands in them --

  const place = (key) => form.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const controls = (key) => [...form.elements].filter((one) => one.name === `at:${key}`);
  const keyOf = (element) => (element?.name?.startsWith("at:") ? element.name.slice(3) : "");
  const isMany = (key) => place(key)?.dataset.control === "checks";

  function valueOf(key) {
    const found = controls(key);
    if (isMany(key)) return found.filter((one) => one.checked).map((one) => one.value);
    if (found[0]?.type === "radio") return found.find((one) => one.checked)?.value ?? "";
    return found[0]?.value ?? "";
  }

  function put(key, typed) {
    const chosen = new Set(Array.isArray(typed) ? typed : [typed ?? ""]);
    for (const one of controls(key)) {
      if (one.type === "radio" || one.type === "checkbox") one.checked = chosen.has(one.value);
      else if (one.value !== (typed ?? "")) one.value = typed ?? "";
      if (one.tagName === "SELECT") one.classList.toggle("completed", Boolean(one.value));
    }
    follow(key);
  }

  const same = (one, other) => JSON.stringify(one ?? "") === JSON.stringify(other ?? "");

  // -- typing --

  form.addEventListener("input", (event) => typedIn(keyOf(event.target)));
  form.addEventListener("change", (event) => {
    const key = keyOf(event.target);
    if (key && !same(unsent.get(key)?.typed, valueOf(key))) typedIn(key);
  });

  function typedIn(key) {
    if (!key || !place(key)) return;
    const base = unsent.get(key)?.base ?? Number(place(key).dataset.rev);
    const one = { typed: valueOf(key), base, count: (unsent.get(key)?.count ?? 0) + 1 };
    unsent.set(key, one);
    kept.put(key, { typed: one.typed, base }).then(() => { keeping = true; }, () => { keeping = false; show(); });
    place(key).querySelector("[data-news] .f-changed")?.remove();
    follow(key);
    if (state === "saved") set("saving");
    soon(REST_MS);
  }

  /** What must follow a place at once: its counts, its amount in words, the budget. */
  function follow(key) {
    const here = place(key);
    if (!here) return;
    const value = valueOf(key);
    for (const line of here.querySelectorAll(":scope > .f-count, :scope > fieldset > .f-count")) {
      const used = line.dataset.unit === "words" ? words(String(value)) : characters(String(value));
      line.textContent = line.dataset.text.replace("{used}", used.toLocaleString("en"));
      line.toggleAttribute("data-over", Boolean(line.dataset.most) && used > Number(line.dataset.most));
    }
    for (const fold of here.querySelectorAll(":scope > .f-translation")) fold.hidden = !value;
    const amount = here.querySelector("[data-won]");
    if (amount) {
      const won = wonOf(amount.value, amount.dataset.won);
      here.querySelector("[data-words]").textContent = won === null ? "" : `= ${inWords(won, facts.language)}`;
      budget();
    }
  }

  /** Own share, grant and total as they are typed. Where a part stands on another step the server's words stay. */
  function budget() {
    const box = form.querySelector(".f-money"), asked = facts.money;
    const wonIn = (key) => {
      const input = key && place(key)?.querySelector("[data-won]");
      return input ? wonOf(input.value, input.dataset.won) : undefined;
    };
    if (!box || !asked) return;
    const cost = wonIn(asked.cost), own = asked.own ? wonIn(asked.own) : 0n;
    if (cost === undefined || own === undefined) return;
    const write = (name, won) => {
      const line = box.querySelector(`[data-sum="${name}"]`);
      if (line) line.textContent = won === null ? "–" : inWords(won, facts.language);
    };
    write("cost", cost);
    write("own", own);
    const grant = cost === null || own === null || own > cost ? null : cost - own;
    write("grant", grant);
    const verdict = box.querySelector('[data-sum="verdict"]');
    let words_ = "", holds = "open";
    if (cost !== null && own !== null && own > cost) [words_, holds] = [say("ownOver"), "no"];
    else if (grant !== null && asked.match) {
      // At this cost: the smallest own share with own : grant at least as announced.
      const [ofGrant, ofOwn] = asked.match.map(BigInt), parts = ofGrant + ofOwn;
      const least = (cost * ofOwn + parts - 1n) / parts;
      holds = own >= least ? "yes" : "no";
      words_ = own >= least ? say("matchHolds") : say("matchLacks", {
        least: inWords(least, facts.language), lacking: inWords(least - own, facts.language),
      });
    }
    verdict.textContent = words_;
    box.dataset.holds = holds;
  }

  // -- saved or not --

  const line = document.querySelector("[data-save-state]");

  function set(next) {
    state = next;
    show();
  }

  function show() {
    const n = unsent.size;
    const here = {
      saved: () => say("saved", { time: clock() }),
      saving: () => say("saving"),
      busy: () => say("busy"),
      waiting: () => (n === 1 ? say("offlineOne") : say("offline", { n })),
      "signed-out": () => say("signIn"),
      failed: () => stuck,
    };
    line.dataset.state = state;
    line.textContent = !keeping && n ? say("notKept") : here[state]();
    if (state === "signed-out") line.append(" ", linked(facts.signIn, say("signInLink"), { target: "_blank", rel: "noopener" }));
    if (state === "failed" && elsewhere) line.append(" ", linked(elsewhere, say("showIt")));
  }

  const linked = (href, text, more = {}) => Object.assign(make("a", "", text), { href, ...more });

  const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

  // -- sending --

  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  }

  const ready = () => [...unsent].filter(([key, one]) => !conflicts.has(key) && !one.refused);

  /** As much as one request should carry; the rest goes with the next. */
  function some(waiting) {
    let size = 0;
    return waiting.slice(0, 200).filter(([, one], n) => (size += String(one.typed).length) < 400_000 || n === 0);
  }

  /** Everything that waits, in one request; a second one only when the first has its answer. */
  async function send({ overwrite = {}, leaving = false } = {}) {
    clearTimeout(timer);
    while (running && !leaving) await running;
    const batch = some(ready().sort(([one], [other]) => (other in overwrite) - (one in overwrite)));
    if (!batch.length) return;
    running = deliver(batch, overwrite, leaving);
    await running;
    running = null;
    if (!failures && state !== "signed-out" && state !== "failed" && ready().length) soon(REST_MS);
  }

  async function deliver(batch, overwrite, leaving) {
    if (state === "saved") set("saving");
    const body = {
      changes: Object.fromEntries(batch.map(([key, one]) => [key, one.typed])),
      base: Object.fromEntries(batch.map(([key, one]) => [key, one.base])),
      overwrite, step: facts.step,
    };
    try {
      const answer = await fetch(facts.save, {
        method: "POST", keepalive: leaving, body: JSON.stringify(body),
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
      });
      await answered(answer, batch);
    } catch {
      failed();
    }
  }

  async function answered(answer, batch) {
    if (answer.status === 401) return set("signed-out");
    if (answer.status === 403) return renew();
    if (answer.status === 404) return stop(say("gone"));
    if (answer.status === 422 || answer.status === 400) {
      return stop(say("refused", { why: (await answer.json()).reasons.join(" ") }));
    }
    if (answer.status !== 200 && answer.status !== 409) return failed(answer);
    const found = await answer.json();
    failures = 0;
    for (const [key, one] of batch) {
      if (key in found.saved) done(key, one, found.saved[key]);
    }
    for (const one of found.conflicts) met(one);
    for (const one of found.refused) {
      if (unsent.has(one.key)) unsent.get(one.key).refused = true;
      faults(one.key, [one.text]);
    }
    for (const one of found.noted) note(one.key, one.text);
    reached(found.revision);
    draw(found.page, new Set(found.refused.map((one) => one.key)));
    settle();
  }

  /** Ours was the only change since we last heard; otherwise somebody else saved too, and we ask what. */
  function reached(newer) {
    if (newer <= revision + 1) revision = Math.max(revision, newer);
    else setTimeout(ask);
  }

  /** One place has reached the server; what was typed since stays unsent, on the new revision. */
  function done(key, sent, newer) {
    if (place(key)) place(key).dataset.rev = newer;
    const now = unsent.get(key);
    if (!now) return;
    if (same(now.typed, sent.typed)) {
      unsent.delete(key);
      kept.drop(key).catch(() => {});
    } else {
      now.base = newer;
      kept.put(key, { typed: now.typed, base: newer }).catch(() => {});
    }
  }

  function settle() {
    const refused = [...unsent.values()].filter((one) => one.refused).length;
    if (refused) stop(say("notTaken"));
    else if (conflicts.size) stop(say("choose"));
    else if (elsewhere) stop(say("elsewhere"));
    else set(unsent.size ? "saving" : "saved");
  }

  /** Kept, and sent again: after a growing wait, or after the one that a busy site asks for. */
  function failed(answer) {
    const asked = 1000 * (Number(answer?.headers.get("Retry-After")) || 0);
    set(asked ? "busy" : "waiting");
    soon(Math.max(asked, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]));
    failures += 1;
  }

  function stop(words_) {
    stuck = words_;
    set("failed");
  }

  /** A new token (after signing in again in another tab), if it is still the same person. */
  async function renew() {
    const answer = await fetch(`${facts.changes}?token=1`, { headers: { Accept: "application/json" } });
    if (answer.status === 401) return set("signed-out");
    if (!answer.ok) return failed(answer);
    const found = await answer.json();
    if (found.person !== facts.person) return stop(say("otherPerson"));
    csrf = found.token;
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = csrf;
    set("saving");
    soon(failures ? WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] : 0); // a token that is refused again is no hurry
    failures += 1;
  }

  addEventListener("online", () => { failures = 0; send(); });
  addEventListener("pagehide", () => send({ leaving: true }));
  addEventListener("beforeunload", (event) => {
    if (uploads || unsent.size && (["waiting", "busy", "failed", "signed-out"].includes(state) || !keeping)) event.preventDefault();
  });

  // -- what others wrote --

  setInterval(() => { if (document.visibilityState === "visible") ask(); }, POLL_MS);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") ask(); });

  let asking = false;

  async function ask() {
    if (asking || running) return;
    asking = true;
    try {
      const answer = await fetch(`${facts.changes}?since=${revision}&step=${encodeURIComponent(facts.step)}`, { headers: { Accept: "application/json" } });
      if (answer.status === 401) return set("signed-out");
      if (state === "signed-out") await renew();
      if (state === "waiting" && unsent.size && answer.ok) send();
      if (answer.status !== 200) return;
      const found = await answer.json();
      for (const one of found.changes) heard(one);
      revision = Math.max(revision, found.revision);
      draw(found.page);
    } catch {
      if (unsent.size) set("waiting");
    } finally {
      asking = false;
    }
  }

  function heard(one) {
    const here = place(one.key);
    if (!here || Number(here.dataset.rev) >= one.revision) return;
    if (unsent.has(one.key)) {
      if (!same(unsent.get(one.key).typed, one.typed)) met(one);
      return;
    }
    if (here.dataset.control === "file") fetchPlace(one.key);
    if (same(valueOf(one.key), one.typed) || ["rows", "file"].includes(here.dataset.control)) {
      here.dataset.rev = one.revision;
      return;
    }
    if (here.contains(document.activeElement)) {
      return met(one, false); // somebody is about to write here: shown, not swapped under the cursor
    }
    put(one.key, one.typed);
    here.dataset.rev = one.revision;
    note(one.key, say("changedBy", { by: one.by, time: one.at }));
  }

  const note = (key, text) => place(key)?.querySelector("[data-news]")?.replaceChildren(make("p", "f-changed", text));

  // -- two versions --

  /** Both versions beside each other; nothing of this place is sent until somebody has chosen. */
  function met(one) {
    const here = place(one.key);
    if (!here) {
      unsent.delete(one.key); // it stays on this device, and is asked again where the place is
      elsewhere = one.url;
      return;
    }
    conflicts.set(one.key, one);
    if (!unsent.has(one.key)) unsent.set(one.key, { typed: valueOf(one.key), base: Number(here.dataset.rev), count: 0 });
    const box = make("div", "f-conflict");
    box.setAttribute("role", "alert");
    box.append(make("p", "", say("conflict", { by: one.by, time: one.at })));
    const versions = make("dl", "f-conflict-versions");
    for (const [name, text] of [[say("yours"), spoken(one.key)], [say("theirs"), one.text]]) {
      const part = make("div");
      part.append(make("dt", "", name), make("dd", "", text || say("empty")));
      part.lastChild.dir = "auto";
      versions.append(part);
    }
    const tools = make("p", "f-conflict-tools");
    for (const [name, act] of [["keepMine", () => keepMine(one)], ["takeTheirs", () => takeTheirs(one)]]) {
      const button = make("button", "krds-btn secondary small", say(name));
      button.type = "button";
      button.addEventListener("click", act);
      tools.append(button);
    }
    box.append(versions, tools);
    here.querySelector("[data-news]").replaceChildren(box);
  }

  const make = (tag, name = "", text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });

  /** What stands in a place, as its reader sees it. */
  function spoken(key) {
    const found = controls(key);
    const chosen = found.filter((one) => one.checked).map((one) => one.closest("label").textContent.trim());
    if (found[0]?.type === "radio" || isMany(key)) return chosen.join(", ");
    return found[0]?.tagName === "SELECT" ? found[0].selectedOptions[0]?.textContent ?? "" : String(valueOf(key));
  }

  function chosen(one) {
    conflicts.delete(one.key);
    place(one.key).querySelector("[data-news]").replaceChildren();
    place(one.key).querySelector("input, textarea, select")?.focus();
  }

  function keepMine(one) {
    chosen(one);
    const mine = { typed: valueOf(one.key), base: one.revision, count: 0 };
    unsent.set(one.key, mine);
    kept.put(one.key, { typed: mine.typed, base: mine.base }).catch(() => {});
    send({ overwrite: { [one.key]: one.revision } });
  }

  function takeTheirs(one) {
    chosen(one);
    unsent.delete(one.key);
    kept.drop(one.key).catch(() => {});
    put(one.key, one.typed);
    place(one.key).dataset.rev = one.revision;
    settle();
  }

  // -- what the server says of the page --

  function faults(key, sentences) {
    const here = place(key), box = here?.querySelector(`[id="e-${CSS.escape(key)}"]`);
    if (!box) return;
    box.replaceChildren(...sentences.map((text) => make("p", "m-error", text)));
    here.classList.toggle("is-error", sentences.length > 0);
    for (const one of controls(key)) {
      if (sentences.length) one.setAttribute("aria-invalid", "true");
      else one.removeAttribute("aria-invalid");
    }
  }

  function draw(page, spared = new Set()) {
    if (!page) return;
    for (const [key, one] of Object.entries(page.places)) {
      const here = place(key);
      if (!here) continue;
      here.dataset.shown = one.shown ? "yes" : "no";
      if (!spared.has(key) && !unsent.get(key)?.refused) faults(key, one.faults);
      if (here.dataset.control === "rows") {
        const rows = [...here.querySelectorAll("[data-row]")].map((row) => row.dataset.row);
        if (!same(rows, one.rows)) fetchPlace(key);
        for (const [row, text] of Object.entries(one.notes)) {
          const badge = here.querySelector(`[data-row="${CSS.escape(row)}"] [data-row-note]`);
          if (badge) [badge.textContent, badge.hidden] = [text, !text];
        }
      }
    }
    swap("[data-beside]", page.beside);
    swap("[data-steps]", page.steps);
    document.querySelector("[data-missing-count]").textContent = document.querySelectorAll("[data-beside] li").length;
    if (!form.querySelector(".f-money")?.contains(document.activeElement)) swap("[data-money]", page.money);
    if ([...unsent.keys()].some((key) => place(key)?.querySelector("[data-won]"))) budget();
  }

  function swap(where, html) {
    const box = document.querySelector(where);
    if (box && box.innerHTML !== html && !box.contains(document.activeElement)) box.innerHTML = html;
  }

  async function fetchPlace(key) {
    try {
      const answer = await fetch(`${form.getAttribute("action")}?part=${encodeURIComponent(key)}`, { headers: { Accept: "text/html" } });
      if (answer.ok) replace(key, await answer.text());
    } catch { /* the next question asks again */ }
  }

  /** A place anew from the server, with what was typed since put back into it. */
  function replace(key, html) {
    const here = place(key);
    if (!here) return;
    const at = document.activeElement?.id;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    here.replaceWith(holder.content);
    for (const [one, { typed }] of unsent) if (one === key || one.startsWith(`${key}.`)) put(one, typed);
    for (const one of conflicts.values()) if (one.key === key || one.key.startsWith(`${key}.`)) met(one);
    if (at && document.activeElement === document.body) document.getElementById(at)?.focus();
    help(place(key));
    pieces?.then((one) => one.placed(key), () => {});
  }

  // -- buttons: rows, files, translations --

  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[name=do]") : null;
    if (!button) return;
    const [what] = button.value.split(" ");
    if (what === "attach") event.preventDefault(); // choosing the file has sent it
    else if (what === "next" || what === "save") {
      event.preventDefault();
      leave(what);
    } else {
      event.preventDefault();
      press(button);
    }
  });

  /** On to the next step once everything has arrived; without a line one stays, and nothing is lost. */
  async function leave(what) {
    await send();
    if (what === "next" && !unsent.size && !uploads) location.assign(facts.next);
    else show();
    const note = form.querySelector(".f-sending progress")?.closest("[data-upload]").querySelector("[data-upload-state]");
    if (what === "next" && note) {
      note.textContent = facts.uploads.say.stay;
      note.scrollIntoView({ block: "center" });
    }
  }

  async function press(button) {
    const values = new FormData();
    values.set("do", button.value);
    const text = button.closest("[data-translation]")?.querySelector("textarea");
    if (text) values.set(text.name, text.value);
    await send();
    const found = await post(values);
    if (!found) return;
    replace(found.key, found.html);
    reached(found.revision);
    draw(found.page);
    const [what, key, row] = button.value.split(" ");
    if (what === "add") document.getElementById(`p-${found.key}.${found.row}`)?.querySelector("input, select, textarea")?.focus();
    else if (what === "up" || what === "down") refocus([`up ${key} ${row}`, `down ${key} ${row}`], what);
    else if (what === "remove") place(found.key)?.querySelector("[data-undo]")?.focus();
    else if (what === "restore") document.getElementById(`p-${found.key}.${found.row || row}`)?.focus();
    else place(found.key)?.querySelector(text ? "summary" : "input, button")?.focus();
    if (text) place(found.key)?.querySelector(`[data-translation="${row}"]`)?.setAttribute("open", "");
  }

  function refocus(values, what) {
    const found = values.map((value) => form.querySelector(`button[value="${CSS.escape(value)}"]`)).filter((one) => one && !one.disabled);
    (found.find((one) => one.value.startsWith(what)) ?? found[0])?.focus();
  }

  async function post(values) {
    values.set("csrfmiddlewaretoken", csrf);
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: values, headers: { Accept: "application/json" } });
      if (answer.ok) return await answer.json();
      if ([413, 422, 429, 503].includes(answer.status)) stop((await answer.json()).reasons.join(" "));
      else if (answer.status === 403 || answer.status === 401) await renew();
      else stop(say("needsLine"));
    } catch {
      stop(say("needsLine"));
    }
    return null;
  }

  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input instanceof HTMLInputElement && input.type === "file" && input.files.length) picked(input);
  });

  /** A large file goes by pieces, so that a bad line costs little; a small one whole, in one request. */
  function picked(input) {
    const [file] = input.files, most = Number(input.closest("[data-upload]").dataset.most);
    if (file.size < facts.uploads.from || (most && file.size > most)) return upload(input);
    const key = input.name.slice("file:".length);
    input.value = "";
    byPieces().then((one) => one.send(key, file), () => stop(say("needsLine")));
  }

  /** What sends large files; it is loaded where there is one. */
  let pieces = null;

  function byPieces() {
    pieces ??= import(facts.uploads.script).then(({ Pieces }) => new Pieces({
      facts, place, attached,
      token: (newer) => (csrf = newer ?? csrf),
      count: (n) => { uploads += n; },
    }));
    pieces.catch(() => { pieces = null; }); // without a line now; with the next file again
    return pieces;
  }

  /** Large files that were on their way when this page was left. */
  function leftBehind() {
    try {
      const mine = `madang-upload/${facts.person}/${facts.draft}/`;
      if (Object.keys(localStorage).some((key) => key.startsWith(mine))) byPieces().then((one) => one.offer(), () => {});
    } catch { /* a browser that keeps nothing */ }
  }

  /** A file goes at once, with its progress; the place is drawn anew when it has arrived. */
  function upload(input) {
    const box = input.closest("[data-upload]"), [file] = input.files;
    const note = box.querySelector("[data-upload-state]"), most = Number(box.dataset.most);
    if (most && file.size > most) {
      note.textContent = say("tooLarge");
      return;
    }
    const values = new FormData();
    values.set("csrfmiddlewaretoken", csrf);
    values.set("do", `attach ${input.name.slice("file:".length)}`);
    values.set(input.name, file);
    const request = new XMLHttpRequest(); // fetch tells nothing of what has been sent
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      note.textContent = say("uploading", { name: file.name, n: Math.floor((100 * event.loaded) / event.total) });
    };
    uploads += 1;
    request.onloadend = () => { uploads -= 1; };
    request.onerror = () => { note.textContent = say("uploadFailed"); };
    request.onload = () => {
      const found = request.response;
      if (request.status === 200 && found) attached(found);
      else note.textContent = found?.reasons?.join(" ") || say("uploadFailed");
    };
    request.send(values);
  }

  /** The place with its new file, and what follows from it. */
  function attached(found) {
    replace(found.key, found.html);
    reached(found.revision);
    draw(found.page);
    place(found.key)?.querySelector(".f-files li:last-child a")?.focus();
  }

  // -- small helps --

  function help(root) {
    for (const box of root?.querySelectorAll("[data-country]") ?? []) finder(box);
  }

  /** Typing a few letters finds a country in its long list. */
  function finder(box) {
    const select = box.querySelector("select");
    if (box.querySelector(".f-find") || select.options.length < 20) return;
    const input = make("input", "krds-input medium f-find");
    Object.assign(input, { type: "search", placeholder: say("findCountry"), autocomplete: "off" });
    input.setAttribute("aria-label", `${say("findCountry")}: ${box.closest("[data-key]").querySelector(".f-name").textContent}`);
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      const asked = input.value.trim().toLocaleLowerCase();
      const options = [...select.options].slice(1);
      for (const one of options) one.hidden = Boolean(asked) && !one.textContent.toLocaleLowerCase().includes(asked) && one.value.toLocaleLowerCase() !== asked;
      const exact = options.find((one) => one.textContent.toLocaleLowerCase() === asked) ?? options.filter((one) => !one.hidden)[0];
      const left = options.filter((one) => !one.hidden);
      if (asked && exact && (left.length === 1 || exact.textContent.toLocaleLowerCase() === asked) && select.value !== exact.value) {
        select.value = exact.value;
        select.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    input.addEventListener("change", (event) => event.stopPropagation());
    box.prepend(input);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });

  // On a wide page what is missing stands open; older browsers need this, newer ones have it from the style sheet.
  if (matchMedia("(min-width: 900px)").matches) document.querySelector("[data-missing]").open = true;

  map(form, (input) => input.dispatchEvent(new Event("input", { bubbles: true })));
  help(form);
  begin();
  leftBehind();

  /** What this device kept from the last time is put back, and sent. */
  async function begin() {
    try {
      const found = await kept.all();
      let back = 0;
      for (const one of found) {
        if (unsent.has(one.key)) continue;
        if (place(one.key) && same(valueOf(one.key), one.typed)) { kept.drop(one.key).catch(() => {}); continue; }
        unsent.set(one.key, { typed: one.typed, base: one.base, count: 0 });
        put(one.key, one.typed);
        back += 1;
      }
      if (back) {
        line.textContent = back === 1 ? say("restoredOne") : say("restored", { n: back });
        line.dataset.state = state = "saving";
        soon(REST_MS);
      }
    } catch {
      keeping = false;
    }
    form.dataset.ready = "";
  }
}

// --- The map of a place -------------------------------------------------------------------------------------------------

const POINT = /^\s*(.*?)\s*\(\s*([+-]?\d{1,3}(?:\.\d+)?)\s*,\s*([+-]?\d{1,3}(?:\.\d+)?)\s*\)\s*$/s;

/** A point is set by a click, or by the arrow keys and Enter; it goes into the text of the place: `Name (lat, lon)`. */
function map(form, changed) {
  const views = new WeakMap();
  const parts = (event) => {
    const box = event.target instanceof Element ? event.target.closest("[data-map]") : null;
    return box && { box, frame: box.querySelector("[data-map-frame]"), svg: box.querySelector("svg"), input: box.closest("[data-key]").querySelector("input") };
  };

  function view(svg, input) {
    if (!views.has(svg)) {
      const found = POINT.exec(input.value);
      views.set(svg, { zoom: found ? 4 : 1, lat: found ? Number(found[2]) : 20, lon: found ? Number(found[3]) : 110 });
    }
    return views.get(svg);
  }

  function draw({ box, svg, input }) {
    const use = svg.querySelector("use"), at = view(svg, input);
    if (use.dataset.href) { use.setAttribute("href", use.dataset.href); delete use.dataset.href; }
    const width = 360 / at.zoom, height = 180 / at.zoom;
    const left = Math.min(Math.max(at.lon - width / 2, -180), 180 - width);
    const top = Math.min(Math.max(-at.lat - height / 2, -90), 90 - height);
    svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    const cross = svg.querySelector("[data-map-point]");
    cross.setAttribute("transform", `translate(${at.lon} ${-at.lat}) scale(${1.4 / at.zoom})`);
    box.querySelector("[data-map-told]").textContent = `${at.lat.toFixed(4)}, ${at.lon.toFixed(4)}`;
  }

  function write({ svg, input }) {
    const at = view(svg, input), name = POINT.exec(input.value)?.[1] ?? input.value.trim();
    const degrees = (number) => String(Number(number.toFixed(4)));
    input.value = `${name} (${degrees(at.lat)}, ${degrees(at.lon)})`.trim();
    changed(input);
  }

  form.addEventListener("toggle", (event) => {
    const found = event.target.matches?.("[data-map]") && parts(event);
    if (found?.box.open) { views.delete(found.svg); draw(found); }
  }, true);

  form.addEventListener("click", (event) => {
    const found = parts(event);
    if (!found) return;
    const at = view(found.svg, found.input), zoom = event.target.closest("[data-map-zoom]");
    if (zoom) at.zoom = zoom.dataset.mapZoom === "in" ? Math.min(at.zoom * 2, 64) : Math.max(at.zoom / 2, 1);
    else if (event.target.closest("[data-map-frame]")) {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(found.svg.getScreenCTM().inverse());
      at.lon = Math.min(Math.max(point.x, -180), 180);
      at.lat = Math.min(Math.max(-point.y, -90), 90);
      write(found);
    } else return;
    draw(found);
  });

  form.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-map-frame]")) return;
    const found = parts(event), at = view(found.svg, found.input), step = 4 / at.zoom;
    const moves = { ArrowLeft: [0, -step], ArrowRight: [0, step], ArrowUp: [step, 0], ArrowDown: [-step, 0] };
    if (event.key in moves) {
      at.lat = Math.min(Math.max(at.lat + moves[event.key][0], -90), 90);
      at.lon = Math.min(Math.max(at.lon + moves[event.key][1], -180), 180);
    } else if (event.key === "+" || event.key === "=") at.zoom = Math.min(at.zoom * 2, 64);
    else if (event.key === "-") at.zoom = Math.max(at.zoom / 2, 1);
    else if (event.key === "Enter") write(found);
    else return;
    event.preventDefault();
    draw(found);
  });
}
