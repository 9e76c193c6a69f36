// Beside a document: brings the bytes of a PDF to the frame that shows it, and says what goes wrong.
//
// The frame has no origin and no line to anywhere: it gets its bytes once, and of our own files only the character
// maps and fonts that it asks for by name.

const PARTS = { cMapUrl: /^cmaps\/[\w-]{1,40}\.bcmap$/, standardFontDataUrl: /^fonts\/Foxit\w{1,30}\.pfb$/ };
const FOLDERS = { cMapUrl: "cmaps/", standardFontDataUrl: "fonts/" };
const PATIENCE_MS = 20_000; // for the frame to say that it is there

for (const box of document.querySelectorAll("[data-pdf]")) if (box.querySelector("[data-pdf-frame]")) show(box);

function show(box) {
  const frame = box.querySelector("[data-pdf-frame]"), line = box.querySelector("[data-pdf-state]");
  const say = (name, n = "") => { line.textContent = name ? box.dataset[`say${name}`].replace("{n}", n) : ""; };
  const end = (name) => {
    box.dataset.state = "failed";
    say(name);
    frame.hidden = true;
  };

  const here = new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Failed("Failed")), PATIENCE_MS);
    addEventListener("message", function heard(event) {
      if (event.source !== frame.contentWindow || event.data?.pdf !== "ready") return;
      removeEventListener("message", heard);
      clearTimeout(patience);
      resolve();
    });
    frame.contentWindow.postMessage({ pdf: "there?" }, "*"); // it may have said so before this script was here
  });

  box.querySelector("[data-pdf-without]").remove(); // an older style sheet's browser would show it beside
  say("Loading");
  Promise.all([fetched(box.dataset.pdf, (n) => say("Part", n)), here]).then(([bytes]) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      if (data.ask) part(box.dataset.parts, data).then((found) => port1.postMessage({ answer: data.ask, bytes: found }));
      else if (data.shown) {
        box.dataset.state = "shown";
        say("");
      } else if (data.failed) end({ damaged: "Damaged", password: "Password" }[data.failed] ?? "Failed");
    };
    // The frame has no origin that could be named. It is still ours: this page's policy lets it go nowhere else.
    frame.contentWindow.postMessage({ pdf: "show", bytes }, "*", [port2, bytes]);
  }).catch((error) => end(error instanceof Failed ? error.message : "Line"));
}

class Failed extends Error {}

/** The whole file, as the person who reads; how far it is, in hundredths. */
async function fetched(address, told) {
  const answer = await fetch(address, { headers: { Accept: "application/octet-stream" } });
  if (answer.redirected || !answer.ok) throw new Failed(answer.status >= 500 ? "Line" : "Gone");
  const all = Number(answer.headers.get("Content-Length")), reader = answer.body.getReader(), pieces = [];
  let length = 0, said = 0;
  for (let one = await reader.read(); !one.done; one = await reader.read()) {
    pieces.push(one.value);
    length += one.value.length;
    const n = Math.floor((100 * length) / all);
    if (all > 2_000_000 && n >= said + 10) told((said = n));
  }
  return new Blob(pieces).arrayBuffer();
}

/** One of pdf.js' own files; nothing for any other name. */
async function part(folder, { kind, name }) {
  const path = `${FOLDERS[kind]}${name}`;
  if (!PARTS[kind]?.test(path)) return null;
  try {
    const answer = await fetch(folder + path);
    return answer.ok ? await answer.arrayBuffer() : null;
  } catch {
    return null;
  }
}
