/* Axes, and a cursor along time that pointer and arrow keys move. */
{
  /* An SVG that is as wide as its host. label: what it is, for those who cannot see it. */
  shoal.svg = (host, width, height, label) =>
    d3.select(host).append("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", label);

  const tick = (v) => d3.format(",")(+(+v).toPrecision(6));
  const ticksFor = (width) => Math.max(3, Math.min(9, Math.floor(width / 80)));

  /* On a logarithmic axis 1, 2 and 5 times a power of ten, or where that is too much the powers alone. */
  const logTicks = (scale, room) => {
    const [least, most] = scale.domain();
    const all = d3.range(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most)) + 1)
      .flatMap((e) => [1, 2, 5].map((m) => m * 10 ** e)).filter((v) => v >= least * 0.999 && v <= most * 1.001);
    return all.length * 44 > room ? all.filter((v) => Math.log10(v) % 1 === 0) : all;
  };

  /* place: {left, top, width, height}; unit stands below the axis, at its right end. */
  shoal.xAxis = (svg, x, place, unit, ticks) => {
    const axis = d3.axisBottom(x).ticks(ticks || ticksFor(place.width), ",").tickFormat(tick).tickSizeOuter(0).tickSize(4);
    if (x.base) axis.tickValues(logTicks(x, place.width));
    svg.append("g").attr("class", "axis").attr("transform", `translate(0,${place.top + place.height})`).call(axis);
    svg.append("text").attr("class", "unit").attr("x", place.left + place.width).attr("text-anchor", "end")
      .attr("y", place.top + place.height + 34).text(unit);
  };
  shoal.yAxis = (svg, y, place, unit, { ticks = 5, format } = {}) => {
    const values = y.base ? logTicks(y, place.height * 2) : null;
    const grid = d3.axisLeft(y).tickValues(values).ticks(ticks).tickSize(-place.width).tickFormat("");
    svg.append("g").attr("class", "grid").attr("transform", `translate(${place.left},0)`).call(grid);
    const axis = d3.axisLeft(y).tickValues(values).ticks(ticks).tickFormat(format || tick).tickSize(0).tickPadding(6);
    svg.append("g").attr("class", "axis").attr("transform", `translate(${place.left},0)`).call(axis).select(".domain").remove();
    svg.append("text").attr("class", "unit").attr("x", 0).attr("y", place.top - 10).text(unit);
  };

  /* describe(t): lines of the note at time t. x: the scale; it has invert(). */
  shoal.timeCursor = (svg, x, place, describe) => {
    const node = svg.node();
    const line = svg.append("line").attr("class", "cursor").attr("y1", place.top).attr("y2", place.top + place.height).style("display", "none");
    let at = null;
    const show = (position, clientY) => {
      at = Math.max(place.left, Math.min(place.left + place.width, position));
      line.attr("x1", at).attr("x2", at).style("display", null);
      const box = node.getBoundingClientRect(), scale = box.width / node.viewBox.baseVal.width;
      shoal.tip.show(describe(x.invert(at)), box.left + at * scale, clientY ?? box.top + place.top * scale + 20);
    };
    const hide = () => { line.style("display", "none"); shoal.tip.hide(); at = null; };
    svg.attr("tabindex", 0)
      .on("pointermove", () => show(d3.mouse(node)[0], d3.event.clientY))
      .on("pointerleave blur", hide)
      .on("keydown", () => {
        const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[d3.event.key];
        if (d3.event.key === "Home") show(place.left);
        else if (d3.event.key === "End") show(place.left + place.width);
        else if (step) show((at ?? place.left + place.width / 2) + step * place.width / 100);
        else return;
        d3.event.preventDefault();
      });
  };

  shoal.nothing = (body, text) => { body.append(shoal.el("p", { class: "none", text })); return ""; };
}
