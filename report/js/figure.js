/* The frame of a plot: drawn when it comes near the window, drawn anew when its width or the theme changes. */
{
  const { el } = shoal;
  const figures = new Map(); /* element of a figure: {draw, body, caption, isDrawn, width} */

  const draw = (element) => {
    const figure = figures.get(element);
    if (!figure) return;
    const width = figure.body.clientWidth;
    if (!width) return;
    figure.isDrawn = true;
    figure.width = width;
    figure.body.replaceChildren();
    figure.body.style.minHeight = "";
    figure.caption.textContent = figure.draw(figure.body, width) || "";
  };

  const near = new IntersectionObserver(
    (entries) => entries.forEach((entry) => {
      if (entry.isIntersecting && !figures.get(entry.target)?.isDrawn) draw(entry.target);
    }),
    { rootMargin: "500px" });

  let timer = 0;
  const sizes = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => figures.forEach((figure, element) => {
      if (figure.isDrawn && figure.width !== figure.body.clientWidth) draw(element);
    }), 120);
  });

  /* draw(body, width) fills the body and returns the line in words that stands under it. */
  shoal.figure = (parent, { title, wide = false, height = 240, controls = [], draw: f, name }) => {
    const body = el("div", { class: "body" });
    const caption = el("figcaption");
    body.style.minHeight = `${height}px`;
    const element = el("figure", { class: wide ? "wide" : null, "data-plot": name },
      el("div", { class: "head" }, el("h3", { text: title }), ...controls), body, caption);
    parent.append(element);
    figures.set(element, { draw: f, body, caption, isDrawn: false, width: 0 });
    near.observe(element);
    sizes.observe(body);
    return { element, redraw: () => figures.get(element)?.isDrawn && draw(element), body, caption };
  };
  shoal.drawAll = (alsoUnseen) => figures.forEach((figure, element) => {
    if (alsoUnseen || figure.isDrawn) draw(element);
  });

  /* A choice of one of several, as buttons side by side. */
  shoal.choice = (label, options, chosen, onChoose) => {
    const buttons = options.map(([value, text]) =>
      el("button", { type: "button", "aria-pressed": String(value === chosen), text, on: { click: () => choose(value) } }));
    const choose = (value) => {
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(options[i][0] === value)));
      onChoose(value);
    };
    return el("div", { class: "bar", style: "margin:0" }, el("span", { class: "group", role: "group", "aria-label": label }, ...buttons));
  };

  /* ---- the note at the pointer ---- */

  const tip = document.getElementById("tip");
  shoal.tip = {
    /* lines: texts; the first is the heading. x, y: in the window. */
    show: (lines, x, y) => {
      tip.replaceChildren(...lines.map((line, i) => el("div", {}, el(i ? "span" : "b", { text: line }))));
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      tip.style.left = `${Math.max(6, Math.min(x + 14, innerWidth - box.width - 6))}px`;
      tip.style.top = `${y + 18 + box.height > innerHeight ? Math.max(6, y - box.height - 12) : y + 18}px`;
    },
    hide: () => { tip.hidden = true; },
  };
  addEventListener("keydown", (event) => { if (event.key === "Escape") shoal.tip.hide(); });
  for (const event of ["wheel", "touchmove"]) addEventListener(event, () => shoal.tip.hide(), { passive: true });
}
