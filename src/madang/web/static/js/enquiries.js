// Progressive help only: tells how many characters a text has, in every script, while it is typed.

const counted = new Intl.NumberFormat(document.documentElement.lang);

/** The line under a text says how many of its characters are used. */
function tell(area) {
  const line = document.getElementById(`${area.id}-most`);
  if (!line) return;
  const most = Number(area.dataset.most);
  const used = [...area.value.normalize("NFC").trim()].length; // as the office counts: characters, not UTF-16 units
  line.textContent = `${counted.format(used)} / ${counted.format(most)}`;
  line.toggleAttribute("data-over", used > most);
}

document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLTextAreaElement && event.target.dataset.most) tell(event.target);
});

for (const area of document.querySelectorAll("textarea[data-most]")) tell(area);
