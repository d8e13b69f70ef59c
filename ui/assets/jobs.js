// Runs once in each HTML part of the tabs Evaluate and Models, where work goes on in the background. `element`,
// `trigger`, `watch`, `upload` and `props` come from Gradio, other names from shared.js. What the events carry is looked
// up by Python before it is believed.

const part = partOf(element);
const tab = element.closest("#evaluate, #models");
const one = (selector) => tab.querySelector(selector);
const kept = remembering(element, tab.id);

// -- what is clicked and sent

// What Python answers may be overtaken by a later answer: for a while it is asked how things stand.
const act = (data) => {
  kept.watchful = performance.now() + 5_000;
  trigger("act", data);
};

const acts = {
  act: (button) => {
    kept.asking = "";
    act({ ...button.dataset, limit: one("#evaluate-count")?.value });
    // What comes of it is told at the top; who starts what can be stopped is taken to Stop.
    if (tab.id === "models" && !stoppable(button)) {
      one("#models-told").scrollIntoView({ block: "nearest", behavior: behaviour() });
    }
  },
  export: (button) => trigger("export", { ...button.dataset }),
  "ask-remove": (button) => confirmRemoval(button, true, kept),
  keep: (button) => confirmRemoval(button, false, kept),
};

const stoppable = (button) => ["start", "resume", "download"].includes(button.dataset.do);

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  if (button && Object.hasOwn(acts, button.dataset.act)) acts[button.dataset.act](button);
});
element.addEventListener("keydown", (event) => {
  const asked = event.key === "Escape" && event.target.closest(".confirm");
  if (asked) confirmRemoval(asked, false, kept);
});
element.addEventListener("submit", (event) => {
  const form = event.target;
  event.preventDefault();
  kept.sent = true;
  act({ ...Object.fromEntries(new FormData(form)), do: form.dataset.do });
});

// -- a file handed in

const say = (words) => {
  element.querySelector(".handing").textContent = words;
};

const handIn = async (files) => {
  if (!files.length) return;
  if (files.length > 1) {
    say("One question set at a time, please.");
    return;
  }
  const [{ name }] = files;
  say(`Handing over ${name}`);
  try {
    const { path } = await upload(files[0]);
    say("");
    act({ do: "drop", files: [{ path, name }] });
  } catch (error) {
    say(`${name} could not be handed over: ${error.message || error}. Choose it again.`);
  }
};

const drop = element.querySelector(".drop");
if (drop) {
  const field = drop.querySelector("input[type='file']");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (over) => drop.classList.toggle("over", over);
  drop.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  drop.addEventListener("dragleave", () => mark(false));
  drop.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(false);
    handIn(event.dataTransfer.files);
  });
  field.addEventListener("change", () => {
    // The field is emptied once the file is read, so that the same one can be chosen again.
    handIn(field.files).finally(() => {
      field.value = "";
    });
  });
}

// -- where the keyboard is

// Headings near a control, the nearest first: where one goes on when the control is gone.
const nearHeadings = (control) => {
  const found = [];
  for (let at = control.parentElement; at && at !== tab; at = at.parentElement) {
    const heading = at.querySelector("[tabindex='-1']");
    if (heading) found.push(keyOf(heading));
  }
  return found;
};

element.addEventListener("focusin", (event) => {
  kept.near = nearHeadings(event.target);
  kept.started = stoppable(event.target);
});

// Drawn anew, a control may be hidden, gone, or another one in the same place.
const settle = () => {
  const now = document.activeElement;
  const lost = now === document.body || (tab.contains(now) && !now.checkVisibility());
  const other = tab.contains(now) && keyOf(now) !== kept.at;
  if (!kept.at || !(lost || other)) return;
  const stop = kept.started ? [`#${tab.id}-stop`] : [];
  const last = ["#kept-runs", "[tabindex='-1']", "#evaluate-count"];
  for (const key of [kept.at, ...stop, ...kept.near, ...last]) {
    const control = [...tab.querySelectorAll(key)].find((found) => found.checkVisibility());
    if (!control) continue;
    control.focus({ preventScroll: key !== stop[0] });
    return;
  }
};

// -- drawn anew

const opened = () => {
  const result = element.querySelector("[data-opening]");
  if (!result || result.dataset.opening === kept.opening) return;
  kept.opening = result.dataset.opening;
  const heading = result.querySelector("h2");
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "start", behavior: behaviour() });
};

const told = () => {
  kept.heard = element.querySelector("[data-heard]")?.dataset.heard ?? kept.heard;
  const added = element.querySelector("[data-added]")?.dataset;
  if (added && added.added !== kept.added) {
    kept.added = added.added;
    one(`form[data-do="${added.form}"]`).reset();
  }
  const words = element.querySelector(".said, .note, .failure");
  if (!kept.sent || !words) return;
  // Forms are far below what is said of them.
  kept.sent = false;
  words.scrollIntoView({ block: "center", behavior: behaviour() });
};

// The style sheet hides what cannot be begun meanwhile.
const markRunning = () => {
  const jobs = [...element.querySelectorAll("[data-what]")].map((job) => job.dataset.what);
  tab.dataset.running = jobs.join(" ");
};

if (part.endsWith("-told")) {
  element.setAttribute("aria-live", "polite");
  told();
}
if (part.endsWith("-progress")) {
  markRunning();
  const timer = setInterval(() => {
    if (!element.isConnected) {
      clearInterval(timer);
      return;
    }
    const busy = tab.dataset.running || performance.now() < (kept.watchful ?? 0);
    if (!busy || document.hidden || !tab.checkVisibility()) return;
    // Python does not know what has arrived here. It answers what is other alone, which harms
    // no later answer.
    const seen = Number.parseInt(one("[data-seen]")?.dataset.seen, 10);
    trigger("tick", { heard: kept.heard, seen, running: tab.dataset.running });
  }, 1_000);
}

let newest = "";
watch("value", () => {
  if (numberOf(props.value) < numberOf(newest)) {
    props.value = newest;
    // Gradio draws it in a microtask of its own, which is before this one.
    queueMicrotask(redrawn);
  } else {
    newest = props.value;
    redrawn();
  }
});
const redrawn = () => {
  if (part.endsWith("-told")) told();
  if (part.endsWith("-progress")) markRunning();
  unfoldAgain(element, kept);
  askAgain(element, kept);
  opened();
  // The same control drawn anew has the focus back at once.
  if (document.activeElement === document.body && kept.at) {
    const same = [...tab.querySelectorAll(kept.at)].find((found) => found.checkVisibility());
    same?.focus({ preventScroll: true });
  }
  // Once for all parts that change together.
  clearTimeout(kept.settling);
  kept.settling = setTimeout(settle, 60);
};
