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

const tell = (words) => {
  const said = document.createElement("p");
  said.className = "failure";
  said.setAttribute("role", "alert");
  said.textContent = words;
  shared.draw.notice(said.outerHTML);
};

window.footnoteAsk ??= async (asked) => {
  // A conversation that is being opened is the one that is asked in.
  await shared.turning;
  try {
    const response = await fetch("footnote/ask", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key: shared.key, ...asked }),
    });
    if (response.ok) return await draw(response);
    if (response.status !== 404) return tell(await response.text());
    // A server that was started anew knows nothing of this page. What was typed waits in the box.
    sessionStorage.setItem("footnote-draft", questionBox().value || asked.text || "");
    window.location.reload();
  } catch {
    // The connection broke: what the server still knows is shown, once it can be reached.
    shared.broken = true;
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

// Until the list is drawn anew, the conversation is on its way.
const turnTo = () => {
  shared.turning = new Promise((resolve) => {
    shared.turned = resolve;
    setTimeout(resolve, 5_000);
  });
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
  anew: () => {
    turnTo();
    trigger("anew", {});
  },
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
if (["past", "live", "talks", "notice"].includes(part)) {
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
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
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
    // Attributes that the browser has put in are gone when something is drawn anew.
    if (shared.opened) {
      document.querySelector(`.turn ${shared.opened}`)?.setAttribute("aria-current", "true");
    }
    const form = shared.form && document.querySelector(`#turn-${shared.form} .case-form`);
    if (form?.hidden) {
      form.hidden = false;
      form.closest(".feedback").querySelector("[data-act='case-form']").setAttribute("aria-expanded", "true");
      if (document.activeElement === document.body) form.querySelector("textarea").focus();
    }
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
  let talk = "";
  element.setAttribute("aria-live", "polite");
  drawn(() => {
    const kept = element.querySelector("[data-conversation]")?.dataset.conversation;
    if (kept) sessionStorage.setItem("footnote-conversation", kept);
    else sessionStorage.removeItem("footnote-conversation");
    const article = element.querySelector("article");
    const before = turn;
    turn = article?.id ?? "";
    // What was typed about one answer does not stand under another one.
    if (turn !== before || (kept ?? "") !== talk) {
      shared.form = "";
      for (const form of document.querySelectorAll("#past .case-form, #live .case-form")) {
        form.hidden = true;
        form.closest(".feedback").querySelector("[data-act='case-form']").setAttribute("aria-expanded", "false");
      }
      for (const field of document.querySelectorAll("#past .case-form *, #live .case-form *")) {
        if (field.tagName === "TEXTAREA") field.value = field.defaultValue;
        if (field.type === "checkbox") field.checked = field.defaultChecked;
      }
    }
    talk = kept ?? "";
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
    shared.broken = false;
    shared.turned?.();
    const renamed = shared.renaming && element.querySelector(`li[data-talk="${shared.renaming}"]`);
    if (renamed?.querySelector(".renaming").hidden) renaming(renamed, true);
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
