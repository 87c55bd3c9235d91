"use strict";
// Tips of the charts, by pointer or finger; without this the browser shows its own.
(() => {
  const box = document.createElement("div");
  box.id = "tip";
  box.hidden = true;
  document.body.append(box);
  for (const mark of document.querySelectorAll(".tip")) {
    const title = mark.querySelector(":scope > title");
    mark.dataset.tip = title.textContent;
    mark.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  const show = (event) => {
    const mark = event.target.closest ? event.target.closest(".tip") : null;
    box.hidden = mark === null;
    if (mark === null) return;
    box.textContent = mark.dataset.tip;
    box.style.left = "0";
    const right = document.documentElement.clientWidth - box.offsetWidth - 4;
    box.style.left = Math.max(4, Math.min(event.pageX + 10, right)) + "px";
    box.style.top = Math.max(4, event.pageY - box.offsetHeight - 12) + "px";
  };
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  // a link to a block unfolds it
  const unfold = () => {
    const block = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (block instanceof HTMLDetailsElement) block.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
