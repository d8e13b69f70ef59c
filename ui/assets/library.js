// Runs once in each HTML part of the library's tab. `element`, `trigger`, `upload` and `watch` come from
// Gradio, other names from shared.js. What the events carry is looked up by Python before it is believed.

const part = partOf(element);
const one = (selector) => document.querySelector(`#library ${selector}`);
const every = (selector) => [...document.querySelectorAll(`#library ${selector}`)];
const named = (id) => document.getElementById(id)?.value ?? "";

// What the parts share: the documents selected, what is searched for, and what is kept over a redrawing.
const shared = remembering(element, "library");
shared.picked ??= new Set();
shared.all ??= false;
shared.find ??= {};

// The keyboard is where it was when a part was drawn anew.
const backToFocus = () => {
  const lost = !document.activeElement || document.activeElement === document.body;
  if (!lost || !shared.at) return;
  element.querySelector(shared.at)?.focus({ preventScroll: true });
};

// -- selecting documents

const nShown = () => Number(one("#shelf .shelf")?.dataset.found ?? 0);

// All that are found: with what is searched for and how many are seen, so that no others are meant.
const pickedIds = () =>
  shared.all
    ? { all: true, find: { ...shared.find }, n_shown: nShown() }
    : { documents: [...shared.picked] };

const drawPicked = () => {
  const found = nShown();
  for (const box of every("#shelf [data-pick]")) {
    if (box.dataset.pick !== "page") {
      box.checked = shared.all || shared.picked.has(number(box, "pick"));
      box.closest("tr").classList.toggle("picked", box.checked);
    }
  }
  const boxes = every("#shelf tbody [data-pick]");
  const page = one("#shelf [data-pick='page']");
  if (page) {
    const n = boxes.filter((box) => box.checked).length;
    page.checked = n > 0 && n === boxes.length;
    page.indeterminate = n > 0 && n < boxes.length;
  }
  const bulk = one("#finder .bulk");
  if (!bulk) return;
  const n = shared.all ? found : shared.picked.size;
  bulk.hidden = n === 0;
  const words = n ? `${n.toLocaleString("en")} selected` : "";
  const told = bulk.querySelector(".selected");
  if (told.textContent !== words) told.textContent = words;
};

const pickNone = () => {
  shared.picked.clear();
  shared.all = false;
  drawPicked();
};

element.addEventListener("change", (event) => {
  const box = event.target.closest("[data-pick]");
  if (!box) return;
  if (shared.all) {
    // One of all is taken out: those on this page stay selected.
    shared.all = false;
    for (const other of every("#shelf tbody [data-pick]")) shared.picked.add(number(other, "pick"));
  }
  const boxes = box.dataset.pick === "page" ? every("#shelf tbody [data-pick]") : [box];
  for (const each of boxes) {
    if (box.checked) shared.picked.add(number(each, "pick"));
    else shared.picked.delete(number(each, "pick"));
  }
  drawPicked();
});

// -- finding

const drawFind = () => {
  for (const [name, value] of Object.entries(shared.find)) {
    const field = one(`#finder [data-find='${name}']`);
    if (field && field.value !== value) field.value = value;
    // A tag or kind that is no more.
    if (field && field.value !== value) field.selectedIndex = 0;
  }
};

const find = (changed = {}) => {
  for (const field of every("#finder [data-find]")) shared.find[field.dataset.find] = field.value;
  Object.assign(shared.find, changed);
  drawFind();
  pickNone();
  trigger("find", { ...shared.find });
};

let soon = 0;
element.addEventListener("input", (event) => {
  if (event.target.dataset.find !== "words") return;
  shared.find.words = event.target.value;
  clearTimeout(soon);
  soon = setTimeout(find, 200);
});
element.addEventListener("change", (event) => {
  if (event.target.dataset.find && event.target.dataset.find !== "words") find();
});

// -- rows that go

const focusNextRow = (button) => {
  const row = button.closest("tr");
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  const title = next?.querySelector("button.title");
  shared.at = title ? keyOf(title) : '[id="find-words"]';
};

// -- files and folders handed in

