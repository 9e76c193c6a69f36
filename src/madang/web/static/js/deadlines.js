// A deadline in the reader's own zone, and what is left of it within its last 48 hours, by the server's clock: a reader's
// own clock may be wrong. Without this file the page tells the moment in the call's zone and in UTC.

const LAST = 48 * 3600 * 1000; // before that, days are told, and no countdown
const MINUTE = 60 * 1000;

/** How many milliseconds the server's clock is ahead of ours: its answer is taken to be of the middle of the way. */
async function ahead(address) {
  const before = Date.now(), started = performance.now();
  const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
  const { now } = await answer.json();
  return now - (before + (performance.now() - started) / 2);
}

/** The moment as this reader's wall clock shows it. */
function yours(moment) {
  const told = { dateStyle: "full", timeStyle: "short" };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${new Intl.DateTimeFormat(document.documentElement.lang, told).format(moment)} (${zone})`;
}

/** Write what is left, every minute; for screen readers only when another hour has gone. */
function count(place, moment, offset) {
  const shown = place.querySelector(".p-left"), said = place.querySelector("[data-said]");
  if (!shown) return;
  let hour = -1;
  const tick = () => {
    const left = moment - (Date.now() + offset);
    if (left > LAST) {
      setTimeout(tick, Math.min(left - LAST, 2 ** 31 - 1));
      return;
    }
    const minutes = Math.max(0, Math.floor(left / MINUTE)), hours = Math.floor(minutes / 60);
    const text = left <= 0 ? place.dataset.over
      : place.dataset.left.replace("{hours}", hours).replace("{minutes}", minutes % 60);
    shown.textContent = text;
    shown.hidden = false;
    if (hours !== hour || left <= 0) said.textContent = text;
    hour = hours;
    if (left > 0) setTimeout(tick, left % MINUTE + 50);
  };
  tick();
}

async function start(place) {
  const moment = Date.parse(place.dataset.moment);
  place.querySelector("[data-yours]").textContent = yours(moment);
  place.querySelector(".p-yours").hidden = false;
  let offset = 0;
  try {
    offset = await ahead(place.dataset.clock);
  } catch {
    return; // no countdown by a clock that nobody has checked
  }
  count(place, moment, offset);
}

for (const place of document.querySelectorAll("[data-moment]")) start(place);
