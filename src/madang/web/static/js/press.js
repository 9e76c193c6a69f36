// The press. Without this file the button sends the form, and the receipt or the reasons come as a page.
//
// With it the press is sent again by itself until there is an answer: it is the same press however often it arrives, and
// the page says at every moment what is known and what is not. What was typed last on this device goes first.

const WAITS_MS = [1000, 2000, 4000, 8000, 15000]; // after each failure in turn
const PATIENCE_MS = 30_000; // for one answer
const SLOW_MS = 5000; // after which the page says that it still waits
const CHECK_MS = 4000; // between two questions whether somebody has signed in again

const told = document.getElementById("f-press");
const form = document.querySelector("[data-press]");
if (told && form) start(JSON.parse(told.textContent));

function start(facts) {
  const button = form.querySelector("button"), box = form.querySelector("[data-press-state]");
  const refusal = form.querySelector("[data-press-refused]");
  const say = (name, values = {}) => facts.say[name].replace(/\{(\w+)\}/g, (_, word) => values[word] ?? "");
  const make = (tag, name = "", text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });
  let pressed = null, hurry = null, leavingWell = false;

  const clock = (at) => at.toLocaleTimeString("en-GB");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (hurry) hurry(); // it waits to be sent again: now, then
    if (!pressed) press();
  });

  addEventListener("online", () => hurry?.());
  addEventListener("beforeunload", (event) => { if (pressed && !leavingWell) event.preventDefault(); });

  // -- one press, sent until it has its answer --

  async function press({ first = true } = {}) {
    pressed = new Date();
    button.setAttribute("aria-disabled", "true");
    refusal.hidden = true;
    if (first && !(await flushed())) return;
    for (let attempt = 0; ; attempt += 1) {
      const shown = attempt ? [say("again", { n: attempt + 1 }), say("idempotent")] : [say("sending", { time: clock(pressed) })];
      show("sending", shown);
      const slow = setTimeout(() => show("sending", [...shown, say("slow", { seconds: Math.round((Date.now() - pressed) / 1000) })]), SLOW_MS);
      const answer = await ask();
      clearTimeout(slow);
      if (answer && await settled(answer)) return;
      if (answer?.status === 401 || answer?.status === 403) continue; // signed in again, or a new token: at once
      const asked = Number(answer?.headers.get("Retry-After")) * 1000 || 0;
      await wait(Math.max(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)], Math.min(asked, 60_000)), answer ? "busy" : "line");
    }
  }

  /** The answer, or nothing where there was none. */
  async function ask() {
    try {
      return await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error",
        headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      return null;
    }
  }

  /** Whether this answer ends the press. */
  async function settled(answer) {
    const found = answer.headers.get("Content-Type")?.includes("json") ? await answer.json().catch(() => null) : null;
    if (answer.status === 200 && found) {
      show("filed", [say("filed", { arrived: found.arrived })]);
      leavingWell = true;
      location.assign(found.url);
      return true;
    }
    if ((answer.status === 422 || answer.status === 403) && found) return refused(found);
    if (answer.status === 404) return refused({ reasons: [say("gone")] });
    if (answer.status === 401) return !(await signedIn());
    if (answer.status === 403) return !(await renewed());
    return false;
  }

  function refused(found) {
    const list = make("ul");
    for (const reason of found.reasons) list.append(make("li", "", reason));
    refusal.replaceChildren(make("p", "m-alert-title", say("refused")), list);
    if (found.late) refusal.append(make("p", "p-soft", say("firstTried", { time: clock(pressed) })));
    refusal.hidden = false;
    stop();
    refusal.focus();
    return true;
  }

  function stop() {
    pressed = null;
    box.hidden = true;
    button.removeAttribute("aria-disabled");
  }

  // -- waiting --

  /** Until it is time again, the line is back, or somebody is in a hurry. Counts down in words. */
  function wait(ms, why) {
    const until = Date.now() + ms, tools = make("p", "p-state-tools");
    const now = Object.assign(make("button", "krds-btn secondary small", say("now")), { type: "button" });
    const line = make("p"), left = () => Math.max(1, Math.ceil((until - Date.now()) / 1000));
    tools.append(now);
    const tell = () => { line.textContent = say(why, { seconds: left() }); };
    tell();
    show("waiting", [], [line, make("p", "p-soft", say("idempotent")), tools]);
    return new Promise((resolve) => {
      const ticking = setInterval(() => (Date.now() >= until ? hurry?.() : tell()), 500);
      hurry = () => { clearInterval(ticking); hurry = null; resolve(); };
      now.addEventListener("click", () => hurry?.());
    });
  }

  function show(state, sentences, parts = []) {
    box.dataset.state = state;
    const bar = state === "sending" ? [make("progress")] : [];
    if (bar.length) bar[0].setAttribute("aria-label", sentences[0]);
    box.replaceChildren(...sentences.map((text) => make("p", "", text)), ...parts, ...bar);
    box.hidden = false;
  }

  // -- who presses --

  async function known() {
    try {
      const answer = await fetch(`${facts.changes}?token=1`, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /** A new token, if it is still the same person; says so where it is not. */
  async function renewed() {
    const found = await known();
    if (found && found.person !== facts.person) return !refused({ reasons: [say("otherPerson")] });
    if (found) form.elements.csrfmiddlewaretoken.value = found.token;
    return true;
  }

  /** Waits until somebody has signed in again in another tab. */
  async function signedIn() {
    const link = Object.assign(make("a", "krds-btn secondary small", say("signInLink")), { href: facts.signIn, target: "_blank", rel: "noopener" });
    const tools = make("p", "p-state-tools");
    tools.append(link);
    show("waiting", [say("signedOut")], [tools]);
    while (!(await known())) {
      await new Promise((resolve) => { hurry = resolve; setTimeout(resolve, CHECK_MS); });
      hurry = null;
    }
    return renewed();
  }

  // -- what was typed last on this device --

  const store = (async () => {
    const { Kept } = await import(facts.form);
    return new Kept(facts.draft, facts.person);
  })();

  /** Sends what this device still keeps. Gives the status of the answer (0: there was none), and what is left. */
  async function flush(kept) {
    const found = await kept.all();
    if (!found.length) return { status: 200, saved: 0, left: 0 };
    const body = {
      changes: Object.fromEntries(found.map((one) => [one.key, one.typed])),
      base: Object.fromEntries(found.map((one) => [one.key, one.base])), step: "",
    };
    let answer = null;
    try {
      answer = await fetch(facts.save, {
        method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS),
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
      });
    } catch {
      return { status: 0, saved: 0, left: found.length };
    }
    if (answer.status !== 200 && answer.status !== 409) return { status: answer.status, saved: 0, left: found.length };
    const { saved, revision } = await answer.json();
    const arrived = found.filter((one) => one.key in saved);
    for (const one of arrived) await kept.drop(one.key);
    form.elements.seen.value = revision;
    return { status: answer.status, saved: arrived.length, left: found.length - arrived.length };
  }

  /** Before a press. Where something could not be saved nothing is filed before somebody has looked, or says so. */
  async function flushed() {
    let kept;
    try {
      kept = await store;
      if (!(await kept.all()).length) return true;
    } catch {
      return true; // this browser keeps nothing
    }
    for (let attempt = 0; ; attempt += 1) {
      show("sending", [say("flushing")]);
      const { status, left } = await flush(kept);
      if (!left) return true;
      if (status === 401 ? await signedIn() : status === 403 && await renewed()) continue;
      if (!pressed) return false;
      if (status && status < 500 && status !== 429) return stuck(left);
      await wait(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)], "flushLine");
    }
  }

  function stuck(left) {
    refusal.replaceChildren(make("p", "m-alert-title", left === 1 ? say("stuckOne") : say("stuck", { n: left })));
    const tools = make("p", "p-state-tools");
    const anyway = Object.assign(make("button", "krds-btn tertiary small", say("without")), { type: "button" });
    anyway.addEventListener("click", () => press({ first: false }));
    tools.append(Object.assign(make("a", "krds-btn secondary small", say("toForm")), { href: facts.first }), anyway);
    refusal.append(tools);
    refusal.hidden = false;
    stop();
    refusal.focus();
    return false;
  }

  // What waits on this device belongs into this page before anybody reads it.
  (async () => {
    try {
      if ((await flush(await store)).saved && !pressed) return location.reload();
    } catch { /* this browser keeps nothing */ }
    form.dataset.ready = "";
  })();
}
