// SPDX-License-Identifier: Apache-2.0
//
// The screen of the second verifier: a chosen file is checked in this browser, in a worker, and nothing is sent. On the
// site the page gives words and the worker's address in the form's data; the offline file has all in itself and no
// worker. What a file holds is put on the page as text only (textContent), never as HTML.
(function () {
  "use strict";

  const form = document.querySelector("[data-verify]");
  if (!form) return;
  const WORDS = JSON.parse(document.getElementById("verify-words").textContent);
  const language = document.documentElement.lang === "ko" ? "ko" : "en";
  const screen = document.getElementById("verify-here"), told = document.getElementById("verify-told"), bar = document.getElementById("verify-bar");
  const field = (name) => form.elements.namedItem(name);
  const MOST = 20;
  let worker = null, round = 0;

  // -- words: the sentences of madang.words, with their Korean particles ---------------------------------------------

  const PARTICLES = { "은": ["은", "는"], "이": ["이", "가"], "을": ["을", "를"], "과": ["과", "와"], "으로": ["으로", "로"], "이라는": ["이라는", "라는"] };
  function particle(word, kind) {
    const last = [...word].reverse().find((letter) => /[\p{L}\p{N}]/u.test(letter)) || "";
    const [consonant, vowel] = PARTICLES[kind];
    if (last >= "가" && last <= "힣") {
      const final = (last.codePointAt(0) - 0xac00) % 28;
      return final && !(kind === "으로" && final === 8) ? consonant : vowel;
    }
    if (/\d/.test(last)) return "013678".includes(last) && !(kind === "으로" && "178".includes(last)) ? consonant : vowel;
    return /[lmnr]/i.test(last) && !(kind === "으로" && /[lr]/i.test(last)) ? consonant : vowel;
  }
  function shown(name, value) {
    if (Array.isArray(value)) return value.slice(0, 12).map(String).join(", ") + (value.length > 12 ? `, … (+${value.length - 12})` : "");
    if (typeof value === "number" && name.endsWith("_krw")) return value.toLocaleString("en-US");
    return value === undefined ? "?" : String(value);
  }
  function say(code, params = {}) {
    const entry = WORDS[code];
    if (!entry) return `${code} ${JSON.stringify(params)}`;
    const text = typeof entry === "string" ? entry : entry[language];
    return text.replace(/\{(\w+)(?::(~?)(\p{L}+))?\}/gu, (_, name, alone, kind) => {
      const word = shown(name, params[name]);
      return kind && PARTICLES[kind] ? (alone ? "" : word) + particle(word, kind) : word;
    });
  }
  const checkName = (check) => say(WORDS[`check_${check}`] ? `check_${check}` : `js_check_${check}`);

  // -- the check -----------------------------------------------------------------------------------------------------

  const textOf = async (input) => Promise.all([...((input && input.files) || [])].map((file) => file.text()));

  /** A key that is none is refused before anything is checked: or a green answer would seem to rest on it. */
  function keyIsWrong() {
    const given = field("key").value.replace(/\s/g, "");
    const wrong = Boolean(given) && !/^[0-9a-fA-F]{64}$/.test(given);
    field("key").setAttribute("aria-invalid", String(wrong));
    return wrong;
  }

  async function check() {
    const mine = ++round, file = field("record").files[0];
    if (!file) return;
    if (worker) worker.terminate();
    screen.hidden = false;
    screen.querySelector("[data-result]").replaceChildren();
    bar.hidden = false;
    told.textContent = say("js_page_reading");
    if (keyIsWrong()) { bar.hidden = true; told.textContent = say("js_page_key_wrong"); field("key").focus(); return; }
    const key = field("key").value.replace(/\s/g, "").toLowerCase(), keyGiven = /^[0-9a-f]{64}$/.test(key);
    const [text] = await textOf(field("record")), receipts = await textOf(field("receipt")), [anchorText] = await textOf(field("anchor"));
    if (mine !== round) return;
    const asked = { text, receipts, anchorText, key: keyGiven ? key : undefined };
    const end = (result) => { if (mine === round) tell(file.name, result, key && !keyGiven); };
    if (!form.dataset.worker) { setTimeout(() => end(globalThis.MadangVerify.verifyRecord(asked.text, asked)), 30); return; }
    worker = new Worker(form.dataset.worker);
    worker.onmessage = ({ data }) => {
      if (data.progress) told.textContent = say("js_page_checking", { check: checkName(data.progress) });
      else { worker.terminate(); end(data.result); }
    };
    worker.onerror = () => { bar.hidden = true; told.textContent = say("js_page_too_old"); };
    worker.postMessage(asked);
  }

  // -- what it found -------------------------------------------------------------------------------------------------

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key === "class") made.className = value;
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const TONES = { holds: "done", fails: "danger", not_checked: "wait" };

  function finding({ check: name, state, reasons }) {
    const head = element("p", { class: "m-finding-head" }, element("span", { class: "m-badge", "data-tone": TONES[state] }, say(`state_${state}`)), " ",
      element("strong", {}, checkName(name)));
    const lines = reasons.slice(0, MOST).map(({ code, params }) => element("p", { class: "m-finding-text" }, say(code, params)));
    if (reasons.length > MOST) lines.push(element("p", { class: "m-note" }, say("js_page_more", { count: reasons.length - MOST })));
    return element("li", { "data-state": state }, head, ...lines);
  }

  function tell(name, result, keyWrong) {
    bar.hidden = true;
    const unjudged = result.findings.some((finding) => finding.check === "authenticity");
    const verdict = [unjudged ? "verdict_holds_unjudged" : "verdict_holds", "verdict_fails", "verdict_unreadable"][result.exit_code];
    const parts = [element("h2", { id: "verify-verdict" }, say(verdict)), element("p", { class: "m-break" }, name)];
    if (result.edition) parts.push(element("p", {}, say(`js_page_edition_${result.edition}`)), element("p", { class: "m-break" }, say("js_page_root", { root: result.root })));
    if (keyWrong) parts.push(element("p", { class: "m-error" }, say("js_page_key_wrong")));
    const faults = result.faults.slice(0, MOST).map(({ code, at, params }) => element("li", {}, (at ? `${at}: ` : "") + say(code, params)));
    if (faults.length) parts.push(element("ul", { class: "m-plain" }, ...faults));
    const order = [...result.findings].sort((a, b) => (b.state === "fails") - (a.state === "fails"));
    if (order.length) parts.push(element("ol", { class: "m-findings" }, ...order.map(finding)));
    const box = element("section", { class: "m-verdict", "data-tone": result.exit_code ? "danger" : "success", "aria-labelledby": "verify-verdict" }, ...parts);
    screen.querySelector("[data-result]").replaceChildren(box);
    told.textContent = `${say("js_page_not_sent")} ${say(verdict)}`;
  }

  // -- events --------------------------------------------------------------------------------------------------------

  for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
  form.addEventListener("change", (event) => { if (event.target.matches("input[type=file], #key")) check(); });
  form.querySelector("[data-check-here]").addEventListener("click", () => {
    if (field("record").reportValidity()) check();
  });
})();
