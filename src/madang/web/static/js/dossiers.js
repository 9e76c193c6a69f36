/* The list of applications: choose a whole page at once, and say how many are chosen. */

const forms = () => document.querySelectorAll("form[data-picks]");

function told(form) {
  const boxes = [...form.querySelectorAll('input[name="one"]')];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-pick-all]");
  const line = form.querySelector("[data-picked]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  if (line) {
    line.hidden = chosen === 0;
    line.textContent = line.dataset.say ? line.dataset.say.replace("{n}", String(chosen)) : String(chosen);
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-picks]");
  if (!form) return;
  if (event.target.matches("[data-pick-all]")) {
    for (const box of form.querySelectorAll('input[name="one"]')) box.checked = event.target.checked;
  }
  told(form);
});

for (const form of forms()) {
  const all = form.querySelector("[data-pick-all]");
  if (all) all.hidden = false;
  told(form);
}
