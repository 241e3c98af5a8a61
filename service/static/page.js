// Convenience only: every page does its work without this.
"use strict";

// A file that is dropped on a text goes into the form; a chosen file says that the text beside it is not looked at.
for (const box of document.querySelectorAll(".drop")) {
  const input = box.querySelector("input[type=file]");
  const text = box.querySelector("textarea");
  const over = (on) => (event) => { event.preventDefault(); box.classList.toggle("over", on); };
  box.addEventListener("dragover", over(true));
  box.addEventListener("dragleave", over(false));
  box.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event("change")); }
    else if (text) { text.value = event.dataTransfer.getData("text/html") || event.dataTransfer.getData("text/plain"); }
  });
  input.addEventListener("change", () => { if (text && input.files.length) { text.value = ""; } });
}

// A passage lights up wherever it stands.
const light = (on) => (event) => {
  const from = event.target.closest("[data-passage]");
  if (!from) { return; }
  for (const one of document.querySelectorAll(`[data-passage="${CSS.escape(from.dataset.passage)}"]`)) {
    one.classList.toggle("lit", on);
  }
};
for (const [name, on] of [["mouseover", true], ["focusin", true], ["mouseout", false], ["focusout", false]]) {
  document.addEventListener(name, light(on));
}

// A link to a passage opens what it stands in.
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target; one; one = one.parentElement) { if (one.tagName === "DETAILS") { one.open = true; } }
  if (target) { target.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
if (location.hash) { reveal(); }

// A batch that is not done is looked at again, without a jump of the page.
const again = async () => {
  const state = document.querySelector("#state[data-again]");
  if (!state) { return; }
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#state");
    if (fresh) { state.replaceWith(document.adoptNode(fresh)); }
  } catch { /* the service is away for a moment */ }
  setTimeout(again, 2000);
};
setTimeout(again, 2000);

// A form that is on its way says so, and is not sent twice.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); }, 0);
  });
}
addEventListener("pageshow", () => document.querySelectorAll("button[disabled]").forEach((one) => { one.disabled = false; }));
