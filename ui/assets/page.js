// Runs once in each HTML part of the tab Ask and around the tabs. `element`, `trigger` and `watch` come from
// Gradio, other names from shared.js. Numbers are taken from the buttons; Python looks them up in the tab's own
// session.

const part = partOf(element);
const wide = () => window.matchMedia("(min-width: 900px)").matches;

const markOpened = (button) => {
  for (const other of document.querySelectorAll(".turn [aria-current='true']")) {
    other.removeAttribute("aria-current");
  }
  button.setAttribute("aria-current", "true");
  shared.opened = keyOf(button);
};

// A form or a question behind a button: shown in place of it, with the focus where one goes on.
const swap = (holder, shown, hidden, focus) => {
  holder.querySelector(shown).hidden = false;
  for (const other of hidden) {
    for (const one of holder.querySelectorAll(other)) one.hidden = true;
  }
  holder.querySelector(focus).focus();
};

const talkOf = (button) => button.closest("li");
const renaming = (item, on) =>
  on
    ? swap(item, ".renaming", [".talk", ".tools"], ".renaming input")
    : (swap(item, ".talk", [".renaming"], ".talk"), (item.querySelector(".tools").hidden = false));
const asked = (item, on) =>
  on
    ? swap(item, ".confirm", ["[data-act='rename-talk']", "[data-act='ask-delete-talk']"], "[data-act='keep-talk']")
    : (swap(item, "[data-act='ask-delete-talk']", [".confirm"], "[data-act='ask-delete-talk']"),
      (item.querySelector("[data-act='rename-talk']").hidden = false));

const caseForm = (button, open) => {
  const feedback = button.closest(".feedback");
  const form = feedback.querySelector(".case-form");
  const opener = feedback.querySelector("[data-act='case-form']");
  form.hidden = open ? !form.hidden : true;
  opener.setAttribute("aria-expanded", String(!form.hidden));
  shared.form = form.hidden ? "" : form.closest("article").id.replace("turn-", "");
  (form.hidden ? opener : form.querySelector("textarea")).focus();
  if (!form.hidden) form.scrollIntoView({ block: "center", behavior: behaviour() });
};

const keepCase = (button) => {
  const form = button.closest(".case-form");
  const checked = (name) => form.querySelector(`[name="${name}"]`)?.checked ?? false;
  trigger("keep", {
    turn: number(button, "turn"),
    answer: form.querySelector("textarea").value,
    unsaid: checked("unsaid"),
    proven: checked("proven"),
  });
};

const view = (button, name) => {
  const reading = button.closest(".reading");
  for (const one of reading.querySelectorAll(".view")) one.hidden = !one.classList.contains(name);
  for (const one of reading.querySelectorAll(".views button")) {
    one.setAttribute("aria-pressed", String(one === button));
  }
  showMark(reading);
};

// What is cited comes into sight: the marked words in the text, or the boxes on the page.
const showMark = (reading) => {
  for (const [what, where] of [["mark", ".document"], [".cited", ".view.page"]]) {
    const mark = reading.querySelector(what);
    const text = reading.querySelector(where);
    if (!mark || !text) continue;
    const below = mark.getBoundingClientRect().top - text.getBoundingClientRect().top;
    text.scrollTop += below - text.clientHeight / 4;
    const beside = mark.getBoundingClientRect().left - text.getBoundingClientRect().left;
    if (what === ".cited") text.scrollLeft += beside - 16;
  }
};

