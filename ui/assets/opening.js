// What stands in the page before Gradio has drawn it. Words and clicks are kept and handed over; then this goes.

(() => {
  // As Gradio chooses it.
  const wanted = new URLSearchParams(window.location.search).get("__theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  if (wanted === "dark" || (wanted !== "light" && dark)) document.body.classList.add("dark");

  const opening = document.querySelector("#opening");
  const box = opening.querySelector("textarea");
  const inPage = (selector) => document.querySelector(`gradio-app ${selector}`);

  // Where the same thing is in the page itself.
  const twinOf = (one) => {
    const words = one.textContent;
    const { act, tab } = one.dataset;
    if (tab) return () => inPage(`#${tab}-tab-button`);
    if (one === box) return () => inPage("#question-box textarea");
    if (one.id) return () => inPage(`#${one.id}`);
    return () =>
      [...document.querySelectorAll(`gradio-app #desk [data-act="${act}"]`)].find(
        (other) => other.textContent === words,
      );
  };

  // The page can answer once the first thing that it asked of the server has come. What is clicked before is
  // done then; of several clicks the last.
  let then = null;
  const early = (event) => {
    const button = event.target.closest("#opening button, #desk button[data-act]");
    if (!button) return;
    event.stopPropagation();
    const words = document.querySelector("#question-box textarea");
    if (["ask", "topic"].includes(button.dataset.act) && !words.value.trim()) return words.focus();
    then = twinOf(button);
    for (const other of document.querySelectorAll("#desk [aria-busy], #opening [aria-busy]")) {
      if (other.tagName === "BUTTON") other.removeAttribute("aria-busy");
    }
    button.setAttribute("aria-busy", "true");
  };
  const entered = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if (!event.target.closest("#question-box")) return;
    event.preventDefault();
    event.stopPropagation();
    document.querySelector("#send").click();
  };
  const given = () => {
    window.removeEventListener("footnote-ready", given);
    document.removeEventListener("click", early, true);
    document.removeEventListener("keydown", entered, true);
    for (const button of document.querySelectorAll("#desk button[aria-busy]")) {
      button.removeAttribute("aria-busy");
    }
    then?.()?.click();
    then = null;
  };
  document.addEventListener("click", early, true);
  document.addEventListener("keydown", entered, true);
  window.addEventListener("footnote-ready", given, { once: true });

  // A conversation that this tab showed before it was loaded again comes in place of the welcome.
  if (sessionStorage.getItem("footnote-conversation")) {
    opening.querySelector("#live").style.visibility = "hidden";
  }
  const draft = sessionStorage.getItem("footnote-draft");
  if (draft && !box.value) box.value = draft;
  sessionStorage.removeItem("footnote-draft");
  box.focus({ preventScroll: true });

  // What is being composed of several keys would be broken off.
  let composed = false;
  box.addEventListener("compositionstart", () => {
    composed = true;
  });
  box.addEventListener("compositionend", () => {
    composed = false;
    setTimeout(handOver);
  });
  const handOver = () => {
    if (!opening.isConnected) return;
    const real = inPage("#question-box textarea");
    if (!real || composed) return;
    watcher.disconnect();
    // Should the server not answer what is asked first, the page is let go all the same.
    setTimeout(given, 10_000);
    clearTimeout(late);
    const focused = opening.contains(document.activeElement) ? document.activeElement : null;
    const from = [box.selectionStart, box.selectionEnd];
    const twin = focused && twinOf(focused);
    opening.remove();
    const app = document.querySelector("gradio-app");
    for (const name of ["inert", "aria-hidden"]) app.removeAttribute(name);
    real.value = box.value;
    real.dispatchEvent(new Event("input", { bubbles: true }));
    if (focused === box) real.setSelectionRange(...from);
    twin?.()?.focus({ preventScroll: true });
  };
  const watcher = new MutationObserver(handOver);
  watcher.observe(document.body, { childList: true, subtree: true });

  const late = setTimeout(() => {
    const said = document.createElement("p");
    said.className = "failure";
    said.setAttribute("role", "alert");
    said.textContent =
      "The page takes long to load. If nothing changes, load it again; what you typed stays.";
    opening.querySelector("#live").append(said);
    opening.querySelector("#live").style.visibility = "";
  }, 20_000);
  window.addEventListener("pagehide", () => {
    if (opening.isConnected && box.value) sessionStorage.setItem("footnote-draft", box.value);
  });
})();