const readFolder = async (entry, into) => {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    into.push({ file, name: entry.fullPath.replace(/^\/+/, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const inner of some) await readFolder(inner, into);
  }
};

const say = (words) => {
  const line = one("#adding .handing");
  line.hidden = !words;
  line.textContent = words;
};

const handIn = async (found) => {
  const endings = (one("#drop")?.dataset.endings ?? "").split(",");
  const isRead = ({ name }) => endings.some((ending) => name.toLowerCase().endsWith(ending));
  // A file that was chosen by itself is tried whatever its kind, and its reason told.
  const files = found.filter((item) => !item.name.includes("/") || isRead(item));
  const leftOut = found.length - files.length;
  const failed = [];
  let waiting = [];
  const send = (rest) => {
    if (waiting.length || rest) trigger("dropped", { files: waiting, left_out: rest });
    waiting = [];
  };
  for (const [at, { file, name }] of files.entries()) {
    if (files.length > 1) say(`Handing over file ${at + 1} of ${files.length}`);
    try {
      const { path } = await upload(file);
      waiting.push({ path, name });
    } catch {
      failed.push(name);
    }
    if (waiting.length === 20) send(0);
  }
  if (!files.length && !leftOut) trigger("dropped", { files: [] });
  send(leftOut);
  const more = failed.length > 3 ? ` and ${failed.length - 3} more` : "";
  say(
    failed.length
      ? `Could not be handed over, add again: ${failed.slice(0, 3).join(", ")}${more}`
      : "",
  );
};

const handInDropped = async (transfer) => {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  let unread = 0;
  if (!entries.length) for (const file of transfer.files) found.push({ file, name: file.name });
  for (const entry of entries) {
    try {
      await readFolder(entry, found);
    } catch {
      unread += 1;
    }
  }
  await handIn(found);
  if (unread) say(`${unread} of what you dropped could not be read by the browser; choose it instead.`);
};

if (part === "adding") {
  const library = document.querySelector("#library");
  const drop = element.querySelector("#drop");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  const mark = (change) => {
    depth = Math.max(0, depth + change);
    drop.classList.toggle("over", depth > 0);
  };
  library.addEventListener("dragenter", (event) => holdsFiles(event) && mark(1));
  library.addEventListener("dragleave", (event) => holdsFiles(event) && mark(-1));
  library.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  library.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(-depth);
    handInDropped(event.dataTransfer);
  });
  for (const field of element.querySelectorAll("input[type='file']")) {
    field.addEventListener("change", () => {
      const found = [...field.files].map((file) => ({
        file,
        name: file.webkitRelativePath || file.name,
      }));
      const seen = found.filter(({ name }) => !/(^|\/)\./.test(name));
      // The field is emptied once the files are read, so that the same ones can be chosen again.
      handIn(seen).finally(() => {
        field.value = "";
      });
    });
  }
}

// -- clicks

const documentOf = (button) => ({ document: number(button, "document") });