const backToAnswer = () => {
  const button = document.querySelector(".turn [aria-current='true']");
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
  example: (button) => window.footnoteAsk({ text: button.textContent }),
  library: () => document.querySelector("#library-tab-button")?.click(),
  more: () => trigger("more", {}),
  back: backToAnswer,
  "view-page": (button) => view(button, "page"),
  "view-text": (button) => view(button, "text"),
  why: (button) => {
    markOpened(button);
    trigger("why", { turn: number(button, "turn") });
  },
  "save-trace": () => trigger("trace", {}),
  brief: (button) => {
    window.footnoteAsk({ task: "document", document: number(button, "document") });
    document.querySelector("#ask-tab-button")?.click();
  },
  "save-brief": (button) => trigger("markdown", { turn: number(button, "turn") }),
  again: (button) => window.footnoteAsk({ text: button.dataset.question }),
  rate: (button) => trigger("rate", { turn: number(button, "turn"), rating: button.dataset.rating }),
  reason: (button) => trigger("rate", { turn: number(button, "turn"), reason: button.dataset.reason }),
  "case-form": (button) => caseForm(button, true),
  "close-form": (button) => caseForm(button, false),
  "keep-case": keepCase,
  talk: (button) => {
    if (!wide()) document.querySelector("#desk").removeAttribute("data-rail");
    turnTo();
    trigger("talk", { talk: number(button, "talk") });
  },
  "rename-talk": (button) => {
    shared.renaming = talkOf(button).dataset.talk;
    renaming(talkOf(button), true);
  },
  "cancel-talk": (button) => {
    shared.renaming = "";
    renaming(talkOf(button), false);
  },
  "save-talk": (button) => {
    shared.renaming = "";
    trigger("rename", {
      talk: number(button, "talk"),
      title: talkOf(button).querySelector(".renaming input").value,
    });
  },
  "ask-delete-talk": (button) => asked(talkOf(button), true),
  "keep-talk": (button) => asked(talkOf(button), false),
  "delete-talk": (button) => trigger("forget", { talk: number(button, "talk") }),
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
    showMark(reading);
    // The picture has no height before it is decoded.
    reading.querySelector("img")?.decode().then(() => showMark(reading), () => {});
    reading.querySelector("h2").focus({ preventScroll: true });
    if (!wide()) reading.scrollIntoView({ block: "start", behavior: behaviour() });
  });
}

// Enter in a one-line form does what its first button does; Escape leaves it.
element.addEventListener("keydown", (event) => {
  const form = event.target.closest(".renaming");
  if (!form || composing(event) || !["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  form.querySelector(event.key === "Enter" ? "button" : "[data-act='cancel-talk']").click();
});

// A click changes what holds the button; the same button gets the focus back.
if (part === "live" || part === "past") {
  let last = null;
  element.addEventListener("click", (event) => {
    const button = event.target.closest(".feedback button");
    last = button && { ...button.dataset };
  });
  watch("value", () => {
    if (!last || document.activeElement !== document.body) return;
    const same = [...element.querySelectorAll(".feedback button")].find((button) =>
      Object.entries(last).every(([name, value]) => button.dataset[name] === value),
    );
    (same ?? element.querySelector(`.feedback [data-turn="${last.turn}"]`))?.focus();
    last = null;
  });
}

// A server that has ended cannot say so itself: it is asked every few seconds while somebody looks. A busy one
// may take its time; only where nobody listens any more is it gone. A new one knows nothing of this page, so
// that the page is loaded again; what was typed and could not be asked is kept over that.
if (part === "live") {
  const box = () => document.querySelector("#question-box textarea");
  const gone = document.createElement("p");
  gone.id = "gone";
  gone.setAttribute("role", "alert");
  const look = async () => {
    if (document.visibilityState === "visible") {
      const runs = await fetch("favicon.ico", { cache: "no-store" }).then(() => true, () => false);
      if (runs && gone.isConnected) window.location.reload();
      if (runs && shared.broken) shared.resume();
      if (!runs && !gone.isConnected) {
        element.closest(".gradio-container").prepend(gone);
        gone.textContent =
          "Footnote is not running any more; start it again with: footnote chat. What is on this page stays.";
      }
    }
    setTimeout(look, 3_000);
  };
  setTimeout(look, 3_000);
  window.addEventListener("pagehide", () => {
    if (gone.isConnected) sessionStorage.setItem("footnote-draft", box()?.value ?? "");
  });
}
