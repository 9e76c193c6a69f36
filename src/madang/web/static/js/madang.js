// Progressive help only: every page works without this file. Events are taken at the document, so that parts swapped
// in later work too. Two things: dropping a file onto a file input, and copying a hash.

const SHOWN = "data-over";

/** The drop area around an event's target, if any. */
const dropArea = (event) => event.target instanceof Element ? event.target.closest("[data-drop]") : null;

document.addEventListener("dragover", (event) => {
  const area = dropArea(event);
  if (!area) return;
  event.preventDefault();
  area.setAttribute(SHOWN, "");
});

document.addEventListener("dragleave", (event) => {
  const area = dropArea(event);
  if (area && !area.contains(event.relatedTarget)) area.removeAttribute(SHOWN);
});

document.addEventListener("drop", (event) => {
  const area = dropArea(event);
  if (!area) return;
  event.preventDefault();
  area.removeAttribute(SHOWN);
  const input = area.querySelector("input[type=file]");
  const files = event.dataTransfer?.files;
  if (!input || !files?.length) return;
  const one = new DataTransfer();
  for (const file of input.multiple ? files : [files[0]]) one.items.add(file);
  input.files = one.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
});

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    select(button.previousElementSibling); // no clipboard on plain http: leave the text selected for Ctrl+C
    return;
  }
  const before = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = before; }, 2000);
});

/** Mark an element's text as selected. */
function select(element) {
  if (element) getSelection()?.selectAllChildren(element);
}

/** Buttons that need script are hidden in the HTML; show them, also in parts that arrive later. */
function reveal(root) {
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

reveal(document);
document.addEventListener("htmx:after:swap", () => reveal(document));