const acts = {
  "choose-folder": () => element.querySelector("#drop-folder").click(),
  paste: () => trigger("pasted", { title: named("paste-title"), text: named("paste-text") }),
  again: (button) => trigger("again", { key: button.dataset.key }),
  dismiss: (button) => {
    shared.asking = "";
    trigger("dismiss", { key: button.dataset.key });
  },
  watch: () => trigger("watch", { folder: named("watch-folder") }),
  unwatch: (button) => trigger("unwatch", { key: button.dataset.key }),
  look: () => trigger("look", {}),
  "show-missing": () => find({ words: "", kind: "", tag: "", status: "missing" }),
  "show-all": () => find({ words: "", kind: "", tag: "", status: "" }),
  "by-tag": (button) => find({ tag: button.dataset.tag }),
  sort: (button) => find({ sort: button.dataset.sort }),
  page: (button) => {
    trigger("turn", { page: number(button, "page") });
    one("#shelf")?.scrollIntoView({ block: "start" });
  },
  "select-all": () => {
    shared.all = true;
    drawPicked();
    one("#finder #bulk-tag")?.focus();
  },
  "select-none": () => {
    pickNone();
    one("#find-words")?.focus();
  },
  "ask-remove": (button) => confirmRemoval(button, true, shared),
  keep: (button) => confirmRemoval(button, false, shared),
  remove: (button) => {
    focusNextRow(button);
    shared.asking = "";
    shared.picked.delete(number(button, "document"));
    trigger("remove", documentOf(button));
  },
  "remove-selected": (button) => {
    confirmRemoval(button, false, shared);
    shared.at = '[id="find-words"]';
    trigger("remove", pickedIds());
    pickNone();
  },
  "tag-selected": () => {
    trigger("tag", { ...pickedIds(), tag: named("bulk-tag") });
  },
  "untag-selected": () => {
    trigger("untag", { ...pickedIds(), tag: named("bulk-tag") });
    // They may be in the list no more; what is not seen must not stay selected.
    pickNone();
  },
  details: (button) => trigger("details", documentOf(button)),
  close: () => trigger("details", {}),
  "open-text": (button) =>
    trigger("details", { ...documentOf(button), part: number(button, "part") || 0 }),
  "close-text": (button) => trigger("details", documentOf(button)),
  rename: (button) => trigger("rename", { ...documentOf(button), title: named("own-title") }),
  untitle: (button) => trigger("rename", { ...documentOf(button), title: null }),
  tag: (button) => trigger("tag", { ...documentOf(button), tag: named("new-tag") }),
  untag: (button) => trigger("untag", { ...documentOf(button), tag: button.dataset.tag }),
  brief: (button) => {
    window.footnoteAsk({ task: "document", ...documentOf(button) });
    document.querySelector("#ask-tab-button")?.click();
  },
  seen: () => trigger("seen", {}),
  "ask-source": (button) => {
    const box = document.querySelector("#question-box textarea");
    if (!box) return;
    document.querySelector("#ask-tab-button")?.click();
    box.value = `source:"${button.dataset.name}" ${box.value}`;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => box.focus(), 50);
  },
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  if (button && Object.hasOwn(acts, button.dataset.act)) acts[button.dataset.act](button);
});
element.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Enter" && !composing(event) && field.dataset.enter && Object.hasOwn(acts, field.dataset.enter)) {
    event.preventDefault();
    acts[field.dataset.enter](field);
  }
  if (event.key === "Escape") {
    const asked = field.closest(".confirm");
    if (asked) confirmRemoval(asked, false, shared);
    else if (part === "library-document" && !field.matches("input")) acts.close();
  }
});

// -- drawn anew

let opened = "";
const openedDocument = () => {
  const page = element.querySelector(".document-page");
  const now = page ? (page.dataset.document ?? "gone") : "";
  if (now === opened) return;
  const before = opened;
  opened = now;
  if (page) {
    (page.querySelector("h2") ?? page.querySelector("button")).focus({ preventScroll: true });
    document.querySelector("#library-document").scrollIntoView({ block: "start" });
  } else {
    one(`#shelf [data-act='details'][data-document="${before}"]`)?.focus();
  }
};

// Gradio changes what is drawn node by node, so what was typed stays; once it is kept it goes.
const emptyKept = (name, selector) => {
  const now = element.querySelector(selector);
  const kept = now?.dataset[name] ?? "";
  if (kept !== (element.dataset.kept ?? "")) {
    for (const field of now?.querySelectorAll("[data-empties]") ?? []) field.value = "";
  }
  element.dataset.kept = kept;
};

let generation = "";
watch("value", () => {
  unfoldAgain(element, shared);
  if (part === "finder") drawFind();
  if (part === "finder" || part === "shelf") drawPicked();
  if (part === "library-document") {
    openedDocument();
    emptyKept("tags", ".document-page");
  }
  if (part === "paste") emptyKept("number", "details");
  if (part === "watched") emptyKept("number", "details");
  askAgain(element, shared);
  backToFocus();
  if (part === "shelf") {
    const now = element.querySelector(".shelf")?.dataset.generation ?? "none";
    if (now !== generation) trigger("changed", {});
    generation = now;
  }
});

// What came of a click is read out; what changes by itself, each second, is not.
if (part === "library-said") element.setAttribute("aria-live", "polite");

if (part === "library-status") {
  let turns = 0;
  const timer = setInterval(() => {
    if (!element.isConnected) {
      clearInterval(timer);
      return;
    }
    turns += 1;
    const busy = element.querySelector(".adding") !== null;
    if (document.hidden || one("#adding")?.offsetParent === null || (!busy && turns % 3)) return;
    const asking = one(".confirm:not([hidden])") !== null;
    const typing = document.activeElement?.matches("#library-document input") ?? false;
    const drawn = {};
    for (const each of every("[data-draw]")) drawn[each.dataset.part] = number(each, "draw");
    trigger("tick", { asking: asking || typing, drawn });
  }, 700);
}
