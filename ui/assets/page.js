// Runs once in each of the page's HTML parts. `element`, `trigger` and `watch` come from Gradio;
// the names in quotes are the events that Python listens to: 'cite', 'example', 'more'. Numbers are
// taken from the buttons; Python looks them up in the tab's own session.

const part = element.closest("[id]:not([id^='html-'])")?.id ?? "";
const number = (button, name) => Number.parseInt(button.dataset[name], 10);
const wide = () => window.matchMedia("(min-width: 900px)").matches;
const behaviour = () =>
  window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

const markOpened = (button) => {
  for (const other of document.querySelectorAll("[aria-current='true'][data-act]")) {
    other.removeAttribute("aria-current");
  }
  button.setAttribute("aria-current", "true");
};

const backToAnswer = () => {
  const button = document.querySelector("[aria-current='true'][data-act]");
  if (!button) return;
  button.focus({ preventScroll: true });
  button.scrollIntoView({ block: "center", behavior: behaviour() });
};

const acts = {
  footnote: (button) => {
    markOpened(button);
    trigger("cite", { kind: "footnote", turn: number(button, "turn"), n: number(button, "n") });
  },
  passage: (button) => {
    markOpened(button);
    trigger("cite", { kind: "passage", turn: number(button, "turn"), n: number(button, "n") });
  },
  example: (button) => trigger("example", { text: button.textContent }),
  library: () => document.querySelector("#library-tab-button")?.click(),
  more: () => trigger("more", {}),
  back: backToAnswer,
};

// Hovering or focusing a footnote's number shows its passage: a copy of the note below the answer, which
// Python has made safe. What is copied loses its ids and its part in clicking and reading aloud.
const card = () => {
  let shown = document.querySelector("#hover-card");
  if (!shown) {
    shown = document.createElement("div");
    shown.id = "hover-card";
    shown.setAttribute("aria-hidden", "true");
    shown.hidden = true;
    element.closest(".gradio-container").append(shown);
  }
  return shown;
};

const hideCard = () => {
  const shown = document.querySelector("#hover-card");
  if (shown) shown.hidden = true;
};

const showCard = (mark) => {
  const note = mark
    .closest("article")
    ?.querySelector(`ol.notes button[data-n="${number(mark, "n")}"]`);
  if (!note) return;
  const shown = card();
  shown.replaceChildren(...[...note.childNodes].map((node) => node.cloneNode(true)));
  shown.hidden = false;
  const at = mark.getBoundingClientRect();
  const size = shown.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left - 24), window.innerWidth - size.width - 8);
  const above = at.top - size.height - 8;
  shown.style.left = `${left}px`;
  shown.style.top = `${above > 8 ? above : at.bottom + 8}px`;
};

for (const [begins, ends] of [
  ["pointerover", "pointerout"],
  ["focusin", "focusout"],
]) {
  element.addEventListener(begins, (event) => {
    const mark = event.target.closest("button.mark");
    if (mark && event.pointerType !== "touch") showCard(mark);
  });
  element.addEventListener(ends, (event) => {
    if (event.target.closest("button.mark")) hideCard();
  });
}
element.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideCard();
});
window.addEventListener("scroll", hideCard, { passive: true });

element.addEventListener("click", (event) => {
  hideCard();
  const button = event.target.closest("button[data-act]");
  if (button && Object.hasOwn(acts, button.dataset.act)) acts[button.dataset.act](button);
});

if (part === "reading") {
  let shown = "";
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") backToAnswer();
  });
  watch("value", () => {
    const reading = element.querySelector(".reading");
    if (!reading || reading.dataset.opening === shown) return;
    shown = reading.dataset.opening;
    const mark = reading.querySelector("mark");
    const text = reading.querySelector(".document");
    if (mark && text) {
      const below = mark.getBoundingClientRect().top - text.getBoundingClientRect().top;
      text.scrollTop += below - text.clientHeight / 4;
    }
    reading.querySelector("h2").focus({ preventScroll: true });
    if (!wide()) reading.scrollIntoView({ block: "start", behavior: behaviour() });
  });
}

if (part === "live") {
  let turn = "";
  element.setAttribute("aria-live", "polite");
  watch("value", () => {
    const article = element.querySelector("article");
    if (!article || article.id === turn) return;
    turn = article.id;
    if (turn !== "turn-1") article.scrollIntoView({ block: "start", behavior: behaviour() });
  });
}
