// The tab where questions are asked. Runs in each HTML part after page.js, with what that defines.

// What the parts share: the tab's key; the question that was handed over and does not stand in the conversation
// yet; and how the parts that an answer changes are drawn.
window.footnoteDesk ??= { key: crypto.randomUUID(), sent: "", newest: "", draw: {} };
const shared = window.footnoteDesk;
const desk = () => document.querySelector("#desk");
const questionBox = () => document.querySelector("#question-box textarea");

// Asks the server, and draws what it says line by line (`ui.asking`).
const draw = async (response) => {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      for (const [name, html] of Object.entries(JSON.parse(line))) shared.draw[name](html);
    }
  }
};

window.footnoteAsk ??= async (asked) => {
  try {
    const response = await fetch("footnote/ask", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key: shared.key, ...asked }),
    });
    if (response.ok) return await draw(response);
    // A server that was started anew knows nothing of this page. What was asked waits in the box.
    sessionStorage.setItem("footnote-draft", asked.text ?? "");
    window.location.reload();
  } catch {
    // The connection broke: what the server still knows is shown, once it can be reached.
    shared.resume();
  }
};

// The box is as high as what is typed, up to six lines.
const fitBox = (box) => {
  box.style.height = "";
  if (box.value) box.style.height = `${Math.min(box.scrollHeight + 2, 164)}px`;
};

const putInBox = (words) => {
  const box = questionBox();
  box.value = words;
  fitBox(box);
};

// What is typed stays in the box until it is taken up; nothing is while something is being answered.
const handedOver = () => {
  const box = questionBox();
  box.focus();
  if (!box.value.trim() || desk().dataset.turn === "working") return null;
  shared.sent = box.value;
  return { text: box.value };
};

Object.assign(acts, {
  ask: () => {
    const question = handedOver();
    if (question) window.footnoteAsk(question);
  },
  topic: () => {
    const topic = handedOver();
    if (topic) window.footnoteAsk({ task: "topic", ...topic });
  },
  stop: () => {
    trigger("stop", {});
    questionBox().focus();
  },
  proof: () => trigger("proof", {}),
  anew: () => trigger("anew", {}),
  rail: () => desk().toggleAttribute("data-rail"),
});

// What is done when a part has been drawn: by Gradio, or as an answer grows.
const whenDrawn = [];
const drawn = (act) => {
  whenDrawn.push(act);
  watch("value", act);
};
// Several answers of the server may be on their way to the newest turn: what was drawn first there is not drawn
// over what was drawn later.
const isOlder = (html) => part === "live" && numberOf(html) < numberOf(shared.newest);
if (["past", "live", "talks"].includes(part)) {
  shared.draw[part] = (html) => {
    if (html === props.value || isOlder(html)) return;
    if (part === "live") shared.newest = html;
    props.value = html;
    // Gradio draws it in a microtask of its own, which is before this one.
    queueMicrotask(() => whenDrawn.forEach((act) => act()));
  };
}

if (part === "composer") {
  const box = element.querySelector("textarea");
  fitBox(box);
  box.addEventListener("input", () => fitBox(box));
  box.addEventListener("keydown", (event) => {
    // Enter also ends what is being composed of several keys, as Japanese is.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    acts.ask();
  });
}

if (part === "rail-head") {
  let soon = 0;
  element.querySelector("input").addEventListener("input", (event) => {
    clearTimeout(soon);
    soon = setTimeout(() => trigger("search", { text: event.target.value }), 120);
  });
}

// Which buttons are there follows from the turns themselves, so that they can never disagree.
if (part === "past" || part === "live") {
  drawn(() => {
    const newest = document.querySelector("#live .turn");
    desk().dataset.turn = newest?.dataset.state ?? "";
    desk().toggleAttribute(
      "data-answered",
      document.querySelector("#past .turn[data-state='done'], #live .turn[data-state='done']") !== null,
    );
  });
}

if (part === "live") {
  watch("value", () => {
    if (isOlder(props.value)) shared.draw.live(shared.newest);
    else shared.newest = props.value;
  });
  let turn = "";
  element.setAttribute("aria-live", "polite");
  drawn(() => {
    const kept = element.querySelector("[data-conversation]")?.dataset.conversation;
    if (kept) sessionStorage.setItem("footnote-conversation", kept);
    else sessionStorage.removeItem("footnote-conversation");
    const article = element.querySelector("article");
    const before = turn;
    turn = article?.id ?? "";
    if (!article || turn === before) return;
    if (questionBox().value === shared.sent) putInBox("");
    shared.sent = "";
    if (turn !== "turn-1") article.scrollIntoView({ block: "start", behavior: behaviour() });
  });
  // A tab that is loaded again goes on with the conversation it showed.
  shared.resume = () =>
    trigger("resume", { key: shared.key, talk: sessionStorage.getItem("footnote-conversation") ?? "" });
  shared.resume();
  // Questions to begin with are found meanwhile.
  setInterval(() => {
    if (element.querySelector(".welcome") && document.visibilityState === "visible") trigger("renew", {});
  }, 20_000);
}

// The list of conversations is there once the first thing that was asked of the server has come.
if (part === "talks") {
  let last = "";
  element.addEventListener("click", (event) => {
    last = event.target.closest("li[data-talk]")?.dataset.talk ?? "";
  });
  drawn(() => {
    window.dispatchEvent(new Event("footnote-ready"));
    // It is drawn anew with what was done in it; who did it goes on at the same conversation.
    if (!last || document.activeElement !== document.body) return;
    const same = element.querySelector(`li[data-talk="${CSS.escape(last)}"] .talk`);
    (same ?? document.querySelector("#talk-words")).focus({ preventScroll: true });
    last = "";
  });
}

// A file is given to the browser as a hidden JSON string.
if (part === "file") {
  let number = "";
  drawn(() => {
    const file = element.querySelector("[data-name]");
    if (!file?.dataset.name || file.dataset.number === number) return;
    number = file.dataset.number;
    const types = { json: "application/json", md: "text/markdown" };
    const type = types[file.dataset.name.split(".").pop()] ?? "text/html";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.parse(file.textContent)], { type }));
    link.download = file.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
