// What the scripts of the page's HTML parts have in common; it stands around them and runs once.

const partOf = (element) => element.closest("[id]:not([id^='html-'])")?.id ?? "";
const number = (button, name) => Number.parseInt(button.dataset[name], 10);
const behaviour = () =>
  window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

// A selector that finds a control again when what holds it is drawn anew; empty where there is none.
const keyOf = (target) => {
  if (target.id) return `[id="${CSS.escape(target.id)}"]`;
  if (target.tagName === "SUMMARY") {
    return `details[data-keep="${CSS.escape(target.parentElement.dataset.keep ?? "")}"] > summary`;
  }
  const names = Object.entries(target.dataset).map(
    ([name, value]) =>
      `[data-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}="${CSS.escape(value)}"]`,
  );
  return names.length ? target.tagName.toLowerCase() + names.join("") : "";
};

// What the parts of a tab keep for the person while they are drawn anew: where the keyboard is, which
// sections are unfolded, which question is open.
const memories = {};
const remembering = (element, tab) => {
  const kept = (memories[tab] ??= { at: "", open: new Map(), asking: "" });
  element.addEventListener("focusin", (event) => {
    kept.at = keyOf(event.target);
  });
  element.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("button, input, select, textarea, summary, a, label")) kept.at = "";
  });
  element.addEventListener(
    "toggle",
    (event) => {
      const { keep } = event.target.dataset;
      if (keep && event.target.isConnected) kept.open.set(keep, event.target.open);
    },
    true,
  );
  return kept;
};

const unfoldAgain = (element, kept) => {
  for (const details of element.querySelectorAll("details[data-keep]")) {
    if (kept.open.has(details.dataset.keep)) details.open = kept.open.get(details.dataset.keep);
  }
};

// Asking before something is removed: the question stands in place of the button.
const confirmRemoval = (button, asking, kept) => {
  const place = button.closest(".removal");
  place.querySelector(".confirm").hidden = !asking;
  const ask = place.querySelector("[data-act='ask-remove']");
  ask.hidden = asking;
  (asking ? place.querySelector("[data-act='keep']") : ask).focus();
  kept.asking = asking ? keyOf(ask) : "";
};

const askAgain = (element, kept) => {
  const ask = kept.asking && element.querySelector(`.removal ${kept.asking}`);
  if (!ask) return;
  ask.hidden = true;
  ask.closest(".removal").querySelector(".confirm").hidden = false;
};

// Enter also ends what is being composed of several keys, as Japanese is; Safari says so by a key of its own.
const composing = (event) => event.isComposing || event.keyCode === 229;

// Answers of the server may overtake each other: they are numbered, and what is older is not drawn over what is newer.
const numberOf = (html) => Number(/^<div[^>]* data-draw="(\d+)"/.exec(html)?.[1] ?? 0);
