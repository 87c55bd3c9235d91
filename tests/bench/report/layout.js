// Measures a page: what is wider than the window, what overlaps, what is too small to read.
addEventListener("load", () => {
  const found = { scheme: getComputedStyle(document.body).backgroundColor, problems: [], texts: 0 };
  const width = document.documentElement.clientWidth;
  found.width = innerWidth;
  const say = (what, element) =>
    found.problems.push(what + ": " + element.textContent.trim().slice(0, 60));
  if (document.documentElement.scrollWidth > width) found.problems.push("the page scrolls sideways");
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)) say("out of the window", element);
  }
  for (const chart of document.querySelectorAll("svg")) {
    const frame = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
    texts.forEach(([text, box], i) => {
      found.texts += 1;
      const scale = frame.width / chart.viewBox.baseVal.width;
      if (scale * parseFloat(text.getAttribute("font-size")) < 9) say("small", text);
      if (box.left < frame.left - 1 || box.right > frame.right + 1) say("out of its chart", text);
      if (box.top < frame.top - 3 || box.bottom > frame.bottom + 3) say("above or below its chart", text);
      for (const [other, place] of texts.slice(0, i)) {
        const across = Math.min(box.right, place.right) - Math.max(box.left, place.left);
        const down = Math.min(box.bottom, place.bottom) - Math.max(box.top, place.top);
        if (across > 1 && down > 4) say("overlaps " + other.textContent, text);
      }
    });
  }
  top.document.body.dataset.found = JSON.stringify(found); // of the page around, where there is one
});
